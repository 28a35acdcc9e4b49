"""What lines, keys and states are called, for pages, statements and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samspill.infra.charts import Numbers

_LINES: dict[str, Promise] = {
    "tariff_once": _("To join, paid once"),
    "tariff_year": _("Tariff of the year"),
    "share": _("Share by the key and lines borne"),
    "compensation": _("Compensation (received above zero, given below)"),
    "due": _("To pay for the year"),
    "gain_planned": _("Gain in cash, planned"),
    "gain_realised": _("Gain in cash, measured"),
    "by_volume": _("Difference because of the number of cases"),
    "by_rate": _("Difference because of the time a case takes"),
    "by_timing": _("Difference because of when it was taken into use"),
    "gain_withdrawn": _("Withdrawn from the budget"),
}
KEYS: dict[str, Promise] = {
    "equal": _("The same for each"),
    "inhabitants": _("By inhabitants"),
    "size_adjusted": _("By size-adjusted inhabitants"),
    "cases": _("By cases"),
    "mixed": _("A part the same for each, the rest by inhabitants"),
    "fixed_and_inhabitants": _("A fixed amount each, the rest by inhabitants"),
    "size_steps": _("By steps of size"),
    "expected_gain": _("By expected gain"),
    "scrb": _("Own added cost, the rest by what joining saves"),
    "shapley": _("What each adds, on average (Shapley)"),
    "table": _("An agreed table"),
}
STATES: dict[str, Promise] = {
    "draft": _("Draft"),
    "offered": _("Open for signing"),
    "signed": _("Signed by all"),
    "ended": _("Ended"),
}
REALISED: dict[str, Promise] = {
    "cash": _("Taken out in the budget"),
    "moved": _("Moved to another service"),
    "not_taken": _("Not taken out"),
}
INDICATORS: dict[str, Promise] = {
    "minutes_per_case": _("Minutes a case takes"),
    "returns_per_case": _("Times a case is sent back for missing information"),
    "share_digital": _("Share of cases that come digitally"),
    "documents_per_case": _("Documents people must attach to a case"),
    "reported_hours": _("Hours freed, reported"),
}
GROUPS: dict[str, Promise] = {
    "municipality": _("The municipalities"),
    "agency": _("The agency"),
    "citizen": _("The citizens"),
}


def line_label(kind: str) -> Promise | str:
    """Return what a line of a settlement is called."""
    return _LINES.get(kind, kind)


#: How a municipality's zone of employer's contribution is known, and so how its hours are priced.
_PRICED: dict[str, Promise] = {
    "stated": _(
        "The hours are priced in zone %(zone)s of employer’s contribution (%(own)s), as the municipality states. "
        "The price of the plan is for zone 1 (%(first)s)."
    ),
    "listed": _(
        "The hours are priced in zone %(zone)s of employer’s contribution (%(own)s), where the Storting’s decision "
        "places the municipality. The price of the plan is for zone 1 (%(first)s)."
    ),
    "assumed": _(
        "The municipality has not stated its zone of employer’s contribution. The hours are therefore priced as in "
        "zone 1 (%(first)s): the zone is assumed."
    ),
}


def priced(gain: Mapping[str, Any]) -> str:
    """Return how the hours of a settled gain are priced, in the reader's language.

    Empty for the state's bodies, whose hours have the plan's price, and for what was settled before hours were priced
    by zone.
    """
    said = _PRICED.get(gain.get("zone_basis", ""))
    if said is None:
        return ""
    return str(said) % {
        "zone": gain["zone"],
        "own": _per_cent(gain["contribution"]),
        "first": _per_cent(gain["contribution_of_zone_1"]),
    }


def _per_cent(share: float) -> str:
    return Numbers(unit="%", decimals=1).say(100 * share)
