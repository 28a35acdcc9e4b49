"""Come to a case outside one's tasks, with a reason; and hand a case to a colleague."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from samspill.cases.service import handing_over, openings
from samspill.cases.web import presenting
from samspill.cases.web.staff import STAFF
from samspill.identity.service import actor_of, needs
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages

_NOT_FOUND, _UNREADABLE = 404, 422
_IN_THE_FORM = ("reason_needed", "no_such_colleague")


@needs(role=STAFF)
@require_http_methods(["GET", "POST"])
def open_case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Ask for a written reason, and open the case for reading when it is given."""
    actor, problem, reason = actor_of(request), "", request.POST.get("reason", "")
    found = openings.outside(actor, case_id=case_id)
    if not found.needs_reason:
        return redirect("staff-case", case_id=case_id)
    if request.method == "POST":
        try:
            openings.open_with_reason(actor, case_id=case_id, reason=reason)
            return redirect("staff-case", case_id=case_id)
        except RefusedError as error:
            problem = _in_the_form(error)
    context = {
        "case": found, "problem": problem, "reason": reason, "most": openings.MOST,
        "hours": openings.OPENS_FOR.seconds // 3600, **_named(found),
    }  # fmt: skip
    return render(
        request, "cases/staff/outside.html", context, status=_UNREADABLE if problem else 200
    )


@needs(role=STAFF)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Hand the case to a colleague who is chosen by name."""
    actor, problem, posted = actor_of(request), "", request.POST
    if request.method == "POST":
        try:
            handing_over.hand_over(
                actor, case_id=case_id, to=_uuid(posted.get("to", "")), why=posted.get("why", "")
            )
            return redirect(f"{reverse('staff-case', kwargs={'case_id': case_id})}?gjort=handed")
        except RefusedError as error:
            problem = _in_the_form(error)
    case, colleagues = handing_over.receivers(actor, case_id=case_id)
    context = {
        "case_id": case.id, "colleagues": colleagues, "chosen": posted.get("to", ""),
        "why": posted.get("why", ""), "problem": problem, "most": openings.MOST,
    }  # fmt: skip
    return render(
        request, "cases/staff/hand_over.html", context, status=_UNREADABLE if problem else 200
    )


def _in_the_form(error: RefusedError) -> str:
    """Return what to say in the form; raise what does not belong there."""
    if error.refused.code not in _IN_THE_FORM:
        raise error
    return presenting.refusal(error.refused)


def _named(found: openings.Outside) -> dict[str, Any]:
    """Return service and unit in words."""
    package = packages.pinned(found.package_id, found.package_version, found.package_sha256)
    language = presenting.language()
    known = {route.unit for route in package.conditions.routing}
    return {
        "service": package.text("service.title", language),
        "unit": package.text(f"unit.{found.unit}.label", language) if found.unit in known else "",
    }


def _uuid(text: str) -> uuid.UUID:
    """Return the identifier; one that nobody has when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
