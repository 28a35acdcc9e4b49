"""Give, accept, decline, change, withdraw, renounce, renew: what the two parties do themselves."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
from django.db import IntegrityError, transaction

from samspill.identity import service as identity
from samspill.infra import clock, isolation
from samspill.kernel.actor import Actor
from samspill.kernel.ids import InvalidId, NationalId, new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import OSLO
from samspill.mandates import events
from samspill.mandates.domain import history
from samspill.mandates.domain.deciding import ADULT, age_limit
from samspill.mandates.domain.model import Level, Person
from samspill.mandates.domain.scopes import offered
from samspill.mandates.models import Grant, GrantText, Party
from samspill.mandates.service import facts, telling, words

LONGEST_YEARS = 5
_PROTECTED = "strengtFortrolig"
_COUNTER = ("municipality_caseworker", "municipality_leader", "counter")


@attrs.frozen(kw_only=True)
class Offer:
    """What a giver fills in. The agent is a person (number and surname) or an organisation (number and name)."""

    agent_number: str = attrs.field(default="", repr=False)
    agent_family: str = attrs.field(default="", repr=False)
    agent_org_no: str = ""
    agent_org_name: str = ""
    scopes: tuple[str, ...] = ()
    level: Level = "write"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    may_delegate: bool = False


@attrs.frozen
class Agent:
    """The one who is to act: a person or an organisation."""

    person_id: uuid.UUID | None
    org_no: str
    name: str


def giver_of(actor: Actor) -> uuid.UUID:
    """Return the citizen who acts for themselves; nobody gives or ends mandates on behalf of another."""
    if actor.kind != "citizen" or actor.person_id is None or actor.on_behalf_of is not None:
        raise refuse(
            "only_yourself",
            "You can do this for yourself only.",
            remedy="Stop acting for the other person first.",
            status=403,
        )
    return actor.person_id


def preview(actor: Actor, offer: Offer) -> words.Signed:
    """Return the text that would be signed, in the actor's language.

    Raises:
        RefusedError: the agent is not found by number and name, a scope or a date will not do, one is too young, or
            the giver is shut for mandates.
    """
    return _prepared(actor, offer)[1]


def give(actor: Actor, offer: Offer, *, text_sha256: str) -> uuid.UUID:
    """Sign and store a mandate that was previewed; the agent must accept it before it counts.

    The same text signed twice is one mandate.

    Raises:
        RefusedError: as `preview`; or the text is no longer the one that was shown.
    """
    agent, signed = _prepared(actor, offer)
    if signed.sha256 != text_sha256:
        raise refuse(
            "text_changed",
            "What you sign is not the text that you were shown.",
            remedy="Read it again and sign it.",
            status=409,
        )
    return store(actor, offer, agent, signed)


def store(
    actor: Actor,
    offer: Offer,
    agent: Agent,
    signed: words.Signed,
    *,
    replaces: Grant | None = None,
    **more: Any,
) -> uuid.UUID:
    """Store a signed mandate with its text; a repetition is the first one."""
    row = {
        "kind": "hjelper" if agent.org_no else "fullmakt",
        "grantor_id": actor.person_id,
        **({} if "grantor_name" in more else {"grantor_name": facts.name_of(actor)}),
        **more,
    }
    try:
        with transaction.atomic():
            _keep_text(signed)
            grant = Grant.objects.create(
                id=new_id(),
                grantee_id=agent.person_id,
                grantee_org=agent.org_no,
                grantee_name=agent.name,
                scopes=list(offer.scopes),
                level=offer.level,
                valid_from=offer.valid_from or clock.today(),
                valid_to=offer.valid_to,
                may_delegate=offer.may_delegate,
                text_id=signed.sha256,
                replaces=replaces,
                channel=actor.channel,
                created_by=actor.person_id,
                created_at=clock.now(),
                **row,
            )
            told: dict[str, Any] = telling.about(grant)
            telling.tell(actor, grant, "given", events.MandateGiven(**told))
    except IntegrityError:
        found = Grant.objects.filter(text_id=signed.sha256, revoked_at__isnull=True).first()
        if found is None:
            raise
        return found.id
    return grant.id


def _keep_text(signed: words.Signed) -> None:
    GrantText.objects.bulk_create(
        [
            GrantText(
                sha256=signed.sha256,
                text=signed.text,
                language=signed.language,
                version=words.VERSION,
                made_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


# ── what is asked before a text is shown ────────────────────────────────────────────────────────


def _prepared(actor: Actor, offer: Offer) -> tuple[Agent, words.Signed]:
    person = giver_of(actor)
    check(offer)
    agent = find_agent(actor, offer)
    old_enough(actor, person, agent, offer)
    _refuse_shut(person)
    return agent, signed_text(actor, offer, agent, giver=(person, _own_name(actor)))


def _refuse_shut(person: uuid.UUID) -> None:
    """Refuse to sign what would not count: the giver has said that nobody may act for them (R15)."""
    if Party.objects.filter(person_id=person, blocks_voluntary=True).exists():
        raise refuse(
            "shut",
            "You are shut for mandates, so one that you give would not count.",
            remedy="Open for mandates first, on the page Mandates.",
            status=409,
        )


def _own_name(actor: Actor) -> str:
    """Return the giver's name: what is signed says who gives."""
    name = facts.name_of(actor)
    if not name:
        raise _register_down()
    return name


def signed_text(
    actor: Actor, offer: Offer, agent: Agent, *, giver: tuple[uuid.UUID, str]
) -> words.Signed:
    """Return the text of an offer between a giver and an agent."""
    return words.mandate_text(
        giver=giver[1],
        agent=agent.name,
        scopes=offer.scopes,
        level=offer.level,
        valid_from=offer.valid_from or clock.today(),
        valid_to=offer.valid_to,
        may_delegate=offer.may_delegate,
        parties=f"{giver[0]} {agent.person_id or agent.org_no}",
        language=actor.language if actor.language in ("nb", "nn", "en") else "nb",
    )


def check(offer: Offer) -> None:
    """Refuse scopes that nobody may give, and periods that run backwards or too long."""
    today = clock.today()
    codes = {one.code for one in offered(today)}
    if not offer.scopes or not set(offer.scopes) <= codes:
        raise refuse(
            "scope_unknown",
            "Choose what the mandate is about.",
            where="scopes",
            remedy="Tick at least one of the choices.",
        )
    first = offer.valid_from or today
    if first < today:
        raise refuse(
            "begins_before_today",
            "A mandate cannot begin before today.",
            where="valid_from",
            remedy="Choose today or a later day.",
        )
    last, longest = offer.valid_to, dt.timedelta(days=366 * LONGEST_YEARS)
    if last is not None and not first <= last <= first + longest:
        raise refuse(
            "period_wrong",
            "The last day must come after the first, and within %(years)s years.",
            where="valid_to",
            remedy="Choose another last day.",
            values={"years": LONGEST_YEARS},
        )


def find_agent(actor: Actor, offer: Offer) -> Agent:
    """Return the agent, found by number and name together; a wrong pair and a hidden person look alike (R9)."""
    if offer.agent_org_no and not offer.agent_org_name:
        raise refuse(
            "organisation_not_found",
            "We did not find this organisation.",
            where="agent_org",
            remedy="Write the name of the municipality as it is spelt, or the nine digits of the organisation.",
        )
    if offer.agent_org_no:
        return Agent(None, offer.agent_org_no, offer.agent_org_name)
    named = find_person(actor, offer.agent_number, offer.agent_family, where="agent_number")
    if actor.kind == "citizen" and named.person_id == actor.person_id:
        raise refuse(
            "own_agent",
            "You cannot give yourself a mandate.",
            where="agent_number",
            remedy="Write the number of the one who is to act for you.",
        )
    return Agent(named.person_id, "", named.full)


_BY_ONESELF = "Check both. If they are right, contact the municipality: it can be done on paper."
_AT_THE_COUNTER = "Check both against the paper or proof of identity that you have been shown."


def find_person(actor: Actor, number: str, family: str, *, where: str) -> facts.Named:
    """Return somebody by number and surname.

    Raises:
        RefusedError: no such pair, a strictly protected person, or Folkeregisteret does not answer: one answer for all.
    """
    if not number.strip() or not family.strip():
        raise refuse(
            "person_needed",
            "The number and the surname must both be written.",
            where=where,
            remedy="Write the eleven digits and the surname.",
        )
    parsed = NationalId.parse(number, allow_synthetic=True, allow_real=True)
    named = None
    if not isinstance(parsed, InvalidId):
        person = identity.person_for(parsed)
        named = facts.fetch(actor, [person]).get(person)
    same = named is not None and named.family.casefold() == family.strip().casefold()
    if named is None or not same or named.protection == _PROTECTED:
        raise refuse(
            "person_not_found",
            "We did not find anybody with this number and surname.",
            where=where,
            remedy=_AT_THE_COUNTER if actor.kind == "employee" else _BY_ONESELF,
        )
    return named


def _register_down() -> RefusedError:
    return refuse(
        "register_down",
        "Folkeregisteret does not answer now, so the mandate cannot be made.",
        remedy="Try again in a while, or give the mandate on paper at your municipality.",
        status=503,
    )


def old_enough(actor: Actor, person: uuid.UUID, agent: Agent, offer: Offer) -> None:
    """Refuse a giver or an agent who is too young, strictly protected, or of whom nothing is known (R18, R9, R17)."""
    facts.freshen(actor, [person, agent.person_id])
    rows = _told_of(person, agent.person_id)
    giver = rows.get(person)
    limit = max(age_limit(scope) for scope in offer.scopes)
    if giver is None:
        raise _register_down()
    if giver.protection == _PROTECTED:
        raise refuse(
            "manual_route",
            "This cannot be done here.",
            remedy="Contact the municipality: it can be done on paper.",
            status=403,
        )
    if _age(giver) < limit or (agent.person_id and _age(rows.get(agent.person_id)) < ADULT):
        raise refuse(
            "too_young",
            "The giver must be %(giver)s and the agent 18 years old.",
            remedy="A parent or guardian acts for those who are younger.",
            law="vergemålsloven § 9",
            values={"giver": limit},
        )


@isolation.widely("representation")
def _told_of(*person_ids: uuid.UUID | None) -> dict[uuid.UUID, Party]:
    """Return what Folkeregisteret has said of the two sides, whoever of them asks."""
    wanted = [one for one in person_ids if one is not None]
    rows = Party.objects.filter(told_at__isnull=False, person_id__in=wanted)
    return {row.person_id: row for row in rows}


def _age(row: Party | None) -> int:
    if row is None or row.born is None:
        return -1
    return Person(str(row.person_id), row.born).age(clock.today())


# ── what happens to a mandate afterwards ─────────────────────────────────────────────────────────


def facts_of(grant: Grant) -> history.Facts:
    """Return what a grant's state follows from."""
    vouched = grant.kind != "fullmakt_papir" or bool(grant.confirmed_by)
    return history.Facts(
        accepted=grant.accepted_at is not None,
        vouched=vouched,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        ended=grant.revoked_at is not None,
    )


def state_of(grant: Grant) -> history.State:
    """Return the state of a grant today."""
    return history.state_of(facts_of(grant), clock.now().astimezone(OSLO).date())


def locked(actor: Actor, mandate_id: uuid.UUID) -> tuple[Grant, history.Side]:
    """Return a mandate of the actor's with its row locked, and which side the actor is on."""
    grant = Grant.objects.select_for_update().filter(id=mandate_id, source="samspill").first()
    if grant is None:
        raise telling.not_found()
    if grant.grantor_id == actor.person_id:
        return grant, "giver"
    if grant.grantee_id == actor.person_id:
        return grant, "agent"
    raise telling.not_found()


def _must(act: history.Act, side: history.Side, grant: Grant) -> None:
    if not history.may(act, side, state_of(grant)):
        raise refuse(
            "not_now",
            "This cannot be done with the mandate as it stands now.",
            remedy="Go to Mandates and see how it stands.",
            status=409,
        )


@transaction.atomic
def accept(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """Say yes as the agent: from now it counts. Saying it twice is saying it once.

    Raises:
        RefusedError: not the agent's, or it is withdrawn or over.
    """
    giver_of(actor)
    grant, side = locked(actor, mandate_id)
    if side == "agent" and grant.accepted_at is not None and grant.revoked_at is None:
        return
    _must("accept", side, grant)
    grant.accepted_at = clock.now()
    grant.save(update_fields=["accepted_at"])
    told: dict[str, Any] = telling.about(grant)
    telling.tell(actor, grant, "accepted", events.MandateAccepted(**told))


def decline(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """Say no as the agent."""
    _end(actor, mandate_id, "decline", "declined")


def withdraw(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """End a mandate as its giver, from this very second, open sessions included (R3)."""
    _end(actor, mandate_id, "withdraw", "withdrawn")


def renounce(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """End a mandate as its agent."""
    _end(actor, mandate_id, "renounce", "renounced")


@transaction.atomic
def _end(actor: Actor, mandate_id: uuid.UUID, act: history.Act, why: str) -> None:
    giver_of(actor)
    grant, side = locked(actor, mandate_id)
    if grant.revoked_at is not None and grant.revoke_reason == why:
        return  # said before
    _must(act, side, grant)
    end(actor, grant, why)


def end(actor: Actor, grant: Grant, why: str) -> None:
    """End a locked grant, and every grant that was passed on from it follows by rule (R11)."""
    grant.revoked_at, grant.revoked_by, grant.revoke_reason = clock.now(), actor.person_id, why
    grant.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    told: dict[str, Any] = telling.about(grant)
    telling.tell(actor, grant, why, events.MandateWithdrawn(**told, why=why))


def preview_change(actor: Actor, *, mandate_id: uuid.UUID, offer: Offer) -> words.Signed:
    """Return the text of a mandate with other scopes, level or period, to the same agent."""
    return _changed(actor, mandate_id, offer)[2]


def change(
    actor: Actor, *, mandate_id: uuid.UUID, offer: Offer, text_sha256: str, renewal: bool = False
) -> uuid.UUID:
    """End a mandate and put another in its place, in one transaction; the agent accepts anew when it gives more.

    Raises:
        RefusedError: not the giver's, over, or the text is not the one that was shown.
    """
    grant, agent, signed = _changed(actor, mandate_id, offer)
    if signed.sha256 != text_sha256:
        raise refuse(
            "text_changed",
            "What you sign is not the text that you were shown.",
            remedy="Read it again and sign it.",
            status=409,
        )
    with transaction.atomic():
        grant, side = locked(actor, mandate_id)
        _must("renew" if renewal else "change", side, grant)
        stands = grant.accepted_at is not None and (
            renewal or state_of(grant) in ("future", "active")
        )
        kept = stands and gives_no_more(grant, offer, renewal=renewal)
        if grant.revoked_at is None:
            end(actor, grant, "changed")
        new = store(
            actor, offer, agent, signed, replaces=grant, accepted_at=clock.now() if kept else None
        )
        told: dict[str, Any] = telling.about(grant)
        what = "renewed" if renewal else "changed"
        telling.tell(actor, grant, what, events.MandateChanged(**told, replaced_by=new))
    return new


def gives_no_more(grant: Grant, offer: Offer, *, renewal: bool = False) -> bool:
    """Tell whether an offer lies within a grant: then it works at once, without a new yes from the agent.

    A renewal is the same for longer, which the agent has been told of before its end.
    """
    within = set(offer.scopes) <= set(grant.scopes) and (
        offer.level == "read" or grant.level == "write"
    )
    ends_later = grant.valid_to is not None and (
        offer.valid_to is None or offer.valid_to > grant.valid_to
    )
    begins = offer.valid_from or clock.today()
    begins_earlier = grant.valid_from is not None and begins < grant.valid_from
    passed_on = offer.may_delegate and not grant.may_delegate
    return within and not passed_on and (renewal or not (ends_later or begins_earlier))


def renew(
    actor: Actor, *, mandate_id: uuid.UUID, valid_to: dt.date | None, text_sha256: str
) -> uuid.UUID:
    """Let a mandate that ends soon, or has ended by its date, go on as it was."""
    grant = _mine(actor, mandate_id)
    if not history.renewable(facts_of(grant), clock.today()):
        raise refuse(
            "not_yet",
            "A mandate can be renewed in its last %(days)s days.",
            remedy="Change it instead if you want it to last longer.",
            status=409,
            values={"days": history.NOTICE_DAYS},
        )
    offer = renewal_offer(grant, valid_to)
    return change(actor, mandate_id=mandate_id, offer=offer, text_sha256=text_sha256, renewal=True)


def renewal_offer(grant: Grant, valid_to: dt.date | None) -> Offer:
    """Return the offer that would let a mandate go on from today."""
    return Offer(
        scopes=tuple(grant.scopes),
        level="read" if grant.level == "read" else "write",
        valid_to=valid_to,
        may_delegate=grant.may_delegate,
    )


def _mine(actor: Actor, mandate_id: uuid.UUID) -> Grant:
    person = giver_of(actor)
    grant = Grant.objects.filter(id=mandate_id, source="samspill", grantor_id=person).first()
    if grant is None:
        raise telling.not_found()
    return grant


def _changed(
    actor: Actor, mandate_id: uuid.UUID, offer: Offer
) -> tuple[Grant, Agent, words.Signed]:
    grant = _mine(actor, mandate_id)
    check(offer)
    agent = Agent(grant.grantee_id, grant.grantee_org, grant.grantee_name)
    person = giver_of(actor)
    old_enough(actor, person, agent, offer)
    return grant, agent, signed_text(actor, offer, agent, giver=(person, _own_name(actor)))


# ── shut and open ────────────────────────────────────────────────────────────────────────────────


@isolation.widely("representation")
@transaction.atomic
def block(
    actor: Actor, *, blocked: bool, person_id: uuid.UUID | None = None, reason: str = ""
) -> None:
    """Shut a person for voluntary mandates, or open again (R15). Legal ones are not touched.

    A citizen does it for themselves; an employee at the counter for somebody, with a reason.
    """
    from samspill.mandates.models import Block

    if actor.kind == "employee" and person_id is not None:
        person = person_id
        if not reason.strip():
            raise refuse(
                "reason_needed",
                "Write why.",
                where="reason",
                remedy="The person can read what you write.",
            )
    else:
        person = giver_of(actor)
    Party.objects.get_or_create(person_id=person)
    row = Party.objects.select_for_update().get(person_id=person)
    if row.blocks_voluntary == blocked:
        return
    row.blocks_voluntary = blocked
    row.save(update_fields=["blocks_voluntary"])
    Block.objects.create(
        id=new_id(), person_id=person, blocked=blocked, at=clock.now(), by_person_id=actor.person_id,
        by_org_no=actor.org_no or "", reason=reason[:500],
    )  # fmt: skip
    telling.block(actor, person, blocked=blocked)


def block_at_counter(actor: Actor, *, number: str, family: str, blocked: bool, reason: str) -> None:
    """Shut somebody who asks for it at the counter or on the phone, or open again (R15)."""
    if actor.kind != "employee" or not actor.has_role(*_COUNTER):
        raise refuse(
            "role_required",
            "Your role does not give access to this.",
            remedy="Choose another organisation, or ask your leader for the role.",
            status=403,
        )
    named = find_person(actor, number, family, where="number")
    block(actor, blocked=blocked, person_id=named.person_id, reason=reason)
