"""Act for another: two deliberate steps, and a middleware that tries the mandate again at each request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import attrs
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import isolation
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates import service
from samspill.mandates.domain.scopes import title
from samspill.mandates.service import altinn
from samspill.mandates.web import page

_PATHS = ("/soknad/", "/tjenester/", "/kvittering/", "/min-side/sak/", "/brev/", "/vedlegg/")
"""Pages on which one acts for the other. Elsewhere one is oneself, and the page still says whom one has chosen."""
_MY_PAGE = "/min-side/"
_MARK = "1"


def cookie() -> str:
    """Return the name of the cookie that says: look whether this login acts for somebody. It decides nothing."""
    return "__Host-for" if settings.SAMSPILL["environment"] == "production" else "for"


class ActingMiddleware:
    """Sets `request.acting_for`, and `actor.on_behalf_of` where one acts for another; without the cookie, nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Try the mandate anew; when it does not hold any more, stop before anything is shown or done."""
        if request.COOKIES.get(cookie()) != _MARK:
            return self._next(request)
        actor: Any = request.actor  # type: ignore[attr-defined]
        found = service.current(actor)
        if found is None:
            return _ended(request) if _acts_here(request.path) else self._over(request)
        request.acting_for = found  # type: ignore[attr-defined]
        request.acts_here = _acts_here(request.path)  # type: ignore[attr-defined]
        if _acts_here(request.path):
            acting = attrs.evolve(actor, on_behalf_of=found.person_id)
            request.actor = acting  # type: ignore[attr-defined]
            isolation.enter(acting)
        return self._next(request)

    def _over(self, request: HttpRequest) -> HttpResponseBase:
        """Take the mark away on the page that tells that it is over, and not before.

        What a form saves by itself and what its button sends come one after the other: both must lead there.
        """
        response = self._next(request)
        if request.path == reverse("mandate-act"):
            response.delete_cookie(cookie())
        return response


def _acts_here(path: str) -> bool:
    return path == _MY_PAGE or path.startswith(_PATHS)


def _ended(request: HttpRequest) -> HttpResponseBase:
    address = f"{reverse('mandate-act')}?gjort=avsluttet"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def act_for(request: HttpRequest) -> HttpResponseBase:
    """First step: choose whom, or find somebody by number and surname."""
    problem = None
    if request.method == "POST":
        typed = request.POST
        try:
            number, family = typed.get("number", ""), typed.get("family", "")
            found = service.find(actor_of(request), number=number, family=family)
            return redirect("mandate-act-confirm", mandate_id=found.mandate_id)
        except RefusedError as error:
            problem = error
    choices = [
        {
            "one": one,
            "kind": page.KINDS.get(one.kind, one.kind),
            "scopes": page.scope_names(one.scopes),
        }
        for one in service.may_act_for(actor_of(request))
    ]
    fields = [
        page.field(
            request, "number", "national_id", _("National identity number"), problem=problem
        ),
        page.field(request, "family", "text", _("Surname"), problem=problem),
    ]
    context = {"choices": choices, "fields": fields, "altinn": altinn.is_asked()}
    return page.show(request, "act.html", context, problem=problem)


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Second step: see whom and about what, and say yes."""
    problem = None
    if request.method == "POST":
        try:
            scope = request.POST.get("scope", "")
            service.choose(actor_of(request), mandate_id=mandate_id, scope=scope)
            return _chosen()
        except RefusedError as error:
            problem = error
    return _confirm_page(request, mandate_id, problem)


def _confirm_page(
    request: HttpRequest, mandate_id: uuid.UUID, problem: RefusedError | None
) -> HttpResponse:
    choices = service.may_act_for(actor_of(request), ask=False)
    chosen = next((one for one in choices if one.mandate_id == mandate_id), None)
    if chosen is None:
        raise problem or refuse("not_found", "There is no such mandate for you.", status=404)
    named = page.named(chosen.scopes) or chosen.scopes
    field = page.field(
        request,
        "scope",
        "choice",
        _("What is it about?"),
        options=[{"value": one, "label": title(one, page.language())} for one in named],
        value=named[0],
        problem=problem,
    )
    context = {"one": chosen, "kind": page.KINDS.get(chosen.kind, chosen.kind), "fields": [field]}
    return page.show(request, "act_confirm.html", context, problem=problem)


def _chosen() -> HttpResponse:
    response = redirect(_MY_PAGE)
    secure = settings.SAMSPILL["environment"] == "production"
    response.set_cookie(cookie(), _MARK, httponly=True, samesite="Lax", secure=secure)
    return response


@needs(role="citizen")
@require_POST
def stop(request: HttpRequest) -> HttpResponseBase:
    """Act for oneself again."""
    service.stop(actor_of(request))
    response = redirect(f"{reverse('mandates')}?gjort=selv")
    response.delete_cookie(cookie())
    return response
