"""The gain plan and what is observed: targets by year, measured cases, reports, hours taken out.

Hours are kept in thousandths, so that sums are exact. A case counts once in a gain, whatever happens to it later.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id
from samspill.settlement.domain.gain_plan import INDICATORS, REALISED_AS

SOURCES = ("cases", "report")


class GainItem(Written):
    """One planned gain: who takes it out, what is measured, from which baseline, and how it is realised.

    Its texts (`domain.gain_reading.WORDED`) are in one language; translations: {language: {field: text}}.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=200)
    #: Key of the effect line that is realised; what is measured is compared with its estimate. Empty: none.
    line = models.CharField(max_length=200, blank=True, default="")
    owner_org_no = models.CharField(max_length=9)
    owner_title = models.CharField(max_length=200)  # the line manager's office, never a name
    line_authority = models.BooleanField(default=False)
    action = models.CharField(max_length=1000, blank=True, default="")
    indicator = models.CharField(max_length=24)
    package_id = models.CharField(max_length=64, blank=True, default="")
    step = models.CharField(max_length=64, blank=True, default="")
    group = models.CharField(max_length=16)  # municipality | agency | citizen
    definition = models.CharField(max_length=300, blank=True, default="")
    baseline = models.DecimalField(max_digits=12, decimal_places=3)
    baseline_from = models.DateField()
    baseline_to = models.DateField()
    baseline_source = models.CharField(max_length=500)
    baseline_status = models.CharField(max_length=12)  # measured | estimate | claim
    effect_from = models.DateField()
    realised_as = models.CharField(max_length=12)
    moved_to = models.CharField(max_length=200, blank=True, default="")
    hour_price_ore = models.BigIntegerField(default=0)
    hour_price_source = models.CharField(max_length=300, blank=True, default="")
    #: So many cases the country has in a year, while the live ones are a sample of them; None: they are all there are.
    country_cases = models.PositiveIntegerField(null=True, blank=True)
    country_source = models.CharField(max_length=500, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """The baseline is measured before the effect; cash has a price and an owner, moved time a service."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(indicator__in=INDICATORS), name="gain_indicator_known"
            ),
            models.CheckConstraint(
                condition=Q(realised_as__in=REALISED_AS), name="gain_realised_known"
            ),
            models.CheckConstraint(
                condition=Q(baseline_to__gte=F("baseline_from"))
                & Q(baseline_to__lt=F("effect_from")),
                name="gain_baseline_before_effect",
            ),
            models.CheckConstraint(
                condition=~Q(realised_as="moved") | ~Q(moved_to=""), name="gain_moved_is_named"
            ),
            models.CheckConstraint(
                condition=~Q(realised_as="cash") | Q(hour_price_ore__gt=0),
                name="gain_cash_has_price",
            ),
            models.CheckConstraint(
                condition=Q(country_cases__isnull=True)
                | Q(country_cases__gt=0) & ~Q(country_source=""),
                name="gain_country_has_source",
            ),
            models.UniqueConstraint(
                fields=["package_id", "step", "group", "indicator"],
                condition=Q(ended_at__isnull=True) & ~Q(package_id=""),
                name="gain_hour_counted_once",
            ),
            in_known_language("gain"),
        ]


class GainTarget(models.Model):
    """What a gain is to be in a year: cases in a full year, value per case, part of the year in use."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(GainItem, on_delete=models.PROTECT, related_name="targets")
    year = models.PositiveSmallIntegerField()
    cases = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=12, decimal_places=3)  # the indicator when reached
    ramp = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        """One target a year; the ramp is a part of one."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "year"], name="gain_target_once"),
            models.CheckConstraint(
                condition=Q(ramp__gte=0) & Q(ramp__lte=1), name="gain_target_ramp_share"
            ),
        ]


class CaseMeasure(models.Model):
    """What one finished case showed for one gain; it holds no name and no answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(GainItem, on_delete=models.PROTECT, related_name="cases")
    case_id = models.UUIDField()
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT)
    finished_on = models.DateField()
    year = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=12, decimal_places=3)

    class Meta:
        """A case counts once in a gain."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "case_id"], name="case_measured_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "municipality", "year"], name="case_measure_sum"),
        ]


class Observation(models.Model):
    """A gain in one municipality and year, summed from live cases or reported."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(GainItem, on_delete=models.PROTECT, related_name="observations")
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=8)
    cases = models.PositiveIntegerField(default=0)
    value = models.DecimalField(max_digits=14, decimal_places=6)  # mean of the indicator
    total = models.DecimalField(max_digits=18, decimal_places=3)  # sum of it over the cases
    first_on = models.DateField()
    note = models.CharField(max_length=500, blank=True, default="")
    by_role = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """One figure of each source; what is measured by itself stands before what is reported."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "municipality", "year", "source"], name="observation_once"
            ),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="observation_source"),
        ]


class TakenOut(models.Model):
    """Hours that a municipality confirms are taken out: in cash, or moved to a named service."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(GainItem, on_delete=models.PROTECT, related_name="taken_out")
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    hours_thousandths = models.BigIntegerField()
    realised_as = models.CharField(max_length=12)
    note = models.CharField(max_length=500, blank=True, default="")
    by_role = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        """Hours taken out are above zero; one row a confirmation."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(hours_thousandths__gt=0), name="taken_out_above_zero"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "municipality", "year"], name="taken_out_sum"),
        ]
