"""What all tests share: transactional tests are cleaned up without losing the reference data."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

# The browser's driver keeps an event loop in the worker's thread, also for the tests that come after it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

_REFERENCE = ("municipalities_",)


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
