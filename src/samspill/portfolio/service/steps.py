"""Take an initiative a step on, or tell everything that is missing before it can be taken."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import events
from samspill.portfolio.domain import guards, states
from samspill.portfolio.domain.guards import Facts, Missing
from samspill.portfolio.domain.states import OWNER
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import (
    Adoption,
    Candidate,
    Comment,
    Initiative,
    Round,
    Transition,
)
from samspill.portfolio.service import access, depositing
from samspill.portfolio.service.views import InitiativeView, standings, title_of, view_of

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

_PLACES = {
    "basics": "/samstyring/tiltak/{id}/om/",
    "questions": "/samstyring/tiltak/{id}/sporsmal/",
    "relevance": "/samstyring/tiltak/{id}/relevans/",
    "statement": "/samstyring/tiltak/{id}/uttalelse/",
    "windows": "/samstyring/tiltak/{id}/innforing/",
    "rounds": "/samstyring/runder/",
    "calendar": "/samstyring/kalender/",
    "lines": "/konsekvens/{id}/",
    "assessment": "/konsekvens/{id}/resultat/",
    "agreement": "/avtaler/?tiltak={id}",
    "gain_plan": "/gevinstplan/{id}/",
}


@attrs.frozen
class MissingPiece:
    """One missing piece as it is shown: code, text and remedy (msgids with `values`), where to mend it, who, when."""

    code: str
    text: str
    remedy: str
    place: str
    url: str
    about: str
    who: str
    until: dt.date | None
    values: dict[str, Any]
    initiative_id: UUID | None = None


class MissingError(RefusedError):
    """A guard's refusal, with all that is missing."""

    def __init__(self, refused: Any, missing: list[MissingPiece]) -> None:
        super().__init__(refused)
        self.missing = missing


@transaction.atomic
def move(actor: Actor, *, initiative_id: UUID, to: str, reason: str = "") -> InitiativeView:
    """Take the step to a state. Once there, the same step again changes nothing.

    Raises:
        RefusedError: `not_found`, `no_such_step`, `role_needed`, `not_owner`, `reason_needed`.
        MissingError: `missing`, with the list of all that is missing (`.missing`), each with its address.
    """
    row = access.find(actor, initiative_id, lock=True)
    if row.state == to:
        _require(actor, row, states.step(_origin_of(row), to))
        return view_of(row)
    step = states.step(row.state, to)
    role = _require(actor, row, step)
    if step is not None and step.reason and not reason.strip():
        raise refuse(
            "reason_needed",
            _("This step needs a reason."),
            where="reason",
            remedy=_("Write why, in a sentence that everybody may read."),
        )
    facts = facts_of(row)
    lacking = guards.missing(to, facts)
    if lacking:
        raise missing_error(row, lacking)
    take(actor, row, to, role=role, reason=reason, seen=_seen(facts))
    return view_of(row)


def missing_error(row: Initiative, lacking: list[Missing]) -> MissingError:
    """Return the refusal that lists what one initiative lacks."""
    return missing_error_of([piece_of(row, one) for one in lacking])


def missing_error_of(pieces: list[MissingPiece]) -> MissingError:
    """Return the refusal that lists missing pieces."""
    refused = refuse(
        "missing",
        _("The step cannot be taken yet: %(count)s things are missing."),
        where="state",
        remedy=_("The list tells what is missing, and where each is mended."),
        values={"count": len(pieces)},
        status=409,
    ).refused
    return MissingError(refused, pieces)


def facts_to_decide(row: Initiative) -> Facts:
    """Return the facts of an initiative as if the round had chosen it with all reasons: the rest of the guard."""
    return attrs.evolve(facts_of(row), chosen=True, departs_without_reason=False)


def missing_for(initiative_id: UUID, to: str, *, actor: Actor | None = None) -> list[MissingPiece]:
    """Return all that is missing before an initiative may come to a state; empty when nothing is."""
    row = access.find(actor, initiative_id)
    return [piece_of(row, one) for one in guards.missing(to, facts_of(row))]


def next_steps(row: Initiative, actor: Actor) -> list[states.Step]:
    """Return the steps the actor may ask for from where the initiative stands."""
    mine = states.steps_from(row.state, actor.roles)
    owner = access.is_owner(actor, row)
    return [one for one in mine if owner or not one.by.isdisjoint(actor.roles - {OWNER})]


def take(
    actor: Actor, row: Initiative, to: str, *, role: str, reason: str, seen: dict[str, Any]
) -> None:
    """Write the step: the transition first, then the state (a trigger refuses a state without it), then the event."""
    origin, now = row.state, clock.now()
    last = Transition.objects.filter(initiative=row).order_by("-number").first()
    wrote = written.wrote(actor, reason, where="reason")
    Transition.objects.create(
        initiative=row,
        number=(last.number if last else 0) + 1,
        origin=origin,
        to=to,
        version=row.version,
        reason=wrote.text,
        **wrote.columns,
        seen=seen,
        by_org_no=actor.org_no or "",
        by_role=role,
        by_person_id=actor.person_id,
        at=now,
    )
    row.state, row.state_since, row.changed_at = to, now, now
    row.revision += 1
    row.save(update_fields=["state", "state_since", "changed_at", "revision"])
    moved = events.StateMoved(initiative_id=row.id, version=row.version, origin=origin, to=to)
    log.append(moved, actor=actor)


def facts_of(row: Initiative) -> Facts:
    """Gather what the guards look at, for the version in force, today."""
    today = clock.today()
    open_round = Round.objects.filter(state="open", opens_on__lte=today, deadline__gte=today)
    entry = (
        Candidate.objects.filter(initiative=row, withdrawn_at__isnull=True)
        .select_related("round", "decision")
        .order_by("-entered_at")
        .first()
    )
    running = open_round.order_by("deadline").first()
    last = entry.round if entry is not None else None
    decision = getattr(entry, "decision", None)
    return Facts(
        today=today,
        version=row.version,
        problem_answered=bool(row.questions.get("problem", "").strip()),
        duty=row.legal == "duty",
        legal_reference=row.legal_reference,
        relevance=standings([row])[row.id],
        assessment=depositing.assessment_facts(depositing.newest([row], "assessment").get(row.id)),
        ks_stated=has_stated(row),
        round_open=running is not None,
        round_deadline=running.deadline if running else None,
        entered=last is not None and last.state == "open",
        chosen=decision is not None and decision.chosen_start is not None,
        agreement=depositing.agreement_facts(depositing.newest([row], "agreement").get(row.id)),
        confirmed_windows=len(confirmed(row)),
    )


def has_stated(row: Initiative) -> bool:
    """Tell whether KS has taken a position on the figures of the version in force (dissent is one)."""
    stated = Comment.objects.filter(initiative=row, kind="statement", version=row.version)
    return stated.exists() or row.dissents.filter(version=row.version).exists()


def confirmed(row: Initiative) -> list[Adoption]:
    """Return the windows that municipalities have confirmed and not changed since."""
    last: dict[UUID, Adoption] = {}
    for one in Adoption.objects.filter(initiative=row).order_by("number"):
        last[one.municipality_id] = one
    return [one for one in last.values() if one.choice == "confirmed"]


def piece_of(row: Initiative, one: Missing) -> MissingPiece:
    """Return a missing piece with its address."""
    return MissingPiece(
        code=one.code,
        text=one.text,
        remedy=one.remedy,
        place=one.place,
        url=_PLACES[one.place].format(id=row.id),
        about=title_of(row),
        who=one.who,
        until=one.until,
        values=one.values,
        initiative_id=row.id,
    )


def _origin_of(row: Initiative) -> str:
    last = Transition.objects.filter(initiative=row).order_by("-number").first()
    return last.origin if last is not None else ""


def _require(actor: Actor, row: Initiative, step: states.Step | None) -> str:
    """Return the role by which the actor may take the step; refuse when there is no such step for anybody."""
    if step is None:
        raise refuse(
            "no_such_step",
            _("There is no such step from “%(state)s”."),
            where="to",
            remedy=_("Load the page again; it shows the steps that can be taken now."),
            values={"state": row.state},
            status=409,
        )
    if OWNER in step.by and access.is_owner(actor, row):
        return OWNER
    others = sorted(step.by - {OWNER})
    if others and actor.has_role(*others):
        return role_among(actor, others)
    role_among(actor, sorted(step.by))
    access.own(actor, row.id)
    return OWNER


def _seen(facts: Facts) -> dict[str, Any]:
    """Return what the guard saw, for the public trace."""
    seen: dict[str, Any] = {
        "relevance": facts.relevance.state,
        "verdict": facts.relevance.verdict,
        "ks_stated": facts.ks_stated,
    }
    if facts.assessment is not None:
        seen["assumption_set"] = facts.assessment.assumption_set
        seen["municipalities"] = facts.assessment.municipalities
    return seen
