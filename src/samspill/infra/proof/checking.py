"""Goes through the log in the database with the verifier that everybody has, and compares what is stored beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from samspill.infra import sql
from samspill.infra.proof import export, keys, offline, sealing, tree

_TOUCHED = (
    "SELECT relname, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE relname = ANY(%s) "
    "AND (n_tup_upd > 0 OR n_tup_del > 0) ORDER BY relname"
)
_TABLES = ["infra_access_entry", "infra_log_node", "infra_log_checkpoint", "infra_log_cosignature"]


@attrs.frozen
class Sign:
    """How many rows of a table that only grows were changed and deleted, as PostgreSQL remembers."""

    table: str
    changed: int
    deleted: int

    def __str__(self) -> str:
        return f"{self.table}: {self.changed} rows changed, {self.deleted} deleted"


@attrs.frozen
class Found:
    """What a check found: the first fault, or None; what the log holds; and signs that call for a look."""

    first: offline.Fault | None
    holds: dict[str, Any]
    signs: tuple[Sign, ...]

    @property
    def fault(self) -> dict[str, str] | None:
        """The first fault as the verifier prints it: code, message in English, where."""
        one = self.first
        return {"code": one.code, "message": str(one), "where": one.where} if one else None


def check(since: Path | None = None) -> Found:
    """Check every event, leaf, root and signature in the database; stop at the first fault.

    `since` is a file with a checkpoint that was kept outside: the log must have grown out of it.

    Raises:
        BadInputError: the file cannot be read.
    """
    known = [key.as_text() for key in keys.log_keys()]
    try:
        kept = offline.Checkpoint(since.read_text(encoding="utf-8")) if since else None
        holds = offline.check_log(
            export.checkpoints(), export.leaves(), export.loose(), known, kept
        )
        _proofs_hold()
    except offline.Fault as fault:
        return Found(fault, {}, signs())
    except OSError as error:
        unread = "%(name)s cannot be read: %(reason)s"
        raise offline.BadInputError(str(since), unread, "Give a file", error.strerror) from error
    return Found(None, {**holds, "absent": _absent()}, signs())


def signs() -> tuple[Sign, ...]:
    """Return what the database itself remembers of rows changed or deleted in tables that only grow.

    A row that is deleted in the minute before it is sealed leaves a number without a row, as a rolled-back
    transaction does. PostgreSQL counts the deletion apart; so this is where such a theft shows.
    """
    found = sql.rows(_TOUCHED, [_TABLES])
    return tuple(Sign(*row) for row in found)


def _absent() -> int:
    last = sealing.last()
    return last.absent if last else 0


def _proofs_hold() -> None:
    """Compare the stored nodes, from which proofs are made, with what the leaves gave."""
    last = sealing.last()
    if last is None:
        return
    try:
        rebuilt = tree.root(last.checkpoint.size)
    except tree.MissingNodeError as error:
        text = "proofs cannot be made: %(reason)s"
        raise offline.Fault("node", text, reason=str(error)) from error
    if rebuilt != last.checkpoint.root:
        raise offline.Fault("node", "the stored nodes do not give the root that was signed")
