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
class Found:
    """What a check found: the first fault, or None; what the log holds; and signs that call for a look."""

    fault: dict[str, str] | None
    holds: dict[str, Any]
    signs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints."""
        if self.fault is not None:
            return {"ok": False, "fault": self.fault, "signs": list(self.signs)}
        return {**self.holds, "signs": list(self.signs)}


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
        return Found(
            {"code": fault.code, "message": fault.message, "where": fault.where}, {}, signs()
        )
    except OSError as error:
        raise offline.BadInputError(str(since), f"{since} cannot be read", "Give a file") from error
    return Found(None, {**holds, "absent": _absent()}, signs())


def signs() -> tuple[str, ...]:
    """Return what the database itself remembers of rows changed or deleted in tables that only grow.

    A row that is deleted in the minute before it is sealed leaves a number without a row, as a rolled-back
    transaction does. PostgreSQL counts the deletion apart; so this is where such a theft shows.
    """
    found = sql.rows(_TOUCHED, [_TABLES])
    return tuple(f"{table}: {up} rows changed, {gone} deleted" for table, up, gone in found)


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
        raise offline.Fault("node", f"proofs cannot be made: {error}") from error
    if rebuilt != last.checkpoint.root:
        raise offline.Fault("node", "the stored nodes do not give the root that was signed")
