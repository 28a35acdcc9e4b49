"""Money that is paid is whole øre in an int; a float never touches it.

Rounding is always said aloud: which base, which direction.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TypeVar

Ore = int
"""An amount in øre (1/100 krone)."""

K = TypeVar("K", bound=Hashable)


def round_half_up(value: float, base: int = 1) -> int:
    """Return the nearest multiple of `base`; a half goes up (away from minus infinity).

    >>> round_half_up(3461.5), round_half_up(-0.5), round_half_up(149.9, 100)
    (3462, 0, 100)
    """
    return math.floor(value / base + 0.5) * base


def from_kroner(kroner: int) -> Ore:
    """Return whole kroner as øre."""
    return kroner * 100


def kroner(ore: Ore) -> str:
    """Return øre as a decimal text with a dot: `6130` or `6130.50`, for machines.

    >>> kroner(613000), kroner(613050), kroner(-5)
    ('6130', '6130.50', '-0.05')
    """
    sign = "-" if ore < 0 else ""
    whole, rest = divmod(abs(ore), 100)
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"


def split_largest_remainder(total: Ore, weights: Mapping[K, float]) -> dict[K, Ore]:
    """Return shares of `total` in proportion to the weights, summing to it exactly.

    The øre left over go to the largest remainders, ties by the order given.

    >>> split_largest_remainder(100, {"a": 1, "b": 1, "c": 1})
    {'a': 34, 'b': 33, 'c': 33}
    """
    whole = sum(weights.values())
    if not weights or whole <= 0 or any(w < 0 or not math.isfinite(w) for w in weights.values()):
        msg = "weights must be finite, not negative, and not all zero"
        raise ValueError(msg)
    exact = {key: total * weight / whole for key, weight in weights.items()}
    shares = {key: math.floor(value) for key, value in exact.items()}
    left = total - sum(shares.values())
    by_remainder = sorted(exact, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[:left]:
        shares[key] += 1
    return shares
