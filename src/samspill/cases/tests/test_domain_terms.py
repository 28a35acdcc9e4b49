"""Which term counts, what follows a decision, and what a recalculation leads to."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.domain import terms
from samspill.kernel.periods import Month, is_working_day, parse_duration

RULES = terms.TermRules(
    situation_day=1,
    deadline_day=25,
    paper_next_working_day=True,
    payment_day=20,
    granted=frozenset({"V00"}),
    carry_over=frozenset({"V00"}),
    retest=frozenset({"V03"}),
    retest_times=2,
    corrects={"V00": "R00", "V03": "R03", "V05": "R05", "V09": "R09"},
    correctable=frozenset({"V09", "V48"}),
    correction_window=parse_duration("P1M"),
    letter_answer=parse_duration("P3W"),
    stop_events=frozenset({"moved", "ended", "dead"}),
    automatic=True,
)
AUGUST = Month(2026, 8)
days = st.dates(dt.date(2021, 6, 1), dt.date(2035, 12, 31))


@pytest.mark.parametrize(
    ("received", "channel", "term"),
    [
        ("2026-08-01", "digital", "2026-08"),
        ("2026-08-25", "digital", "2026-08"),
        ("2026-08-26", "digital", "2026-09"),
        ("2026-07-27", "paper", "2026-07"),  # the 25th of July 2026 is a Saturday
        ("2026-07-28", "paper", "2026-08"),
        ("2026-07-26", "digital", "2026-08"),
        ("2026-12-28", "paper", "2026-12"),  # 25 and 26 holidays, then Sunday
        ("2026-12-31", "digital", "2027-01"),
    ],
)
def test_application_counts_for_the_month_of_its_deadline(
    received: str, channel: str, term: str
) -> None:
    counted = terms.term_for(dt.date.fromisoformat(received), RULES, channel=channel)
    assert str(counted) == term


def test_paper_received_after_a_deadline_that_runs_into_the_next_month_counts_for_the_old() -> None:
    late = attrs.evolve(RULES, deadline_day=31)  # 31 October 2026 is a Saturday
    assert terms.term_for(dt.date(2026, 11, 2), late, channel="paper") == Month(2026, 10)
    assert terms.term_for(dt.date(2026, 11, 2), late, channel="digital") == Month(2026, 11)


@given(days)
def test_paper_is_never_worse_off_than_digital(day: dt.date) -> None:
    paper = terms.term_for(day, RULES, channel="paper")
    assert paper <= terms.term_for(day, RULES, channel="digital")
    assert day <= terms.deadline(paper, RULES, channel="paper")


@given(days, days)
def test_later_received_never_counts_for_an_earlier_term(one: dt.date, other: dt.date) -> None:
    first, second = sorted((one, other))
    assert terms.term_for(first, RULES, channel="paper") <= terms.term_for(
        second, RULES, channel="paper"
    )


def test_payment_is_the_twentieth_of_the_next_month_or_the_working_day_before() -> None:
    assert terms.payment_date(AUGUST, RULES) == dt.date(2026, 9, 18)  # the 20th is a Sunday
    assert terms.payment_date(Month(2026, 9), RULES) == dt.date(2026, 10, 20)


@given(st.integers(2021, 2035), st.integers(1, 12))
def test_payment_is_always_a_working_day_not_after_the_twentieth(year: int, month: int) -> None:
    day = terms.payment_date(Month(year, month), RULES)
    assert is_working_day(day)
    assert day <= (Month(year, month) + 1).day(20)


def test_decision_made_after_the_day_of_payment_is_paid_on_the_next() -> None:
    assert terms.coming_payment_date(AUGUST, RULES, dt.date(2026, 9, 18)) == dt.date(2026, 9, 18)
    assert terms.coming_payment_date(AUGUST, RULES, dt.date(2026, 9, 19)) == dt.date(2026, 10, 20)


def test_incomplete_application_completed_within_a_month_counts_as_in_time() -> None:
    received = dt.date(2026, 8, 20)

    def counted(completed: dt.date | None) -> Month | None:
        return terms.term_when_completed(received, completed, RULES, channel="digital")

    assert counted(dt.date(2026, 9, 25)) == AUGUST
    assert counted(dt.date(2026, 9, 26)) == Month(2026, 10)
    assert counted(None) is None


def test_asked_applicant_always_has_the_letter_time_and_the_window() -> None:
    assert terms.answer_by(dt.date(2026, 8, 3), AUGUST, RULES, channel="digital") == dt.date(
        2026, 9, 25
    )
    assert terms.answer_by(dt.date(2026, 9, 15), AUGUST, RULES, channel="digital") == dt.date(
        2026, 10, 6
    )


def following(code: str, retests: int = 0) -> terms.Following:
    return terms.following(AUGUST, code, RULES, retests_before=retests, channel="digital")


def test_granted_is_carried_over_also_when_corrected() -> None:
    assert following("V00") == terms.CarriedOver(term=Month(2026, 9))
    assert following("R00") == terms.CarriedOver(term=Month(2026, 9))


def test_too_high_income_is_tested_twice_more_and_then_stopped() -> None:
    assert following("V03", 0) == terms.Retested(term=Month(2026, 9), attempt=1)
    assert following("V03", 1) == terms.Retested(term=Month(2026, 9), attempt=2)
    assert following("V03", 2) == terms.Stopped(reason="tested_enough")


def test_rejected_for_missing_information_may_be_corrected_within_the_window() -> None:
    assert following("V09") == terms.AwaitsCorrection(until=dt.date(2026, 9, 25))
    assert following("R09") == terms.Stopped(reason="refused")
    assert following("V05") == terms.Stopped(reason="refused")


def test_corrected_codes_lead_back_to_the_ordinary_ones() -> None:
    for plain, corrected in RULES.corrects.items():
        assert terms.corrected_code(plain, RULES) == corrected
        assert terms.ordinary_code(corrected, RULES) == plain
    assert terms.is_granted("R00", RULES)
    assert not terms.is_granted("R03", RULES)


def conclude(code: str, amount: float, **changes: bool) -> terms.Outcome:
    chosen = {"missing": False, "corrected": False, **changes}
    return terms.conclude(
        code,
        amount,
        RULES,
        term=AUGUST,
        missing_code="V09",
        retests_before=0,
        channel="digital",
        **chosen,
    )


def test_outcome_is_paid_in_whole_ore_and_only_when_granted() -> None:
    granted = conclude("V00", 6130.0)
    assert (granted.code, granted.granted, granted.amount_ore) == ("V00", True, 613000)
    refused = conclude("V03", 12.0)
    assert (refused.granted, refused.amount_ore) == (False, 0)


def test_missing_information_rejects_unless_an_earlier_reason_does() -> None:
    assert conclude("V00", 6130.0, missing=True).code == "V09"
    assert conclude("V48", 0.0, missing=True).code == "V48"


def test_corrected_outcome_carries_its_own_code_and_is_paid() -> None:
    outcome = conclude("V00", 6130.0, corrected=True)
    assert (outcome.code, outcome.granted, outcome.amount_ore) == ("R00", True, 613000)
    assert conclude("V00", 1.0, corrected=True, missing=True).code == "R09"


def test_totals_show_no_cell_that_points_at_a_person() -> None:
    rows = [("a", "V00", 5, 500), ("a", "V03", 4, 0), ("b", "V03", 3, 0), (None, "V00", 2, 20)]
    assert terms.hide_small(rows, smallest=5) == (
        ("a", "V00", 5, 500),
        (None, "V00", 2, 20),
        (None, "V03", 7, 0),
    )


def weigh(*pairs: tuple[int, int]) -> terms.Difference:
    by_term = {AUGUST + i: pair for i, pair in enumerate(pairs)}
    return terms.difference(by_term, smallest_payment_ore=63_00, smallest_reclaim_ore=1345_00)


@pytest.mark.parametrize(
    ("paid", "right", "kind", "amount"),
    [
        (3000_00, 3000_00, "none", 0),
        (3000_00, 3062_00, "under_minimum", 0),
        (3000_00, 3063_00, "pay", 63_00),
        (3000_00, 1656_00, "under_court_fee", 0),
        (3000_00, 1655_00, "reclaim", -1345_00),
    ],
)
def test_recalculation_pays_and_reclaims_only_above_the_limits(
    paid: int, right: int, kind: str, amount: int
) -> None:
    found = weigh((paid, right))
    assert (found.kind, found.amount_ore) == (kind, amount)


def test_limits_hold_for_the_sum_of_all_terms_not_for_each() -> None:
    assert weigh((1000_00, 1040_00), (1000_00, 1040_00)).kind == "pay"
    assert weigh((2000_00, 1300_00), (2000_00, 1300_00)).kind == "reclaim"
    assert weigh((2000_00, 0), (0, 2000_00)).kind == "none"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_setting_off_keeps_every_ore(reclaim: int, coming: int) -> None:
    kept, paid = terms.set_off(reclaim, coming)
    assert kept + paid == coming
    assert 0 <= kept <= reclaim
