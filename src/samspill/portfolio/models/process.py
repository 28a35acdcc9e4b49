"""How an initiative is judged together: relevance, involvement, what it changed, dissent, statements, windows.

All of it is only added to (triggers); the last row of a side, kind or municipality is what holds.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value

from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id
from samspill.portfolio.domain.relevance import SIDES, VERDICTS

PHASES = ("idea", "concept", "development", "introduction", "operation")
FORMS = (
    "workshop",
    "working_group",
    "reference_group",
    "council",
    "survey",
    "interviews",
    "hearing",
    "pilot",
    "user_test",
)
POSITIONS = ("agree", "agree_with_conditions", "disagree")
CHOICES = ("planned", "confirmed", "declined")


class Relevance(Written):
    """One side's signed verdict on a version; a later one of the same side takes its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative",
        on_delete=models.PROTECT,
        related_name="relevance",
        db_index=False,
    )
    version = models.PositiveIntegerField()
    side = models.CharField(max_length=6)
    take = models.PositiveIntegerField(default=1)
    #: criterion → {"yes": bool, "why": text}
    criteria = models.JSONField()
    verdict = models.CharField(max_length=10)
    remark = models.TextField(blank=True, default="")
    #: Until when the other side has time; at least two weeks.
    answer_by = models.DateField()
    by_org_no = models.CharField(max_length=9)
    by_person_id = models.UUIDField(null=True, blank=True)
    signed_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        """Known side and verdict; a deadline of two weeks at least."""

        constraints: ClassVar = [
            in_known_language("relevance"),
            models.CheckConstraint(condition=Q(side__in=SIDES), name="relevance_side_known"),
            models.CheckConstraint(
                condition=Q(verdict__in=VERDICTS), name="relevance_verdict_known"
            ),
            models.UniqueConstraint(
                fields=["initiative", "version", "side", "take"], name="relevance_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    answer_by__gte=ExpressionWrapper(
                        F("signed_on") + Value(14), output_field=models.DateField()
                    )
                ),
                name="relevance_two_weeks",
            ),
        ]


class Representative(models.Model):
    """A municipality that KS has appointed to speak for the sector; ended, it keeps its days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="representatives"
    )
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    by_org_no = models.CharField(max_length=9)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Appointed once at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["initiative", "municipality"],
                condition=Q(ended_at__isnull=True),
                name="representative_once",
            ),
        ]


class Involvement(Written):
    """One time municipalities were involved: phase, form, day, and what they raised."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="involvements"
    )
    version = models.PositiveIntegerField()
    phase = models.CharField(max_length=14)
    form = models.CharField(max_length=16)
    held_on = models.DateField()
    #: Who besides municipalities: KS, users, vendors; words, never names of people.
    others = models.CharField(max_length=300, blank=True, default="")
    raised = models.TextField()
    by_org_no = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        """Says something."""

        constraints: ClassVar = [
            in_known_language("involvement"),
            models.CheckConstraint(condition=Q(phase__in=PHASES), name="involvement_phase_known"),
            models.CheckConstraint(condition=Q(form__in=FORMS), name="involvement_form_known"),
            models.CheckConstraint(condition=~Q(raised=""), name="involvement_says_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "held_on"], name="involvement_initiative"),
        ]


class Participant(models.Model):
    """A municipality that took part in an involvement."""

    id = models.BigAutoField(primary_key=True)
    involvement = models.ForeignKey(
        Involvement, on_delete=models.PROTECT, related_name="participants", db_index=False
    )
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """Once in each."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["involvement", "municipality"], name="participant_once"
            ),
        ]


class Influence(Written):
    """What changed because of an involvement, or that nothing did and why: the evidence of influence."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    involvement = models.ForeignKey(
        Involvement, on_delete=models.PROTECT, related_name="influences"
    )
    changed = models.BooleanField()
    text = models.TextField()
    version = models.PositiveIntegerField()
    by_org_no = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        """Says something."""

        constraints: ClassVar = [
            in_known_language("influence"),
            models.CheckConstraint(condition=~Q(text=""), name="influence_says_something"),
        ]


class Dissent(Written):
    """KS' own figures beside the owner's, with the reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="dissents"
    )
    version = models.PositiveIntegerField()
    text = models.TextField()
    #: [{name, unit: NOK|hours, owner, ks}]
    figures = models.JSONField(default=list)
    by_org_no = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        """Says why."""

        constraints: ClassVar = [
            in_known_language("dissent"),
            models.CheckConstraint(condition=~Q(text=""), name="dissent_says_why"),
        ]


class Comment(Written):
    """A comment, KS' statement on the figures, or KS' recommendation in a round."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="comments"
    )
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, default="comment")
    position = models.CharField(max_length=24, blank=True, default="")
    text = models.TextField()
    round_id = models.UUIDField(null=True, blank=True)
    by_org_no = models.CharField(max_length=9)
    by_role = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        """A statement takes a position."""

        constraints: ClassVar = [
            in_known_language("comment"),
            models.CheckConstraint(
                condition=Q(kind__in=("comment", "statement", "recommendation")),
                name="comment_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="comment") | Q(position__in=POSITIONS),
                name="comment_statement_has_position",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "kind", "at"], name="comment_initiative"),
        ]


class Adoption(Written):
    """A municipality's window for introducing an initiative: planned, confirmed or declined; the last row holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="adoptions", db_index=False
    )
    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveIntegerField()
    choice = models.CharField(max_length=10)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    #: True when the cost became known after the budget of the year was adopted.
    without_cover = models.BooleanField(default=False)
    remark = models.CharField(max_length=500, blank=True, default="")
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """A window has days; a refusal has a reason."""

        constraints: ClassVar = [
            in_known_language("adoption"),
            models.CheckConstraint(condition=Q(choice__in=CHOICES), name="adoption_choice_known"),
            models.UniqueConstraint(
                fields=["initiative", "municipality", "number"], name="adoption_numbered"
            ),
            models.CheckConstraint(
                condition=(Q(choice="declined") & ~Q(remark=""))
                | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="adoption_has_window",
            ),
        ]


class Reminder(models.Model):
    """Somebody was reminded of something that ends soon: a role in an organisation, never a named person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: What, of whom, until when and how many days before: one reminder for each.
    key = models.CharField(max_length=300, unique=True)
    role = models.CharField(max_length=24)
    #: Empty: everybody with the role.
    org_no = models.CharField(max_length=9, blank=True, default="")
    municipality_id = models.UUIDField(null=True, blank=True)
    #: English msgid with its values, or a title in each language.
    text = models.CharField(max_length=300)
    values = models.JSONField(default=dict, blank=True)
    titles = models.JSONField(default=dict, blank=True)
    about = models.CharField(max_length=200, blank=True, default="")
    #: What `about` is called in each language it is written in.
    about_in = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=200)
    until = models.DateField()
    at = models.DateTimeField()

    class Meta:
        """Read by role, the newest first."""

        indexes: ClassVar = [models.Index(fields=["role", "until"], name="reminder_role")]
