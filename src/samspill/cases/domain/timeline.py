"""What happens when: the days an applicant can expect, from the package's term plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from samspill.cases.domain import terms
from samspill.kernel.periods import Month, parse_duration

Key = Literal["received", "situation", "information", "deadline", "decision", "payment"]


@attrs.frozen(kw_only=True)
class Happening:
    """One line of the timeline. `on` is the day, or the last day when `at_latest`."""

    key: Key
    on: dt.date
    done: bool
    at_latest: bool = False
    term: Month | None = None


def term_timeline(
    *,
    rules: terms.TermRules,
    term: Month,
    received_on: dt.date,
    today: dt.date,
    channel: str,
    decided_on: dt.date | None,
    information_by: dt.date | None = None,
    is_open: bool = True,
) -> list[Happening]:
    """List what has happened and what comes, for a service decided month by month.

    A closed case that was not decided in the term gets neither decision nor payment.
    """
    pay_on = terms.payment_date(term, rules)
    situation_on = terms.situation_date(term, rules)
    deadline_on = terms.deadline(term, rules, channel=channel)
    lines = [
        Happening(key="received", on=received_on, done=True),
        Happening(key="situation", on=situation_on, done=situation_on <= today, term=term),
        Happening(key="deadline", on=deadline_on, done=deadline_on < today, term=term),
    ]
    if not is_open and decided_on is None:
        return _with_information(lines, None)
    lines += [
        _decision_line(decided_on, latest=pay_on, term=term),
        Happening(
            key="payment",
            on=pay_on,
            done=pay_on <= today and decided_on is not None,
            term=term,
        ),
    ]
    return _with_information(lines, information_by)


def single_timeline(
    *,
    received_on: dt.date,
    answer_within: str | None,
    decided_on: dt.date | None,
    information_by: dt.date | None = None,
) -> list[Happening]:
    """List what has happened and what comes, for a service decided once."""
    lines = [Happening(key="received", on=received_on, done=True)]
    if decided_on is not None or answer_within is not None:
        latest = parse_duration(answer_within).after(received_on) if answer_within else received_on
        lines.append(_decision_line(decided_on, latest=latest, term=None))
    return _with_information(lines, information_by)


def appeal_deadline(decision_reached: dt.date, within: str) -> dt.date:
    """Give the last day to appeal, counted from the day the decision reached the applicant.

    Counted in whole weeks or months from the day of receipt (forvaltningsloven §§ 29 and 30).
    """
    return parse_duration(within).after(decision_reached)


def last_chance(deadline: dt.date) -> dt.date:
    """Give the last day on which a late appeal is still forwarded (forvaltningsloven § 31)."""
    return parse_duration("P1Y").after(deadline)


def payments_due(amounts: Mapping[dt.date, int], today: dt.date) -> dict[dt.date, int]:
    """Keep the payments that are still to come, soonest first."""
    return {day: amounts[day] for day in sorted(amounts) if day >= today}


def _decision_line(decided_on: dt.date | None, *, latest: dt.date, term: Month | None) -> Happening:
    if decided_on is not None:
        return Happening(key="decision", on=decided_on, done=True, term=term)
    return Happening(key="decision", on=latest, done=False, at_latest=True, term=term)


def _with_information(lines: list[Happening], by: dt.date | None) -> list[Happening]:
    if by is not None:
        lines.append(Happening(key="information", on=by, done=False, at_latest=True))
    order: dict[Any, int] = {line.key: place for place, line in enumerate(lines)}
    return sorted(lines, key=lambda line: (line.on, order[line.key]))
