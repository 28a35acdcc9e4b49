"""Hand-written SQL for the few statements that every request pays for.

The ORM builds a query anew each time, which costs more than PostgreSQL needs to answer it. What is asked on
every request, and is one row by a key, is written out here instead; everything else stays in the ORM.
Such a statement is prepared on each connection, so that PostgreSQL reads and plans it once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model
from django.db.models.base import ModelState

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
        if database.force_debug_cursor:  # as Django's own cursors do, for tests that count
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
        one_row: Any = stored(model, dict(zip(names, given, strict=True)))
        one_row.row_version = version
        if also[0]:
            setattr(one_row, also[0], more)
        found.append(one_row)
    return found


def new(model: type[M], **given: Any) -> M:
    """Return a row that is not stored yet, as calling the model would: what is not given has its default.

    Calling a model asks what each name means and tells two signals, which costs more than storing the row. Nothing
    of ours listens to those signals, and the names here are the columns' own (`case_id`, never `case`).

    >>> # new(Task, id=new_id(), case_id=case.id, key="approve", opened_at=now)
    """
    values, made = _defaults(model)
    found = {**values, **given}
    if len(found) > len(values):
        msg = f"{model.__name__} has no column {', '.join(given.keys() - values.keys())}"
        raise TypeError(msg)
    for name, default in made:
        if name not in given:
            found[name] = default()
    return _object(model, found)


def stored(model: type[M], values: dict[str, Any]) -> M:
    """Return a row as it was found: its columns' values by name. One that is left out is read when it is asked for."""
    made = _object(model, values)
    state = made._state  # noqa: SLF001 - as `from_db` says that a row is stored
    state.db, state.adding = DEFAULT_DB_ALIAS, False
    return made


def copied(row: M) -> M:
    """Return a stored row once more, to be changed beside it; what its columns hold is shared."""
    made = _object(type(row), {})
    made.__dict__.update({**row.__dict__, "_state": made._state})  # noqa: SLF001
    made._state.db, made._state.adding = DEFAULT_DB_ALIAS, False  # noqa: SLF001 - as `stored`
    return made


def _object(model: type[M], values: dict[str, Any]) -> M:
    """Make an object of a model that holds these values."""
    made = model.__new__(model)
    made.__dict__ = {"_state": ModelState(), **values}
    return made


@functools.cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Give the default of every column that nobody names, and what makes those that are made anew for each row."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
    made = [
        (str(field.attname), field.get_default)
        for field in fields
        if field.has_default() and callable(field.default)
    ]
    anew = {name for name, _ in made}
    fixed = {
        str(field.attname): None if field.attname in anew else field.get_default()
        for field in fields
    }
    return fixed, made


@functools.cache
def _columns(model: type[Model], also: str) -> tuple[str, list[str], list[tuple[int, Reader]]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    readers = [(at, reader) for at, field in enumerate(fields) if (reader := reader_of(field))]
    select = f"SELECT xmin::text, {also or 'NULL'}, {quoted} FROM {table}"  # noqa: S608 - our own names
    return select, [str(field.attname) for field in fields], readers
