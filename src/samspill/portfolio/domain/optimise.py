"""Chooses the portfolio that is worth the most within budgets and capacity, and shows how sure the answer is.

`optimise_json` is what the command, the page and the API call: it reads (`optimise_reading`), builds the model
(`optimise_model`), searches and proves (`optimise_search`) and tells what was left out and why (`optimise_needs`).
Method: binary linear programme by HiGHS; never a suggestion without its proven gap.
"""

from __future__ import annotations

import math
import time
from typing import Any

import attrs
import numpy as np

from samspill.kernel.outcome import refuse
from samspill.portfolio.domain.optimise_model import Problem, model_of
from samspill.portfolio.domain.optimise_needs import Need, needs
from samspill.portfolio.domain.optimise_reading import read
from samspill.portfolio.domain.optimise_search import search


@attrs.frozen
class Suggestion:
    """A portfolio with its proof.

    value: what the chosen are worth. bound: no choice is worth more. gap: (bound - value) / value, 0 when proven best.
    greedy_value: what the choice by hand is worth. shadow_prices: what one more unit of each budget is worth at the
    margin; load_prices: the same of each load group. used: of each budget. excluded: what each left out would need.
    """

    value: float
    chosen: tuple[str, ...]
    gap: float
    greedy_value: float
    bound: float
    shadow_prices: tuple[float, ...]
    load_prices: tuple[float, ...]
    used: tuple[float, ...]
    excluded: dict[str, Need]

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command."""
        return {
            **attrs.asdict(self, recurse=False),
            "chosen": list(self.chosen),
            "shadow_prices": list(self.shadow_prices),
            "load_prices": list(self.load_prices),
            "used": list(self.used),
            "excluded": {key: need.as_json() for key, need in self.excluded.items()},
        }


def optimise_json(data: Any) -> dict[str, Any]:
    """Return the suggestion for a portfolio given as JSON (`optimise_reading` has the shape).

    Raises:
        RefusedError: the input is wrong (place and remedy are named), or the time was too short for any answer.
    """
    return optimise(read(data)).as_json()


def optimise(problem: Problem) -> Suggestion:
    """Return the suggestion for a problem that was read and checked."""
    began = time.monotonic()
    model = model_of(problem)
    try:
        found = search(model, time_limit_s=problem.time_limit_s)
    except TimeoutError:
        found = None
    if found is None:
        raise refuse(
            "no_choice_found",
            "no choice that keeps the limits was found in %(seconds)s seconds",
            where="time_limit_s",
            remedy="Give more time, or make fewer initiatives mandatory",
            values={"seconds": f"{problem.time_limit_s:g}"},
        )
    inside = np.flatnonzero(found.chosen)
    value = math.fsum(problem.value[inside])
    prices = [float(price) for price in found.relaxed.prices]
    rows = len(problem.budgets)
    by_hand = found.greedy if found.greedy is not None else np.zeros(problem.size, bool)
    return Suggestion(
        value=value,
        chosen=tuple(problem.ids[j] for j in inside),
        gap=found.gap,
        greedy_value=math.fsum(problem.value[by_hand]),
        bound=max(value, found.bound) if found.gap else value,
        shadow_prices=tuple(prices[:rows]),
        load_prices=tuple(prices[rows:]),
        used=tuple(math.fsum(row[inside]) for row in problem.cost),
        excluded=needs(problem, model, found, ends=began + problem.time_limit_s),
    )
