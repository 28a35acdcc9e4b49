"""Where mandates come from, for everybody: who is asked, how old an answer may be, and what to do by hand."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.mandates.service import sources
from samspill.mandates.web import page

_HOUR = 3600
_TELLS: dict[str, str | Promise] = {
    "freg": gettext_lazy(
        "Guardians and what they may do, parents, deaths and protected addresses."
    ),
    "brreg": gettext_lazy("Who leads and signs for an organisation, and whether it still stands."),
    "doedsbo": gettext_lazy("Who acts for somebody who is dead."),
    "nav": gettext_lazy("Mandates given at Nav, about Nav's own services."),
    "altinn": gettext_lazy("Packages of access given in Altinn."),
    "helsenorge": gettext_lazy("Mandates given at Helsenorge, about health."),
}
_BY_HAND: dict[str, str | Promise] = {
    "freg": gettext_lazy(
        "Ask for the guardian's appointment from Statsforvalteren, or the birth certificate or the "
        "agreement on parental responsibility. Register it at the counter."
    ),
    "brreg": gettext_lazy(
        "Ask for a fresh certificate of registration, and the identification of whoever signs."
    ),
    "doedsbo": gettext_lazy(
        "Ask for the probate certificate or the authorisation from the district court."
    ),
    "nav": gettext_lazy(
        "Ask for the mandate itself, printed from Nav. A mandate at Nav counts for Nav's services only: "
        "for others, give one here or on paper."
    ),
    "altinn": gettext_lazy(
        "Give the mandate here instead, or on paper at the counter. It takes some minutes."
    ),
    "helsenorge": gettext_lazy(
        "Ask for the mandate itself, printed from Helsenorge. For other services, give one here or on paper."
    ),
}


@needs(role=ANYONE)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """List every source, whether it is connected here, and the way by hand when it is not or is silent."""
    rows = [
        {
            "one": one,
            "tells": _TELLS[one.code],
            "by_hand": _BY_HAND[one.code],
            "fresh": _in_words(one.fresh_for),
        }
        for one in sources.states()
    ]
    return page.show(request, "sources.html", {"rows": rows})


def _in_words(limit: dt.timedelta) -> str:
    hours = int(limit.total_seconds()) // _HOUR
    if not hours:
        return _("The answer counts for what is done at once.")
    return ngettext(
        "An answer counts for %(number)s hour.", "An answer counts for %(number)s hours.", hours
    ) % {"number": hours}
