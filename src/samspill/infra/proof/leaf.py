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

K = TypeVar("K")
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
_OWN = (
    *(f"coalesce(e.{name}::text, '')" for name in ("case_id", "on_behalf_of", "subject_id", "actor_id")),
    "e.detail", "e.request_id",
)  # fmt: skip
_EVENT, _COLUMN, _VALUE = b"\x03", b"\x01", b"\x02"


def _together(mark: bytes, values: Sequence[str]) -> str:
    return f"concat_ws(E'\\x{mark.hex()}', {', '.join(values)})"


_LINE = _together(
    _COLUMN,
    ["e.id", _AS_TEXT["at"], _together(_VALUE, [f"e.{name}" for name in _USUAL]), *_OWN],
)
SELECT_TO_SEAL = f"count(*), string_agg({_LINE}, E'\\x{_EVENT.hex()}' ORDER BY e.id)"
"""How many events of `infra_access_entry e` there are, and all of them as one text, as `leaves` takes them.

Marks stand between the events, between the columns of each, and between the values of its second column but one: those
columns that have few values, of which there are far fewer than events.
"""
_HOLE = "\0"  # PostgreSQL holds no such character


class Kept(dict[K, V]):
    """Remembers what a text becomes; most columns have few values."""

    _MOST = 20_000

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: K) -> V:
        """Make it once; forget all when there are too many."""
        if len(self) >= self._MOST:
            self.clear()
        made = self[text] = self._make(text)
        return made


def _json(text: str | bytes) -> str:
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


class UnclearError(Exception):
    """A text of an event holds one of the marks that stand between the texts: they cannot be told apart."""


Around = tuple[bytes, bytes, bytes, bytes]
"""The part `what` as it is around its three identifiers: case, on behalf of whom, and whose data."""


def _pieces(usual: bytes) -> tuple[tuple[bytes, bytes, bytes], Around, bytes]:
    """Return the part `what` around a case and a person, on behalf of nobody; around anything; and the part `role`."""
    values = usual.decode().split(_VALUE.decode())
    if len(values) != len(_USUAL):
        raise UnclearError
    action, channel, fields, kind, law, org, outcome, purpose, roles = values
    what, role, _ = parts((
        0, "", action, _HOLE, channel, fields, kind, law, _HOLE, org, outcome, purpose, _HOLE,
        roles, None, "{}", "",
    ))  # fmt: skip
    a, b, c, d = what.encode().split(f'"{_HOLE}"'.encode())
    return (a + b'"', b'"' + b + b"null" + c + b'"', b'"' + d), (a, b, c, d), role.encode()


def _what(around: Around, case: bytes, behalf: bytes, subject: bytes) -> bytes:
    a, b, c, d = around
    first, second, third = [b'"%b"' % one if one else b"null" for one in (case, behalf, subject)]
    return b"".join((a, first, b, second, c, third, d))


def _detail(text: bytes) -> bytes:
    return f'","detail":{_json(text)},"request_id":"'.encode()


_PIECES, _DETAILS = Kept(_pieces), Kept(_detail)
_each_salt = struct.Struct(f"{SALT}s" * len(PARTS)).iter_unpack


def leaves(text: bytes, salts: bytes) -> tuple[list[int], list[bytes]]:
    """Return events' numbers and the hashes of their leaves, the same as `leaf_hash` of every row.

    The sealer has a second for a hundred thousand, so an event's texts stay bytes, and what most events look like
    (a case, a person, nobody else) is put together without asking of each identifier whether it is there.

    Args:
        text: what `SELECT_TO_SEAL` gives, as UTF-8.
        salts: 48 random bytes for each event.

    Raises:
        UnclearError: an event's own text holds a mark.
    """
    lines = text.split(_EVENT)
    if len(lines) * SALTS != len(salts):
        raise UnclearError
    numbers, hashes = [], []
    for line, (first, second, third) in zip(lines, _each_salt(salts), strict=True):
        try:
            number, at, usual, case, behalf, subject, actor, detail, request = line.split(_COLUMN)
        except ValueError:
            raise UnclearError from None
        (a, b, c), around, role = _PIECES[usual]
        if case and subject and not behalf:
            what = b"".join((first, a, case, b, subject, c))
        else:
            what = first + _what(around, case, behalf, subject)
        if actor and request.isalnum():
            who = b"".join((third, b'{"actor_id":"', actor, _DETAILS[detail], request, b'"}'))
        else:
            who = third + _who(actor.decode(), detail.decode(), request.decode()).encode()
        leaf = (
            f'\0{{"at":"{at.decode()}","id":{number.decode()},'
            f'"role":"{sha256(second + role).hexdigest()}","v":1,'
            f'"what":"{sha256(what).hexdigest()}","who":"{sha256(who).hexdigest()}"}}'
        )
        numbers.append(int(number))
        hashes.append(sha256(leaf.encode()).digest())
    return numbers, hashes


def leaf_hash(row: Row, salt: bytes) -> bytes:
    """Return the hash of an event's leaf, from its row of `SELECT` and its 48 bytes of salt."""
    return merkle.leaf_hash(entry(row, commitments(row, salt)).encode())


def as_values(row: Row) -> dict[str, Any]:
    """Return the parts as values, for a receipt or an export."""
    return dict(zip(PARTS, map(json.loads, parts(row)), strict=True))


def salts_of(salts: bytes) -> dict[str, str]:
    """Return the salt of each part, as hex."""
    return {name: salts[at * SALT : (at + 1) * SALT].hex() for at, name in enumerate(PARTS)}
