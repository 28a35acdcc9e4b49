"""Deletes what is past its time, and leaves an account of it in the sealed log: how many, and a hash (SP-12).

The hash is over the sorted identifiers of the rows. Who has a copy from before can show with it what was deleted and
that nothing else was; from the hash itself nothing can be read back.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from samspill.infra import access_log
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor

PURPOSE = "delete what is past its time"
_AT_A_TIME = 5000


def delete(rows: QuerySet[Any], *, actor: Actor, what: str) -> int:
    """Delete rows with an entry in the log for each batch, in its transaction; return how many.

    Args:
        rows: those whose time is over; whoever else locks one of them now is left for the next time.
        what: the kind of row, as the log tells it.
    """
    total = 0
    while True:
        with transaction.atomic():
            chosen = rows.select_for_update(skip_locked=True, of=("self",)).values_list(
                "pk", flat=True
            )
            ids = sorted(str(one) for one in chosen[:_AT_A_TIME])
            if not ids:
                return total
            rows.model._default_manager.filter(pk__in=ids).delete()  # noqa: SLF001 - the model's own rows
            access_log.record(
                actor=actor,
                action="write",
                purpose=PURPOSE,
                detail={"what": what, "count": len(ids), "sha256": sha256_of(ids)},
            )
        total += len(ids)
