"""Equality between municipalities: how alike is what people meet, wherever they live?

Two measures, each over time: which share of the shared services is open where one lives, and how long it takes from
application to decision. Both are shown by size class, with the distance between the best and the worst.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import attrs


@attrs.frozen(kw_only=True)
class Spread:
    """How a figure is spread over municipalities: tenth, middle and ninetieth of a hundred, weighted by people."""

    low: float
    middle: float
    high: float
    places: int

    @property
    def ratio(self) -> float | None:
        """How many times the high is the low; None when the low is nothing."""
        return self.high / self.low if self.low > 0 else None


def spread(values: Iterable[tuple[float, float]]) -> Spread | None:
    """Return the spread of (value, weight); None when there is nothing.

    >>> spread([(1, 1), (2, 1), (3, 1)]).middle
    2
    """
    known = sorted((value, weight) for value, weight in values if weight > 0)
    if not known:
        return None
    return Spread(
        low=quantile(known, 0.1),
        middle=quantile(known, 0.5),
        high=quantile(known, 0.9),
        places=len(known),
    )


def quantile(ordered: Sequence[tuple[float, float]], share: float) -> float:
    """Return the value at which a share of the weight is reached; `ordered` is sorted by value."""
    whole = math.fsum(weight for _value, weight in ordered)
    reached = 0.0
    for value, weight in ordered:
        reached += weight
        if reached >= share * whole - 1e-9:
            return value
    return ordered[-1][0]


def weighted_mean(values: Iterable[tuple[float, float]]) -> float | None:
    """Return the mean of (value, weight), None without weight.

    >>> weighted_mean([(1, 3), (5, 1)])
    2.0
    """
    known = list(values)
    whole = math.fsum(weight for _value, weight in known)
    return math.fsum(value * weight for value, weight in known) / whole if whole > 0 else None


def gap(by_class: Mapping[str, float | None]) -> float | None:
    """Return the distance between the highest and the lowest class, None with fewer than two."""
    known = [value for value in by_class.values() if value is not None]
    return max(known) - min(known) if len(known) > 1 else None
