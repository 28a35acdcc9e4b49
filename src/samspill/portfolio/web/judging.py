"""Judge together: relevance by both sides, KS' statement and dissent, comments."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import refusals, written
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import relevance as rules
from samspill.portfolio.service import words
from samspill.portfolio.web import page
from samspill.portfolio.web.page import TOGETHER

_FIGURES = 4
_FIGURE = ("name", "unit", "owner", "ks")


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def relevance(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show both sides' verdicts side by side, and let one's own side sign."""
    if request.method == "GET":
        return _relevance(request, initiative_id)
    return page.act(
        request,
        lambda actor: service.sign_relevance(
            actor,
            initiative_id=initiative_id,
            verdict=request.POST.get("verdict", ""),
            criteria=_criteria(request),
            remark=written.posted(request, "remark"),
            answer_by=page.day_of(request, "answer_by"),
        ),
        then=reverse("initiative-relevance", args=[initiative_id]),
        done="signed",
        again=lambda error: _relevance(request, initiative_id, error),
    )


def _criteria(request: HttpRequest) -> dict[str, dict[str, Any]]:
    posted = {key: request.POST.get(key, "") for key in rules.CRITERIA}
    return {
        key: {"yes": value == "true", "why": request.POST.get(f"{key}.why", "")}
        for key, value in posted.items()
        if value in ("true", "false")
    }


def _relevance(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    context = page.initiative_context(request, initiative_id, "relevance")
    one = context["one"]
    verdicts = service.story(initiative_id, actor=actor_of(request)).verdicts
    current = {v.side: v for v in verdicts if v.version == one.version}
    may_sign = (context["is_owner"] or context["is_ks"]) and one.state not in (
        "registered",
        "not_relevant",
        "closed",
        "stopped",
    )
    side = "owner" if context["is_owner"] else "ks"
    context |= {
        "standing": words.STANDINGS[one.relevance.state],
        "standing_key": one.relevance.state,
        "holds": words.VERDICTS.get(one.relevance.verdict, ""),
        "until": one.relevance.until,
        **_beside(verdicts, current),
        "may_sign": may_sign,
        "has_signed": may_sign and side in current,
        "fields": _fields(request, current.get(side), problem) if may_sign else [],
        "written": written.asked(
            request, "remark", mine.remark if (mine := current.get(side)) else None
        ),
    }
    return page.show(request, "relevance.html", context, problem=problem)


def _beside(verdicts: list[Any], current: dict[str, Any]) -> dict[str, Any]:
    """Return both sides' verdicts and answers side by side, and those that were replaced."""
    return {
        "sides": [_side(key, current.get(key)) for key in rules.SIDES],
        "rows": [_row(key, current) for key in rules.CRITERIA],
        "earlier": [
            {"line": v, "side": words.SIDES[v.side], "verdict": words.VERDICTS[v.verdict]}
            for v in verdicts
            if current.get(v.side) is not v
        ],
    }


def _side(key: str, verdict: Any) -> dict[str, Any]:
    return {
        "name": words.SIDES[key],
        "verdict": words.VERDICTS[verdict.verdict] if verdict else "",
        "line": verdict,
    }


def _row(key: str, current: dict[str, Any]) -> dict[str, Any]:
    answers = [current[s].criteria.get(key) if s in current else None for s in rules.SIDES]
    given = [one["yes"] for one in answers if one]
    return {
        "label": words.CRITERIA[key],
        "answers": answers,
        "differs": len(given) == len(rules.SIDES) and len(set(given)) > 1,
    }


def _fields(request: HttpRequest, mine: Any, problem: RefusedError | None) -> list[dict[str, Any]]:
    stored = mine.criteria if mine else {}
    fields = []
    for key in rules.CRITERIA:
        before = stored.get(key, {})
        yes = "" if "yes" not in before else "true" if before["yes"] else "false"
        question = page.field(
            request, key, "boolean", words.CRITERIA[key], value=yes, required=True
        )
        if problem is not None and problem.refused.where == f"criteria.{key}":
            question["error"] = refusals.in_words(problem.refused)
        fields.append(question)
        fields.append(
            page.field(request, f"{key}.why", "text", _("Why?"), value=before.get("why", ""))
            | {"id": f"{key}-why"}
        )
    return [*fields, *_verdict_fields(request, mine, problem)]


def _verdict_fields(
    request: HttpRequest, mine: Any, problem: RefusedError | None
) -> list[dict[str, Any]]:
    def field(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, label, problem=problem, **more)

    verdict, remark = (mine.verdict, mine.remark) if mine else ("", "")
    choices = [
        {"value": key, "label": label, "help": words.VERDICT_HELP[key]}
        for key, label in words.VERDICTS.items()
    ]
    notice = _("Two weeks from today if you leave it open; never less.")
    return [
        field("verdict", "choice", _("Verdict"), value=verdict, options=choices, required=True),
        field("remark", "longtext", _("Remark"), value=remark),
        field("answer_by", "date", _("The other side answers by"), help=notice),
    ]


@needs(role=TOGETHER)
@require_GET
def statement(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show KS' statements, its own figures beside the owner's, and all comments."""
    return _statement(request, initiative_id)


def _statement(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    problem: RefusedError | None = None,
    *,
    tried: str = "",
) -> HttpResponse:
    """Draw the page; `tried` is the form that was refused, whose words are kept in it."""
    context = page.initiative_context(request, initiative_id, "statement")
    story = service.story(initiative_id, actor=actor_of(request))
    context |= {
        "statements": [
            {"line": one, "position": words.POSITIONS.get(one.position, "")}
            for one in story.comments
            if one.kind != "comment"
        ],
        "comments": [
            {"line": one, "role": words.ROLES.get(one.role, one.role)}
            for one in story.comments
            if one.kind == "comment"
        ],
        "dissents": [_dissent(one) for one in story.dissents],
        "positions": page.options(words.POSITIONS),
        "units": page.options(words.UNITS),
        "rows": [_figure_row(request, at) for at in range(1, _FIGURES + 1)],
        "tried": tried,
        "assessment": story.evidence.get("assessment"),
        "written": written.asked(request, "text"),
    }
    return page.show(request, "statement.html", context, problem=problem)


def _figure_row(request: HttpRequest, at: int) -> dict[str, Any]:
    """Return a row for one of KS' figures with what was typed in it."""
    typed = {key: request.POST.get(f"{key}-{at}", "") for key in _FIGURE}
    return {"n": at, "typed": typed}


def _dissent(one: Any) -> dict[str, Any]:
    rows = [{**row, "unit": words.UNITS.get(row["unit"], row["unit"])} for row in one.figures]
    return {"line": one, "rows": rows}


def _say(request: HttpRequest, initiative_id: uuid.UUID, do: Any, done: str) -> HttpResponse:
    return page.act(
        request,
        do,
        then=reverse("initiative-statement", args=[initiative_id]),
        done=done,
        again=lambda error: _statement(request, initiative_id, error, tried=done),
    )


@needs(role="ks_coordinator")
@require_POST
def state(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Let KS take a position on the figures."""

    def do(actor: Actor) -> object:
        return service.make_statement(
            actor,
            initiative_id=initiative_id,
            position=request.POST.get("position", ""),
            text=written.posted(request, "text"),
        )

    return _say(request, initiative_id, do, "stated")


@needs(role="ks_coordinator")
@require_POST
def dissent(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Let KS lay its own figures beside the owner's."""

    def do(actor: Actor) -> object:
        return service.lodge_dissent(
            actor,
            initiative_id=initiative_id,
            text=written.posted(request, "text"),
            figures=_figures(request),
        )

    return _say(request, initiative_id, do, "dissent")


def _figures(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the rows with a name; a number that cannot be read stays None, and the service says so."""
    rows = []
    for at in range(1, _FIGURES + 1):
        posted = {key: request.POST.get(f"{key}-{at}", "").strip() for key in _FIGURE}
        if posted["name"]:
            rows.append(
                {
                    "name": posted["name"],
                    "unit": posted["unit"],
                    "owner": page.number_of(posted["owner"]),
                    "ks": page.number_of(posted["ks"]),
                }
            )
    return rows


@needs(role=TOGETHER)
@require_POST
def comment(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Add a comment."""

    def do(actor: Actor) -> object:
        return service.comment(
            actor, initiative_id=initiative_id, text=written.posted(request, "text")
        )

    return _say(request, initiative_id, do, "commented")
