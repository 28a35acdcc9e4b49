"""A connection that goes back to the pool says nothing any more of who acted on it."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from samspill.infra import prepared
from samspill.infra.isolation import _SET, saying
from samspill.infra.postgres.base import DatabaseWrapper

_SHOWN = (
    "SELECT current_setting('samspill.person', true), current_setting('samspill.persons', true)"
)


@pytest.fixture
def a_connection(db):
    params = connection.get_connection_params()
    with psycopg.connect(**params, autocommit=True) as opened:
        yield opened


def test_what_was_said_by_a_statement_of_ours_is_unsaid(a_connection):
    prepared.ask(a_connection, _SET, ["one", "{one}", "", "", "", "", ""])
    assert prepared.ask(a_connection, _SHOWN, []) == [("one", "{one}")]
    prepared.forget_who_acts(a_connection)
    assert prepared.ask(a_connection, _SHOWN, []) == [("", "")]


def test_what_the_statement_of_the_session_said_is_unsaid_too(a_connection):
    said = saying(person="who", own="true")
    prepared.ask(a_connection, f"SELECT {said} FROM (SELECT %s::text AS who) told", ["one"])
    assert prepared.ask(a_connection, _SHOWN, []) == [("one", "{one}")]
    prepared.forget_who_acts(a_connection)
    assert prepared.ask(a_connection, _SHOWN, []) == [("", "")]


def test_where_nobody_said_anything_nothing_is_asked(a_connection):
    prepared.ask(a_connection, "SELECT 1", [])
    a_connection.autocommit = False
    prepared.ask(a_connection, "SELECT 1", [])
    prepared.forget_who_acts(a_connection)
    assert not a_connection.closed


def test_inside_a_transaction_it_cannot_be_unsaid_and_the_connection_is_closed(a_connection):
    a_connection.autocommit = False
    prepared.ask(a_connection, _SET, ["one", "{one}", "", "", "", "", ""])
    prepared.forget_who_acts(a_connection)
    assert a_connection.closed


def test_a_statement_that_fails_while_it_is_unsaid_closes_the_connection(a_connection):
    prepared.ask(a_connection, _SET, ["one", "{one}", "", "", "", "", ""])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [a_connection.info.backend_pid])
    prepared.forget_who_acts(a_connection)
    assert a_connection.closed


def test_the_next_one_to_be_given_a_connection_finds_nothing_said_on_it(db):
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 0, "max_size": 1}}
    pooled = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, alias="default")
    try:
        pids = []
        for _ in range(2):
            pooled.ensure_connection()
            pids.append(pooled.connection.info.backend_pid)
            assert prepared.ask(pooled.connection, _SHOWN, []) in ([("", "")], [(None, None)])
            prepared.ask(pooled.connection, _SET, ["one", "{one}", "", "", "", "", ""])
            pooled.samspill_said = ("one",)
            pooled.close()
            assert pooled.samspill_said is None
        assert pids[0] == pids[1]
    finally:
        pooled.close_pool()
