"""What the gain plan promises each party a year, when the agreement itself does not say."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from samspill.infra import clock
from samspill.settlement.domain.gain_plan import planned_hours
from samspill.settlement.domain.reading import nearest_ore
from samspill.settlement.models import GainItem, GainTarget
from samspill.settlement.service import parties

if TYPE_CHECKING:
    from uuid import UUID

_ORE = 100


def planned_cash(initiative_id: UUID, first: int, last: int) -> dict[int, Fraction]:
    """Return the municipalities' hours planned as cash in an average year of a period, by the plan's price (øre)."""
    targets = GainTarget.objects.filter(
        item__initiative_id=initiative_id,
        item__realised_as="cash",
        item__group="municipality",
        item__ended_at__isnull=True,
        year__gte=first,
        year__lte=last,
    ).select_related("item")
    found: dict[int, Fraction] = {}
    for one in targets:
        price = one.item.hour_price_ore
        found[price] = found.get(price, Fraction(0)) + planned_hours_of(one) / (last - first + 1)
    return found


def planned_hours_of(target: GainTarget) -> Fraction:
    """Return the hours of a target; nothing for indicators that free no hours."""
    item = target.item
    if item.indicator == "reported_hours":
        return Fraction(target.value) * Fraction(target.ramp)
    if item.indicator != "minutes_per_case":
        return Fraction(0)
    saved = Fraction(item.baseline) - Fraction(target.value)
    return planned_hours(Fraction(target.cases), saved, Fraction(target.ramp))


def with_gains(initiative_id: UUID, given: Any) -> Any:
    """Return terms with each municipality's expected gain from the plan, by inhabitants, if none is given.

    The plan speaks of all municipalities with an agreement about the initiative, those of these terms among them. An
    hour is priced in the municipality's own zone of employer's contribution, by today's rates.
    """
    sharing = given.get("sharing") if isinstance(given, Mapping) else None
    if not isinstance(sharing, Mapping) or not isinstance(sharing.get("parties"), list):
        return given
    rows = sharing["parties"]
    plain = all(isinstance(row, Mapping) and "gain" not in row for row in rows)
    first, last = given.get("first_year"), given.get("last_year")
    if not plain or not isinstance(first, int) or not isinstance(last, int) or last < first:
        return given
    people = [row.get("inhabitants") for row in rows]
    numbers = [n if isinstance(n, int) and n > 0 else 0 for n in people]
    cash = planned_cash(initiative_id, first, last)
    ids = [str(row.get("id")) for row in rows]
    total = sum(parties.covered(initiative_id, also=ids).values())
    if not any(cash.values()) or not total:
        return given
    zones = parties.zones(ids, clock.today().year)
    filled = [
        {**row, "gain": nearest_ore(_worth(cash, zones[party]) * n / total) / _ORE}
        for row, party, n in zip(rows, ids, numbers, strict=True)
    ]
    return {**given, "sharing": {**sharing, "parties": filled}}


def _worth(cash: Mapping[int, Fraction], zone: parties.Zone) -> Fraction:
    """Return what hours by the plan's price are worth in a zone, in øre."""
    return sum((hours * zone.price(price) for price, hours in cash.items()), Fraction(0))


def live_items(initiative_id: UUID) -> list[GainItem]:
    """Return the gains of an initiative that have not ended, in the order they were planned."""
    rows = GainItem.objects.filter(initiative_id=initiative_id, ended_at__isnull=True)
    return list(rows.order_by("made_at", "name"))
