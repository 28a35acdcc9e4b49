"""The words of a notice about a mandate, to the giver or to the agent, in the language that is active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from samspill.mandates.domain.scopes import title
from samspill.mandates.service import words


def words_of(kind: str, names: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Return heading and text. `names`: giver, agent, own (to the giver), last, scopes, asks, paper."""
    said = _TO_GIVER if names.get("own") else _TO_AGENT
    first = said[kind](names)
    told = {
        "giver": names.get("giver") or _("the person"),
        "agent": names.get("agent") or _("The agent"),
        "last": _day(str(names.get("last", ""))),
    }
    about = ", ".join(title(code, language) for code in names.get("scopes", ()))
    lines = [first % told]
    if about:
        lines.append(_("It is about: %(scopes)s.") % {"scopes": about})
    lines.append(_what_to_do(kind, names))
    return _HEADINGS[kind](), "\n".join(line for line in lines if line)


def _day(iso: str) -> str:
    return words.day(dt.date.fromisoformat(iso)) if iso else ""


def _what_to_do(kind: str, names: Mapping[str, Any]) -> str:
    if names.get("own") and kind not in ("ended", "expired"):
        return _(
            "If this is not right, withdraw the mandate under Mandates on your page, or tell the municipality. "
            "It ends at once."
        )
    if kind in ("given", "changed") and names.get("asks"):
        return _("It does not count before you have said yes under Mandates on your page.")
    return ""


_HEADINGS: dict[str, Callable[[], str]] = {
    "given": lambda: _("A mandate is given"),
    "accepted": lambda: _("The mandate is accepted"),
    "confirmed": lambda: _("The mandate on paper counts now"),
    "changed": lambda: _("The mandate is changed"),
    "used": lambda: _("Somebody has acted for you"),
    "ended": lambda: _("The mandate is ended"),
    "soon": lambda: _("The mandate ends soon"),
    "expired": lambda: _("The mandate has run out"),
}


def _given(names: Mapping[str, Any]) -> str:
    if names.get("paper"):
        return _(
            "A paper has been registered that lets %(agent)s act for you. It does not count before it is confirmed."
        )
    return _("You have given %(agent)s a mandate.")


_TO_GIVER: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "given": _given,
    "accepted": lambda _n: _("%(agent)s has said yes and can now act for you."),
    "confirmed": lambda _n: _("%(agent)s can now act for you."),
    "changed": lambda _n: _("Your mandate to %(agent)s is changed."),
    "used": lambda _n: _("%(agent)s has used the mandate for the first time."),
    "ended": lambda _n: _("%(agent)s can no longer act for you by this mandate."),
    "soon": lambda _n: _(
        "The last day of your mandate to %(agent)s is %(last)s. You can renew it."
    ),
    "expired": lambda _n: _("Your mandate to %(agent)s ran out on %(last)s."),
}
_TO_AGENT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "given": lambda _n: _("%(giver)s wants you to act for them."),
    "confirmed": lambda _n: _("You can now act for %(giver)s."),
    "changed": lambda _n: _("The mandate from %(giver)s is changed."),
    "ended": lambda _n: _("You can no longer act for %(giver)s by this mandate."),
    "soon": lambda _n: _(
        "The last day of the mandate from %(giver)s is %(last)s. Only they can renew it."
    ),
    "expired": lambda _n: _("The mandate from %(giver)s ran out on %(last)s."),
}
