"""Filters that show amounts, numbers and dates the way Norwegian and English readers expect."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils import dateparse, formats, translation

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
    sign = -1 if ore < 0 else 1
    text = grouped(sign * (abs(ore) // 100))
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


@register.filter
def day(value: dt.date | str | None) -> str:
    """Show a date in words, `1. august 2026` or `1 August 2026`."""
    if not value:
        return ""
    moment = dateparse.parse_date(value[:10]) if isinstance(value, str) else value
    if moment is None:
        return str(value)
    english = (translation.get_language() or "nb").startswith("en")
    return formats.date_format(moment, "j F Y" if english else "j. F Y")
