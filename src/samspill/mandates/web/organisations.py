"""Who in an organisation may use its mandates: named by its leader, an employee here or by a role in the register."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samspill.identity.service import actor_of, needs
from samspill.kernel.ids import is_org_no
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.web import page
from samspill.mandates.web.counter import LEADERS


@needs(role=LEADERS)
@require_http_methods(["GET", "POST"])
def users(request: HttpRequest) -> HttpResponseBase:
    """Employees: name who may use the organisation's mandates, and say yes or no to new ones."""
    return _users(request, then=reverse("mandate-users"))


@needs(role="citizen", level="high")
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponseBase:
    """Citizens: say which organisation one leads; Enhetsregisteret is asked whether it is so."""
    problem, actor = None, actor_of(request)
    if request.method == "POST":
        try:
            found = service.led(actor, org_no=request.POST.get("org_no", ""))
            return redirect("mandate-organisation", org_no=found.org_no)
        except RefusedError as error:
            problem = error
    label, help_ = _("Organisation number"), _("Nine digits. It stands on invoices and letters.")
    field = page.field(request, "org_no", "text", label, problem=problem, help=help_)
    context = {"fields": [field], "known": service.led_lately(actor)}
    return page.show(request, "organisation.html", context, problem=problem)


@needs(role="citizen", level="high")
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, org_no: str) -> HttpResponseBase:
    """Citizens: the same as employees do, for an organisation that one leads by the register."""
    if not is_org_no(org_no):
        raise Http404(org_no)
    found = service.led(actor_of(request), org_no=org_no)
    then = reverse("mandate-organisation", args=[found.org_no])
    return _users(request, then=then, org_no=found.org_no, name=found.name)


def _users(
    request: HttpRequest, *, then: str, org_no: str = "", name: str = ""
) -> HttpResponseBase:
    problem = None
    if request.method == "POST":
        try:
            _change(request, org_no)
            return redirect(f"{then}?gjort=bruker")
        except RefusedError as error:
            problem = error
    actor = actor_of(request)
    context = {
        "users": service.users(actor, org_no=org_no),
        "rows": [page.row_of(one) for one in service.received(actor, org_no=org_no)],
        "fields": _whom(request, problem),
        "org_no": org_no,
        "name": name,
    }
    return page.show(request, "users.html", context, problem=problem)


def _whom(request: HttpRequest, problem: RefusedError | None) -> list[dict[str, object]]:
    number = _("National identity number")
    return [
        page.field(request, "number", "national_id", number, problem=problem),
        page.field(request, "family", "text", _("Surname"), problem=problem),
    ]


def _change(request: HttpRequest, org_no: str) -> None:
    actor, typed = actor_of(request), request.POST
    if "end" in typed:
        service.end_user(actor, user_id=_uuid(typed["end"]), org_no=org_no)
    elif "accept" in typed or "decline" in typed:
        mandate_id = _uuid(typed.get("accept") or typed.get("decline") or "")
        service.accept_for_organisation(
            actor, mandate_id=mandate_id, yes="accept" in typed, org_no=org_no
        )
    else:
        number, family = typed.get("number", ""), typed.get("family", "")
        service.name_user(actor, number=number, family=family, org_no=org_no)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
