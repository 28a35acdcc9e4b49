"""What every act writes beside its row: the access log, a step of the history, and the event."""

from __future__ import annotations

import uuid

from samspill.infra import access_log, clock, events
from samspill.infra.events import Event
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates.events import MandateBlocked
from samspill.mandates.models import Grant, Step

PURPOSE = "mandates"
LEGAL_BASIS = "forvaltningsloven § 12; avtaleloven § 10"


def about(grant: Grant) -> dict[str, object]:
    """Return what every event of a mandate says."""
    return {
        "mandate_id": grant.id,
        "grantor_id": grant.grantor_id,
        "grantee_id": grant.grantee_id,
        "grantee_org": grant.grantee_org,
    }


def tell(
    actor: Actor,
    grant: Grant,
    what: str,
    event: Event | None = None,
    *,
    scope: str = "",
    about_id: uuid.UUID | None = None,
) -> None:
    """Write the log, the step and the event of an act, in the caller's transaction."""
    Step.objects.create(
        grant_id=grant.id,
        kind=grant.kind,
        grantor_id=grant.grantor_id,
        what=what,
        at=clock.now(),
        by_person_id=actor.person_id,
        by_org_no=actor.org_no or "",
        channel=actor.channel,
        scope=scope,
        about_id=about_id,
    )
    access_log.record(
        actor=actor,
        action="write",
        purpose=f"{PURPOSE}: {what}",
        legal_basis=LEGAL_BASIS,
        subject_id=grant.grantor_id,
        fields=("mandate",),
        detail={"mandate": str(grant.id)},
    )
    if event is not None:
        events.append(event, actor=actor)


def saw(actor: Actor, purpose: str, *, subject_id: uuid.UUID, outcome: str = "permit") -> None:
    """Write that somebody looked, or was refused."""
    access_log.record(
        actor=actor,
        action="read",
        purpose=f"{PURPOSE}: {purpose}",
        legal_basis=LEGAL_BASIS,
        subject_id=subject_id,
        outcome="deny" if outcome == "deny" else "permit",
        fields=("mandate",),
    )


def not_found() -> RefusedError:
    """Make the refusal for what is not there, and for what is another's."""
    return refuse(
        "not_found",
        "There is no such mandate for you.",
        remedy="Go to Mandates and choose from the list there.",
        status=404,
    )


def block(actor: Actor, person_id: uuid.UUID, *, blocked: bool) -> None:
    """Write the log and the event of a block."""
    access_log.record(
        actor=actor,
        action="write",
        purpose=f"{PURPOSE}: {'block' if blocked else 'open'}",
        legal_basis=LEGAL_BASIS,
        subject_id=person_id,
        fields=("block",),
    )
    events.append(MandateBlocked(person_id=person_id, blocked=blocked), actor=actor)
