"""Sets `request.actor` on every request: who acts, found by the session cookie."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from samspill.identity import service
from samspill.infra import generation, isolation


class ActorMiddleware:
    """Finds the actor once per request: no query without a cookie, one with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set the actor and go on; what the request may take from memory holds until it ends."""
        try:
            actor = service.actor_from(request)
            request.actor = actor  # type: ignore[attr-defined]
            if (
                actor.kind == "employee"
            ):  # what the work reaches; of a citizen the session's statement said all
                isolation.enter(actor)
            elif actor.kind == "anonymous":
                isolation.leave()
            return self._next(request)
        finally:
            generation.forget()
