"""Hand-written SQL for the few statements that every request pays for.

The ORM builds a query anew each time, which costs more than PostgreSQL needs to answer it. What is asked on
every request, and is one row by a key, is written out here instead; everything else stays in the ORM.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model

M = TypeVar("M", bound=Model)


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


def read(model: type[M], tail: str, values: Sequence[Any]) -> list[M]:
    """Return rows as objects of their model; `tail` is the statement from `WHERE` on.

    >>> # read(Draft, "WHERE id = %s FOR UPDATE", [draft_id])
    """
    select, names, as_json = _columns(model)
    found = []
    for row in rows(f"{select} {tail}", values):
        given = [
            json.loads(v) if at in as_json and v is not None else v for at, v in enumerate(row)
        ]
        found.append(model.from_db(connection.alias, names, given))
    return found


@functools.cache
def _columns(model: type[Model]) -> tuple[str, list[str], frozenset[int]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    as_json = frozenset(at for at, field in enumerate(fields) if isinstance(field, JSONField))
    select = f"SELECT {quoted} FROM {table}"  # noqa: S608 - the model's own names
    return select, [str(field.attname) for field in fields], as_json
