"""Parties by number: who they are, how many live there, what an hour costs there, and what they have become."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
from django.db.models import F

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.ids import is_org_no
from samspill.kernel.outcome import refuse
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio
from samspill.settlement.domain import yearly
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import AgreementParty

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.settlement.domain.succession import Successors

_OLDEST_FIGURE = 10


@attrs.frozen(kw_only=True)
class Known:
    """Hold who a party is."""

    party: str
    name: str
    kind: str
    municipality_id: UUID | None = None
    org_no: str = ""


@attrs.frozen(kw_only=True)
class Zone:
    """Hold a party's zone of employer's contribution, and how an hour of a plan is priced in it.

    basis: `stated`, `listed` or `assumed` of a municipality, `state` of the others, whose hours have the plan's price.
    first, own: the contribution of zone 1 and of the party's, as shares of the wage, by the set `assumptions`.
    """

    zone: str
    basis: str
    first: Fraction
    own: Fraction
    assumptions: str

    def price(self, plan: int) -> int:
        """Return øre for an hour of the party, from the plan's price in zone 1."""
        return yearly.price_in_zone(plan, first=self.first, own=self.own)


def zones(parties: Iterable[str], year: int) -> dict[str, Zone]:
    """Return the zone that each party's hours of a year are priced in.

    A municipality that has become another since has the zone of what it became; of several, zone 1 is assumed.
    """
    paid = impact.contributions(year)
    return {party: _zone(party, paid) for party in parties}


def _zone(party: str, paid: impact.Contributions) -> Zone:
    now = _of_today(party)
    found = paid.of(now[0].number if len(now) == 1 else party)
    return Zone(
        zone=found.zone,
        basis="state" if is_org_no(party) else found.basis,
        first=paid.first,
        own=found.share,
        assumptions=paid.assumptions,
    )


def known(party: str, where: str) -> Known:
    """Return who a municipality number or an organisation number stands for.

    Raises:
        RefusedError: `unknown_municipality` or `unknown_party`.
    """
    if is_org_no(party):
        found = portfolio.organisation(party)
        return Known(
            party=party, name=found.name if found else party, kind="organisation", org_no=party
        )
    place = municipalities.current(party)
    if isinstance(place, municipalities.Municipality) and place.number == party:
        return Known(
            party=party,
            name=place.label,
            kind="municipality",
            municipality_id=place.id,
            org_no=place.org_no or "",
        )
    raise refuse(
        "unknown_party",
        _("%(party)s is neither a municipality of today nor an organisation."),
        where=where,
        remedy=_("Give a municipality number (four digits) or an organisation number (nine)."),
        values={"party": party},
    )


def known_on(party: str, on: dt.date) -> Known:
    """Return who a number stood for on a day; the number itself when nobody had it."""
    if is_org_no(party):
        return known(party, "party")
    place = municipalities.on(party, on)
    if isinstance(place, municipalities.Municipality):
        return Known(
            party=party,
            name=place.label,
            kind="municipality",
            municipality_id=place.id,
            org_no=place.org_no or "",
        )
    return Known(party=party, name=party, kind="organisation")


def expand(terms: Any, first_year: int) -> Any:
    """Return terms in which the parties are written out: `all` becomes every municipality, with inhabitants."""
    sharing = terms.get("sharing") if isinstance(terms, Mapping) else None
    if not isinstance(sharing, Mapping) or "parties" not in sharing:
        return terms
    listed = sharing["parties"]
    if listed == "all":
        listed = [place.number for place in municipalities.all_current()]
    if not isinstance(listed, list):
        return terms
    rows = [_filled({"id": row} if isinstance(row, str) else row, first_year) for row in listed]
    return {**terms, "sharing": {**sharing, "parties": rows}}


def written_out(sharing: Mapping[str, Any], year: int, *, own_each: float | None) -> dict[str, Any]:
    """Return a sharing with its parties written out, each with inhabitants and the cost of its own use.

    Args:
        sharing: the JSON of a sharing; `parties` may be `all` or numbers.
        year: the inhabitants of which year.
        own_each: kroner of own use per inhabitant, or None.
    """
    found: dict[str, Any] = expand({"sharing": sharing}, year)["sharing"]
    if own_each is None or not isinstance(found.get("parties"), list):
        return found
    rows = [
        {**row, "own": round(own_each * row.get("inhabitants", 0), 2)} for row in found["parties"]
    ]
    return {**found, "parties": rows}


def _filled(row: Any, year: int) -> Any:
    if not isinstance(row, Mapping) or row.get("inhabitants") is not None:
        return row
    people = inhabitants(str(row.get("id", "")), year)
    return {**row, "inhabitants": people} if people else row


def inhabitants(number: str, year: int) -> int:
    """Return the inhabitants of a municipality on 1 January of a year, or the last known before; 0 when unknown."""
    place = municipalities.current(number)
    if not isinstance(place, municipalities.Municipality):
        return 0
    for at in range(min(year, clock.today().year + 1), year - _OLDEST_FIGURE, -1):
        found = municipalities.figure(place.id, "population", at)
        if found is not None:
            return int(found.value)
    return 0


def became(parties: Iterable[tuple[str, UUID | None]], on: dt.date) -> dict[str, Successors]:
    """Return what each municipal party has become by a day; those that still are, are left out.

    Args:
        parties: (number when it was agreed, municipality id or None).
        on: the day to look from.
    """
    found: dict[str, Successors] = {}
    for number, municipality_id in parties:
        if municipality_id is None:
            continue
        place = municipalities.by_id(municipality_id, date=on)
        if place is not None and _is_alive(place, on):
            if place.number != number:  # the same municipality under a new number
                found[number] = [(place.number, Fraction(1))]
            continue
        successors = _successors(number, on)
        if successors:
            found[number] = successors
    return found


def _is_alive(place: municipalities.Municipality, on: dt.date) -> bool:
    return place.valid_to is None or place.valid_to > on


def _successors(number: str, on: dt.date) -> Successors:
    later = municipalities.on(number, on)
    if isinstance(later, municipalities.Municipality):
        return [(later.number, Fraction(1))]
    if isinstance(later, municipalities.Several):
        return [
            (part.municipality.number, None if part.share is None else Fraction(part.share))
            for part in later.parts
        ]
    return []


def covered(initiative_id: UUID, *, also: Iterable[str] = ()) -> dict[UUID, int]:
    """Return the inhabitants of each municipality that a gain plan speaks of.

    Those that are parties of the initiative's agreements; the whole country while there is none.

    Args:
        initiative_id: whose plan.
        also: numbers of municipalities that are about to become parties.
    """
    rows = AgreementParty.objects.filter(
        version__agreement__initiative_id=initiative_id,
        version__number=F("version__agreement__number"),
        kind="municipality",
    ).exclude(version__agreement__state="ended")
    numbers = {*rows.values_list("party", flat=True), *also}
    places = {place.id: place for number in numbers for place in _of_today(number)}
    if not places:
        places = {place.id: place for place in municipalities.all_current()}
    year = clock.today().year
    return {key: inhabitants(place.number, year) for key, place in places.items()}


def part_of(initiative_id: UUID, municipality_id: UUID) -> Fraction:
    """Return a municipality's part of the inhabitants that a gain plan speaks of; nothing when it is not among them."""
    people = covered(initiative_id)
    total = sum(people.values())
    return Fraction(people.get(municipality_id, 0), total) if total else Fraction(0)


def _of_today(number: str) -> list[municipalities.Municipality]:
    found = municipalities.current(number)
    if isinstance(found, municipalities.Municipality):
        return [found]
    if isinstance(found, municipalities.Several):
        return [part.municipality for part in found.parts]
    return []
