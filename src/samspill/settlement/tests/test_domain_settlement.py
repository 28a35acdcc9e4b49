"""Compensation, deviation, hours, succession and the settlement of a year, by property."""

from __future__ import annotations

from fractions import Fraction

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.settlement.domain import gain_plan, succession, yearly
from samspill.settlement.domain.compensation import by_year, compensate
from samspill.settlement.domain.deviation import Factors, deviation

quick = settings(max_examples=60, deadline=None)
ore = st.integers(-(10**9), 10**9)
nets = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), ore, min_size=1, max_size=12)
parts = st.fractions(0, 1, max_denominator=366)
factors = st.builds(
    Factors,
    volume=st.fractions(0, 10**6, max_denominator=100),
    rate=st.fractions(-(10**6), 10**6, max_denominator=60),
    timing=parts,
)


@given(nets)
@quick
def test_after_compensation_nobody_ends_negative_or_it_is_said_that_it_cannot_be(
    net: dict[str, int],
):
    found = compensate(net)
    assert sum(found.transfers.values()) == 0
    if sum(net.values()) < 0:
        assert found.shortfall == -sum(net.values())
        assert not any(found.transfers.values())
    else:
        assert found.is_feasible
        assert all(net[party] + found.transfers[party] >= 0 for party in net)


@given(nets)
@quick
def test_no_more_is_moved_than_lifts_everybody_to_zero(net: dict[str, int]):
    found = compensate(net)
    received = {party: amount for party, amount in found.transfers.items() if amount > 0}
    if found.is_feasible:
        assert received == {party: -amount for party, amount in net.items() if amount < 0}


@given(nets)
@quick
def test_those_who_give_give_in_proportion_to_what_they_gain(net: dict[str, int]):
    found = compensate(net)
    able = sum(amount for amount in net.values() if amount > 0)
    need = sum(amount for amount in found.transfers.values() if amount > 0)
    for party, amount in net.items():
        if amount > 0 and need:
            assert abs(-found.transfers[party] - Fraction(need * amount, able)) < 1


@given(ore, st.integers(1, 15))
@quick
def test_a_transfer_over_years_sums_to_itself(transfer: int, years: int):
    assert sum(by_year(transfer, years)) == transfer


@given(factors, factors)
@quick
def test_volume_rate_and_timing_sum_to_the_whole_difference(planned: Factors, realised: Factors):
    found = deviation(planned, realised)
    assert found.volume + found.rate + found.timing == found.realised - found.planned


@given(factors, st.sampled_from(["volume", "rate", "timing"]), parts)
@quick
def test_when_one_factor_changes_it_has_all_of_the_difference(
    planned: Factors, cause: str, value: Fraction
):
    found = deviation(planned, attrs.evolve(planned, **{cause: value}))
    whole = found.realised - found.planned
    assert abs(getattr(found, cause) - whole) <= 1


@given(
    st.fractions(0, 1000, max_denominator=60),
    st.fractions(-1000, 1000, max_denominator=60),
    parts,
)
@quick
def test_an_hour_is_counted_once(planned: Fraction, measured: Fraction, part: Fraction):
    taken = gain_plan.may_be_taken(measured, Fraction(0)) * part
    found = gain_plan.states_of(planned, measured, taken)
    assert found.measured + found.taken_out == measured
    assert found.total == max(planned, measured) if measured >= 0 else planned + measured


def test_two_gains_may_not_count_the_same_hour():
    case = gain_plan.Claimed(package_id="ferry", step="case", group="municipality")
    step = gain_plan.Claimed(package_id="ferry", step="check", group="municipality")
    other = gain_plan.Claimed(package_id="ferry", step="check", group="agency")
    assert gain_plan.first_overlap(step, [other, case]) == case
    assert gain_plan.first_overlap(step, [other]) is None


@given(
    st.dictionaries(st.sampled_from("abcdef"), ore, min_size=1),
    st.sampled_from(succession.SPLIT_RULES),
    st.lists(parts.filter(bool), min_size=1, max_size=4),
)
@quick
def test_mergers_and_splits_move_every_ore_and_lose_none(
    amounts: dict[str, int], rule: str, shares: list[Fraction]
):
    became = {
        "a": [("new", None)],
        "b": [("new", None)],
        "c": [(f"part{n}", share) for n, share in enumerate(shares)],
    }
    carried = succession.carry(amounts, became, rule)
    assert sum(carried.values()) == sum(amounts.values())
    assert carried.get("new", 0) == amounts.get("a", 0) + amounts.get("b", 0)
    assert not {"a", "b", "c"} & set(carried)


def test_a_split_is_divided_by_inhabitants_only_when_they_are_known():
    split = {"old": [("x", Fraction(3, 4)), ("y", Fraction(1, 4))]}
    assert succession.carry({"old": 100}, split, "inhabitants") == {"x": 75, "y": 25}
    assert succession.carry({"old": 100}, split, "equal") == {"x": 50, "y": 50}
    unknown = {"old": [("x", None), ("y", Fraction(1, 4))]}
    assert succession.carry({"old": 100}, unknown, "inhabitants") == {"x": 50, "y": 50}


A_YEAR = yearly.GainYear(
    planned_cases=Fraction(1200),
    planned_minutes_saved=Fraction(10),
    planned_timing=Fraction(1),
    baseline_minutes=Fraction(22),
    cases=500,
    measured_minutes=Fraction(16),
    timing=Fraction(1, 2),
    hour_price=60_000,
)


def test_a_gain_is_priced_and_its_difference_explained():
    """Planned 1200 cases × 10 minutes = 200 hours; measured 500 × 6 = 50 hours at 600 kroner."""
    found = A_YEAR.deviation()
    assert (found.planned, found.realised) == (12_000_000, 3_000_000)
    assert found.volume + found.rate + found.timing == -9_000_000
    assert found.volume < 0 > found.rate > found.timing


def test_without_a_measured_case_all_of_the_difference_is_timing():
    found = attrs.evolve(A_YEAR, cases=0, measured_minutes=None).deviation()
    assert (found.realised, found.volume, found.rate, found.timing) == (0, 0, 0, -12_000_000)


@given(ore, ore, ore, ore, parts)
@quick
def test_what_is_due_is_tariff_and_share_less_compensation(
    once: int, year: int, share: int, compensation: int, part: Fraction
):
    party = yearly.PartyYear(
        party="a", tariff_once=once, tariff_year=year, share=share, compensation=compensation
    )
    found = yearly.add_gains(party, [A_YEAR, A_YEAR], part)
    assert found.due == once + year + share - compensation == found.lines()["due"]
    assert found.by_volume + found.by_rate + found.by_timing == found.deviation
    assert 0 <= found.gain_withdrawn <= found.gain_realised


def test_pooled_gains_are_divided_as_the_costs_are():
    assert yearly.pool({"a": 100, "b": 0}, {"a": 25, "b": 75}) == {"a": 25, "b": 75}
    assert yearly.pool({"a": 100, "b": 0}, {"a": 0, "b": 0}) == {"a": 100, "b": 0}
