"""A database with every table, made once and copied for each process of tests.

Making it takes longer than any test. It stands in the tests' own server under a name that says what it was made of, so
that both workers, and the next run, copy it; when what it was made of has changed it is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
_SOURCES = (
    "requirements/dev.txt",
    "src/samspill/*/migrations/*.py",
    "src/samspill/kernel/*.py",
    "src/samspill/infra/**/*.py",
    "src/samspill/municipalities/*.py",
    "src/samspill/municipalities/domain/*.py",
    "src/samspill/municipalities/data/*",
)
_PREFIX = "samspill_template_"
_LOCK = 5_105_358
_TRIES = 3


@contextlib.contextmanager
def copied(connection: Any) -> Iterator[None]:
    """Let the test database that is made inside be a copy of the template; one process at a time.

    `migrate` runs on the copy as well, so a table that the template lacks is made there.
    """
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.settings_dict["TEST"]["TEMPLATE"] = _template(server)
        yield


def _template(server: psycopg.Connection[Any]) -> str | None:
    """Find or make the template; nothing when its sources are changed again and again while it is made."""
    for _ in range(_TRIES):
        name = _name()
        _forget_all_but(server, name)
        if _names(server, name):
            return name
        _make(server, f"{name}_making")
        if _name() == name:
            _alter(server, f"{name}_making", sql.SQL("RENAME TO {}").format(sql.Identifier(name)))
            _alter(server, name, sql.SQL("ALLOW_CONNECTIONS false"))
            return name
    return None


def _name() -> str:
    """Name the template by what it is made of."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "tests" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return _PREFIX + digest.hexdigest()[:16]


def _names(server: psycopg.Connection[Any], like: str) -> list[str]:
    """Give the databases whose name begins so."""
    found = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [like])
    return [name for (name,) in found]


def _forget_all_but(server: psycopg.Connection[Any], name: str) -> None:
    """Drop templates of other sources and unfinished ones; nobody is copying one, for we have the lock."""
    for old in _names(server, _PREFIX):
        if old != name:
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


def _alter(server: psycopg.Connection[Any], name: str, change: sql.SQL | sql.Composed) -> None:
    server.execute(sql.SQL("ALTER DATABASE {} {}").format(sql.Identifier(name), change))


def _make(server: psycopg.Connection[Any], name: str) -> None:
    """Make a database with every table, in a process of its own: it reads the sources as they are now."""
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--verbosity", "0"],
        env={**os.environ, "DATABASE_URL": address},
        cwd=ROOT,
        check=True,
    )
