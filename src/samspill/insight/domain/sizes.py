"""Size classes of municipalities, and who gains and loses in each: counted by municipality, and by people.

A mean over the country hides that a small municipality may lose on what a large one gains; and a count of
municipalities hides how few people live in many of them. So both counts always stand side by side.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable

import attrs

#: The classes of Statistics Norway's tables: lower bounds of inhabitants.
BOUNDS = (0, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
#: Nearer to nothing than this, in kroner per inhabitant and year, is about even.
EVEN_NOK = 1.0


@attrs.frozen(kw_only=True)
class Net:
    """What a municipality is left with: number, inhabitants, kroner per inhabitant (positive = gain)."""

    municipality_no: str
    inhabitants: float
    nok_per_inhabitant: float


@attrs.frozen(kw_only=True)
class Part:
    """Municipalities and people in one size class (lower bound) that gain, are about even, and lose."""

    lower: int
    municipalities: tuple[int, int, int]
    people: tuple[float, float, float]

    @property
    def everybody(self) -> float:
        """Inhabitants of the class."""
        return sum(self.people)


def size_class(inhabitants: float) -> int:
    """Return the place of a size class, 0 for the smallest.

    >>> size_class(1999), size_class(2000), size_class(728_714)
    (0, 1, 6)
    """
    return bisect.bisect_right(BOUNDS, inhabitants) - 1


def by_size(nets: Iterable[Net], *, even: float = EVEN_NOK) -> list[Part]:
    """Return who gains and who loses in each size class, the smallest class first."""
    counts = [[0, 0, 0] for _bound in BOUNDS]
    people = [[0.0, 0.0, 0.0] for _bound in BOUNDS]
    for net in nets:
        place, kind = size_class(net.inhabitants), _kind(net.nok_per_inhabitant, even)
        counts[place][kind] += 1
        people[place][kind] += net.inhabitants
    return [
        Part(lower=bound, municipalities=(c[0], c[1], c[2]), people=(p[0], p[1], p[2]))
        for bound, c, p in zip(BOUNDS, counts, people, strict=True)
    ]


def _kind(value: float, even: float) -> int:
    """Return 0 for gain, 1 for about even, 2 for loss."""
    return 0 if value >= even else 2 if value <= -even else 1
