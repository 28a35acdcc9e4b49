"""Steps of a colour scale: round bounds for figures of one sign, and the same on both sides of zero for two."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import attrs

from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.words import word

_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_EACH_SIDE = 3
RISING = ("m1", "m2", "m3", "m4", "m5")
TWO_SIDED = ("l3", "l2", "l1", "mid", "g1", "g2", "g3")


@attrs.frozen(kw_only=True)
class Steps:
    """A scale: `bounds` between the steps, lowest first, and the look of each (one more than bounds).

    A figure on a bound belongs to the step above it.
    """

    bounds: tuple[float, ...]
    looks: tuple[str, ...]

    def look_of(self, value: float) -> str:
        """Return the look of a figure."""
        return self.looks[self.place_of(value)]

    def place_of(self, value: float) -> int:
        """Return which step a figure is in, 0 for the lowest."""
        return sum(value >= bound for bound in self.bounds)

    def words(self, numbers: Numbers, *, under: str, over: str) -> list[str]:
        """Return each step in words; `under` and `over` hold `%(value)s`."""
        if not self.bounds:
            return [""]
        said = [numbers.say(bound) for bound in self.bounds]
        middle = [
            word("%(low)s to %(high)s")
            % {"low": numbers.plain(low, numbers.decimals), "high": high}
            for low, high in zip(self.bounds, said[1:], strict=False)
        ]
        return [under % {"value": said[0]}, *middle, over % {"value": said[-1]}]


def rising(values: Sequence[float]) -> Steps:
    """Return up to five steps for figures of one sign, about as many figures in each.

    >>> rising([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).bounds
    (3.0, 5.0, 6.0, 8.0)
    """
    ordered = sorted(values)
    if not ordered or ordered[0] == ordered[-1]:
        return Steps(bounds=(), looks=(RISING[2],))
    cuts = [rounded(ordered[len(ordered) * part // 5]) for part in range(1, 5)]
    bounds = tuple(sorted({cut for cut in cuts if ordered[0] < cut <= ordered[-1]}))
    chosen = {1: (0, 3), 2: (0, 2, 4), 3: (0, 1, 3, 4), 4: (0, 1, 2, 3, 4)}.get(len(bounds), (2,))
    return Steps(bounds=bounds, looks=tuple(RISING[place] for place in chosen))


def two_sided(values: Sequence[float]) -> Steps:
    """Return seven steps, three on each side of those about zero, with the same bounds on both sides."""
    sizes = sorted(abs(value) for value in values if rounded(value))
    if not sizes:
        return Steps(bounds=(), looks=("mid",))
    cuts = [rounded(sizes[min(len(sizes) * part // 100, len(sizes) - 1)]) for part in (20, 55, 85)]
    ups = sorted(set(cuts))
    while len(ups) < _EACH_SIDE:
        ups.append(rounded(ups[-1] * 2))
    return Steps(bounds=(*(-up for up in reversed(ups)), *ups), looks=TWO_SIDED)


def fixed(bounds: Sequence[float], looks: Sequence[str]) -> Steps:
    """Return a scale with bounds that mean something of their own (say 70 and 100 per cent of capacity)."""
    return Steps(bounds=tuple(bounds), looks=tuple(looks))


def rounded(value: float) -> float:
    """Return the nearest round figure.

    >>> rounded(0), rounded(1234), rounded(0.27), rounded(-46)
    (0.0, 1000.0, 0.25, -50.0)
    """
    if abs(value) < sys.float_info.min:  # of what is smaller no power of ten can be divided by
        return 0.0
    power = 10.0 ** math.floor(math.log10(abs(value)))
    size = min(_ROUND, key=lambda step: abs(step - abs(value) / power)) * power
    return math.copysign(float(f"{size:.6g}"), value)
