"""What must be looked at afterwards: openings with a reason, findings in the log, and who saw a protected case.

Everybody sees what they have opened themselves; leaders their own organisation's; the cleared what was seen of a case
before it was hidden. No page here tells the name of a person whom a case is about.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from samspill.cases.service import findings, incidents, openings
from samspill.cases.web import presenting
from samspill.cases.web.staff import STAFF
from samspill.identity.service import actor_of, needs
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError

_NOT_FOUND, _UNREADABLE = 404, 422
LEADERS = ("municipality_leader", "agency_leader")
#: What was seen, and what it most often is. The employee has done nothing wrong until somebody has asked.
RULES: dict[str, tuple[Promise, Promise]] = {
    "disqualified": (
        gettext_lazy("Too close to somebody in the case"),
        gettext_lazy(
            "The employee was stopped from a case about a person close to them. A colleague can take it."
        ),
    ),
    "family": (
        gettext_lazy("Looked at somebody in the family"),
        gettext_lazy("The register may have been updated after the look."),
    ),
    "same_home": (
        gettext_lazy("Looked at somebody in the same dwelling"),
        gettext_lazy("It may be somebody who has moved in or out."),
    ),
    "same_surname": (
        gettext_lazy("Looked at somebody with the same surname"),
        gettext_lazy("Many share a surname without being related."),
    ),
    "neighbour": (
        gettext_lazy("Looked at somebody in the same street"),
        gettext_lazy("In a small place this is often simply work."),
    ),
    "own_colleague": (
        gettext_lazy("Looked at a colleague"),
        gettext_lazy("Colleagues apply too, and somebody must handle it."),
    ),
    "many_cases": (
        gettext_lazy("Opened many cases without doing anything in them"),
        gettext_lazy("It may be a review, training or help to others."),
    ),
    "many_refused": (
        gettext_lazy("Was refused many times"),
        gettext_lazy("It may be a wrong number, or a role that is missing."),
    ),
    "without_case": (
        gettext_lazy("Looked up many people without a case"),
        gettext_lazy("It may be a busy day at the counter or on the phone."),
    ),
    "outside_hours": (
        gettext_lazy("Worked at night or on a day off"),
        gettext_lazy("It may be overtime or an agreed shift."),
    ),
    "many_lookers": (
        gettext_lazy("Many employees looked at the same person"),
        gettext_lazy("It may be a case that many work on."),
    ),
}
DONE = {
    "seen": gettext_lazy("Marked as looked at."),
    "asked": gettext_lazy("The question is sent. The answer comes here."),
    "answered": gettext_lazy("Your answer is sent to your leader."),
    "finding": gettext_lazy("Noted, with your reason."),
    "incident": gettext_lazy("Noted."),
}


@needs(role=STAFF)
@require_GET
def overview(request: HttpRequest) -> HttpResponseBase:
    """Show what one has opened oneself, and what a leader or a cleared employee must look at."""
    return _page(request)


def _page(
    request: HttpRequest, problem: str = "", about: uuid.UUID | None = None
) -> HttpResponseBase:
    actor = actor_of(request)
    leads = actor.has_role(*LEADERS)
    context: dict[str, Any] = {
        "leads": leads,
        "cleared": actor.has_role("protected_caseworker"),
        "openings": openings.for_leader(actor) if leads else [],
        "findings": [_finding(one) for one in findings.for_leader(actor)] if leads else [],
        "incidents": incidents.for_cleared(actor),
        "mine": openings.mine(actor),
        "done": DONE.get(request.GET.get("gjort", "")),
        "problem": problem,
        "about": about,
        "typed": request.POST,
        "most": openings.MOST,
    }
    return render(
        request, "cases/staff/access_review.html", context, status=_UNREADABLE if problem else 200
    )


def _finding(view: findings.FindingView) -> dict[str, Any]:
    title, often = RULES.get(view.rule, (view.rule, ""))
    return {"view": view, "title": title, "often": often}


def _do(
    request: HttpRequest, about: uuid.UUID, act: Callable[[Actor], None], *, done: str
) -> HttpResponseBase:
    """Do one thing and show the page again; a refusal stands where it was tried."""
    try:
        act(actor_of(request))
    except RefusedError as error:
        if error.refused.status == _NOT_FOUND:
            raise
        return _page(request, presenting.refusal(error.refused), about)
    return redirect(f"{reverse('access-review')}?gjort={done}")


@needs(role=LEADERS)
@require_POST
def opening(request: HttpRequest, opening_id: uuid.UUID) -> HttpResponseBase:
    """Mark an opening as looked at, or ask about it."""
    asks = "ask" in request.POST
    question = request.POST.get("question", "") if asks else ""
    act = partial(openings.look_at, opening_id=opening_id, question=question, asks=asks)
    return _do(request, opening_id, act, done="asked" if asks else "seen")


@needs(role=STAFF)
@require_POST
def answer(request: HttpRequest, opening_id: uuid.UUID) -> HttpResponseBase:
    """Answer one's leader."""
    text = request.POST.get("answer", "")
    act = partial(openings.answer, opening_id=opening_id, text=text)
    return _do(request, opening_id, act, done="answered")


@needs(role=LEADERS)
@require_POST
def finding(request: HttpRequest, finding_id: uuid.UUID) -> HttpResponseBase:
    """Dismiss a finding, or say what is done about it."""
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
    act = partial(findings.settle, finding_id=finding_id, outcome=outcome, reason=reason)
    return _do(request, finding_id, act, done="finding")


@needs(role="protected_caseworker")
@require_POST
def incident(request: HttpRequest, incident_id: uuid.UUID) -> HttpResponseBase:
    """Say what was done about who saw a case before it was hidden."""
    note = request.POST.get("note", "")
    act = partial(incidents.settle, incident_id=incident_id, note=note)
    return _do(request, incident_id, act, done="incident")
