"""Hand-written SQL for the few statements that every request pays for.

The ORM builds a query anew each time, which costs more than PostgreSQL needs to answer it. What is asked on
every request, and is one row by a key, is written out here instead; everything else stays in the ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection


def one(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the first row of a statement, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
