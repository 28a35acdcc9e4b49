"""Citizens: give, accept, see, change, withdraw, renew, print, shut."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import refusals
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.web import page


@needs(role="citizen")
@require_GET
def mandates(request: HttpRequest) -> HttpResponseBase:
    """Show what one has given and received."""
    return _overview(request)


def _overview(request: HttpRequest, problem: RefusedError | None = None) -> HttpResponse:
    found, told = service.overview(actor_of(request)), service.my_notices(actor_of(request))
    given, given_before = _standing(found.given, shut=found.blocked)
    received, received_before = _standing(found.received, shut=found.blocked)
    context = {
        "given": given,
        "received": received,
        "given_before": given_before,
        "received_before": received_before,
        "blocked": found.blocked,
        "news": [one for one in told if one.is_new],
        "told": [one for one in told if not one.is_new],
    }
    return page.show(request, "overview.html", context, problem=problem)


def _standing(
    views: Iterable[service.MandateView], *, shut: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of what stands and of what is ended; while one is shut, nothing that stands is told to count."""
    rows = [page.row_of(one) for one in views]
    for row in rows:
        if shut and row["view"].state == "active":
            row |= {"state": _("Does not count while you are shut"), "color": "warning"}
    over = [row for row in rows if row["view"].state == "ended"]
    return [row for row in rows if row not in over], over


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponseBase:
    """Fill in, read the text, sign."""
    step = request.POST.get("step", "")
    actor, offer = actor_of(request), page.offer_of(request)
    try:
        if step == "preview":
            return _preview(request, service.preview(actor, offer), reverse("mandate-give"))
        if step == "sign":
            shown = request.POST.get("text_sha256", "")
            made = service.give(actor, offer, text_sha256=shown)
            return redirect(f"{reverse('mandate', args=[made])}?gjort=gitt")
    except RefusedError as error:
        return _give_form(request, error)
    return _give_form(request)


def _give_form(request: HttpRequest, problem: RefusedError | None = None) -> HttpResponse:
    fields = [
        *page.whom_fields(request, problem=problem),
        *page.offer_fields(request, problem=problem, values={"scopes": ["husbanken:bostoette"]}),
    ]
    return page.show(request, "give.html", {"fields": fields}, problem=problem)


def _preview(request: HttpRequest, signed: Any, action: str) -> HttpResponse:
    context = {"signed": signed, "hidden": page.hidden(request), "action": action}
    return page.show(request, "preview.html", context)


@needs(role="citizen")
@require_GET
def mandate(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Show one mandate: its text, how it stands, what it has been used for."""
    return _mandate(request, mandate_id)


def _mandate(
    request: HttpRequest, mandate_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    view = service.get(actor, mandate_id=mandate_id)
    context = {
        **page.row_of(view),
        "uses": page.use_rows(service.uses_of(actor, mandate_id=mandate_id)),
    }
    return page.show(request, "mandate.html", context, problem=problem)


_ACTS = {
    "ja": (service.accept, "ja"),
    "nei": (service.decline, "nei"),
    "trekk": (service.withdraw, "trukket"),
    "avslutt": (service.renounce, "trukket"),
}


@needs(role="citizen")
@require_POST
def decide(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Say yes or no, withdraw or end: the button says which."""
    call, done = _ACTS.get(request.POST.get("act", ""), (None, ""))
    if call is None:
        return redirect("mandate", mandate_id=mandate_id)
    return refusals.act(
        lambda: call(actor_of(request), mandate_id=mandate_id),
        then=reverse("mandate", args=[mandate_id]),
        done=done,
        again=lambda error: _mandate(request, mandate_id, error),
    )


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Fill in anew, read the text, sign: the old one ends and the new one stands in its place."""
    step, actor = request.POST.get("step", ""), actor_of(request)
    renewal = request.GET.get("forny") == "1"
    view = service.get(actor, mandate_id=mandate_id)
    try:
        if step in ("preview", "sign"):
            offer = page.offer_of(request)
            if step == "preview":
                signed = service.preview_change(actor, mandate_id=mandate_id, offer=offer)
                return _preview(request, signed, request.get_full_path())
            shown = request.POST.get("text_sha256", "")
            made = _changed(actor, mandate_id, offer, shown, renewal=renewal)
            done = "fornyet" if renewal else "endret"
            return redirect(f"{reverse('mandate', args=[made])}?gjort={done}")
    except RefusedError as error:
        return _change_form(request, view, error)
    return _change_form(request, view)


def _changed(
    actor: Any, mandate_id: uuid.UUID, offer: service.Offer, shown: str, *, renewal: bool
) -> uuid.UUID:
    if renewal:
        return service.renew(
            actor, mandate_id=mandate_id, valid_to=offer.valid_to, text_sha256=shown
        )
    return service.change(actor, mandate_id=mandate_id, offer=offer, text_sha256=shown)


def _change_form(
    request: HttpRequest, view: service.MandateView, problem: RefusedError | None = None
) -> HttpResponse:
    if request.GET.get("forny") == "1":  # as it was, for longer: only the last day is asked for
        fields = page.renewal_fields(request, problem=problem)
        context = {"fields": fields, "view": view, "renewal": True}
        return page.show(request, "change.html", context, problem=problem)
    values: Mapping[str, Any] = {
        "scopes": view.scopes,
        "level": view.level,
        "valid_to": view.valid_to,
    }
    fields = page.offer_fields(request, problem=problem, values=values)
    return page.show(request, "change.html", {"fields": fields, "view": view}, problem=problem)


@needs(role="citizen")
@require_GET
def uses(request: HttpRequest) -> HttpResponseBase:
    """Show everything that others have done for one, guardians and parents too."""
    rows = page.use_rows(service.uses_of(actor_of(request)))
    return page.show(request, "uses.html", {"uses": rows})


@needs(role="citizen")
@require_GET
def printed(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Give a mandate as PDF."""
    content = service.printed(actor_of(request), mandate_id=mandate_id)
    return page.file(content, "fullmakt.pdf")


@needs(role="citizen")
@require_GET
def letter(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponseBase:
    """Give a letter about a mandate as PDF."""
    return page.file(service.read_letter(actor_of(request), notice_id=notice_id), "brev.pdf")


@needs(role="citizen")
@require_GET
def scan(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Give the paper as it was scanned, to one of its two sides."""
    content, media_type = service.read_scan(actor_of(request), mandate_id=mandate_id)
    return page.file(content, "papir", media_type)


@needs(role="citizen")
@require_POST
def block(request: HttpRequest) -> HttpResponseBase:
    """Shut for voluntary mandates, or open again."""
    blocked = request.POST.get("blocked") == "true"
    return refusals.act(
        lambda: service.block(actor_of(request), blocked=blocked),
        then=reverse("mandates"),
        done="sperret" if blocked else "aapnet",
        again=lambda error: _overview(request, error),
    )
