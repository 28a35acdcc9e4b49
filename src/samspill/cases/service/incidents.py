"""A case whose address becomes strictly protected: everybody is cut off at once, and who saw it is listed (SP-26)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
from django.db import transaction

from samspill.cases.models import Case, Incident
from samspill.cases.service import openings, scope
from samspill.identity import service as identity
from samspill.infra import access_log, clock, look_scan
from samspill.packages import service as packages

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

BEFORE = dt.timedelta(days=30)
SHOWN = 100


@attrs.frozen(kw_only=True)
class SeenBy:
    """Hold one employee who saw a case: name when it is known, organisation, how often, and when last."""

    employee: str
    org_no: str
    times: int
    last_at: dt.datetime


@attrs.frozen(kw_only=True)
class IncidentView:
    """Hold one incident for those who are cleared."""

    id: UUID
    case_id: UUID
    number: str
    at: dt.datetime
    seen_by: tuple[SeenBy, ...]
    done: bool
    note: str


def begin(actor: Actor, case: Case) -> None:
    """Cut everybody off from a case that has come into the compartment, and list who saw it before.

    In the caller's transaction. What is opened or handed over ends now; every later request is decided anew and finds
    no case. One open incident a case.
    """
    openings.close_all(case)
    now = clock.now()
    seen: list[dict[str, Any]] = [
        {
            "employee_id": str(one.employee),
            "org_no": one.org_no,
            "times": one.times,
            "last_at": one.last_at.isoformat(),
        }
        for one in look_scan.seers_of(case.id, now - BEFORE)
    ]
    package = packages.pinned(case.package_id, case.package_version, case.package_sha256)
    _row, made = Incident.objects.get_or_create(
        case=case,
        state="open",
        defaults={"org_no": package.service.owner, "at": now, "seen_by": seen},
    )
    if made:
        access_log.record(
            actor=actor,
            action="write",
            purpose="list who saw a case that is protected now",
            subject_id=case.applicant_id,
            case_id=case.id,
            detail={"seen_by": len(seen)},
        )


def for_cleared(actor: Actor) -> list[IncidentView]:
    """List the incidents of the cleared employee's organisation in cases one may see, those that wait first."""
    if not actor.has_role(scope.CLEARED) or actor.kind != "employee":
        return []
    rows = list(
        Incident.objects.filter(org_no=actor.org_no or "-", case__in=scope.visible(actor)).order_by(
            "-state", "-at"
        )[:SHOWN]
    )
    numbers = openings.numbers_of(row.case_id for row in rows)
    people = identity.names_for_incident(
        {one["employee_id"] for row in rows for one in row.seen_by}
    )
    access_log.record(
        actor=actor,
        action="search",
        purpose="look at who saw a case that is protected now",
        detail={"hits": len(rows)},
    )
    return [_view(row, numbers, people) for row in rows]


def _view(row: Incident, numbers: dict[UUID, str], people: dict[UUID, str]) -> IncidentView:
    named = {str(person): name for person, name in people.items()}
    return IncidentView(
        id=row.id,
        case_id=row.case_id,
        number=numbers.get(row.case_id, ""),
        at=row.at,
        seen_by=tuple(
            SeenBy(
                employee=named.get(one["employee_id"], ""),
                org_no=one["org_no"],
                times=one["times"],
                last_at=dt.datetime.fromisoformat(one["last_at"]),
            )
            for one in row.seen_by
        ),
        done=row.state == "done",
        note=row.note,
    )


def settle(actor: Actor, *, incident_id: UUID, note: str) -> None:
    """Say what was done about an incident; once.

    Raises:
        RefusedError: `not_found`, `reason_needed`.
    """
    if not actor.has_role(scope.CLEARED):
        raise openings.not_here()
    rows = Incident.objects.filter(
        pk=incident_id, org_no=actor.org_no or "-", state="open", case__in=scope.visible(actor)
    )
    if not rows.exists():
        raise openings.not_here()
    text = openings.sentence(note, "note")
    with transaction.atomic():
        row = rows.select_for_update(of=("self",)).first()
        if row is None:
            raise openings.not_here()
        row.state, row.note = "done", text
        row.done_by, row.done_at = actor.person_id, clock.now()
        row.save(update_fields=["state", "note", "done_by", "done_at"])
        access_log.record(
            actor=actor,
            action="write",
            purpose="settle who saw a case that is protected now",
            case_id=row.case_id,
            detail={"incident": str(row.id)},
        )
