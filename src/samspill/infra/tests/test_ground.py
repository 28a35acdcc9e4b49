"""The event log and the access log on a real PostgreSQL."""

from __future__ import annotations

import threading
import time
import uuid
from typing import ClassVar

import attrs
import pytest
from django.db import DatabaseError, connection, connections, transaction

from samspill.infra import access_log, events, jobs
from samspill.infra.models import Event
from samspill.kernel.actor import Actor, system

pytestmark = pytest.mark.django_db(transaction=True)
JOB = system("test")


@attrs.frozen
class LampLit(events.Event):
    """A lamp was lit (an event for these tests)."""

    room: ClassVar[str] = "tests"
    case_id: uuid.UUID


@pytest.fixture
def heard():
    seen: list[events.Stored] = []
    name = f"listener-{uuid.uuid4().hex[:8]}"
    events.subscribe(name, [LampLit], seen.append, owner="tests")
    yield name, seen
    events._subscribers.pop(name)


def read_until(name, seen, count):
    """Drain until so many are heard: a transaction anywhere on the server may hold events back."""
    read, deadline = 0, time.monotonic() + 120
    while len(seen) < count and time.monotonic() < deadline:
        read += events.drain(name)
        time.sleep(0.02)
    return read


def test_a_subscriber_hears_each_event_once_and_in_order(heard):
    name, seen = heard
    keys = [uuid.uuid4() for _ in range(3)]
    for key in keys:
        with transaction.atomic():
            events.append(LampLit(case_id=key), actor=JOB)
    assert read_until(name, seen, 3) == 3
    assert events.drain(name) == 0
    assert [event.key for event in seen] == keys


def test_an_event_of_an_open_transaction_is_not_passed_over(heard):
    name, seen = heard
    late, early = uuid.uuid4(), uuid.uuid4()
    written, go_on = threading.Event(), threading.Event()

    def slow_writer():
        with transaction.atomic():
            events.append(LampLit(case_id=late), actor=JOB)
            written.set()
            go_on.wait(5)
        connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    written.wait(5)
    with transaction.atomic():
        events.append(LampLit(case_id=early), actor=JOB)
    assert events.drain(name) == 0  # the older transaction still runs
    go_on.set()
    writer.join()
    read_until(name, seen, 2)
    assert {event.key for event in seen} == {late, early}


def test_an_event_that_cannot_be_handled_is_put_aside_and_the_rest_goes_on():
    handled: list[uuid.UUID | None] = []
    bad, good = uuid.uuid4(), uuid.uuid4()

    def handle(event: events.Stored) -> None:
        if event.key == bad:
            msg = "cannot"
            raise ValueError(msg)
        handled.append(event.key)

    name = f"listener-{uuid.uuid4().hex[:8]}"
    events.subscribe(name, [LampLit], handle, owner="the operator")
    for key in (bad, good):
        events.append(LampLit(case_id=key), actor=JOB)
    read_until(name, handled, 1)
    events._subscribers.pop(name)
    assert handled == [good]
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner, error FROM infra_event_dead WHERE subscriber = %s", [name])
        [(owner, error)] = cursor.fetchall()
    assert owner == "the operator"
    assert error.startswith("ValueError\n")
    assert " handle" in error  # where it was; never what it said, which may be what a person wrote
    assert "cannot" not in error


def test_of_several_events_about_one_thing_a_listener_for_the_newest_hears_only_that():
    seen: list[events.Stored] = []
    name = f"listener-{uuid.uuid4().hex[:8]}"
    events.subscribe(name, [LampLit], seen.append, owner="tests", newest=True)
    one, other = uuid.uuid4(), uuid.uuid4()
    with transaction.atomic():
        for key in (one, other, one, one):
            events.append(LampLit(case_id=key), actor=JOB)
    rows = Event.objects.filter(key__in=[one, other]).order_by("id")
    told = list(rows.values_list("id", flat=True))
    read = read_until(name, seen, 2)
    assert events.drain(name) == 0
    events._subscribers.pop(name)
    assert read == len(told) == 4
    assert [event.id for event in seen] == [told[1], told[3]]


def test_a_batch_that_fails_leaves_nothing_behind_and_is_handed_over_one_by_one():
    bad, good = uuid.uuid4(), uuid.uuid4()
    left: list[str] = []

    def handle(event: events.Stored) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('samspill.heard', true), '')")
            left.append(cursor.fetchone()[0])
            cursor.execute("SELECT set_config('samspill.heard', %s, false)", [str(event.key)])
        if event.key == bad:
            msg = "cannot"
            raise ValueError(msg)

    name = f"listener-{uuid.uuid4().hex[:8]}"
    events.subscribe(name, [LampLit], handle, owner="tests")
    with transaction.atomic():
        for key in (good, bad):
            events.append(LampLit(case_id=key), actor=JOB)
    read_until(name, left, 4)
    events._subscribers.pop(name)
    # together: the good, the bad; then each by itself, where the good is done before the bad one fails again
    assert left[:4] == ["", str(good), "", str(good)]


@pytest.mark.parametrize("table", ["infra_event", "infra_access_entry"])
@pytest.mark.parametrize("act", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_a_log_refuses_everything_but_new_rows(table, act):
    events.append(LampLit(case_id=uuid.uuid4()), actor=JOB)
    access_log.record(actor=JOB, action="read", purpose="test")
    with pytest.raises(DatabaseError, match="can only be added"), connection.cursor() as cursor:
        cursor.execute(act.format(table))


def test_copied_access_rows_equal_recorded_ones():
    person, actor = uuid.uuid4(), Actor(kind="employee", org_no="942114184")
    row = access_log.as_row(
        actor=actor, action="lookup", purpose="bostøtte", subject_id=person, fields=["b", "a"]
    )
    access_log.record(
        actor=actor, action="lookup", purpose="bostøtte", subject_id=person, fields=["b", "a"]
    )
    access_log.record_many([row])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_org_no, fields, purpose, detail FROM infra_access_entry "
            "WHERE subject_id = %s",
            [person],
        )
        first, second = cursor.fetchall()
    assert first == second


def test_a_job_deferred_in_a_transaction_that_rolls_back_does_not_exist():
    jobs.job(f"tests.nothing-{uuid.uuid4().hex}")(lambda: None)
    name = next(n for n in jobs.jobs() if n.startswith("tests.nothing-"))
    with transaction.atomic():
        jobs.defer(name)
        transaction.set_rollback(True)
    assert jobs.defer(name, key="only-one")
    assert not jobs.defer(name, key="only-one")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [name])
        assert cursor.fetchone()[0] == 1
