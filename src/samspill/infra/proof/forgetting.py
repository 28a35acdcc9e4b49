"""Deletes events that are past their time, and leaves every proof whole (SP-34, SP-41).

The salts go first, then the events; their leaves stay in the tree and say nothing. An event of its own tells which
numbers were deleted, with the hash of their leaves: what is gone without being told of is a fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from samspill.infra import access_log, clock, deletions, sql
from samspill.infra.models import AccessEntry
from samspill.infra.proof.offline import FORGET
from samspill.kernel.actor import Actor

KEPT = dt.timedelta(days=5 * 365 + 1)
"""How long an event is kept: five years (SP-41)."""
ENTRIES = "entries of the access log"
"""As deletions are told; their hash is over the leaves, in order."""
_BATCH = 5_000
_OLD = (
    "SELECT l.entry_id FROM infra_log_leaf l JOIN infra_access_entry e ON e.id = l.entry_id "
    "WHERE e.at < %s ORDER BY l.entry_id LIMIT %s"
)


def forget_old(actor: Actor, *, kept: dt.timedelta = KEPT) -> int:
    """Delete the sealed events that are older than they may be; return how many."""
    total = 0
    while True:
        found = [row[0] for row in sql.rows(_OLD, [clock.now() - kept, _BATCH])]
        total += forget(actor, entry_ids=found)
        if len(found) < _BATCH:
            return total


def old() -> QuerySet[AccessEntry]:
    """Return the events that are older than they may be, sealed or not."""
    return AccessEntry.objects.filter(at__lt=clock.now() - KEPT)


@transaction.atomic
def forget(actor: Actor, *, entry_ids: Sequence[int]) -> int:
    """Delete sealed events and their salts, and write down that it was done; return how many.

    An event that is not sealed yet is left: there would be nothing to tell that it has been there.
    """
    rows = sql.rows(
        "UPDATE infra_log_leaf SET salt = NULL WHERE entry_id = ANY(%s) AND salt IS NOT NULL "
        "RETURNING entry_id, hash",
        [list(entry_ids)],
    )
    if not rows:
        return 0
    hashes = {int(number): bytes(value) for number, value in rows}
    numbers = sorted(hashes)
    sql.run("DELETE FROM infra_access_entry WHERE id = ANY(%s)", [numbers])
    digest = sha256(b"".join(hashes[number] for number in numbers)).hexdigest()
    access_log.record(
        actor=actor,
        action="write",
        purpose=FORGET,
        detail={"entries": _ranges(numbers), "count": len(numbers), "leaves_sha256": digest},
    )
    deletions.account(what=ENTRIES, count=len(numbers), sha256=digest)
    return len(numbers)


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Write sorted numbers as first and last of each run."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
