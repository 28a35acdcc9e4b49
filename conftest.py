"""What all tests share: transactional tests are cleaned up without losing the reference data."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from tests import template

# The browser's driver keeps an event loop in the worker's thread, also for the tests that come after it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What commands say is compared in English, whatever the terminal's language is.
os.environ["SAMSPILL_LANGUAGE"] = "en"

#: The web's own start: it says to its process that it is the web, which tests and what they start are not.
collect_ignore = ["src/samspill/site/wsgi.py"]

_REFERENCE = ("municipalities_",)

_STRAY = """
  SELECT pg_terminate_backend(pid), left(query, 200) FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def _template(django_db_modify_db_settings: None, django_db_blocker: Any) -> Iterable[ExitStack]:  # noqa: ARG001
    """Let the test database be made as a copy of one that has every table; what is open ends when it is made."""
    with ExitStack() as until_made:
        with django_db_blocker.unblock():
            until_made.enter_context(template.copied(connection))
        yield until_made


@pytest.fixture(scope="session")
def django_db_setup(
    _template: ExitStack,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: Any,
) -> Iterable[None]:
    """End the sessions that threads of a test have left, so that the database can be dropped.

    What such a session asked last is said, so that the test can be found.
    """
    _template.close()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_STRAY)
        for _ended, query in cursor.fetchall():
            sys.stderr.write(f"A test left a session with the database open; last: {query}\n")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out a file at a time (`--dist loadfile`), the longest first, so that both workers end together.

    The walk over all pages takes longest, then what else drives a browser, then what says that it is slow.
    """
    walk = "tests/a11y/test_every_page.py"
    items.sort(
        key=lambda item: (
            not item.nodeid.startswith(walk),
            item.get_closest_marker("browser") is None,
            item.get_closest_marker("slow") is None,
        )
    )


@pytest.fixture(scope="session", autouse=True)
def _logs_may_be_emptied_between_tests() -> Iterable[None]:
    """Let the flush after a transactional test through the logs' triggers; keep reference rows.

    `session_replication_role = replica` silences ordinary triggers for this statement only.
    """
    flush, execute = DatabaseOperations.sql_flush, DatabaseOperations.execute_sql_flush

    def sql_flush(self: Any, style: Any, tables: Iterable[str], **options: Any) -> list[str]:
        emptied = [table for table in tables if not table.startswith(_REFERENCE)]
        return flush(self, style, emptied, **options)

    def execute_sql_flush(self: Any, statements: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                execute(self, statements)
            finally:
                cursor.execute("SET session_replication_role = origin")

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]
    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]
    yield
    DatabaseOperations.sql_flush = flush  # type: ignore[method-assign]
    DatabaseOperations.execute_sql_flush = execute  # type: ignore[method-assign]
