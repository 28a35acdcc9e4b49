"""Compensation: nobody who signs ends negative over the agreed period.

The least transfer that lifts every party to zero or more, taken from those with a positive net in proportion
to it. When the parties together lose, no transfer can do it, and the shortfall is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import attrs

from samspill.kernel.money import Ore
from samspill.settlement.domain.apportion import apportion, in_proportion


@attrs.frozen(kw_only=True)
class Compensation:
    """Hold what each party receives (above zero) or gives (below zero); the sum is zero, to the øre.

    shortfall: what is lacking before nobody would end negative; then no transfer is made.
    """

    transfers: Mapping[str, Ore]
    shortfall: Ore = 0

    @property
    def is_feasible(self) -> bool:
        """Tell whether everybody can be lifted to zero."""
        return self.shortfall == 0


def compensate(net: Mapping[str, Ore]) -> Compensation:
    """Return the transfers for each party's net over the agreed period.

    >>> dict(compensate({"a": 300, "b": 100, "c": -100}).transfers)
    {'a': -75, 'b': -25, 'c': 100}
    >>> compensate({"a": 300, "b": -500}).shortfall
    200
    """
    need = -sum(ore for ore in net.values() if ore < 0)
    able = sum(ore for ore in net.values() if ore > 0)
    if need > able:
        return Compensation(transfers=dict.fromkeys(net, 0), shortfall=need - able)
    transfers = {party: max(0, -ore) for party, ore in net.items()}
    if need:
        positive = {party: Fraction(ore) for party, ore in net.items() if ore > 0}
        for party, ore in apportion(in_proportion(positive, Fraction(need)), need).items():
            transfers[party] = -ore
    return Compensation(transfers=transfers)


def by_year(transfer: Ore, years: int) -> list[Ore]:
    """Return a transfer over the period as amounts for each year that sum to it, the first years first.

    >>> by_year(100, 3), by_year(-100, 3)
    ([34, 33, 33], [-34, -33, -33])
    """
    sign = -1 if transfer < 0 else 1
    whole, rest = divmod(abs(transfer), years)
    return [sign * (whole + (1 if year < rest else 0)) for year in range(years)]
