"""The calendar of budget years, and its public feed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.infra import clock
from samspill.portfolio import service
from samspill.portfolio.web import page

_SIDES = {
    "state": gettext_lazy("Central government"),
    "municipal": gettext_lazy("Municipalities"),
    "both": gettext_lazy("State and municipalities"),
}
_COVERAGE = {
    "in_time": gettext_lazy("In time: the cost can be in the chief executive's budget proposal."),
    "late": gettext_lazy(
        "Late: the proposal is made, and only the council can still take the cost in."
    ),
    "uncovered": gettext_lazy(
        "Without budget coverage (uten budsjettdekning): the budget is adopted without the cost."
    ),
}
_COLORS = {"in_time": "success", "late": "warning", "uncovered": "danger"}
_AHEAD = 14
_YEARS = 4


@needs(role=ANYONE)
@require_GET
def calendar(request: HttpRequest) -> HttpResponseBase:
    """Show which window is open, what comes next, and what a cost that becomes known today means."""
    today = clock.today()
    lang = get_language() or "nb"
    context = {
        "today": today,
        "windows": [
            {"line": one, "title": one.title(lang), "side": _SIDES[one.side]}
            for one in service.windows(today)
        ],
        "steps": [_step(one, today, lang) for one in service.deadlines(today, count=_AHEAD)],
        "coverage": [_coverage(today.year + ahead) for ahead in range(_YEARS)],
        "feed": request.build_absolute_uri("/samstyring/kalender.ics"),
    }
    return page.show(request, "calendar.html", context)


def _step(one: Any, today: dt.date, lang: str) -> dict[str, Any]:
    return {
        "line": one,
        "title": one.title(lang),
        "side": _SIDES[one.side],
        "source": one.source(lang),
        "days": (one.last - today).days,
    }


def _coverage(year: int) -> dict[str, Any]:
    found = service.coverage(year)
    return {
        "line": found,
        "text": _COVERAGE[found.status],
        "color": _COLORS[found.status],
        "year": year,
    }


@needs(role=ANYONE)
@require_GET
def feed(request: HttpRequest) -> HttpResponseBase:
    """Give the calendar as iCalendar; nothing in it is about anybody."""
    lang = request.GET.get("sprak", "")
    text = service.feed(
        language=lang if lang in ("nb", "nn", "en") else get_language() or "nb",
        host=urlsplit(settings.SAMSPILL["base_url"]).hostname or "samspill",
        name=_("Budget calendar for state and municipalities"),
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="samspill-budsjettkalender.ics"'
    return response
