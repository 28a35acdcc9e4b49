"""Turn exact shares into whole øre that sum to the total (largest remainder, Hamilton's method).

Everybody gets the øre below the exact share; those left over go to the largest remainders, ties to the
party named first, so that the same input gives the same øre everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from samspill.kernel.money import Ore


def apportion(exact: Mapping[str, Fraction], total: Ore) -> dict[str, Ore]:
    """Return whole øre for each party, summing to `total` exactly.

    Args:
        exact: shares in øre whose sum differs from `total` by less than one øre.
        total: what the shares must sum to.

    >>> apportion({"a": Fraction(100, 3), "b": Fraction(100, 3), "c": Fraction(100, 3)}, 100)
    {'a': 34, 'b': 33, 'c': 33}

    Raises:
        ValueError: the exact shares do not belong to the total.
    """
    floors = {party: math.floor(share) for party, share in exact.items()}
    left = total - sum(floors.values())
    if not 0 <= left <= len(floors):
        msg = f"the shares sum to {float(sum(exact.values()))} øre, not to {total}"
        raise ValueError(msg)
    order = sorted(exact, key=lambda party: floors[party] - exact[party])
    for party in order[:left]:
        floors[party] += 1
    return floors


def in_proportion(weights: Mapping[str, Fraction], total: Fraction) -> dict[str, Fraction]:
    """Return exact shares of `total` in proportion to weights that are not all zero."""
    whole = sum(weights.values(), Fraction(0))
    return {party: total * weight / whole for party, weight in weights.items()}
