"""Who may come to a view: `@needs` on every view, and the rule it leaves there for a test to find.

    @needs(role="citizen", level="substantial")      a person who is logged in
    @needs(role=("agency_caseworker", "agency_leader"))
    @needs(role=ANYONE)                              said aloud, so that no view is open by oversight

The rule says who may call the view at all. Whose case it may touch is decided by the service behind it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

import attrs
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from samspill.identity.domain import is_enough, safe_next
from samspill.infra import access_log
from samspill.kernel.actor import Actor, Level

ANYONE = "anyone"
CITIZEN = "citizen"
EMPLOYEE = "employee"
MACHINE = "machine"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@attrs.frozen
class AccessRule:
    """What a view demands: one of the roles, and at least the level; of a machine, the scope of its token."""

    roles: frozenset[str]
    level: Level
    scope: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether the view is open to everybody."""
        return ANYONE in self.roles

    @property
    def profile(self) -> str:
        """Which login leads here; empty when both may."""
        if CITIZEN in self.roles:
            return CITIZEN if len(self.roles) == 1 else ""
        return EMPLOYEE


def needs(*, role: str | tuple[str, ...], level: Level = "substantial") -> Callable[[View], View]:
    """Let only actors with a role and a level in; lead others to log in, choose a unit or step up.

    Roles: `anyone`, `citizen`, `employee` (any organisation), or role names of `kernel.actor`.
    """
    roles = frozenset((role,) if isinstance(role, str) else role)
    rule = AccessRule(roles, "none" if ANYONE in roles else level)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refusal = check(request, rule)
            return refusal if refusal is not None else view(request, *args, **kwargs)

        guarded.access_rule = rule  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def rule_of(view: object) -> AccessRule | None:
    """Return the rule of a view (also through wrappers and class-based views), or None if it has none."""
    seen = view
    while seen is not None:
        rule = getattr(seen, "access_rule", None)
        if isinstance(rule, AccessRule):
            return rule
        seen = getattr(seen, "view_class", None) or getattr(seen, "__wrapped__", None)
    return None


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts; `ActorMiddleware` has found out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def check(request: HttpRequest, rule: AccessRule) -> HttpResponseBase | None:
    """Return None when the request may pass, else the answer that leads on."""
    actor = actor_of(request)
    if rule.is_open:
        return None
    if actor.kind == "anonymous":
        return _to_login(request, rule)
    if not _has_role(actor, rule):
        return _refuse(request, actor, rule)
    if not is_enough(actor.level, wanted=rule.level):
        return _to_login(request, rule, step_up=True)
    return None


def _has_role(actor: Actor, rule: AccessRule) -> bool:
    return actor.kind in rule.roles or actor.has_role(*rule.roles)


def _to_login(request: HttpRequest, rule: AccessRule, *, step_up: bool = False) -> HttpResponseBase:
    """Lead to the login page; for a script, say so in its own way."""
    if _is_api(request):
        return _api_error("login_required", "Log in to use this address.", 401)
    query = {"next": _return_to(request)}
    if step_up or rule.level == "high":
        query["nivaa"] = rule.level
    if rule.profile:
        query["som"] = rule.profile
    if getattr(request, "session_timed_out", False):
        query["utlopt"] = "1"
    address = f"/logg-inn/?{urlencode(query)}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def stronger_login(request: HttpRequest, level: Level) -> HttpResponseBase:
    """Lead a citizen to a login of the level that a service demands, and back to where they were (step-up)."""
    return _to_login(request, AccessRule(frozenset({"citizen"}), level), step_up=True)


def _refuse(request: HttpRequest, actor: Actor, rule: AccessRule) -> HttpResponseBase:
    """Refuse a wrong role with a page that says what to do; the attempt is logged."""
    several = getattr(request, "identity_units", ())
    if actor.kind == EMPLOYEE and several and not actor.org_no and not _is_api(request):
        return redirect(f"/logg-inn/enhet/?{urlencode({'next': _return_to(request)})}")
    name = request.resolver_match.view_name if request.resolver_match else ""
    access_log.record(
        actor=actor, action="read", purpose="open page", outcome="deny", detail={"view": name}
    )
    if _is_api(request):
        return _api_error("role_required", "Your role does not give access to this address.", 403)
    return render(request, "identity/wrong_role.html", {"rule": rule}, status=403)


def _return_to(request: HttpRequest) -> str:
    """Return where to go after login: this page, or for a sent form the page it was on."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return safe_next(request.get_full_path())
    came_from = urlsplit(
        request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    )
    return safe_next(came_from.path) if came_from.netloc == request.get_host() else "/"


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _api_error(code: str, message: str, status: int) -> JsonResponse:
    remedy = "Log in with the right role and level, or use a machine token."
    return JsonResponse(
        {"error": {"code": code, "message": message, "where": "", "remedy": remedy}}, status=status
    )
