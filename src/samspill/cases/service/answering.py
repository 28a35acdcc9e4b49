"""Answer machines about employees (AuthZEN): may this one do this to a case, a task or a report?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from samspill.cases.models import Case, Task
from samspill.cases.service import scope
from samspill.infra import isolation
from samspill.mandates.service import employees

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.mandates.service.employees import Action, Ruling

MOST = 1000
#: Reports that the room gives out, and the roles that read them; `<name>` or `<name>:<service>`.
REPORTS = {
    "gains": frozenset({*scope.AGENCY_ROLES, "municipality_leader"}),
    "payments": frozenset(scope.AGENCY_ROLES),
}


def rule(actor: Actor, kind: str, name: str, action: Action) -> Ruling | None:
    """Rule on a case, a task or a report by its id; None when there is no such thing.

    A task is ruled on as its case; a report is only read.
    """
    with isolation.acting_as(actor):  # a machine asks: the database answers as to the employee
        if kind == "report":
            return _report(actor, name, action)
        case = _case(kind, name)
        return scope.ruling(actor, case, action) if case is not None else None


def readable(actor: Actor, kind: str, action: Action) -> list[str]:
    """List the ids of cases or open tasks that an employee may read or write to, or of reports, in their order."""
    with isolation.acting_as(actor):
        if kind == "report":
            return [name for name in REPORTS if _allows(_report(actor, name, action))]
        return _readable_cases(actor, kind, action)


def _readable_cases(actor: Actor, kind: str, action: Action) -> list[str]:
    cases = scope.visible(actor, action=action).open().order_by("id")
    if kind == "task":
        rows = Task.objects.filter(state="open", case__in=cases.values("id")).order_by("id")
        return [str(one) for one in rows.values_list("id", flat=True)[:MOST]]
    return [str(one) for one in cases.values_list("id", flat=True)[:MOST]]


def _case(kind: str, name: str) -> Case | None:
    try:
        key = UUID(name)
    except ValueError:
        return None
    if kind == "task":
        return Case.objects.filter(tasks=key).first()
    return Case.objects.filter(pk=key).first()


def _report(actor: Actor, name: str, action: Action) -> Ruling | None:
    report, _colon, service = name.partition(":")
    if report not in REPORTS or action != "read":
        return None
    return employees.decide_report(scope.employee_of(actor), REPORTS[report], service)


def _allows(ruled: Ruling | None) -> bool:
    return ruled is not None and ruled.allowed
