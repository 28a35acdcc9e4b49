"""When an application counts, and on which day it is judged, by the package's plan."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING

from samspill.cases.domain import terms
from samspill.kernel.periods import Month, parse_duration

if TYPE_CHECKING:
    from samspill.packages.service import Lookup, Package


@functools.lru_cache(maxsize=64)
def term_rules(package: Package) -> terms.TermRules | None:
    """Read the package's term plan as the values that the domain counts with; None without terms."""
    plan = package.process.terms
    if plan is None:
        return None
    correction, retest = plan.correction, plan.retest
    corrects = dict(correction.codes) if correction else {}
    return terms.TermRules(
        situation_day=plan.situation_day,
        deadline_day=plan.deadline_day,
        paper_next_working_day=plan.paper_deadline == "next_working_day",
        payment_day=plan.payment_day,
        granted=frozenset(plan.decide.granted),
        carry_over=frozenset(plan.carry_over),
        retest=frozenset(retest.codes if retest else ()),
        retest_times=retest.times if retest else 0,
        corrects=corrects,
        correctable=frozenset(correction.rejected if correction else ()),
        correction_window=parse_duration(correction.window if correction else "P0D"),
        letter_answer=parse_duration(correction.letter_answer if correction else "P0D"),
        stop_events=frozenset(plan.stop_events),
        automatic=plan.automatic,
    )


@functools.lru_cache(maxsize=256)
def situation(
    package: Package, received_on: dt.date, *, channel: str = "digital"
) -> tuple[Month | None, dt.date]:
    """Give the term an application received on a day counts for, and the day it is judged on."""
    rules = term_rules(package)
    if rules is None:
        first = package.service.situation == "month_start"
        return None, Month.of(received_on).first if first else received_on
    term = terms.term_for(received_on, rules, channel=channel)
    return term, terms.situation_date(term, rules)


def period_of(lookup: Lookup, on: dt.date) -> Month | int | None:
    """Give the month or year that a look-up is about, seen from the situation date."""
    periods: dict[str, Month | int] = {
        "month": Month.of(on),
        "previous_month": Month.of(on) - 1,
        "year": on.year,
        "previous_year": on.year - 1,
    }
    return periods.get(lookup.period)
