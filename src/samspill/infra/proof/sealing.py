"""Puts what the access log has got into the tree, and signs how it stands. A job does so each minute.

Rows come in the order of their numbers. A number without a row is a transaction that is still at work or one that was
rolled back, and the two must not be taken for each other. Whoever writes a row holds a lock on the table from before
it draws its number until it ends; so the sealer reads the newest number first, then who holds such locks, waits until
those have ended, and then reads the rows: what is not there now up to that number will never come. The checkpoint
says so (`through`), and a row that turns up below it later was put there by hand.

While a transaction takes longer than the sealer waits, finished rows are sealed all the same; only `through` stays.
"""

from __future__ import annotations

import datetime as dt
import os
import struct
import time
from collections.abc import Iterable, Sequence

import attrs
from django.db import connection, transaction

from samspill.infra import clock, sql
from samspill.infra.proof import keys, leaf, merkle, tree
from samspill.infra.proof.notes import Checkpoint, joined

BLOCK = 100_000
HEARTBEAT = dt.timedelta(hours=1)
"""How often a log in which nothing happens says that it is still there."""
# Each is a question and a COPY. Its text is cut one event at a time, so it may be larger than the processor's cache.
_PORTION = 4_096
_WAIT_S, _LOOK_S = 5.0, 0.02
_LOCK = 0x5A3B_1095  # one sealer at a time, over all machines

_NEWEST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM infra_access_entry_id_seq"
_WRITERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'infra_access_entry'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)
_PORTION_OF = (
    "SELECT {} FROM (SELECT * FROM infra_access_entry e WHERE e.id > %s AND e.id <= %s {} "
    "ORDER BY e.id LIMIT %s) e"
)
_ALONE = "AND NOT EXISTS (SELECT FROM infra_log_leaf l WHERE l.entry_id = e.id)"
_SEALED = "SELECT count(*) FROM infra_log_leaf WHERE entry_id > %s AND entry_id <= %s"
_LAST = (
    "SELECT id, size, root, at, through, absent, note FROM infra_log_checkpoint "
    "ORDER BY id DESC LIMIT %s"
)


@attrs.frozen
class Sealed:
    """The newest checkpoint: its number, what it says, the signed note, and how far numbers are decided."""

    id: int
    checkpoint: Checkpoint
    note: str
    through: int
    absent: int

    @property
    def short_root(self) -> str:
        """The first half of the root, enough to compare by eye."""
        return self.checkpoint.root.hex()[:32]


def last() -> Sealed | None:
    """Return the newest checkpoint, or None in a log that has none."""
    found = latest(1)
    return found[0] if found else None


def latest(count: int) -> list[Sealed]:
    """Return the last checkpoints, newest first."""
    return [_sealed(row) for row in sql.rows(_LAST, [count])]


def seal_all() -> int:
    """Seal everything that is finished, a block at a time; return how many events were sealed."""
    total = 0
    while True:
        count = seal()
        total += count
        if count < BLOCK:
            return total


@transaction.atomic
def seal() -> int:
    """Seal at most one block of events and sign a checkpoint; return how many.

    Does nothing when another process is sealing. Safe to repeat: an event gets one leaf.
    """
    taken = sql.one("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
    if taken is None or not taken[0]:
        return 0
    before = last()
    newest = _number(_NEWEST)
    settled = _writers_have_ended()
    start = before.through if before else 0
    size = before.checkpoint.size if before else 0
    ahead = _number(_SEALED, [start, newest])  # sealed while a transaction below them was at work
    count, reached = _add_all(size, start, newest, _ALONE if ahead else "")
    through = reached if settled else start
    if count or before is None or before.checkpoint.at <= clock.now() - HEARTBEAT:
        sealed = _number(_SEALED, [start, through]) if ahead or through != reached else count
        absent = (before.absent if before else 0) + through - start - sealed
        _sign(size + count, through=through, absent=absent, at=_time_after(before))
    return count


def _sealed(row: Sequence[object]) -> Sealed:
    number, size, root, at, through, absent, note = row
    assert isinstance(root, bytes)
    assert isinstance(at, dt.datetime)
    text = str(note).split("\n", 1)[0]
    stands = Checkpoint(text, int(str(size)), root, at)
    return Sealed(int(str(number)), stands, str(note), int(str(through)), int(str(absent)))


def _number(statement: str, values: Sequence[object] = ()) -> int:
    found = sql.one(statement, values)
    return int(found[0]) if found else 0


def _writers_have_ended() -> bool:
    """Wait until everybody who was writing when we came has ended; tell whether they have."""
    writing = {row[0] for row in sql.rows(_WRITERS, [])}
    until = time.monotonic() + _WAIT_S
    while writing:
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_S)
        writing &= {row[0] for row in sql.rows(_WRITERS, [])}
    return True


def _add_all(size: int, start: int, newest: int, only: str) -> tuple[int, int]:
    """Seal the events after `start` up to `newest`, at most a block; return how many, and how far that came."""
    count, at, edge = 0, start, tree.edge(size)
    nodes: list[bytes] = []
    while count < BLOCK:
        numbers, hashes = _add(size + count, only, (at, newest, min(_PORTION, BLOCK - count)))
        if not numbers:
            at = newest
            break
        grown = [*merkle.grow(size + count, edge, hashes)]
        nodes += _packed(grown)
        count, at = count + len(numbers), numbers[-1]
        edge = merkle.edge_after(size + count, edge, grown)
    _copy_in("COPY infra_log_node (level, index, hash) FROM STDIN (FORMAT BINARY)", nodes)
    return count, at


def _add(size: int, only: str, which: tuple[int, int, int]) -> tuple[list[int], list[bytes]]:
    """Give each event of a portion its leaf, with salts of its own; return their numbers and the leaves' hashes."""
    numbers, hashes, salts = _portion(only, which)
    row = struct.Struct("!hiqiqi32si48s").pack
    each = zip(numbers, hashes, struct.iter_unpack(f"{leaf.SALTS}s", salts), strict=True)
    _copy_in(
        "COPY infra_log_leaf (position, entry_id, hash, salt) FROM STDIN (FORMAT BINARY)",
        [
            row(4, 8, at, 8, number, 32, value, leaf.SALTS, salt)
            for at, (number, value, (salt,)) in enumerate(each, size)
        ],
    )
    return numbers, hashes


def _portion(only: str, which: tuple[int, int, int]) -> tuple[list[int], list[bytes], bytes]:
    """Read the next events; return their numbers, the hashes of their leaves, and all their salts."""
    with connection.cursor() as cursor:
        cursor.execute(_PORTION_OF.format(leaf.SELECT_TO_SEAL, only), which)
        # as PostgreSQL sent it, in UTF-8: it is to be hashed, not read
        count, text = (cursor.pgresult.get_value(0, at) for at in range(2))
    if text is None:
        return [], [], b""
    salts = os.urandom(leaf.SALTS * int(count))
    try:
        return (*leaf.leaves(text, salts), salts)
    except leaf.UnclearError:
        # each column apart; by now there can be more events
        rows = sorted(sql.rows(_PORTION_OF.format(leaf.SELECT, only), which))
    salts = os.urandom(leaf.SALTS * len(rows))
    each = struct.iter_unpack(f"{leaf.SALTS}s", salts)
    hashes = [leaf.leaf_hash(row, salt) for row, (salt,) in zip(rows, each, strict=True)]
    return [row[0] for row in rows], hashes, salts


def _packed(grown: Iterable[tuple[int, int, list[bytes]]]) -> list[bytes]:
    """Return the rows of the subtrees that are stored, of those that became full."""
    node = struct.Struct("!hihiqi32s").pack
    return [
        node(3, 2, level, 8, first + at, 32, value)
        for level, first, found in grown
        if level and level % tree.STRIDE == 0
        for at, value in enumerate(found)
    ]


def _copy_in(statement: str, rows: Sequence[bytes]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8) + b"".join(rows) + b"\xff\xff")


def _time_after(before: Sealed | None) -> dt.datetime:
    """Give the time to sign with: never before the last one, also when the machine's clock was put back (SP-42).

    A witness takes a checkpoint that is older than one it has seen for a log that was made anew.
    """
    now = clock.now().replace(microsecond=0)
    return now if before is None else max(now, before.checkpoint.at)


def _sign(size: int, *, through: int, absent: int, at: dt.datetime) -> None:
    signer = keys.log_signer()
    stands = Checkpoint(keys.origin(), size, tree.root(size), at)
    text = stands.as_text()
    sql.run(
        "INSERT INTO infra_log_checkpoint (size, root, at, through, absent, note) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [size, stands.root, stands.at, through, absent, joined(text, [signer.sign(text)])],
    )
