"""Effect lines: the list, and one line with live recalculation (HTMX, or a button without script)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.impact import service
from samspill.impact.domain import reductions
from samspill.impact.service import describing
from samspill.impact.web import form, page, words
from samspill.impact.web.page import TOGETHER
from samspill.infra import refusals
from samspill.infra.written import reader
from samspill.kernel.outcome import RefusedError

NEW = "ny"
_DRAWS = 1024


@needs(role=TOGETHER)
@require_GET
def lines(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """List the effect lines of an initiative."""
    context = page.initiative(request, initiative_id, "lines")
    found = service.lines_of(initiative_id, actor=actor_of(request))
    lacking = {item["name"]: item["lacks"] for item in service.incomplete(found)}
    context |= {
        "lines": [_row(line, lacking.get(line.key, [])) for line in found.lines],
        "found": found,
        "lacking": len(lacking),
    }
    return page.show(request, "lines.html", context)


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, initiative_id: uuid.UUID, key: str) -> HttpResponseBase:
    """Show one line; a post recalculates (`do=preview`), saves or takes it out."""
    if request.method == "GET":
        return _form(request, initiative_id, key)
    if request.POST.get("do") == "preview":
        return _form(request, initiative_id, key, preview=_calculated(request, initiative_id, key))
    done = "removed" if request.POST.get("do") == "remove" else "saved"
    return refusals.act(
        lambda: _save(request, initiative_id, key),
        then=reverse("impact-lines", args=[initiative_id]),
        done=done,
        again=lambda problem: _form(request, initiative_id, key, problem=problem),
    )


@needs(role=TOGETHER)
@require_POST
def recalculate(request: HttpRequest, initiative_id: uuid.UUID, key: str) -> HttpResponseBase:
    """Give what the initiative comes to with the line as it is typed: the fragment beside the form."""
    page.initiative(request, initiative_id, "lines")
    found = _calculated(request, initiative_id, key)
    return render(request, "impact/_preview.html", {"preview": found})


def _form(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    key: str,
    *,
    problem: RefusedError | None = None,
    preview: dict[str, Any] | None = None,
) -> HttpResponseBase:
    context = page.initiative(request, initiative_id, "lines")
    found = service.lines_of(initiative_id, actor=actor_of(request))
    raw: dict[str, Any] = next((dict(item) for item in found.raw if item["key"] == key), {})
    if key != NEW and not raw:
        raise describing.unknown_line(key)
    question = request.GET.get("sporsmal", "")
    context |= {
        "key": key,
        "is_new": key == NEW,
        "take": request.POST.get("take", found.take),
        "parts": form.parts(raw or form.suggested(question), request.POST, problem=problem),
        "preview": preview or {},
        "title": _title(found, key) if raw else _("New line"),
    }
    return page.show(request, "line.html", context, problem=problem)


def _title(found: service.Lines, key: str) -> str:
    """Return what a line is called in the reader's language, its key without a name."""
    named = {line.key: line.said("name", reader()) for line in found.lines}
    return named.get(key) or key


def _save(request: HttpRequest, initiative_id: uuid.UUID, key: str) -> None:
    found = service.lines_of(initiative_id, actor=actor_of(request))
    if request.POST.get("do") == "remove":
        changed: list[Mapping[str, Any]] = [item for item in found.raw if item["key"] != key]
    else:
        changed = form.placed(found.raw, key, form.read(request.POST))
    take = int(request.POST["take"]) if request.POST.get("take", "").isdecimal() else -1
    service.save_lines(actor_of(request), initiative_id=initiative_id, lines=changed, take=take)


def _calculated(request: HttpRequest, initiative_id: uuid.UUID, key: str) -> dict[str, Any]:
    """Return the total as it would be, and the line alone; or what keeps it from being calculated."""
    actor = actor_of(request)
    found = service.lines_of(initiative_id, actor=actor)
    try:
        outcome = describing.preview(
            actor,
            initiative_id=initiative_id,
            lines=form.placed(found.raw, key, form.read(request.POST)),
            draws=_DRAWS,
        )
    except RefusedError as error:
        return {"problem": refusals.in_words(error.refused)}
    return {
        "rows": [
            _figure(_("Net cost in kroner"), outcome.results["kroner"].total),
            _figure(_("Net hours used"), outcome.results["hours"].total),
        ],
        "years": outcome.plan.years,
        "municipalities": len(outcome.plan.places),
    }


def _figure(label: str, found: reductions.Figures) -> dict[str, Any]:
    """Return a row of the calculation; its unit stands in the label, for there is little room beside a form."""
    one, how = found.at(0), page.numbers()
    return {"label": label, **{name: how.say(one[name]) for name in ("p10", "p50", "p85", "mean")}}


def _row(line_: Any, lacks: list[str]) -> dict[str, Any]:
    how = page.hours() if line_.column == "hours" else page.money()
    return {
        "key": line_.key,
        "name": line_.said("name", reader()) or words.word(words.QUESTIONS, line_.key),
        "category": words.word(
            words.CATEGORIES,
            words.kind_of(line_.category, in_hours=line_.column == "hours"),
        ),
        "bearer": words.word(words.BEARERS, line_.bearer),
        "driver": words.driver(str(line_.driver)),
        "quantity": attrs.evolve(how, decimals=_decimals(line_.quantity)).say(line_.quantity)
        if line_.column
        else f"{line_.quantity:+g}",
        "grade": words.word(words.GRADES, line_.grade),
        "lacks": [form.lack(name) for name in lacks],
    }


def _decimals(quantity: float) -> int:
    """Return how many decimals show a quantity: it is often a small part of an hour for each inhabitant.

    >>> [_decimals(value) for value in (0, 180, 2.5, 0.02, 0.0026)]
    [0, 0, 1, 2, 4]
    """
    return next((n for n in range(7) if round(quantity, n) == quantity), 7)
