"""The frame around a page: language switch, navigation, and whom one acts as."""

from __future__ import annotations

import attrs
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_noop

from samspill.identity import service as identity
from samspill.site.front_end.navigation import Item, navigation_for

ROLE_NAMES = {
    "municipality_caseworker": gettext_noop("caseworker"),
    "municipality_leader": gettext_noop("leader"),
    "counter": gettext_noop("guide"),
    "agency_caseworker": gettext_noop("caseworker"),
    "agency_leader": gettext_noop("leader"),
    "initiative_owner": gettext_noop("initiative owner"),
    "ks_coordinator": gettext_noop("coordinator for the municipal sector"),
    "municipal_lead": gettext_noop("digitalisation lead"),
    "ministry": gettext_noop("budgets and rounds"),
    "secretariat": gettext_noop("secretariat"),
    "protected_caseworker": gettext_noop("cleared for protected addresses"),
}


@attrs.frozen
class Language:
    """One button of the language switch."""

    code: str
    name: str
    current: bool


@attrs.frozen
class Frame:
    """What the frame around a page needs to know."""

    path: str
    languages: list[Language]
    navigation: list[Item]
    who: identity.Who | None
    is_demo: bool
    acts_here: bool
    """On this page whoever acts for another does so; elsewhere one is oneself, and the page says so."""


def describe(request: HttpRequest) -> Frame:
    """Gather the frame of one request."""
    current = translation.get_language() or "nb"
    who = identity.who(request)
    acting_for = getattr(request, "acting_for", None)
    if who is not None and acting_for is not None:
        who = attrs.evolve(who, on_behalf_of=acting_for.name)
    return Frame(
        path=identity.safe_next(
            request.get_full_path() if request.method == "GET" else request.path
        ),
        languages=[Language(code, name, code == current) for code, name in settings.LANGUAGES],
        navigation=navigation_for(who, request.path),
        who=who,
        is_demo=settings.SAMSPILL["environment"] != "production",
        acts_here=getattr(request, "acts_here", True),
    )
