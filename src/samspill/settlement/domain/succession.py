"""Carry what was agreed through mergers and splits of municipalities.

A municipality that is merged hands all it owes and is owed to the new one. One that is split divides it among
the new ones by the agreement's stated rule: by inhabitants where their shares are known, else equally.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from samspill.kernel.money import Ore
from samspill.settlement.domain.apportion import apportion, in_proportion

#: What a party has become: (successor, share of the people or None when not known).
Successors = Sequence[tuple[str, Fraction | None]]
SPLIT_RULES = ("inhabitants", "equal")


def weights_of(successors: Successors, rule: str) -> dict[str, Fraction]:
    """Return how a party's amounts are divided on what it became; equally when a share is not known."""
    known = all(share is not None and share > 0 for _, share in successors)
    if rule == "inhabitants" and known:
        return {party: share for party, share in successors if share is not None}
    return {party: Fraction(1) for party, _ in successors}


def carry(
    amounts: Mapping[str, Ore], became: Mapping[str, Successors], rule: str
) -> dict[str, Ore]:
    """Return the amounts by the parties of today; what is owed in all does not change by an øre.

    Args:
        amounts: øre for each party that signed.
        became: the successors of each party that is no more; the others stay.
        rule: how a split is divided, one of SPLIT_RULES.

    >>> carry({"old": 100, "other": 5}, {"old": [("new", None)]}, "equal")
    {'new': 100, 'other': 5}
    """
    found: dict[str, Ore] = {}
    for party, ore in amounts.items():
        successors = became.get(party) or [(party, Fraction(1))]
        weights = weights_of(successors, rule)
        for successor, part in apportion(in_proportion(weights, Fraction(ore)), ore).items():
            found[successor] = found.get(successor, 0) + part
    return found
