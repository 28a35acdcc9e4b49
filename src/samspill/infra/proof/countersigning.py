"""Takes the countersignatures of the witnesses that we know, and tells who has signed what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from samspill.infra import sql
from samspill.infra.proof import keys, notes
from samspill.infra.proof.notes import Checkpoint, NoteError

_TAKE = (
    "INSERT INTO infra_log_cosignature (checkpoint_id, witness, line, seen_at) "
    "SELECT id, %s, %s, %s FROM infra_log_checkpoint WHERE size = %s AND root = %s AND at = %s "
    "ON CONFLICT DO NOTHING RETURNING id"
)
_OF_SIZE = (
    "SELECT s.witness, s.seen_at, s.line FROM infra_log_cosignature s "
    "JOIN infra_log_checkpoint c ON c.id = s.checkpoint_id WHERE c.size = %s ORDER BY s.id"
)


@attrs.frozen
class Countersigned:
    """Who countersigned, when it looked, and its signature line."""

    witness: str
    seen_at: dt.datetime
    line: str

    def as_json(self) -> dict[str, Any]:
        """Return what is given over HTTP."""
        return {
            "witness": self.witness,
            "seen_at": self.seen_at.isoformat(),
            "signature": self.line,
        }


def of_size(size: int) -> list[Countersigned]:
    """Return who has countersigned the tree of a size."""
    return [Countersigned(*row) for row in sql.rows(_OF_SIZE, [size])]


def of_checkpoint(number: int) -> list[Countersigned]:
    """Return who has countersigned one checkpoint."""
    statement = "SELECT witness, seen_at, line FROM infra_log_cosignature WHERE checkpoint_id = %s ORDER BY id"
    return [Countersigned(*row) for row in sql.rows(statement, [number])]


def take(note: str) -> bool:
    """Take a witness's signature under one of our checkpoints; tell whether it was new.

    Raises:
        NoteError: the note is not readable, is none of ours, or no witness that we know has signed it.
    """
    text, lines = notes.split(note)
    stands = Checkpoint.parse(text)
    if stands.origin != keys.origin():
        msg = "this is a checkpoint of %(origin)s"
        raise NoteError(msg, origin=stands.origin)
    for key in keys.witnesses():
        line = next((one for one in lines if one.startswith(f"— {key.name} ")), None)
        if line is None:
            continue
        seen_at = notes.signed_at(text, (line,), key)
        new = sql.one(_TAKE, [key.name, line, seen_at, stands.size, stands.root, stands.at])
        if new is None:
            _refuse_unknown(stands)
        return new is not None
    msg = "no witness that this log knows has signed it"
    raise NoteError(msg)


def _refuse_unknown(stands: Checkpoint) -> None:
    """Tell a second signature of a known checkpoint, which does no harm, from one that is not ours."""
    known = sql.one(
        "SELECT id FROM infra_log_checkpoint WHERE size = %s AND root = %s AND at = %s",
        [stands.size, stands.root, stands.at],
    )
    if known is None:
        msg = "this log has not made that checkpoint"
        raise NoteError(msg)
