"""What of an event goes into the tree: a leaf that says when and which, and three salted commitments.

An event of the access log is split in three parts:

    what    what was done with whose data, for which organisation and why: what the person sees
    role    in which role
    who     which employee, in which request, with which details

Of each part the leaf holds SHA-256(salt || canonical JSON). A receipt opens the parts that its reader may see, and
nobody can guess the others. When an event is deleted, its salts are deleted too: the leaf's hash stands in the tree
as before, every other proof holds, and nothing about a person is left (SP-34).

    {"at":"2026-11-22T12:00:00.000000Z","id":17,"role":"<hex>","v":1,"what":"<hex>","who":"<hex>"}

Canonical is RFC 8785: sorted keys, no space, UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from samspill.infra.canonical import canonical_json

SALT = 16
SALTS = 3 * SALT
PARTS = ("what", "role", "who")

COLUMNS = (
    "id", "at", "action", "case_id", "channel", "fields", "actor_kind", "legal_basis", "on_behalf_of",
    "actor_org_no", "outcome", "purpose", "subject_id", "actor_roles", "actor_id", "detail", "request_id",
)  # fmt: skip
"""Columns of the access log in the order that `parts` takes them."""

SELECT = ", ".join(
    {
        "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    }.get(name, f"e.{name}")
    for name in COLUMNS
)
"""The columns of `infra_access_entry e`, for a statement whose answers are taken as text."""

Row = list[str | None]
"""One event as PostgreSQL writes it, in the order of `COLUMNS`."""


class Kept(dict[str | None, str]):
    """Remembers what a text becomes; most columns have few values."""

    _MOST = 20_000

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str | None) -> str:
        """Make it once; forget all when there are too many."""
        if len(self) >= self._MOST:
            self.clear()
        made = "null" if text is None else self._make(text)
        self[text] = made
        return made


def _json(text: str) -> str:
    return canonical_json(json.loads(text))


_TEXTS = Kept(encode_basestring)
_JSON = Kept(_json)


def parts(row: Row) -> tuple[str, str, str]:
    """Return the canonical JSON of the parts what, role and who."""
    (_id, _at, action, case_id, channel, fields, kind, law, behalf, org, outcome, purpose, subject,
     roles, actor, detail, request) = row  # fmt: skip
    quoted, plain = _TEXTS, _JSON
    what = (
        f'{{"action":{quoted[action]},'
        f'"case_id":{_id_text(case_id)},'
        f'"channel":{quoted[channel]},'
        f'"fields":{plain[fields]},'
        f'"kind":{quoted[kind]},'
        f'"legal_basis":{quoted[law]},'
        f'"on_behalf_of":{_id_text(behalf)},'
        f'"org_no":{quoted[org]},'
        f'"outcome":{quoted[outcome]},'
        f'"purpose":{quoted[purpose]},'
        f'"subject_id":{_id_text(subject)}}}'
    )
    role = f'{{"roles":{plain[roles]}}}'
    who = (
        f'{{"actor_id":{_id_text(actor)},"detail":{plain[detail]},'
        f'"request_id":{encode_basestring(request)}}}'
    )
    return what, role, who


def _id_text(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def entry(row: Row, commitments: tuple[str, str, str]) -> str:
    """Return the bytes of the leaf, as text: which event, when, and the three commitments (hex)."""
    what, role, who = commitments
    return f'{{"at":"{row[1]}","id":{row[0]},"role":"{role}","v":1,"what":"{what}","who":"{who}"}}'


def commitment(part: str, salt: bytes) -> str:
    """Return the salted hash of a part, as hex."""
    return sha256(salt + part.encode()).hexdigest()


def commitments(row: Row, salts: bytes) -> tuple[str, str, str]:
    """Return the three commitments of an event."""
    what, role, who = parts(row)
    return (
        commitment(what, salts[:SALT]),
        commitment(role, salts[SALT : 2 * SALT]),
        commitment(who, salts[2 * SALT :]),
    )


def leaf(row: Row, salts: bytes) -> bytes:
    """Return the hash of an event's leaf; `salts` are its 48 random bytes."""
    text = entry(row, commitments(row, salts))
    return sha256(b"\x00" + text.encode()).digest()


def as_values(row: Row) -> dict[str, Any]:
    """Return the parts as values, for a receipt or an export."""
    return dict(zip(PARTS, map(json.loads, parts(row)), strict=True))


def salts_of(salts: bytes) -> dict[str, str]:
    """Return the salt of each part, as hex."""
    return {name: salts[at * SALT : (at + 1) * SALT].hex() for at, name in enumerate(PARTS)}
