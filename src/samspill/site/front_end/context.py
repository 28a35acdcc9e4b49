"""The variable `page` of every template: language switch, navigation, and whom one acts as."""

from __future__ import annotations

from typing import Any

import attrs
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from samspill.identity import service as identity
from samspill.site.front_end.navigation import Item, navigation_for

LANGUAGES = {"nb": ("Bokmål", "NB"), "nn": ("Nynorsk", "NN"), "en": ("English", "EN")}


@attrs.frozen
class Language:
    """One button of the language switch."""

    code: str
    name: str
    short: str
    current: bool


@attrs.frozen
class Page:
    """What the frame around a page needs to know."""

    path: str
    languages: list[Language]
    navigation: list[Item]
    who: identity.Who | None
    is_demo: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """Give templates `page`, made only when a template asks for it."""
    return {"page": SimpleLazyObject(lambda: describe(request))}


def describe(request: HttpRequest) -> Page:
    """Gather the frame of one request."""
    current = translation.get_language() or "nb"
    who = identity.who(request)
    return Page(
        path=request.get_full_path() if request.method == "GET" else request.path,
        languages=[
            Language(code, name, short, code == current)
            for code, (name, short) in LANGUAGES.items()
        ],
        navigation=navigation_for(who, request.path),
        who=who,
        is_demo=bool(getattr(settings, "SAMSPILL", {}).get("is_demo", False)),
    )
