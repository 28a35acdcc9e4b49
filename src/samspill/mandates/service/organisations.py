"""Who in an organisation may use the mandates that it has been given: named people, by its leader."""

from __future__ import annotations

import uuid
from typing import Any

import attrs
from django.db import transaction

from samspill.infra import access_log, clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse
from samspill.mandates import events
from samspill.mandates.models import Grant, OrganisationUser
from samspill.mandates.service import telling
from samspill.mandates.service.giving import end, find_person, state_of
from samspill.mandates.service.reading import MandateView, view_of

LEADERS = ("municipality_leader", "agency_leader")


@attrs.frozen
class UserView:
    """A named user."""

    id: uuid.UUID
    name: str = attrs.field(repr=False)


def users(actor: Actor) -> list[UserView]:
    """Return who may use the mandates of the actor's organisation."""
    rows = OrganisationUser.objects.filter(org_no=_leader(actor), ended_at__isnull=True)
    return [UserView(row.id, row.name) for row in rows.order_by("name")]


@transaction.atomic
def name_user(actor: Actor, *, number: str, family: str) -> uuid.UUID:
    """Let somebody use the mandates that the actor's organisation has been given. Twice is once.

    Raises:
        RefusedError: not a leader, or nobody with this number and surname.
    """
    org_no = _leader(actor)
    assert actor.person_id is not None  # an employee is a person
    named = find_person(actor, number, family, where="number")
    row, _made = OrganisationUser.objects.get_or_create(
        org_no=org_no,
        person_id=named.person_id,
        ended_at=None,
        defaults={
            "id": new_id(),
            "name": named.full,
            "named_by": actor.person_id,
            "named_at": clock.now(),
        },
    )
    _log(actor, row, "name a user")
    return row.id


@transaction.atomic
def end_user(actor: Actor, *, user_id: uuid.UUID) -> None:
    """Let somebody use them no longer, from this very second."""
    org_no = _leader(actor)
    row = OrganisationUser.objects.select_for_update().filter(id=user_id, org_no=org_no).first()
    if row is None:
        raise telling.not_found()
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), actor.person_id
        row.save(update_fields=["ended_at", "ended_by"])
        _log(actor, row, "end a user")


def received(actor: Actor) -> list[MandateView]:
    """Return the mandates that the actor's organisation has been given and that stand."""
    rows = Grant.objects.filter(grantee_org=_leader(actor), revoked_at__isnull=True)
    found = list(rows.select_related("text").order_by("-created_at")[:200])
    for row in found:
        telling.saw(actor, "see the organisation's mandates", subject_id=row.grantor_id)
    return [view_of(actor, row) for row in found]


@transaction.atomic
def accept_for_organisation(actor: Actor, *, mandate_id: uuid.UUID, yes: bool = True) -> None:
    """Say yes or no to a mandate for the organisation, as its leader; twice is once.

    Raises:
        RefusedError: not to this organisation, or it is over.
    """
    org_no = _leader(actor)
    row = Grant.objects.select_for_update().filter(id=mandate_id, grantee_org=org_no).first()
    if row is None:
        raise telling.not_found()
    state = state_of(row)
    if yes and state == "offered":
        row.accepted_at = clock.now()
        row.save(update_fields=["accepted_at"])
        told: dict[str, Any] = telling.about(row)
        telling.tell(actor, row, "accepted", events.MandateAccepted(**told))
    elif not yes and state in ("offered", "future", "active"):
        end(actor, row, "declined" if state == "offered" else "renounced")


def _leader(actor: Actor) -> str:
    if actor.kind != "employee" or not actor.has_role(*LEADERS) or not actor.org_no:
        raise refuse(
            "role_required",
            "Your role does not give access to this.",
            remedy="Choose another organisation, or ask your leader for the role.",
            status=403,
        )
    return actor.org_no


def _log(actor: Actor, row: OrganisationUser, what: str) -> None:
    access_log.record(
        actor=actor,
        action="write",
        purpose=f"{telling.PURPOSE}: {what}",
        legal_basis=telling.LEGAL_BASIS,
        subject_id=row.person_id,
        fields=("organisation_user",),
        detail={"org_no": row.org_no},
    )
