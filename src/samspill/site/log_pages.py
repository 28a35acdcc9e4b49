"""Pages of the log: how anyone can check it, who has looked at my data, and what leaders must answer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra import looks
from samspill.infra.proof import countersigning, keys, sealing
from samspill.kernel.outcome import RefusedError
from samspill.site import looking

ANSWERS = (*looks.LEADERS, looks.CLEARED, looks.OPERATOR)
_SHOWN = 12
_MOST_DIGITS = 18


@needs(role=ANYONE)
@require_GET
def log(request: HttpRequest) -> HttpResponseBase:
    """Explain how the log can be checked by anyone, with its last checkpoints."""
    rows = [
        (one, [seen.witness for seen in countersigning.of_checkpoint(one.id)])
        for one in sealing.latest(_SHOWN)
    ]
    base = settings.SAMSPILL["base_url"].rstrip("/")
    key = keys.log_signer().key.as_text()
    context = {"checkpoints": rows, "key": key, "base_address": base}
    response = render(request, "site/log/log.html", context)
    if request.actor.kind == "anonymous":  # type: ignore[attr-defined]
        response["Cache-Control"] = "private, max-age=30"
    return response


@needs(role=ANYONE)
@require_GET
def check(request: HttpRequest) -> HttpResponseBase:
    """Let the browser check a receipt; nothing is sent here."""
    return render(request, "site/log/check.html", {"key": keys.log_signer().key.as_text()})


@needs(role="citizen")
@require_GET
def mine(request: HttpRequest) -> HttpResponseBase:
    """Show who has looked at one's data."""
    own, before = request.GET.get("egne") == "1", _number(request.GET.get("for", ""))
    lines, more, protected = looking.my_lines(actor_of(request), own=own, before=before)
    query = f"?{'egne=1&' if own else ''}for={more}"
    context = {
        "lines": lines, "own": own, "protected": protected, "first": before is None,
        "next_url": query if more is not None else "",
    }  # fmt: skip
    return render(request, "site/log/mine.html", context)


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, entry_id: int) -> HttpResponseBase:
    """Show one look; report that it seems wrong."""
    problem, text, status = None, "", 200
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            looking.report(actor_of(request), entry_id=entry_id, text=text)
            return redirect(f"{reverse('my-look', args=[entry_id])}?meldt=1")
        except RefusedError as error:
            if error.refused.code != "text_needed":
                raise
            problem, status = error.refused, 422
    context = {
        "line": looking.my_line(actor_of(request), entry_id),
        "problem": problem, "text": text, "reported": request.GET.get("meldt") == "1",
        "most": looks.MAX_TEXT,
    }  # fmt: skip
    return render(request, "site/log/one.html", context, status=status)


@needs(role="citizen")
@require_GET
def receipt(request: HttpRequest, entry_id: int) -> HttpResponseBase:
    """Give the receipt of one look as a file."""
    found = looking.my_receipt(actor_of(request), entry_id)
    name = f'attachment; filename="samspill-logg-{entry_id}.json"'
    response = JsonResponse(found, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = name
    return response


@needs(role=ANSWERS)
@require_GET
def reports(request: HttpRequest) -> HttpResponseBase:
    """Show the reports that one's organisation must answer."""
    return _reports(request)


@needs(role=ANSWERS)
@require_POST
def answer(request: HttpRequest, report_id: uuid.UUID) -> HttpResponseBase:
    """Answer a report."""
    text = request.POST.get("text", "")
    try:
        looks.answer(actor_of(request), report_id=report_id, text=text)
    except RefusedError as error:
        if error.refused.code == "not_found":
            raise
        return _reports(request, error, report_id, text)
    return redirect(f"{reverse('look-reports')}?gjort=1")


def _reports(
    request: HttpRequest,
    error: RefusedError | None = None,
    report_id: uuid.UUID | None = None,
    text: str = "",
) -> HttpResponseBase:
    context = {
        "reports": looking.reports_to_answer(actor_of(request)),
        "problem": error.refused if error else None,
        "problem_id": report_id,
        "text": text,
        "done": request.GET.get("gjort") == "1",
        "most": looks.MAX_TEXT,
    }
    return render(request, "site/log/reports.html", context, status=422 if error else 200)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


urlpatterns = [
    path("logg/", log, name="log"),
    path("logg/kontroller/", check, name="check-receipt"),
    path("min-side/innsyn/", mine, name="my-looks"),
    path("min-side/innsyn/<int:entry_id>/", one, name="my-look"),
    path("min-side/innsyn/<int:entry_id>/kvittering.json", receipt, name="my-look-receipt"),
    path("arbeid/innsyn/", reports, name="look-reports"),
    path("arbeid/innsyn/<uuid:report_id>/", answer, name="look-report"),
]
