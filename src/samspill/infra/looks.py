"""Who has looked at a person's data, in the order it happened, and what the person says of it (SP-08).

Rows and rules; the page is the site's. Looks that are alike on one day are shown as one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Container, Iterable
from typing import Any

import attrs
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from samspill.infra import access_log, clock, isolation
from samspill.infra.models import AccessEntry, LookReport
from samspill.kernel.actor import Actor, citizen
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import OSLO

PAGE = 100
LEADERS = ("municipality_leader", "agency_leader")
CLEARED, OPERATOR = "protected_caseworker", "secretariat"
MAX_TEXT = 2_000


@attrs.frozen(kw_only=True)
class Look:
    """One look, or several that are alike: `id` is the last one's number in the log."""

    id: int
    at: dt.datetime
    since: dt.datetime
    count: int
    kind: str
    org_no: str
    roles: tuple[str, ...]
    action: str
    purpose: str
    legal_basis: str
    case_id: uuid.UUID | None
    fields: tuple[str, ...]
    permitted: bool
    own: bool
    employee_id: uuid.UUID | None
    reason: str = ""


@attrs.frozen(kw_only=True)
class Report:
    """What a person said of a look, and the answer; `look` is None when the entry is past its time."""

    id: uuid.UUID
    entry_id: int
    text: str
    reported_at: dt.datetime
    answer: str
    answered_at: dt.datetime | None
    look: Look | None = None


def looks_at(
    actor: Actor, *, own: bool = False, before: int | None = None
) -> tuple[list[Look], int | None]:
    """Return the newest looks at the actor's own data, and the number to go on from (None at the end).

    `own` takes with it what the person did herself. Reading this is written in the log as well.
    """
    subject = citizen(actor)
    found = AccessEntry.objects.filter(subject_id=subject).order_by("-id")
    if not own:
        found = found.exclude(actor_id=subject)
    if before is not None:
        found = found.filter(id__lt=before)
    with transaction.atomic():
        rows = list(found[: PAGE + 1])
        _log(actor, "see who has looked")
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    reported = set(LookReport.objects.filter(subject_id=subject).values_list("entry_id", flat=True))
    return _together((_shown(row) for row in rows[:PAGE]), reported), more


def all_looks_at(person_id: uuid.UUID) -> list[Look]:
    """Return every look at a person's data, newest first, alike ones joined; the access request is logged itself."""
    found = AccessEntry.objects.filter(subject_id=person_id).order_by("-id")
    return _together((_shown(row) for row in found.iterator()), frozenset())


def look_at(actor: Actor, *, entry_id: int) -> Look:
    """Return one look at the actor's own data.

    Raises:
        RefusedError: `not_found`, also for what is another's.
    """
    subject = citizen(actor)
    row = AccessEntry.objects.filter(id=entry_id, subject_id=subject).first()
    with transaction.atomic():
        _log(actor, "see one look", outcome="permit" if row else "deny", entry=entry_id)
    if row is None:
        raise _not_found()
    return _shown(row)


def reports_of(actor: Actor) -> dict[int, Report]:
    """Return what the actor has reported, by the entry's number."""
    rows = LookReport.objects.filter(subject_id=citizen(actor))
    return {row.entry_id: _report(row) for row in rows}


def report(actor: Actor, *, entry_id: int, text: str, protected: bool) -> Report:
    """Say that a look seems wrong; the organisation that looked must answer. A second time changes nothing.

    Args:
        actor: the person whose data it was.
        entry_id: the entry's number.
        text: what seems wrong, in the person's words.
        protected: the person's address is protected, or nobody knows: only cleared employees see the report.

    Raises:
        RefusedError: `not_found`, or `text_needed` when nothing or too much is written.
    """
    look = look_at(actor, entry_id=entry_id)
    row = LookReport(
        entry_id=entry_id, subject_id=citizen(actor), org_no=look.org_no, protected=protected,
        text=_text(text, "text"), reported_at=clock.now(),
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            row = LookReport.objects.get(entry_id=entry_id)
        _log(actor, "report a look that seems wrong", action="write", entry=entry_id)
    return _report(row)


@isolation.widely("operator")
def reports_to(actor: Actor) -> list[Report]:
    """Return the reports that the actor's organisation must answer, those that wait first, oldest first."""
    waits_first = F("answered_at").asc(nulls_first=True)
    rows = list(
        LookReport.objects.filter(_theirs(actor)).order_by(waits_first, "reported_at")[:PAGE]
    )
    entries = AccessEntry.objects.in_bulk([row.entry_id for row in rows])
    with transaction.atomic():
        access_log.record_many(
            access_log.as_row(
                actor=actor,
                action="read",
                purpose="read reports of looks",
                subject_id=row.subject_id,
            )
            for row in rows
        )
    looks = {number: _shown(entry) for number, entry in entries.items()}
    return [_report(row, looks.get(row.entry_id)) for row in rows]


@isolation.widely("operator")
def answer(actor: Actor, *, report_id: uuid.UUID, text: str) -> Report:
    """Answer a report; the person reads it on the page where it was reported. It is given once.

    Raises:
        RefusedError: `not_found` when it is not the actor's to answer, `answered` when it has been,
            `text_needed`.
    """
    with transaction.atomic():
        row = LookReport.objects.select_for_update().filter(_theirs(actor), id=report_id).first()
        if row is not None:
            if row.answered_at is not None:
                raise refuse(
                    "answered",
                    "This report has been answered already.",
                    remedy="Read the answer in the list.",
                    status=409,
                )
            row.answer, row.answered_at = _text(text, "answer"), clock.now()
            row.answered_by = actor.person_id
            row.save()
        access_log.record(
            actor=actor, action="write", purpose="answer a report of a look",
            subject_id=row.subject_id if row else None,
            outcome="permit" if row else "deny", detail={"report": str(report_id)},
        )  # fmt: skip
    if row is None:
        raise _not_found()
    return _report(row)


@isolation.widely("operator")
def waiting(actor: Actor) -> int:
    """Return how many reports wait for the actor's answer."""
    return LookReport.objects.filter(_theirs(actor), answered_at=None).count()


def _theirs(actor: Actor) -> Q:
    """The reports of an actor's organisation: its leader's; those of protected persons only if cleared.

    Automatic acts have no organisation: the secretariat, which runs the platform, answers for them. Nobody
    answers for their own look, nor about themselves.
    """
    mine = Q(pk__in=[])
    if actor.has_role(*LEADERS):
        mine |= Q(org_no=actor.org_no or "-", protected=False)
    if actor.has_role(CLEARED):
        mine |= Q(org_no=actor.org_no or "-", protected=True)
    if actor.has_role(OPERATOR):
        mine |= Q(org_no="", protected=False)
    looked = AccessEntry.objects.filter(actor_id=actor.person_id).values("id")
    return mine & ~Q(subject_id=actor.person_id) & ~Q(entry_id__in=looked)


def _not_found() -> RefusedError:
    return refuse(
        "not_found",
        "There is no such line in the log for you.",
        remedy="Go back to the list and choose from it.",
        status=404,
    )


def _text(given: str, where: str) -> str:
    text = given.strip()
    if not text or len(text) > MAX_TEXT:
        raise refuse(
            "text_needed",
            "Write a few words, at most %(most)s characters.",
            where=where,
            remedy="Write what seems wrong, or what you have found out.",
            values={"most": MAX_TEXT},
        )
    return text


def _log(actor: Actor, purpose: str, *, entry: int | None = None, **rest: Any) -> None:
    detail = {} if entry is None else {"entry": entry}
    access_log.record(
        actor=actor,
        action=rest.pop("action", "read"),
        purpose=purpose,
        subject_id=actor.person_id,
        detail=detail,
        **rest,
    )


def _shown(row: AccessEntry) -> Look:
    return Look(
        id=row.id, at=row.at, since=row.at, count=1, kind=row.actor_kind, org_no=row.actor_org_no,
        roles=tuple(row.actor_roles), action=row.action, purpose=row.purpose, legal_basis=row.legal_basis,
        case_id=row.case_id, fields=tuple(row.fields), permitted=row.outcome == "permit",
        own=row.actor_id is not None and row.actor_id == row.subject_id, employee_id=row.actor_id,
        reason=str(row.detail.get("written_reason", "")),
    )  # fmt: skip


def _report(row: LookReport, look: Look | None = None) -> Report:
    return Report(
        id=row.id, entry_id=row.entry_id, text=row.text, reported_at=row.reported_at,
        answer=row.answer, answered_at=row.answered_at, look=look,
    )  # fmt: skip


def _together(looks: Iterable[Look], alone: Container[int]) -> list[Look]:
    """Join those that tell the same on the same day, but not those that stand `alone`; where the newest stands.

    Whoever fills in a form reads and writes by turns: it is two lines, not a hundred.
    """
    found: dict[tuple[object, ...], Look] = {}
    for look in looks:
        key = (look.id,) if look.id in alone else _key(look)
        last = found.get(key)
        if last is None:
            found[key] = look
            continue
        fields = tuple(sorted({*last.fields, *look.fields}))
        found[key] = attrs.evolve(last, since=look.at, count=last.count + 1, fields=fields)
    return list(found.values())


def _key(look: Look) -> tuple[object, ...]:
    day = look.at.astimezone(OSLO).date()
    told = (look.kind, look.org_no, look.roles, look.action, look.purpose, look.legal_basis)
    return (day, look.case_id, look.permitted, look.own, look.employee_id, look.reason, *told)
