"""Replay the table of changes into periods of numbers and the lines between them.

The table says what happened on each date; from today's list it is rolled back to the first day known,
so that every number has a period, every municipality a life, and the counts of each year can be checked.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import attrs

Kind = Literal["merger", "split", "renumbering", "boundary", "name"]
KINDS: dict[str, Kind] = {
    "sammenslåing": "merger",
    "deling": "split",
    "omnummerering": "renumbering",
    "omnummerering_fylke": "renumbering",
    "grensejustering": "boundary",
    "navneendring": "name",
}
#: Changes that move a whole number; the others leave the numbers alone.
STRUCTURAL: frozenset[Kind] = frozenset({"merger", "split", "renumbering"})
#: Names the municipality for its id, so that it is the same in every installation.
NAMESPACE = uuid.UUID("6b3d7d5e-2f7c-5d0a-9c55-1f1d0f6b7a10")


class HistoryError(ValueError):
    """The table of changes contradicts itself; the message says where."""


@attrs.frozen
class Change:
    """One row of the table of changes. `on` is None when only an interval is known (in `note`)."""

    on: dt.date | None
    old_no: str
    old_name: str
    new_no: str
    new_name: str
    kind: Kind
    share: decimal.Decimal | None
    status: str
    note: str = ""


@attrs.frozen
class Span:
    """One number in use by one municipality: [start, end), None = unbounded."""

    unit_id: uuid.UUID
    number: str
    name: str
    start: dt.date | None
    end: dt.date | None

    def holds(self, on: dt.date) -> bool:
        """Tell whether the number was in use that day."""
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


@attrs.frozen
class Edge:
    """What became what: a change with the ids of the municipalities at both ends."""

    change: Change
    old_id: uuid.UUID
    new_id: uuid.UUID


@attrs.frozen
class History:
    """Every number's periods and every change between them."""

    spans: tuple[Span, ...]
    edges: tuple[Edge, ...]

    def alive(self, on: dt.date) -> frozenset[str]:
        """Return the numbers in use on a day."""
        return frozenset(span.number for span in self.spans if span.holds(on))


@attrs.define
class _Open:
    """A period under construction while walking back from today."""

    number: str
    name: str
    end: dt.date | None
    thread: int


def replay(*, current: Mapping[str, tuple[str, str | None]], changes: Sequence[Change]) -> History:
    """Roll the table back from today's list.

    Args:
        current: number -> (name, organisation number or None) of every municipality of today.
        changes: the table of changes.

    Raises:
        HistoryError: a change makes a number that nobody has afterwards.
    """
    structural = [c for c in changes if c.kind in STRUCTURAL]
    closed, threads = _walk_back({no: name for no, (name, _) in current.items()}, structural)
    ids = _ids(closed, threads, {no: org for no, (_, org) in current.items()})
    spans = tuple(
        sorted(
            (
                Span(ids[threads.find(o.thread)], o.number, o.name, start, o.end)
                for o, start in closed
            ),
            key=lambda s: (s.number, s.start or dt.date.min),
        )
    )
    return History(spans, tuple(_edges(spans, changes)))


class _Threads:
    """Which periods belong to one municipality (union–find)."""

    def __init__(self) -> None:
        self._parent: list[int] = []

    def new(self) -> int:
        self._parent.append(len(self._parent))
        return self._parent[-1]

    def find(self, thread: int) -> int:
        while self._parent[thread] != thread:
            thread = self._parent[thread]
        return thread

    def join(self, newer: int, older: int) -> None:
        self._parent[self.find(newer)] = self.find(older)


def _walk_back(
    names: Mapping[str, str], changes: Iterable[Change]
) -> tuple[list[tuple[_Open, dt.date | None]], _Threads]:
    threads = _Threads()
    alive = {no: _Open(no, name, None, threads.new()) for no, name in names.items()}
    closed: list[tuple[_Open, dt.date | None]] = []
    for on, rows in sorted(_by_date(changes).items(), reverse=True):
        alive = _step_back(alive, on, rows, closed, threads)
    closed.extend((period, None) for period in alive.values())
    return closed, threads


def _by_date(changes: Iterable[Change]) -> dict[dt.date, list[Change]]:
    grouped: dict[dt.date, list[Change]] = defaultdict(list)
    for change in changes:
        if change.on is None:
            msg = f"the change {change.old_no} to {change.new_no} moves a number but has no date"
            raise HistoryError(msg)
        grouped[change.on].append(change)
    return grouped


def _step_back(
    alive: dict[str, _Open],
    on: dt.date,
    rows: Sequence[Change],
    closed: list[tuple[_Open, dt.date | None]],
    threads: _Threads,
) -> dict[str, _Open]:
    lives_on = {row.old_no for row in rows if row.old_no == row.new_no}
    made = {row.new_no for row in rows} - lives_on
    unknown = {row.new_no for row in rows} - alive.keys()
    if unknown:
        msg = f"on {on} the table makes {', '.join(sorted(unknown))}, which nobody has afterwards"
        raise HistoryError(msg)
    after = {no: alive[no] for no in made}
    closed.extend((period, on) for period in after.values())
    before = {no: period for no, period in alive.items() if no not in made}
    for row in rows:
        if row.old_no not in before:
            before[row.old_no] = _Open(row.old_no, row.old_name, on, threads.new())
        if row.new_no in after and _continues(row, rows):
            threads.join(after[row.new_no].thread, before[row.old_no].thread)
    return before


def _continues(row: Change, rows: Sequence[Change]) -> bool:
    """Tell whether the new number is the same municipality as the old one.

    A new number of the county: yes. A split: the successor that keeps the name goes on. A merger to a
    new number makes a new municipality (it gets an organisation number of its own).
    """
    if row.kind == "renumbering":
        return True
    alone = sum(1 for other in rows if other.new_no == row.new_no) == 1
    return row.kind == "split" and alone and row.old_name == row.new_name


def _ids(
    closed: Sequence[tuple[_Open, dt.date | None]],
    threads: _Threads,
    org_nos: Mapping[str, str | None],
) -> dict[int, uuid.UUID]:
    lives: dict[int, list[tuple[_Open, dt.date | None]]] = defaultdict(list)
    for period, start in closed:
        lives[threads.find(period.thread)].append((period, start))
    return {thread: _id(periods, org_nos) for thread, periods in lives.items()}


def _id(
    periods: Sequence[tuple[_Open, dt.date | None]], org_nos: Mapping[str, str | None]
) -> uuid.UUID:
    last = next((period for period, _ in periods if period.end is None), None)
    org_no = org_nos.get(last.number) if last is not None else None
    if org_no:
        return uuid.uuid5(NAMESPACE, f"org:{org_no}")
    first, start = min(periods, key=lambda item: item[1] or dt.date.min)
    return uuid.uuid5(NAMESPACE, f"made:{first.name}:{first.number}:{start or ''}")


def _edges(spans: Sequence[Span], changes: Iterable[Change]) -> Iterable[Edge]:
    by_number: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_number[span.number].append(span)
    for change in changes:
        old = _holder(by_number[change.old_no], change, before=True)
        new = _holder(by_number[change.new_no], change, before=False)
        yield Edge(change, old.unit_id, new.unit_id)


def _holder(spans: Sequence[Span], change: Change, *, before: bool) -> Span:
    if change.on is None:
        return spans[-1]
    day = change.on - dt.timedelta(days=1) if before else change.on
    for span in spans:
        if span.holds(day):
            return span
    number = change.old_no if before else change.new_no
    msg = f"nobody had {number} on {day}, but the table of changes says so ({change.on})"
    raise HistoryError(msg)
