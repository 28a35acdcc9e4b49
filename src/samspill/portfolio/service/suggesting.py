"""The suggestion of a round: the best choice with its proven gap, greedy beside, the front, the share of draws.

It is a suggestion: people decide, and where they depart from it they say why. It is stored whole with a fingerprint of
what it was made from, so that everybody sees when it is out of date.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from django.db import transaction

from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import events
from samspill.portfolio.domain import entering, front, goals, rounds
from samspill.portfolio.domain.states import MINISTRY, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.domain.wording import FIRST, Said
from samspill.portfolio.models import Candidate, Initiative, Link, Round
from samspill.portfolio.service import access
from samspill.portfolio.service.views import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor

_DECIDED = ("decided", "agreed", "introducing", "operating", "realising", "closed")
_MEASURES = {
    "hours_freed": front.HOURS,
    "citizen_hours": front.CITIZENS,
    "gain_smallest_nok": front.SMALLEST,
}
_SECONDS = 6.0
_MOST_DRAWS = 60
_FEW = 40
_LEAST_S = 0.2
_ROUNDING = 1e-9


@attrs.frozen
class Tie:
    """A link of a candidate: what it requires or excludes, and whether the other is decided already."""

    initiative: UUID
    kind: str
    other: UUID
    title: Said
    is_decided: bool


@attrs.frozen
class RoundProblem:
    """The candidates as the optimiser takes them, those that can never be chosen now and why, and all links."""

    candidates: list[rounds.Candidate]
    figures: dict[str, entering.Figures]
    barred: dict[str, dict[str, Any]]
    links: list[Tie]
    objective: goals.Objective


def suggest(actor: Actor, *, round_id: UUID, seconds: float = _SECONDS) -> dict[str, Any]:
    """Calculate and store the suggestion of a round; the same candidates and frames give the same suggestion.

    Args:
        seconds: how long each of the three searches may take (the best, the front, the draws).

    Returns:
        `{starts: {id: year}, value, bound, gap, greedy_value, prices, used, needs, limits, barred, front, chosen_share,
        objective: {goal: per cent}, unit: NOK|hours|points, totals: {goal: amount}, fingerprint, at}`; money in NOK,
        but value, bound, greedy_value, prices and needs count in `unit`: that of what the round asks for.

    Raises:
        RefusedError: `role_needed`, `round_not_found`, `round_decided`, `no_candidates`, and those of the optimiser.
    """
    role_among(actor, [MINISTRY, SECRETARIAT])
    running = access.round_of(round_id)
    entries = entries_of(running)
    if running.state != "open" or not entries:
        raise refuse(
            "no_candidates",
            _("The round is decided, or nothing is entered in it."),
            where="round_id",
            remedy=_("Wait until initiatives are entered."),
            status=409,
        )
    made = _calculated(running, entries, seconds)
    with transaction.atomic():
        locked = access.round_of(round_id, lock=True)
        if made["fingerprint"] != fingerprint(locked, entries_of(locked)):
            raise refuse(
                "changed_meanwhile",
                _("The candidates changed while the suggestion was calculated."),
                where="round_id",
                remedy=_("Calculate it again."),
                status=409,
            )
        locked.suggestion, locked.suggested_at = made, clock.now()
        locked.save(update_fields=["suggestion", "suggested_at"])
        told = events.RoundSuggested(
            round_id=locked.id, budget_year=locked.budget_year, candidates=len(entries)
        )
        log.append(told, actor=actor)
    return made


def entries_of(running: Round) -> list[Candidate]:
    """Return the candidates that are in a round and were not stopped since, in the order they came."""
    rows = Candidate.objects.filter(
        round=running, withdrawn_at__isnull=True, initiative__state="prioritised"
    )
    return list(rows.select_related("initiative", "evidence").order_by("entered_at", "id"))


def fingerprint(running: Round, entries: Sequence[Candidate]) -> str:
    """Return the hash of all that a suggestion depends on: frames, candidates, figures, links."""
    problem = problem_of(entries, running)
    return sha256_of(
        {
            "objective": goals.read(running.objective),
            "budgets": running.budgets,
            "loads": running.load_limits,
            "candidates": sorted(
                [str(one.initiative_id), one.evidence.sha256, one.mandatory] for one in entries
            ),
            "links": sorted(
                [str(t.initiative), t.kind, str(t.other), t.is_decided] for t in problem.links
            ),
        }
    )


def problem_of(entries: Sequence[Candidate], running: Round) -> RoundProblem:
    """Return the candidates with their links: what is decided already is met, what is neither bars the candidate."""
    ties = _ties([one.initiative_id for one in entries])
    inside = {one.initiative_id for one in entries}
    barred = _barred(ties, inside)
    figures = {str(one.initiative_id): entering.read_figures(one.figures) for one in entries}
    asked = goals.objective(goals.read(running.objective), figures)
    candidates = [
        figures[str(one.initiative_id)].as_candidate(
            str(one.initiative_id),
            requires=_others(ties, one.initiative_id, "requires", inside - barred.keys()),
            excludes=_others(ties, one.initiative_id, "excludes", inside - barred.keys()),
            mandatory=one.mandatory,
            value=asked.value(figures[str(one.initiative_id)]),
        )
        for one in entries
        if one.initiative_id not in barred
    ]
    told = {str(key): why for key, why in barred.items()}
    return RoundProblem(candidates, figures, told, ties, asked)


def _ties(ids: Sequence[UUID]) -> list[Tie]:
    rows = Link.objects.filter(removed_at__isnull=True).select_related("other", "initiative")
    found = {
        _tie(link.initiative_id, link.kind, link.other)
        for link in rows.filter(initiative_id__in=ids)
    }
    found |= {
        _tie(link.other_id, "excludes", link.initiative)
        for link in rows.filter(other_id__in=ids, kind="excludes")
    }
    return sorted(found, key=lambda t: (str(t.initiative), t.kind, str(t.other)))


def _tie(one: UUID, kind: str, other: Initiative) -> Tie:
    return Tie(one, kind, other.id, title_of(other), other.state in _DECIDED)


def _barred(ties: Sequence[Tie], inside: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return who cannot be chosen: what they require is out of reach, or what they exclude is decided.

    Barring one bars those that require it, so it is repeated until nothing changes.
    """
    barred: dict[UUID, dict[str, Any]] = {}
    while True:
        found = {
            tie.initiative: {
                "code": f"{tie.kind}_out",
                "other": tie.title.every[FIRST],
                "other_in": dict(tie.title.every),
            }
            for tie in ties
            if tie.initiative not in barred and _bars(tie, inside - barred.keys())
        }
        if not found:
            return barred
        barred |= found


def _bars(tie: Tie, available: set[UUID]) -> bool:
    if tie.kind == "excludes":
        return tie.is_decided
    return not tie.is_decided and tie.other not in available


def _others(ties: Sequence[Tie], one: UUID, kind: str, inside: set[UUID]) -> list[str]:
    return [
        str(t.other) for t in ties if t.initiative == one and t.kind == kind and t.other in inside
    ]


def _calculated(running: Round, entries: Sequence[Candidate], seconds: float) -> dict[str, Any]:
    problem = problem_of(entries, running)
    limits = entering.read_limits(running.budgets, running.load_limits)
    best = rounds.suggest(problem.candidates, limits, time_limit_s=seconds)
    planned = rounds.model_of(problem.candidates, limits)
    return {
        **best.as_json(),
        "objective": dict(problem.objective.weights),
        "unit": goals.unit_of(problem.objective.weights),
        "totals": goals.totals(best.starts, problem.figures),
        "needs": _needs(problem, planned, best, seconds),
        "limits": [attrs.asdict(limit) | {"label": limit.label} for limit in limits],
        "barred": problem.barred,
        "front": _front(problem, planned, seconds),
        "chosen_share": _shares(problem, planned, seconds),
        "fingerprint": fingerprint(running, entries),
        "at": clock.now().isoformat(),
    }


def _needs(
    problem: RoundProblem, planned: rounds.Planned, best: rounds.Suggested, seconds: float
) -> dict[str, dict[str, Any]]:
    """Return what each one left out would need: how much more worth, and what is missing in each frame.

    Few of them: the round is planned again with the one made mandatory, and the loss is what it must be worth more
    (`exact`). Many, or no time: what the prices of the linear answer say (`dual`). `never`: no start fits at all.
    """
    left_out = [one for one in problem.candidates if one.id not in best.starts]
    exact = best.gap == 0 and len(left_out) <= _FEW
    ends = time.monotonic() + seconds
    found = {}
    for one in left_out:
        worth, method = best.needs[one.id], "dual"
        if worth is None:
            method = "never"
        elif exact and time.monotonic() < ends:
            worth, method = _price(problem, planned, best, one, ends), "exact"
            method = "never" if worth is None else method
        start = max(one.value, key=lambda year: one.value[year])
        frames = _short(problem, planned, best, one, start)
        found[one.id] = {"value": worth, "method": method, "start": start, "frames": frames}
    return found


def _price(
    problem: RoundProblem,
    planned: rounds.Planned,
    best: rounds.Suggested,
    one: rounds.Candidate,
    ends: float,
) -> float | None:
    """Return how much the whole loses when one is forced in; None when it cannot be in at all."""
    forced = [attrs.evolve(c, mandatory=True) if c is one else c for c in problem.candidates]
    left = max(_LEAST_S, ends - time.monotonic())
    try:
        other = rounds.suggest(forced, list(planned.limits), time_limit_s=left)
    except RefusedError:
        return None
    return max(0.0, best.value - other.value)


def _short(
    problem: RoundProblem,
    planned: rounds.Planned,
    best: rounds.Suggested,
    one: rounds.Candidate,
    start: int,
) -> dict[str, float]:
    """Return what is missing in each frame when all the chosen stay and the one starts in a year."""
    column = planned.columns.index((problem.candidates.index(one), start))
    uses = planned.model.capacity[:, column]
    short = {}
    for limit, amount in zip(planned.limits, uses.tolist(), strict=True):
        over = best.used[limit.label] + amount - limit.amount
        if over > max(1.0, limit.amount) * _ROUNDING:
            short[limit.label] = round(over, 2)
    return short


def _front(problem: RoundProblem, planned: rounds.Planned, seconds: float) -> dict[str, Any]:
    """Return the portfolios of the efficient front, each with its start years and totals."""
    ids = [problem.candidates[n].id for n, _start in planned.columns]
    measures = {
        name: np.array([problem.figures[one].goals.get(goal, 0.0) for one in ids], float)
        for goal, name in _MEASURES.items()
    }
    used = {name: column for name, column in measures.items() if column.any()}
    kroner = [
        problem.figures[one].value[start]
        for one, (_n, start) in zip(ids, planned.columns, strict=True)
    ]
    in_kroner = attrs.evolve(planned.model, value=np.array(kroner, float))
    found = front.front(in_kroner, used, steps=3, time_limit_s=seconds)
    return {
        "points": [
            {
                "starts": {
                    ids[j]: planned.columns[j][1] for j in np.flatnonzero(point.chosen).tolist()
                },
                "totals": point.totals,
                "gap": point.gap,
            }
            for point in found.points
        ],
        "whole": found.whole,
    }


def _shares(problem: RoundProblem, planned: rounds.Planned, seconds: float) -> dict[str, Any]:
    """Return in how large a share of the draws each candidate is chosen, and how many draws were solved."""
    columns = [(problem.candidates[n].id, start) for n, start in planned.columns]
    with_draws = [problem.figures[one].draws for one, _start in columns]
    lengths = [len(next(iter(draws.values()))) for draws in with_draws if draws]
    count = min([*lengths, _MOST_DRAWS]) if lengths else 0
    if not count:
        return {"share": {}, "solved": 0, "asked": 0}
    worth = np.array(
        [problem.objective.of_draws(problem.figures[one], start, count) for one, start in columns],
        float,
    ).T
    found = front.chosen_share(planned.model, worth, time_limit_s=seconds)
    share: dict[str, float] = {}
    for (one, _start), part in zip(columns, found.share.tolist(), strict=True):
        share[one] = min(1.0, share.get(one, 0.0) + part)
    return {"share": share, "solved": found.solved, "asked": found.asked}
