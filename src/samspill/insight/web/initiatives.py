"""Pages: the list of initiatives with filters, and the story of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.insight import service
from samspill.insight.service import words
from samspill.insight.web import telling
from samspill.insight.web.asking import whole
from samspill.kernel.outcome import RefusedError

_PAGE = 50
_FILTERS = {"tilstand": "state", "eier": "owner", "sektor": "sector", "hendelse": "life_event",
            "hjemmel": "legal", "q": "text"}  # fmt: skip


@needs(role=ANYONE)
@require_GET
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show the published initiatives, filtered."""
    asked = {name: request.GET.get(name, "").strip()[:80] for name in _FILTERS}
    year = whole(request.GET.get("ar", ""))
    wanted = service.Wanted(year=year, **{_FILTERS[name]: value for name, value in asked.items()})
    rows = service.initiatives(wanted)
    number = max(whole(request.GET.get("side", "")) or 1, 1)
    shown = rows[(number - 1) * _PAGE : number * _PAGE]
    asked_all = {**asked, "ar": str(year or "")}
    context = {
        "tab": "initiatives",
        "rows": [telling.card(row) for row in shown],
        "count": len(rows),
        "asked": asked_all,
        "selects": _selects(service.facets(), asked_all),
        "is_narrow": wanted.is_narrow,
        **_paging(asked_all, number, len(rows)),
    }
    return render(request, "insight/initiatives.html", context)


@needs(role=ANYONE)
@require_GET
def story(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Tell the story of one initiative on a page."""
    try:
        found = service.initiative_story(slug)
    except RefusedError as refused:
        raise Http404(slug) from refused
    context = {"tab": "initiatives", **telling.story(found)}
    return render(request, "insight/initiative.html", context)


def _selects(facets: service.Facets, asked: dict[str, str]) -> list[dict[str, Any]]:
    """Return the filters, each with what there is to choose and how many."""
    plain = (
        ("tilstand", _("State"), [(k, words.word(words.STATES, k), n) for k, n in facets.states]),
        ("eier", _("Owner"), list(facets.owners)),
        ("sektor", _("Sector"), [(k, words.word(words.SECTORS, k), n) for k, n in facets.sectors]),
        ("hendelse", _("Life event"), [(k, words.word(words.LIFE_EVENTS, k), n) for k, n in facets.life_events]),
        ("hjemmel", _("Legal basis"), [(k, words.word(words.LEGAL, k), n) for k, n in facets.legal]),
        ("ar", _("Year of introduction"), [(str(year), str(year), None) for year in facets.years]),
    )  # fmt: skip
    return [
        {"name": name, "label": label, "chosen": asked[name],
         "options": [{"value": v, "label": f"{text} ({n})" if n else text} for v, text, n in options]}
        for name, label, options in plain
        if options
    ]  # fmt: skip


def _paging(asked: dict[str, str], number: int, count: int) -> dict[str, str]:
    kept = {name: value for name, value in asked.items() if value}
    found = {}
    if number > 1:
        found["previous_url"] = f"?{urlencode({**kept, 'side': number - 1})}"
    if number * _PAGE < count:
        found["next_url"] = f"?{urlencode({**kept, 'side': number + 1})}"
    return found
