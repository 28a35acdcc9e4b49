"""The whole log as it lies in the database: for the verifier, as files, and as CEF lines.

Nothing is judged here. What is missing is given as missing, so that whoever checks finds it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from samspill.infra import sql
from samspill.infra.proof import keys, leaf
from samspill.infra.proof.notes import joined, split

_PORTION = 5_000
_LEAVES = (
    f"SELECT l.position, l.hash, l.entry_id, l.salt, {leaf.SELECT} FROM infra_log_leaf l "  # noqa: S608
    "LEFT JOIN infra_access_entry e ON e.id = l.entry_id WHERE l.position >= %s "
    "ORDER BY l.position LIMIT %s"
)
_LOOSE = (
    "SELECT e.id FROM infra_access_entry e WHERE e.id > %s "
    "AND NOT EXISTS (SELECT FROM infra_log_leaf l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT %s"
)
_CHECKPOINTS = (
    "SELECT id, note, through FROM infra_log_checkpoint WHERE id > %s ORDER BY id LIMIT %s"
)


def leaves() -> Iterator[dict[str, Any]]:
    """Yield every leaf in order, with its event opened; `parts` is None when the event is gone."""
    start = 0
    while rows := sql.rows(_LEAVES, [start, _PORTION]):
        for row in rows:
            yield _leaf(row)
        start = int(rows[-1][0]) + 1


def loose() -> Iterator[dict[str, Any]]:
    """Yield the number of every event that has no leaf."""
    start = 0
    while rows := sql.rows(_LOOSE, [start, _PORTION]):
        yield from ({"id": row[0]} for row in rows)
        start = int(rows[-1][0])


def checkpoints() -> Iterator[dict[str, Any]]:
    """Yield every checkpoint as it was made: the note with all its signatures, and how far numbers were decided."""
    start = 0
    while rows := sql.rows(_CHECKPOINTS, [start, _PORTION]):
        signed = cosignatures([row[0] for row in rows])
        for number, note, through in rows:
            yield {"note": with_signatures(note, signed.get(number, [])), "through": through}
        start = int(rows[-1][0])


def cosignatures(numbers: Iterable[int]) -> dict[int, list[str]]:
    """Return the witnesses' signature lines by the checkpoint's number."""
    found: dict[int, list[str]] = {}
    for number, line in sql.rows(
        "SELECT checkpoint_id, line FROM infra_log_cosignature WHERE checkpoint_id = ANY(%s) "
        "ORDER BY id",
        [list(numbers)],
    ):
        found.setdefault(number, []).append(line)
    return found


def with_signatures(note: str, lines: Iterable[str]) -> str:
    """Add witnesses' lines to a note."""
    text, own = split(note)
    return joined(text, [*own, *lines])


def to_folder(folder: Path) -> int:
    """Write the log to a folder that `scripts/verify_log.py log` reads; return the number of leaves.

    The files hold personal data: they are for an auditor or a court, made with mode 600.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = [key.as_text() for key in keys.log_keys()]
    _write(folder / "log.json", [{"origin": keys.origin(), "keys": known}])
    _write(folder / "checkpoints.jsonl", checkpoints())
    _write(folder / "loose.jsonl", loose())
    return _write(folder / "leaves.jsonl", leaves())


def cef(start: int = 0) -> Iterator[str]:
    """Yield every event after a number as a line of the Common Event Format, as NAV's log does (SP-07).

    `suid` is who acted, `duid` whose data it was, `sproc` the request, `outcome` Permit or Deny. Identifiers are
    ours, never national numbers.
    """
    statement = (
        f"SELECT {leaf.SELECT} FROM infra_access_entry e WHERE e.id > %s ORDER BY e.id LIMIT %s"  # noqa: S608
    )
    while rows := sql.rows(statement, [start, _PORTION]):
        yield from map(_cef, rows)
        start = int(rows[-1][0])


def _leaf(row: tuple[Any, ...]) -> dict[str, Any]:
    position, hashed, number, salt, *event = row
    found: dict[str, Any] = {
        "position": position,
        "hash": bytes(hashed).hex(),
        "id": number,
        "salts": leaf.salts_of(bytes(salt)) if salt is not None else None,
        "parts": None,
    }
    if event[0] is not None:
        found |= {"at": event[1], "parts": leaf.as_values(event), "held_back": {}}
    return found


def _write(path: Path, values: Iterable[dict[str, Any]]) -> int:
    count = 0
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as stream:
        for value in values:
            stream.write(json.dumps(value, ensure_ascii=False) + "\n")
            count += 1
    return count


def _cef(row: tuple[Any, ...]) -> str:
    event = dict(zip(leaf.COLUMNS, row, strict=True))
    permitted = event["outcome"] == "permit"
    at = dt.datetime.strptime(event["at"], "%Y-%m-%dT%H:%M:%S.%f%z")
    fields = {
        "rt": int(at.timestamp() * 1000),
        "externalId": event["id"],
        "act": event["action"],
        "outcome": "Permit" if permitted else "Deny",
        "suid": event["actor_id"] or event["actor_kind"],
        "duid": event["subject_id"] or "",
        "sproc": event["request_id"],
        "app": event["channel"],
        "cs1Label": "purpose", "cs1": event["purpose"],
        "cs2Label": "organisation", "cs2": event["actor_org_no"],
        "cs3Label": "roles", "cs3": ",".join(json.loads(event["actor_roles"])),
        "cs4Label": "case", "cs4": event["case_id"] or "",
        "cs5Label": "onBehalfOf", "cs5": event["on_behalf_of"] or "",
        "cs6Label": "legalBasis", "cs6": event["legal_basis"],
    }  # fmt: skip
    extension = " ".join(
        f"{name}={_escaped(value)}" for name, value in fields.items() if value != ""
    )
    severity = 3 if permitted else 7
    return f"CEF:0|Samspill|access log|1|audit:{event['action']}|{_header(event)}|{severity}|{extension}"


def _header(event: dict[str, Any]) -> str:
    text = f"{event['actor_kind']} {event['action']}"
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _escaped(value: object) -> str:
    """Keep a value on its line and in its field (no log injection, ASVS 16.4.1)."""
    text = str(value).replace("\\", "\\\\").replace("=", "\\=")
    return text.replace("\r", "\\r").replace("\n", "\\n")
