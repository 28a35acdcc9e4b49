"""Deletes what is past its time, and leaves an account of it in the sealed log: how many, and a hash (SP-12).

The hash is over the sorted identifiers of the rows. Who has a copy from before can show with it what was deleted and
that nothing else was; from the hash itself nothing can be read back. The same account stands in a small table, so that
`samspill retention status` need not read the whole log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet, Sum

from samspill.infra import access_log, clock
from samspill.infra.canonical import sha256_of
from samspill.infra.models import DeletionAccount
from samspill.kernel.actor import Actor

PURPOSE = "delete what is past its time"
_AT_A_TIME = 5000
_elsewhere: list[Callable[[], QuerySet[Any]]] = []
_kinds: dict[str, tuple[str, str, Callable[[], QuerySet[Any]]]] = {}


@attrs.frozen
class Due:
    """A kind of row: how long it is kept, how many are past their time now, and the oldest one's time."""

    what: str
    kept: str
    count: int
    oldest: dt.datetime | None


@attrs.frozen
class Account:
    """One deletion: when, of what, how many, and the hash of their identifiers."""

    at: dt.datetime
    what: str
    count: int
    sha256: str


@attrs.frozen
class Total:
    """All deletions of one kind: how often, how many rows, and when last."""

    what: str
    times: int
    count: int
    last: dt.datetime


def delete(rows: QuerySet[Any], *, actor: Actor, what: str) -> int:
    """Delete rows with an account of each batch, in its transaction; return how many.

    Args:
        actor: the job that deletes.
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
            tell(actor, what=what, ids=ids)
        total += len(ids)


def tell(actor: Actor, *, what: str, ids: Iterable[str]) -> None:
    """Write the account of a deletion in the caller's transaction: in the sealed log, and in the table of accounts."""
    gone = sorted(ids)
    if not gone:
        return
    digest = sha256_of(gone)
    detail = {"what": what, "count": len(gone), "sha256": digest}
    access_log.record(actor=actor, action="write", purpose=PURPOSE, detail=detail)
    account(what=what, count=len(gone), sha256=digest)


def account(*, what: str, count: int, sha256: str) -> None:
    """Write an account whose entry in the log the caller writes, in the caller's transaction."""
    DeletionAccount.objects.create(at=clock.now(), what=what, count=count, sha256=sha256)


def keep(what: str, kept: str, *, field: str, due: Callable[[], QuerySet[Any]]) -> None:
    """Say what a job of a room deletes, so that everybody can ask how it stands: beside the job, once.

    Args:
        what: the kind of row, as its accounts call it.
        kept: how long it is kept, in words.
        field: the time in the row from which it is counted.
        due: the rows that are past their time now.
    """
    _kinds[what] = (kept, field, due)


def all_due() -> list[Due]:
    """Return every kind with how many rows are past their time, in alphabetical order."""
    found = []
    for what, (kept, field, rows) in sorted(_kinds.items()):
        counted = rows().aggregate(n=Count("pk"), first=Min(field))
        found.append(Due(what, kept, counted["n"], counted["first"]))
    return found


def told_in(rows: Callable[[], QuerySet[Any]]) -> None:
    """Say that a room has accounts of its own too: rows with `at`, `what`, `count` and `sha256`."""
    _elsewhere.append(rows)


def totals() -> list[Total]:
    """Return all deletions by kind, in alphabetical order."""
    found: dict[str, Total] = {}
    for rows in _accounts():
        grouped = rows.order_by("what").values("what")
        for one in grouped.annotate(times=Count("pk"), total=Sum("count"), last=Max("at")):
            found[one["what"]] = Total(one["what"], one["times"], one["total"], one["last"])
    return [found[what] for what in sorted(found)]


def latest(most: int, *, sha256: str = "") -> list[Account]:
    """Return the latest accounts, or those with a hash, newest first."""
    found: list[Account] = []
    for rows in _accounts():
        chosen = rows.filter(sha256=sha256) if sha256 else rows
        values = chosen.order_by("-at").values_list("at", "what", "count", "sha256")
        found += [Account(*one) for one in values[:most]]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def _accounts() -> Iterator[QuerySet[Any]]:
    yield DeletionAccount.objects.all()
    yield from (rows() for rows in _elsewhere)


def proof_of(ids: Sequence[str]) -> str:
    """Return the hash that the account of a deletion of exactly these rows has (hex, SHA-256)."""
    return str(sha256_of(sorted(ids)))
