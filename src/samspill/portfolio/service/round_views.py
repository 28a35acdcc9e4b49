"""What the room shows of a round: frames, candidates with what hinders them, suggestion, decision."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from samspill.infra import clock
from samspill.infra.written import said_of
from samspill.kernel.actor import role_among
from samspill.portfolio.domain import goals
from samspill.portfolio.domain.states import ROLES
from samspill.portfolio.models import Candidate, Choice, Comment, Round
from samspill.portfolio.service import access
from samspill.portfolio.service.views import InitiativeView, name_of, title_of, views_of

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor


@attrs.frozen(kw_only=True)
class CandidateView:
    """An initiative in a round: its figures, KS' recommendation, what was suggested and chosen."""

    initiative: InitiativeView
    figures: dict[str, Any]
    mandatory: bool
    entered_at: dt.datetime
    withdrawn_at: dt.datetime | None
    recommendation: str
    recommendation_text: str
    suggested_start: int | None
    chosen_start: int | None
    reason: str

    @property
    def starts(self) -> list[int]:
        """The years it may start."""
        return sorted(int(year) for year in self.figures["value_nok"])


@attrs.frozen(kw_only=True)
class RoundView:
    """A round as it stands today."""

    id: UUID
    budget_year: int
    opens_on: dt.date
    deadline: dt.date
    budgets: list[dict[str, Any]]
    load_limits: list[dict[str, Any]]
    objective: dict[str, float]
    state: str
    by: str
    candidates: list[CandidateView]
    suggestion: dict[str, Any] | None
    suggested_at: dt.datetime | None
    decided_at: dt.datetime | None
    decision_reason: str

    @property
    def is_accepting(self) -> bool:
        """Tell whether initiatives can be entered today."""
        return self.state == "open" and self.opens_on <= clock.today() <= self.deadline

    @property
    def is_decidable(self) -> bool:
        """Tell whether the time to enter is over and the decision is not made."""
        return self.state == "open" and clock.today() > self.deadline


def get_round(round_id: UUID, *, actor: Actor) -> RoundView:
    """Return a round to one who decides together; the public reads its outcome in each initiative's story.

    Raises:
        RefusedError: `role_needed`, `round_not_found`.
    """
    role_among(actor, ROLES)
    return round_view(access.round_of(round_id))


def list_rounds(*, actor: Actor) -> list[RoundView]:
    """Return all rounds, the newest budget year first.

    Raises:
        RefusedError: `role_needed`.
    """
    role_among(actor, ROLES)
    return [round_view(row) for row in Round.objects.order_by("-budget_year", "-opened_at")]


def open_rounds(on: dt.date) -> list[Round]:
    """Return the rounds that take entries on a day."""
    rows = Round.objects.filter(state="open", opens_on__lte=on, deadline__gte=on)
    return list(rows.order_by("deadline"))


def round_view(row: Round) -> RoundView:
    """Return the view of a round."""
    found = Candidate.objects.filter(round=row).select_related("initiative")
    entries = sorted(found, key=lambda entry: title_of(entry.initiative).casefold())
    views = {one.id: one for one in views_of([entry.initiative for entry in entries])}
    said = {
        one.initiative_id: one
        for one in Comment.objects.filter(round_id=row.id, kind="recommendation").order_by("at")
    }
    choices = {one.candidate_id: one for one in Choice.objects.filter(round=row)}
    suggested = (row.suggestion or {}).get("starts", {})
    return RoundView(
        id=row.id,
        budget_year=row.budget_year,
        opens_on=row.opens_on,
        deadline=row.deadline,
        budgets=row.budgets,
        load_limits=row.load_limits,
        objective=goals.read(row.objective),
        state=row.state,
        by=name_of(row.by_org_no),
        candidates=[
            _candidate(entry, views[entry.initiative_id], said, choices.get(entry.id), suggested)
            for entry in entries
        ],
        suggestion=row.suggestion,
        suggested_at=row.suggested_at,
        decided_at=row.decided_at,
        decision_reason=said_of(row, row.decision_reason),
    )


def _candidate(
    entry: Candidate,
    view: InitiativeView,
    said: dict[UUID, Comment],
    choice: Choice | None,
    suggested: dict[str, int],
) -> CandidateView:
    word = said.get(entry.initiative_id)
    return CandidateView(
        initiative=view,
        figures=entry.figures,
        mandatory=entry.mandatory,
        entered_at=entry.entered_at,
        withdrawn_at=entry.withdrawn_at,
        recommendation=word.position if word else "",
        recommendation_text=said_of(word, word.text) if word else "",
        suggested_start=choice.suggested_start
        if choice is not None
        else suggested.get(str(entry.initiative_id)),
        chosen_start=choice.chosen_start if choice is not None else None,
        reason=said_of(choice, choice.reason) if choice is not None else "",
    )
