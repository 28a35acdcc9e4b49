"""The event log: what happened, told upwards without knowing who listens.

    Event          base of all; a room's `events.py` holds frozen subclasses in the past tense
    append         writes it in the transaction of the change
    subscribe      wired in `site`: a name, the types, a handler
    drain          reads a batch from the subscriber's cursor and calls the handler

A subscriber sees each event at least once and in order, so handlers are idempotent. Rows of a
transaction that is still open are never passed over: only events older than the oldest running
transaction are read (`pg_snapshot_xmin`).
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import attrs
from django.db import connection, transaction

from samspill.infra import clock, sql
from samspill.infra.canonical import canonical_json, compact_json
from samspill.infra.copying import copy_rows
from samspill.infra.logs import what_failed
from samspill.kernel.actor import Actor

log = logging.getLogger(__name__)
_MAX_FAILURES = 5
_registry: dict[str, type[Event]] = {}
_subscribers: dict[str, Subscriber] = {}


@attrs.frozen
class Event:
    """Something that happened in a room. Carries identifiers, never names or numbers of people."""

    room: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__name__.startswith("_"):
            _registry[cls.__name__] = cls

    @property
    def key(self) -> uuid.UUID | None:
        """The case or thing the event is about: the field `case_id` unless a room says otherwise."""
        return getattr(self, "case_id", None)


@attrs.frozen
class Stored:
    """An event as read from the log: with its number, time and the fields as JSON."""

    id: int
    at: dt.datetime
    type: str
    key: uuid.UUID | None
    body: dict[str, Any]


@attrs.frozen
class Subscriber:
    """Who listens: a stable name, the types, a handler for one event, the owner of failures, and whether one is enough.

    `newest`: the handler looks at the whole story of what an event is about, so of several read at once about the
    same thing it is handed the newest alone.
    """

    name: str
    types: frozenset[str]
    handle: Callable[[Stored], None]
    owner: str
    newest: bool = False


INSERT = (
    "INSERT INTO infra_event (at, txid, type, room, key, body) "
    "VALUES (%s, pg_current_xact_id()::text::bigint, %s, %s, %s::uuid, %s::jsonb)"
)


def as_row(event: Event, *, actor: Actor) -> tuple[dt.datetime, str, str, uuid.UUID | None, str]:
    """Return the values of the row (at, type, room, key, body) for a caller that writes it itself."""
    return clock.now(), *_what(event, actor)


def _what(event: Event, actor: Actor) -> tuple[str, str, uuid.UUID | None, str]:
    kind: Any = type(event)
    body = {name: getattr(event, name) for name in _names(kind)}
    body["_actor"] = actor.kind
    return kind.__name__, event.room, event.key, compact_json(body)


@functools.cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


def append(event: Event, *, actor: Actor) -> None:
    """Write the event in the present transaction; it is read by those who listen, not by who writes."""
    sql.run(INSERT, as_row(event, actor=actor))


def append_many(events: Iterable[Event], *, actor: Actor) -> int:
    """Write many events with COPY and return how many; for runs over thousands of cases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        txid = cursor.fetchone()[0]
    return copy_rows(
        "infra_event",
        "type, room, key, body",
        (_what(event, actor) for event in events),
        alike={"at": clock.now(), "txid": txid},
    )


def story(key: uuid.UUID) -> list[Stored]:
    """Return all events about one thing, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, at, type, key, body::text FROM infra_event WHERE key = %s ORDER BY id",
            [key],
        )
        return [_stored(row) for row in cursor.fetchall()]


def subscribe(
    name: str,
    types: Iterable[type[Event]],
    handle: Callable[[Stored], None],
    *,
    owner: str,
    newest: bool = False,
) -> None:
    """Register a listener; called once for each at start, in `site`. `newest`: see `Subscriber`."""
    heard = frozenset(t.__name__ for t in types)
    _subscribers[name] = Subscriber(name, heard, handle, owner, newest)


def subscribers() -> dict[str, Subscriber]:
    """Return all listeners by name."""
    return dict(_subscribers)


def event_types() -> dict[str, type[Event]]:
    """Return every event class by name."""
    return dict(_registry)


def waiting() -> list[str]:
    """Name the listeners that there may be something for, in the order they were wired, by one question for all."""
    asked = [{"name": s.name, "types": sorted(s.types)} for s in _subscribers.values()]
    found = {row[0] for row in sql.rows(_WAITING, [canonical_json(asked)])}
    return [name for name in _subscribers if name in found]


def drain(name: str, *, limit: int = 500) -> int:
    """Hand the next events to a subscriber and return how many were read.

    One drainer at a time per subscriber (row lock, others skip). All are handled in one savepoint; when one fails, all
    are handled again, each in its own. An event that fails five times is put aside with its error for the subscriber's
    owner, so that one bad event never stops the rest.
    """
    subscriber = _subscribers[name]
    with transaction.atomic():
        turn = _turn(name)
        if turn is None:
            return 0
        position, failures = turn
        events = _next(position, subscriber.types, limit)
        if not events:
            return 0
        if failures or not _hand_over_at_once(subscriber, events):
            position, failures, error = _hand_over(subscriber, events, position, failures)
        else:
            position, failures, error = events[-1].id, 0, ""
        sql.run(_MOVE, [position, failures, error, clock.now(), name])
        return len(events)


# Asked twice a second, and nearly always answered by nothing: so nothing is locked or written.
_WAITING = (
    "SELECT s.name FROM jsonb_to_recordset(%s::jsonb) AS s (name text, types text[]) "
    "LEFT JOIN infra_event_cursor c ON c.subscriber = s.name "
    "WHERE EXISTS (SELECT 1 FROM infra_event e WHERE e.type = ANY(s.types) AND e.id > coalesce(c.position, 0))"
)
_TURN = (
    "SELECT position, failures FROM infra_event_cursor WHERE subscriber = %s FOR UPDATE SKIP LOCKED"
)
_FIRST = (
    "INSERT INTO infra_event_cursor (subscriber, position, failures, last_error, changed_at) "
    "VALUES (%s, 0, 0, '', %s) ON CONFLICT DO NOTHING"
)
_NEXT = (
    "SELECT id, at, type, key, body::text FROM infra_event WHERE id > %s AND type = ANY(%s) "
    "AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY id LIMIT %s"
)
_MOVE = (
    "UPDATE infra_event_cursor SET position = %s, failures = %s, last_error = %s, changed_at = %s "
    "WHERE subscriber = %s"
)


def _turn(name: str) -> tuple[int, int] | None:
    """Take the subscriber's turn: its position and failures; None when somebody else has it."""
    found = sql.one(_TURN, [name])
    if found is None:  # it has never heard anything, or another drainer is at it
        sql.run(_FIRST, [name, clock.now()])
        found = sql.one(_TURN, [name])
    return None if found is None else (found[0], found[1])


def _next(position: int, types: frozenset[str], limit: int) -> list[Stored]:
    return [_stored(row) for row in sql.rows(_NEXT, [position, sorted(types), limit])]


def _hand_over_at_once(subscriber: Subscriber, events: list[Stored]) -> bool:
    """Hand all over in one savepoint; tell whether it went well. If not, nothing of it was done."""
    try:
        with transaction.atomic():
            for event in _wanted(subscriber, events):
                subscriber.handle(event)
    except Exception:  # noqa: BLE001 - told when they are handed over one by one
        return False
    return True


def _wanted(subscriber: Subscriber, events: list[Stored]) -> list[Stored]:
    if not subscriber.newest:
        return events
    last = {event.key or event.id: event.id for event in events}
    return [event for event in events if last[event.key or event.id] == event.id]


def _hand_over(
    subscriber: Subscriber, events: list[Stored], position: int, failures: int
) -> tuple[int, int, str]:
    for event in _wanted(subscriber, events):
        try:
            with transaction.atomic():
                subscriber.handle(event)
        except Exception as error:  # noqa: BLE001 - whatever a listener does wrong
            failures += 1
            if failures < _MAX_FAILURES:
                return position, failures, what_failed(error)
            _bury(subscriber, event, error)
        position, failures = event.id, 0
    return position, failures, ""


def _bury(subscriber: Subscriber, event: Stored, error: Exception) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event_dead (subscriber, event_id, error, owner, at) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [subscriber.name, event.id, what_failed(error), subscriber.owner, clock.now()],
        )
    log.error(
        "event %s is put aside for %s: %s failed", event.id, subscriber.owner, subscriber.name
    )


def _stored(row: tuple[Any, ...]) -> Stored:
    return Stored(row[0], row[1], row[2], row[3], json.loads(row[4]))
