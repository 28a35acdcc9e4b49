"""Rounds: open one, enter and withdraw, see the suggestion with its proof and charts, decide with reasons."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import clock, written
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import calendar, goals, wording
from samspill.portfolio.domain.entering import PAYERS
from samspill.portfolio.domain.representativeness import SIZE_CLASSES
from samspill.portfolio.domain.wording import Said
from samspill.portfolio.service import words
from samspill.portfolio.web import cautions, frames, page, round_charts
from samspill.portfolio.web.page import TOGETHER

_MINISTRY = "ministry"


@needs(role=TOGETHER)
@require_GET
def rounds(request: HttpRequest) -> HttpResponseBase:
    """Show all rounds."""
    actor = actor_of(request)
    lines = [{"line": one, "state": round_state(one)} for one in service.list_rounds(actor=actor)]
    context = {
        "lines": lines,
        "is_ministry": actor.has_role(_MINISTRY),
    }
    return page.show(request, "rounds.html", context)


def round_state(one: service.RoundView) -> dict[str, Any]:
    """Return how a round stands, in words and color."""
    if one.state == "decided":
        return {"text": _("Decided"), "color": "success"}
    if one.is_accepting:
        return {"text": _("Open for entries"), "color": "info"}
    if one.is_decidable:
        return {"text": _("To be decided"), "color": "warning"}
    return {"text": _("Not open yet"), "color": "neutral"}


@needs(role=_MINISTRY)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Open a round: budget year, deadline, frames by payer and year, hours by size class."""
    year = _budget_year(request)
    if request.method == "GET":
        return _new(request, year)
    return page.act(
        request,
        lambda actor: service.open_round(
            actor,
            budget_year=year,
            deadline=_deadline(request, year),
            budgets=frames.budgets(request.POST, year),
            load_limits=frames.loads(request.POST, year),
            objective=_objective(request),
        ),
        then=reverse("rounds"),
        done="opened",
        again=lambda error: _new(request, year, error),
    )


def _budget_year(request: HttpRequest) -> int:
    text = request.POST.get("budget_year") or request.GET.get("ar", "")
    known = text.isdecimal() and 2020 <= int(text) <= 2100  # noqa: PLR2004 - years of this century
    today = clock.today()
    return int(text) if known else calendar_year(today.year, today.month)


def calendar_year(year: int, month: int) -> int:
    """Return the budget year whose round comes next: from February on the one after the next but one.

    >>> calendar_year(2026, 11), calendar_year(2027, 1)
    (2028, 2028)
    """
    return year + (1 if month == 1 else 2)


def _deadline(request: HttpRequest, year: int) -> Any:
    return page.day_of(request, "deadline") or calendar.round_deadline(year)


def _objective(request: HttpRequest) -> dict[str, float]:
    """Return the weights that are filled in; the service tells what is wrong with them."""
    typed = {name: request.POST.get(f"goal-{name}", "") for name in goals.ALL}
    found = {name: page.number_of(text) for name, text in typed.items() if text.strip()}
    unreadable = next((name for name, weight in found.items() if weight is None), None)
    if unreadable is not None:
        goals.read({unreadable: -1.0})
    return {name: weight for name, weight in found.items() if weight is not None}


def _new(request: HttpRequest, year: int, problem: RefusedError | None = None) -> HttpResponse:
    typed = request.POST
    years = range(year, year + frames.YEARS)
    open_ones = [one for one in service.list_rounds(actor=actor_of(request)) if one.state == "open"]
    context = {
        "year": year,
        "next_year": year + 1,
        "running": next((one for one in open_ones if one.budget_year == year), None),
        "years": years,
        "deadline": typed.get("deadline") or calendar.round_deadline(year).isoformat(),
        "payers": [
            {"label": words.PAYERS[p], "cells": [_cell(typed, p, y) for y in years]} for p in PAYERS
        ],
        "goals": _goals(typed),
        "classes": [
            {
                "label": words.SIZES[name],
                "name": f"hours-{at}",
                "value": typed.get(f"hours-{at}", ""),
            }
            for at, name in enumerate(SIZE_CLASSES)
        ],
    }
    return page.show(request, "round_new.html", context, problem=problem)


def _goals(typed: QueryDict) -> list[dict[str, Any]]:
    """Return the weight of each goal as it was typed; kroner alone to begin with."""
    return [
        {
            "label": label,
            "name": f"goal-{name}",
            "value": typed.get(f"goal-{name}", f"{goals.PLAIN.get(name, 0):.0f}"),
        }
        for name, label in words.GOALS.items()
    ]


def _cell(typed: QueryDict, payer: str, year: int) -> dict[str, Any]:
    plan, promised = f"plan-{payer}-{year}", f"commitment-{payer}-{year}"
    return {
        "year": year,
        "plan": plan,
        "plan_value": typed.get(plan, ""),
        "commitment": promised,
        "commitment_value": typed.get(promised, ""),
    }


@needs(role=TOGETHER)
@require_GET
def one(request: HttpRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """Show a round: candidates, suggestion, proof, charts, and what was decided."""
    return _round(request, round_id)


def _round(
    request: HttpRequest, round_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    found = service.get_round(round_id, actor=actor)
    to_enter = _to_enter(actor, found)
    context: dict[str, Any] = {
        "round": found,
        "state": round_state(found),
        "lines": [_line(request, c, found) for c in found.candidates if c.withdrawn_at is None],
        "withdrawn": [c for c in found.candidates if c.withdrawn_at is not None],
        "to_enter": to_enter,
        "limited": cautions.of_own(actor, found, to_enter),
        "positions": page.options(words.POSITIONS),
        "is_ministry": actor.has_role(_MINISTRY),
        "is_ks": actor.has_role("ks_coordinator"),
        "may_suggest": actor.has_role(_MINISTRY, "secretariat") and found.state == "open",
        "may_decide": actor.has_role(_MINISTRY) and found.is_decidable and found.suggestion,
        "reason": request.POST.get("reason", ""),
        "written_reason": written.asked(request, "reason"),
        "written_text": written.asked(request, "text"),
        "objective": round_charts.asked_for(found.objective),
        **round_charts.drawn(found),
    }
    return page.show(request, "round.html", context, problem=problem)


def _line(
    request: HttpRequest, one_: service.CandidateView, found: service.RoundView
) -> dict[str, Any]:
    actor = actor_of(request)
    key = str(one_.initiative.id)
    chosen = request.POST.get(f"start-{key}")
    kept = str(one_.suggested_start or "") if chosen is None else chosen
    suggestion = found.suggestion or {}
    share = suggestion.get("chosen_share", {}).get("share", {}).get(key)
    return {
        "line": one_,
        "id_text": str(one_.initiative.id),
        "kept": kept,
        "starts": [str(year) for year in one_.starts],
        "reason": request.POST.get(f"reason-{key}", ""),
        "recommendation": words.POSITIONS.get(one_.recommendation, ""),
        "worth": round_charts.million(max(one_.figures["value_nok"].values())),
        "share": None if share is None else round(share * 100),
        "need": round_charts.need(
            suggestion.get("needs", {}).get(key), suggestion.get("unit", "NOK")
        ),
        "barred": _barred(suggestion.get("barred", {}).get(key)),
        "is_mine": actor.has_role("initiative_owner")
        and one_.initiative.owner_org_no == actor.org_no,
    }


def _barred(why: dict[str, Any] | None) -> str:
    if not why:
        return ""
    named = {"other": Said(why.get("other_in") or {"nb": why["other"]}, words.language())}
    if why["code"] == "requires_out":
        return _("Requires “%(other)s”, which is neither decided nor in the round.") % named
    return _("Excludes “%(other)s”, which is decided.") % named


def _to_enter(actor: Actor, found: service.RoundView) -> list[service.InitiativeView]:
    if not actor.has_role("initiative_owner") or not found.is_accepting:
        return []
    filters = service.Filters(owner_org_no=actor.org_no or "-", states=("assessed", "deferred"))
    inside = {c.initiative.id for c in found.candidates if c.withdrawn_at is None}
    mine = service.list_initiatives(filters, actor=actor).items
    return [one_ for one_ in mine if one_.id not in inside]


def _do(request: HttpRequest, round_id: uuid.UUID, do: Any, done: str) -> HttpResponse:
    return page.act(
        request,
        do,
        then=reverse("round", args=[round_id]),
        done=done,
        again=lambda error: _round(request, round_id, error),
    )


@needs(role="initiative_owner")
@require_POST
def enter(request: HttpRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """Enter an initiative."""
    ids = page.ids_of([request.POST.get("initiative", "")])

    def do(actor: Actor) -> object:
        return [service.enter_round(actor, round_id=round_id, initiative_id=i) for i in ids]

    return _do(request, round_id, do, "entered")


@needs(role="initiative_owner")
@require_POST
def withdraw(
    request: HttpRequest, round_id: uuid.UUID, initiative_id: uuid.UUID
) -> HttpResponseBase:
    """Take one's own initiative out, with a reason."""

    def do(actor: Actor) -> object:
        return service.withdraw_from_round(
            actor,
            round_id=round_id,
            initiative_id=initiative_id,
            reason=written.posted(request, "reason"),
        )

    return _do(request, round_id, do, "withdrawn")


@needs(role="ks_coordinator")
@require_POST
def recommend(
    request: HttpRequest, round_id: uuid.UUID, initiative_id: uuid.UUID
) -> HttpResponseBase:
    """Recommend for or against."""

    def do(actor: Actor) -> object:
        return service.recommend(
            actor,
            round_id=round_id,
            initiative_id=initiative_id,
            position=request.POST.get("position", ""),
            text=written.posted(request, "text"),
        )

    return _do(request, round_id, do, "stated")


@needs(role=_MINISTRY)
@require_POST
def mandatory(
    request: HttpRequest, round_id: uuid.UUID, initiative_id: uuid.UUID
) -> HttpResponseBase:
    """Fix an initiative in the round, or free it."""

    def do(actor: Actor) -> object:
        return service.set_mandatory(
            actor,
            round_id=round_id,
            initiative_id=initiative_id,
            mandatory=request.POST.get("mandatory") == "true",
        )

    return _do(request, round_id, do, "saved")


@needs(role=(_MINISTRY, "secretariat"))
@require_POST
def suggest(request: HttpRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """Calculate the suggestion."""
    return _do(
        request, round_id, lambda actor: service.suggest(actor, round_id=round_id), "suggested"
    )


@needs(role=_MINISTRY)
@require_POST
def decide(request: HttpRequest, round_id: uuid.UUID) -> HttpResponseBase:
    """Decide the round as chosen on the page, with the reasons written there."""
    posted = request.POST
    starts = _typed(posted, "start-")
    reasons = _typed(posted, "reason-")
    whole = written.posted(request, "reason")
    lang = whole.lang  # the reasons of one decision are written in one language

    def do(actor: Actor) -> object:
        return service.decide(
            actor,
            round_id=round_id,
            chosen={
                i: int(starts[str(i)]) for i in page.ids_of(starts) if starts[str(i)].isdecimal()
            },
            reasons={
                i: wording.written(reasons[str(i)], lang, {}, lang) for i in page.ids_of(reasons)
            },
            reason=whole,
        )

    return _do(request, round_id, do, "decided")


def _typed(posted: QueryDict, prefix: str) -> dict[str, str]:
    """Return what was typed in the fields of one kind, by what follows the prefix in their names."""
    return {
        name.removeprefix(prefix): posted.get(name, "")
        for name in posted
        if name.startswith(prefix)
    }
