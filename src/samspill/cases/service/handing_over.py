"""Hand a case to a named colleague: whoever is handed it has a relation to it, whatever queues they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from samspill.cases import events
from samspill.cases.models import COMPARTMENT, Case, HandOver
from samspill.cases.service import decisions, openings, scope, stops
from samspill.identity import service as identity
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.identity.service import Colleague
    from samspill.kernel.actor import Actor

PURPOSE = "hand the case to a colleague"
_ROLES = frozenset({*scope.MUNICIPALITY_ROLES, *scope.AGENCY_ROLES})


def receivers(actor: Actor, *, case_id: UUID) -> tuple[Case, list[Colleague]]:
    """List the colleagues of one's organisation that a case may be handed to, by name; looking is logged.

    Who is close to somebody in the case is not weighed here: such a colleague is refused when they open it.

    Raises:
        RefusedError: `case_not_found` and the other refusals of a case.
    """
    case = scope.find(actor, case_id, purpose=PURPOSE)
    access_log.record(
        actor=actor, action="read", purpose=PURPOSE, subject_id=case.applicant_id, case_id=case.id
    )
    wanted = frozenset({scope.CLEARED}) if case.protection in COMPARTMENT else _ROLES
    found = identity.colleagues(actor)
    mine = [one for one in found if one.person_id != actor.person_id and one.name]
    return case, [one for one in mine if not wanted.isdisjoint(one.roles)]


def hand_over(actor: Actor, *, case_id: UUID, to: UUID, why: str) -> HandOver:
    """Hand a case to a colleague; the same again is one hand-over. The case is free to be taken.

    Raises:
        RefusedError: `case_not_found`, `no_such_colleague`, `reason_needed`.
    """
    case, colleagues = receivers(actor, case_id=case_id)
    if to not in {one.person_id for one in colleagues}:
        raise refuse(
            "no_such_colleague",
            "Choose a colleague from the list.",
            where="to",
            remedy="Whoever is not in the list must log in once first.",
        )
    text = openings.sentence(why, "why")
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        told = {
            "by_employee": actor.person_id,
            "org_no": actor.org_no or "",
            "why": text,
            "at": clock.now(),
        }
        row, made = HandOver.objects.get_or_create(
            case=case, to_employee=to, ended_at=None, defaults=told
        )
        if made:
            case.handler_id = None
            case.save(update_fields=["handler_id"])
            access_log.record(
                actor=actor, action="write", purpose=PURPOSE, subject_id=case.applicant_id,
                case_id=case.id, detail={"to": str(to)},
            )  # fmt: skip
            about = decisions.about(stops.facts_of(case), role=scope.role_of(actor))
            log.append(events.HandedOver(**about, hand_over_id=row.id), actor=actor)
    return row
