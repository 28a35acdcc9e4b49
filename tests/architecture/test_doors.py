"""Functions of the database that see more than who asks are for the web and the jobs, and for no other user."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from samspill.infra.isolation import APP, JOB

pytestmark = pytest.mark.django_db

_SEE_MORE = "prosecdef AND pronamespace = 'public'::regnamespace"


def test_what_sees_more_is_shut_for_every_other_user_of_the_server():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege('public', oid, 'EXECUTE'), has_function_privilege(%s, oid, 'EXECUTE'), "
            f"has_function_privilege(%s, oid, 'EXECUTE'), count(*) FROM pg_proc WHERE {_SEE_MORE} GROUP BY 1, 2, 3",
            [APP, JOB],
        )
        ((*rights, _count),) = cursor.fetchall()
    assert rights == [False, True, True]


def test_a_user_of_the_server_without_a_role_of_ours_opens_no_door():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE bystander_of_the_test NOLOGIN")
        cursor.execute("SET LOCAL ROLE bystander_of_the_test")
        with (
            pytest.raises(ProgrammingError, match="permission denied for function"),
            transaction.atomic(),
        ):
            cursor.execute("SELECT * FROM identity_numbers_of(ARRAY[gen_random_uuid()])")
        cursor.execute("RESET ROLE")


def test_nothing_of_the_callers_own_stands_for_what_a_door_names():
    """A path without `pg_temp` begins with it: a type made there would be taken for ours, as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT proname, array_to_string(proconfig, ',') FROM pg_proc WHERE {_SEE_MORE}"
        )
        paths = dict(cursor.fetchall())
    assert paths
    assert {name for name, path in paths.items() if not path.endswith(", pg_temp")} == set()


def test_a_function_that_is_made_later_is_shut_too():
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION made_later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        cursor.execute(
            "SELECT has_function_privilege('public', 'made_later()', 'EXECUTE'), "
            "has_function_privilege(%s, 'made_later()', 'EXECUTE')",
            [APP],
        )
        assert cursor.fetchall() == [(False, True)]
