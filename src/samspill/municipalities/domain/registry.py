"""All municipalities of all times in memory: resolve a number on a day, search by name.

Some 500 units and 1,000 periods: a run over 115,000 cases asks here without touching the database.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import attrs

from samspill.municipalities.domain.history import STRUCTURAL, Edge, Span
from samspill.municipalities.domain.model import (
    Hit,
    Municipality,
    Name,
    NotFound,
    Part,
    Several,
)
from samspill.municipalities.domain.names import search_key, sort_key

#: The first day for which the table of changes is complete (429 municipalities).
HISTORY_START = dt.date(2012, 1, 1)

_EXACT, _PREFIX, _WORD, _INSIDE = range(4)
_Rank = tuple[int, bool, str]


@attrs.frozen
class Unit:
    """What is known of one municipality besides its numbers. `names`: official, in order."""

    id: uuid.UUID
    org_no: str | None
    names: tuple[Name, ...]


class Registry:
    """An immutable index over units, periods and changes."""

    def __init__(
        self,
        *,
        units: Iterable[Unit],
        spans: Iterable[Span],
        edges: Iterable[Edge],
        counties: Mapping[str, str],
    ) -> None:
        self._units = {unit.id: unit for unit in units}
        self._counties = dict(counties)
        self._by_number: dict[str, list[Span]] = defaultdict(list)
        self._by_unit: dict[uuid.UUID, list[Span]] = defaultdict(list)
        for span in sorted(spans, key=lambda s: s.start or dt.date.min):
            self._by_number[span.number].append(span)
            self._by_unit[span.unit_id].append(span)
        self.edges = tuple(edges)
        self._forward: dict[tuple[str, dt.date], list[Edge]] = defaultdict(list)
        self._backward: dict[tuple[str, dt.date], list[Edge]] = defaultdict(list)
        for edge in self.edges:
            if edge.change.kind in STRUCTURAL and edge.change.on is not None:
                self._forward[edge.change.old_no, edge.change.on].append(edge)
                self._backward[edge.change.new_no, edge.change.on].append(edge)
        self._by_org = {unit.org_no: unit.id for unit in self._units.values() if unit.org_no}
        self._values: dict[Span, Municipality] = {}
        self._unique: dict[dt.date, Counter[str]] = {}
        self._index = list(self._search_index())

    # -- resolving ---------------------------------------------------------------------------

    def on(self, number: str, on: dt.date) -> Municipality | Several | NotFound:
        """Return who answers to a number on a day, forward through mergers and back through them."""
        if number not in self._by_number:
            return NotFound(number, on, "unknown_number")
        if on < HISTORY_START:
            return NotFound(number, on, "before_history")
        spans = self._by_number[number]
        for span in spans:
            if span.holds(on):
                return self._value(span)
        if all(span.start is not None and on < span.start for span in spans):
            return self._answer(number, on, self._back(spans[0], on), "merged")
        past = [span for span in spans if span.end is not None and span.end <= on]
        return self._answer(number, on, self._ahead(past[-1], on), "split")

    def _answer(
        self,
        number: str,
        on: dt.date,
        parts: Mapping[Span, decimal.Decimal | None],
        reason: Literal["split", "merged"],
    ) -> Municipality | Several | NotFound:
        if not parts:
            return NotFound(number, on, "unknown_number")
        if len(parts) == 1:
            return self._value(next(iter(parts)))
        found = [Part(self._value(span), share) for span, share in parts.items()]
        found.sort(key=lambda part: part.municipality.number)
        return Several(number, on, tuple(found), reason)

    def _ahead(self, span: Span, on: dt.date) -> dict[Span, decimal.Decimal | None]:
        reached: dict[Span, decimal.Decimal | None] = {}
        waiting: list[tuple[Span, decimal.Decimal | None]] = [(span, decimal.Decimal(1))]
        while waiting:
            at, share = waiting.pop()
            if at.holds(on):
                reached[at] = _add(reached[at], share) if at in reached else share
                continue
            if at.end is None:
                continue
            for edge in self._forward[at.number, at.end]:
                step = (
                    None
                    if share is None or edge.change.share is None
                    else share * edge.change.share
                )
                waiting.append((self._span(edge.change.new_no, at.end), step))
        return reached

    def _back(self, span: Span, on: dt.date) -> dict[Span, decimal.Decimal | None]:
        reached: dict[Span, decimal.Decimal | None] = {}
        waiting = [span]
        while waiting:
            at = waiting.pop()
            if at.holds(on):
                reached[at] = None
            elif at.start is not None:
                before = at.start - dt.timedelta(days=1)
                edges = self._backward[at.number, at.start]
                waiting.extend(self._span(edge.change.old_no, before) for edge in edges)
        return reached

    def _span(self, number: str, on: dt.date) -> Span:
        return next(span for span in self._by_number[number] if span.holds(on))

    def last_holder(self, number: str) -> Municipality:
        """Return the last municipality that had a number; KeyError when nobody ever had it."""
        spans = self._by_number.get(number)
        if not spans:
            raise KeyError(number)
        return self._value(spans[-1])

    # -- by id, by organisation, all -----------------------------------------------------------

    def by_id(self, id_: uuid.UUID, on: dt.date) -> Municipality | None:
        """Return the unit as it was on a day; outside its life, as it was nearest to that day."""
        spans = self._by_unit.get(id_)
        if not spans:
            return None
        for span in spans:
            if span.holds(on):
                return self._value(span)
        early = spans[0].start is not None and on < spans[0].start
        return self._value(spans[0] if early else spans[-1])

    def by_org_no(self, org_no: str, on: dt.date) -> Municipality | None:
        """Return the municipality of an organisation number."""
        id_ = self._by_org.get(org_no)
        return None if id_ is None else self.by_id(id_, on)

    def all(self, on: dt.date) -> list[Municipality]:
        """Return every municipality of a day in alphabetical order."""
        found = [
            self._value(span)
            for spans in self._by_number.values()
            for span in spans
            if span.holds(on)
        ]
        return sorted(found, key=lambda m: (name_sort_key(m), m.number))

    def spans_of(self, id_: uuid.UUID) -> Sequence[Span]:
        """Return the numbers a municipality has had, oldest first."""
        return tuple(self._by_unit.get(id_, ()))

    def edges_of(self, id_: uuid.UUID) -> list[Edge]:
        """Return the changes a municipality took part in, oldest first, undated last."""
        mine = [edge for edge in self.edges if id_ in (edge.old_id, edge.new_id)]
        return sorted(mine, key=lambda e: (e.change.on or dt.date.max, e.change.old_no))

    def county(self, county_no: str) -> str:
        """Return the name of a county by its number."""
        return self._counties.get(county_no, "")

    # -- searching -----------------------------------------------------------------------------

    def search(self, text: str, *, on: dt.date, limit: int) -> list[Hit]:
        """Return municipalities by name or number, best first; those of today before former ones."""
        wanted = search_key(text)
        if not wanted:
            return []
        best: dict[uuid.UUID, tuple[_Rank, Span, str]] = {}
        for key, matched, span in self._index:
            rank = _rank(key, wanted)
            if rank is None:
                continue
            order = (rank, not self._lives(span.unit_id, on), sort_key(matched))
            if span.unit_id not in best or order < best[span.unit_id][0]:
                best[span.unit_id] = (order, span, matched)
        ordered = sorted(best.values(), key=lambda item: (item[0], item[1].number))
        return [self._hit(span, matched, on) for _, span, matched in ordered[:limit]]

    def _hit(self, span: Span, matched: str, on: dt.date) -> Hit:
        if self._lives(span.unit_id, on):
            found = self.by_id(span.unit_id, on)
            return Hit(found or self._value(span), matched)
        last = self._by_unit[span.unit_id][-1]
        return Hit(self._value(last), matched, self.became(last, on))

    def became(self, span: Span, on: dt.date) -> tuple[Municipality, ...]:
        """Return the municipalities of a day into which a former one has gone."""
        parts = [self._value(s) for s in self._ahead(span, on)]
        return tuple(sorted(parts, key=lambda m: m.number))

    def _lives(self, id_: uuid.UUID, on: dt.date) -> bool:
        return any(span.holds(on) for span in self._by_unit[id_])

    def _search_index(self) -> Iterable[tuple[str, str, Span]]:
        for id_, spans in self._by_unit.items():
            last = spans[-1]
            for name in self._units[id_].names:
                yield search_key(name.text), name.text, last
            for span in spans:
                yield search_key(span.name), span.name, span
                yield span.number, span.number, span

    # -- values --------------------------------------------------------------------------------

    def _value(self, span: Span) -> Municipality:
        if span not in self._values:
            self._values[span] = self._make(span)
        return self._values[span]

    def _make(self, span: Span) -> Municipality:
        unit = self._units[span.unit_id]
        county_no = span.number[:2]
        return Municipality(
            id=unit.id,
            number=span.number,
            name=span.name,
            names=unit.names if span.end is None else (Name("nb", span.name),),
            county_no=county_no,
            county=self.county(county_no),
            org_no=unit.org_no,
            valid_from=span.start,
            valid_to=span.end,
            name_is_unique=self._same_name(span) == 1,
        )

    def _same_name(self, span: Span) -> int:
        day = dt.date.max if span.end is None else span.end - dt.timedelta(days=1)
        if day not in self._unique:
            self._unique[day] = Counter(
                s.name for spans in self._by_number.values() for s in spans if s.holds(day)
            )
        return self._unique[day][span.name]


def name_sort_key(municipality: Municipality) -> str:
    """Return the key that orders a municipality by its first official name."""
    first = municipality.names[0]
    return sort_key(first.text, language=first.language)


def _add(one: decimal.Decimal | None, other: decimal.Decimal | None) -> decimal.Decimal | None:
    return None if one is None or other is None else one + other


def _rank(key: str, wanted: str) -> int | None:
    if key == wanted:
        return _EXACT
    if key.startswith(wanted):
        return _PREFIX
    if f" {wanted}" in key:
        return _WORD
    return _INSIDE if wanted in key else None
