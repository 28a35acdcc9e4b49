"""Counts how many people come to a page that leads no further, so that somebody mends what sends them there (SP-10).

Only the day, the kind of page and a number are kept: nothing about whom, where they came from, or what they wrote.
"""

from __future__ import annotations

import datetime as dt
import logging

import attrs
from django.db import DatabaseError, models, transaction
from django.db.models import Sum

from samspill.infra import clock, sql
from samspill.infra.models import DeadEnd
from samspill.kernel.actor import Actor

log = logging.getLogger(__name__)
_MOST_LETTERS = 60
_ADD = (
    "INSERT INTO infra_dead_end (day, kind, count) VALUES (%s, %s, 1) "
    "ON CONFLICT (day, kind) DO UPDATE SET count = infra_dead_end.count + 1"
)


@attrs.frozen
class Line:
    """A kind of page with how many came there, lately and in all."""

    kind: str
    lately: int
    in_all: int


def count(kind: str, *, actor: Actor | None) -> None:
    """Count one who came to a dead end; employees are not counted. A fault here never makes the page fail."""
    if actor is not None and actor.kind in ("employee", "system"):
        return
    try:
        with transaction.atomic():
            sql.run(_ADD, [clock.today(), kind[:_MOST_LETTERS]])
    except DatabaseError:
        log.warning("a dead end could not be counted: %s", kind[:_MOST_LETTERS])


def table(*, days: int = 30) -> list[Line]:
    """Return every kind with its numbers, those with most lately first."""
    since = clock.today() - dt.timedelta(days=days)
    lately = dict(_sums(DeadEnd.objects.filter(day__gt=since)))
    lines = [Line(kind, lately.get(kind, 0), total) for kind, total in _sums(DeadEnd.objects.all())]
    return sorted(lines, key=lambda line: (-line.lately, -line.in_all, line.kind))


def _sums(rows: models.QuerySet[DeadEnd]) -> list[tuple[str, int]]:
    return [(one["kind"], one["total"]) for one in rows.values("kind").annotate(total=Sum("count"))]
