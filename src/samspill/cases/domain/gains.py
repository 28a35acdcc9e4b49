"""How long people really worked on a case, from what happened in it.

Nobody keeps time. Every event of a case carries a time, a role and who acted, so the working
time of a step is the sum of the pauses between what one person did, with long pauses cut: a
pause longer than the rule's cut-off is not work, and counts only as the rule's tail. The rule is
data (`cases/data/gains.yaml`, or the package's own), is stored with every figure and shown beside
it. Nothing here knows a named service.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, pairwise
from statistics import median

import attrs


@attrs.frozen(kw_only=True)
class IdleRule:
    """State what a pause counts for: at most `cutoff_s`, else only `tail_s`."""

    name: str
    cutoff_s: int
    tail_s: int
    source: str

    def counted(self, pause_s: float) -> float:
        """Give the working seconds in a pause between two actions of one person.

        >>> rule = IdleRule(name="x", cutoff_s=600, tail_s=60, source="")
        >>> rule.counted(300), rule.counted(601)
        (300, 60)
        """
        return pause_s if pause_s <= self.cutoff_s else self.tail_s


#: Roles that stand together in the figures: who gains is a municipality, an agency or a citizen.
GROUPS: Mapping[str, str] = {
    "municipality_caseworker": "municipality",
    "municipality_leader": "municipality",
    "counter": "municipality",
    "agency_caseworker": "agency",
    "agency_leader": "agency",
    "applicant": "citizen",
    "party": "citizen",
}
ANY_EVENT = "*"


def group_of(role: str) -> str:
    """Give the group that a role stands in; a job of ours is nobody's time.

    >>> group_of("counter"), group_of("system")
    ('municipality', '')
    """
    return GROUPS.get(role, "")


def parse_pause(text: str) -> int:
    """Read an ISO 8601 time (`PT15M`) as seconds.

    >>> parse_pause("PT15M"), parse_pause("PT1H30S")
    (900, 3630)

    Raises:
        ValueError: it is not hours, minutes and seconds.
    """
    match = re.fullmatch(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", text)
    if match is None:
        msg = f"{text!r} is not a time; write for example PT15M"
        raise ValueError(msg)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


@attrs.frozen(kw_only=True)
class Measure:
    """Name a step between two events, and whose time it is (empty: everybody's).

    `from_event` may be `*`: the first thing that happened.
    """

    name: str
    from_event: str
    to_event: str
    role: str = ""


#: The whole case, from the first word written to the first decision; what a baseline speaks of.
WHOLE_CASE = Measure(name="case", from_event=ANY_EVENT, to_event="DecisionMade")


@attrs.frozen(kw_only=True)
class Happening:
    """Hold one event of a case: when, what, in which role and by whom (an opaque key)."""

    at: datetime
    name: str
    role: str
    actor: str


@attrs.frozen(kw_only=True)
class Span:
    """Hold the measured time of one step of one case, of one group (municipality, agency, citizen)."""

    measure: str
    role: str
    started_at: datetime
    ended_at: datetime
    active_s: int
    cut_s: int


def spans(
    happenings: Sequence[Happening], measures: Iterable[Measure], rule: IdleRule
) -> list[Span]:
    """Measure every finished step of one case, per role that took part in it."""
    ordered = sorted(happenings, key=lambda happening: happening.at)
    return [span for measure in measures for span in _measured(ordered, measure, rule)]


def _measured(ordered: Sequence[Happening], measure: Measure, rule: IdleRule) -> list[Span]:
    found: list[Span] = []
    start: int | None = None
    for index, happening in enumerate(ordered):
        if start is not None and happening.name == measure.to_event:
            found += _per_role(ordered[start : index + 1], measure, rule)
            start = None
            if measure.from_event == ANY_EVENT:
                break
        if start is None and measure.from_event in (happening.name, ANY_EVENT):
            start = index
    return found


def _per_role(within: Sequence[Happening], measure: Measure, rule: IdleRule) -> list[Span]:
    """Sum the pauses of each actor by itself: waiting for somebody else is nobody's work."""
    by_actor: dict[tuple[str, str], list[Happening]] = defaultdict(list)
    for happening in within:
        by_actor[group_of(happening.role), happening.actor].append(happening)
    wanted = {group_of(measure.role)} if measure.role else {group for group, _ in by_actor}
    times = {group: (0.0, 0.0) for group in sorted(wanted) if group}
    for (group, _actor), own in by_actor.items():
        if group in times:
            active, cut = _time(own, rule)
            times[group] = (times[group][0] + active, times[group][1] + cut)
    first, last = within[0].at, within[-1].at
    return [
        Span(
            measure=measure.name,
            role=group,
            started_at=first,
            ended_at=last,
            active_s=round(active),
            cut_s=round(cut),
        )
        for group, (active, cut) in times.items()
    ]


def _time(own: Sequence[Happening], rule: IdleRule) -> tuple[float, float]:
    """Give working and cut seconds of one actor; a single act counts as the rule's tail."""
    pauses = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(own)]
    if not pauses:
        return rule.tail_s, 0.0
    active = sum(rule.counted(pause) for pause in pauses)
    return active, max(0.0, sum(pauses) - active)


@attrs.frozen(kw_only=True)
class Baseline:
    """Hold what a step took before: a claim with its source and status, never a measurement."""

    minutes: Mapping[str, float]  # role group (municipality, agency, citizen) → minutes a case
    source: str
    status: str


@attrs.frozen(kw_only=True)
class Sample:
    """Hold one measured case in one role group, as the rows give it."""

    municipality_no: str
    package_version: str
    measure: str
    role: str
    active_s: int


@attrs.frozen(kw_only=True)
class GainRow:
    """Hold one line of the table; figures are None where fewer cases than the limit stand."""

    municipality_no: str
    package_version: str
    measure: str
    role: str
    cases: int | None
    median_minutes: float | None
    total_hours: float | None
    before_minutes: float | None
    saved_hours: float | None
    suppressed: bool


def table(
    samples: Iterable[Sample], baseline: Baseline | None, *, smallest_cell: int
) -> list[GainRow]:
    """Give the lines per municipality, version, step and role, small cells without figures."""
    cells: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for s in samples:
        cells[s.municipality_no, s.package_version, s.measure, s.role].append(s.active_s)
    rows = [_row(key, seconds, baseline, smallest_cell) for key, seconds in sorted(cells.items())]
    return rows + _together(cells, baseline, smallest_cell)


def _together(
    cells: Mapping[tuple[str, str, str, str], list[int]],
    baseline: Baseline | None,
    smallest: int,
) -> list[GainRow]:
    """Add the small cells of a step into one line, if several and enough to hide each of them."""
    small: dict[tuple[str, str, str, str], list[list[int]]] = defaultdict(list)
    for (_number, version, measure, role), seconds in cells.items():
        if len(seconds) < smallest:
            small["", version, measure, role].append(seconds)
    return [
        _row(key, list(chain.from_iterable(parts)), baseline, smallest)
        for key, parts in sorted(small.items())
        if len(parts) > 1 and sum(map(len, parts)) >= smallest
    ]


def _claimed(baseline: Baseline | None, measure: str, role: str) -> float | None:
    """Give the minutes claimed for the whole case; a claim of nothing is no claim."""
    if baseline is None or measure != WHOLE_CASE.name:
        return None
    return baseline.minutes.get(role) or None


def _row(
    key: tuple[str, str, str, str],
    seconds: list[int],
    baseline: Baseline | None,
    smallest_cell: int,
) -> GainRow:
    number, version, measure, role = key
    before = _claimed(baseline, measure, role)
    total_h = sum(seconds) / 3600
    shown = len(seconds) >= smallest_cell
    saved = None if before is None else before * len(seconds) / 60 - total_h
    return GainRow(
        municipality_no=number,
        package_version=version,
        measure=measure,
        role=role,
        cases=len(seconds) if shown else None,
        median_minutes=round(median(seconds) / 60, 2) if shown else None,
        total_hours=round(total_h, 2) if shown else None,
        before_minutes=before,
        saved_hours=None if saved is None or not shown else round(saved, 2),
        suppressed=not shown,
    )
