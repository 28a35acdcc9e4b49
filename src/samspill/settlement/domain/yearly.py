"""The settlement of one year: what each party is due, what it has gained, and what is withdrawn.

Due = tariff + share by the key − compensation. Realised = measured hours × hour price where the plan says cash; the
plan's price is for zone 1 of employer's contribution, and an hour is priced in the zone of whose hour it is.
Withdrawn = the agreed part of what is realised, never of a loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import attrs

from samspill.kernel.money import Ore
from samspill.settlement.domain.apportion import apportion, in_proportion
from samspill.settlement.domain.deviation import Deviation, Factors, deviation
from samspill.settlement.domain.reading import nearest_ore


@attrs.frozen(kw_only=True)
class GainYear:
    """Hold one gain of one party in one year, planned and measured, with the party's price of an hour in øre.

    timing: the part of the year (0–1) that the party was to use it, and used it. cases are those of the year;
    measured minutes are what a case took on average, None when none is measured.
    """

    planned_cases: Fraction
    planned_minutes_saved: Fraction
    planned_timing: Fraction
    baseline_minutes: Fraction
    cases: int
    measured_minutes: Fraction | None
    timing: Fraction
    hour_price: Ore

    def planned(self) -> Factors:
        """Return what was planned."""
        return Factors(
            volume=self.planned_cases,
            rate=self._priced(self.planned_minutes_saved),
            timing=self.planned_timing,
        )

    def realised(self) -> Factors:
        """Return what was measured; where nothing is, only the time of start differs from the plan."""
        plan = self.planned()
        if not self.cases or self.measured_minutes is None or not self.timing:
            return attrs.evolve(plan, timing=Fraction(0))
        return Factors(
            volume=self.cases / self.timing,
            rate=self._priced(self.baseline_minutes - self.measured_minutes),
            timing=self.timing,
        )

    def deviation(self) -> Deviation:
        """Return planned and realised in øre with the difference by cause."""
        return deviation(self.planned(), self.realised())

    def _priced(self, minutes: Fraction) -> Fraction:
        return minutes * self.hour_price / 60


@attrs.frozen(kw_only=True)
class PartyYear:
    """Hold a party's year in whole øre. Compensation above zero is received, below zero given."""

    party: str
    tariff_once: Ore = 0
    tariff_year: Ore = 0
    share: Ore = 0
    compensation: Ore = 0
    gain_planned: Ore = 0
    gain_realised: Ore = 0
    gain_withdrawn: Ore = 0
    by_volume: Ore = 0
    by_rate: Ore = 0
    by_timing: Ore = 0

    @property
    def due(self) -> Ore:
        """Return what the party owes for the year; below zero it is owed."""
        return self.tariff_once + self.tariff_year + self.share - self.compensation

    @property
    def deviation(self) -> Ore:
        """Return realised minus planned."""
        return self.gain_realised - self.gain_planned

    def lines(self) -> dict[str, Ore]:
        """Return every line of the settlement by kind."""
        kinds = [f.name for f in attrs.fields(PartyYear) if f.name != "party"]
        return {kind: getattr(self, kind) for kind in kinds} | {"due": self.due}


def price_in_zone(price: Ore, *, first: Fraction, own: Fraction) -> Ore:
    """Return what an hour costs where employer's contribution is another: price × (1 + own) / (1 + first), whole øre.

    Whole øre, so that hours × price can be reckoned after by hand from the statement.

    Args:
        price: the plan's price of an hour in zone 1.
        first: the contribution of zone 1, as a share of the wage.
        own: that of the zone the hour is in.

    >>> price_in_zone(60_000, first=Fraction("0.141"), own=Fraction(0))
    52585
    """
    return nearest_ore(price * (1 + own) / (1 + first))


def add_gains(year: PartyYear, gains: Sequence[GainYear], withdrawal: Fraction) -> PartyYear:
    """Return the party's year with its cash gains, the difference by cause, and what is withdrawn."""
    found = [gain.deviation() for gain in gains]
    realised = sum(one.realised for one in found)
    return attrs.evolve(
        year,
        gain_planned=sum(one.planned for one in found),
        gain_realised=realised,
        gain_withdrawn=withdrawn(realised, withdrawal),
        by_volume=sum(one.volume for one in found),
        by_rate=sum(one.rate for one in found),
        by_timing=sum(one.timing for one in found),
    )


def withdrawn(realised: Ore, part: Fraction) -> Ore:
    """Return what is taken out of a realised gain; nothing of a loss.

    >>> withdrawn(1001, Fraction(1, 2)), withdrawn(-500, Fraction(1, 2))
    (501, 0)
    """
    return max(0, nearest_ore(realised * part))


def pool(realised: Mapping[str, Ore], shares: Mapping[str, Ore]) -> dict[str, Ore]:
    """Return gains that are pooled: all of them together, divided as the costs are.

    Where nobody bears a cost the gains stay where they arose.
    """
    if not any(ore > 0 for ore in shares.values()):
        return dict(realised)
    weights = {party: Fraction(max(0, ore)) for party, ore in shares.items()}
    total = sum(realised.values())
    return apportion(in_proportion(weights, Fraction(total)), total)


def payback_years(cost_once: Ore, net_each_year: Ore) -> Fraction | None:
    """Return how many years of net gain pay what is spent once; None when they never do.

    >>> payback_years(1000, 400), payback_years(1000, 0)
    (Fraction(5, 2), None)
    """
    if net_each_year <= 0:
        return None
    return Fraction(max(0, cost_once), net_each_year)
