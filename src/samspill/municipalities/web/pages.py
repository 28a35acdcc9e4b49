"""Pages: find a municipality, and what is known of it."""

from __future__ import annotations

import itertools

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from samspill.municipalities import service
from samspill.municipalities.domain import Municipality, NotFound
from samspill.municipalities.web import showing


@require_GET
def search(request: HttpRequest) -> HttpResponseBase:
    """Show what matches `q`; without it, all municipalities by county."""
    text = request.GET.get("q", "").strip()[:80]
    context = {
        "query": text,
        "hits": service.search(text) if text else [],
        "counties": [] if text else _by_county(),
        "count": len(service.all_current()),
    }
    return render(request, "municipalities/search.html", context)


@require_GET
def municipality(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show a municipality of today; an old number leads on, a split one shows where it went."""
    found = service.current(number)
    if isinstance(found, NotFound):
        return _unknown(request, number)
    if not isinstance(found, Municipality):
        former = service.last_holder(number)
        context = {
            "parts": showing.parts(found),
            "former": former,
            "history": showing.history(former),
        }
        return render(request, "municipalities/former.html", context)
    if found.number != number:
        return redirect("municipality", number=found.number)
    context = {
        "municipality": found,
        "figures": showing.figures(service.figures(found.id)),
        "history": showing.history(found),
        "names": showing.names(found),
        "other": [m for m in service.all_current() if m.name == found.name and m.id != found.id],
    }
    return render(request, "municipalities/municipality.html", context)


def _unknown(request: HttpRequest, number: str) -> HttpResponse:
    context = {
        "query": "",
        "hits": [],
        "counties": _by_county(),
        "unknown": number[:20],
        "count": len(service.all_current()),
    }
    return render(request, "municipalities/search.html", context, status=404)


def _by_county() -> list[tuple[str, list[Municipality]]]:
    everyone = sorted(service.all_current(), key=lambda m: m.county_no)
    grouped = itertools.groupby(everyone, key=lambda m: m.county)
    return [(county, list(members)) for county, members in grouped]
