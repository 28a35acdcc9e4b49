"""What listeners could not take: the events that were put aside, with the owner who answers for each (SP-38).

An event that a listener failed on five times is put aside so that the rest goes on (`events.drain`). It waits here
until its cause is mended and it is handed over once more; nothing takes it off the list but that it was taken.
"""

from __future__ import annotations

import datetime as dt
import uuid

import attrs
from django.db import transaction

from samspill.infra import clock, events
from samspill.infra.models import DeadEvent, Event


@attrs.frozen
class PutAside:
    """One event that waits: its number here, who could not take it, who answers, what it was and where it failed."""

    number: int
    listener: str
    owner: str
    event: int
    type: str
    key: uuid.UUID | None
    at: dt.datetime
    error: str


def waiting(*, most: int = 200) -> list[PutAside]:
    """Return the events that wait, oldest first."""
    rows = list(DeadEvent.objects.filter(settled_at=None).order_by("id")[:most])
    told = Event.objects.in_bulk([row.event_id for row in rows])
    return [_view(row, told[row.event_id]) for row in rows if row.event_id in told]


def hand_over(number: int) -> PutAside | None:
    """Hand an event to its listener once more; return it when it was taken now, None when it is not on the list.

    Whatever the listener raises goes on to the caller, and the event stays on the list. Two at once hand it over once.
    """
    with transaction.atomic():
        row = DeadEvent.objects.select_for_update().filter(pk=number, settled_at=None).first()
        listener = events.subscribers().get(row.subscriber) if row is not None else None
        if row is None or listener is None:
            return None
        told = Event.objects.get(pk=row.event_id)
        listener.handle(events.Stored(told.id, told.at, told.type, told.key, told.body))
        row.settled_at = clock.now()
        row.save(update_fields=["settled_at"])
        return _view(row, told)


def _view(row: DeadEvent, told: Event) -> PutAside:
    return PutAside(
        row.pk, row.subscriber, row.owner, row.event_id, told.type, told.key, row.at, row.error
    )
