"""Why a gain became another than planned: volume, rate or timing, with a sum that closes.

A gain is volume × rate × timing: how many cases a full year has, how much each frees, and how great a part of
the year it was in use. The difference is divided by Shapley's value over the three (each on average over the
order in which they change), so no order is favoured and nothing is left over.

Source: A. F. Shorrocks, "Decomposition procedures for distributional analysis" (1999, Journal of Economic
Inequality 11, 2013).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import attrs

from samspill.kernel.money import Ore
from samspill.settlement.domain.apportion import apportion
from samspill.settlement.domain.reading import nearest_ore

CAUSES = ("volume", "rate", "timing")


@attrs.frozen(kw_only=True)
class Factors:
    """Hold the three factors of a gain: cases in a full year, øre for each case, part of the year (0–1)."""

    volume: Fraction
    rate: Fraction
    timing: Fraction

    @property
    def gain(self) -> Fraction:
        """Return the gain in exact øre."""
        return self.volume * self.rate * self.timing


@attrs.frozen(kw_only=True)
class Deviation:
    """Hold the difference by cause in whole øre; together they are realised minus planned."""

    planned: Ore
    realised: Ore
    volume: Ore
    rate: Ore
    timing: Ore


def deviation(planned: Factors, realised: Factors) -> Deviation:
    """Return the difference between two gains, divided on its causes to the øre.

    >>> f = Factors(volume=Fraction(100), rate=Fraction(10), timing=Fraction(1))
    >>> d = deviation(f, attrs.evolve(f, timing=Fraction(1, 2)))
    >>> d.planned, d.realised, d.volume, d.rate, d.timing
    (1000, 500, 0, 0, -500)
    """
    exact = dict.fromkeys(CAUSES, Fraction(0))
    orders = list(permutations(CAUSES))
    for order in orders:
        now = planned
        for cause in order:
            then = _with(now, cause, getattr(realised, cause))
            exact[cause] += (then.gain - now.gain) / len(orders)
            now = then
    before, after = nearest_ore(planned.gain), nearest_ore(realised.gain)
    parts = apportion(exact, after - before)
    return Deviation(planned=before, realised=after, **parts)


def _with(factors: Factors, cause: str, value: Fraction) -> Factors:
    """Return the factors with one of them changed."""
    rest = {name: getattr(factors, name) for name in CAUSES}
    return Factors(**{**rest, cause: value})
