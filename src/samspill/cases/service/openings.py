"""Open a case that is not among one's tasks, with a written reason that the leader and the citizen read (SP-05).

The reason is stored, the case opens for reading for a stated time, and both stand in the access log in the same
transaction. The leader says that it is in order, or asks; the employee answers on the same page.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from django.db import transaction

from samspill.cases import events
from samspill.cases.models import COMPARTMENT, Application, Case, Opening
from samspill.cases.service import decisions, scope, stops
from samspill.identity import service as identity
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.infra.encryption import numbers
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates.service import employees

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from samspill.kernel.actor import Actor

PURPOSE = "open a case outside one's tasks"
OPENS_FOR = dt.timedelta(hours=2)
"""As long as an employee's login lasts at most (SP-18): the next day's look needs its own reason."""
FEWEST_WORDS, MOST = 4, 500
SHOWN = 100


@attrs.frozen(kw_only=True)
class Outside:
    """Hold what may be known of a case before it is opened: which it is, of which service and unit."""

    case_id: UUID
    number: str
    package_id: str
    package_version: str
    package_sha256: str
    unit: str
    needs_reason: bool


@attrs.frozen(kw_only=True)
class OpeningView:
    """Hold one opening as the leader, or whoever opened, sees it: never the name of the person it was about."""

    id: UUID
    case_id: UUID
    number: str
    employee: str
    units: tuple[str, ...]
    reason: str
    opened_at: dt.datetime
    until: dt.datetime
    state: str
    question: str
    answer: str


def outside(actor: Actor, *, case_id: UUID) -> Outside:
    """Tell which case a reason would open.

    Raises:
        RefusedError: `case_not_found`, `disqualified`, `family_unknown`.
    """
    case = scope.find(actor, case_id, purpose=PURPOSE, action="open")
    number = Application.objects.filter(case=case).values_list("receipt_code", flat=True).first()
    return Outside(
        case_id=case.id,
        number=number or "",
        package_id=case.package_id,
        package_version=case.package_version,
        package_sha256=case.package_sha256,
        unit=case.unit,
        needs_reason=scope.ruling(actor, case, "open").ground is employees.Ground.MAY_GIVE_REASON,
    )


def open_with_reason(actor: Actor, *, case_id: UUID, reason: str) -> Opening | None:
    """Open a case for reading for two hours, with a reason. Sent twice it is one opening.

    Returns:
        The opening; None when the case is among one's tasks already, and then nothing is stored.

    Raises:
        RefusedError: `case_not_found`, `disqualified`, `family_unknown`, `reason_needed`.
    """
    scope.find(actor, case_id, purpose=PURPOSE, action="open")
    text = _words(reason, "reason")
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        ruled = scope.ruling(actor, case, "open")
        if ruled.ground is employees.Ground.OPENED:
            return _living(actor, case)
        if not ruled.allowed or ruled.ground is not employees.Ground.MAY_GIVE_REASON:
            return None
        now = clock.now()
        row = Opening.objects.create(
            case=case,
            employee_id=_me(actor),
            org_no=actor.org_no or "",
            units=sorted(actor.units),
            reason=text,
            hidden=case.protection in COMPARTMENT,
            opened_at=now,
            until=now + OPENS_FOR,
        )
        access_log.record(
            actor=actor,
            action="read",
            purpose=PURPOSE,
            subject_id=case.applicant_id,
            case_id=case.id,
            detail={"written_reason": numbers.blotted(text), "until": row.until.isoformat()},
        )
        about = decisions.about(stops.facts_of(case), role=scope.role_of(actor))
        log.append(events.OpenedWithReason(**about, opening_id=row.id), actor=actor)
    return row


def _me(actor: Actor) -> UUID:
    """Return who acts; a person stands behind every opening."""
    if actor.person_id is None:
        raise not_here()
    return actor.person_id


def _living(actor: Actor, case: Case) -> Opening | None:
    return Opening.objects.filter(case=case, employee_id=_me(actor), until__gt=clock.now()).first()


def opened_until(actor: Actor, *, case_id: UUID) -> dt.datetime | None:
    """Tell until when a case is open to the actor by a reason alone; None when it is among their tasks."""
    case = Case.objects.get(pk=case_id)
    if scope.ruling(actor, case, "read").ground is not employees.Ground.OPENED:
        return None
    row = _living(actor, case)
    return row.until if row is not None else None


def close_all(case: Case) -> None:
    """End everything that was opened or handed over in a case; in the caller's transaction."""
    now = clock.now()
    Opening.objects.filter(case=case, until__gt=now).update(until=now)
    case.hand_overs.filter(ended_at__isnull=True).update(ended_at=now)


# ── what the leader looks at ──────────────────────────────────────────────────────────────


def for_leader(actor: Actor) -> list[OpeningView]:
    """List what employees of the leader's own organisation have opened, what waits first; never one's own.

    Hidden addresses are shown to a leader who is cleared, and to nobody else.
    """
    rows = list(_led(actor).order_by("-opened_at")[:SHOWN])
    rows.sort(key=lambda row: row.state not in ("new", "answered"))
    _log(actor, "read openings outside tasks", len(rows))
    return _views(actor, rows)


def mine(actor: Actor) -> list[OpeningView]:
    """List what the actor has opened, newest first."""
    rows = Opening.objects.filter(employee_id=_me(actor), org_no=actor.org_no or "-")
    return _views(actor, list(rows.order_by("-opened_at")[:SHOWN]))


def look_at(actor: Actor, *, opening_id: UUID, question: str = "", asks: bool = False) -> None:
    """Mark an opening as looked at, or ask whoever opened; a repeated mark changes nothing.

    Raises:
        RefusedError: `not_found`, also for another organisation's and for one's own; `reason_needed`.
    """
    if not _led(actor).filter(pk=opening_id).exists():
        raise not_here()
    asked = _text(question, "question") if asks or question.strip() else ""
    with transaction.atomic():
        row = _locked(_led(actor), opening_id)
        row.state = "asked" if asked else "seen"
        row.question = asked or row.question
        row.looked_by, row.looked_at = actor.person_id, clock.now()
        row.save(update_fields=["state", "question", "looked_by", "looked_at"])
        _note(actor, row, "look at an opening outside tasks")


def answer(actor: Actor, *, opening_id: UUID, text: str) -> None:
    """Answer what one's leader asked about an opening of one's own.

    Raises:
        RefusedError: `not_found`, `reason_needed`.
    """
    mine = Opening.objects.filter(employee_id=_me(actor), state__in=("asked", "answered"))
    if not mine.filter(pk=opening_id).exists():
        raise not_here()
    said = _text(text, "answer")
    with transaction.atomic():
        row = _locked(mine, opening_id)
        row.state, row.answer, row.answered_at = "answered", said, clock.now()
        row.save(update_fields=["state", "answer", "answered_at"])
        _note(actor, row, "answer for an opening outside tasks")


def _led(actor: Actor) -> QuerySet[Opening]:
    if not actor.has_role(*employees.LEADERS) or actor.person_id is None:
        return Opening.objects.none()
    rows = Opening.objects.filter(org_no=actor.org_no or "-").exclude(employee_id=_me(actor))
    if not actor.has_role(employees.CLEARED):
        rows = rows.filter(hidden=False).exclude(case__protection__in=COMPARTMENT)
    return rows


def _locked(rows: QuerySet[Opening], opening_id: UUID) -> Opening:
    row = rows.select_for_update(of=("self",)).filter(pk=opening_id).first()
    if row is None:
        raise not_here()
    return row


def not_here() -> RefusedError:
    """Make the refusal for what is not there, and for what is another's to look at."""
    return refuse(
        "not_found",
        "There is nothing here for you to look at.",
        remedy="Go back to the list and choose from it.",
        status=404,
    )


def _views(actor: Actor, rows: list[Opening]) -> list[OpeningView]:
    people = {
        one.person_id: one.name
        for one in identity.colleagues(actor, {row.employee_id for row in rows})
    }
    numbers = numbers_of(row.case_id for row in rows)
    return [
        OpeningView(
            id=row.id,
            case_id=row.case_id,
            number=numbers.get(row.case_id, ""),
            employee=people.get(row.employee_id, ""),
            units=tuple(one for one in row.units if one != employees.EVERYTHING),
            reason=row.reason,
            opened_at=row.opened_at,
            until=row.until,
            state=row.state,
            question=row.question,
            answer=row.answer,
        )
        for row in rows
    ]


def numbers_of(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the numbers of cases, by our own ids of them."""
    rows = Application.objects.filter(case_id__in=list(case_ids))
    return dict(rows.values_list("case_id", "receipt_code"))


def sentence(text: str, where: str) -> str:
    """Return what somebody wrote, in one line; refuse nothing and too much."""
    return _text(text, where)


def _words(text: str, where: str) -> str:
    said = " ".join(text.split())
    if len(said) > MOST or len(said.split()) < FEWEST_WORDS:
        raise _too_little(where)
    return said


def _text(text: str, where: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > MOST:
        raise refuse(
            "reason_needed",
            "Write a sentence of at most %(most)s characters.",
            where=where,
            remedy="Say it so that whoever reads it understands.",
            values={"most": MOST},
        )
    return said


def _too_little(where: str) -> RefusedError:
    return refuse(
        "reason_needed",
        "Write a sentence: at least %(fewest)s words and at most %(most)s characters.",
        where=where,
        remedy="Say what you need it for.",
        values={"fewest": FEWEST_WORDS, "most": MOST},
    )


def _note(actor: Actor, row: Opening, purpose: str) -> None:
    access_log.record(
        actor=actor,
        action="write",
        purpose=purpose,
        subject_id=row.employee_id,
        case_id=row.case_id,
        detail={"opening": str(row.id), "state": row.state},
    )


def _log(actor: Actor, purpose: str, hits: int) -> None:
    access_log.record(actor=actor, action="search", purpose=purpose, detail={"hits": hits})
