"""Pages of the door: choose a way in, come back from the provider, choose a unit, leave."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity import service
from samspill.identity.access import ANYONE, EMPLOYEE, needs
from samspill.identity.domain import Profile, Rejected, safe_next
from samspill.identity.texts import MESSAGES
from samspill.identity.web.policy import form_policy
from samspill.infra import dead_ends
from samspill.kernel.actor import Actor, Level
from samspill.kernel.outcome import Refused

_PATHS: dict[str, str] = {"citizen": "/logg-inn/person/", "employee": "/logg-inn/ansatt/"}
# Pages kept in memory for the back button go too. Not "cookies": that would reach every site of the same domain, and
# the choice of language; our own cookie is deleted by name (ASVS 14.3.1).
_CLEARED = '"cache", "storage"'


@needs(role=ANYONE)
@require_GET
def choose_login(request: HttpRequest) -> HttpResponseBase:
    """Show the ways in; say why one is asked, and what to do without electronic ID."""
    next_url = safe_next(request.GET.get("next", "/"))
    level = _level(request.GET.get("nivaa", ""))
    query = urlencode({"next": next_url, "nivaa": level})
    context = {
        "ways": {profile: f"{path}?{query}" for profile, path in _PATHS.items()},
        "only": request.GET.get("som", ""),
        "stronger": level == "high" and _actor(request).kind != "anonymous",
        "timed_out": request.GET.get("utlopt") == "1",
    }
    if context["stronger"]:
        dead_ends.count("login_level", actor=_actor(request))
    return render(request, "identity/login.html", context)


@needs(role=ANYONE)
@require_GET
def begin(request: HttpRequest, profile: Profile) -> HttpResponseBase:
    """Send the browser to the provider."""
    level = _level(request.GET.get("nivaa", ""))
    next_url = safe_next(request.GET.get("next", "/"))
    begun = service.begin_login(
        profile,
        level=level,
        language=_actor(request).language,
        next_url=next_url,
        browser=request.COOKIES.get(_browser_cookie()),
    )
    if isinstance(begun, Refused):
        return _refusal(request, profile, begun, next_url=next_url, level=level)
    response = redirect(begun.url)
    _set_cookie(response, _browser_cookie(), begun.browser, max_age=600)
    return response


@needs(role=ANYONE)
@require_GET
def finish(request: HttpRequest, profile: Profile) -> HttpResponseBase:
    """Take the provider's answer: a session, or a page that says what happened and the ways on."""
    started = service.finish_login(
        profile,
        parameters=request.GET.dict(),
        browser=request.COOKIES.get(_browser_cookie()),
        previous_token=request.COOKIES.get(service.session_cookie()),
    )
    if isinstance(started, Refused):
        return _refusal(request, profile, started)
    next_url = started.next_url
    if started.must_choose_unit:
        next_url = f"/logg-inn/enhet/?{urlencode({'next': next_url})}"
    rotate_token(request)
    response = redirect(next_url)
    _set_cookie(response, service.session_cookie(), started.token)
    return response


@needs(role=EMPLOYEE)
@require_http_methods(["GET", "POST"])
def choose_unit(request: HttpRequest) -> HttpResponseBase:
    """Let an employee with several organisations say for which one they work now."""
    next_url = safe_next(request.POST.get("next") or request.GET.get("next", "/"))
    if request.method == "POST":
        unit = service.choose_unit(actor=_actor(request), org_no=request.POST.get("unit", ""))
        if unit is not None:
            return redirect(service.home_of("employee", [unit]) if next_url == "/" else next_url)
    units = request.identity_units  # type: ignore[attr-defined]
    context = {"units": units, "next": next_url, "chosen": _actor(request).org_no}
    if not units:
        context["message"] = MESSAGES["no_organisation"]
        return render(request, "identity/no_organisation.html", context, status=403)
    context["not_chosen"] = request.method == "POST"
    return render(
        request, "identity/units.html", context, status=422 if context["not_chosen"] else 200
    )


@needs(role=ANYONE)
@require_POST
def log_out(request: HttpRequest) -> HttpResponseBase:
    """End the session here, and offer to end the provider's too."""
    elsewhere = service.log_out(actor=_actor(request))
    request.actor = service.actor_from(request)  # type: ignore[attr-defined]
    response = render(request, "identity/logged_out.html", {"elsewhere": elsewhere})
    response.delete_cookie(service.session_cookie())
    response["Clear-Site-Data"] = _CLEARED
    if elsewhere:
        response["Content-Security-Policy"] = form_policy(elsewhere.url)
    return response


@needs(role=ANYONE)
@require_GET
def logged_out(request: HttpRequest) -> HttpResponseBase:
    """Say that one is logged out; the provider sends people here."""
    response = render(request, "identity/logged_out.html", {"elsewhere": None})
    response["Clear-Site-Data"] = _CLEARED
    return response


@needs(role=ANYONE)
@require_GET
def provider_logged_out(request: HttpRequest) -> HttpResponseBase:
    """End the sessions of a provider's session (front-channel: an iframe of theirs, without our cookie)."""
    service.provider_ended_by_sid(issuer=request.GET.get("iss", ""), sid=request.GET.get("sid", ""))
    response = HttpResponse("", content_type="text/plain; charset=utf-8")
    issuers = {profile["issuer"] for profile in settings.SAMSPILL["login"].values()}
    extra = settings.SAMSPILL.get("frontchannel_ancestors", "https://login.idporten.no")
    response.frame_ancestors = " ".join(  # type: ignore[attr-defined]
        sorted({_origin(issuer) for issuer in issuers if issuer} | set(extra.split()))
    )
    return response


@csrf_exempt
@needs(role=ANYONE)
@require_POST
def provider_logged_out_by_token(request: HttpRequest) -> HttpResponseBase:
    """End the sessions that a signed logout token names (back-channel); quick, and safe to repeat."""
    outcome = service.provider_ended(logout_token=request.POST.get("logout_token", ""))
    if isinstance(outcome, Rejected):
        body = {"error": "invalid_request", "error_description": outcome.detail}
        return JsonResponse(body, status=400)
    return HttpResponse(status=200)


@needs(role=ANYONE)
@require_GET
def keys(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give our public keys; providers fetch them to check our signatures."""
    response = JsonResponse(service.published_keys())
    response["Cache-Control"] = "public, max-age=300"
    return response


def _refusal(
    request: HttpRequest,
    profile: Profile,
    refused: Refused,
    *,
    next_url: str = "/",
    level: Level = "substantial",
) -> HttpResponse:
    """Show what went wrong with a login, a way to try again, and the other ways in."""
    query = urlencode({"next": next_url, "nivaa": level})
    context = {
        "message": MESSAGES[refused.code],
        "again": f"{_PATHS[profile]}?{query}",
        "profile": profile,
    }
    if profile == "citizen":
        dead_ends.count(f"login.{refused.code}", actor=None)
    return render(request, "identity/refused.html", context, status=refused.status)


def _set_cookie(
    response: HttpResponse, name: str, value: str, *, max_age: int | None = None
) -> None:
    secure = settings.SAMSPILL["environment"] == "production"
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def _browser_cookie() -> str:
    return f"{service.session_cookie()}-login"


def _level(text: str) -> Level:
    return "high" if text == "high" else "substantial"


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]
