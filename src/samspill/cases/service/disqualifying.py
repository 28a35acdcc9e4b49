"""A case whose handler is too close to it goes back to the queue; the leader is told (forvaltningsloven §§ 6, 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.cases.models import COMPARTMENT, Case, Finding
from samspill.infra import clock
from samspill.mandates.service.employees import Ground

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor

RULE = "disqualified"


def hand_back(actor: Actor, case: Case, ground: Ground) -> None:
    """Take the case from its handler if that is the actor, and tell the leader once; in the caller's transaction.

    Nothing is told when it is only that the register does not answer.
    """
    if ground is Ground.FAMILY_UNKNOWN or actor.person_id is None:
        return
    Case.objects.filter(pk=case.pk, handler_id=actor.person_id).update(handler_id=None)
    case.hand_overs.filter(to_employee=actor.person_id, ended_at__isnull=True).update(
        ended_at=clock.now()
    )
    Finding.objects.get_or_create(
        key=f"{RULE}:{actor.person_id}:{case.id}",
        defaults={
            "rule": RULE,
            "org_no": actor.org_no or "",
            "employee_id": actor.person_id,
            "day": clock.today(),
            "cases": [case.id],
            "hidden": case.protection in COMPARTMENT,
            "made_at": clock.now(),
        },
    )
