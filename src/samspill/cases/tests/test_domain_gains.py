"""Working time from events, with idle time cut by a stated rule, and the table of gains."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.domain import gains

RULE = gains.IdleRule(name="idle", cutoff_s=600, tail_s=60, source="test")
MEASURE = gains.Measure(name="prepare", from_event="CaseOpened", to_event="CaseReady")
START = dt.datetime(2026, 8, 3, 8, tzinfo=dt.UTC)


def happening(
    second: int, name: str, role: str = "municipality_caseworker", actor: str = ""
) -> gains.Happening:
    at = START + dt.timedelta(seconds=second)
    return gains.Happening(at=at, name=name, role=role, actor=actor or role)


def test_step_is_the_time_between_its_events() -> None:
    [span] = gains.spans([happening(0, "CaseOpened"), happening(300, "CaseReady")], [MEASURE], RULE)
    assert (span.active_s, span.cut_s) == (300, 0)


def test_lunch_is_not_work() -> None:
    story = [
        happening(0, "CaseOpened"),
        happening(200, "TaskCompleted"),
        happening(200 + 3600, "CaseReady"),
    ]
    [span] = gains.spans(story, [MEASURE], RULE)
    assert (span.active_s, span.cut_s) == (260, 3540)


def test_waiting_for_the_applicant_is_nobodys_work() -> None:
    story = [
        happening(0, "CaseOpened", actor="kari"),
        happening(100, "InformationRequested", actor="kari"),
        happening(90_000, "InformationReceived", role="applicant"),
        happening(90_100, "PageShown", role="applicant"),
        happening(180_000, "CaseOpened", actor="ola"),
        happening(180_200, "CaseReady", actor="ola"),
    ]
    found = {span.role: span.active_s for span in gains.spans(story, [MEASURE], RULE)}
    assert found == {"municipality": 300, "citizen": 100}


def test_unfinished_step_is_not_measured() -> None:
    assert gains.spans([happening(0, "CaseOpened")], [MEASURE], RULE) == []


def test_step_done_twice_is_measured_twice() -> None:
    story = [happening(s, n) for s, n in ((0, "CaseOpened"), (60, "CaseReady"))]
    again = [happening(s, n) for s, n in ((500, "CaseOpened"), (620, "CaseReady"))]
    assert [s.active_s for s in gains.spans(story + again, [MEASURE], RULE)] == [
        60,
        120,
    ]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30))
def test_active_time_never_exceeds_elapsed_when_one_person_works(
    seconds: list[int],
) -> None:
    seconds.sort()
    story = [happening(s, "PageShown") for s in seconds[1:-1]]
    story = [
        happening(seconds[0], "CaseOpened"),
        *story,
        happening(seconds[-1], "CaseReady"),
    ]
    [span] = gains.spans(story, [MEASURE], RULE)
    elapsed = seconds[-1] - seconds[0]
    assert 0 <= span.active_s <= elapsed
    assert span.active_s + span.cut_s == elapsed


def test_whole_case_goes_from_the_first_event_to_the_first_decision() -> None:
    story = [
        happening(0, "DraftStarted", role="applicant"),
        happening(100, "ApplicationSubmitted", role="applicant"),
        happening(5000, "CaseOpened"),
        happening(5120, "CaseReady"),
        happening(9000, "DecisionMade", role="system"),
        happening(9100, "CaseOpened"),
        happening(9500, "DecisionMade", role="agency_caseworker"),
    ]
    found = {s.role: s.active_s for s in gains.spans(story, [gains.WHOLE_CASE], RULE)}
    assert found == {"citizen": 100, "municipality": 120}


def test_step_nobody_had_to_touch_took_no_time() -> None:
    automatic = gains.Measure(
        name="decide", from_event="CaseReady", to_event="DecisionMade", role="agency_caseworker"
    )
    story = [happening(0, "CaseReady"), happening(900, "DecisionMade", role="system")]
    [span] = gains.spans(story, [automatic], RULE)
    assert (span.role, span.active_s) == ("agency", 0)


def sample(seconds: int, number: str = "0301") -> gains.Sample:
    return gains.Sample(
        municipality_no=number,
        package_version="1.0.0",
        measure="case",
        role="municipality",
        active_s=seconds,
    )


BASELINE = gains.Baseline(minutes={"municipality": 30.0}, source="a claim", status="claim")


def test_table_gives_median_total_and_saved_hours_beside_the_claim() -> None:
    rows = gains.table([sample(600)] * 4 + [sample(1200)], BASELINE, smallest_cell=5)
    [row] = rows
    assert (row.cases, row.median_minutes, row.total_hours) == (5, 10.0, 1.0)
    assert (row.before_minutes, row.saved_hours) == (30.0, 1.5)


def test_small_cells_show_no_figures_and_are_added_together() -> None:
    few = [sample(600, "0301")] * 4 + [sample(600, "1103")] * 3
    rows = gains.table(few, BASELINE, smallest_cell=5)
    shown = {row.municipality_no: (row.cases, row.saved_hours) for row in rows}
    assert shown == {"0301": (None, None), "1103": (None, None), "": (7, 2.33)}


def test_one_small_cell_alone_is_not_revealed_by_its_sum() -> None:
    rows = gains.table([sample(600, "0301")] * 4, BASELINE, smallest_cell=5)
    assert [(row.municipality_no, row.cases) for row in rows] == [("0301", None)]
