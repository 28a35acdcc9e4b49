"""The accessibility statement, made of what the last walk of all pages found and of what is known not to hold.

Forskrift om universell utforming av IKT § 4 c asks each public body for such a statement. The facts of the walk lie in
`data/accessibility.json` (written by `scripts/accessibility_facts`), the known faults in `data/accessibility.yaml`.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from pathlib import Path
from typing import Any

import attrs
import yaml
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.site.front_end.frame import ROLE_NAMES

STANDARD = "WCAG 2.2 AA"
_DATA = Path(__file__).parent / "data"


@attrs.frozen
class Fault:
    """Something that does not hold yet: the criterion of WCAG, or none; since when it is known; what, by language."""

    criterion: str
    since: dt.date
    texts: dict[str, str]

    def text(self, language: str) -> str:
        """Say what, in a language."""
        return self.texts.get(language, self.texts["nb"])


@attrs.frozen
class Statement:
    """What was walked, when and with what, and what is known not to hold."""

    walked_from: dt.date
    walked_to: dt.date
    axe: str
    routes: tuple[str, ...]
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    looks: int
    found: int
    faults: tuple[Fault, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """Give it to machines."""
        return {
            "format": "samspill-accessibility-statement/1",
            "standard": STANDARD,
            "conformance": "partial" if self.faults else "full",
            "walked": {"from": self.walked_from.isoformat(), "to": self.walked_to.isoformat()},
            "tool": {"name": "axe-core", "version": self.axe},
            "pages": len(self.routes),
            "looks": self.looks,
            "roles": list(self.roles),
            "languages": list(self.languages),
            "automatic_findings": self.found,
            "known_faults": [
                {
                    "criterion": one.criterion,
                    "since": one.since.isoformat(),
                    "text": one.text(language),
                }
                for one in self.faults
            ],
            "supervision": "https://www.uutilsynet.no/",
        }


@functools.cache
def statement() -> Statement:
    """Read the facts and the known faults."""
    facts = json.loads((_DATA / "accessibility.json").read_text("utf-8"))
    known = yaml.safe_load((_DATA / "accessibility.yaml").read_text("utf-8"))
    return Statement(
        walked_from=dt.date.fromisoformat(facts["walked_from"]),
        walked_to=dt.date.fromisoformat(facts["walked_to"]),
        axe=facts["axe"],
        routes=tuple(facts["routes"]),
        roles=tuple(facts["roles"]),
        languages=tuple(facts["languages"]),
        looks=facts["looks"],
        found=facts["faults"],
        faults=tuple(
            Fault(one["criterion"], one["since"], {name: one[name] for name in ("nb", "nn", "en")})
            for one in known["faults"]
        ),
    )


@needs(role=ANYONE)
@require_GET
def accessibility(request: HttpRequest) -> HttpResponseBase:
    """Give the accessibility statement."""
    made, language = statement(), get_language() or "nb"
    context = {
        "made": made,
        "standard": STANDARD,
        "pages": len(made.routes),
        "roles": _role_names(made.roles),
        "faults": [
            {"criterion": one.criterion, "text": one.text(language), "since": one.since}
            for one in made.faults
        ],
    }
    return render(request, "site/pages/accessibility.html", context)


def _role_names(roles: tuple[str, ...]) -> list[str]:
    """Name roles, each name once: several roles are called the same in different organisations."""
    names = {**ROLE_NAMES, "anyone": gettext_noop("everybody"), "citizen": gettext_noop("citizen")}
    return list(dict.fromkeys(_(names[role]) for role in roles if role in names))


@needs(role=ANYONE)
@require_GET
def accessibility_as_json(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give the same to machines."""
    told = statement().as_json(get_language() or "nb")
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


urlpatterns = [
    path("tilgjengelighet/", accessibility, name="accessibility"),
    path("tilgjengelighet.json", accessibility_as_json, name="accessibility-json"),
]
