"""Who among the employees may see which cases; the caller of the decision point (SP-04 to SP-06, SP-23).

`mandates.service.employees.decide` says yes or no to one case and why; `visible` says the same to all cases in one
query, for the lists, and a property test holds the two together. A municipality sees the cases of its own dwellings,
an agency those of the services it owns; within these each sees what lies in the queues one serves, what one has taken
or been handed, and what one's written reason has opened. A case in the compartment of strictly protected addresses is
answered in the same way as a case number that was never given. Nobody comes to the case of oneself, of one's family or
of whom one represents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import attrs
from django.db import transaction
from django.db.models import Q

from samspill.cases.models import COMPARTMENT, Application, Case, HandOver, Opening, Task
from samspill.cases.service import disqualifying, ties
from samspill.infra import access_log, clock, isolation
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates.service import employees
from samspill.mandates.service.employees import CaseFacts, Employee, Ground, Ruling
from samspill.packages import service as packages

if TYPE_CHECKING:
    from samspill.cases.models.case import CaseQuerySet
    from samspill.kernel.actor import Actor
    from samspill.mandates.service.employees import Action, Side

MUNICIPALITY_ROLES = ("municipality_caseworker", "municipality_leader", "counter")
AGENCY_ROLES = ("agency_caseworker", "agency_leader")
CLEARED = "protected_caseworker"


def side_of(actor: Actor) -> Side:
    """Tell on which side of the wall an actor works: municipality, agency, system or none.

    >>> from samspill.kernel.actor import Actor
    >>> side_of(Actor(kind="employee", roles=frozenset({"agency_leader"})))
    'agency'
    """
    if actor.kind == "system":
        return "system"
    if actor.kind != "employee":
        return "none"
    if actor.has_role(*AGENCY_ROLES):
        return "agency"
    if actor.municipality_id is not None and actor.has_role(*MUNICIPALITY_ROLES, CLEARED):
        return "municipality"
    return "agency" if actor.has_role(CLEARED) else "none"


def role_of(actor: Actor) -> str:
    """Give the one role that an event names: the most particular that the actor has."""
    if actor.kind != "employee":
        return "applicant" if actor.kind == "citizen" else actor.kind
    roles = (*MUNICIPALITY_ROLES, *AGENCY_ROLES)
    return next((role for role in roles if actor.has_role(role)), CLEARED)


def process_role(actor: Actor) -> str:
    """Give the name under which a package's process knows the actor."""
    side = side_of(actor)
    only_counter = actor.has_role("counter") and not actor.has_role(*MUNICIPALITY_ROLES[:2])
    return "counter" if side == "municipality" and only_counter else side


def employee_of(actor: Actor) -> Employee:
    """Give the actor as the decision point knows employees; Folkeregisteret is asked once a day about the family."""
    side = side_of(actor)
    if side in ("system", "none") or actor.person_id is None:
        return Employee(id=str(actor.person_id or ""), side=side)
    family = ties.family_of(actor)
    return Employee(
        id=str(actor.person_id),
        side=side,
        roles=actor.roles,
        municipality=str(actor.municipality_id or ""),
        owns=frozenset(owned_packages(actor.org_no or "")) if side == "agency" else frozenset(),
        units=actor.units,
        services=actor.services,
        family=None if family is None else frozenset(map(str, family)),
        represents=frozenset(map(str, employees.represented_by(actor.person_id))),
    )


def visible(actor: Actor, *, action: Action = "read") -> CaseQuerySet:
    """Give the cases that an employee may read, or write to; nothing for anybody else.

    The same answer as `ruling` gives of each, in one query.
    """
    employee = employee_of(actor)
    if employee.side == "system":
        return Case.objects.all()
    if employee.side == "none" or employee.family is None:
        return Case.objects.none()
    found = _reachable(employee)
    near = {UUID(one) for one in (employee.id, *employee.family, *employee.represents)}
    found = found.exclude(applicant_id__in=near).exclude(submitted_by_id__in=near)
    found = found.exclude(persons__overlap=list(near))
    served = _served(employee)
    if served is None:
        return found
    return found.filter(served | Q(handler_id=employee.id) | Q(pk__in=_by_name(employee, action)))


def is_kept_from_all(actor: Actor) -> bool:
    """Tell whether an employee comes to no case because no register has said who they are close to."""
    employee = employee_of(actor)
    return employee.side in ("municipality", "agency") and employee.family is None


def _reachable(employee: Employee) -> CaseQuerySet:
    """Give the cases of the employee's organisation that it is no secret are there."""
    if employee.side == "agency":
        found = Case.objects.filter(package_id__in=sorted(employee.owns))
    elif employee.municipality:
        found = Case.objects.filter(municipality_id=UUID(employee.municipality))
    else:
        return Case.objects.none()
    if CLEARED not in employee.roles:
        found = found.exclude(protection__in=COMPARTMENT)
    return found


def _served(employee: Employee) -> Q | None:
    """Give what the employee's queues hold, or None when they hold everything of the organisation."""
    conditions = []
    whole = employees.EVERYTHING
    if whole not in employee.services and not (
        employee.side == "agency" and employee.owns <= employee.services
    ):
        conditions.append(Q(package_id__in=sorted(employee.services)))
    if employee.side == "municipality" and whole not in employee.units:
        units = Q(unit="") | Q(unit__in=sorted(employee.units)) | Q(protection__in=COMPARTMENT)
        conditions.append(units)
    if employee.roles.isdisjoint(employees.LEADERS):
        limit = clock.now() - employees.CLOSED_FOR
        conditions.append(Q(closed_at__isnull=True) | Q(closed_at__gt=limit))
    if not conditions:
        return None
    served = conditions[0]
    for condition in conditions[1:]:
        served &= condition
    return served


def _by_name(employee: Employee, action: Action) -> list[UUID]:
    """Give the cases that were handed to the employee, and for reading those that a reason has opened."""
    handed = HandOver.objects.filter(to_employee=employee.id, ended_at__isnull=True)
    found = set(handed.values_list("case_id", flat=True))
    if action == "read":
        opened = Opening.objects.filter(employee_id=employee.id, until__gt=clock.now())
        found |= set(opened.values_list("case_id", flat=True))
    return sorted(found)


def ruling(actor: Actor, case: Case, action: Action) -> Ruling:
    """Say whether the actor may do this to the case, and why."""
    return _rule(employee_of(actor), case, action)


def _rule(employee: Employee, case: Case, action: Action) -> Ruling:
    """Weigh first what needs no more of the database, so that a hidden case costs what no case costs."""
    facts = _facts(case)
    first = employees.decide(employee, facts, action, at=clock.now())
    if first.ground in employees.HIDDEN or employee.side == "system":
        return first
    return employees.decide(
        employee, _with_relations(employee, case, facts), action, at=clock.now()
    )


def _facts(case: Case) -> CaseFacts:
    persons = {case.applicant_id, case.submitted_by_id, *case.persons} - {None}
    return CaseFacts(
        service=case.package_id,
        municipality=str(case.municipality_id or ""),
        unit=case.unit,
        hidden=case.protection in COMPARTMENT,
        handler=str(case.handler_id or ""),
        persons=frozenset(map(str, persons)),
        closed_at=case.closed_at,
    )


def _with_relations(employee: Employee, case: Case, facts: CaseFacts) -> CaseFacts:
    tasks = Task.objects.filter(case=case, state="open").values_list("role", flat=True)
    handed = HandOver.objects.filter(
        case=case, to_employee=employee.id, ended_at__isnull=True
    ).exists()
    opened = Opening.objects.filter(case=case, employee_id=employee.id).order_by("-until").first()
    return attrs.evolve(
        facts,
        open_for=frozenset(tasks),
        handed_to=frozenset({employee.id}) if handed else frozenset(),
        opened_until=opened.until if opened is not None else None,
    )


def reach(actor: Actor) -> isolation.Reach:
    """Give the frame that the database lets an employee's statements see: never less than `visible`."""
    side = side_of(actor)
    cleared = actor.has_role(CLEARED)
    if side == "agency":
        return isolation.Reach(packages=owned_packages(actor.org_no or ""), cleared=cleared)
    if side == "municipality":
        return isolation.Reach(municipality_id=actor.municipality_id, cleared=cleared)
    return isolation.Reach()


def owned_packages(org_no: str) -> tuple[str, ...]:
    """List the services that an agency owns."""
    return tuple(p.package_id for p in packages.list_published() if p.owner_org_no == org_no)


def served_packages(actor: Actor) -> tuple[str, ...]:
    """List the services that an agency owns and the employee is set to serve: what their lists and runs are of."""
    whole = employees.EVERYTHING in actor.services
    return tuple(p for p in owned_packages(actor.org_no or "") if whole or p in actor.services)


def find(actor: Actor, case_id: UUID, *, purpose: str, action: Action = "write") -> Case:
    """Give a case that the actor may read or write to, or refuse.

    What is another's is refused as if it did not exist. The refusal is logged, also for a number that was never
    given, so that the two cost the same.

    Raises:
        RefusedError: `case_not_found`; `disqualified`; `case_outside`, when a reason would open it; `opened_to_read`.
    """
    employee = employee_of(actor)
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise not_found(actor, case_id, purpose=purpose)
    ruled = _rule(employee, case, action)
    if ruled.allowed:
        return case
    raise _refusal(actor, case, ruled.ground, purpose=purpose)


def locate(actor: Actor, number: str) -> UUID | None:
    """Find the case with a number in the organisation's own cases, also outside one's tasks; the search is logged."""
    employee = employee_of(actor)
    found = (
        _reachable(employee) if employee.side in ("municipality", "agency") else Case.objects.none()
    )
    try:
        named = Q(pk=UUID(number.strip()))
    except ValueError:
        code = Application.objects.filter(receipt_code=number.strip().upper()).values("case_id")
        named = Q(pk__in=code)
    case_id = found.filter(named).values_list("pk", flat=True).first()
    access_log.record(
        actor=actor,
        action="search",
        purpose="find cases to work on",
        detail={"list": "number", "hits": int(case_id is not None)},
    )
    return case_id


def _refusal(actor: Actor, case: Case, ground: Ground, *, purpose: str) -> RefusedError:
    if ground in employees.HIDDEN:
        return not_found(actor, case.id, purpose=purpose)
    with transaction.atomic():
        access_log.record(
            actor=actor,
            action="read",
            purpose=purpose,
            subject_id=case.applicant_id,
            case_id=case.id,
            outcome="deny",
            detail={"ground": ground.value},
        )
        if ground in employees.DISQUALIFIED:
            disqualifying.hand_back(actor, case, ground)
    return _REFUSED[ground](case)


def _disqualified(_case: Case) -> RefusedError:
    return refuse(
        "disqualified",
        "You cannot come to this case, because it is about you or somebody you are close to.",
        remedy="A colleague takes it. Your leader has been told. You need not do anything.",
        law="forvaltningsloven §§ 6 og 8",
        status=403,
    )


def _family_unknown(_case: Case) -> RefusedError:
    return refuse(
        "family_unknown",
        "Folkeregisteret does not answer, so we cannot see whether you are close to somebody in the case.",
        remedy="Try again in a while, or let a colleague take it.",
        law="forvaltningsloven § 6",
        status=503,
    )


def _outside(case: Case) -> RefusedError:
    return refuse(
        "case_outside",
        "This case is not among your tasks.",
        where=str(case.id),
        remedy="If you need it for your work, write why. Then it opens for a short time.",
        status=403,
    )


def _read_only(_case: Case) -> RefusedError:
    return refuse(
        "opened_to_read",
        "You have opened this case with a reason, and then it can be read but not changed.",
        remedy="Ask whoever has the case to hand it over to you.",
        status=403,
    )


_REFUSED = {
    Ground.OWN_CASE: _disqualified,
    Ground.FAMILY: _disqualified,
    Ground.REPRESENTS: _disqualified,
    Ground.FAMILY_UNKNOWN: _family_unknown,
    Ground.REASON_NEEDED: _outside,
    Ground.READ_ONLY: _read_only,
}


def not_found(actor: Actor, case_id: UUID, *, purpose: str) -> RefusedError:
    """Log the refusal in a transaction of its own and give the error to raise."""
    with transaction.atomic():
        access_log.record(
            actor=actor,
            action="read",
            purpose=purpose,
            outcome="deny",
            detail={"requested": str(case_id)},
        )
    return refuse(
        "case_not_found",
        "There is no case with this number that you have access to.",
        remedy="Check the number, or ask a colleague with access to the case.",
        status=404,
    )
