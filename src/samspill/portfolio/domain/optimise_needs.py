"""What each initiative that was left out would need to come in, and the price of the last krone of each budget.

Two ways, and the answer says which:

    exact   the portfolio is solved again with the initiative forced in: `value` is how much more it must be worth
            for the whole to lose nothing. Used up to 30 initiatives when the first answer was proven best.
    dual    what it and what it requires use, at the prices of the linear answer, less what they are worth: a close
            estimate from one solution, used for large portfolios.

Beside it, in both: `budget` and `load`, what is missing in each row when everything chosen stays; `missing`, what it
requires that is not chosen; `against`, the chosen that exclude it.
"""

from __future__ import annotations

import time
from typing import Any

import attrs
import numpy as np

from samspill.portfolio.domain.optimise_model import Array, Model, Problem, required_by
from samspill.portfolio.domain.optimise_search import Found, search

_FEW = 30
_NOTHING = 1e-9


@attrs.frozen
class Need:
    """What would bring one initiative in.

    value: how much more it must be worth. budget, load: what is missing by row and group when all the chosen stay.
    missing, against: ids. method: `exact`, `dual`, or `never` (it cannot be in under these limits and rules).
    """

    value: float | None
    budget: list[float]
    load: list[float]
    missing: list[str]
    against: list[str]
    method: str

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command."""
        return attrs.asdict(self)


def needs(problem: Problem, model: Model, found: Found, *, ends: float) -> dict[str, Need]:
    """Return what each initiative left out would need, by id; solves again while there is time until `ends`."""
    left_out = [int(j) for j in np.flatnonzero(~found.chosen)]
    ancestors = required_by(problem.requires)
    rivals = _rivals(problem)
    exact = found.gap == 0 and problem.size <= _FEW
    chosen = np.flatnonzero(found.chosen)
    used = problem.cost[:, chosen].sum(axis=1), problem.load[:, chosen].sum(axis=1)
    needed = {}
    for at in left_out:
        missing = [a for a in sorted(ancestors[at]) if not found.chosen[a]]
        comes = [at, *missing]
        against = sorted({r for one in comes for r in rivals[one] if found.chosen[r]})
        value, method = _price(model, found, at, comes, exact=exact, ends=ends)
        needed[problem.ids[at]] = Need(
            value=value,
            budget=_lacking(used[0] + problem.cost[:, comes].sum(axis=1), problem.budgets),
            load=_lacking(used[1] + problem.load[:, comes].sum(axis=1), problem.load_limits),
            missing=[problem.ids[a] for a in missing],
            against=[problem.ids[a] for a in against],
            method=method,
        )
    return needed


def _rivals(problem: Problem) -> list[set[int]]:
    """Return who excludes whom, both ways."""
    found: list[set[int]] = [set() for _ in range(problem.size)]
    for at, others in enumerate(problem.excludes):
        for other in others:
            found[at].add(other)
            found[other].add(at)
    return found


def _lacking(used: Array, limits: Array) -> list[float]:
    over = used - limits
    room = _NOTHING * np.maximum(1.0, limits)
    return [round(float(o), 9) if o > r else 0.0 for o, r in zip(over, room, strict=True)]


def _price(
    model: Model, found: Found, at: int, comes: list[int], *, exact: bool, ends: float
) -> tuple[float | None, str]:
    if at in model.barred:
        return None, "never"
    left = ends - time.monotonic()
    if exact and left > 0:
        forced = attrs.evolve(model, fixed=model.fixed | {at})
        try:
            other = search(forced, time_limit_s=left)
        except TimeoutError:
            other = None
        else:
            if other is None:
                return None, "never"
        if other is not None and other.gap == 0:
            return round(max(0.0, found.value - other.value), 9), "exact"
    uses = float((found.relaxed.prices @ model.capacity[:, comes]).sum())
    return round(max(0.0, uses - float(model.value[comes].sum())), 9), "dual"
