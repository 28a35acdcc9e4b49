"""Read the access log for those who look for misuse: looks by employees in a span of time, and who saw one case.

The log has no order but its numbers; they rise with the time, so a day is read from the newest backwards.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import attrs
from django.db.models import Count, Max

from samspill.infra.models import AccessEntry

_AT_ONCE = 5000


@attrs.frozen(kw_only=True)
class EmployeeLook:
    """One entry of the log by an employee about a person: ids only."""

    at: dt.datetime
    employee: uuid.UUID
    org_no: str
    subject: uuid.UUID
    case: uuid.UUID | None
    action: str
    purpose: str
    permitted: bool


@attrs.frozen(kw_only=True)
class Seer:
    """An employee who saw a case: how often, and when last."""

    employee: uuid.UUID
    org_no: str
    times: int
    last_at: dt.datetime


def by_employees(since: dt.datetime, until: dt.datetime) -> Iterator[EmployeeLook]:
    """Give what employees did with the data of others from `since` until before `until`, newest first."""
    before: int | None = None
    while True:
        rows = AccessEntry.objects.order_by("-id")
        if before is not None:
            rows = rows.filter(id__lt=before)
        page = list(rows[:_AT_ONCE])
        for row in page:
            if since <= row.at < until and _counts(row):
                yield _look(row)
        if len(page) < _AT_ONCE or max(row.at for row in page) < since:
            return
        before = page[-1].id


def seers_of(case_id: uuid.UUID, since: dt.datetime) -> list[Seer]:
    """Give the employees who were let in to a case since a time, the newest look first."""
    rows = (
        AccessEntry.objects.filter(
            case_id=case_id,
            at__gte=since,
            actor_kind="employee",
            outcome="permit",
            actor_id__isnull=False,
        )
        .values("actor_id", "actor_org_no")
        .annotate(times=Count("id"), last_at=Max("at"))
        .order_by("-last_at")
    )
    return [
        Seer(
            employee=row["actor_id"],
            org_no=row["actor_org_no"],
            times=row["times"],
            last_at=row["last_at"],
        )
        for row in rows
        if row["actor_id"] is not None
    ]


def _counts(row: AccessEntry) -> bool:
    about_another = row.subject_id is not None and row.subject_id != row.actor_id
    return row.actor_kind == "employee" and row.actor_id is not None and about_another


def _look(row: AccessEntry) -> EmployeeLook:
    assert row.actor_id is not None
    assert row.subject_id is not None
    return EmployeeLook(
        at=row.at,
        employee=row.actor_id,
        org_no=row.actor_org_no,
        subject=row.subject_id,
        case=row.case_id,
        action=row.action,
        purpose=row.purpose,
        permitted=row.outcome == "permit",
    )
