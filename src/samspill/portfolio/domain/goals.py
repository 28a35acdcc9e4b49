"""What a round asks for: kroner, hours freed, citizens' time, gain to the smallest, or a weighing of them.

One goal alone is counted in its own unit. Several are weighed in points: a goal's weight (per cent) times the share an
initiative has of what all candidates together would give of it, so that 100 points is everything of everything and no
hour is priced in kroner behind anybody's back. The weights are the ministry's, recorded with the round before any
answer is known; whatever they are, the efficient front shows all four goals beside (governance: never one number only).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from samspill.kernel.outcome import refuse
from samspill.portfolio.domain.entering import GOALS, Figures
from samspill.portfolio.domain.texts import noop as _

KRONER = "kroner"
ALL = (KRONER, *GOALS)
WHOLE = 100.0
PLAIN: Mapping[str, float] = {KRONER: WHOLE}
POINTS = "points"
_UNITS = {
    KRONER: "NOK",
    "hours_freed": "hours",
    "citizen_hours": "hours",
    "gain_smallest_nok": "NOK",
}
#: Only to choose between starts that are alike in what is asked for: the one with more kroner.
_TIE = 1e-7


def read(weights: Any) -> dict[str, float]:
    """Return the weights of the goals in per cent, in the order of `ALL`; none given is kroner alone.

    Raises:
        RefusedError: `bad_objective`: an unknown goal, no number, one below zero, or a sum that is not 100.

    >>> read({"hours_freed": 40, "kroner": 60}), read(None)
    ({'kroner': 60.0, 'hours_freed': 40.0}, {'kroner': 100.0})
    """
    if not weights:
        return dict(PLAIN)
    if not isinstance(weights, Mapping):
        raise _bad("objective")
    for name, weight in weights.items():
        good = isinstance(weight, int | float) and not isinstance(weight, bool)
        if name not in ALL or not good or not math.isfinite(weight) or weight < 0:
            where = f"objective.{name}"
            raise _bad(where)
    found = {name: float(weights[name]) for name in ALL if weights.get(name)}
    if not math.isclose(sum(found.values()), WHOLE, abs_tol=1e-6):
        raise _bad("objective")
    return found


def _bad(where: str) -> Exception:
    return refuse(
        "bad_objective",
        _("The weights of the goals must be per cent that come to 100."),
        where=where,
        remedy=_("Weigh kroner, hours freed, citizens' hours and gain to the smallest."),
    )


def unit_of(weights: Mapping[str, float]) -> str:
    """Return what a weighing counts in: `NOK` or `hours` for one goal alone, else `points`."""
    return _UNITS[next(iter(weights))] if len(weights) == 1 else POINTS


@attrs.frozen
class Objective:
    """A weighing of the goals over the candidates of a round. per_unit: what one unit of each goal counts."""

    weights: Mapping[str, float]
    per_unit: Mapping[str, float]

    def value(self, figures: Figures) -> dict[int, float]:
        """Return what each start of an initiative counts."""
        fixed = self._fixed(figures)
        per_krone = self._per_krone()
        return {year: fixed + per_krone * nok for year, nok in figures.value.items()}

    def of_draws(self, figures: Figures, start: int, count: int) -> list[float]:
        """Return what a start counts in each draw; hours and the smallest's gain are the same in all of them."""
        nok = figures.draws[start][:count] if figures.draws else [figures.value[start]] * count
        return list(self._fixed(figures) + self._per_krone() * np.asarray(nok, float))

    def _fixed(self, figures: Figures) -> float:
        return sum(
            per * figures.goals.get(name, 0.0)
            for name, per in self.per_unit.items()
            if name != KRONER
        )

    def _per_krone(self) -> float:
        return self.per_unit[KRONER]


def objective(weights: Mapping[str, float], every: Mapping[str, Figures]) -> Objective:
    """Return the weighing over the candidates of a round; a goal that nobody gives anything of counts nothing."""
    totals = {name: sum(max(0.0, amount_of(one, name)) for one in every.values()) for name in ALL}
    if len(weights) == 1:
        per = dict.fromkeys(weights, 1.0)
    else:
        per = {name: w / totals[name] if totals[name] else 0.0 for name, w in weights.items()}
    if KRONER not in per:
        asked = sum(per[name] * totals[name] for name in per)
        per[KRONER] = _TIE * asked / totals[KRONER] if totals[KRONER] else 0.0
    return Objective(dict(weights), per)


def amount_of(figures: Figures, name: str, start: int | None = None) -> float:
    """Return what an initiative gives of a goal; of kroner in a start year, or in its best."""
    if name == KRONER:
        return figures.value[start] if start is not None else max(figures.value.values())
    return figures.goals.get(name, 0.0)


def totals(starts: Mapping[str, int], every: Mapping[str, Figures]) -> dict[str, float]:
    """Return what a choice (initiative → start year) gives of each goal."""
    return {
        name: sum(amount_of(every[one], name, start) for one, start in starts.items())
        for name in ALL
    }
