"""Open data: the page, each set as CSV and JSON under an address that stays, and the catalogue entry."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.insight import service
from samspill.kernel.outcome import RefusedError

_MINUTES = "public, max-age=300"


@needs(role=ANYONE)
@require_GET
def page(request: HttpRequest) -> HttpResponseBase:
    """Show which open data there are, what each column says, and the pictures that can be embedded."""
    context = {
        "tab": "data",
        "sets": service.described(),
        "pictures": service.pictures(),
        "base_url": settings.SAMSPILL["base_url"].rstrip("/"),
        "smallest": service.SMALLEST,
    }
    return render(request, "insight/data.html", context)


@needs(role=ANYONE)
@require_GET
def dataset(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Give one set as CSV or JSON."""
    del request
    try:
        body, content_type = service.open_data(name, kind)
    except RefusedError as refused:
        raise Http404(name) from refused
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    return _open(response)


@needs(role=ANYONE)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """Give the catalogue entry as JSON-LD."""
    del request
    body = service.catalogue(settings.SAMSPILL["base_url"])
    response = JsonResponse(
        body, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False}
    )
    return _open(response)


def _open(response: HttpResponse) -> HttpResponse:
    """Let any page read it: it is public, and nothing of it depends on who asks."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = _MINUTES
    return response
