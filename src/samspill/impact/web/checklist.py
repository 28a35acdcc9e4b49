"""The checklist of what an introduction costs, asked in full."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samspill.identity.service import actor_of, needs
from samspill.impact import service
from samspill.impact.web import page, words
from samspill.impact.web.page import TOGETHER
from samspill.infra import refusals, written
from samspill.kernel.outcome import RefusedError


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def checklist(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show every question with its line or its reason; save the reasons."""
    if request.method == "GET":
        return _shown(request, initiative_id)
    given = {
        name.removeprefix("why-"): {
            "answer": "none" if text.strip() else "unknown",
            "why": written.posted(request, name),
        }
        for name, text in request.POST.items()
        if name.startswith("why-") and "." not in name and isinstance(text, str)
    }
    return refusals.act(
        lambda: service.answer_checklist(
            actor_of(request), initiative_id=initiative_id, given=given
        ),
        then=reverse("impact-checklist", args=[initiative_id]),
        done="saved",
        again=lambda problem: _shown(request, initiative_id, problem),
    )


def _shown(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponseBase:
    context = page.initiative(request, initiative_id, "checklist")
    found = service.answers(initiative_id, actor=actor_of(request))
    names = {
        line.key: line.said("name", written.reader())
        for line in service.lines_of(initiative_id, actor=actor_of(request)).lines
    }
    rows = [{**_row(one, names), **_wordings(request, one)} for one in found]
    context |= {
        "groups": [
            (_("Comes once"), [row for row in rows if row["when"] == "once"]),
            (_("Comes every year"), [row for row in rows if row["when"] == "yearly"]),
        ],
        "open": sum(one.answer == "unknown" for one in found),
    }
    return page.show(request, "checklist.html", context, problem=problem)


def _wordings(request: HttpRequest, one: service.Answer) -> dict[str, Any]:
    """Return the language of a reason and its wordings in the others, as fields and as text."""
    name = f"why-{one.question.key}"
    return {"written": {**written.asked(request, name, one.why), "is_compact": True}, "id": name}


def _row(one: service.Answer, names: Mapping[str, str]) -> dict[str, Any]:
    label = words.word(words.QUESTIONS, one.question.key)
    field = {
        "name": f"why-{one.question.key}",
        "type": "text",
        "label": _("Costs nothing, because"),
        "value": str(one.why),
        "max_length": 300,
    }
    return {
        "key": one.question.key,
        "label": label,
        "when": one.question.when,
        "answer": one.answer,
        "why": one.why,
        "lines": [(key, names.get(key) or label) for key in one.lines],
        "field": field,
    }
