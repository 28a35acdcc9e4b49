"""See: the mandates that one has given and received, what they have been used for, and the check on the phone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence

import attrs
from django.db.models import Q

from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import InvalidId, NationalId
from samspill.kernel.outcome import refuse
from samspill.mandates.domain import history
from samspill.mandates.domain.model import Decision, Question, Reason
from samspill.mandates.models import Grant, Party, Step
from samspill.mandates.service import facts, telling
from samspill.mandates.service.deciding import decide_fresh
from samspill.mandates.service.giving import facts_of, giver_of, state_of
from samspill.municipalities import service as municipalities

PHONE_ROLES = (
    "municipality_caseworker",
    "municipality_leader",
    "counter",
    "agency_caseworker",
    "agency_leader",
    "protected_caseworker",
)


@attrs.frozen
class MandateView:
    """A mandate as its parties see it."""

    id: uuid.UUID
    kind: str
    state: history.State
    side: history.Side
    giver: str = attrs.field(repr=False)
    agent: str = attrs.field(repr=False)
    scopes: tuple[str, ...] = ()
    level: str = "read"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    may_delegate: bool = False
    ended_at: dt.datetime | None = None
    ended_because: str = ""
    ends_soon: bool = False
    text: str = attrs.field(default="", repr=False)
    text_sha256: str = ""
    language: str = ""
    may: frozenset[str] = frozenset()
    scanned: bool = False


@attrs.frozen
class Use:
    """Something that was done with a mandate: by whom, what, when, about which case."""

    at: dt.datetime
    what: str
    kind: str
    by: str = attrs.field(repr=False)
    scope: str = ""
    about_id: uuid.UUID | None = None
    mandate_id: uuid.UUID | None = None


@attrs.frozen
class Overview:
    """Everything about one person's mandates."""

    given: list[MandateView]
    received: list[MandateView]
    blocked: bool


def overview(actor: Actor) -> Overview:
    """Return what the actor has given and received, newest first."""
    person = giver_of(actor)
    rows = Grant.objects.filter(source="samspill").select_related("text")
    found = list(rows.filter(Q(grantor_id=person) | Q(grantee_id=person)).order_by("-created_at"))
    telling.saw(actor, "see own mandates", subject_id=person)
    views = [view_of(actor, row) for row in found]
    blocked = Party.objects.filter(person_id=person, blocks_voluntary=True).exists()
    given = [one for one in views if one.side == "giver"]
    return Overview(given, [one for one in views if one.side == "agent"], blocked)


def get(actor: Actor, *, mandate_id: uuid.UUID) -> MandateView:
    """Return one of the actor's mandates.

    Raises:
        RefusedError: there is no such mandate for the actor.
    """
    person = giver_of(actor)
    row = Grant.objects.filter(id=mandate_id, source="samspill").select_related("text").first()
    if row is None or person not in (row.grantor_id, row.grantee_id):
        raise telling.not_found()
    telling.saw(actor, "see a mandate", subject_id=row.grantor_id)
    return view_of(actor, row)


def view_of(actor: Actor, row: Grant) -> MandateView:
    """Return a grant as one of its parties, or an employee, sees it."""
    state = state_of(row)
    side: history.Side = "employee"
    if actor.kind == "citizen":
        side = "giver" if row.grantor_id == actor.person_id else "agent"
    acts: Sequence[history.Act] = ("accept", "decline", "withdraw", "renounce", "change", "confirm")
    may = {act for act in acts if history.may(act, side, state)}
    soon = history.renewable(facts_of(row), clock.today())
    if soon and history.may("renew", side, state):
        may.add("renew")
    return MandateView(
        id=row.id,
        kind=row.kind,
        state=state,
        side=side,
        giver=row.grantor_name,
        agent=row.grantee_name,
        scopes=tuple(row.scopes),
        level=row.level,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        may_delegate=row.may_delegate,
        ended_at=row.revoked_at,
        ended_because=row.revoke_reason,
        ends_soon=soon,
        text=row.text.text if row.text else "",
        text_sha256=row.text_id or "",
        language=row.text.language if row.text else "",
        may=frozenset(may),
        scanned=row.evidence_file is not None,
    )


def uses_of(actor: Actor, *, mandate_id: uuid.UUID | None = None, limit: int = 200) -> list[Use]:
    """Return what was done for the actor by others, or with one mandate, newest first.

    A guardian's and a parent's acts are among them: the represented person sees everything that is done.
    """
    person = giver_of(actor)
    steps = Step.objects.filter(grantor_id=person)
    if mandate_id is not None:
        get(actor, mandate_id=mandate_id)
        steps = Step.objects.filter(grant_id=mandate_id)
    found = list(steps.order_by("-id")[:limit])
    names = _names({step.grant_id for step in found})
    told = facts.fetch(actor, _nameless(found, names))
    return [
        Use(
            at=step.at,
            what=step.what,
            kind=step.kind,
            by=_by(step, names) or _told_name(step, told),
            scope=step.scope,
            about_id=step.about_id,
            mandate_id=step.grant_id,
        )
        for step in found
    ]


def _names(grant_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID, str, str]]:
    rows = Grant.objects.filter(id__in=set(grant_ids))
    return {row.id: (row.grantor_id, row.grantor_name, row.grantee_name) for row in rows}


def agents_of(actor: Actor) -> dict[uuid.UUID, str]:
    """Return the names of all whom the actor has ever let act for them, also by mandates that are over."""
    rows = Grant.objects.filter(grantor_id=giver_of(actor), grantee_id__isnull=False)
    named = rows.exclude(grantee_name="").values_list("grantee_id", "grantee_name")
    return {person: name for person, name in named if person is not None}


def _nameless(
    steps: Iterable[Step], names: dict[uuid.UUID, tuple[uuid.UUID, str, str]]
) -> set[uuid.UUID]:
    """Return those whose name is held nowhere: what a register said of guardians and parents is emptied in a day."""
    return {one.by_person_id for one in steps if one.by_person_id and not _by(one, names)}


def _told_name(step: Step, told: Mapping[uuid.UUID, facts.Named]) -> str:
    named = told.get(step.by_person_id) if step.by_person_id else None
    return named.full if named is not None else ""


def _by(step: Step, names: dict[uuid.UUID, tuple[uuid.UUID, str, str]]) -> str:
    """Return who did it: the giver, the agent, or the organisation whose employee it was."""
    if step.by_org_no:
        place = municipalities.by_org_no(step.by_org_no)
        return f"{place.name} kommune" if place is not None else step.by_org_no
    giver, giver_name, agent_name = names.get(step.grant_id, (step.grantor_id, "", ""))
    return giver_name if step.by_person_id == giver else agent_name


# ── on the phone ─────────────────────────────────────────────────────────────────────────────────


def phone_check(
    actor: Actor,
    *,
    agent_number: str,
    subject_number: str,
    scope: str,
    action: str = "read",
    at: dt.datetime | None = None,
) -> Decision:
    """Answer an employee: does X have a mandate for Y on Z now? No case is opened.

    The fine reason is told. Whoever is strictly protected is answered as whoever is not known, for all but those who
    are cleared. Both persons see in their log that it was asked.

    Raises:
        RefusedError: not an employee with a role for it, or a number that is no number.
    """
    if actor.kind != "employee" or not actor.has_role(*PHONE_ROLES) or not actor.org_no:
        raise refuse(
            "role_required",
            "Your role does not give access to this.",
            remedy="Choose another organisation, or ask your leader for the role.",
            status=403,
        )
    agent, subject = (
        _person(agent_number, "agent_number"),
        _person(subject_number, "subject_number"),
    )
    answer = decide_fresh(
        actor,
        Question(
            actor=str(agent),
            subject=str(subject),
            scope=scope,
            action=action,
            at=at or clock.now(),
            eid_level="high",  # on the phone there is no e-ID: the caseworker asks control questions instead
            service_min_eid="none",
        ),
    )
    telling.saw(actor, "check on the phone", subject_id=subject)
    telling.saw(actor, "check on the phone", subject_id=agent)
    if answer.reason is Reason.PROTECTED_ROUTE and not actor.has_role("protected_caseworker"):
        return Decision(allowed=False, reason=Reason.SOURCE_STALE)
    return answer


def _person(number: str, where: str) -> uuid.UUID:
    from samspill.identity import service as identity

    parsed = NationalId.parse(number, allow_synthetic=True, allow_real=True)
    if isinstance(parsed, InvalidId):
        raise refuse(
            "number_wrong",
            "This is not a national identity number.",
            where=where,
            remedy="Write the eleven digits.",
        )
    return identity.person_for(parsed)
