"""Store an application with its case, log and event in one SQL statement.

Architecture decision 4: the submit path pays for one round trip and one plan, not for one of each
row. The statement is a chain of `WITH … INSERT` parts; foreign keys are checked at commit.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from samspill.cases.models import COMPARTMENT, Application, Case, Task, TermEntry
from samspill.infra import access_log, events, sql
from samspill.infra.canonical import compact_json
from samspill.infra.encryption.fields import Writer, writer_of
from samspill.kernel.actor import Actor

Part = tuple[str, list[Any]]
_Place = tuple[str, str, Writer | None]


def store(
    *,
    actor: Actor,
    case: Case,
    application: Application,
    tasks: Sequence[Task],
    entry: TermEntry | None,
    happened: Sequence[events.Event],
    purpose: str,
    legal_basis: str,
    draft_id: uuid.UUID | None,
) -> None:
    """Write everything that one submission is, or nothing.

    A draft is deleted by the same statement and its attachments become the case's.

    Raises:
        IntegrityError: the case, the receipt code or the idempotency key exists already.
    """
    lies = _where(case)
    parts: list[Part] = [insert([case]), insert([application], lies=lies)]
    if tasks:
        parts.append(insert(tasks, lies=lies))
    if entry is not None:
        parts.append(insert([entry]))
    if draft_id is not None:
        parts += _draft_becomes_case(draft_id)
    parts.append(_log(actor, case, application, purpose, legal_basis))
    parts += [(events.INSERT, list(events.as_row(event, actor=actor))) for event in happened]
    run(parts)


def insert(rows: Sequence[Model], *, lies: Mapping[str, Any] | None = None) -> Part:
    """Give the INSERT of unsaved rows of one model, with its values.

    The rows travel as one JSON value: a statement with a parameter for each column of each row is taken apart
    anew every time it is sent, and that costs more than storing it.

    Args:
        lies: where the case lies that the same statement makes (`_where`): the database cannot see it yet.
    """
    text, names = _inserting(type(rows[0]))
    more = lies or {}
    values = [{**more, **_values(row, names)} for row in rows]
    return text, [compact_json(values)]


def _where(case: Case) -> dict[str, Any]:
    """Give the columns by which the database keeps a case's rows apart; no property of what was signed."""
    return {
        "of_municipality": case.municipality_id,
        "of_package": case.package_id,
        "of_hidden": case.protection in COMPARTMENT,
    }


def _values(row: Model, places: list[_Place]) -> dict[str, Any]:
    """Give a row's values by column, as they are to be stored; they are read where Django keeps them."""
    kept = row.__dict__
    return {at: kept[name] if write is None else write(kept[name]) for at, name, write in places}


@functools.cache
def _inserting(model: type[Model]) -> tuple[str, list[_Place]]:
    """Write the INSERT of a model once; give it with (column, attribute, field) of each value."""
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's columns
    table = connection.ops.quote_name(meta.db_table)
    return (
        f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",  # noqa: S608
        [
            (str(field.column), field.attname, writer_of(field))
            for field in meta.local_concrete_fields
        ],
    )


def run(parts: Iterable[Part]) -> None:
    """Run data-changing parts as one statement."""
    sql.run(*_chained(parts, "SELECT 1"))


def _chained(parts: Iterable[Part], last: str) -> tuple[str, list[Any]]:
    """Write parts as one statement, each under the name `part_<number>`."""
    named = [(f"part_{number}", text, values) for number, (text, values) in enumerate(parts)]
    chain = ", ".join(f"{name} AS ({text})" for name, text, _ in named)
    return f"WITH {chain} {last}", [value for _, _, values in named for value in values]


def update(row: Model, only: tuple[str, ...] = ()) -> Part:
    """Give the UPDATE of a stored row: all columns as they stand, or `only` those of these attributes."""
    text, names = _updating(type(row), only)
    return text, [compact_json(_values(row, names)), row.pk]


@functools.cache
def _updating(model: type[Model], only: tuple[str, ...]) -> tuple[str, list[_Place]]:
    """Write the UPDATE of a model once; give it with (column, attribute, field) of each value."""
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's columns
    fields = [
        field
        for field in meta.local_concrete_fields
        if not field.primary_key and (not only or field.attname in only)
    ]
    table = connection.ops.quote_name(meta.db_table)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    text = (
        f"UPDATE {table} SET ({columns}) = (SELECT {columns} "  # noqa: S608 - model names
        f"FROM jsonb_populate_record(NULL::{table}, %s::jsonb)) WHERE id = %s"
    )
    return text, [(str(field.column), field.attname, writer_of(field)) for field in fields]


def update_unless_changed(
    actor: Actor,
    row: Any,
    entries: Sequence[dict[str, Any]],
    happened: Sequence[events.Event],
    *,
    only: tuple[str, ...] = (),
) -> bool:
    """Write a row as it stands with its log and events, unless somebody has written to it since it was read.

    One statement and so one transaction, without a lock held before it: the log and the events are written if and
    only if the row was. The row must come from `sql.read`.

    Args:
        actor: who writes.
        row: as it is to stand.
        entries: of the access log.
        happened: events.
        only: the attributes that the caller may have changed, when the others need not be written again.

    Returns:
        Whether it was written; if not, read it again.
    """
    text, values = update(row, only)
    parts: list[Part] = [
        (f"{text} AND xmin::text = %s RETURNING xmin::text", [*values, row.row_version])
    ]
    for entry in entries:
        logged = list(access_log.as_row(actor=actor, **entry))
        parts.append((_LOG_IF_WRITTEN, logged))
    parts += [(_EVENT_IF_WRITTEN, list(events.as_row(one, actor=actor))) for one in happened]
    found = sql.one(*_chained(parts, "SELECT xmin FROM part_0"))
    if found is None:
        return False
    row.row_version = found[0]
    return True


_IF_WRITTEN = "WHERE EXISTS (SELECT 1 FROM part_0)"
_LOG_IF_WRITTEN = (
    f"INSERT INTO infra_access_entry ({access_log.COLUMNS}) "
    f"SELECT {access_log.PLACEHOLDERS} {_IF_WRITTEN}"
)
_EVENT_IF_WRITTEN = (
    "INSERT INTO infra_event (at, txid, type, room, key, body) "
    "SELECT %s::timestamptz, pg_current_xact_id()::text::bigint, %s, %s, %s::uuid, %s::jsonb "
    f"{_IF_WRITTEN}"
)


def note(
    actor: Actor,
    entries: Sequence[dict[str, Any]],
    happened: Sequence[events.Event],
    *,
    changed: Sequence[Model] = (),
    made: Sequence[Model] = (),
) -> None:
    """Write access-log rows, events, changed rows and new ones (of one model) with one statement."""
    parts: list[Part] = [update(row) for row in changed]
    parts += [insert(made)] if made else []
    parts += [_log_row(access_log.as_row(actor=actor, **entry)) for entry in entries]
    parts += [(events.INSERT, list(events.as_row(event, actor=actor))) for event in happened]
    if parts:
        run(parts)


def _draft_becomes_case(draft_id: uuid.UUID) -> list[Part]:
    return [
        (
            "UPDATE cases_attachment SET case_id = %s, draft_id = NULL WHERE draft_id = %s",
            [draft_id, draft_id],
        ),
        ("DELETE FROM cases_draft WHERE id = %s", [draft_id]),
    ]


def _log(
    actor: Actor, case: Case, application: Application, purpose: str, legal_basis: str
) -> Part:
    return _log_row(
        access_log.as_row(
            actor=actor,
            action="write",
            purpose=purpose,
            legal_basis=legal_basis,
            subject_id=case.applicant_id,
            case_id=case.id,
            fields=tuple(application.answers),
            detail={"body_sha256": application.body_sha256},
        )
    )


def _log_row(row: tuple[Any, ...]) -> Part:
    return (
        f"INSERT INTO infra_access_entry ({access_log.COLUMNS}) VALUES ({access_log.PLACEHOLDERS})",  # noqa: S608
        list(row),
    )
