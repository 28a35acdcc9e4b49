"""One question tells the worker which listeners there may be something for."""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs
import pytest
from django.db import connection

from samspill.infra import events
from samspill.kernel.actor import system

pytestmark = pytest.mark.django_db
JOB = system("tests")


@attrs.frozen
class BellRung(events.Event):
    """An event of this file."""

    room: ClassVar[str] = "tests"
    case_id: uuid.UUID


@attrs.frozen
class BellHung(events.Event):
    """Another event of this file, which nobody writes."""

    room: ClassVar[str] = "tests"
    case_id: uuid.UUID


@pytest.fixture
def names():
    found = [f"bells-{uuid.uuid4().hex[:8]}" for _ in range(3)]
    kinds = ([BellRung], [BellHung], [BellHung, BellRung])
    for name, heard in zip(found, kinds, strict=True):
        events.subscribe(name, heard, lambda _event: None, owner="tests")
    yield found
    for name in found:
        events._subscribers.pop(name)


def mine(names: list[str]) -> list[str]:
    return [name for name in events.waiting() if name in names]


def test_those_are_named_who_hear_what_was_told_until_they_have_heard_it(names):
    assert mine(names) == []
    events.append(BellRung(case_id=uuid.uuid4()), actor=JOB)
    assert mine(names) == [names[0], names[2]]
    with connection.cursor() as cursor:  # as a listener that has heard it leaves its place
        cursor.execute(
            "INSERT INTO infra_event_cursor (subscriber, position, failures, last_error, changed_at) "
            "SELECT %s, max(id), 0, '', now() FROM infra_event",
            [names[0]],
        )
    assert mine(names) == [names[2]]
