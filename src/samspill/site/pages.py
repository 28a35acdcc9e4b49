"""The site's own pages: front page, about, accessibility, help without electronic ID, language, errors."""

from __future__ import annotations

import errno
import logging
import sys
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST

from samspill.identity.service import ANYONE, actor_of, needs, safe_next
from samspill.infra import dead_ends
from samspill.kernel.outcome import RefusedError
from samspill.site import blank_forms, municipal_contact, statement

log = logging.getLogger(__name__)
_YEAR_S = 365 * 24 * 3600
_COME_BACK_S = "30"


@needs(role=ANYONE)
@require_GET
def front(request: HttpRequest) -> HttpResponseBase:
    """Say in one picture what Samspill is, and lead each kind of user to their door."""
    return render(request, "site/pages/front.html")


@needs(role=ANYONE)
@require_GET
def about(request: HttpRequest) -> HttpResponseBase:
    """Say who is behind, what happens to the information, and what is automatic."""
    return render(request, "site/pages/about.html")


@needs(role=ANYONE)
@require_GET
def without_e_id(request: HttpRequest) -> HttpResponseBase:
    """Say how to apply without electronic ID; who comes is counted, once for each who has not asked for a place."""
    if "kommune" not in request.GET:
        dead_ends.count("no_e_id", actor=actor_of(request))
    return render(request, "site/pages/without_e_id.html")


@needs(role=ANYONE)
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Remember the language in a cookie and go back to the same page."""
    chosen = request.POST.get("language", "")
    response = redirect(safe_next(request.POST.get("next", "/")))
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR_S,
            path="/",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@needs(role=ANYONE)
@require_GET
def blank_form(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Give a service's form on paper, blank, in the language in use."""
    try:
        content = blank_forms.blank_form(package_id, request.actor.language)  # type: ignore[attr-defined]
    except RefusedError:
        raise Http404(package_id) from None
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{package_id}.pdf"'
    return response


@needs(role=("agency_leader", "municipality_leader", "secretariat"))
@require_GET
def dead_end_counts(request: HttpRequest) -> HttpResponseBase:
    """Show how many come to pages that lead no further."""
    rows = [
        [
            {"text": blank_forms.in_words(one.kind)},
            {"text": blank_forms.number_shown(one.kind, one.lately), "number": True},
            {"text": blank_forms.number_shown(one.kind, one.in_all), "number": True},
        ]
        for one in dead_ends.table()
    ]
    columns = [
        {"label": _("What stopped them")},
        {"label": _("Last 30 days"), "number": True},
        {"label": _("In all"), "number": True},
    ]
    may_tell = actor_of(request).has_role(*municipal_contact.ROLES)
    return render(
        request,
        "site/pages/dead_ends.html",
        {"rows": rows, "columns": columns, "may_tell": may_tell},
    )


# --- errors: what happened, that nothing is lost, and a way on -----------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 400."""
    return _error(request, 400, _("We did not understand the request"), _("Go back and try again."))


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 403."""
    text = _(
        "You do not have access to this page. Log in with another role, or go to the front page."
    )
    return _error(request, 403, _("No access"), text)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 404; the same for what is not there and what one may not know of."""
    text = _(
        "The address may be mistyped, or what was here is moved or deleted. Cases and drafts are found on My page."
    )
    return _error(request, 404, _("We can not find that page"), text)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 403 when a form came without its token: usually an old page or a browser without cookies."""
    text = _(
        "The page had been open for too long, or the browser does not accept cookies. "
        "Go back, load the page again and send once more. What was saved is still there."
    )
    return _error(request, 403, _("The form could not be accepted"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours with a page that needs neither database nor session: 500, or what says that it passes.

    A database that does not answer or has no room is 503, a disk that is full 507: who calls may come back (SP-43).
    """
    reference = getattr(request, "request_id", "")
    page = loader.get_template("site/pages/server_error.html")
    context = {"reference": reference, "ways": blank_forms.remembered(), "asks_nobody": True}
    status = _status_of(sys.exc_info()[1])
    headers = {} if status == HTTPStatus.INTERNAL_SERVER_ERROR else {"Retry-After": _COME_BACK_S}
    return HttpResponse(page.render(context), status=status, headers=headers)


def _status_of(fault: BaseException | None) -> HTTPStatus:
    """Tell what passes by itself, or when room is made, from what is wrong in the code."""
    if isinstance(fault, OperationalError | InterfaceError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return HttpResponse(status=status, content_type="application/json")
    dead_ends.count(f"page_{status}", actor=getattr(request, "actor", None))
    context = {"title": title, "text": text, "status": status}
    return render(request, "site/pages/error.html", context, status=status)


urlpatterns = [
    path("", front, name="front"),
    path("om/", about, name="about"),
    *statement.urlpatterns,
    path("uten-e-id/", without_e_id, name="without-e-id"),
    path("skjema/<slug:package_id>.pdf", blank_form, name="blank-form"),
    *municipal_contact.urlpatterns,
    path("arbeid/stoppet/", dead_end_counts, name="dead-ends"),
    path("sprak/", set_language, name="set-language"),
]
