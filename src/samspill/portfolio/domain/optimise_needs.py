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
    exact = found.gap == 0 and problem.size <= _FEW
    return {
        problem.ids[at]: _need(problem, model, found, at, ancestors, exact=exact, ends=ends)
        for at in left_out
    }


def _need(
    problem: Problem,
    model: Model,
    found: Found,
    at: int,
    ancestors: list[frozenset[int]],
    *,
    exact: bool,
    ends: float,
) -> Need:
    missing = [a for a in sorted(ancestors[at]) if not found.chosen[a]]
    comes = [at, *missing]
    against = sorted(
        {
            other
            for one in comes
            for other in range(problem.size)
            if found.chosen[other]
            and (other in problem.excludes[one] or one in problem.excludes[other])
        }
        if any(problem.excludes)
        else ()
    )
    if at in model.barred:
        value, method = None, "never"
    else:
        value, method = _price(model, found, at, comes, exact=exact, ends=ends)
    inside = np.flatnonzero(found.chosen)
    return Need(
        value=value,
        budget=_lacking(problem.cost, problem.budgets, inside, comes),
        load=_lacking(problem.load, problem.load_limits, inside, comes),
        missing=[problem.ids[a] for a in missing],
        against=[problem.ids[a] for a in against],
        method=method,
    )


def _lacking(weight: Array, limits: Array, inside: Array, comes: list[int]) -> list[float]:
    used = weight[:, inside].sum(axis=1) + weight[:, comes].sum(axis=1)
    over = used - limits
    return [
        round(float(o), 9) if o > _NOTHING * max(1.0, b) else 0.0
        for o, b in zip(over, limits, strict=True)
    ]


def _price(
    model: Model, found: Found, at: int, comes: list[int], *, exact: bool, ends: float
) -> tuple[float | None, str]:
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
