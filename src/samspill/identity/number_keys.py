"""Change the keys of national numbers while people log in, one safe step at a time (the manner of `key_rotation`).

    publish   new keys stand last in the file: everybody reads them, and new persons get a hash under both
    sign      a day later, when every person has the new hash, the new keys write and every row is rewritten
    retire    a day after that, when no row stands under the old ones, they are taken out and destroyed

A step may be stopped anywhere, also by `kill -9`, and run again: what is left to do is read from the rows. Until the
old keys are taken out both are in the file, so nothing that is stored can become unreadable or impossible to find.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from django.db import connection, transaction

from samspill.identity.key_rotation import USUAL_WAIT, Rotated, forget_note, note, noted, told
from samspill.identity.models import Person
from samspill.infra import clock
from samspill.infra.encryption import keyring, rewriting, values
from samspill.infra.encryption.keyring import Key, Keyring, KeyringError

_AT_A_TIME = 1000
_ROUNDS = 10
_PERSONS, _HASHES = "identity_person.number", "identity_number_hash.hash"
Say = Callable[[str, int], None]


@attrs.frozen(kw_only=True)
class KeyStatus:
    """One key of national numbers: what it does now, and how many rows of each column stand under it."""

    use: str
    id: str
    state: str  # writes | reads | missing
    rows: dict[str, int]


def _quiet(column: str, done: int) -> None:
    del column, done


def rotate_number_keys(*, wait: dt.timedelta = USUAL_WAIT, say: Say = _quiet) -> Rotated:
    """Take the step that is due for the keys of national numbers, and bring the rows where it leads.

    Args:
        wait: how long everybody has to read a changed file before the next step counts on it.
        say: called with a column and how many of its rows are done, after each batch.

    Raises:
        KeyringError: the file can not be read or written, or somebody else is at it now.
    """
    path = keyring.key_file()
    with _alone():
        ring, state, now = keyring.ring(), noted(path), clock.now()
        if len(ring.encrypting) == len(ring.hashing) == 1:
            return _publish(path, ring, now, wait, say)
        newest = (ring.encrypting[-1], ring.hashing[-1])
        signing = (ring.encrypting[0].id, ring.hashing[0].id) == (state["kid"], state.get("hash"))
        if (
            not signing and state["kid"] != newest[0].id
        ):  # changed by hand: it counts as published now
            note(path, newest[0].id, now, hash=newest[1].id)
            bring_rows(say=say)
            return told(path, "waiting", newest[0].id, "sign", now + wait)
        due = dt.datetime.fromisoformat(state["at"]) + wait
        if now < due:
            bring_rows(say=say)  # also what a run that was stopped has left
            return told(path, "waiting", state["kid"], "retire" if signing else "sign", due)
        if signing:
            return _retire(path, ring, say)
        return _sign(path, ring, now, wait, say)


def bring_rows(*, say: Say = _quiet) -> int:
    """Bring every row where the file of keys says: a hash under each key, ciphertext under the one that writes.

    Returns:
        How many rows were written; 0 when nothing was left to do.
    """
    ring = keyring.ring()
    done = sum(_fill_hashes(key, say) for key in ring.hashing)
    return done + _renew_persons(ring.writes, say) + rewriting.renew(say=say)


def key_status() -> tuple[KeyStatus, ...]:
    """Tell of every key how many rows stand under it; keys that rows name and the file has not are `missing`."""
    ring = keyring.ring()
    stands: dict[str, Counter[str]] = {**rewriting.rows_by_key()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(number, '.', 1), count(*) FROM identity_person GROUP BY 1"
        )
        stands[_PERSONS] = Counter(dict(cursor.fetchall()))
        cursor.execute("SELECT key, count(*) FROM identity_number_hash GROUP BY 1")
        hashes = Counter(dict(cursor.fetchall()))
    encrypted = {name for found in stands.values() for name in found}
    found = [_status(key, key is ring.writes, stands) for key in ring.encrypting]
    found += [_status(key, at == 0, {_HASHES: hashes}) for at, key in enumerate(ring.hashing)]
    gone = [("encrypt", name, stands) for name in encrypted - {key.id for key in ring.encrypting}]
    gone += [
        ("hash", name, {_HASHES: hashes}) for name in set(hashes) - {k.id for k in ring.hashing}
    ]
    found += [
        KeyStatus(use=use, id=name, state="missing", rows=_rows(name, where))
        for use, name, where in sorted(gone, key=lambda one: one[:2])
    ]
    return tuple(found)


def _status(key: Key, writes: bool, stands: dict[str, Counter[str]]) -> KeyStatus:
    state = "writes" if writes else "reads"
    return KeyStatus(use=key.use, id=key.id, state=state, rows=_rows(key.id, stands))


def _rows(name: str, stands: dict[str, Counter[str]]) -> dict[str, int]:
    return {where: found[name] for where, found in sorted(stands.items()) if found[name]}


# --- the steps -----------------------------------------------------------------------------------


def _publish(path: Path, ring: Keyring, now: dt.datetime, wait: dt.timedelta, say: Say) -> Rotated:
    prefix = keyring.LOCAL if ring.writes.is_local else ""
    added = [keyring.new_key(use, prefix=prefix) for use in keyring.USES]
    note(path, added[0].id, now, hash=added[1].id)
    keyring.replace_file(path, [*ring.keys, *added])
    bring_rows(say=say)
    return told(path, "published", added[0].id, "sign", now + wait)


def _sign(path: Path, ring: Keyring, now: dt.datetime, wait: dt.timedelta, say: Say) -> Rotated:
    """Let the new keys write. Whoever was made under the old hash alone in the meantime gets the new one first."""
    bring_rows(say=say)
    first = (ring.encrypting[-1], ring.hashing[-1])
    note(
        path, first[0].id, now, hash=first[1].id
    )  # before the file: who is stopped here waits anew
    keyring.replace_file(path, [*first, *(key for key in ring.keys if key not in first)])
    bring_rows(say=say)
    return told(path, "signing", first[0].id, "retire", now + wait)


def _retire(path: Path, ring: Keyring, say: Say) -> Rotated:
    kept = (ring.encrypting[0], ring.hashing[0])
    for _ in range(_ROUNDS):  # a row that was written to meanwhile is taken in the next round
        if not bring_rows(say=say):
            break
    else:
        message = "Rows are still written under the old keys: some machine has an older file."
        raise KeyringError(message, "Give all machines the same file, and run the command again.")
    _forget_hashes(kept[1])
    keyring.replace_file(path, kept)
    _forget_hashes(kept[1])
    forget_note(path)
    return told(path, "retired", kept[0].id, "publish", None)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one rotation go on at a time, in all of the installation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('samspill number keys'))")
        if not cursor.fetchone()[0]:
            message = "Somebody else changes the keys now."
            raise KeyringError(message, "Wait until they are done, and run the command again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('samspill number keys'))")


# --- the rows ------------------------------------------------------------------------------------


def _fill_hashes(key: Key, say: Say) -> int:
    """Give every person a hash under a key."""
    done = 0
    without = (
        "SELECT id, number FROM identity_person p WHERE (%s::uuid IS NULL OR id > %s) AND NOT EXISTS ("
        "SELECT 1 FROM identity_number_hash h WHERE h.person_id = p.id AND h.key = %s) ORDER BY id LIMIT %s"
    )
    last = None
    while rows := _select(without, [last, last, key.id, _AT_A_TIME]):
        last = rows[-1][0]
        hashes = [values.keyed_hash(_plain(*row), key=key) for row in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO identity_number_hash (hash, key, person_id) "
                "SELECT hash, %s, id FROM unnest(%s::bytea[], %s::uuid[]) one(hash, id) ORDER BY hash "
                "ON CONFLICT DO NOTHING",
                [key.id, hashes, [row[0] for row in rows]],
            )
            done += cursor.rowcount
        say(_HASHES, done)
    return done


def _renew_persons(key: Key, say: Say) -> int:
    """Bring every person's number under a key; a row that was written to meanwhile is left."""
    done, last = 0, None
    others = (
        "SELECT id, number FROM identity_person WHERE (%s::uuid IS NULL OR id > %s) "
        "AND split_part(number, '.', 1) <> %s ORDER BY id LIMIT %s"
    )
    while rows := _select(others, [last, last, key.id, _AT_A_TIME]):
        last = rows[-1][0]
        new = [
            values.encrypt_with(key, _plain(*row), bound_to=Person.bound_to(row[0])) for row in rows
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE identity_person p SET number = one.new "
                "FROM unnest(%s::uuid[], %s::text[], %s::text[]) one(id, old, new) "
                "WHERE p.id = one.id AND p.number = one.old",
                [[row[0] for row in rows], [row[1] for row in rows], new],
            )
            done += cursor.rowcount
        say(_PERSONS, done)
    return done


def _forget_hashes(kept: Key) -> None:
    """Delete the hashes under other keys, of persons who have one under the key that stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM identity_number_hash h WHERE key <> %s AND EXISTS ("
            "SELECT 1 FROM identity_number_hash k WHERE k.person_id = h.person_id AND k.key = %s)",
            [kept.id, kept.id],
        )


def _select(statement: str, given: list[Any]) -> list[tuple[UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[tuple[UUID, str]] = cursor.fetchall()
    return found


def _plain(person_id: UUID, number: str) -> str:
    return values.decrypt(number, bound_to=f"identity_person {person_id}")
