"""Finds the best choice of a model, and proves how far from the best it can be.

HiGHS (inside SciPy) does the proving. Around it stands what makes it quick on portfolios:

1. The linear answer first: its value is a bound, its prices tell which columns are nearly decided.
2. The greedy choice, which anybody can follow with a pencil, is the first incumbent.
3. Two cores, two ways. One thread gives HiGHS the whole model. The other solves the *core* first (the columns whose
   reduced cost is small), which gives a good choice in a fraction of the time; then it fixes every column whose reduced
   cost is larger than what is left between bound and incumbent, since those can never change, and proves the rest.
4. SciPy's door to HiGHS takes no starting point. So the model is *turned round the incumbent*: every chosen column is
   replaced by its opposite, and the incumbent becomes "change nothing", the first thing HiGHS tries by itself.

The best choice of both and the lower of their bounds is the answer. Same model, same answer, as long as the proof is
finished before the time is up.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

from samspill.portfolio.domain.optimise_model import Array, Model

_CLOSE = 1e-9
_PROVEN = 1e-9
_CORE = 40
_CORE_NEAR = 1e-5
_CORE_SHARE = 0.25
_USED = 0.97
_SMALL = 60
_TIGHTER = 2e-6


@attrs.frozen(eq=False)
class Relaxed:
    """The linear answer: value, share of each column (n), reduced cost (n), price of each limit (m)."""

    value: float
    share: Array
    reduced: Array
    prices: Array
    logic_prices: Array


@attrs.frozen(eq=False)
class Found:
    """A choice (n booleans), its value, a bound no choice passes, and the linear and greedy answers beside it."""

    chosen: Array
    value: float
    bound: float
    relaxed: Relaxed
    greedy: Array | None

    @property
    def gap(self) -> float:
        """How far the value can be from the best, as a share of the value."""
        if self.bound <= self.value:
            return 0.0
        return (self.bound - self.value) / max(abs(self.value), _CLOSE)


@attrs.frozen(eq=False)
class _Answer:
    chosen: Array | None
    bound: float
    finished: bool


def relax(model: Model) -> Relaxed | None:
    """Return the linear answer (columns may be taken in part), or None when nothing keeps the rows."""
    if model.size == 0:
        nothing = np.zeros(0)
        return Relaxed(0.0, nothing, nothing, np.zeros(len(model.limits)), nothing)
    a, b = _rows(model)
    lower, upper = _bounds(model)
    answer = scipy.optimize.linprog(
        -model.value, A_ub=a, b_ub=b, bounds=np.stack([lower, upper], 1), method="highs"
    )
    if answer.x is None:
        return None
    prices = np.maximum(0.0, -answer.ineqlin.marginals)
    limits = len(model.limits)
    return Relaxed(
        value=-float(answer.fun),
        share=np.asarray(answer.x),
        reduced=-(answer.lower.marginals + answer.upper.marginals),
        prices=prices[:limits],
        logic_prices=prices[limits:],
    )


def greedy(model: Model) -> Array | None:
    """Take the most valuable per unit of cost that still fits, again and again; None when a rule is left unmet.

    Cost is all that a column uses of all limits, each limit counted as one whole. What must be in comes first: fixed
    columns, then the best of each row that needs one. Nothing is ever taken out again: this is the choice one makes by
    hand, and what the real one is measured against.
    """
    hand = _Hand(model)
    scale = np.where(model.limits > _CLOSE, model.limits, 1.0)
    weight = (model.capacity / scale[:, None]).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(weight > 0, model.value / np.maximum(weight, _CLOSE * _CLOSE), np.inf)
    order = np.lexsort((np.arange(model.size), -worth))
    must = [int(row) for row in np.flatnonzero(model.low > 0)]
    hand.go_through(must, lambda row: any(map(hand.take, _best_of(model, row))))
    wanted = [int(j) for j in order if model.value[j] > 0 and not hand.chosen[j]]
    hand.go_through(wanted, hand.take)
    return hand.chosen if model.allows(hand.chosen) else None


def _best_of(model: Model, row: int) -> list[int]:
    """Return the columns of a row of the logic, the most valuable first."""
    columns = model.logic.indices[model.logic.indptr[row] : model.logic.indptr[row + 1]]
    return sorted(map(int, columns), key=lambda j: (-model.value[j], j))


class _Hand:
    """A choice under way: what is chosen, what is left of each limit, where each rule stands."""

    def __init__(self, model: Model) -> None:
        self._model, self._columns = model, model.logic.tocsc()
        self.chosen = np.isin(np.arange(model.size), sorted(model.fixed))
        self._left = model.limits - model.capacity @ self.chosen
        self._left += _CLOSE * np.maximum(1.0, np.abs(model.limits))
        self._said = model.logic @ self.chosen.astype(float)

    def take(self, j: int) -> bool:
        """Take a column if it fits and no rule is against it; tell whether it was taken."""
        model, columns = self._model, self._columns
        rows = slice(columns.indptr[j], columns.indptr[j + 1])
        touched, entries = columns.indices[rows], columns.data[rows]
        breaks = (self._said[touched] + entries > model.high[touched] + _CLOSE).any()
        if breaks or j in model.barred or (model.capacity[:, j] > self._left).any():
            return False
        self.chosen[j] = True
        self._left -= model.capacity[:, j]
        self._said[touched] += entries
        return True

    def go_through(self, waiting: list[int], take: Callable[[int], bool]) -> None:
        """Go through a list until nothing more is taken: what is required may come in after what requires it."""
        while waiting:
            still = [one for one in waiting if not take(one)]
            if len(still) == len(waiting):
                return
            waiting = still


def search(model: Model, *, time_limit_s: float) -> Found | None:
    """Return the best choice found in the time, with its bound; None when nothing keeps the rows.

    Raises:
        TimeoutError: no choice was found in the time (it is not known whether there is one).
    """
    ends = time.monotonic() + time_limit_s * _USED  # HiGHS looks at the clock now and then
    relaxed = relax(model)
    if relaxed is None:
        return None
    first = greedy(model)
    if model.size <= _SMALL or first is None:
        answers = [_solve(model, first, ends=ends)]
    else:
        with ThreadPoolExecutor(2) as pool:
            straight = pool.submit(_solve, model, None, ends=ends)
            around = pool.submit(_around, model, relaxed, first, ends, time_limit_s, straight)
            answers = [straight.result(), *around.result()]
    return _found(model, relaxed, first, answers)


def _found(
    model: Model, relaxed: Relaxed, first: Array | None, answers: list[_Answer]
) -> Found | None:
    """Join what the threads say: the best choice of all, and the lowest of the bounds."""
    best = functools.reduce(lambda a, b: _better(model, a, b.chosen), answers, None)
    best = _better(model, best, first)
    if best is None:
        if any(answer.finished for answer in answers):
            return None
        raise TimeoutError
    value = model.total(best)
    bound = min(relaxed.value, *(max(answer.bound, value) for answer in answers))
    if bound - value <= _PROVEN * max(1.0, abs(value)):
        bound = value
    return Found(best, value, bound, relaxed, first)


def _around(
    model: Model,
    relaxed: Relaxed,
    first: Array,
    ends: float,
    whole: float,
    straight: Future[_Answer],
) -> list[_Answer]:
    """Solve the core, fix what can be fixed, and prove the rest from the incumbent.

    The bound of the core is of the core alone and says nothing; the bound of what is left after fixing holds for all,
    because what was fixed cannot be better than the incumbent.
    """
    until = min(ends, time.monotonic() + _CORE_SHARE * whole)
    core = _solve(_core(model, relaxed), first, ends=until, near=_CORE_NEAR)
    best = _better(model, first, core.chosen)
    assert best is not None
    found = [_Answer(best, np.inf, finished=False)]
    if straight.done() and straight.result().finished:
        return found
    return [*found, _solve(_fix(model, relaxed, best), best, ends=ends)]


def _core(model: Model, relaxed: Relaxed) -> Model:
    """Return the model with all columns decided as the linear answer has them, except those nearly undecided."""
    size = np.abs(relaxed.reduced)
    free = np.argsort(size, kind="stable")[: int((size < _CLOSE).sum()) + _CORE]
    settled = np.ones(model.size, bool)
    settled[free] = False
    return _settle(model, settled, relaxed.share > 0.5)  # noqa: PLR2004 - one or nothing


def _settle(model: Model, settled: Array, at: Array) -> Model:
    inside = {int(j) for j in np.flatnonzero(settled & at)}
    outside = {int(j) for j in np.flatnonzero(settled & ~at)}
    return attrs.evolve(
        model,
        fixed=frozenset(inside - model.barred) | model.fixed,
        barred=frozenset(outside - model.fixed) | model.barred,
    )


def _fix(model: Model, relaxed: Relaxed, best: Array) -> Model:
    """Fix the columns that no better choice can have otherwise (reduced cost beyond what is left to gain)."""
    left = relaxed.value - model.total(best)
    settled = np.abs(relaxed.reduced) > left + _CLOSE * max(1.0, abs(relaxed.value))
    return _settle(model, settled, relaxed.share > 0.5)  # noqa: PLR2004 - one or nothing


def _better(model: Model, known: Array | None, other: Array | None) -> Array | None:
    """Return the more valuable of two choices; the first when they are alike."""
    if other is None or not model.allows(other):
        return known
    if known is None or model.total(other) > model.total(known) + _CLOSE:
        return other
    return known


def _solve(model: Model, start: Array | None, *, ends: float, near: float = 0.0) -> _Answer:
    """Let HiGHS solve the model turned round `start`; stop at `ends` or when `near` is proven."""
    turned = start if start is not None and model.allows(start) else np.zeros(model.size, bool)
    answer = _turned(model, turned, ends, near, slack=0.0)
    if answer.chosen is None or model.allows(answer.chosen):
        return answer
    tighter = _turned(model, turned, ends, near, slack=_TIGHTER)
    return attrs.evolve(tighter, bound=answer.bound, finished=False)


def _turned(model: Model, start: Array, ends: float, near: float, *, slack: float) -> _Answer:
    sign = np.where(start, -1.0, 1.0)
    lower, upper = _bounds(model)
    scale = np.maximum(model.capacity.max(axis=1, initial=0.0), _CLOSE)
    rows = scipy.sparse.vstack(
        [scipy.sparse.csr_matrix(model.capacity / scale[:, None]), model.logic]
    ).tocsr()
    high = np.concatenate([model.limits / scale * (1 - slack) - slack, model.high])
    low = np.concatenate([np.full(len(model.limits), -np.inf), model.low])
    base = rows @ start.astype(float)
    left = ends - time.monotonic()
    if left <= 0 or model.size == 0:
        bound = np.inf if model.size else 0.0
        return _Answer(start if model.allows(start) else None, bound, finished=model.size == 0)
    answer = scipy.optimize.milp(
        -model.value * sign,
        constraints=scipy.optimize.LinearConstraint(
            (rows @ scipy.sparse.diags(sign)).tocsr(), low - base, high - base
        ),
        integrality=np.ones(model.size),
        bounds=scipy.optimize.Bounds(
            np.where(start, 1 - upper, lower), np.where(start, 1 - lower, upper)
        ),
        options={"time_limit": left, "mip_rel_gap": near},
    )
    finished = answer.status in (0, 2)
    if answer.x is None:
        return _Answer(None, -np.inf if answer.status == 2 else np.inf, finished)  # noqa: PLR2004
    chosen = (np.asarray(answer.x) > 0.5) != start  # noqa: PLR2004 - one or nothing
    bound = model.total(start) - float(answer.mip_dual_bound)
    return _Answer(chosen, bound, finished)


def _rows(model: Model) -> tuple[scipy.sparse.csr_matrix, Array]:
    """Return all rows as `a x ≤ b`; the limits first, then the upper bounds of the logic, then its lower ones."""
    below = np.isfinite(model.low)
    above = np.isfinite(model.high)
    parts = [scipy.sparse.csr_matrix(model.capacity), model.logic[above], -model.logic[below]]
    b = np.concatenate([model.limits, model.high[above], -model.low[below]])
    return scipy.sparse.vstack(parts).tocsr(), b


def _bounds(model: Model) -> tuple[Array, Array]:
    lower, upper = np.zeros(model.size), np.ones(model.size)
    lower[sorted(model.fixed)] = 1.0
    upper[sorted(model.barred - model.fixed)] = 0.0
    return lower, upper
