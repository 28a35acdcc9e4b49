"""Pages of the country: map, distribution, estimate against actual, equality; and each picture as a file to embed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.infra.charts import Chart
from samspill.insight import service
from samspill.insight.web.asking import whole
from samspill.kernel.outcome import RefusedError

_DEFAULT = "tjenester-i-drift"
_MINUTES = "public, max-age=300"


@needs(role=ANYONE)
@require_GET
def country(request: HttpRequest) -> HttpResponseBase:
    """Show the country as equal tiles by the chosen measure."""
    offered = service.offered()
    first = offered[0].key if offered else _DEFAULT
    shown = _national(request.GET.get("mal", "") or first, request.GET.get("ar", ""))
    years = list(shown.measure.years())
    context = {
        "tab": "map",
        "measures": offered,
        "measure": shown.measure,
        "year": shown.year,
        "years": years,
        "chart": service.map_of(shown),
        "embed": f"/kart.svg?measure={shown.measure.key}&year={shown.year}",
        "data_url": f"/data/{shown.measure.key}.csv",
    }
    return render(request, "insight/map.html", context)


@needs(role=ANYONE)
@require_GET
def country_svg(request: HttpRequest) -> HttpResponseBase:
    """Give the map as a picture that others may show: ?measure=…&year=…&language=nb|nn|en&theme=light|dark."""
    with _language(request):
        shown = _national(request.GET.get("measure", "") or _DEFAULT, request.GET.get("year", ""))
        return _picture(request, service.map_of(shown))


@needs(role=ANYONE)
@require_GET
def distribution(request: HttpRequest) -> HttpResponseBase:
    """Show who gains and who loses by size, counted by municipality and by people."""
    parts = service.losses_and_gains()
    context = {
        "tab": "distribution",
        "sizes": service.sizes_chart(parts),
        "mean": service.mean_chart(),
        "losing": sum(part.municipalities[2] for part in parts),
        "losing_people": round(sum(part.people[2] for part in parts)),
        "everybody": sum(sum(part.municipalities) for part in parts),
    }
    return render(request, "insight/distribution.html", context)


@needs(role=ANYONE)
@require_GET
def accuracy(request: HttpRequest) -> HttpResponseBase:
    """Show estimates against what happened, and how often the bounds held."""
    found = service.estimate_and_actual()
    return render(request, "insight/accuracy.html", {"tab": "accuracy", "found": found})


@needs(role=ANYONE)
@require_GET
def equality(request: HttpRequest) -> HttpResponseBase:
    """Show how alike services and waiting are between municipalities, over time."""
    found = service.equality()
    context = {
        "tab": "equality",
        "found": found,
        "services": service.services_chart(found),
        "days": service.days_chart(found),
        "by_size": service.days_by_size_chart(found),
        "smallest": service.SMALLEST,
    }
    return render(request, "insight/equality.html", context)


@needs(role=ANYONE)
@require_GET
def chart_svg(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give one of the country's charts as a picture that others may show."""
    make = _CHARTS.get(name)
    if make is None:
        raise Http404(name)
    with _language(request):
        return _picture(request, make())


_CHARTS: dict[str, Callable[[], Chart]] = {
    "fordeling": lambda: service.sizes_chart(service.losses_and_gains()),
    "tjenester": lambda: service.services_chart(service.equality()),
    "dager-til-vedtak": lambda: service.days_chart(service.equality()),
    "anslag-og-fasit": lambda: service.estimate_and_actual().scatter,
    "kalibrering": lambda: service.estimate_and_actual().calibration,
}


def _national(measure: str, year: str) -> service.National:
    try:
        return service.national(measure, whole(year))
    except RefusedError as refused:
        raise Http404(measure) from refused


def _language(request: HttpRequest) -> Any:
    """Use the language asked for in the address: a picture is shown on others' pages, where our cookie is not."""
    asked = request.GET.get("language", "")
    return translation.override(
        asked if asked in {"nb", "nn", "en"} else translation.get_language()
    )


def _picture(request: HttpRequest, chart: Chart) -> HttpResponse:
    picture = chart.standalone("dark" if request.GET.get("theme") == "dark" else "light")
    response = HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = _MINUTES
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.frame_ancestors = "*"  # type: ignore[attr-defined]
    return response
