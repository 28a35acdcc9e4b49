"""Shapley's value: each party pays what it adds, on average over every order of joining.

By additivity the value of a sum is the sum of the values, and each part of a joint cost has a value in
closed form (no sampling): a fixed cost is divided equally, own use is each its own, capacity sized by the
largest need follows the airport rule, and an adapter is divided equally among its vendor's users.

Sources: L. S. Shapley, "A value for n-person games" (1953); S. C. Littlechild and G. Owen, "A simple
expression for the Shapley value in a special case" (Management Science 20, 1973) for the airport rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from math import factorial

from samspill.kernel.outcome import refuse
from samspill.settlement.domain.game import MOST_FOR_ALL, CoalitionCosts, Game, Structure

_ZERO = Fraction(0)


def shapley(game: Game) -> dict[str, Fraction]:
    """Return the value of each party, exact.

    Raises:
        RefusedError: costs are given by group, and there are too many parties or a group is missing.
    """
    return by_additivity(game) if isinstance(game, Structure) else by_brute_force(game)


def by_additivity(structure: Structure) -> dict[str, Fraction]:
    """Return the value as the sum over the parts; n log n steps for n parties.

    >>> game = Structure(ids=("a", "b"), fixed=Fraction(10), own={"a": Fraction(3)})
    >>> {party: int(value) for party, value in by_additivity(game).items()}
    {'a': 8, 'b': 5}
    """
    equal = structure.fixed / len(structure.ids)
    adapter = {
        vendor: cost / structure.users[vendor]
        for vendor, cost in structure.adapters.items()
        if structure.users[vendor]
    }
    needs = airport({party: structure.capacity.get(party, _ZERO) for party in structure.ids})
    return {
        party: equal
        + structure.own.get(party, _ZERO)
        + needs[party]
        + adapter.get(structure.vendor.get(party, ""), _ZERO)
        for party in structure.ids
    }


def airport(needs: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return the value of each party when the largest need decides what all together cost.

    Sorted by need, each step up is divided equally among those who need at least so much.

    >>> {k: str(v) for k, v in airport({"a": Fraction(6), "b": Fraction(12), "c": Fraction(15)}).items()}
    {'a': '2', 'b': '5', 'c': '8'}
    """
    order = sorted(needs, key=needs.__getitem__)
    values: dict[str, Fraction] = {}
    below, value = _ZERO, _ZERO
    for rank, party in enumerate(order):
        step = needs[party] - below
        if step:
            value += step / (len(order) - rank)
            below = needs[party]
        values[party] = value
    return values


def by_brute_force(game: Game) -> dict[str, Fraction]:
    """Return the value by trying every group; for up to twelve parties.

    Raises:
        RefusedError: there are more parties, or the cost of a group is not known.
    """
    ids = game.ids
    if len(ids) > MOST_FOR_ALL:
        raise refuse(
            "too_many_parties",
            "%(count)s parties have too many groups to give a cost for each.",
            where="coalition_costs",
            remedy="Give at most %(most)s parties, or the parts: fixed, own, capacity_cost, vendor, adapters",
            values={"count": len(ids), "most": MOST_FOR_ALL},
        )
    costs = _every_cost(game)
    whole = factorial(len(ids))
    weight = [
        Fraction(factorial(size) * factorial(len(ids) - size - 1), whole)
        for size in range(len(ids))
    ]
    values = dict.fromkeys(ids, _ZERO)
    for bit, party in enumerate(ids):
        mine = 1 << bit
        sums = [_ZERO] * len(ids)
        for group in range(len(costs)):
            if not group & mine:
                sums[group.bit_count()] += costs[group | mine] - costs[group]
        values[party] = sum((w * s for w, s in zip(weight, sums, strict=True)), _ZERO)
    return values


def _every_cost(game: Game) -> list[Fraction]:
    """Return the cost of every group by its bits."""
    found: list[Fraction] = [_ZERO] * (1 << len(game.ids))
    missing: list[str] = []
    for size in range(1, len(game.ids) + 1):
        for places in combinations(range(len(game.ids)), size):
            group = [game.ids[place] for place in places]
            cost = game.cost(group)
            if cost is None:
                missing.append("+".join(group))
            else:
                found[sum(1 << place for place in places)] = cost
    if missing:
        raise refuse(
            "missing_coalitions",
            "The cost of %(count)s groups is not given, among them %(some)s.",
            where="coalition_costs",
            remedy="Give a cost for every group of the parties",
            values={"count": len(missing), "some": ", ".join(missing[:5])},
        )
    return found


def as_coalition_costs(game: Game) -> CoalitionCosts:
    """Return the same game with a cost written out for every group (few parties only)."""
    costs = {
        frozenset(group): cost
        for size in range(1, len(game.ids) + 1)
        for group in combinations(game.ids, size)
        if (cost := game.cost(group)) is not None
    }
    return CoalitionCosts(ids=game.ids, costs=costs)
