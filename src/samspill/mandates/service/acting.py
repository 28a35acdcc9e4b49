"""Act for another: chosen in two steps, in one login only, and tried again at each request.

may_act_for     whom the actor may choose, from mandates and from Folkeregisteret
choose          the second step: from now pages that know of it act for that person
current         who is acted for now, if it still holds; asked by the middleware. What a register said counts for
                some minutes or hours: when that is over it is asked anew
stop            act for oneself again
make_ready      before a transaction that calls `hold`: ask registers with no row locked
used            what was done by a mandate, for the represented person to see
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

import attrs
from django.db import transaction

from samspill.infra import clock, sql
from samspill.kernel.actor import Actor, citizen
from samspill.kernel.outcome import refuse
from samspill.mandates import events
from samspill.mandates.domain.model import Decision, EidLevel, Level, Question, Reason
from samspill.mandates.domain.scopes import offered, scopes
from samspill.mandates.domain.sources import source
from samspill.mandates.models import Acting, Grant, OrganisationUser
from samspill.mandates.service import altinn, facts, telling
from samspill.mandates.service.deciding import Held, decide_fresh, decide_many
from samspill.mandates.service.giving import find_person


@attrs.frozen
class Choice:
    """Somebody whom the actor may act for, by which mandate, and about what."""

    mandate_id: uuid.UUID
    person_id: uuid.UUID
    name: str = attrs.field(repr=False)
    kind: str = ""
    level: Level = "read"
    scopes: tuple[str, ...] = ()
    through: str = ""
    """The organisation that was given the mandate, for whoever uses it as one of its named users."""
    source: str = ""
    """Who says so: `altinn` of a right given there."""


@attrs.frozen
class ActingFor:
    """Who is acted for in this login, and about what."""

    person_id: uuid.UUID
    name: str = attrs.field(repr=False)
    scope: str = ""


def may_act_for(actor: Actor, *, ask: bool = True) -> list[Choice]:
    """Return whom the actor may act for now, by name; whoever is strictly protected is never listed (R9).

    `ask`: look up the actor's children first; a guardian finds the person by `find` (the register does not tell).
    """
    person = citizen(actor)
    if ask:
        facts.fetch_children(actor)
    rows = _standing(person)
    if ask:
        facts.freshen(actor, {row.grantor_id for row in rows})
    asked = [(row, scope) for row in rows for scope in _scopes_of(row)]
    answers = decide_many([_question(actor, row.grantor_id, scope) for row, scope in asked])
    found: dict[uuid.UUID, list[str]] = {}
    for (row, scope), answer in zip(asked, answers, strict=True):
        if answer.allowed and answer.grant_id == str(row.id):
            found.setdefault(row.id, []).append(scope)
    choices = [_choice(row, found[row.id]) for row in rows if row.id in found]
    return sorted(choices, key=lambda one: one.name)


def _standing(person: uuid.UUID) -> list[Grant]:
    organisations = OrganisationUser.objects.filter(person_id=person, ended_at__isnull=True)
    mine = Grant.objects.filter(revoked_at__isnull=True)
    given = list(mine.filter(grantee_id=person))
    org_nos = list(organisations.values_list("org_no", flat=True))
    return [*given, *mine.filter(grantee_org__in=org_nos).exclude(grantor_id=person)]


def _scopes_of(row: Grant) -> list[str]:
    """Return the scopes to show; parents and who acts for an estate do so in everything that is offered."""
    if row.kind == "doedsbo" or (row.kind == "foreldreansvar" and not row.scopes):
        return [one.code for one in offered(clock.today())]
    known = scopes()
    below = [one.code for one in known.values() if one.parent in row.scopes]
    return [*row.scopes, *below]


def _choice(row: Grant, allowed: Sequence[str]) -> Choice:
    level: Level = "write" if row.level == "write" else "read"
    through = row.grantee_name if row.grantee_org else ""
    said_by = row.source.partition(".")[0]
    return Choice(
        row.id, row.grantor_id, row.grantor_name, row.kind, level, tuple(allowed), through, said_by
    )


def _question(
    actor: Actor, subject: uuid.UUID, scope: str, action: Level = "read", eid: EidLevel = "none"
) -> Question:
    return Question(
        actor=str(actor.person_id),
        subject=str(subject),
        scope=scope,
        action=action,
        at=clock.now(),
        eid_level=actor.level,
        service_min_eid=eid,
    )


def find(actor: Actor, *, number: str, family: str) -> Choice:
    """Find somebody by number and surname whom the actor may act for, as a guardian does.

    Raises:
        RefusedError: nobody with this pair whom the actor may act for: one answer for all.
    """
    person = citizen(actor)
    named = find_person(actor, number, family, where="number")
    facts.freshen(actor, [actor.person_id])
    found = _choice_of(actor, named.person_id)
    if found is None and altinn.fetch(
        actor, agent=person, giver=named.person_id, name=named.full
    ):  # Altinn gives no list either: it is asked about the two
        found = _choice_of(actor, named.person_id)
    if found is not None:
        return found
    telling.saw(actor, "look for somebody to act for", subject_id=named.person_id, outcome="deny")
    raise refuse(
        "person_not_found",
        "We did not find anybody with this number and surname.",
        where="number",
        remedy="Check both. If they are right, contact the municipality: it can be done on paper.",
    )


def _choice_of(actor: Actor, person_id: uuid.UUID) -> Choice | None:
    listed = may_act_for(actor, ask=False)
    return next((one for one in listed if one.person_id == person_id), None)


def choose(actor: Actor, *, mandate_id: uuid.UUID, scope: str) -> ActingFor:
    """Act for another from now on in this login (the second deliberate step, R16).

    Folkeregisteret is asked anew about both, so that a death, a new grade or an ended guardianship is seen, and Altinn
    when the mandate is one of its own.

    Raises:
        RefusedError: the mandate does not carry it now; the reason is said to the agent.
    """
    person = citizen(actor)
    row = Grant.objects.filter(id=mandate_id).first()
    if row is None or not _is_agent(row, person):
        raise telling.not_found()
    subject = row.grantor_id
    told = facts.fetch(actor, [person, subject])
    facts.keep_name(actor, told)  # from now on it stands beside the other's in all that is sent
    name = row.grantor_name or (told[subject].full if subject in told else "")
    if row.source in source("altinn").held_as:
        altinn.fetch(actor, agent=person, giver=subject, name=name)
    answer = decide_fresh(actor, _question(actor, subject, scope))
    if not answer.allowed:
        telling.saw(actor, "act for another", subject_id=subject, outcome="deny")
        raise refusal(answer)
    with transaction.atomic():
        Acting.objects.update_or_create(
            session_id=_session(actor),
            defaults={
                "person_id": person,
                "subject_id": subject,
                "subject_name": name,
                "scope": scope,
                "begun_at": clock.now(),
            },
        )
        used(actor, answer, subject_id=subject, scope=scope)
    return ActingFor(subject, name, scope)


def _is_agent(row: Grant, person: uuid.UUID) -> bool:
    if row.grantee_id is not None:
        return row.grantee_id == person
    users = OrganisationUser.objects.filter(org_no=row.grantee_org, ended_at__isnull=True)
    return users.filter(person_id=person).exists()


def used(
    actor: Actor,
    answer: Decision,
    *,
    subject_id: uuid.UUID,
    scope: str,
    about_id: uuid.UUID | None = None,
) -> None:
    """Write that a mandate was used, in the caller's transaction; the represented person sees it."""
    grant = Grant.objects.filter(id=answer.grant_id).first() if answer.grant_id else None
    if grant is None or actor.person_id is None or grant.grantor_id != subject_id:
        return
    told: dict[str, Any] = telling.about(grant)
    event = events.MandateUsed(**told, scope=scope, actor_id=actor.person_id)
    telling.tell(actor, grant, "used", event, scope=scope, about_id=about_id)


_CURRENT = (
    "SELECT person_id, subject_id, subject_name, scope FROM mandates_acting WHERE session_id = %s"
)


def current(actor: Actor) -> ActingFor | None:
    """Return who is acted for in this login, if the mandate still holds this very second; else stop (R3)."""
    if actor.kind != "citizen" or not actor.session_id or actor.person_id is None:
        return None
    row = sql.one(_CURRENT, [_session(actor)])
    if row is None or row[0] != actor.person_id:
        return None
    found = ActingFor(row[1], row[2], row[3])
    question = _question(actor, found.person_id, found.scope)
    answer = decide_many([question])[0]
    if not answer.allowed and answer.reason in _TOLD_TOO_LONG_AGO:
        answer = decide_fresh(actor, question)
    if answer.allowed:
        return found
    stop(actor)
    return None


_TOLD_TOO_LONG_AGO = (Reason.SOURCE_STALE, Reason.NO_GRANT)
"""What a register said is over, or has been emptied since: it is asked anew before anybody is stopped."""


def stop(actor: Actor) -> None:
    """Act for oneself again."""
    Acting.objects.filter(session_id=_session(actor)).delete()


def make_ready(actor: Actor, subject_id: uuid.UUID) -> None:
    """Ask Folkeregisteret about both parties when what is held is old, and Altinn when it has said something of them.

    Call it before the transaction of `hold`.
    """
    facts.freshen(actor, [actor.person_id, subject_id])
    if actor.person_id is not None:
        altinn.renew(actor, agent=actor.person_id, giver=subject_id)


def require(held: Held) -> Held:
    """Return a decision that allows, or refuse with its reason and the way by hand."""
    if held.decision.allowed:
        return held
    raise refusal(held.decision)


def refusal(answer: Decision) -> Exception:
    """Return what an agent is told when a mandate does not carry: the reason, and where to go instead (R17)."""
    hidden = answer.reason in (Reason.PROTECTED_ROUTE, Reason.NO_GRANT)
    return refuse(
        "mandate.not_found" if hidden else f"mandate.{answer.reason.value.lower()}",
        _REFUSALS.get(answer.reason, _REFUSALS[Reason.NO_GRANT]),
        remedy="You can always do this together with the municipality: by phone, at the counter or on paper.",
        status=403,
    )


_REFUSALS = {
    Reason.NO_GRANT: "You have no mandate for this.",
    Reason.SCOPE: "Your mandate is about something else.",
    Reason.LEVEL: "Your mandate lets you see, but not send or change.",
    Reason.SOURCE_STALE: "We cannot find out right now whether you may do this.",
    Reason.NOT_YET_VALID: "Your mandate is not valid yet.",
    Reason.EXPIRED: "Your mandate has run out.",
    Reason.REVOKED: "The mandate has been withdrawn.",
    Reason.PENDING_CONFIRMATION: "The mandate is not confirmed yet.",
    Reason.NOT_IN_FORCE: "The future mandate is not in force.",
    Reason.PARTY_BLOCKS: "Mandates are blocked by one of you.",
    Reason.DECEASED: "The mandate has ended.",
    Reason.AGE: "The person is now old enough to act alone, or one of you is too young.",
    Reason.MANUAL_ONLY: "This must be handled by a person.",
    Reason.EID_TOO_LOW: "You must log in with a stronger e-ID.",
}


def _session(actor: Actor) -> str:
    """Return a hash of the session: its identifier is no one's to read in another table."""
    return hashlib.sha256(str(actor.session_id).encode()).hexdigest()
