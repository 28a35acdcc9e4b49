"""Findings in the access log, for the leader of the employee's own organisation: dismiss, or act, with a reason."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from django.db import transaction
from django.db.models import Q

from samspill.cases.models import Finding
from samspill.cases.service import openings
from samspill.identity import service as identity
from samspill.infra import access_log, clock
from samspill.kernel.outcome import refuse
from samspill.mandates.service import employees

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from samspill.kernel.actor import Actor

SHOWN, CASES_SHOWN = 100, 5


@attrs.frozen(kw_only=True)
class FindingView:
    """Hold one finding: which rule, which employee, how many; case numbers, never persons."""

    id: UUID
    rule: str
    employee: str
    day: dt.date
    count: int
    numbers: tuple[str, ...]
    more: int
    state: str
    reason: str


def for_leader(actor: Actor) -> list[FindingView]:
    """List the findings about the leader's own organisation, those that wait first; none about the leader."""
    rows = list(_led(actor).order_by("-made_at")[:SHOWN])
    rows.sort(key=lambda row: row.state != "new")
    ids = {row.employee_id for row in rows if row.employee_id is not None}
    people = {one.person_id: one.name for one in identity.colleagues(actor, ids)}
    numbers = openings.numbers_of(case for row in rows for case in row.cases[:CASES_SHOWN])
    access_log.record(
        actor=actor,
        action="search",
        purpose="read findings in the access log",
        detail={"hits": len(rows)},
    )
    return [
        FindingView(
            id=row.id,
            rule=row.rule,
            employee=people.get(row.employee_id, "") if row.employee_id else "",
            day=row.day,
            count=row.count,
            numbers=tuple(numbers[case] for case in row.cases[:CASES_SHOWN] if case in numbers),
            more=max(len(row.cases) - CASES_SHOWN, 0),
            state=row.state,
            reason=row.reason,
        )
        for row in rows
    ]


def settle(actor: Actor, *, finding_id: UUID, outcome: str, reason: str) -> None:
    """Dismiss a finding or say what is done about it, with a reason; once.

    Args:
        outcome: `dismissed` or `acted`.

    Raises:
        RefusedError: `not_found`, `reason_needed`, `bad_outcome`.
    """
    if not _led(actor).filter(pk=finding_id).exists():
        raise openings.not_here()
    if outcome not in ("dismissed", "acted"):
        raise refuse(
            "bad_outcome",
            "Choose what you have come to.",
            where="outcome",
            remedy="Choose that it is explained, or that you go on with it.",
        )
    text = openings.sentence(reason, "reason")
    with transaction.atomic():
        rows = _led(actor).filter(state="new").select_for_update(of=("self",))
        row = rows.filter(pk=finding_id).first()
        if row is None:
            raise openings.not_here()
        row.state, row.reason = outcome, text
        row.looked_by, row.looked_at = actor.person_id, clock.now()
        row.save(update_fields=["state", "reason", "looked_by", "looked_at"])
        access_log.record(
            actor=actor,
            action="write",
            purpose="settle a finding in the access log",
            subject_id=row.employee_id,
            detail={"finding": str(row.id), "outcome": outcome},
        )


def _led(actor: Actor) -> QuerySet[Finding]:
    if not actor.has_role(*employees.LEADERS) or actor.person_id is None:
        return Finding.objects.none()
    about_me = Q(employee_id=actor.person_id)
    rows = Finding.objects.filter(org_no=actor.org_no or "-").exclude(about_me)
    return rows if actor.has_role(employees.CLEARED) else rows.filter(hidden=False)
