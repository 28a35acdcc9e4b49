"""The rows: assumption sets, line sets, answers, drivers, assessments, baselines, actuals.

An initiative is known by its public id (the room `portfolio` owns it); a municipality by foreign key. Triggers
(migration 0002) hold what must not change, also against a bulk update.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.impact.domain.lines import GRADES
from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id

STATES = ("draft", "consulted", "agreed", "dissent", "frozen")
POSITIONS = ("agreed", "dissent")
ANSWERS = ("line", "none", "unknown")


class AssumptionVersion(models.Model):
    """One version of all assumptions. Never changed or deleted: whoever calculated with it must find it again."""

    version = models.CharField(primary_key=True, max_length=40)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class LineSet(models.Model):
    """The effect lines of a version of an initiative; a later take of the same version takes its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField()
    version = models.PositiveIntegerField()
    take = models.PositiveIntegerField()
    lines = models.JSONField()
    sha256 = models.CharField(max_length=64)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """One take of a number: two who save at once do not overwrite each other."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["initiative_id", "take"], name="impact_line_set_take"),
        ]


class ChecklistAnswer(Written):
    """An answer to a question of the introduction checklist; the last one holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField()
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=10)
    why = models.TextField(blank=True, default="")
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """Known answers; that there is no cost is said with a reason."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(answer__in=ANSWERS), name="impact_answer_known"),
            models.CheckConstraint(
                condition=~Q(answer="none") | ~Q(why=""), name="impact_none_has_reason"
            ),
            in_known_language("impact_answer"),
        ]
        indexes: ClassVar = [models.Index(fields=["initiative_id", "question", "-at"])]


class DriverValue(Written):
    """A municipality's own figure; the last one of a key holds, the earlier ones are its history.

    key: a driver (`employees`, `cases:<service>`, `vendor:<system>`, `zone`) or free hours (`capacity:<role>`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(max_length=120)
    year = models.PositiveIntegerField()
    number = models.FloatField(null=True, blank=True)
    word = models.CharField(max_length=120, blank=True, default="")
    grade = models.CharField(max_length=12)
    source = models.TextField()
    by_org_no = models.CharField(max_length=9)
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """A number that is not negative, or a word; a known grade."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(number__gte=0) | (Q(number__isnull=True) & ~Q(word="")),
                name="impact_driver_number_or_word",
            ),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="impact_driver_grade"),
            in_known_language("impact_driver"),
        ]
        indexes: ClassVar = [models.Index(fields=["municipality", "key", "-at"])]


class Assessment(Written):
    """A calculation: line set + drivers + assumption set + seed → figures and hash.

    What went in and came out never changes; the state moves draft → consulted → agreed or dissent → frozen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField()
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    line_set = models.ForeignKey(LineSet, on_delete=models.PROTECT, related_name="+")
    assumptions = models.ForeignKey(AssumptionVersion, on_delete=models.PROTECT, related_name="+")
    first_year = models.PositiveIntegerField()
    last_year = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    draws = models.PositiveIntegerField()
    #: Corrections of drivers that went in, by municipality number.
    drivers = models.JSONField()
    figures = models.JSONField()
    #: float32 (column, municipality, P10 P50 P85 mean), in order of `figures["numbers"]`.
    matrix = models.BinaryField()
    #: float32 (column, municipality, year) expected; empty in rows from before years were kept.
    yearly = models.BinaryField(default=b"")
    #: Present value by how many years of effects are counted; empty in rows from before it was kept. Not in the hash.
    worths = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="draft")
    consulted_on = models.DateField(null=True, blank=True)
    position = models.CharField(max_length=10, blank=True, default="")
    remark = models.TextField(blank=True, default="")
    made_by_org_no = models.CharField(max_length=9, blank=True, default="")
    made_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One number in a row for each initiative; known states."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["initiative_id", "number"], name="impact_assessment_no"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="impact_assessment_state"),
            models.CheckConstraint(
                condition=~Q(state__in=("agreed", "dissent", "frozen")) | Q(position__in=POSITIONS),
                name="impact_assessment_position",
            ),
            in_known_language("impact_assessment"),
        ]


class Baseline(models.Model):
    """The first frozen assessment of an initiative: every later figure is shown against it, for ever."""

    initiative_id = models.UUIDField(primary_key=True)
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Actual(Written):
    """What a line really came to in a municipality in a year.

    What is measured (grade `measured`: from live cases or a settled agreement) stands before what is reported; of
    each the last holds. cases: how many live cases a measured figure rests on, None when it does not rest on cases.
    scaled_to: so many cases a year the figure speaks of, where the live ones are a sample of them; None: it is a count.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField()
    line = models.CharField(max_length=200)
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveIntegerField()
    value = models.FloatField()
    unit = models.CharField(max_length=40)
    #: What the frozen assessment expected of the line there that year, and the median and P85 of its forecast.
    expected = models.FloatField(null=True, blank=True)
    p50 = models.FloatField(null=True, blank=True)
    p85 = models.FloatField(null=True, blank=True)
    reference_class = models.CharField(max_length=80, blank=True, default="")
    forecaster = models.CharField(max_length=9, blank=True, default="")
    grade = models.CharField(max_length=12, default="expert")
    cases = models.PositiveIntegerField(null=True, blank=True)
    scaled_to = models.PositiveIntegerField(null=True, blank=True)
    source = models.TextField()
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """An amount that is not negative, of a known grade."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(value__gte=0), name="impact_actual_not_negative"),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="impact_actual_grade"),
            models.CheckConstraint(
                condition=Q(scaled_to__isnull=True) | Q(cases__gt=0, scaled_to__gte=F("cases")),
                name="impact_actual_scaled_from_cases",
            ),
            in_known_language("impact_actual"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative_id", "line", "municipality", "year", "-at"]),
        ]
