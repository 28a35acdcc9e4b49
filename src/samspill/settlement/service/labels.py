"""What lines, keys and states are called, for pages, statements and files."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
