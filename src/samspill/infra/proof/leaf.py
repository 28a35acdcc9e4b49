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
import struct
from collections.abc import Callable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, TypeVar

from samspill.infra.canonical import canonical_json
from samspill.infra.proof import merkle

V = TypeVar("V")
SALT = 16
SALTS = 3 * SALT
PARTS = ("what", "role", "who")

COLUMNS = (
    "id", "at", "action", "case_id", "channel", "fields", "actor_kind", "legal_basis", "on_behalf_of",
    "actor_org_no", "outcome", "purpose", "subject_id", "actor_roles", "actor_id", "detail", "request_id",
)  # fmt: skip
"""Columns of the access log in the order that `parts` takes them."""

_AS_TEXT = {
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    **{name: f"e.{name}::text" for name in ("case_id", "on_behalf_of", "subject_id", "actor_id")},
    **{name: f"e.{name}::text" for name in ("fields", "actor_roles", "detail")},
}
SELECT = ", ".join(_AS_TEXT.get(name, f"e.{name}") for name in COLUMNS)
"""The columns of `infra_access_entry e`, as text."""

Row = Sequence[Any]
"""One event: number, then texts in the order of `COLUMNS`; an identifier may be None."""

_USUAL = (
    "action", "channel", "fields", "actor_kind", "legal_basis", "actor_org_no", "outcome", "purpose", "actor_roles",
)  # fmt: skip
_OWN = ("case_id", "on_behalf_of", "subject_id", "actor_id", "detail", "request_id")
SELECT_TO_SEAL = ", ".join((
    "e.id", _AS_TEXT["at"],
    f"concat_ws(E'\\x01', {', '.join(f'e.{name}' for name in _USUAL)})",
    *(_AS_TEXT.get(name, f"e.{name}") for name in _OWN),
))  # fmt: skip
"""The same for the sealer, with the columns of few values as one text: there are far fewer of these than events."""
_BETWEEN = (
    "\x01"  # what stands between them; a text could hold one, and then they cannot be told apart
)
_MARK = "\0"  # PostgreSQL holds no such character


class Kept(dict[str, V]):
    """Remembers what a text becomes; most columns have few values."""

    _MOST = 20_000

    def __init__(self, make: Callable[[str], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> V:
        """Make it once; forget all when there are too many."""
        if len(self) >= self._MOST:
            self.clear()
        made = self[text] = self._make(text)
        return made


def _json(text: str) -> str:
    return canonical_json(json.loads(text))


_Q = '"'
_TEXTS = Kept(encode_basestring)
_JSON = Kept(_json)


def parts(row: Row) -> tuple[str, str, str]:
    """Return the canonical JSON of the parts what, role and who."""
    (_id, _at, action, case_id, channel, fields, kind, law, behalf, org, outcome, purpose, subject,
     roles, actor, detail, request) = row  # fmt: skip
    quoted, plain = _TEXTS, _JSON
    what = (
        f'{{"action":{quoted[action]},'
        f'"case_id":{f"{_Q}{case_id}{_Q}" if case_id else "null"},'
        f'"channel":{quoted[channel]},'
        f'"fields":{plain[fields]},'
        f'"kind":{quoted[kind]},'
        f'"legal_basis":{quoted[law]},'
        f'"on_behalf_of":{f"{_Q}{behalf}{_Q}" if behalf else "null"},'
        f'"org_no":{quoted[org]},'
        f'"outcome":{quoted[outcome]},'
        f'"purpose":{quoted[purpose]},'
        f'"subject_id":{f"{_Q}{subject}{_Q}" if subject else "null"}}}'
    )
    return what, f'{{"roles":{plain[roles]}}}', _who(actor, detail, request)


def _who(actor: str | None, detail: str, request: str) -> str:
    acted = f"{_Q}{actor}{_Q}" if actor else "null"
    said = encode_basestring(request)
    return f'{{"actor_id":{acted},"detail":{_JSON[detail]},"request_id":{said}}}'


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


class _UnclearError(Exception):
    """The columns of few values cannot be told apart."""


def _pieces(usual: str) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Return the part `what` as it is around its three identifiers, and the part `role`."""
    values = usual.split(_BETWEEN)
    if len(values) != len(_USUAL):
        raise _UnclearError
    action, channel, fields, kind, law, org, outcome, purpose, roles = values
    what, role, _ = parts((
        0, "", action, _MARK, channel, fields, kind, law, _MARK, org, outcome, purpose, _MARK,
        roles, None, "{}", "",
    ))  # fmt: skip
    before, first, second, after = what.encode().split(f'"{_MARK}"'.encode())
    return before, first, second, after, role.encode()


_PIECES = Kept(_pieces)
_each_salt = struct.Struct(f"{SALT}s" * len(PARTS)).unpack


def leaves(
    rows: Sequence[Row], salts: Sequence[bytes], exactly: Callable[[int], Row]
) -> list[bytes]:
    """Return the hashes of events' leaves.

    The same as `leaf_hash` of every row, which takes twice as long: the sealer has a second for a hundred thousand.

    Args:
        rows: of `SELECT_TO_SEAL`.
        salts: 48 random bytes for each.
        exactly: returns the row of `SELECT` of an event, by its number. Asked for an event of which a text holds the
            character that stands between the columns of few values.
    """
    found = []
    for row, salt in zip(rows, salts, strict=True):
        number, at, usual, case, behalf, subject, actor, detail, request = row
        try:
            a, b, c, d, role = _PIECES[usual]
        except _UnclearError:
            found.append(leaf_hash(exactly(number), salt))
            continue
        first, second, third = _each_salt(salt)
        what = b"".join((
            first, a, f'"{case}"'.encode() if case else b"null",
            b, f'"{behalf}"'.encode() if behalf else b"null",
            c, f'"{subject}"'.encode() if subject else b"null", d,
        ))  # fmt: skip
        who = (
            f'{{"actor_id":{f"{_Q}{actor}{_Q}" if actor else "null"},"detail":{_JSON[detail]},'
            f'"request_id":{encode_basestring(request)}}}'
        )
        text = (
            f'\0{{"at":"{at}","id":{number},"role":"{sha256(second + role).hexdigest()}","v":1,'
            f'"what":"{sha256(what).hexdigest()}","who":"{sha256(third + who.encode()).hexdigest()}"}}'
        )
        found.append(sha256(text.encode()).digest())
    return found


def leaf_hash(row: Row, salt: bytes) -> bytes:
    """Return the hash of an event's leaf, from its row of `SELECT` and its 48 bytes of salt."""
    return merkle.leaf_hash(entry(row, commitments(row, salt)).encode())


def as_values(row: Row) -> dict[str, Any]:
    """Return the parts as values, for a receipt or an export."""
    return dict(zip(PARTS, map(json.loads, parts(row)), strict=True))


def salts_of(salts: bytes) -> dict[str, str]:
    """Return the salt of each part, as hex."""
    return {name: salts[at * SALT : (at + 1) * SALT].hex() for at, name in enumerate(PARTS)}
