"""Answers in words: each field's label with its value as a reader would write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from samspill.packages import service as packages


def answer_lines(
    package: packages.Package, answers: Mapping[str, Any], language: str
) -> Iterator[tuple[str, str]]:
    """Walk the answers in the package's order as (label, value); rows of a list are numbered."""
    for field in package.fields.values():
        if field.id in answers and answers[field.id] is not None:
            yield from _lines(package, field, answers[field.id], language)


def _lines(
    package: packages.Package, field: packages.Field, value: Any, language: str
) -> Iterator[tuple[str, str]]:
    label = package.text(f"field.{field.path}.label", language)
    if field.type == "list":
        for number, row in enumerate(value, start=1):
            inner = "; ".join(
                f"{name}: {text}" for name, text in _row(package, field, row, language)
            )
            yield f"{label} {number}", inner
    elif field.type == "object":
        for name, text in _row(package, field, value, language):
            yield f"{label}, {name}", text
    else:
        yield label, _text(package, field, value, language)


def _row(
    package: packages.Package, field: packages.Field, row: Mapping[str, Any], language: str
) -> Iterator[tuple[str, str]]:
    for sub in field.fields.values():
        if row.get(sub.id) is not None:
            yield from _lines(package, sub, row[sub.id], language)


def _text(package: packages.Package, field: packages.Field, value: Any, language: str) -> str:
    if field.type == "boolean":
        return _("Yes") if value else _("No")
    if field.type in ("choice", "choices"):
        return _chosen(package, field, value if isinstance(value, list) else [value], language)
    if field.type == "date":
        return date_format(dt.date.fromisoformat(value), "j. F Y")
    if field.type == "amount":
        return _("%(amount)s kr") % {"amount": _number(value)}
    parts = value.values() if isinstance(value, Mapping) else [value]
    return ", ".join(str(part) for part in parts if part)


def _chosen(
    package: packages.Package, field: packages.Field, chosen: list[Any], language: str
) -> str:
    if not field.options:
        return ", ".join(str(one) for one in chosen)
    return ", ".join(package.text(f"field.{field.path}.option.{one}", language) for one in chosen)


def _number(value: float) -> str:
    text = f"{value:,.2f}" if value % 1 else f"{value:,.0f}"
    return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
