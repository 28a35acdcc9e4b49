"""The settlement of a year: computed once from the version in force, then never changed.

Parties that have left are not in it; their part of the key falls on those who are left. Municipalities that were
merged or split hand theirs over by the change table and the agreement's rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from django.db import transaction

from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.kernel.outcome import refuse
from samspill.municipalities import service as municipalities
from samspill.settlement import events
from samspill.settlement.domain import succession, terms, yearly
from samspill.settlement.domain.compensation import by_year
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.domain.yearly import GainYear, PartyYear
from samspill.settlement.models import (
    Agreement,
    AgreementParty,
    AgreementVersion,
    GainItem,
    Settlement,
    SettlementLine,
    Statement,
)
from samspill.settlement.service import access, parties
from samspill.settlement.service.gains import observations_of
from samspill.settlement.service.telling import tell

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.settlement.domain.terms import PartyOutcome, Terms

#: The order in which lines stand in a statement.
LINES = (
    "tariff_once", "tariff_year", "share", "compensation", "due",
    "gain_planned", "gain_realised", "by_volume", "by_rate", "by_timing", "gain_withdrawn",
)  # fmt: skip
_CARRIED = ("tariff_once", "tariff_year", "share", "compensation")


@attrs.frozen(kw_only=True)
class MeasuredGain:
    """Hold one gain of one party in the settled year, as its statement shows it. zone: how its hours are priced."""

    item: GainItem
    gain: GainYear
    zone: dict[str, Any]


@transaction.atomic
def settle(actor: Actor, *, agreement_id: UUID, year: int) -> Settlement:
    """Settle a year of an agreement; a second time gives the settlement that was made.

    Raises:
        RefusedError: `not_found`, `role_needed`, `not_owner`, `not_signed_by_all`, `outside_period`,
            `too_early`, `nobody_left`.
    """
    row = access.find(actor, agreement_id, lock=True)
    access.owned_initiative(actor, row.initiative_id)
    done = row.settlements.filter(year=year).first()
    if done is not None:
        return done
    version = _in_force(row)
    read = terms.read(version.terms)
    _check_year(read, year)
    years = _party_years(row, version, read, year)
    gains = _gains(row.initiative_id, years, year)
    finished = [
        yearly.add_gains(one, [g.gain for g in gains.get(one.party, [])], read.withdrawal)
        for one in years.values()
    ]
    if read.gain_key == "pooled":
        finished = _pooled(finished, read.withdrawal)
    made = _store(actor, row, version, year, finished, gains)
    _tell_actual(row, made)
    told = events.SettlementClosed(
        agreement_id=row.id,
        initiative_id=row.initiative_id,
        version=version.number,
        settlement_id=made.id,
        year=year,
        due_ore=made.due_ore,
        realised_ore=made.realised_ore,
    )
    log.append(told, actor=actor)
    return made


def settleable_years(row: Agreement, read: Terms) -> list[int]:
    """Return the years that may be settled today and are not."""
    done = set(row.settlements.values_list("year", flat=True))
    today = clock.today()
    return [year for year in read.years if year not in done and today >= read.settlement_day(year)]


def _in_force(row: Agreement) -> AgreementVersion:
    if row.in_force is None:
        raise refuse(
            "not_signed_by_all",
            _("No version of the agreement is signed by all its parties."),
            where="agreement_id",
            remedy=_("Let the parties sign first; the page of the agreement shows who is missing."),
        )
    return access.version_of(row, row.in_force)


def _check_year(read: Terms, year: int) -> None:
    if year not in read.years:
        raise refuse(
            "outside_period",
            _("The agreement runs from %(first)s to %(last)s."),
            where="year",
            remedy=_("Give a year of the agreement."),
            values={"first": read.first_year, "last": read.last_year},
        )
    if clock.today() < read.settlement_day(year):
        raise refuse(
            "too_early",
            _("%(year)s is settled from %(day)s."),
            where="year",
            remedy=_("Wait until that day; figures still come in."),
            values={"year": year, "day": read.settlement_day(year).isoformat()},
        )


def _party_years(
    row: Agreement, version: AgreementVersion, read: Terms, year: int
) -> dict[str, PartyYear]:
    """Return each party's cost of the year, by the parties that there are at its end."""
    left = set(row.exits.filter(leaves_on__lt=dt.date(year, 1, 1)).values_list("party", flat=True))
    staying = [party for party in read.sharing_ids if party not in left]
    if read.sharing and not staying:
        raise refuse(
            "nobody_left",
            _("Every party has left the agreement."),
            where="year",
            remedy=_("End the agreement."),
        )
    outcome = terms.compute(read, only=staying) if read.sharing else terms.compute(read)
    place = year - read.first_year
    agreed = [_agreed(one, read, place) for one in outcome.parties]
    signed = list(version.parties.all())
    return _carried(agreed, signed, read.split_rule, dt.date(year, 12, 31))


def _agreed(one: PartyOutcome, read: Terms, place: int) -> PartyYear:
    """Return what was agreed for a party in the year of a place in the period."""
    return PartyYear(
        party=one.party,
        tariff_once=one.tariff_once if place == 0 else 0,
        tariff_year=one.tariff_year,
        share=one.share + one.borne,
        compensation=by_year(one.transfer, len(read.years))[place],
    )


def _carried(
    agreed: Sequence[PartyYear], signed: Iterable[AgreementParty], rule: str, on: dt.date
) -> dict[str, PartyYear]:
    became = parties.became(((one.party, one.municipality_id) for one in signed), on)
    sums = {
        kind: succession.carry({one.party: getattr(one, kind) for one in agreed}, became, rule)
        for kind in _CARRIED
    }
    return {
        party: PartyYear(party=party, **{kind: sums[kind][party] for kind in _CARRIED})
        for party in sums["share"]
    }


def _gains(
    initiative_id: UUID, years: Mapping[str, PartyYear], year: int
) -> dict[str, list[MeasuredGain]]:
    """Return each party's cash gains of the year."""
    items = GainItem.objects.filter(
        initiative_id=initiative_id, realised_as="cash", indicator="minutes_per_case"
    )
    places = _places(years, year)
    zones = parties.zones(years, year)
    found: dict[str, list[MeasuredGain]] = {}
    for item in items.order_by("made_at"):
        if item.ended_at is not None and item.ended_at.year < year:
            continue
        for party, gain in _by_party(item, places, zones, year).items():
            priced = MeasuredGain(item=item, gain=gain, zone=_zone_body(zones[party]))
            found.setdefault(party, []).append(priced)
    return found


def _by_party(
    item: GainItem, places: Mapping[UUID, str], zones: Mapping[str, parties.Zone], year: int
) -> dict[str, GainYear]:
    """Return a gain's year for each party that it belongs to: its municipality, or the agency that owns it."""
    seen = observations_of(item, year)
    target = item.targets.filter(year=year).first()
    if item.group == "agency":
        owner = item.owner_org_no
        if owner not in zones:
            return {}
        price = zones[owner].price(item.hour_price_ore)
        return {owner: _gain_year(item, target, seen, Fraction(1), year, price)}
    people = {party: parties.inhabitants(party, year) for party in places.values()}
    total = sum(parties.covered(item.initiative_id).values()) or 1
    today = _now(places, year)
    found = {}
    for party in sorted(people):
        own = [one for one in seen if today.get(one.municipality_id) == party]
        part = Fraction(people[party], total)
        price = zones[party].price(item.hour_price_ore)
        found[party] = _gain_year(item, target, own, part, year, price)
    return found


def _gain_year(
    item: GainItem, target: Any, seen: Sequence[Any], part: Fraction, year: int, price: int
) -> GainYear:
    """Return planned and measured of one gain; the plan of a party is its part of the plan of all.

    price: øre for an hour of the party. Planned and measured have the same, so that the difference is never the zone.
    """
    cases = sum(one.cases for one in seen)
    minutes = sum((Fraction(one.total) for one in seen), Fraction(0))
    saved = Fraction(item.baseline) - Fraction(target.value) if target else Fraction(0)
    return GainYear(
        planned_cases=part * target.cases if target else Fraction(0),
        planned_minutes_saved=saved,
        planned_timing=Fraction(target.ramp) if target else Fraction(1),
        baseline_minutes=Fraction(item.baseline),
        cases=cases,
        measured_minutes=minutes / cases if cases else None,
        timing=_timing(min((one.first_on for one in seen), default=None), year),
        hour_price=price,
    )


def _timing(first_on: dt.date | None, year: int) -> Fraction:
    """Return the part of the year from the first measured case to its end; all of it when it began before."""
    if first_on is None:
        return Fraction(0)
    start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
    days = (end - start).days + 1
    return Fraction((end - max(first_on, start)).days + 1, days)


def _places(years: Mapping[str, PartyYear], year: int) -> dict[UUID, str]:
    """Return the municipalities among the parties, by id."""
    found: dict[UUID, str] = {}
    for party in years:
        place = municipalities.on(party, dt.date(year, 12, 31))
        if isinstance(place, municipalities.Municipality) and place.number == party:
            found[place.id] = party
    return found


def _now(places: Mapping[UUID, str], year: int) -> dict[UUID, str]:
    """Return the party of each municipality, also of those that went into a party during the year."""
    found = dict(places)
    for municipality_id, party in places.items():
        for edge in municipalities.changes_of(municipality_id):
            on = edge.change.on
            if on is not None and on.year == year and edge.new_id == municipality_id:
                found.setdefault(edge.old_id, party)
    return found


def _pooled(finished: Sequence[PartyYear], withdrawal: Fraction) -> list[PartyYear]:
    """Return the parties with all realised gains divided as the costs are."""
    shares = {one.party: one.share + one.tariff_year for one in finished}
    realised = yearly.pool({one.party: one.gain_realised for one in finished}, shares)
    planned = yearly.pool({one.party: one.gain_planned for one in finished}, shares)
    causes = {
        cause: yearly.pool({one.party: getattr(one, cause) for one in finished}, shares)
        for cause in ("by_volume", "by_rate")
    }
    found = []
    for one in finished:
        volume, rate = causes["by_volume"][one.party], causes["by_rate"][one.party]
        difference = realised[one.party] - planned[one.party]
        found.append(
            attrs.evolve(
                one,
                gain_planned=planned[one.party],
                gain_realised=realised[one.party],
                gain_withdrawn=yearly.withdrawn(realised[one.party], withdrawal),
                by_volume=volume,
                by_rate=rate,
                by_timing=difference - volume - rate,
            )
        )
    return found


def _store(
    actor: Actor,
    row: Agreement,
    version: AgreementVersion,
    year: int,
    finished: Sequence[PartyYear],
    gains: Mapping[str, list[MeasuredGain]],
) -> Settlement:
    bodies = {one.party: _body(one, gains.get(one.party, [])) for one in finished}
    made = Settlement.objects.create(
        agreement=row,
        version=version.number,
        year=year,
        due_ore=sum(one.due for one in finished),
        realised_ore=sum(one.gain_realised for one in finished),
        withdrawn_ore=sum(one.gain_withdrawn for one in finished),
        sha256=sha256_of(bodies),
        by_org_no=actor.org_no or "",
        by_role=next(iter(sorted(actor.roles)), actor.kind),
        closed_on=clock.today(),
        closed_at=clock.now(),
    )
    lines = {one.party: one.lines() for one in finished}
    SettlementLine.objects.bulk_create(
        SettlementLine(settlement=made, party=party, kind=kind, position=place, ore=found[kind])
        for party, found in lines.items()
        for place, kind in enumerate(LINES)
    )
    Statement.objects.bulk_create(_statement(made, party, body) for party, body in bodies.items())
    return made


def _statement(made: Settlement, party: str, body: dict[str, Any]) -> Statement:
    who = parties.known_on(party, dt.date(made.year, 12, 31))
    return Statement(
        settlement=made,
        party=party,
        name=who.name,
        municipality_id=who.municipality_id,
        org_no=who.org_no,
        body=body,
        sha256=sha256_of(body),
    )


def _body(one: PartyYear, gains: Sequence[MeasuredGain]) -> dict[str, Any]:
    lines = one.lines()
    return {
        "lines": [{"kind": kind, "ore": lines[kind]} for kind in LINES],
        "gains": [_gain_body(found) for found in gains],
    }


def _gain_body(found: MeasuredGain) -> dict[str, Any]:
    gain, difference = found.gain, found.gain.deviation()
    measured = gain.measured_minutes
    saved = Fraction(0) if measured is None else gain.baseline_minutes - measured
    return {
        "gain_id": str(found.item.id),
        "name": found.item.name,
        "language": found.item.language,
        "translations": found.item.translations,
        "definition": found.item.definition,
        "baseline_minutes": float(gain.baseline_minutes),
        "baseline_source": found.item.baseline_source,
        "baseline_status": found.item.baseline_status,
        "cases": gain.cases,
        "measured_minutes": None if measured is None else round(float(measured), 3),
        "hours": round(float(gain.cases * saved / 60), 3),
        "hour_price_ore": gain.hour_price,
        "plan_price_ore": found.item.hour_price_ore,
        **found.zone,
        "planned_ore": difference.planned,
        "realised_ore": difference.realised,
        "volume_ore": difference.volume,
        "rate_ore": difference.rate,
        "timing_ore": difference.timing,
    }


def _zone_body(zone: parties.Zone) -> dict[str, Any]:
    """Return how hours are priced, as a statement keeps it for ever: zone, how it is known, and the rates used."""
    return {
        "zone": zone.zone,
        "zone_basis": zone.basis,
        "contribution": float(zone.own),
        "contribution_of_zone_1": float(zone.first),
        "assumptions": zone.assumptions,
    }


def _tell_actual(row: Agreement, made: Settlement) -> None:
    body = {
        "line": row.title,
        "year": made.year,
        "nok": made.realised_ore / 100,
        "due_nok": made.due_ore / 100,
        "settlement_id": str(made.id),
        "url": f"/avregning/{made.id}/",
    }
    tell(row.initiative_id, "actual", body)
