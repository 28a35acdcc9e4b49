"""The page where one sees where one is logged in, and ends what one does not know."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from samspill.identity import service
from samspill.identity.access import EMPLOYEE, needs
from samspill.kernel.actor import Actor


@needs(role=("citizen", EMPLOYEE))
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponseBase:
    """Show one's sessions; end one, or all the others."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        if "others" in request.POST:
            service.end_my_other_sessions(actor)
        elif (chosen := _as_id(request.POST.get("session", ""))) is not None:
            service.end_my_session(actor, session_id=chosen)
        return redirect(f"{reverse('my-sessions')}?gjort=1")
    found = service.my_sessions(actor)
    context = {
        "sessions": found,
        "others": sum(not one.here for one in found),
        "done": request.GET.get("gjort") == "1",
    }
    return render(request, "identity/sessions.html", context)


def _as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
