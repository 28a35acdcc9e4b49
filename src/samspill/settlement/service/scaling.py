"""What the live cases of a trial mean for the country: an estimate with its uncertainty, never shown as a count.

An owner who tries a service in some municipalities says in the gain plan how many cases the country has in a year,
and where that figure is from. Without it the live cases are all there are, and nothing is scaled.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from samspill.infra import clock
from samspill.infra.written import field_of
from samspill.kernel.wording import Said
from samspill.municipalities import service as municipalities
from samspill.settlement.domain.scaling import Cluster, Scaled, scaled
from samspill.settlement.models import GainItem, Observation
from samspill.settlement.service import access, expected, parties

if TYPE_CHECKING:
    from collections.abc import Iterable

    from samspill.kernel.actor import Actor

#: As on the pages of measured time. A municipality with fewer cases is in no sum either, so that no difference
#: between what is shown tells of it.
SMALLEST_CELL = 5


@attrs.frozen(kw_only=True)
class National:
    """A gain in a year, scaled from its live cases to the country's.

    is_over: the year has ended, so no more cases come. source: where the number of cases in the country is from.
    """

    item_id: UUID
    name: Said
    year: int
    is_over: bool
    found: Scaled
    source: Said


def national(initiative_id: UUID, *, actor: Actor | None = None) -> tuple[National, ...]:
    """Return the gains of an initiative that are sampled, year by year, scaled up to the country.

    Only municipalities with at least five live cases in the year are in the sample.

    Args:
        initiative_id: whose gains. actor: who reads; without one only what is published.

    Raises:
        RefusedError: `not_found`.
    """
    if not access.may_read_initiative(actor, initiative_id):
        raise access.not_found("initiative_id")
    found = []
    for item in expected.live_items(initiative_id):
        if item.country_cases is None:
            continue
        for year, clusters in sorted(_clusters(item).items()):
            outcome = scaled(clusters, item.country_cases)
            if outcome is not None:
                found.append(_national(item, year, outcome))
    return tuple(found)


def cases_of(item: GainItem, places: Iterable[UUID], year: int) -> dict[UUID, int]:
    """Return how many of the country's cases each municipality has in a year, by inhabitants; empty for no sample."""
    if item.country_cases is None:
        return {}
    people = {
        place.id: parties.inhabitants(place.number, year) for place in municipalities.all_current()
    }
    total = sum(people.values()) or 1
    return {
        place: round(Fraction(item.country_cases * people.get(place, 0), total)) for place in places
    }


def _national(item: GainItem, year: int, outcome: Scaled) -> National:
    return National(
        item_id=item.id,
        name=field_of(item, "name"),
        year=year,
        is_over=year < clock.today().year,
        found=outcome,
        source=field_of(item, "country_source"),
    )


def _clusters(item: GainItem) -> dict[int, list[Cluster]]:
    """Return the sampled municipalities of each year."""
    rows = Observation.objects.filter(item=item, source="cases", cases__gte=SMALLEST_CELL)
    found: dict[int, list[Cluster]] = {}
    for row in rows.order_by("year", "municipality_id"):
        saved = row.cases * Fraction(item.baseline) - Fraction(row.total)
        found.setdefault(row.year, []).append(Cluster(cases=row.cases, saved_minutes=saved))
    return found
