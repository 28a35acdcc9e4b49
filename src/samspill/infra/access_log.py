"""The access log: who looked at or changed whose data, why, and with what result (SP-07, SP-31).

Written in the same transaction as the act; when it cannot be written, the act fails. Rows can only be
added: the table refuses UPDATE, DELETE and TRUNCATE.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from samspill.infra import clock, lasting, sql
from samspill.infra.canonical import compact_json
from samspill.infra.copying import copy_rows
from samspill.kernel.actor import Actor

Action = Literal["read", "write", "search", "export", "lookup", "print"]

COLUMNS = (
    "at, actor_kind, actor_id, actor_org_no, actor_roles, on_behalf_of, subject_id, action, purpose, "
    "legal_basis, case_id, fields, outcome, channel, request_id, detail"
)
_FEW = 8
PLACEHOLDERS = (
    "%s::timestamptz, %s, %s::uuid, %s, %s::jsonb, %s::uuid, %s::uuid, %s, %s, %s, %s::uuid, %s::jsonb, "
    "%s, %s, %s, %s::jsonb"
)


def as_row(
    *,
    actor: Actor,
    action: Action,
    purpose: str,
    subject_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    fields: Iterable[str] = (),
    outcome: Literal["permit", "deny"] = "permit",
    legal_basis: str = "",
    detail: Mapping[str, Any] | None = None,
) -> tuple[Any, ...]:
    """Return the row's values in the order of `COLUMNS`, for a caller that writes it itself."""
    return (
        clock.now(),
        actor.kind,
        actor.person_id,
        actor.org_no or "",
        compact_json(actor.roles),
        actor.on_behalf_of,
        subject_id,
        action,
        purpose[:200],
        legal_basis[:200],
        case_id,
        compact_json(sorted(fields)),
        outcome,
        actor.channel,
        actor.request_id[:40],
        compact_json(dict(detail or {})),
    )


def record(*, actor: Actor, action: Action, purpose: str, **rest: Any) -> None:
    """Add one row in the present transaction. Arguments as in `as_row`."""
    sql.run(
        f"INSERT INTO infra_access_entry ({COLUMNS}) VALUES ({PLACEHOLDERS})",  # noqa: S608
        as_row(actor=actor, action=action, purpose=purpose, **rest),
    )


def _insert(rows: list[tuple[Any, ...]]) -> None:
    """Add a few rows in one round trip; a COPY takes four."""
    if not rows:
        return
    places = ", ".join([f"({PLACEHOLDERS})"] * len(rows))
    added = f"INSERT INTO infra_access_entry ({COLUMNS}) VALUES {places}"  # noqa: S608
    if lasting.soon():
        added = f"WITH added AS ({added}) SELECT {lasting.SOON}"
    sql.run(added, [value for row in rows for value in row])


def record_many(rows: Iterable[tuple[Any, ...]]) -> None:
    """Add many rows made by `as_row`: a few with one INSERT, more with one COPY."""
    rows = list(rows)
    if len(rows) <= _FEW:
        _insert(rows)
        return
    copy_rows("infra_access_entry", COLUMNS, rows)


def record_each(about: Iterable[tuple[uuid.UUID, uuid.UUID]], **rest: Any) -> None:
    """Add a row for each (person, case), alike in everything else. Arguments as in `as_row`."""
    about = list(about)
    if len(about) <= _FEW:
        record_many(as_row(subject_id=person, case_id=case, **rest) for person, case in about)
        return
    alike = dict(zip(COLUMNS.split(", "), as_row(**rest), strict=True))
    del alike["subject_id"], alike["case_id"]
    copy_rows("infra_access_entry", "subject_id, case_id", about, alike=alike)
