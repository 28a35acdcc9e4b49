"""The budget year: windows, deadlines, late costs, reminders and the iCalendar feed."""

import datetime as dt

import hypothesis.strategies as st
import pytest
from hypothesis import given

from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import is_working_day
from samspill.portfolio.domain import calendar, icalendar

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31))
STAMP = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


def keys(found):
    return [(one.key, one.budget_year) for one in found]


def test_in_december_the_round_and_the_state_s_money_are_open():
    found = keys(calendar.open_windows(dt.date(2026, 12, 1)))
    assert ("priority_round", 2028) in found
    assert ("state_money", 2028) in found
    assert ("municipal_budget", 2027) in found


def test_the_round_closes_before_the_proposals_are_sent():
    for year in range(2026, 2036):
        assert calendar.round_deadline(year) < calendar.step("proposals", year).last
        assert is_working_day(calendar.round_deadline(year))


def test_no_window_of_the_state_is_open_in_february():
    assert {window.side for window in calendar.open_windows(dt.date(2027, 2, 15))} == set()


@given(DAYS)
def test_deadlines_come_in_order_and_none_has_passed(day):
    found = calendar.next_deadlines(day, count=12)
    assert len(found) == 12
    assert all(step.last >= day for step in found)
    assert [step.last for step in found] == sorted(step.last for step in found)
    assert all(step.first <= step.last for step in found)


@given(DAYS)
def test_an_open_window_opens_before_it_closes(day):
    for window in calendar.open_windows(day):
        assert window.opens <= day <= window.closes


def test_only_what_concerns_a_side_is_shown_to_it():
    found = calendar.next_deadlines(dt.date(2026, 11, 22), side="municipal", count=20)
    assert {step.side for step in found} == {"municipal", "both"}


@pytest.mark.parametrize(
    ("known", "status", "first"),
    [
        (dt.date(2026, 9, 1), "in_time", 2027),
        (dt.date(2026, 11, 22), "late", 2028),
        (dt.date(2027, 1, 2), "uncovered", 2028),
        (dt.date(2027, 11, 1), "uncovered", 2029),
    ],
)
def test_a_late_cost_stands_without_budget_coverage(known, status, first):
    found = calendar.coverage(known, year=2027)
    assert (found.status, found.first_year) == (status, first)


def test_a_municipality_that_adopted_early_is_late_early():
    adopted = dt.date(2026, 12, 10)
    assert (
        calendar.coverage(dt.date(2026, 12, 15), year=2027, adopted_on=adopted).status
        == "uncovered"
    )
    assert calendar.coverage(dt.date(2026, 12, 15), year=2027).status == "late"


def test_roles_are_reminded_four_weeks_a_week_and_a_day_before():
    last = calendar.round_deadline(2028)
    for days in (28, 7, 1):
        found = calendar.reminders(last - dt.timedelta(days=days))
        assert ("priority_round", days) in [(one.step.key, one.days) for one in found]
    quiet = calendar.reminders(last - dt.timedelta(days=10))
    assert all(one.step.key != "priority_round" for one in quiet)


def test_every_step_has_its_words_in_three_languages_and_a_source():
    for step in calendar.steps(2028):
        titles = [step.title(language) for language in ("nb", "nn", "en")]
        assert all("2028" in title for title in titles)
        assert all(step.source(language) for language in ("nb", "nn", "en"))
        assert step.roles
    for window in calendar.windows(2028):
        assert all("2028" in window.title(language) for language in ("nb", "nn", "en"))
    assert calendar.steps(2028)[0].title("se") == calendar.steps(2028)[0].title("en")


def test_an_unknown_step_is_refused():
    with pytest.raises(RefusedError):
        calendar.step("christmas", 2028)


def feed(language="nb"):
    found = calendar.next_deadlines(dt.date(2026, 11, 22), count=20)
    return icalendar.text(
        found, stamp=STAMP, language=language, name="Budsjettkalender, felles", host="samspill.test"
    )


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_the_feed_is_icalendar_line_for_line():
    text = feed()
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = unfolded(text)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 20
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == 20
    assert "X-WR-CALNAME:Budsjettkalender\\, felles" in lines


def test_an_event_of_one_day_ends_the_day_after():
    lines = unfolded(feed())
    at = lines.index("UID:council_adopts-2027@samspill.test")
    assert lines[at + 2] == "DTSTART;VALUE=DATE:20261231"
    assert lines[at + 3] == "DTEND;VALUE=DATE:20270101"
    assert lines[at + 1] == "DTSTAMP:20261122T090000Z"


def test_the_feed_speaks_the_language_asked_for():
    assert "Kommunestyret har vedteke" in "".join(unfolded(feed("nn")))
    assert "municipal council has adopted" in "".join(unfolded(feed("en")))
