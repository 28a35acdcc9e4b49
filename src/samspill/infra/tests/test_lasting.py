"""Rows of the log that may wait for the disk are on it when the block ends, however it ends."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from samspill.infra import access_log, lasting, sql
from samspill.infra.models import AccessEntry, Event
from samspill.kernel.actor import system


def add_a_row() -> None:
    row = access_log.as_row(
        actor=system("test"), action="lookup", purpose="test", subject_id=uuid.uuid4()
    )
    access_log.record_many([row])


def add_and_fail(written: list[str]) -> None:
    with lasting.by_the_end():
        assert lasting.SOON in statements_of(add_a_row)[0]
        assert sql.one("SHOW synchronous_commit", ()) == (
            "on",
        )  # it was the row's transaction alone
        written += sql.one("SELECT pg_current_wal_insert_lsn()::text", ()) or ()
        raise ZeroDivisionError


def statements_of(step) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        step()
    return [one["sql"] for one in asked]


@pytest.mark.django_db(transaction=True)
def test_rows_wait_for_the_disk_in_the_block_alone_and_are_on_it_when_it_ends() -> None:
    sql.run("SELECT set_config('synchronous_commit', 'on', false)", ())
    try:
        written: list[str] = []
        with pytest.raises(ZeroDivisionError):
            add_and_fail(written)
        assert sql.one("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", written) == (True,)
        assert AccessEntry.objects.count() == 1
        assert lasting.SOON not in statements_of(add_a_row)[0]
        with transaction.atomic(), lasting.by_the_end():
            assert lasting.SOON not in statements_of(add_a_row)[0]
    finally:
        sql.run("SELECT set_config('synchronous_commit', 'off', false)", ())


@pytest.mark.django_db
def test_a_block_in_which_nothing_waited_asks_nothing() -> None:
    def nothing() -> None:
        with lasting.by_the_end():
            pass

    assert statements_of(nothing) == []


def test_a_new_row_has_its_defaults_and_no_other_names() -> None:
    made, called = sql.new(Event, id=7, room="cases"), Event(id=7, room="cases")
    assert {**vars(made), "_state": 0} == {**vars(called), "_state": 0}
    assert made._state.adding
    with pytest.raises(TypeError, match="no column nowhere"):
        sql.new(Event, nowhere=1)
