"""The priority round before the budget: open, enter, recommend, decide. The suggestion is made in `suggesting`.

A round closes before the ministries' January submission. What is entered rests on the newest assessment; what is
decided departs from the suggestion only with a reason. Nothing of it closes the public register for reading.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import events
from samspill.portfolio.domain import entering, goals, guards
from samspill.portfolio.domain.states import KS, MINISTRY, OWNER
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import Candidate, Choice, Initiative, Round
from samspill.portfolio.service import access, depositing, judging, steps
from samspill.portfolio.service.round_views import RoundView, round_view
from samspill.portfolio.service.suggesting import entries_of, fingerprint, problem_of
from samspill.portfolio.service.views import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor

_ENTERED_FROM = ("assessed", "deferred", "prioritised")


@transaction.atomic
def open_round(
    actor: Actor,
    *,
    budget_year: int,
    deadline: dt.date,
    budgets: Sequence[Mapping[str, Any]],
    load_limits: Sequence[Mapping[str, Any]] = (),
    objective: Mapping[str, float] | None = None,
    opens_on: dt.date | None = None,
) -> RoundView:
    """Open a round for a budget year; opened again with the same frames it is the same round.

    Args:
        deadline: the last day to enter; before the January submission of the year before the budget year.
        budgets: `[{payer, year, plan_nok, commitment_nok?}]`. load_limits: `[{size_class, year, hours}]`.
        objective: `{kroner|hours_freed|citizen_hours|gain_smallest_nok: per cent}` that come to 100: what the round
            asks for, laid down before any answer is known; kroner alone unless given.

    Raises:
        RefusedError: `role_needed`, `late_deadline`, `past_deadline`, `round_open`, `bad_frame`, `no_budgets`,
            `bad_objective`.
    """
    role_among(actor, [MINISTRY])
    _check_deadline(budget_year, deadline, opens_on or clock.today())
    entering.read_limits(budgets, load_limits)
    asked = goals.read(objective)
    frames = [dict(row) for row in budgets], [dict(row) for row in load_limits], asked
    standing = Round.objects.filter(budget_year=budget_year, state="open").first()
    if standing is not None:
        stands = standing.budgets, standing.load_limits, goals.read(standing.objective)
        if (standing.deadline, *stands) == (deadline, *frames):
            return round_view(standing)
        raise refuse(
            "round_open",
            _("A round for this budget year is open already."),
            where="budget_year",
            remedy=_("Decide it first, or open one for another year."),
            status=409,
        )
    row = Round.objects.create(
        budget_year=budget_year,
        opens_on=opens_on or clock.today(),
        deadline=deadline,
        budgets=frames[0],
        load_limits=frames[1],
        objective=asked,
        by_org_no=actor.org_no or "",
        opened_at=clock.now(),
    )
    told = events.RoundOpened(round_id=row.id, budget_year=budget_year, deadline=deadline)
    log.append(told, actor=actor)
    return round_view(row)


@transaction.atomic
def enter_round(actor: Actor, *, round_id: UUID, initiative_id: UUID) -> RoundView:
    """Enter an initiative with the figures of its newest assessment, and take it to `prioritised`.

    Entered again before the deadline the newest figures take the place of the earlier ones.

    Raises:
        RefusedError: `role_needed`, `not_owner`, `round_not_found`, `round_closed`, `wrong_state`, `bad_candidate`.
        MissingError: what the guard of `prioritised` lacks: figures, a valid assumption set.
    """
    row = access.own(actor, initiative_id)
    running = access.round_of(round_id, lock=True)
    _is_accepting(running)
    if row.state not in _ENTERED_FROM:
        raise refuse(
            "wrong_state",
            _("Only an initiative that is assessed can be entered."),
            where="state",
            remedy=_("Assess it first; the initiative's page tells what is missing."),
            status=409,
        )
    evidence = depositing.newest([row], "assessment").get(row.id)
    figures = evidence.body.get("candidate") if evidence is not None else None
    if evidence is not None:
        entering.read_figures(figures)
        _put(running, row, evidence, figures)
    lacking = guards.missing("prioritised", steps.facts_of(row))
    if evidence is None or lacking:
        raise steps.missing_error(row, lacking)
    if row.state != "prioritised":
        seen = {"round": str(running.id), "budget_year": running.budget_year}
        steps.take(actor, row, "prioritised", role=OWNER, reason="", seen=seen)
    told = events.CandidateEntered(
        round_id=running.id, budget_year=running.budget_year, initiative_id=row.id
    )
    log.append(told, actor=actor)
    return round_view(running)


def _put(running: Round, row: Initiative, evidence: Any, figures: Any) -> None:
    given = {
        "version": evidence.version,
        "evidence": evidence,
        "figures": figures,
        "entered_at": clock.now(),
        "withdrawn_at": None,
    }
    Candidate.objects.update_or_create(round=running, initiative=row, defaults=given)


@transaction.atomic
def withdraw_from_round(
    actor: Actor, *, round_id: UUID, initiative_id: UUID, reason: str
) -> RoundView:
    """Take an initiative out of an open round, with a reason; it is then deferred.

    Raises:
        RefusedError: `not_owner`, `round_not_found`, `round_closed`, `not_entered`, `reason_needed`.
    """
    row = access.own(actor, initiative_id)
    running = access.round_of(round_id, lock=True)
    _is_accepting(running)
    entry = Candidate.objects.filter(
        round=running, initiative=row, withdrawn_at__isnull=True
    ).first()
    if entry is None:
        raise _not_entered()
    if not reason.strip():
        raise _reason_needed("reason")
    entry.withdrawn_at = clock.now()
    entry.save(update_fields=["withdrawn_at"])
    if row.state == "prioritised":
        steps.take(actor, row, "deferred", role=OWNER, reason=reason, seen={})
    told = events.CandidateEntered(
        round_id=running.id,
        budget_year=running.budget_year,
        initiative_id=row.id,
        withdrawn=True,
    )
    log.append(told, actor=actor)
    return round_view(running)


@transaction.atomic
def set_mandatory(
    actor: Actor, *, round_id: UUID, initiative_id: UUID, mandatory: bool
) -> RoundView:
    """Let the ministry fix an initiative in a round (a duty already given, a promise already made), or free it.

    Raises:
        RefusedError: `role_needed`, `round_not_found`, `round_decided`, `not_entered`.
    """
    role_among(actor, [MINISTRY])
    running = access.round_of(round_id, lock=True)
    _is_undecided(running)
    changed = Candidate.objects.filter(
        round=running, initiative_id=initiative_id, withdrawn_at__isnull=True
    ).update(mandatory=mandatory)
    if not changed:
        raise _not_entered()
    return round_view(running)


@transaction.atomic
def recommend(
    actor: Actor, *, round_id: UUID, initiative_id: UUID, position: str, text: str
) -> RoundView:
    """Let KS recommend for or against an initiative in a round.

    Raises:
        RefusedError: `role_needed`, `round_not_found`, `round_decided`, `not_entered`, `unknown_position`.
    """
    role_among(actor, [KS])
    running = access.round_of(round_id, lock=True)
    _is_undecided(running)
    row = access.find(actor, initiative_id, lock=True)
    if not Candidate.objects.filter(
        round=running, initiative=row, withdrawn_at__isnull=True
    ).exists():
        raise _not_entered()
    judging.say(
        actor,
        row,
        kind="recommendation",
        position=position,
        text=text,
        role=KS,
        round_id=running.id,
    )
    return round_view(running)


@transaction.atomic
def decide(
    actor: Actor,
    *,
    round_id: UUID,
    chosen: Mapping[UUID, int],
    reasons: Mapping[UUID, str] | None = None,
    reason: str = "",
) -> RoundView:
    """Decide a round: which initiatives start, and when. The others are deferred, with the reason.

    Args:
        chosen: initiative → start year. reasons: initiative → why the choice departs from the suggestion.
        reason: why the whole is chosen so; needed when it goes beyond a frame of the round.

    Returns:
        The decided round; decided again the same way it is the same round.

    Raises:
        RefusedError: `role_needed`, `round_not_found`, `still_open`, `round_decided`, `no_suggestion`,
            `suggestion_stale`, `unknown_choice`, `requirement_unchosen`, `both_excluding`, `beyond_frames`.
        MissingError: every reason that is missing, and for every chosen initiative what the guard of `decided` lacks.
    """
    role_among(actor, [MINISTRY])
    running = access.round_of(round_id, lock=True)
    entries = _undecided_entries(running, chosen)
    if entries is None:
        return round_view(running)
    suggested = (running.suggestion or {})["starts"]
    _check_links(running, entries, chosen)
    _check_frames(running, entries, chosen, reason)
    said = {one: text for one, text in (reasons or {}).items() if text.strip()}
    _check_guards(entries, chosen, suggested, said)
    now = clock.now()
    departing = 0
    for entry in entries:
        start = chosen.get(entry.initiative_id)
        hint = suggested.get(str(entry.initiative_id))
        departing += start != hint
        why = said.get(entry.initiative_id, "")
        Choice.objects.create(
            round=running,
            candidate=entry,
            suggested_start=hint,
            chosen_start=start,
            **_reason(actor, why),
            by_org_no=actor.org_no or "",
            by_person_id=actor.person_id,
            at=now,
        )
        _step(actor, running, entry.initiative, start, why)
    _close(actor, running, reason)
    told = events.RoundDecided(
        round_id=running.id,
        budget_year=running.budget_year,
        chosen=len(chosen),
        departing=departing,
    )
    log.append(told, actor=actor)
    return round_view(running)


def _reason(actor: Actor, text: str) -> dict[str, Any]:
    wrote = written.wrote(actor, text, where="reasons")
    return {"reason": wrote.text, **wrote.columns}


def _close(actor: Actor, running: Round, reason: str) -> None:
    whole = written.wrote(actor, reason, where="reason")
    running.state, running.decided_at = "decided", clock.now()
    running.decision_reason = whole.text
    running.language, running.translations = whole.columns["language"], whole.translations
    running.revision += 1
    running.save()


def _undecided_entries(running: Round, chosen: Mapping[UUID, int]) -> list[Candidate] | None:
    """Return the candidates of a round that can be decided; None when it is decided this very way already."""
    if running.state == "decided":
        made = Choice.objects.filter(round=running, chosen_start__isnull=False)
        before = dict(made.values_list("candidate__initiative_id", "chosen_start"))
        if before == dict(chosen):
            return None
        _is_undecided(running)
    if clock.today() <= running.deadline:
        raise refuse(
            "still_open",
            _("The round is open for entries until %(day)s."),
            where="round_id",
            remedy=_("Decide it the day after."),
            values={"day": running.deadline.isoformat()},
            status=409,
        )
    entries = entries_of(running)
    if running.suggestion is None:
        raise refuse(
            "no_suggestion",
            _("There is no suggestion to decide against."),
            where="round_id",
            remedy=_("Let the suggestion be calculated first."),
            status=409,
        )
    if running.suggestion["fingerprint"] != fingerprint(running, entries):
        raise refuse(
            "suggestion_stale",
            _("The suggestion was made before the candidates changed."),
            where="round_id",
            remedy=_("Let the suggestion be calculated again."),
            status=409,
        )
    _check_chosen(entries, chosen)
    return entries


def _check_chosen(entries: Sequence[Candidate], chosen: Mapping[UUID, int]) -> None:
    starts = {one.initiative_id: set(map(int, one.figures["value_nok"])) for one in entries}
    for one, start in chosen.items():
        if start not in starts.get(one, set()):
            raise refuse(
                "unknown_choice",
                _("The round has no such candidate with that start year."),
                where=f"chosen.{one}",
                remedy=_(
                    "Choose among the candidates and the start years they are calculated for."
                ),
            )


def _check_links(running: Round, entries: Sequence[Candidate], chosen: Mapping[UUID, int]) -> None:
    """Refuse a choice that breaks what initiatives require or exclude; no reason can mend that."""
    titles = {one.initiative_id: title_of(one.initiative) for one in entries}
    for one in problem_of(entries, running).links:
        if one.initiative not in chosen:
            continue
        start = chosen[one.initiative]
        other = chosen.get(one.other)
        values = {"one": titles[one.initiative], "other": titles.get(one.other, one.title)}
        if one.kind == "requires" and not one.is_decided and (other is None or other > start):
            raise refuse(
                "requirement_unchosen",
                _("“%(one)s” requires “%(other)s”, which is not chosen to start by then."),
                where=f"chosen.{one.initiative}",
                remedy=_("Choose both, or neither."),
                values=values,
            )
        if one.kind == "excludes" and (other is not None or one.is_decided):
            raise refuse(
                "both_excluding",
                _("“%(one)s” and “%(other)s” exclude each other."),
                where=f"chosen.{one.initiative}",
                remedy=_("Choose one of them."),
                values=values,
            )


def _check_frames(
    running: Round, entries: Sequence[Candidate], chosen: Mapping[UUID, int], reason: str
) -> None:
    over = frames_broken(running, entries, chosen)
    if over and not reason.strip():
        raise refuse(
            "beyond_frames",
            _("The choice goes beyond the frames: %(frames)s."),
            where="reason",
            remedy=_("Choose less, or write why the frames are exceeded."),
            values={"frames": ", ".join(over)},
            status=409,
        )


def frames_broken(
    running: Round, entries: Sequence[Candidate], chosen: Mapping[UUID, int]
) -> list[str]:
    """Return the labels of the frames that a choice exceeds."""
    used: dict[str, float] = {}
    limits = entering.read_limits(running.budgets, running.load_limits)
    read = {one.initiative_id: entering.read_figures(one.figures) for one in entries}
    for limit in limits:
        for one, start in chosen.items():
            series = {
                "plan": read[one].plan,
                "commitment": read[one].commitment,
                "hours": read[one].hours,
            }[limit.kind].get(limit.who, ())
            since = limit.year - start
            amount = series[since] if 0 <= since < len(series) else 0.0
            used[limit.label] = used.get(limit.label, 0.0) + amount
    return [one.label for one in limits if used.get(one.label, 0.0) > one.amount * (1 + 1e-9)]


def _check_guards(
    entries: Sequence[Candidate],
    chosen: Mapping[UUID, int],
    suggested: Mapping[str, int],
    said: Mapping[UUID, str],
) -> None:
    """Refuse with all that is missing: reasons for departures, and what the guard of `decided` lacks."""
    found = []
    for entry in entries:
        row = entry.initiative
        start = chosen.get(row.id)
        departs = start != suggested.get(str(row.id)) and not said.get(row.id)
        lacking = guards.missing("decided", steps.facts_to_decide(row)) if start else []
        if departs:
            lacking.append(guards.reason_missing())
        found += [steps.piece_of(row, one) for one in lacking]
    if found:
        raise steps.missing_error_of(found)


def _step(actor: Actor, running: Round, row: Initiative, start: int | None, reason: str) -> None:
    seen: dict[str, Any] = {"round": str(running.id), "budget_year": running.budget_year}
    if start is not None:
        seen["start"] = start
        steps.take(actor, row, "decided", role=MINISTRY, reason=reason, seen=seen)
    else:
        steps.take(actor, row, "deferred", role=MINISTRY, reason=reason, seen=seen)


def _check_deadline(budget_year: int, deadline: dt.date, opens_on: dt.date) -> None:
    last = entering.latest_deadline(budget_year)
    if deadline > last:
        raise refuse(
            "late_deadline",
            _("The round must close before the ministries submit their proposals in January."),
            where="deadline",
            remedy=_("Choose %(day)s or earlier."),
            values={"day": last.isoformat()},
        )
    if deadline < max(clock.today(), opens_on):
        raise refuse(
            "past_deadline",
            _("The deadline has passed, or lies before the round opens."),
            where="deadline",
            remedy=_("Choose a day to come."),
        )


def _is_accepting(running: Round) -> None:
    today = clock.today()
    if running.state != "open" or not running.opens_on <= today <= running.deadline:
        raise refuse(
            "round_closed",
            _("The round is not open for entries."),
            where="round_id",
            remedy=_("Wait for the next round; the calendar shows when it is expected."),
            status=409,
        )


def _is_undecided(running: Round) -> None:
    if running.state == "decided":
        raise refuse(
            "round_decided",
            _("The round is decided already."),
            where="round_id",
            remedy=_("What is decided stays; enter the next round instead."),
            status=409,
        )


def _not_entered() -> RefusedError:
    return refuse(
        "not_entered",
        _("The initiative is not in this round."),
        where="initiative_id",
        remedy=_("Choose among the candidates of the round."),
        status=409,
    )


def _reason_needed(where: str) -> RefusedError:
    return refuse(
        "reason_needed",
        _("This step needs a reason."),
        where=where,
        remedy=_("Write why, in a sentence that everybody may read."),
    )
