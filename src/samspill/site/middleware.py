"""What every request passes: a request id, security headers, static files, language, refusals."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_http_date_safe
from django.utils.translation import gettext_noop

from samspill.identity.service import stronger_login
from samspill.infra import dead_ends
from samspill.kernel.outcome import Refused, RefusedError

Next = Callable[[HttpRequest], HttpResponseBase]
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'{form_action}; frame-ancestors {ancestors}"
)


def _reference() -> str:
    """Make an id in groups of eight signs: the log hides eleven digits, as a national number."""
    sign = uuid.uuid4().hex
    return "-".join(sign[at : at + 8] for at in range(0, len(sign), 8))


class RequestIdMiddleware:
    """Gives each request an id that follows it into logs and calls."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set `request.request_id` and answer with it in `X-Request-Id`."""
        request.request_id = _reference()  # type: ignore[attr-defined]
        response = self._next(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class SecurityHeadersMiddleware:
    """A strict content policy and its companions on every page (ASVS 3.4)."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response
        login = settings.SAMSPILL["login"]
        issuers = sorted(
            {f" {profile['issuer']}" for profile in login.values() if profile["issuer"]}
        )
        self._form_action = "".join(issuers)
        self._unframed = self._policy("'none'")

    def _policy(self, ancestors: str) -> str:
        return _CSP.format(form_action=self._form_action, ancestors=ancestors)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers; personal pages are never cached."""
        response = self._next(request)
        ancestors = getattr(response, "frame_ancestors", None)
        policy = self._policy(ancestors) if ancestors else self._unframed
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings.SAMSPILL["environment"] == "production":
            response.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class StaticFilesMiddleware:
    """Serves the collected files; a front server may do it instead, by the same addresses."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `/static/…` from the collected folder, everything else from the site."""
        if not request.path.startswith(settings.STATIC_URL):
            return self._next(request)
        name = request.path.removeprefix(settings.STATIC_URL)
        root = settings.STATIC_ROOT.resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            found = finders.find(name) if ".." not in name else None
            if not isinstance(found, str):
                return HttpResponse("Not found", status=404, content_type="text/plain")
            return FileResponse(Path(found).open("rb"))
        modified = int(path.stat().st_mtime)
        since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
        if since is not None and modified <= since:
            return HttpResponse(status=304)
        response = FileResponse(path.open("rb"))
        response["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class LanguageMiddleware:
    """The language of the page: the person's choice (cookie), else what the browser asks for."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Activate nb, nn or en for the request and say so in `Content-Language`."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in LANGUAGES else _asked_for(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self._next(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _asked_for(request: HttpRequest) -> str:
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        code = part.split(";")[0].strip().split("-")[0]
        code = "nb" if code == "no" else code
        if code in LANGUAGES:
            return code
    return settings.LANGUAGE_CODE


class RefusalMiddleware:
    """Turns a `RefusedError` into a page (or JSON) that says what, where and the remedy.

    Refuses a form or a query with a NUL character before any view sees it: the database cannot hold one, no
    keyboard writes one, and a view that met one would fall over.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self._next(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse text that cannot be stored."""
        del view, args, kwargs
        where = next((name for name, value in _texts(request) if "\x00" in name + value), None)
        return None if where is None else answer_refusal(request, _unstorable(where))

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answer a refusal; everything else goes on to the error page.

        Whoever a service asks a stronger login of is led to it, as the service's package says.
        """
        if not isinstance(exception, RefusedError):
            return None
        refused = exception.refused
        if refused.status == 404:  # noqa: PLR2004
            raise Http404 from exception
        if refused.code == "login_too_weak" and not request.path.startswith("/api/"):
            return stronger_login(request, refused.values["level"])
        return answer_refusal(request, refused)


def _texts(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            for value in values:
                yield name, str(value)


def _unstorable(where: str) -> Refused:
    return Refused(
        "unstorable_text",
        gettext_noop("The text holds a character that cannot be stored."),
        where=where.replace("\x00", ""),
        remedy=gettext_noop("Write it again by hand instead of pasting it."),
    )


#: Refusals that need more than their words: a page of their own.
_PAGES: Final = {"safe_contact": "cases/safe_contact.html"}


def answer_refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return a refusal as a page, or as the error object for the API."""
    if request.path.startswith("/api/"):
        return JsonResponse({"error": refused.as_error()}, status=refused.status)
    if refused.status != HTTPStatus.TOO_MANY_REQUESTS:  # who waits a little comes further
        dead_ends.count(refused.code, actor=getattr(request, "actor", None))
    page = _PAGES.get(refused.code, "site/refused.html")
    answer = render(request, page, {"refused": refused}, status=refused.status)
    if refused.code in _PAGES:  # a form that saves by itself gives way to the page
        answer["HX-Retarget"], answer["HX-Reswap"] = "body", "innerHTML"
    return answer
