"""More than one number: the best portfolios when hours, citizens' time or the smallest count too, and how sure each is.

front           portfolios of which none is better in one measure without being worse in another (Pareto set), found by
                asking for the most of the first measure with at least so much of each other (epsilon constraints)
chosen_share    in how large a share of the draws each column is chosen: what is in whatever happens, and what hangs
                on the assumptions
Both search within a time and say how much of it they could do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

from samspill.portfolio.domain.optimise_model import Array, Model
from samspill.portfolio.domain.optimise_search import Found, search

KRONER, HOURS, CITIZENS, SMALLEST = "kroner", "hours", "citizens", "smallest"
_CLOSE = 1e-6
_LEAST_S = 0.2


@attrs.frozen(eq=False)
class Point:
    """One portfolio of the front: what is chosen (n booleans), its total by measure, and its proven gap in kroner."""

    chosen: Array
    totals: dict[str, float]
    gap: float


@attrs.frozen(eq=False)
class Front:
    """The portfolios, most kroner first, and whether every step was searched before the time was up."""

    points: tuple[Point, ...]
    whole: bool

    def as_json(self, names: list[str]) -> dict[str, Any]:
        """Return it with the names of the columns (n)."""
        return {
            "points": [
                {
                    "chosen": [names[j] for j in np.flatnonzero(point.chosen)],
                    "totals": point.totals,
                    "gap": point.gap,
                }
                for point in self.points
            ],
            "whole": self.whole,
        }


@attrs.frozen(eq=False)
class Share:
    """How often each column is chosen (n, share of the draws solved), and how many draws that was."""

    share: Array
    solved: int
    asked: int


def front(
    model: Model, measures: Mapping[str, Array], *, steps: int = 4, time_limit_s: float = 10.0
) -> Front:
    """Return the efficient front of a model over several measures.

    measures: value of each column (n) by name, beside the model's own (`kroner`); more is better in all.
    steps: how many levels are asked for between what the best in kroner gives of a measure and the most it can be.
    """
    ends = time.monotonic() + time_limit_s
    every = {KRONER: model.value, **measures}
    tasks = 1 + len(measures) * (steps + 1)
    best = _search(model, ends, tasks)
    if best is None:
        return Front((), whole=False)
    points = [_point(best, every)]
    whole = best.gap == 0
    for asked, (name, column) in enumerate(measures.items()):
        left = tasks - 1 - asked * (steps + 1)
        for found in _along(model, name, column, points[0], steps, ends, left):
            if found is None:
                whole = False
                continue
            points.append(_point(found, every))
    return Front(tuple(_efficient(points)), whole)


def chosen_share(model: Model, draws: Array, *, time_limit_s: float = 10.0) -> Share:
    """Return the share of draws in which each column is chosen. draws: value of each column (draws, n).

    The draws are taken in their order until the time is up, so more time gives more of the same.
    """
    ends = time.monotonic() + time_limit_s
    count = np.zeros(model.size)
    solved = 0
    for values in draws:
        found = _search(attrs.evolve(model, value=np.asarray(values, float)), ends, 1)
        if found is None:
            break
        count += found.chosen
        solved += 1
    return Share(count / max(1, solved), solved, len(draws))


def _along(
    model: Model, name: str, column: Array, best: Point, steps: int, ends: float, tasks: int
) -> Iterator[Found | None]:
    """Yield the best in kroner at each level of one measure, up to the most there can be of it."""
    most = _search(attrs.evolve(model, value=column), ends, tasks)
    if most is None:
        yield None
        return
    low, high = best.totals[name], most.value
    for step in range(1, steps + 1):
        if high - low <= _CLOSE * max(1.0, abs(high)):
            return
        level = low + (high - low) * step / steps
        yield _search(_at_least(model, column, level), ends, tasks - step)


def _at_least(model: Model, column: Array, level: float) -> Model:
    room = _CLOSE * max(1.0, abs(level))
    row = scipy.sparse.csr_matrix(column)
    return attrs.evolve(
        model,
        logic=scipy.sparse.vstack([model.logic, row]).tocsr(),
        low=np.append(model.low, level - room),
        high=np.append(model.high, np.inf),
    )


def _search(model: Model, ends: float, tasks: int) -> Found | None:
    left = ends - time.monotonic()
    if left <= 0:
        return None
    try:
        return search(model, time_limit_s=max(_LEAST_S, left / max(1, tasks)))
    except TimeoutError:
        return None


def _point(found: Found, measures: Mapping[str, Array]) -> Point:
    totals = {name: float(column[found.chosen].sum()) for name, column in measures.items()}
    return Point(found.chosen, totals, found.gap)


def _efficient(points: list[Point]) -> list[Point]:
    """Keep the points that no other beats; most kroner first."""
    kept: list[Point] = []
    for point in points:
        if not any(_beats(other, point) for other in points) and not any(
            _alike(other, point) for other in kept
        ):
            kept.append(point)
    return sorted(kept, key=lambda point: -point.totals[KRONER])


def _alike(a: Point, b: Point) -> bool:
    return all(
        abs(a.totals[k] - b.totals[k]) <= _CLOSE * max(1.0, abs(b.totals[k])) for k in a.totals
    )


def _beats(a: Point, b: Point) -> bool:
    room = {key: _CLOSE * max(1.0, abs(value)) for key, value in b.totals.items()}
    no_worse = all(a.totals[k] >= b.totals[k] - room[k] for k in room)
    return no_worse and any(a.totals[k] > b.totals[k] + room[k] for k in room)
