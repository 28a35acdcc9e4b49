"""A leader cuts an employee off at once: somebody has left, or lost a device (SP-21).

The right itself lies with the provider of login and is taken away there; here the logins that it has given end now,
instead of when they would have ended by themselves.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Final

import attrs
from django.db import transaction

from samspill.identity import service
from samspill.identity.domain import LONGEST
from samspill.identity.models import Employee
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse

if TYPE_CHECKING:
    from django.db.models import QuerySet

LEADERS: Final = ("municipality_leader", "agency_leader")


@attrs.frozen(kw_only=True)
class LoggedIn:
    """An employee of one's own organisation whose login may still be open; `name` is empty until a register says it."""

    person_id: uuid.UUID
    name: str
    roles: tuple[str, ...]
    at: dt.datetime


def logged_in(actor: Actor) -> tuple[LoggedIn, ...]:
    """List the employees of the leader's own organisation whose newest login may still be open, without the leader."""
    if not actor.has_role(*LEADERS):
        return ()
    rows = _open(actor).order_by("name", "person_id")
    return tuple(
        LoggedIn(person_id=row.person_id, name=row.name, roles=tuple(row.roles), at=row.seen_at)
        for row in rows
    )


def cut_off(actor: Actor, *, person_id: uuid.UUID) -> int:
    """End every login by which an employee may act for the leader's organisation; give how many were open.

    What machines are told of the employee (AuthZEN) ends too: the newest login counts as over.

    Raises:
        RefusedError: `no_such_employee`, also for oneself and for another organisation's.
    """
    with transaction.atomic():
        found = _open(actor).filter(person_id=person_id) if actor.has_role(*LEADERS) else None
        row = found.select_for_update(of=("self",)).first() if found is not None else None
        if row is None:
            raise _nobody()
        row.seen_at = clock.now() - LONGEST["employee"]
        row.save(update_fields=["seen_at"])
        return service.end_sessions(actor=actor, person_id=person_id, org_no=row.org_no)


def _open(actor: Actor) -> QuerySet[Employee]:
    since = clock.now() - LONGEST["employee"]
    rows = Employee.objects.filter(org_no=actor.org_no or "-", seen_at__gt=since)
    return rows.exclude(person_id=str(actor.person_id))


def _nobody() -> RefusedError:
    return refuse(
        "no_such_employee",
        "Nobody of your organisation is logged in by that name now.",
        where="person",
        remedy="Load the page again: the login may have ended by itself.",
        status=409,
    )
