"""May this employee do this to that case, now, and why? Role × unit × service × relation (SP-05, SP-06, SP-23).

Refusal is the default. The questions are asked in an order that tells a stranger nothing: whoever has no role, belongs
to another organisation or is not cleared for a hidden address is refused before anything about the persons is weighed.
Then nobody comes to the case of oneself, of one's family or of whom one represents (forvaltningsloven § 6), whatever
relation there is. Last comes the relation; without one, a written reason opens the case for reading, for a short time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

import attrs

Action = Literal["read", "write", "open"]
ACTIONS: tuple[Action, ...] = ("read", "write", "open")
Side = Literal["municipality", "agency", "system", "none"]

EVERYTHING = "*"
CLEARED = "protected_caseworker"
LEADERS = frozenset({"municipality_leader", "agency_leader"})
CLOSED_FOR = dt.timedelta(days=365)
"""A closed case stays in the queue for a year: so long may an appeal be taken (forvaltningsloven § 31)."""


class Ground(StrEnum):
    """Why the answer is as it is; one code an answer."""

    SYSTEM = "SYSTEM"
    HANDLER = "HANDLER"
    TASK = "TASK"
    HANDED_OVER = "HANDED_OVER"
    QUEUE = "QUEUE"
    LEADS = "LEADS"
    OPENED = "OPENED"
    MAY_GIVE_REASON = "MAY_GIVE_REASON"
    REPORT = "REPORT"
    NO_ROLE = "NO_ROLE"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"
    PROTECTED = "PROTECTED"
    OWN_CASE = "OWN_CASE"
    FAMILY = "FAMILY"
    REPRESENTS = "REPRESENTS"
    FAMILY_UNKNOWN = "FAMILY_UNKNOWN"
    REASON_NEEDED = "REASON_NEEDED"
    READ_ONLY = "READ_ONLY"


HIDDEN = frozenset({Ground.NO_ROLE, Ground.OTHER_ORGANISATION, Ground.PROTECTED})
"""Refusals that are answered as if the case did not exist."""
DISQUALIFIED = frozenset({Ground.OWN_CASE, Ground.FAMILY, Ground.REPRESENTS, Ground.FAMILY_UNKNOWN})
"""Refusals because of who the employee is to somebody in the case (forvaltningsloven § 6)."""


@attrs.frozen(kw_only=True)
class Employee:
    """Who asks, as the login and the registers say.

    family: our own ids of relatives and household; None when no register has said it, and then nobody is opened.
    owns: the services that an agency owns; its cases are those.
    """

    id: str
    side: Side
    roles: frozenset[str] = frozenset()
    municipality: str = ""
    owns: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    family: frozenset[str] | None = None
    represents: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class CaseFacts:
    """What of a case counts.

    persons: applicant, whoever sent it, and everybody named in it. open_for: the roles of its open tasks.
    handed_to: employees whom it was handed. opened_until: how long the asking employee's own reason opens it.
    """

    service: str
    municipality: str = ""
    unit: str = ""
    hidden: bool = False
    handler: str = ""
    persons: frozenset[str] = frozenset()
    open_for: frozenset[str] = frozenset()
    handed_to: frozenset[str] = frozenset()
    opened_until: dt.datetime | None = None
    closed_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Ruling:
    """The answer and its one reason."""

    allowed: bool
    ground: Ground


def decide(employee: Employee, case: CaseFacts, action: Action, *, at: dt.datetime) -> Ruling:
    """Answer one question.

    Args:
        action: `read`, `write` (everything that changes), or `open`: may the employee give a reason to open it?
        at: the instant asked about, UTC.
    """
    if employee.side == "system":
        return Ruling(allowed=True, ground=Ground.SYSTEM)
    refusal = next((ground for ground, holds in _REFUSALS if holds(employee, case)), None)
    if refusal is not None:
        return Ruling(allowed=False, ground=refusal)
    relation = next((ground for ground, holds in _RELATIONS if holds(employee, case, at)), None)
    if relation is not None:
        return Ruling(allowed=True, ground=relation)
    return _without_relation(case, action, at)


def _without_relation(case: CaseFacts, action: Action, at: dt.datetime) -> Ruling:
    opened = case.opened_until is not None and at < case.opened_until
    if opened:
        writes = action == "write"
        return Ruling(allowed=not writes, ground=Ground.READ_ONLY if writes else Ground.OPENED)
    if action == "open":
        return Ruling(allowed=True, ground=Ground.MAY_GIVE_REASON)
    return Ruling(allowed=False, ground=Ground.REASON_NEEDED)


def decide_report(employee: Employee, roles: frozenset[str], service: str = "") -> Ruling:
    """Answer whether an employee may read a report: figures without persons, for roles, of a service or of all.

    An agency reads those of the services it owns; a municipality is told of its own part by the report itself.
    """
    if employee.side == "none" or employee.roles.isdisjoint(roles):
        return Ruling(allowed=False, ground=Ground.NO_ROLE)
    if service and employee.side == "agency" and service not in employee.owns:
        return Ruling(allowed=False, ground=Ground.OTHER_ORGANISATION)
    return Ruling(allowed=True, ground=Ground.REPORT)


def _no_role(employee: Employee, _case: CaseFacts) -> bool:
    return employee.side not in ("municipality", "agency") or not employee.roles


def _elsewhere(employee: Employee, case: CaseFacts) -> bool:
    if employee.side == "agency":
        return case.service not in employee.owns
    return not employee.municipality or case.municipality != employee.municipality


def _not_cleared(employee: Employee, case: CaseFacts) -> bool:
    return case.hidden and CLEARED not in employee.roles


def _own(employee: Employee, case: CaseFacts) -> bool:
    return employee.id in case.persons


def _relative(employee: Employee, case: CaseFacts) -> bool:
    return employee.family is not None and not employee.family.isdisjoint(case.persons)


def _agent(employee: Employee, case: CaseFacts) -> bool:
    return not employee.represents.isdisjoint(case.persons)


def _not_known(employee: Employee, _case: CaseFacts) -> bool:
    return employee.family is None


_REFUSALS: tuple[tuple[Ground, Callable[[Employee, CaseFacts], bool]], ...] = (
    (Ground.NO_ROLE, _no_role),
    (Ground.OTHER_ORGANISATION, _elsewhere),
    (Ground.PROTECTED, _not_cleared),
    (Ground.OWN_CASE, _own),
    (Ground.FAMILY, _relative),
    (Ground.REPRESENTS, _agent),
    (Ground.FAMILY_UNKNOWN, _not_known),
)


def serves(employee: Employee, case: CaseFacts) -> bool:
    """Tell whether the case lies in a queue of the employee: one's service, and in a municipality one's unit.

    A case without a unit belongs to the whole organisation. Who is cleared for hidden addresses is a unit of their own.
    """
    service = EVERYTHING in employee.services or case.service in employee.services
    whole = employee.side == "agency" or not case.unit or case.hidden
    return service and (whole or EVERYTHING in employee.units or case.unit in employee.units)


def _handles(employee: Employee, case: CaseFacts, _at: dt.datetime) -> bool:
    return bool(case.handler) and case.handler == employee.id


def _has_task(employee: Employee, case: CaseFacts, _at: dt.datetime) -> bool:
    mine = not employee.roles.isdisjoint(case.open_for)
    return mine and case.closed_at is None and serves(employee, case)


def _was_handed(employee: Employee, case: CaseFacts, _at: dt.datetime) -> bool:
    return employee.id in case.handed_to


def _in_queue(employee: Employee, case: CaseFacts, at: dt.datetime) -> bool:
    waits = case.closed_at is None or at < case.closed_at + CLOSED_FOR
    return waits and serves(employee, case)


def _leads(employee: Employee, case: CaseFacts, _at: dt.datetime) -> bool:
    return not employee.roles.isdisjoint(LEADERS) and serves(employee, case)


_RELATIONS: tuple[tuple[Ground, Callable[[Employee, CaseFacts, dt.datetime], bool]], ...] = (
    (Ground.HANDLER, _handles),
    (Ground.TASK, _has_task),
    (Ground.HANDED_OVER, _was_handed),
    (Ground.QUEUE, _in_queue),
    (Ground.LEADS, _leads),
)
