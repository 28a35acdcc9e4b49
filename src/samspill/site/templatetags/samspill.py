"""The frame of a page, and filters for amounts, numbers, dates and roles; built in, so no template loads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.db import Error
from django.template import RequestContext
from django.utils import dateparse, formats, translation
from django.utils.translation import gettext

from samspill.kernel.outcome import Refused
from samspill.site import blank_forms, municipal_contact
from samspill.site.front_end.frame import ROLE_NAMES, Frame, describe

register = template.Library()

NBSP = "\u00a0"
MINUS = "\u2212"


def grouped(whole: int) -> str:
    """Group digits by three: a hard space in Norwegian, a comma in English."""
    separator = "," if (translation.get_language() or "nb").startswith("en") else NBSP
    text = f"{abs(whole):,}".replace(",", separator)
    return f"{MINUS}{text}" if whole < 0 else text


@register.filter
def kr(amount: float | Decimal | None) -> str:
    """Show NOK, with øre only when there are any: `12 345 kr`, `NOK 12,345` in English."""
    if amount is None or amount == "":
        return ""
    ore = round(Decimal(str(amount)) * 100)
    text = f"{MINUS if ore < 0 else ''}{grouped(abs(ore) // 100)}"
    english = (translation.get_language() or "nb").startswith("en")
    if abs(ore) % 100:
        text += f"{'.' if english else ','}{abs(ore) % 100:02d}"
    return f"NOK{NBSP}{text}" if english else f"{text}{NBSP}kr"


@register.filter
def kr_from_ore(ore: int | None) -> str:
    """Show integer øre as NOK."""
    return "" if ore is None else kr(Decimal(ore) / 100)


@register.filter
def number(value: int | None) -> str:
    """Show a whole number with its digits grouped."""
    return "" if value is None else grouped(int(value))


@register.filter
def plain_number(value: object) -> str:
    """Show the value of a number field for editing: no grouping, decimal comma in Norwegian."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    is_number = isinstance(value, (int, float, Decimal))
    english = (translation.get_language() or "nb").startswith("en")
    return text.replace(".", ",") if is_number and not english else text


@register.filter
def iso_date(value: dt.date | str | None) -> str:
    """Give a date as the browser's date field wants it."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else (value or "")


@register.filter(expects_localtime=True)
def day(value: dt.date | str | None) -> str:
    """Show a date in words, `1. august 2026` or `1 August 2026`."""
    if not value:
        return ""
    moment = dateparse.parse_date(value[:10]) if isinstance(value, str) else value
    if moment is None:
        return str(value)
    english = (translation.get_language() or "nb").startswith("en")
    return formats.date_format(moment, "j F Y" if english else "j. F Y")


@register.filter(expects_localtime=True)
def moment(value: dt.datetime | None) -> str:
    """Show a day and a time of day, `1. august 2026 kl. 14.05` or `1 August 2026 at 14:05`."""
    if not value:
        return ""
    english = (translation.get_language() or "nb").startswith("en")
    return f"{day(value)} at {value:%H:%M}" if english else f"{day(value)} kl. {value:%H.%M}"


@register.filter
def month(value: dt.date | None) -> str:
    """Show a month in words, `august 2026`."""
    return formats.date_format(value, "F Y") if value else ""


@register.simple_tag(takes_context=True)
def page_frame(context: RequestContext) -> Frame | None:
    """Give what the header shows; None on an error page that was made without a request."""
    request: Any = context.get("request")
    return describe(request) if request is not None else None


@register.filter
def role_names(codes: Iterable[str]) -> str:
    """Show roles in words, in a fixed order."""
    return ", ".join(gettext(ROLE_NAMES[code]) for code in ROLE_NAMES if code in set(codes))


@register.filter
def refusal_text(refused: Refused) -> str:
    """Show what was refused in the reader's language."""
    return _filled(refused.message, refused)


@register.filter
def refusal_remedy(refused: Refused) -> str:
    """Show what to do about a refusal in the reader's language."""
    return _filled(refused.remedy, refused)


def _filled(msgid: str, refused: Refused) -> str:
    text = gettext(msgid) if msgid else ""
    return text % refused.values if refused.values else text


@register.simple_tag(takes_context=True)
def municipality_to_reach(context: RequestContext) -> municipal_contact.Place | None:
    """Give the municipality asked for in the address, or that of the citizen's own application.

    What was asked for and is none is put into the page as `unknown_place`.
    """
    request: Any = context.get("request")
    if request is None:
        return None
    wanted = request.GET.get("kommune", "")[:60]
    try:
        found = municipal_contact.place_of(getattr(request, "actor", None), wanted)
    except Error:
        return None
    context["unknown_place"] = wanted if found is None else ""
    return found


@register.simple_tag
def ways_without_computer() -> list[blank_forms.Way]:
    """Give whom to call, and the form on paper, of every service; what was known last when the database is away."""
    try:
        return blank_forms.ways()
    except Error:
        return blank_forms.remembered()
