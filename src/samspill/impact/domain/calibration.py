"""How well a forecaster's percentiles hold: the share of actuals under each, beside what it should be.

A share of n actuals is uncertain in itself; Wilson's interval says between what the true share probably lies, and holds
also for few (Wilson, JASA 1927; Brown, Cai and DasGupta, Statistical Science 2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

#: Of fewer actuals nothing is said: the interval of a half is then about as wide as half of all there is.
FEWEST = 10
#: Two-sided 90 per cent: one in twenty lies beyond each end.
_Z = 1.6448536269514722


@attrs.frozen
class Point:
    """Of the actuals, `held` lay under a percentile that `said` should lie under. n: how many there are.

    low, high: between which the true share lies, with 90 per cent (Wilson).
    """

    said: float
    held: float
    n: int
    low: float = 0.0
    high: float = 1.0

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few to say anything."""
        return self.n < FEWEST

    @property
    def fits(self) -> bool:
        """Tell whether what was said lies within what the actuals allow."""
        return self.low <= self.said <= self.high


@attrs.frozen
class Forecast:
    """An actual beside its forecast: P10, P50, P85 and P90 where they are known."""

    actual: float
    percentiles: tuple[tuple[float, float], ...]


def curve(forecasts: Sequence[Forecast]) -> list[Point]:
    """Return the calibration curve, one point for each percentile that was forecast, in rising order."""
    shares = sorted({share for one in forecasts for share, _ in one.percentiles})
    points = []
    for share in shares:
        known = [
            one.actual <= limit for one in forecasts for at, limit in one.percentiles if at == share
        ]
        points.append(point(share, sum(known), len(known)))
    return points


def point(said: float, under: int, n: int) -> Point:
    """Return the point of `under` actuals of n under a percentile.

    >>> p = point(0.5, 5, 10)
    >>> round(p.low, 3), round(p.high, 3), p.fits
    (0.269, 0.731, True)
    """
    held = under / n
    low, high = interval(under, n)
    return Point(said, held, n, low, high)


def interval(under: int, n: int) -> tuple[float, float]:
    """Return Wilson's 90 per cent interval of a share.

    >>> tuple(round(end, 3) for end in interval(0, 10))
    (0.0, 0.213)
    """
    held, square = under / n, _Z * _Z
    middle = (held + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * math.sqrt(held * (1 - held) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
