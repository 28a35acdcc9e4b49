"""A production start as somebody whom no policy binds is refused; as a user of the web's role alone it is not."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from samspill.infra.settings_reader import database, database_of
from samspill.site import database_roles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user():
    """A user of the server that may log in and is a member of the web's role."""
    name = f"web_{uuid.uuid4().hex[:12]}"
    quoted = sql.Identifier(name)
    with psycopg.connect(_address(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE samspill_app").format(quoted))
        yield name
        server.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(quoted))


def _address(**changes: str) -> str:
    given = connection.get_connection_params()
    parts = {"host": given.get("host"), "port": given.get("port"), "user": given.get("user"),
             "password": given.get("password"), "dbname": given["dbname"], **changes}  # fmt: skip
    return psycopg.conninfo.make_conninfo(**{k: v for k, v in parts.items() if v})


def said(**changes: str) -> list[str]:
    """What a process of the web that connects so refuses; each in a process of its own, as it is started."""
    at = psycopg.conninfo.conninfo_to_dict(_address(**changes))
    url = f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}&port={at.get('port', 5432)}"
    code = (
        "import django; django.setup(); from samspill.site import database_roles as d;"
        "[print(r.as_error()['message']) for r in d.refusals()]"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "DATABASE_URL": url, "SAMSPILL_DATABASE_ROLE": "app",
             "DJANGO_SETTINGS_MODULE": "samspill.site.settings"},
    )  # fmt: skip
    return made.stdout.splitlines()


def test_the_superuser_is_refused_even_behind_the_webs_role():
    about = " ".join(said())
    assert "superuser or has BYPASSRLS" in about
    assert "owns tables" in about
    assert "acts as" not in about


def test_a_user_of_the_webs_role_alone_is_let_in(user):
    assert said(user=user) == []


def test_a_user_who_could_become_the_jobs_is_refused(user):
    with psycopg.connect(_address(), autocommit=True) as server:
        server.execute(sql.SQL("GRANT samspill_job TO {}").format(sql.Identifier(user)))
    assert any("samspill_job" in line for line in said(user=user))


def test_a_connection_that_took_on_no_role_is_refused(monkeypatch):
    monkeypatch.setenv("SAMSPILL_DATABASE_ROLE", "app")
    assert any("acts as" in refusal.message for refusal in database_roles.refusals())


def test_each_process_takes_its_own_address_and_role():
    given = {
        "DATABASE_URL": "postgresql://owner@h/a",
        "SAMSPILL_APP_DATABASE_URL": "postgresql://web@h/a",
    }
    web = database_of({**given, "SAMSPILL_DATABASE_ROLE": "app"})
    job = database_of({**given, "SAMSPILL_DATABASE_ROLE": "job"})
    owner = database_of(given)
    assert (web["USER"], job["USER"], owner["USER"]) == ("web", "owner", "owner")
    assert web["OPTIONS"]["options"] == "-c plan_cache_mode=force_generic_plan -c role=samspill_app"
    assert job["OPTIONS"]["options"] == "-c plan_cache_mode=force_generic_plan -c role=samspill_job"
    assert owner["OPTIONS"]["options"] == "-c plan_cache_mode=force_generic_plan"
    kept = database("postgresql://o@h/a?options=-c%20statement_timeout%3D5s", role="samspill_app")
    assert (
        kept["OPTIONS"]["options"]
        == "-c statement_timeout=5s -c plan_cache_mode=force_generic_plan -c role=samspill_app"
    )
