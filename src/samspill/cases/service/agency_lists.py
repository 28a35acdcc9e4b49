"""The agency's lists beside its work list: appeals, letters that did not get out, and the services it owns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from django.db import transaction
from django.db.models import Count, Min, QuerySet

from samspill.cases.models import Case, Letter
from samspill.cases.service import scope
from samspill.infra import access_log, clock
from samspill.packages import service as packages

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package

_OPEN_APPEALS = ("received", "clarified", "forwarded")
_MOST = 200
_WAITING = ("queued", "made")


@attrs.frozen(kw_only=True)
class AppealLine:
    """Hold one open appeal in a list, without words of it."""

    case_id: UUID
    package_id: str
    number: str
    state: str
    received_at: dt.datetime
    late: bool


@attrs.frozen(kw_only=True)
class FailedLetter:
    """Hold one letter that could not be made or sent."""

    id: UUID
    case_id: UUID
    package_id: str
    kind: str
    language: str
    failure: str
    attempts: int
    queued_at: dt.datetime


@attrs.frozen(kw_only=True)
class LetterQueue:
    """Hold how many letters wait, since when, and those that were given up."""

    waiting: int
    oldest: dt.datetime | None
    failed: tuple[FailedLetter, ...]


def services_of(actor: Actor) -> tuple[Package, ...]:
    """List the services an employee works with, as employees read them: an agency's own; for a municipality all."""
    mine = None if scope.side_of(actor) == "municipality" else scope.served_packages(actor)
    known = sorted({p.package_id for p in packages.list_published()})
    return tuple(
        packages.published(name).for_staff() for name in known if mine is None or name in mine
    )


def appeals(actor: Actor) -> list[AppealLine]:
    """List the open appeals in cases that the actor may see, oldest first."""
    rows = (
        scope.visible(actor)
        .filter(appeals__state__in=_OPEN_APPEALS)
        .order_by("appeals__received_at", "appeals__id")
        .values_list(
            "id",
            "package_id",
            "application__receipt_code",
            "appeals__state",
            "appeals__received_at",
            "appeals__late",
        )[:_MOST]
    )
    found = [
        AppealLine(
            case_id=case,
            package_id=package,
            number=number,
            state=state,
            received_at=received,
            late=late,
        )
        for case, package, number, state, received, late in rows
    ]
    _log(actor, "appeals", len(found))
    return found


def letter_queue(actor: Actor) -> LetterQueue:
    """Tell how many letters wait to be sent, and list those that were given up after five tries."""
    rows = _letters(actor)
    # The states are named, not left out: each is a stretch of the index, however many were given up.
    wait = rows.filter(state__in=_WAITING).aggregate(count=Count("id"), oldest=Min("queued_at"))
    failed = tuple(
        FailedLetter(
            id=row.id,
            case_id=row.case_id,
            package_id=row.case.package_id,
            kind=row.kind,
            language=row.language,
            failure=row.failure,
            attempts=row.attempts,
            queued_at=row.queued_at,
        )
        for row in rows.filter(state="failed").select_related("case").order_by("queued_at")[:_MOST]
    )
    _log(actor, "letters", len(failed))
    return LetterQueue(
        waiting=wait["count"],
        oldest=wait["oldest"],
        failed=failed,
    )


def send_again(actor: Actor) -> int:
    """Put the letters that were given up back in the queue, once their fault is mended; tell how many."""
    with transaction.atomic():
        count = (
            _letters(actor)
            .filter(state="failed")
            .update(state="queued", attempts=0, failure="", next_at=None)
        )
        access_log.record(
            actor=actor, action="write", purpose="send letters again", detail={"letters": count}
        )
    return count


def _letters(actor: Actor) -> QuerySet[Letter]:
    visible: QuerySet[Case] = Case.objects.none()
    if scope.side_of(actor) == "agency":
        visible = scope.visible(actor)
    return Letter.objects.exclude(state="sent").filter(case__in=visible)


def _log(actor: Actor, name: str, hits: int) -> None:
    access_log.record(
        actor=actor,
        action="search",
        purpose="find cases to work on",
        detail={"list": name, "hits": hits, "on": clock.today().isoformat()},
    )
