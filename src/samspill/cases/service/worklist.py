"""The lists of municipality and agency: what waits, in an order that costs the same at every length.

Paging is by the place of the last row (keyset), never by number; nothing is counted on the way. A list
shows what is needed to choose a case, and neither name nor address; every list is logged as a search
with the number of rows, not with the persons (SP-07).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from samspill.cases.domain.worklist import (
    BY_DEADLINE,
    HELD,
    OLDEST_FIRST,
    Cursor,
    Filters,
    Held,
    HeldPage,
    Line,
    Page,
)
from samspill.cases.models import Application, Case, Message, Task, TermEntry
from samspill.cases.service import scope
from samspill.infra import access_log, clock
from samspill.kernel.periods import oslo_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from samspill.cases.models.case import CaseQuerySet
    from samspill.kernel.actor import Actor

_PURPOSE = "find cases to work on"
_COLUMNS = (
    "id",
    "package_id",
    "state",
    "waiting_for",
    "due_on",
    "submitted_at",
    "channel",
    "handler_id",
)


def work_list(actor: Actor, filters: Filters, after: str | None = None) -> Page:
    """Give one page of the cases that wait for the actor's side (or as the filters say).

    Args:
        actor: an employee; others get an empty page.
        filters: what to show; `number` finds one case by its number or receipt code.
        after: the cursor of the page before; one that somebody has changed begins anew.
    """
    side = scope.side_of(actor)
    if filters.number:
        return _by_number(actor, filters)
    waiting = filters.waiting_for or (side if side in ("municipality", "agency") else "")
    found = _filtered(scope.visible(actor).open(), actor, filters)
    if waiting:
        found = found.filter(waiting_for=waiting)
    order = OLDEST_FIRST if side == "agency" and filters.state else BY_DEADLINE
    cursor = Cursor.decode(after) if after else None
    if cursor is not None and cursor.order != order:
        cursor = None
    rows = _take(found, order, cursor, filters.size + 1)
    return _page(actor, rows, order, filters)


def incoming(actor: Actor, filters: Filters, after: str | None = None) -> Page:
    """Give the agency's list of what the municipalities have made ready."""
    return work_list(actor, filters, after)


def exceptional(
    actor: Actor, term: dt.date, *, package_id: str, after: str | None = None, size: int = 50
) -> HeldPage:
    """Give one page of the cases that the month's run put aside, with the reason of each.

    Args:
        actor: an employee; others get an empty page.
        term: the first day of the month.
        package_id: the service.
        after: the cursor of the page before; one that somebody has changed begins anew.
        size: how many a page holds.
    """
    cursor = Cursor.decode(after) if after else None
    begin = {"case__gt": cursor.case_id} if cursor is not None and cursor.order == HELD else {}
    entries = (
        TermEntry.objects.filter(
            package_id=package_id,
            term=term,
            state="held",
            case__in=scope.visible(actor).filter(package_id=package_id),
            **begin,
        )
        .order_by("case_id")
        .values_list(
            "case_id",
            "case__application__receipt_code",
            "held_reason",
            "origin",
            "case__state",
            "case__waiting_for",
        )[: size + 1]
    )
    found = [
        Held(
            case_id=case,
            number=number,
            reason=reason,
            origin=origin,
            state=state,
            waiting_for=waiting,
        )
        for case, number, reason, origin, state, waiting in entries
    ]
    more, found = len(found) > size, found[:size]
    _log(actor, len(found), {"list": "exceptional"})
    last = Cursor(order=HELD, at=None, case_id=found[-1].case_id).encode() if more else None
    return HeldPage(held=tuple(found), after=last)


def _filtered(found: CaseQuerySet, actor: Actor, filters: Filters) -> CaseQuerySet:
    plain = {
        "package_id": filters.package_id,
        "state": filters.state,
        "channel": filters.channel,
    }
    found = found.filter(**{name: value for name, value in plain.items() if value})
    if filters.mine:
        found = found.filter(handler_id=actor.person_id)
    if filters.overdue:
        found = found.filter(due_on__lt=clock.today())
    if filters.older_than_days is not None:
        age = dt.timedelta(days=filters.older_than_days)
        found = found.filter(submitted_at__lt=clock.now() - age)
    if filters.task:
        named = Q(key=filters.task) | Q(key__startswith=f"{filters.task}:")
        waits = Task.objects.filter(named, case=OuterRef("pk"), state="open")
        found = found.filter(Exists(waits))
    return found


def _take(found: CaseQuerySet, order: str, cursor: Cursor | None, size: int) -> list[Case]:
    found = found.only(*_COLUMNS)
    if order == OLDEST_FIRST:
        if cursor is not None and cursor.at:
            at = dt.datetime.fromisoformat(cursor.at)
            found = found.filter(
                Q(submitted_at__gt=at) | Q(submitted_at=at, id__gt=cursor.case_id),
                submitted_at__gte=at,
            )
        return list(found.order_by("submitted_at", "id")[:size])
    return _take_by_deadline(found, cursor, size)


def _take_by_deadline(found: CaseQuerySet, cursor: Cursor | None, size: int) -> list[Case]:
    """Read first what has a deadline, then what has none: two ranges of one index."""
    dated, undated = (
        found.filter(due_on__isnull=False),
        found.filter(due_on__isnull=True),
    )
    if cursor is not None and cursor.at:
        at = dt.date.fromisoformat(cursor.at)
        dated = dated.filter(Q(due_on__gt=at) | Q(due_on=at, id__gt=cursor.case_id), due_on__gte=at)
    elif cursor is not None:
        dated, undated = dated.none(), undated.filter(id__gt=cursor.case_id)
    rows = list(dated.order_by("due_on", "id")[:size])
    if len(rows) < size:
        # Ordered by a day that none of them has: so PostgreSQL sees that the index gives this order.
        rows += undated.order_by("due_on", "id")[: size - len(rows)]
    return rows


def _by_number(actor: Actor, filters: Filters) -> Page:
    text = filters.number.strip()
    found = scope.visible(actor)
    try:
        found = found.filter(pk=UUID(text))
    except ValueError:
        code = Application.objects.filter(receipt_code=text.upper()).values("case_id")
        found = found.filter(pk__in=code)
    return _page(actor, list(found.only(*_COLUMNS)[:1]), BY_DEADLINE, filters)


def _page(actor: Actor, rows: list[Case], order: str, filters: Filters) -> Page:
    more, rows = len(rows) > filters.size, rows[: filters.size]
    tasks = _open_tasks(row.id for row in rows)
    codes = dict(
        Application.objects.filter(case_id__in=[row.id for row in rows]).values_list(
            "case_id", "receipt_code"
        )
    )
    written = _unanswered((row.id for row in rows), scope.side_of(actor))
    lines = tuple(
        _line(row, codes.get(row.id, ""), tasks.get(row.id, ()), is_written_to=row.id in written)
        for row in rows
    )
    _log(actor, len(lines), {"list": "work"})
    after = None
    if more:
        last = rows[-1]
        at = last.submitted_at if order == OLDEST_FIRST else last.due_on
        after = Cursor(order=order, at=at.isoformat() if at else None, case_id=last.id).encode()
    return Page(lines=lines, after=after, order=order)


def _open_tasks(case_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    rows = Task.objects.filter(case__in=list(case_ids), state="open").order_by("opened_at", "key")
    for case_id, key in rows.values_list("case_id", "key"):
        task = key.split(":", 1)[0]  # the key of a row can be an identity number
        if task not in found.get(case_id, ()):
            found[case_id] = (*found.get(case_id, ()), task)
    return found


def _unanswered(case_ids: Iterable[UUID], side: str) -> set[UUID]:
    """Return the cases in which somebody has written to a side, which nobody there has answered yet."""
    rows = Message.objects.filter(case__in=list(case_ids), receiver=side, read_at__isnull=True)
    return set(rows.values_list("case_id", flat=True))


def _line(case: Case, code: str, tasks: tuple[str, ...], *, is_written_to: bool = False) -> Line:
    today = clock.today()
    return Line(
        case_id=case.id,
        number=code,
        package_id=case.package_id,
        state=case.state,
        waiting_for=case.waiting_for,
        due_on=case.due_on,
        overdue=case.due_on is not None and case.due_on < today,
        submitted_at=case.submitted_at,
        age_days=(today - oslo_date(case.submitted_at)).days,
        channel=case.channel,
        tasks=tasks,
        handler_id=case.handler_id,
        is_written_to=is_written_to,
    )


def _log(actor: Actor, hits: int, detail: dict[str, object]) -> None:
    access_log.record(
        actor=actor, action="search", purpose=_PURPOSE, detail={**detail, "hits": hits}
    )
