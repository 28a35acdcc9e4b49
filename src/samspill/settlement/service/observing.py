"""Observations that come by themselves: a subscriber of the events of live cases.

A finished step of a case is measured by the room `cases`; here it is kept once a case and gain, and summed by
municipality and year. A case stays in the municipality and year in which it was first measured, so that an
hour is never counted twice. A case that came under address protection is in no municipality, and its row goes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Min, Sum

from samspill.cases import events as told
from samspill.cases import service as cases
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import system
from samspill.kernel.periods import OSLO
from samspill.settlement.domain.gain_plan import WHOLE_CASE
from samspill.settlement.models import CaseMeasure, GainItem, Observation
from samspill.settlement.service.gains import measured_event

if TYPE_CHECKING:
    from samspill.infra.events import Stored

SUBSCRIBER = "settlement.observations"
#: A step may end with any of these.
HEARS = (
    told.ApplicationSubmitted,
    told.CaseReady,
    told.InformationReceived,
    told.DecisionMade,
    told.CaseForwarded,
    told.AppealHandled,
    told.CaseStopped,
    told.ProtectionChanged,
)
_SECONDS = 60
_STEP = Decimal("0.001")


def observe(event: Stored) -> None:
    """Measure the case that an event is about, for every gain of its service (may see an event twice)."""
    package_id = str(event.body.get("package_id", ""))
    items = list(GainItem.objects.filter(package_id=package_id, ended_at__isnull=True))
    if items and event.key is not None:
        _observe_case(event.key, items)


def measure_again(item_id: UUID) -> int:
    """Measure the cases that were finished since the effect began, for a gain that is planned or changed.

    Returns how many cases were looked at. Doing it twice does no harm.
    """
    item = GainItem.objects.filter(pk=item_id, ended_at__isnull=True).first()
    if item is None or not item.package_id:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT key FROM infra_event WHERE type = ANY(%s) AND at >= %s "
            "AND body->>'package_id' = %s AND key IS NOT NULL",
            [sorted(kind.__name__ for kind in HEARS), item.effect_from, item.package_id],
        )
        found = [row[0] for row in cursor.fetchall()]
    for case_id in found:
        with transaction.atomic():
            _observe_case(case_id, [item])
    return len(found)


def _observe_case(case_id: UUID, items: Sequence[GainItem]) -> None:
    steps = cases.step_times(case_id)
    story = log.story(case_id)
    for item in items:
        _observe_one(item, case_id, steps, story)


def _observe_one(
    item: GainItem, case_id: UUID, steps: Sequence[Any], story: Sequence[Stored]
) -> None:
    found = _measure(item, steps, story)
    place = next((step.municipality_id for step in steps), None)
    old = CaseMeasure.objects.filter(item=item, case_id=case_id).first()
    if place is None and old is not None:
        old.delete()
        _sum_again(item, old.municipality_id, old.year)
        return
    if found is None or place is None or found[1] < item.effect_from:
        return
    value, finished_on = found
    if old is not None and old.value == value:
        return
    row, _made = CaseMeasure.objects.update_or_create(
        item=item,
        case_id=case_id,
        defaults={"value": value},
        create_defaults={
            "value": value,
            "municipality_id": place,
            "finished_on": finished_on,
            "year": finished_on.year,
        },
    )
    _sum_again(item, row.municipality_id, row.year)


def _measure(
    item: GainItem, steps: Sequence[Any], story: Sequence[Stored]
) -> tuple[Decimal, dt.date] | None:
    """Return the indicator of a finished case and the day it was finished, or None when it is not."""
    wanted = item.step if item.indicator == "minutes_per_case" else WHOLE_CASE
    spans = [step for step in steps if step.step == wanted]
    if item.indicator == "minutes_per_case":
        spans = [span for span in spans if span.role == item.group]
    if not spans:
        return None
    finished_on = max(span.ended_at for span in spans).astimezone(OSLO).date()
    if item.indicator == "minutes_per_case":
        seconds = sum(span.active_seconds for span in spans)
        return (Decimal(seconds) / _SECONDS).quantize(_STEP), finished_on
    return Decimal(_count(item.indicator, story)), finished_on


def _count(indicator: str, story: Sequence[Stored]) -> int:
    names = [event.type for event in story]
    if indicator == "returns_per_case":
        return names.count("InformationRequested")
    if indicator == "documents_per_case":
        return names.count("DocumentAdded")
    return int("PaperRegistered" not in names)


def _sum_again(item: GainItem, municipality_id: UUID, year: int) -> None:
    """Sum the cases of a municipality and year into its observation."""
    rows = CaseMeasure.objects.filter(item=item, municipality_id=municipality_id, year=year)
    sums = rows.aggregate(n=Count("id"), total=Sum("value"), first=Min("finished_on"))
    if not sums["n"]:
        old = Observation.objects.filter(item=item, municipality_id=municipality_id, year=year)
        old.filter(source="cases").delete()
        return
    found, _made = Observation.objects.update_or_create(
        item=item,
        municipality_id=municipality_id,
        year=year,
        source="cases",
        defaults={
            "cases": sums["n"],
            "total": sums["total"],
            "value": sums["total"] / sums["n"],
            "first_on": sums["first"],
            "at": clock.now(),
        },
    )
    log.append(measured_event(item, found), actor=system("measure gains"))
