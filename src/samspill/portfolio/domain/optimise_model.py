"""The choice of initiatives as numbers: what may be chosen, what it is worth, and what limits the choice.

    Problem     initiatives as people state them: value, cost by budget row, load by group, requires, excludes
    Model       columns and rows: most `value·x` with `capacity x ≤ limits`, `low ≤ logic x ≤ high`, x 0 or 1

A problem becomes a model by `model_of`; a round with start years by `rounds.model_of`. The rows are tightened
before anything is solved: each requirement is a row of its own (the closest linear form), and exclusions are
gathered into cliques (at most one of the whole group), also those that follow from what is required.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]
else:  # numpy is read when something is computed (`kernel.later`)
    Array = Any
TOLERANCE = 1e-9
_MOST_CONFLICTS = 200_000


@attrs.frozen(eq=False)
class Problem:
    """Initiatives to choose among, in the order given.

    value: (n). cost: (budget rows, n). budgets: (budget rows). load: (groups, n). load_limits: (groups).
    requires, excludes: for each initiative, positions of others. mandatory: positions.
    Units are the caller's own; cost and load are never negative.
    """

    ids: tuple[str, ...]
    value: Array
    cost: Array
    budgets: Array
    load: Array
    load_limits: Array
    requires: tuple[tuple[int, ...], ...]
    excludes: tuple[tuple[int, ...], ...]
    mandatory: frozenset[int]
    time_limit_s: float

    @property
    def size(self) -> int:
        """How many initiatives there are."""
        return len(self.ids)


@attrs.frozen(eq=False)
class Model:
    """Columns to choose among and the rows that bind them.

    value: (n). capacity: (m, n) dense, never negative. limits: (m). logic: (k, n) sparse with bounds low, high (k).
    fixed: columns that must be 1. barred: columns that can never be 1.
    """

    value: Array
    capacity: Array
    limits: Array
    logic: scipy.sparse.csr_matrix
    low: Array
    high: Array
    fixed: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.value)

    def total(self, chosen: Array) -> float:
        """Return the value of a choice (n booleans)."""
        return float(self.value[chosen].sum())

    def allows(self, chosen: Array) -> bool:
        """Tell whether a choice (n booleans) keeps every row, with room only for rounding."""
        x = chosen.astype(float)
        used, said = self.capacity @ x, self.logic @ x
        room = TOLERANCE * np.maximum(1.0, np.abs(self.limits))
        in_place = all(chosen[j] for j in self.fixed) and not any(chosen[j] for j in self.barred)
        return bool(
            in_place
            and np.all(used <= self.limits + room)
            and np.all(said <= self.high + TOLERANCE)
            and np.all(said >= self.low - TOLERANCE)
        )


def model_of(problem: Problem) -> Model:
    """Return the model of a problem, tightened."""
    ancestors = required_by(problem.requires)
    conflicts, barred = _conflicts(problem, ancestors)
    rows = Rows(problem.size)
    for at, needed in enumerate(problem.requires):
        for other in needed:
            rows.add({at: 1.0, other: -1.0}, high=0.0)
    for clique in cliques(conflicts):
        rows.add(dict.fromkeys(clique, 1.0), high=1.0)
    fixed = {*problem.mandatory, *(a for at in problem.mandatory for a in ancestors[at])}
    logic, low, high = rows.matrix()
    barred |= set(np.flatnonzero(_alone_too_much(problem, ancestors)).tolist())
    return Model(
        value=problem.value,
        capacity=np.vstack([problem.cost, problem.load]),
        limits=np.concatenate([problem.budgets, problem.load_limits]),
        logic=logic,
        low=low,
        high=high,
        fixed=frozenset(fixed),
        barred=frozenset(barred),
    )


def required_by(requires: Sequence[Iterable[int]]) -> list[frozenset[int]]:
    """Return, for each, all that it needs through any number of steps. The relation must have no cycle."""
    found: list[frozenset[int] | None] = [None] * len(requires)
    for start in range(len(requires)):
        stack = [start]
        while stack:
            at = stack[-1]
            waiting = [other for other in requires[at] if found[other] is None]
            if waiting:
                stack += waiting
                continue
            stack.pop()
            if found[at] is None:
                found[at] = frozenset(requires[at]).union(*(found[o] or () for o in requires[at]))
    return [each or frozenset() for each in found]


def _alone_too_much(problem: Problem, ancestors: list[frozenset[int]]) -> Array:
    """Tell which cannot be chosen even alone: with what they require they break a limit."""
    weight = np.vstack([problem.cost, problem.load])
    limits = np.concatenate([problem.budgets, problem.load_limits])
    whole = weight.copy()
    for at, needed in enumerate(ancestors):
        if needed:
            whole[:, at] += weight[:, sorted(needed)].sum(axis=1)
    room = TOLERANCE * np.maximum(1.0, np.abs(limits))
    return np.asarray((whole > (limits + room)[:, None]).any(axis=0))


def _conflicts(
    problem: Problem, ancestors: list[frozenset[int]]
) -> tuple[list[set[int]], set[int]]:
    """Return who cannot stand with whom, and those who cannot stand with what they themselves require."""
    direct: list[set[int]] = [set() for _ in range(problem.size)]
    for at, others in enumerate(problem.excludes):
        for other in others:
            direct[at].add(other)
            direct[other].add(at)
    dependents: list[list[int]] = [[at] for at in range(problem.size)]
    for at, needed in enumerate(ancestors):
        for other in needed:
            dependents[other].append(at)
    wide: list[set[int]] = [set() for _ in range(problem.size)]
    barred: set[int] = set()
    pairs = 0
    for at, known in enumerate(direct):
        for other in (o for o in known if o > at):
            pairs += len(dependents[at]) * len(dependents[other])
            if (
                pairs > _MOST_CONFLICTS
            ):  # what follows may be left out: the rows of requirements say it too
                return direct, barred
            barred |= set(dependents[at]) & set(dependents[other])
            _mark(wide, dependents[at], dependents[other])
    return wide, barred


def _mark(wide: list[set[int]], some: list[int], others: list[int]) -> None:
    for a in some:
        wide[a].update(b for b in others if b != a)
    for b in others:
        wide[b].update(a for a in some if a != b)


def cliques(conflicts: Sequence[set[int]]) -> list[list[int]]:
    """Return groups of which at most one can stand, that together hold every conflicting pair.

    Greedy: each pair not yet held is grown to a clique by those who conflict with all of it. A row for a clique
    says more than rows for its pairs: with three that exclude each other, pairs alone allow one half of each.
    """
    held: set[tuple[int, int]] = set()
    found = []
    for at, others in enumerate(conflicts):
        for other in sorted(o for o in others if o > at):
            if (at, other) in held:
                continue
            clique = [at, other]
            common = others & conflicts[other]
            while common:
                more = max(common, key=lambda c: (len(conflicts[c] & common), -c))
                clique.append(more)
                common = common & conflicts[more]
            held.update((a, b) for a in clique for b in clique if a < b)
            found.append(sorted(clique))
    return found


class Rows:
    """Sparse rows under construction."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._at: list[int] = []
        self._column: list[int] = []
        self._entry: list[float] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, entries: dict[int, float], *, high: float, low: float = -math.inf) -> None:
        """Add a row: entry by column, and its bounds."""
        self._at += [len(self._high)] * len(entries)
        self._column += entries.keys()
        self._entry += entries.values()
        self._low.append(low)
        self._high.append(high)

    def matrix(self) -> tuple[scipy.sparse.csr_matrix, Array, Array]:
        """Return the rows with their low and high bounds."""
        shape = (len(self._high), self._columns)
        entries = (self._entry, (self._at, self._column))
        return (
            scipy.sparse.csr_matrix(entries, shape=shape),
            np.array(self._low),
            np.array(self._high),
        )
