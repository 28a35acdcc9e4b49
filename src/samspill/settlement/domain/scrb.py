"""Separable cost, remaining benefit: each pays what it alone adds, and the rest by what joining saves it.

Source: the method of multipurpose water works (Federal Inter-Agency River Basin Committee, 1950), as in
H. P. Young, "Cost allocation" (Handbook of Game Theory II, 1994).
"""

from __future__ import annotations

from fractions import Fraction

from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain.apportion import in_proportion
from samspill.settlement.domain.game import Game

_ZERO = Fraction(0)


def scrb(game: Game) -> dict[str, Fraction]:
    """Return the share of each party, exact.

    The separable cost of a party is what it adds to the others together; its remaining benefit is what it
    costs alone less that, never below zero. What is not separable is divided by remaining benefit, and
    equally when nobody has any.

    Raises:
        RefusedError: the cost of all, of one alone or of all but one is not known.
    """
    together = game.cost(game.ids)
    if together is None:
        raise missing_coalition("+".join(game.ids))
    separable = {party: _known(game.marginal(party), game, party) for party in game.ids}
    benefit = {
        party: max(_ZERO, _known(game.alone(party), game, party) - separable[party])
        for party in game.ids
    }
    rest = together - sum(separable.values(), _ZERO)
    if not any(benefit.values()):
        benefit = dict.fromkeys(game.ids, Fraction(1))
    parts = in_proportion(benefit, rest)
    return {party: separable[party] + parts[party] for party in game.ids}


def _known(cost: Fraction | None, game: Game, party: str) -> Fraction:
    if cost is not None:
        return cost
    others = [other for other in game.ids if other != party]
    absent = party if game.alone(party) is None else "+".join(others)
    raise missing_coalition(absent)


def missing_coalition(group: str) -> RefusedError:
    """Return the refusal when the cost of a group is needed and not given."""
    return refuse(
        "missing_coalitions",
        "The cost of the group %(group)s is not given.",
        where="coalition_costs",
        remedy="Give the cost of all together, of each party alone, and of all but each",
        values={"group": group},
    )
