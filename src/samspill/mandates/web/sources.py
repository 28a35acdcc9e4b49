"""Where mandates come from, for everybody: who is asked, who answers, how old an answer may be, what to do by hand.

Times are told in hours and days: of a source that is seldom asked, a minute would tell that somebody just was.
"""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.infra import clock
from samspill.kernel.periods import OSLO
from samspill.mandates.service import sources
from samspill.mandates.web import page
from samspill.registers.service import Health

_HOUR, _MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
_FAILS: dict[str, str | Promise] = {
    "unavailable": gettext_lazy("It did not answer when it was last asked."),
    "throttled": gettext_lazy("It was too busy to answer when it was last asked."),
    "invalid": gettext_lazy("Its last answer could not be read."),
    "denied": gettext_lazy("It did not let us in when it was last asked."),
}
_TELLS: dict[str, str | Promise] = {
    "freg": gettext_lazy(
        "Guardians and what they may do, parents, deaths and protected addresses."
    ),
    "brreg": gettext_lazy("Who leads and signs for an organisation, and whether it still stands."),
    "doedsbo": gettext_lazy("Who acts for somebody who is dead."),
    "nav": gettext_lazy("Mandates given at Nav, about Nav's own services."),
    "altinn": gettext_lazy(
        "Mandates given in Altinn. We ask about two persons at a time, and get a yes or a no."
    ),
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
            "fails": _fails(one.health),
            "answered": _last_answer(one.health),
        }
        for one in sources.states()
    ]
    return page.show(request, "sources.html", {"rows": rows})


def _fails(health: Health | None) -> str:
    """Return what went wrong the last time, and since when; '' when it answered."""
    if health is None or not health.kind:
        return ""
    what = _FAILS.get(health.kind, _FAILS["unavailable"])
    since = health.failing_since
    began = _("This began %(when)s.") % {"when": _when(since)} if since else ""
    return f"{what} {began}".strip()


def _last_answer(health: Health | None) -> str:
    if health is None:
        return _("We have not asked it yet.")
    if health.answered_at is None:
        return _("It has not answered us yet.")
    return _("It last answered %(when)s.") % {"when": _when(health.answered_at)}


def _when(at: dt.datetime) -> str:
    """Return a time in words, no finer than an hour."""
    now = clock.now()
    days = (now.astimezone(OSLO).date() - at.astimezone(OSLO).date()).days
    if now - at < _HOUR:
        return _("within the last hour")
    if days in (0, 1):
        return _("today") if not days else _("yesterday")
    return _("on %(date)s") % {"date": date_format(at.astimezone(OSLO), "DATE_FORMAT")}


def _in_words(limit: dt.timedelta) -> str:
    hours, minutes = limit // _HOUR, limit // _MINUTE
    if minutes <= 1:
        return _("The answer counts for what is done at once.")
    if not hours:
        return _("An answer counts for %(number)s minutes.") % {"number": minutes}
    return ngettext(
        "An answer counts for %(number)s hour.", "An answer counts for %(number)s hours.", hours
    ) % {"number": hours}
