"""What a year came to goes back to the estimates: measured hours and settled costs, by effect line and municipality.

The loop's last arrow. A settled year (event `SettlementClosed`), or a year that is over, is read again from what is
stored and laid before the room `impact` as actuals; there it moves the reference class that the next estimate
starts from. Reading it twice changes nothing. A municipality's figure that rests on fewer than five live cases is not
sent: actuals are kept for ever, and a case that later comes under address protection must not be found in them. Where
live cases are a sample of a municipality's (a trial), what each saved is scaled up to all of them and said to be so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.municipalities import service as municipalities
from samspill.settlement import events
from samspill.settlement.domain import gain_plan, succession, terms
from samspill.settlement.domain.apportion import apportion, in_proportion
from samspill.settlement.domain.reading import nearest_ore
from samspill.settlement.models import GainItem, Observation, Settlement
from samspill.settlement.service import access, parties, scaling
from samspill.settlement.service.effect_lines import plain
from samspill.settlement.service.gains import observations_of, observed_hours
from samspill.settlement.service.scaling import SMALLEST_CELL

if TYPE_CHECKING:
    from samspill.infra.events import Stored
    from samspill.settlement.domain.terms import Terms

SUBSCRIBER = "settlement.estimates"
HEARS = (events.SettlementClosed,)
_ACTOR = system("settlement")
_COSTS = frozenset({"one_off_cost", "yearly_cost"})
_YEARS_BACK = 2
#: Kept with each actual; the words are those of the pages it can be found on.
_FROM_CASES = "Saker i drift: {gains}"
_SCALED = "Anslag ut fra saker i drift, skalert opp til kommunens saker i året etter innbyggertall: {gains}"
_REPORTED = "Gevinstplan: {gains}"
_SETTLED = "Avregning: {agreements}"
Amounts = dict[UUID, Fraction]


def hear(event: Stored) -> None:
    """Send back the year that was settled (may see an event twice)."""
    send_back(UUID(str(event.body["initiative_id"])), int(event.body["year"]))


def send_back_finished_years() -> int:
    """Send back the years that are over and have observations; return how many actuals were written."""
    this = clock.today().year
    rows = Observation.objects.filter(year__lt=this, year__gte=this - _YEARS_BACK)
    found = rows.values_list("item__initiative_id", "year").distinct()
    return sum(send_back(initiative_id, year) for initiative_id, year in sorted(found))


def send_back(initiative_id: UUID, year: int) -> int:
    """Lay a year's measured hours and settled costs before the estimates, line by line.

    What no line of the calculated estimate speaks of is not sent; nor is anything while nobody has calculated.

    Returns how many actuals were new.
    """
    lines = {line.key: line for line in impact.forecast_lines(initiative_id, actor=_ACTOR)}
    count = 0
    for key, items in _by_line(initiative_id, year).items():
        if key in lines and lines[key].column == "hours":
            count += _send_hours(initiative_id, key, items, year)
    named = {
        plain(line.name or line.key): line.key
        for line in lines.values()
        if line.category in _COSTS and line.bearer == "municipality"
    }
    began = _agreed_from(initiative_id, year)
    for name, (agreements, costs) in settled_costs(initiative_id, year).items():
        if plain(name) in named:
            source = _SETTLED.format(agreements=", ".join(agreements))
            found = [
                _measured(place, ore / 100, begun=began) for place, ore in sorted(costs.items())
            ]
            count += _report(initiative_id, named[plain(name)], year, found, source)
    return count


def settled_costs(
    initiative_id: UUID, year: int
) -> dict[str, tuple[list[str], dict[UUID, Fraction]]]:
    """Return each line's settled cost by municipality in øre, over all settlements of the initiative's year.

    What a party pays by the key is divided on the lines that the key pays as their amounts are; a line each pays for
    itself stands in no settlement.
    """
    found: dict[str, tuple[list[str], Amounts]] = {}
    rows = Settlement.objects.filter(agreement__initiative_id=initiative_id, year=year)
    for row in rows.select_related("agreement").order_by("closed_at"):
        version = access.version_of(row.agreement, row.version)
        signed = [(one.party, one.municipality_id) for one in version.parties.all()]
        for name, amounts in _of_settlement(row, terms.read(version.terms), signed).items():
            titles, sums = found.setdefault(name, ([], {}))
            titles.append(row.agreement.title)
            for place, ore in amounts.items():
                sums[place] = sums.get(place, Fraction(0)) + ore
    return found


def _agreed_from(initiative_id: UUID, year: int) -> int | None:
    """Return the first year of the agreements that are settled for a year."""
    rows = Settlement.objects.filter(agreement__initiative_id=initiative_id, year=year)
    versions = [
        access.version_of(row.agreement, row.version) for row in rows.select_related("agreement")
    ]
    return min((terms.read(version.terms).first_year for version in versions), default=None)


def _of_settlement(
    row: Settlement, read: Terms, signed: Iterable[tuple[str, UUID | None]]
) -> dict[str, Amounts]:
    end = dt.date(row.year, 12, 31)
    became = parties.became(signed, end)
    found = {}
    for name, amounts in _line_costs(row, read).items():
        carried = succession.carry(amounts, became, read.split_rule)
        by_place = {_place_of(party, end): Fraction(ore) for party, ore in carried.items()}
        found[name] = {place: ore for place, ore in by_place.items() if place is not None}
    return found


def _line_costs(row: Settlement, read: Terms) -> dict[str, dict[str, int]]:
    """Return øre of each line by party, as agreed and before mergers; exact, since a share is divided to the øre."""
    gone = row.agreement.exits.filter(leaves_on__lt=dt.date(row.year, 1, 1))
    left = set(gone.values_list("party", flat=True))
    staying = [party for party in read.sharing_ids if party not in left]
    outcome = terms.compute(read, only=staying) if read.sharing else terms.compute(read)
    keyed = {
        line.name: line.amount for line in read.lines if line.payer == terms.BY_KEY and line.amount
    }
    found: dict[str, dict[str, int]] = {}
    for one in outcome.parties:
        if one.share and keyed:
            parts = apportion(in_proportion(keyed, Fraction(one.share)), one.share)
            for name, ore in parts.items():
                found.setdefault(name, {})[one.party] = ore
    for line in read.lines:
        if line.payer in read.party_ids and line.amount is not None:
            own = found.setdefault(line.name, {})
            own[line.payer] = own.get(line.payer, 0) + nearest_ore(line.amount)
    return found


def _place_of(party: str, on: dt.date) -> UUID | None:
    place = municipalities.on(party, on)
    same = isinstance(place, municipalities.Municipality) and place.number == party
    return place.id if same and isinstance(place, municipalities.Municipality) else None


def _by_line(initiative_id: UUID, year: int) -> dict[str, list[GainItem]]:
    """Return the municipalities' gains that count hours in a year, by the effect line they realise."""
    items = GainItem.objects.filter(
        initiative_id=initiative_id, group="municipality", indicator__in=gain_plan.COUNTS_HOURS
    ).exclude(line="")
    found: dict[str, list[GainItem]] = {}
    for item in items.order_by("made_at"):
        if item.ended_at is None or item.ended_at.year >= year:
            found.setdefault(item.line, []).append(item)
    return found


def _send_hours(initiative_id: UUID, line: str, items: list[GainItem], year: int) -> int:
    """Send the hours of a line: what live cases measured, what is scaled up from them, what was reported."""
    seen = [(item, one) for item in items for one in observations_of(item, year)]
    today = _today(one.municipality_id for _, one in seen)
    placed: dict[UUID, list[tuple[GainItem, Observation]]] = {}
    for item, one in seen:
        place = today.get(one.municipality_id)
        if place is not None:
            placed.setdefault(place, []).append((item, one))
    whole = {item.id: scaling.cases_of(item, placed, year) for item in items}
    begun = _begun(items)
    groups: dict[str, list[impact.Measured]] = {_FROM_CASES: [], _SCALED: [], _REPORTED: []}
    for place, rows in sorted(placed.items()):
        made = _hours_of(place, rows, whole, begun[place])
        if made.cases is None:
            groups[_REPORTED].append(made)
        elif made.cases >= SMALLEST_CELL:
            groups[_FROM_CASES if made.scaled_to is None else _SCALED].append(made)
    names = ", ".join(dict.fromkeys(item.name for item, _ in seen))
    return sum(
        _report(initiative_id, line, year, found, source.format(gains=names))
        for source, found in groups.items()
    )


def _hours_of(
    place: UUID,
    rows: list[tuple[GainItem, Observation]],
    whole: Mapping[UUID, Mapping[UUID, int]],
    begun: int,
) -> impact.Measured:
    """Return the hours of a municipality: a count, or scaled to all its cases where the live ones are a sample."""
    if any(one.source == "report" for _, one in rows):
        hours = sum((observed_hours(item, one) for item, one in rows), Fraction(0))
        return _measured(place, hours, by_itself=False, begun=begun)
    hours, scaled_to = Fraction(0), 0
    for item, one in rows:
        all_cases = whole[item.id].get(place, 0)
        part = observed_hours(item, one)
        if one.cases and all_cases > one.cases:
            part, scaled_to = part * all_cases / one.cases, max(scaled_to, all_cases)
        hours += part
    made = _measured(place, hours, min(one.cases for _, one in rows), begun=begun)
    return attrs.evolve(made, scaled_to=scaled_to or None)


def _begun(items: Iterable[GainItem]) -> dict[UUID, int]:
    """Return the first year in which anything was observed, by municipality of today."""
    rows = list(Observation.objects.filter(item__in=list(items)))
    today = _today(row.municipality_id for row in rows)
    found: dict[UUID, int] = {}
    for row in rows:
        place = today.get(row.municipality_id)
        if place is not None:
            found[place] = min(found.get(place, row.year), row.year)
    return found


def _measured(
    place: UUID,
    amount: Fraction,
    cases: int | None = None,
    *,
    by_itself: bool = True,
    begun: int | None = None,
) -> impact.Measured:
    """Return what is sent; where it took longer than before nothing was freed, and that has no logarithm to learn."""
    return impact.Measured(
        municipality_id=place,
        value=round(float(max(Fraction(0), amount)), 6),
        cases=cases,
        grade="measured" if by_itself else "expert",
        begun=begun,
    )


def _report(
    initiative_id: UUID, line: str, year: int, found: list[impact.Measured], source: str
) -> int:
    return impact.report_measured(
        _ACTOR, initiative_id=initiative_id, line=line, year=year, found=found, source=source
    )


def _today(places: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Return the municipality of today of each: the one it was merged into; none for one that was split."""
    found: dict[UUID, UUID] = {}
    for place in set(places):
        known = municipalities.by_id(place)
        now = municipalities.current(known.number) if known else None
        if isinstance(now, municipalities.Municipality):
            found[place] = now.id
    return found
