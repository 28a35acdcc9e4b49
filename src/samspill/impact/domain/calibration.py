"""How well a forecaster's percentiles hold: the share of actuals under each, beside what it should be."""

from __future__ import annotations

from collections.abc import Sequence

import attrs


@attrs.frozen
class Point:
    """Of the actuals, `held` lay under a percentile that `said` should lie under. n: how many there are."""

    said: float
    held: float
    n: int


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
        points.append(Point(share, sum(known) / len(known), len(known)))
    return points
