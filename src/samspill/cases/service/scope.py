"""Who among the employees may see which cases; the one place where it is decided (SP-04 to SP-06, SP-23).

A municipality sees the cases of its own dwellings, an agency those of the services it owns. A case in
the compartment of strictly protected addresses is seen by `protected_caseworker` alone; to everybody
else it is as if it did not exist: not in lists, counts or search, and opening it is answered in the
same way as a case number that was never given. Nobody sees a case of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from samspill.cases.models import COMPARTMENT, Case
from samspill.infra import access_log
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import service as packages

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.cases.models.case import CaseQuerySet
    from samspill.kernel.actor import Actor

MUNICIPALITY_ROLES = ("municipality_caseworker", "municipality_leader", "counter")
AGENCY_ROLES = ("agency_caseworker", "agency_leader")
CLEARED = "protected_caseworker"


def side_of(actor: Actor) -> str:
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


def visible(actor: Actor) -> CaseQuerySet:
    """Give the cases that an employee may know of; nothing for anybody else."""
    side = side_of(actor)
    if side == "none":
        return Case.objects.none()
    if side == "system":
        return Case.objects.all()
    found = Case.objects.all()
    if actor.person_id is not None:
        found = found.exclude(Q(applicant=actor.person_id) | Q(submitted_by=actor.person_id))
    if not actor.has_role(CLEARED):
        found = found.exclude(protection__in=COMPARTMENT)
    if side == "agency":
        return found.filter(package_id__in=owned_packages(actor.org_no or ""))
    return found.filter(municipality=actor.municipality_id)


def owned_packages(org_no: str) -> tuple[str, ...]:
    """List the services that an agency owns."""
    return tuple(p.package_id for p in packages.list_published() if p.owner_org_no == org_no)


def find(actor: Actor, case_id: UUID, *, purpose: str) -> Case:
    """Give a case that the actor may see, or refuse as if it did not exist.

    The refusal is logged, also for a number that was never given, so that the two cost the same.

    Raises:
        RefusedError: `case_not_found`.
    """
    case = visible(actor).filter(pk=case_id).first()
    if case is None:
        raise not_found(actor, case_id, purpose=purpose)
    return case


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
