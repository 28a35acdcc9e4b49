"""Page: my municipality. What comes, when, what it costs us, who is overloaded, what we have gained."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.insight import service
from samspill.insight.web import telling


@needs(role=ANYONE)
@require_GET
def municipality(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show a municipality of today; an old number leads to today's, others to what is known of them."""
    found = service.municipality_page(number)
    if found is None:
        return redirect("municipality-facts", number=number)
    if found.place.number != number:
        return redirect("municipality", number=found.place.number)
    context = {
        "tab": "places",
        "found": found,
        "place": found.place,
        "gained": service.gained_chart(found) if found.gained else None,
        "coming": [
            {
                **telling.card(one.initiative),
                "window": telling.window(one.begins, one.ends),
                "choice": service.words.word(service.words.CHOICES, one.choice)
                if one.choice
                else "",
                "without_cover": one.without_cover,
            }
            for one in found.coming
        ],
    }
    return render(request, "insight/municipality.html", context)
