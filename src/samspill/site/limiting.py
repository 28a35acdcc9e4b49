"""Slow down who automates what can do harm: a middleware that counts by the table in `data/limits.yaml`.

Refused with 429, `Retry-After`, and a page (or JSON) that says how long to wait. Which address, who and how often is
data; a new address that needs a limit is a line there. Setting: `SAMSPILL_LIMITS`, `SAMSPILL_PROXIES`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop

from samspill.infra import limits
from samspill.infra.limits import Limit
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import Refused
from samspill.site.middleware import answer_refusal

log = logging.getLogger(__name__)
OFF = "off"
_SHIPPED = Path(__file__).parent / "data" / "limits.yaml"
_MINUTE = 60
counter = limits.Counter()


class LimitMiddleware:
    """Counts before the view is called; says how long to wait when it is too much."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self._next(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Count the request if it is limited."""
        del view, args, kwargs
        match = request.resolver_match
        limit = table().get((request.method or "", match.view_name)) if match else None
        subject = _subject(request, limit) if limit else ""
        if limit is None or not subject:
            return None
        seconds = counter.wait(limit, subject)
        return _too_many(request, limit, seconds) if seconds else None


def table() -> dict[tuple[str, str], Limit]:
    """Return the limits of this installation, by method and name of the address."""
    return _table(settings.SAMSPILL["limits"])


@functools.cache
def _table(setting: str) -> dict[tuple[str, str], Limit]:
    if setting == OFF:
        return {}
    file = Path(setting) if setting else _SHIPPED
    found = limits.read(yaml.safe_load(file.read_text("utf-8")))
    return {route: limit for limit in found for route in limit.routes}


def _subject(request: HttpRequest, limit: Limit) -> str:
    """Return by whom or what it is counted; '' when that cannot be told."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if limit.per == "object":
        match = request.resolver_match
        return str(sorted(match.kwargs.items())) if match else ""
    if limit.per == "person" and actor.person_id is not None:
        return str(actor.person_id)
    return limits.network_of(_address(request))


def _address(request: HttpRequest) -> str:
    """Return the caller's address: behind n front servers, the n-th from the end of what they have written."""
    proxies = settings.SAMSPILL["proxies"]
    if not proxies:
        return str(request.META.get("REMOTE_ADDR", ""))
    told = request.headers.get("X-Forwarded-For", "").split(",")
    return told[-proxies] if len(told) >= proxies else ""


def _too_many(request: HttpRequest, limit: Limit, seconds: int) -> HttpResponse:
    log.warning("too many: %s", limit.name)
    minutes = -(-seconds // _MINUTE)
    refused = Refused(
        "too_many",
        gettext_noop("This has been done too many times in a short while."),
        remedy=gettext_noop("Wait a minute and try again. What you have saved is still there.")
        if minutes == 1
        else gettext_noop(
            "Wait %(minutes)s minutes and try again. What you have saved is still there."
        ),
        values={"minutes": minutes},
        status=429,
    )
    response = answer_refusal(request, refused)
    response["Retry-After"] = str(seconds)
    return response
