"""The page where a leader sees which employees are logged in, and cuts one off at once."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from samspill.identity import cutting_off
from samspill.identity.access import needs
from samspill.infra import refusals
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError


@needs(role=cutting_off.LEADERS)
@require_http_methods(["GET", "POST"])
def logged_in(request: HttpRequest) -> HttpResponseBase:
    """Show the employees of one's organisation whose login may be open; end one's logins."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problem, status = "", 200
    if request.method == "POST":
        try:
            cutting_off.cut_off(actor, person_id=_as_id(request.POST.get("person", "")))
            return redirect(f"{reverse('staff-logged-in')}?gjort=1")
        except RefusedError as error:
            problem, status = refusals.in_words(error.refused), refusals.status_of(error.refused)
    context = {
        "people": cutting_off.logged_in(actor),
        "problem": problem,
        "done": request.GET.get("gjort") == "1" and not problem,
    }
    return render(request, "identity/staff.html", context, status=status)


def _as_id(text: str) -> uuid.UUID:
    """Read who is meant; what is no id is nobody's."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
