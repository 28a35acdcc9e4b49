"""Who in an organisation may use the mandates that it has been given: named people, by its leader.

The leader is an employee with that role here, or a citizen who acts for the organisation by a role in Enhetsregisteret
(`org_no` says which): general manager, proprietor, or whoever signs alone.
"""

from __future__ import annotations

import uuid
from typing import Any

import attrs
from django.db import transaction

from samspill.infra import access_log, clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import is_org_no, new_id
from samspill.kernel.outcome import refuse
from samspill.mandates import events
from samspill.mandates.domain.model import Decision, Question, Reason
from samspill.mandates.domain.roles import PREFIX
from samspill.mandates.models import Grant, Organisation, OrganisationUser, Role
from samspill.mandates.service import facts, roles, telling
from samspill.mandates.service.acting import refusal
from samspill.mandates.service.deciding import decide_fresh
from samspill.mandates.service.giving import end, find_person, state_of
from samspill.mandates.service.reading import MandateView, view_of

LEADING = "samspill:virksomhet"
"""The scope of leading an organisation here; a role in the register is for the whole of it."""
LEADERS = ("municipality_leader", "agency_leader")


@attrs.frozen
class UserView:
    """A named user."""

    id: uuid.UUID
    name: str = attrs.field(repr=False)


@attrs.frozen
class Led:
    """An organisation as Enhetsregisteret names it."""

    org_no: str
    name: str


def led(actor: Actor, *, org_no: str) -> Led:
    """Return an organisation that a citizen leads by a role or by signing alone, after asking the registers.

    Raises:
        RefusedError: no nine digits of an organisation, or the actor does not lead it; the reason is said.
    """
    digits = "".join(org_no.split())
    if not is_org_no(digits):
        raise _no_organisation()
    _leader(actor, digits)
    return Led(digits, _name_of(digits))


def led_lately(actor: Actor) -> list[Led]:
    """Return the organisations that the register has said, within a day, that the actor leads alone."""
    if actor.person_id is None:
        return []
    rows = Role.objects.filter(person_id=actor.person_id, level="write", joint=False, ended=False)
    rows = rows.filter(organisation__deleted_on__isnull=True)
    found = rows.select_related("organisation").order_by("organisation__name")
    return list(dict.fromkeys(Led(row.organisation_id, row.organisation.name) for row in found))


def organisation_named(actor: Actor, *, org_no: str) -> str:
    """Return the name of an organisation that a mandate may be given to; '' when it is not one, or is deleted.

    Enhetsregisteret is asked when nothing fresh is held; when it is silent, what is held within a day counts.
    Must not be called inside a transaction.
    """
    if not is_org_no(org_no):
        return ""
    roles.freshen(actor, [org_no])
    return _name_of(org_no)


def _name_of(org_no: str) -> str:
    standing = Organisation.objects.filter(
        org_no=org_no, deleted_on__isnull=True, expires_at__gt=clock.now()
    )
    return str(standing.values_list("name", flat=True).first() or "")


def _no_organisation() -> Exception:
    return refuse(
        "organisation_not_found",
        "We did not find this organisation.",
        where="org_no",
        remedy="Write the nine digits of its organisation number.",
    )


def users(actor: Actor, *, org_no: str = "") -> list[UserView]:
    """Return who may use the mandates of an organisation that the actor leads."""
    rows = OrganisationUser.objects.filter(org_no=_leader(actor, org_no), ended_at__isnull=True)
    return [UserView(row.id, row.name) for row in rows.order_by("name")]


def name_user(actor: Actor, *, number: str, family: str, org_no: str = "") -> uuid.UUID:
    """Let somebody use the mandates that an organisation has been given. Twice is once.

    Raises:
        RefusedError: not a leader, or nobody with this number and surname.
    """
    led = _leader(actor, org_no)
    return _name(actor, led, find_person(actor, number, family, where="number"))


@transaction.atomic
def _name(actor: Actor, org_no: str, named: facts.Named) -> uuid.UUID:
    assert actor.person_id is not None  # a leader is a person
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


def end_user(actor: Actor, *, user_id: uuid.UUID, org_no: str = "") -> None:
    """Let somebody use them no longer, from this very second."""
    _end_user(actor, user_id, _leader(actor, org_no))


@transaction.atomic
def _end_user(actor: Actor, user_id: uuid.UUID, org_no: str) -> None:
    row = OrganisationUser.objects.select_for_update().filter(id=user_id, org_no=org_no).first()
    if row is None:
        raise telling.not_found()
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), actor.person_id
        row.save(update_fields=["ended_at", "ended_by"])
        _log(actor, row, "end a user")


def received(actor: Actor, *, org_no: str = "") -> list[MandateView]:
    """Return the mandates that an organisation led by the actor has been given and that stand."""
    rows = Grant.objects.filter(grantee_org=_leader(actor, org_no), revoked_at__isnull=True)
    found = list(rows.select_related("text").order_by("-created_at")[:200])
    for row in found:
        telling.saw(actor, "see the organisation's mandates", subject_id=row.grantor_id)
    return [view_of(actor, row) for row in found]


def accept_for_organisation(
    actor: Actor, *, mandate_id: uuid.UUID, yes: bool = True, org_no: str = ""
) -> None:
    """Say yes or no to a mandate for the organisation, as its leader; twice is once.

    Raises:
        RefusedError: not to this organisation, or it is over.
    """
    _accept(actor, mandate_id, yes=yes, org_no=_leader(actor, org_no))


@transaction.atomic
def _accept(actor: Actor, mandate_id: uuid.UUID, *, yes: bool, org_no: str) -> None:
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


def may_lead(actor: Actor, org_no: str) -> Decision:
    """Tell whether a citizen acts for an organisation by a role, after asking the registers.

    The reasons are those of every decision: unknown or stale is no, a deleted organisation has ended, a role that is
    over is withdrawn, and a bankrupt one or a signature of two is by hand. Must not be called inside a transaction.
    """
    if actor.person_id is None:
        return Decision(allowed=False, reason=Reason.SOURCE_STALE)
    roles.freshen(actor, [org_no])
    question = Question(
        actor=str(actor.person_id),
        subject=PREFIX + org_no,
        scope=LEADING,
        action="write",
        at=clock.now(),
        eid_level=actor.level,
        service_min_eid="high",
    )
    first = decide_fresh(actor, question)
    if first.allowed or first.reason is not Reason.NO_GRANT:
        return first
    roles.fetch(actor, org_no)  # what is held may be from before we knew this person
    return decide_fresh(actor, question)


def _leader(actor: Actor, org_no: str) -> str:
    if actor.kind == "citizen" and org_no and actor.on_behalf_of is None:
        answer = may_lead(actor, org_no)
        if not answer.allowed:
            raise refusal(answer)
        return org_no
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
