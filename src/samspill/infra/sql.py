"""Hand-written SQL for the few statements that every request pays for.

The ORM builds a query anew each time, which costs more than PostgreSQL needs to answer it. What is asked on
every request, and is one row by a key, is written out here instead; everything else stays in the ORM.
Such a statement is prepared on each connection, so that PostgreSQL reads and plans it once.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model

from samspill.infra import prepared
from samspill.infra.encryption.fields import Reader, reader_of

M = TypeVar("M", bound=Model)


def one(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the first row of a statement, or None."""
    found = rows(statement, values)
    return found[0] if found else None


def rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a statement; it is planned once on each connection, and sent with its values apart."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    database.validate_no_broken_transaction()
    # Django's own cursors write the values into the text, which is then planned every time.
    with database.wrap_database_errors:
        if database.queries_logged:  # as Django's own cursors do, for tests that count statements
            database.queries_log.append({"sql": statement, "time": "0"})
        return prepared.ask(database.connection, statement, values)


def run(statement: str, values: Sequence[Any]) -> None:
    """Run a statement whose rows nobody wants."""
    rows(statement, values)


def read(
    model: type[M], tail: str, values: Sequence[Any], *, also: tuple[str, str] = ("", "")
) -> list[M]:
    """Return rows as objects of their model; `tail` is the statement from `WHERE` on.

    Each has `row_version`: another one whenever the row has been written, by whomever. `also` is (attribute,
    expression): one thing more that is asked of each row in the same statement.

    >>> # read(Draft, "WHERE id = %s FOR UPDATE", [draft_id])
    """
    select, names, readers = _columns(model, also[1])
    found = []
    for version, more, *row in rows(f"{select} {tail}", values):
        given = list(row)
        for at, read_value in readers:
            given[at] = read_value(given[at])
        one_row: Any = model.from_db(DEFAULT_DB_ALIAS, names, given)
        one_row.row_version = version
        if also[0]:
            setattr(one_row, also[0], more)
        found.append(one_row)
    return found


@functools.cache
def _columns(model: type[Model], also: str) -> tuple[str, list[str], list[tuple[int, Reader]]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    readers = [(at, reader) for at, field in enumerate(fields) if (reader := reader_of(field))]
    select = f"SELECT xmin::text, {also or 'NULL'}, {quoted} FROM {table}"  # noqa: S608 - our own names
    return select, [str(field.attname) for field in fields], readers
