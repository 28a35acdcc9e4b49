"""Employees as their last login described them: for their leader to know them by name, and for machines that ask.

Only the organisation itself is told who its employees are. A login older than a session can last says nothing of
what somebody may do now.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

import attrs

from samspill.identity import sessions
from samspill.identity.domain import LONGEST, Unit
from samspill.identity.models import Employee
from samspill.infra import clock, isolation
from samspill.kernel.actor import Actor

KEPT = dt.timedelta(days=365)


@attrs.frozen(kw_only=True)
class Colleague:
    """An employee of one's own organisation, by name."""

    person_id: uuid.UUID
    name: str
    units: tuple[str, ...]
    roles: frozenset[str]


def seen(person_id: uuid.UUID, name: str, units: Iterable[Unit]) -> None:
    """Keep what a login said of an employee, for each organisation that gives a role."""
    if (
        not name
    ):  # no provider tells it; what Folkeregisteret said for one organisation holds for all
        named = Employee.objects.filter(person_id=person_id).exclude(name="")
        name = named.values_list("name", flat=True).first() or ""
    for unit in units:
        told = sessions.as_json(unit)
        Employee.objects.update_or_create(
            person_id=person_id,
            org_no=unit.org_no,
            defaults={
                **({"name": name} if name else {}),
                "roles": told["roles"],
                "units": told["units"],
                "services": told["services"],
                "municipality_id": unit.municipality_id or None,
                "seen_at": clock.now(),
            },
        )


def name_employee(person_id: uuid.UUID, *, org_no: str, name: str) -> None:
    """Call an employee what Folkeregisteret calls them; the providers of login tell no name."""
    Employee.objects.filter(person_id=person_id, org_no=org_no).update(name=name[:200])


def colleagues(actor: Actor, person_ids: Iterable[uuid.UUID] | None = None) -> list[Colleague]:
    """Return the employees of the actor's own organisation, by name; of another's nobody is told."""
    if actor.kind != "employee" or not actor.org_no:
        return []
    return _of(actor.org_no, person_ids)


@isolation.widely("employees")
def names_for_incident(person_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return names across organisations, for those who must look into an incident of a protected person."""
    rows = Employee.objects.filter(person_id__in=list(person_ids))
    return dict(rows.order_by("seen_at").values_list("person_id", "name"))


def _of(org_no: str, person_ids: Iterable[uuid.UUID] | None) -> list[Colleague]:
    rows = Employee.objects.filter(org_no=org_no)
    if person_ids is not None:
        rows = rows.filter(person_id__in=list(person_ids))
    return [
        Colleague(
            person_id=row.person_id,
            name=row.name,
            units=tuple(row.units),
            roles=frozenset(row.roles),
        )
        for row in rows.order_by("name", "person_id")
    ]


def staff_ids() -> dict[str, set[uuid.UUID]]:
    """Return who works where, by organisation; for jobs that look for looks at colleagues."""
    found: dict[str, set[uuid.UUID]] = {}
    for org_no, person_id in Employee.objects.values_list("org_no", "person_id"):
        found.setdefault(org_no, set()).add(person_id)
    return found


@isolation.widely("employees")
def as_actor(person_id: uuid.UUID, *, org_no: str) -> Actor | None:
    """Return an employee as the newest login described them; None when that is no longer sure.

    A login is sure as long as its session could have lasted; then the organisation may have taken the role away.
    """
    since = clock.now() - LONGEST["employee"]
    row = Employee.objects.filter(person_id=person_id, org_no=org_no, seen_at__gt=since).first()
    return _actor(row) if row is not None else None


def _actor(row: Employee) -> Actor:
    return Actor(
        kind="employee",
        person_id=row.person_id,
        org_no=row.org_no,
        municipality_id=row.municipality_id,
        roles=frozenset(row.roles),
        units=frozenset(row.units),
        services=frozenset(row.services),
        channel="api",
        name=row.name,
    )


@isolation.widely("employees")
def sure_of(org_no: str) -> list[Actor]:
    """Return the employees of an organisation whose roles are sure now, by our own ids."""
    since = clock.now() - LONGEST["employee"]
    rows = Employee.objects.filter(org_no=org_no, seen_at__gt=since).order_by("person_id")
    return [_actor(row) for row in rows]


def forget_gone() -> int:
    """Delete those who have not logged in for a year."""
    gone, _ = Employee.objects.filter(seen_at__lt=clock.now() - KEPT).delete()
    return gone
