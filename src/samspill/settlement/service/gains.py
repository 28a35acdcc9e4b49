"""The gain plan: plan a gain, report what is not measured by itself, take hours out, see every hour's state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from django.db import transaction

from samspill.infra import clock, jobs
from samspill.infra import events as log
from samspill.infra.charts import Numbers
from samspill.kernel import wording
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import refuse
from samspill.packages import service as packages
from samspill.settlement import events
from samspill.settlement.domain import gain_plan, gain_reading, reading
from samspill.settlement.domain.gain_plan import Hours
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import GainItem, GainTarget, Observation, TakenOut
from samspill.settlement.service import access, expected, parties
from samspill.settlement.service.effect_lines import line_of_gain
from samspill.settlement.service.telling import tell

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.settlement.domain.gain_reading import Plan

THOUSAND = 1000
#: The job that measures the cases that were finished before the gain was planned.
MEASURE_AGAIN = "settlement.measure_again"


@attrs.frozen(kw_only=True)
class YearView:
    """One year of a gain: what is planned and where each hour is; `value` is the mean that was measured."""

    year: int
    planned: Fraction
    hours: Hours
    cases: int
    target: Decimal | None
    value: Fraction | None


@attrs.frozen(kw_only=True)
class GainView:
    """One gain of a plan with its years."""

    item: GainItem
    years: tuple[YearView, ...]

    @property
    def counts_hours(self) -> bool:
        """Tell whether hours are counted from it."""
        return self.item.indicator in gain_plan.COUNTS_HOURS


@attrs.frozen(kw_only=True)
class HoursView:
    """All hours of an initiative by state, and by gain and year."""

    total: Hours
    gains: tuple[GainView, ...]


@transaction.atomic
def plan_gain(
    actor: Actor, *, initiative_id: UUID, plan_json: Any, item_id: UUID | None = None
) -> GainItem:
    """Plan a gain, or change the plan of one.

    Args:
        actor: the owner of the initiative, or the secretariat.
        initiative_id: whose plan it is in.
        plan_json: `domain.gain_reading`: owner, indicator, baseline measured before, targets by year, and how
            it is realised.
        item_id: the gain to change.

    Raises:
        RefusedError: `role_needed`, `not_owner`, `not_found`, `hour_counted_twice`, `unknown_step`,
            `unknown_line`, `baseline_is_fixed`, or what is wrong with the plan.
    """
    access.owned_initiative(actor, initiative_id)
    plan = gain_reading.read(_worded(actor, plan_json))
    line = line_of_gain(initiative_id, name=plan.name, key=plan.line, group=plan.group)
    definition = _definition(plan)
    others = GainItem.objects.select_for_update().filter(ended_at__isnull=True)
    _refuse_overlap(plan, others.exclude(pk=item_id) if item_id else others)
    item = _changed(item_id, initiative_id, plan) if item_id else None
    now = clock.now()
    values = {
        **attrs.asdict(plan, filter=_is_column),
        "line": line,
        "definition": definition,
        "changed_at": now,
    }
    if item is None:
        item = GainItem.objects.create(initiative_id=initiative_id, made_at=now, **values)
    else:
        for name, value in {**values, "revision": item.revision + 1}.items():
            setattr(item, name, value)
        item.save()
    item.targets.all().delete()
    GainTarget.objects.bulk_create(
        GainTarget(item=item, year=t.year, cases=t.cases, value=t.value, ramp=t.ramp)
        for t in plan.targets
    )
    _tell_plan(initiative_id)
    if item.package_id:
        jobs.defer(MEASURE_AGAIN, key=f"{MEASURE_AGAIN}:{item.id}", item_id=str(item.id))
    told = events.GainPlanned(gain_id=item.id, initiative_id=initiative_id, revision=item.revision)
    log.append(told, actor=actor)
    return item


@transaction.atomic
def end_gain(actor: Actor, *, item_id: UUID) -> None:
    """End a gain: it is measured no more, and its hours may be planned anew; what was measured stays.

    Raises:
        RefusedError: `not_found`, `role_needed`, `not_owner`.
    """
    item = _find(actor, item_id, lock=True)
    access.owned_initiative(actor, item.initiative_id)
    item.ended_at = item.changed_at = clock.now()
    item.save(update_fields=["ended_at", "changed_at"])
    _tell_plan(item.initiative_id)
    told = events.GainEnded(gain_id=item.id, initiative_id=item.initiative_id)
    log.append(told, actor=actor)


@transaction.atomic
def report_observation(
    actor: Actor, *, item_id: UUID, year: int, cases: int, value: Decimal, note: str = ""
) -> Observation:
    """Report a gain of the actor's municipality that is not measured by itself.

    Raises:
        RefusedError: `role_needed`, `not_found`, `measured_by_itself`, `bad_year`, `negative`.
    """
    role, municipality_id = _municipal(actor)
    item = _find(actor, item_id, lock=True)
    _check_year(item, year)
    _refuse_negative(cases, value)
    measured = Observation.objects.filter(
        item=item, municipality_id=municipality_id, year=year, source="cases"
    ).first()
    if measured is not None:
        raise refuse(
            "measured_by_itself",
            _("The gain is measured from %(cases)s live cases in %(year)s, and is not reported."),
            where="year",
            remedy=_("Look at the measured figures; tell the owner if they are wrong."),
            values={"cases": measured.cases, "year": year},
        )
    found, _made = Observation.objects.update_or_create(
        item=item,
        municipality_id=municipality_id,
        year=year,
        source="report",
        defaults={
            "cases": cases,
            "value": value,
            "total": value * (cases if item.indicator != "reported_hours" else 1),
            "first_on": max(item.effect_from, dt.date(year, 1, 1)),
            "note": note.strip()[:500],
            "by_role": role,
            "at": clock.now(),
        },
    )
    log.append(measured_event(item, found), actor=actor)
    return found


@transaction.atomic
def take_out(actor: Actor, *, item_id: UUID, year: int, hours: Decimal, note: str = "") -> TakenOut:
    """Confirm that measured hours are taken out in the actor's municipality, as the plan says.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_taken`, `more_than_measured`.
    """
    role, municipality_id = _municipal(actor)
    item = _find(actor, item_id, lock=True)
    if item.realised_as == "not_taken":
        raise refuse(
            "not_taken",
            _("The plan says that this gain is not taken out."),
            where="item_id",
            remedy=_("Ask the owner to change the plan first."),
        )
    measured, taken = _sums(item, municipality_id, year)
    left = gain_plan.may_be_taken(measured, taken)
    if hours <= 0 or Fraction(hours) > left:
        raise refuse(
            "more_than_measured",
            _("%(left)s hours are measured and not taken out."),
            where="hours",
            remedy=_("Give more than zero and at most that."),
            values={"left": Numbers().plain(float(left), 1)},
        )
    made = TakenOut.objects.create(
        item=item,
        municipality_id=municipality_id,
        year=year,
        hours_thousandths=int(hours * THOUSAND),
        realised_as=item.realised_as,
        note=note.strip()[:500],
        by_role=role,
        at=clock.now(),
    )
    told = events.GainTakenOut(
        gain_id=item.id,
        initiative_id=item.initiative_id,
        municipality_id=municipality_id,
        year=year,
        hours_thousandths=made.hours_thousandths,
    )
    log.append(told, actor=actor)
    return made


def hours(
    initiative_id: UUID, *, actor: Actor | None = None, municipality_id: UUID | None = None
) -> HoursView:
    """Return all hours of an initiative by state: estimated, measured, taken out; each counted once.

    Args:
        initiative_id: whose gains.
        actor: who reads; without one only what is published.
        municipality_id: only this municipality's; its part of the plan is by inhabitants.

    Raises:
        RefusedError: `not_found`.
    """
    if not access.may_read_initiative(actor, initiative_id):
        raise access.not_found("initiative_id")
    part = parties.part_of(initiative_id, municipality_id) if municipality_id else Fraction(1)
    found = [_view(item, municipality_id, part) for item in expected.live_items(initiative_id)]
    every = [year.hours for gain in found if gain.counts_hours for year in gain.years]
    return HoursView(
        total=Hours(
            estimated=sum((one.estimated for one in every), Fraction(0)),
            measured=sum((one.measured for one in every), Fraction(0)),
            taken_out=sum((one.taken_out for one in every), Fraction(0)),
        ),
        gains=tuple(found),
    )


def observed_hours(item: GainItem, observation: Observation) -> Fraction:
    """Return the hours that an observation shows freed; below zero when it takes longer than before."""
    if item.indicator == "reported_hours":
        return Fraction(observation.total)
    if item.indicator != "minutes_per_case":
        return Fraction(0)
    whole = observation.cases * Fraction(item.baseline) - Fraction(observation.total)
    return whole / 60


def measured_event(item: GainItem, found: Observation) -> events.GainMeasured:
    """Return the event of an observation."""
    return events.GainMeasured(
        gain_id=item.id,
        initiative_id=item.initiative_id,
        municipality_id=found.municipality_id,
        year=found.year,
        source=found.source,
        cases=found.cases,
        hours_thousandths=round(observed_hours(item, found) * THOUSAND),
    )


def observations_of(
    item: GainItem, year: int | None = None, municipality_id: UUID | None = None
) -> list[Observation]:
    """Return the observations that count: what is measured by itself stands before what is reported."""
    rows = Observation.objects.filter(item=item)
    if year is not None:
        rows = rows.filter(year=year)
    if municipality_id is not None:
        rows = rows.filter(municipality_id=municipality_id)
    chosen: dict[tuple[UUID, int], Observation] = {}
    for row in rows.order_by("-source"):  # report, then cases in its place
        chosen[row.municipality_id, row.year] = row
    return list(chosen.values())


def _view(item: GainItem, municipality_id: UUID | None, part: Fraction) -> GainView:
    targets = {one.year: one for one in item.targets.all()}
    seen: dict[int, list[Observation]] = {}
    for one in observations_of(item, municipality_id=municipality_id):
        seen.setdefault(one.year, []).append(one)
    taken = _taken_by_year(item, municipality_id)
    years = sorted({*targets, *seen, *taken})
    none = Fraction(0)
    shown = [
        _year(item, year, targets.get(year), seen.get(year, []), taken.get(year, none), part)
        for year in years
    ]
    return GainView(item=item, years=tuple(shown))


def _year(
    item: GainItem,
    year: int,
    target: GainTarget | None,
    seen: Sequence[Observation],
    taken: Fraction,
    part: Fraction,
) -> YearView:
    planned = part * expected.planned_hours_of(target) if target is not None else Fraction(0)
    measured = sum((observed_hours(item, one) for one in seen), Fraction(0))
    cases = sum(one.cases for one in seen)
    total = sum((Fraction(one.total) for one in seen), Fraction(0))
    return YearView(
        year=year,
        planned=planned,
        hours=gain_plan.states_of(planned, measured, taken),
        cases=cases,
        target=target.value if target is not None else None,
        value=total / cases if cases else None,
    )


def _taken_by_year(item: GainItem, municipality_id: UUID | None) -> dict[int, Fraction]:
    rows = TakenOut.objects.filter(item=item)
    if municipality_id is not None:
        rows = rows.filter(municipality_id=municipality_id)
    found: dict[int, Fraction] = {}
    for row in rows:
        part = Fraction(row.hours_thousandths, THOUSAND)
        found[row.year] = found.get(row.year, Fraction(0)) + part
    return found


def _sums(item: GainItem, municipality_id: UUID, year: int) -> tuple[Fraction, Fraction]:
    """Return measured hours and hours taken out, of one municipality and year."""
    seen = observations_of(item, year, municipality_id)
    measured = sum((observed_hours(item, one) for one in seen), Fraction(0))
    return measured, _taken_by_year(item, municipality_id).get(year, Fraction(0))


def _definition(plan: Plan) -> str:
    """Return what is counted, in the package's own words; the baseline must be counted in the same way.

    Raises:
        RefusedError: `unknown_step`: the package measures no such step.
    """
    if not plan.package_id:
        return ""
    package = packages.published(plan.package_id)
    measures = {one.name: one for one in (package.gains.measures if package.gains else ())}
    idle = package.gains.idle_after if package.gains else ""
    if plan.step == gain_plan.WHOLE_CASE:
        return f"* → DecisionMade, {plan.group}, {idle}"
    one = measures.get(plan.step)
    if one is None:
        raise refuse(
            "unknown_step",
            _("The service measures no step called %(step)s."),
            where="plan.step",
            remedy=_("Use one of: %(steps)s"),
            values={"step": plan.step, "steps": ", ".join([gain_plan.WHOLE_CASE, *measures])},
        )
    return f"{one.from_event} → {one.to_event}, {plan.group}, {idle}"


def _refuse_overlap(plan: Plan, others: Any) -> None:
    """Refuse a second gain that would count the same hours."""
    if not plan.package_id or plan.indicator != "minutes_per_case":
        return
    wanted = gain_plan.Claimed(package_id=plan.package_id, step=plan.step, group=plan.group)
    rows = list(others.filter(package_id=plan.package_id, indicator=plan.indicator))
    claimed = [
        gain_plan.Claimed(package_id=row.package_id, step=row.step, group=row.group) for row in rows
    ]
    twice = gain_plan.first_overlap(wanted, claimed)
    if twice is None:
        return
    other = rows[claimed.index(twice)]
    raise refuse(
        "hour_counted_twice",
        _("The gain “%(name)s” counts the same hours already."),
        where="plan.step",
        remedy=_("Choose another step or group, or end the other gain first."),
        values={"name": other.name},
        status=409,
    )


def _changed(item_id: UUID, initiative_id: UUID, plan: Plan) -> GainItem:
    """Return the gain to change; its baseline is fixed when something is observed."""
    item = GainItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None or item.initiative_id != initiative_id:
        raise access.not_found("item_id")
    same = item.baseline == plan.baseline and item.step == plan.step and item.group == plan.group
    if not same and item.observations.exists():
        raise refuse(
            "baseline_is_fixed",
            _("The gain is measured already, so its baseline can no longer be changed."),
            where="plan.baseline",
            remedy=_("End this gain and plan a new one."),
            status=409,
        )
    return item


def _tell_plan(initiative_id: UUID) -> None:
    rows = expected.live_items(initiative_id)
    body = {
        "items": [
            {
                "name": row.name,
                "language": row.language,
                "owner": row.owner_title,
                "owner_org_no": row.owner_org_no,
                "indicator": row.indicator,
                "baseline": float(row.baseline),
                "target": {str(t.year): float(t.value) for t in row.targets.order_by("year")},
                "realised_as": row.realised_as,
                "revision": row.revision,
            }
            for row in rows
        ],
        "url": f"/gevinstplan/{initiative_id}/",
    }
    tell(initiative_id, "gain_plan", body)


def _worded(actor: Actor, plan: Any) -> Any:
    """Return a plan as JSON that says which language it is in; one that does not is in the actor's."""
    if not isinstance(plan, Mapping) or plan.get("language"):
        return plan
    return {**plan, "language": wording.known(actor.language)}


def _is_column(attribute: Any, value: Any) -> bool:
    del value
    return str(attribute.name) != "targets"


def _municipal(actor: Actor) -> tuple[str, UUID]:
    role = role_among(actor, [access.LEAD])
    if actor.municipality_id is None:
        raise access.not_found("actor")
    return role, actor.municipality_id


def _find(actor: Actor, item_id: UUID, *, lock: bool = False) -> GainItem:
    rows = GainItem.objects.select_for_update() if lock else GainItem.objects.all()
    item = rows.filter(pk=item_id, ended_at__isnull=True).first()
    if item is None or not access.may_read_initiative(actor, item.initiative_id):
        raise access.not_found("item_id")
    return item


def _check_year(item: GainItem, year: int) -> None:
    if not item.effect_from.year <= year <= clock.today().year:
        raise refuse(
            "bad_year",
            _("%(year)s is not a year in which the gain can be observed."),
            where="year",
            remedy=_("Give a year from %(first)s to this one."),
            values={"year": year, "first": item.effect_from.year},
        )


def _refuse_negative(cases: int, value: Decimal) -> None:
    if max(cases, value if value.is_finite() else 0) > gain_reading.MOST_CASES:
        raise reading.too_large(cases, "cases")
    if cases < 0 or not value.is_finite() or value < 0:
        raise refuse(
            "negative",
            _("A figure is negative or not a number."),
            where="cases" if cases < 0 else "value",
            remedy=_("Give zero or more."),
        )


def as_mapping(view: HoursView) -> Mapping[str, float]:
    """Return the hours by state as plain numbers, for other rooms."""
    total = view.total
    return {
        "estimated": float(total.estimated),
        "measured": float(total.measured),
        "taken_out": float(total.taken_out),
    }
