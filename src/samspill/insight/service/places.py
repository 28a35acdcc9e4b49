"""The municipalities of today as insight needs them: number, name, county, inhabitants, tile, size class."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import attrs

from samspill.insight.domain import tiles
from samspill.insight.domain.sizes import size_class
from samspill.insight.service.memory import kept
from samspill.insight.service.words import SIZES
from samspill.municipalities import service as municipalities


@attrs.frozen(kw_only=True)
class Place:
    """A municipality: `label` tells it from others of the same name; `cell` is its tile."""

    id: UUID
    number: str
    name: str
    label: str
    county: str
    county_no: str
    inhabitants: float
    inhabitants_year: int
    cell: tuple[int, int]

    @property
    def size(self) -> int:
        """Its size class, 0 for the smallest."""
        return size_class(self.inhabitants)

    @property
    def size_words(self) -> str:
        """Its size class in words."""
        return str(SIZES[self.size])


@kept
def everywhere() -> Mapping[UUID, Place]:
    """Return the municipalities of today by id, in alphabetical order."""
    taken: set[tuple[int, int]] = set()
    found: dict[UUID, Place] = {}
    spare = iter(range(10_000))
    for one in municipalities.all_current():
        numbers = [span.number for span in reversed(municipalities.numbers_of(one.id))]
        parts = [edge.change.old_no for edge in municipalities.changes_of(one.id)]
        cell = tiles.cell_of([one.number, *numbers, *parts], frozenset(taken))
        cell = cell or (0, 60 + next(spare))  # seen to be out of place, and never on top of another
        taken.add(cell)
        people, year = _inhabitants(one.id)
        found[one.id] = Place(
            id=one.id,
            number=one.number,
            name=one.name,
            label=one.label,
            county=one.county,
            county_no=one.county_no,
            inhabitants=people,
            inhabitants_year=year,
            cell=cell,
        )
    return found


def place_of(number: str) -> Place | None:
    """Return a municipality of today by its number."""
    return next((place for place in everywhere().values() if place.number == number), None)


def _inhabitants(id_: UUID) -> tuple[float, int]:
    """Return the newest count of inhabitants and its year."""
    known = [figure for figure in municipalities.figures(id_) if figure.key == "population"]
    if not known:
        return 0.0, 0
    newest = max(known, key=lambda figure: figure.year)
    return float(newest.value), newest.year
