"""The tests of a key, to be seen before anybody signs.

Closes to the øre · nobody pays more than alone · nobody pays less than the cost it adds · no group would do
better by leaving · kroner per inhabitant. A difference below half an øre is rounding, not unfairness: the
tests look at the exact shares. What cannot be tested is None, with the reason in `not_tested`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import attrs

from samspill.kernel.money import Ore
from samspill.settlement.domain.game import CoalitionCosts, Game
from samspill.settlement.domain.keys import Party
from samspill.settlement.domain.reading import nearest_ore
from samspill.settlement.domain.sizes import size_class

NO_COSTS = "It is not given what a party would cost alone or in another group"
SOME_COSTS = "Not every cost that the test needs is given"
NO_INHABITANTS = "Not every party has inhabitants"
_MUNICIPALITY_NO = 4
_ZERO = Fraction(0)


@attrs.frozen(kw_only=True)
class Findings:
    """Hold the outcome of the tests; savings in øre, kroner per inhabitant exact in øre."""

    closes: bool
    pays_more_than_alone: tuple[str, ...] | None
    pays_less_than_marginal: tuple[str, ...] | None
    would_leave: Mapping[str, Ore] | None
    per_inhabitant: Mapping[str, Fraction]
    by_size: Mapping[str, Fraction]
    not_tested: Mapping[str, str]


def examine(
    *,
    parties: tuple[Party, ...],
    exact: Mapping[str, Fraction],
    paid: Mapping[str, Ore],
    total: Ore,
    game: Game | None,
) -> Findings:
    """Return the outcome of every test of these shares.

    Args:
        parties: who shares, with inhabitants, vendor and region for the groups that are tried.
        exact: each party's exact share in øre, before rounding.
        paid: what each is to pay, whole øre.
        total: what the shares are to sum to.
        game: what groups would cost, when it is known.
    """
    alone = _beyond(exact, _bounds(game, "alone"), sign=1)
    marginal = _beyond(exact, _bounds(game, "marginal"), sign=-1)
    leaving = would_leave(game, parties, exact)
    tested = {
        "pays_more_than_alone": alone,
        "pays_less_than_marginal": marginal,
        "would_leave": leaving,
    }
    reason = NO_COSTS if game is None else SOME_COSTS
    not_tested = {name: reason for name, found in tested.items() if found is None}
    if any(not party.inhabitants for party in parties):
        not_tested["per_inhabitant"] = NO_INHABITANTS
    return Findings(
        closes=sum(paid.values()) == total,
        pays_more_than_alone=alone,
        pays_less_than_marginal=marginal,
        would_leave=leaving,
        per_inhabitant={p.id: paid[p.id] / p.inhabitants for p in parties if p.inhabitants},
        by_size=by_size(parties, paid),
        not_tested=not_tested,
    )


def by_size(parties: Iterable[Party], paid: Mapping[str, Ore]) -> dict[str, Fraction]:
    """Return øre per inhabitant of each size class: all its øre over all its people, smallest first."""
    sums: dict[str, tuple[Fraction, Fraction]] = {}
    for party in sorted(parties, key=lambda party: party.inhabitants or _ZERO):
        if party.inhabitants:
            name = size_class(int(party.inhabitants))
            ore, people = sums.get(name, (_ZERO, _ZERO))
            sums[name] = (ore + paid[party.id], people + party.inhabitants)
    return {name: ore / people for name, (ore, people) in sums.items()}


def would_leave(
    game: Game | None, parties: tuple[Party, ...], exact: Mapping[str, Fraction]
) -> dict[str, Ore] | None:
    """Return the groups that would pay less by themselves, and what they would save in øre.

    Every group when the parties are few, those whose cost was given when costs are by group, else the
    groups people see themselves as: size class, region, vendor.
    """
    if game is None:
        return None
    tried = game.groups()
    savings = {}
    known = 0
    for name, group in tried if tried is not None else natural_groups(parties):
        cost = game.cost(group)
        if cost is None:
            continue
        known += 1
        saving = nearest_ore(sum((exact[party] for party in group), _ZERO) - cost)
        if saving > 0:
            savings[name] = saving
    only_all = isinstance(game, CoalitionCosts) and not known and len(game.ids) > 1
    return None if only_all else savings


def natural_groups(parties: tuple[Party, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name the groups of size class, region and vendor; a group of all is none."""
    found: dict[str, list[str]] = {}
    for party in parties:
        for name in _groups_of(party):
            found.setdefault(name, []).append(party.id)
    for name in sorted(found):
        if len(found[name]) < len(parties):
            yield name, tuple(found[name])


def _groups_of(party: Party) -> Iterator[str]:
    if party.inhabitants is not None:
        yield f"size:{size_class(int(party.inhabitants))}"
    region = party.region or (party.id[:2] if _is_number(party.id) else "")
    if region:
        yield f"region:{region}"
    if party.vendor:
        yield f"vendor:{party.vendor}"


def _is_number(party: str) -> bool:
    return len(party) == _MUNICIPALITY_NO and party.isdigit()


def _bounds(game: Game | None, which: str) -> dict[str, Fraction] | None:
    """Return each party's cost alone, or what it adds; None when one of them is not known."""
    if game is None:
        return None
    ask = game.alone if which == "alone" else game.marginal
    found = {party: cost for party in game.ids if (cost := ask(party)) is not None}
    return found if len(found) == len(game.ids) else None


def _beyond(
    exact: Mapping[str, Fraction], bounds: Mapping[str, Fraction] | None, *, sign: int
) -> tuple[str, ...] | None:
    """Return who is above (sign 1) or below (sign -1) the bound by half an øre or more."""
    if bounds is None:
        return None
    return tuple(p for p, bound in bounds.items() if nearest_ore(sign * (exact[p] - bound)) > 0)
