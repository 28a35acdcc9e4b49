"""A service that is decided month by month: which term counts, what follows a decision.

All of it is arithmetic on dates and codes that the package declares under `terms:` in its
process.yaml; the law behind each rule stands at the function. No clock and no database: dates
come in as arguments (Norwegian dates, Europe/Oslo), outcomes go out as values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import attrs

from samspill.kernel.money import round_half_up
from samspill.kernel.periods import (
    Duration,
    Month,
    working_day_on_or_after,
    working_day_on_or_before,
)


@attrs.frozen(kw_only=True)
class TermRules:
    """Hold what a package declares about its terms; amounts are øre and dated elsewhere."""

    situation_day: int
    deadline_day: int
    paper_next_working_day: bool
    payment_day: int
    granted: frozenset[str]
    carry_over: frozenset[str]
    retest: frozenset[str]
    retest_times: int
    corrects: Mapping[str, str]  # ordinary code → code of the corrected decision
    correctable: frozenset[str]  # codes whose case may be corrected within the window
    correction_window: Duration
    letter_answer: Duration
    stop_events: frozenset[str]
    automatic: bool


# ── dates ─────────────────────────────────────────────────────────────────────────────────


def situation_date(term: Month, rules: TermRules) -> dt.date:
    """Give the day on which everything is judged (forskrift om bustøtte § 10)."""
    return term.day(rules.situation_day)


def deadline(term: Month, rules: TermRules, *, channel: str) -> dt.date:
    """Give the last day to apply for a term; paper has the next working day."""
    day = term.day(rules.deadline_day)
    if channel == "paper" and rules.paper_next_working_day:
        return working_day_on_or_after(day)
    return day


def payment_date(term: Month, rules: TermRules) -> dt.date:
    """Give the day of payment in the following month, never later than the day (§ 13)."""
    return working_day_on_or_before((term + 1).day(rules.payment_day))


def coming_payment_date(term: Month, rules: TermRules, today: dt.date) -> dt.date:
    """Give the day of payment for a decision made today: the term's own, or the next one to come."""
    day = payment_date(term, rules)
    while day < today:
        term += 1
        day = payment_date(term, rules)
    return day


def correction_deadline(term: Month, rules: TermRules, *, channel: str) -> dt.date:
    """Give the last day on which a corrected application still counts as in time (§ 9)."""
    return rules.correction_window.after(deadline(term, rules, channel=channel))


def term_for(received_on: dt.date, rules: TermRules, *, channel: str) -> Month:
    """Give the first term that a complete application received on a day counts for."""
    term = Month.of(received_on)
    before = term - 1
    if received_on <= deadline(before, rules, channel=channel):  # a late weekend at a month's end
        return before
    return term if received_on <= deadline(term, rules, channel=channel) else term + 1


def term_when_completed(
    received_on: dt.date,
    completed_on: dt.date | None,
    rules: TermRules,
    *,
    channel: str,
) -> Month | None:
    """Give the term of an application that was incomplete when it came; None while it still is.

    An incomplete application counts as late. Corrected within a month after the deadline it
    counts as in time after all (§ 9); later, from the term in which it was completed.
    """
    if completed_on is None:
        return None
    first = term_for(received_on, rules, channel=channel)
    if completed_on <= correction_deadline(first, rules, channel=channel):
        return first
    return term_for(completed_on, rules, channel=channel)


def answer_by(asked_on: dt.date, term: Month, rules: TermRules, *, channel: str) -> dt.date:
    """Give the date a request for missing information names: never before the right is lost.

    The letter gives its own time to answer, but nobody who is still within the window of § 9
    is told an earlier date than that window.
    """
    return max(
        rules.letter_answer.after(asked_on),
        correction_deadline(term, rules, channel=channel),
    )


# ── what follows a decision ───────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True)
class CarriedOver:
    """The case is tested again next term because it was granted (§ 9 second paragraph)."""

    term: Month


@attrs.frozen(kw_only=True)
class Retested:
    """The case is tested again without a new application; `attempt` counts from 1."""

    term: Month
    attempt: int


@attrs.frozen(kw_only=True)
class AwaitsCorrection:
    """The case may still be corrected for the same term until a date."""

    until: dt.date


@attrs.frozen(kw_only=True)
class Stopped:
    """The case ends here; the reason is a key of the letter and of the page."""

    reason: str


@attrs.frozen(kw_only=True)
class Unchanged:
    """Nothing follows by itself: an earlier term was decided again."""


Following = CarriedOver | Retested | AwaitsCorrection | Stopped | Unchanged


def following(
    term: Month, code: str, rules: TermRules, *, retests_before: int, channel: str
) -> Following:
    """Tell what happens to a case after a decision with this code for this term."""
    plain = ordinary_code(code, rules)
    if plain in rules.carry_over:
        return CarriedOver(term=term + 1)
    if plain in rules.retest:
        if retests_before < rules.retest_times:
            return Retested(term=term + 1, attempt=retests_before + 1)
        return Stopped(reason="tested_enough")
    if code in rules.correctable:
        return AwaitsCorrection(until=correction_deadline(term, rules, channel=channel))
    return Stopped(reason="refused")


def corrected_code(code: str, rules: TermRules) -> str:
    """Give the code that a corrected decision carries for an outcome."""
    return rules.corrects.get(code, code)


def ordinary_code(code: str, rules: TermRules) -> str:
    """Give the ordinary code behind the code of a corrected decision."""
    for plain, corrected in rules.corrects.items():
        if corrected == code:
            return plain
    return code


def is_granted(code: str, rules: TermRules) -> bool:
    """Tell whether a code gives money, corrected decisions included."""
    return ordinary_code(code, rules) in rules.granted


# ── the outcome of one case ───────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True)
class Outcome:
    """Hold what was decided for one case and term, and what follows."""

    code: str
    granted: bool
    amount_ore: int
    following: Following


def conclude(
    code: str,
    amount_nok: float,
    rules: TermRules,
    *,
    term: Month,
    missing: bool,
    missing_code: str | None,
    retests_before: int,
    channel: str,
    corrected: bool = False,
) -> Outcome:
    """Give the outcome from what the rules answered and whether something is still missing.

    What is missing decides before the calculation does, except where the rules already found a
    reason that the package lists as rejected (it stands earlier in the order of codes). A refused
    case is paid nothing, whatever the calculation came to.
    """
    if missing and missing_code is not None and code not in rules.correctable:
        code = missing_code
    granted = code in rules.granted
    shown = corrected_code(code, rules) if corrected else code
    return Outcome(
        code=shown,
        granted=granted,
        amount_ore=round_half_up(amount_nok * 100) if granted else 0,
        following=following(term, shown, rules, retests_before=retests_before, channel=channel),
    )


# ── recalculation (§ 14) ──────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True)
class Difference:
    """Hold what a recalculation leads to: an amount to pay or reclaim, or why neither."""

    kind: str  # none | pay | reclaim | under_minimum | under_court_fee
    paid_ore: int
    right_ore: int
    amount_ore: int  # what is paid out (+) or reclaimed (−); 0 when neither
    limit_ore: int | None


def difference(
    terms: Mapping[Month, tuple[int, int]],
    *,
    smallest_payment_ore: int,
    smallest_reclaim_ore: int,
) -> Difference:
    """Weigh what was paid against what was right, over all the terms of one settlement.

    Underpaid is paid unless the sum is below the smallest payment; overpaid is set off or
    reclaimed unless the sum is below one court fee (rettsgebyr). Fault does not matter for
    income and wealth (bustøttelova § 10 d).
    """
    paid = sum(before for before, _ in terms.values())
    right = sum(after for _, after in terms.values())
    owed = right - paid
    if owed == 0:
        return Difference(kind="none", paid_ore=paid, right_ore=right, amount_ore=0, limit_ore=None)
    limit = smallest_payment_ore if owed > 0 else smallest_reclaim_ore
    if abs(owed) < limit:
        kind = "under_minimum" if owed > 0 else "under_court_fee"
        return Difference(kind=kind, paid_ore=paid, right_ore=right, amount_ore=0, limit_ore=limit)
    kind = "pay" if owed > 0 else "reclaim"
    return Difference(kind=kind, paid_ore=paid, right_ore=right, amount_ore=owed, limit_ore=limit)


def set_off(reclaim_ore: int, coming_payment_ore: int) -> tuple[int, int]:
    """Split a coming payment into what is kept against a claim and what is paid (§ 15).

    >>> set_off(1500_00, 1000_00)
    (100000, 0)
    >>> set_off(300_00, 1000_00)
    (30000, 70000)
    """
    kept = min(reclaim_ore, coming_payment_ore)
    return kept, coming_payment_ore - kept


# ── totals ────────────────────────────────────────────────────────────────────────────────

Total = tuple[str | None, str, int, int]
"""Municipality (None: not to be placed), code, number of cases, øre."""


def hide_small(rows: Iterable[Total], *, smallest: int) -> tuple[Total, ...]:
    """Give totals in which no cell of a municipality is so small that it points at a person.

    Small cells, and cases that must not be placed, are added together by code without a municipality.

    >>> hide_small([("a", "V00", 9, 900), ("b", "V00", 2, 200), (None, "V00", 1, 100)], smallest=5)
    (('a', 'V00', 9, 900), (None, 'V00', 3, 300))
    """
    shown: list[Total] = []
    together: dict[str, tuple[int, int]] = {}
    for place, code, cases, ore in rows:
        if place is not None and cases >= smallest:
            shown.append((place, code, cases, ore))
            continue
        before = together.get(code, (0, 0))
        together[code] = (before[0] + cases, before[1] + ore)
    return (*shown, *((None, code, *together[code]) for code in sorted(together)))
