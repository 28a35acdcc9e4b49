"""Answers in words: each field's label with its value as a person would write it.

Used by the pages, the receipt and the letters' attachments alike, so that an answer reads the same
everywhere. Words come in the language that is active; labels and options in the one asked for.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, ngettext_lazy
from django.utils.translation import gettext as _

from samspill.kernel.periods import OSLO
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

NBSP = "\N{NO-BREAK SPACE}"
_SMALL_WORDS = {"i", "og", "på", "ved", "av"}
_BIRTH_DIGITS = 6


@attrs.frozen(kw_only=True)
class Line:
    """One question with its answer in words."""

    label: str
    text: str


@attrs.frozen(kw_only=True)
class Rows:
    """The rows of a list, each with its name and its own lines."""

    label: str
    rows: tuple[tuple[str, tuple[Line, ...]], ...]


def answer_lines(
    package: packages.Package, answers: Mapping[str, Any], language: str, *, masked: bool = False
) -> Iterator[tuple[str, str]]:
    """Walk the answers in the package's order as (label, value); a row is one line under its name."""
    for part in answer_parts(package, answers, language, masked=masked):
        if isinstance(part, Line):
            yield part.label, part.text
            continue
        for name, lines in part.rows:
            inner = "; ".join(f"{line.label}: {line.text}" for line in lines)
            yield f"{part.label}: {name}", inner


def answer_parts(
    package: packages.Package, answers: Mapping[str, Any], language: str, *, masked: bool = False
) -> Iterator[Line | Rows]:
    """Walk the answers in the package's order; rows of a list stand together under their names.

    `masked` hides the last digits of national identity numbers.
    """
    for field in package.fields.values():
        value = answers.get(field.id)
        if value is None or value == "":
            continue
        if field.type == "list":
            yield _rows(package, field, value, language, masked=masked)
        elif field.type == "object":
            yield from _members(package, field, value, language, masked=masked)
        else:
            yield _line(package, field, value, language, masked=masked)


def _rows(
    package: packages.Package,
    field: packages.Field,
    rows: Sequence[Any],
    language: str,
    *,
    masked: bool,
) -> Rows:
    return Rows(
        label=package.text(f"field.{field.path}.label", language),
        rows=tuple(
            (
                row_name(package, field, row, number, language),
                tuple(_members(package, field, row or {}, language, masked=masked)),
            )
            for number, row in enumerate(rows, start=1)
        ),
    )


def _members(
    package: packages.Package,
    field: packages.Field,
    values: Mapping[str, Any],
    language: str,
    *,
    masked: bool,
) -> Iterator[Line]:
    for sub in field.fields.values():
        value = values.get(sub.id)
        if value is not None and value != "":
            yield _line(package, sub, value, language, masked=masked)


def _line(
    package: packages.Package, field: packages.Field, value: Any, language: str, *, masked: bool
) -> Line:
    label = package.text(f"field.{field.path}.label", language)
    return Line(label=label, text=value_text(package, field, value, language, masked=masked))


def document_name(package: packages.Package, file: Any, language: str) -> str:
    """Name an added document: what the employee called it, else the package's name of it.

    Args:
        package: the service.
        file: a row or a view of an attachment (`document`, `title`, `filename`).
        language: of the name.
    """
    label = package.texts.find(f"document.{file.document.split(':', 1)[0]}.label", language)
    return str(file.title or label or file.filename)


def document_names(package: packages.Package, files: Sequence[Any], language: str) -> list[str]:
    """Name added documents that stand together; those that would read alike are told apart by their files' names.

    Args:
        package: the service.
        files: as in `document_name`.
        language: of the names.
    """
    names = [document_name(package, file, language) for file in files]
    times = Counter(names)
    return [
        f"{name} ({file.filename})" if times[name] > 1 and name != file.filename else name
        for name, file in zip(names, files, strict=True)
    ]


def row_name(
    package: packages.Package, field: packages.Field, row: Any, number: int, language: str
) -> str:
    """Give what a row is called: the name written in it, else "Person 2" in the package's word."""
    for sub in field.fields.values():
        value = row.get(sub.id) if isinstance(row, Mapping) else None
        if sub.type == "person" and isinstance(value, Mapping) and value.get("name"):
            return str(value["name"])
        if sub.type == "text" and isinstance(value, str) and value.strip():
            return value.strip()
    one = package.texts.find(f"field.{field.path}.one", language)
    return f"{one or package.text(f'field.{field.path}.label', language)} {number}"


def row_at(
    package: packages.Package,
    answers: Mapping[str, Any],
    rows_of: str,
    row: int | None,
    language: str,
) -> str:
    """Give what a row of a list is called; empty when there is no such row."""
    rows = answers.get(rows_of) or ()
    if row is None or row >= len(rows):
        return ""
    return row_name(package, package.fields[rows_of], rows[row], row + 1, language)


def whose(package: packages.Package, answers: Mapping[str, Any], path: str, language: str) -> str:
    """Give what the row is called that a field stands in; empty for a field by itself."""
    rows_of, bracket, rest = path.partition("[")
    row = int(rest.partition("]")[0]) if bracket else None
    return row_at(package, answers, rows_of, row, language)


def document_label(
    package: packages.Package,
    answers: Mapping[str, Any],
    document: str,
    row: int | None,
    language: str,
) -> str:
    """Give what a document is called, with whose it is when each row of a list owes one."""
    label = package.text(f"document.{document}.label", language)
    demands = package.conditions.documents
    rows_of = next((d.for_each for d in demands if d.document == document and d.for_each), "")
    name = row_at(package, answers, rows_of, row, language) if rows_of else ""
    return f"{label} – {name}" if name else label


def with_label(label: str, text: str) -> str:
    """Put what is wrong after the label of its field.

    >>> with_label("Rent", "Write a number."), with_label("How much is it?", "Write a number.")
    ('Rent: Write a number.', 'How much is it? Write a number.')
    """
    return f"{label} {text}" if label.endswith("?") else f"{label}: {text}"


def errors_of(fields: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give the lines of a page's summary of errors: where each wrong field stands, and what is wrong with it."""
    return [
        {"id": one["id"], "text": with_label(one["label"], one["error"])}
        for one in fields
        if one.get("error")
    ]


def value_text(
    package: packages.Package,
    field: packages.Field,
    value: Any,
    language: str,
    *,
    masked: bool = False,
) -> str:
    """Give one value as a person would write it."""
    if field.type == "boolean":
        return yes_or_no(bool(value))
    if field.type in ("choice", "choices"):
        return _chosen(package, field, value if isinstance(value, list) else [value], language)
    if field.type == "date":
        return day_text(value)
    if field.type == "amount" and isinstance(value, int | float):
        return amount_text(value)
    if field.type in ("integer", "decimal") and isinstance(value, int | float):
        return number_text(value)
    return _written(field.type, value, masked=masked)


def _written(kind: str, value: Any, *, masked: bool) -> str:
    if isinstance(value, Mapping):
        return _composed(kind, value, masked=masked)
    if kind == "national_id":
        return identity_text(str(value), masked=masked)
    return account_text(str(value)) if kind == "account" else str(value)


def _composed(kind: str, value: Mapping[str, Any], *, masked: bool) -> str:
    if kind == "address":
        return address_text(value)
    if kind == "property":
        return property_text(value)
    if kind == "person":
        return person_text(value, masked=masked)
    return ", ".join(str(part) for part in value.values() if part)


def yes_or_no(value: bool) -> str:
    """Say yes or no."""
    return _("Yes") if value else _("No")


def day_text(day: dt.date | str | None) -> str:
    """Write a date: `1. august 2026`, in English `1 August 2026`."""
    if not day:
        return ""
    try:
        moment = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return date_format(moment, "j F Y" if _is_english() else "j. F Y")


def moment_text(at: dt.datetime) -> str:
    """Write a moment in Norwegian time: `1. august 2026 kl. 14.05`."""
    local = at.astimezone(OSLO)
    if _is_english():
        return f"{day_text(local.date())} at {local:%H:%M}"
    return f"{day_text(local.date())} kl. {local:%H.%M}"


def month_text(month: str | dt.date) -> str:
    """Write a month: `august 2026`."""
    first = dt.date.fromisoformat(f"{month[:7]}-01") if isinstance(month, str) else month
    return date_format(first, "F Y")


def amount_text(nok: float) -> str:
    """Write NOK, with øre only when there are any: `6 130 kr`, in English `NOK 6,130`."""
    text = number_text(round(nok, 2), 2 if round(nok, 2) % 1 else 0)
    return f"NOK{NBSP}{text}" if _is_english() else f"{text}{NBSP}kr"


_PER = {
    "kr/år": gettext_lazy("%(amount)s a year"),
    "kr/md": gettext_lazy("%(amount)s a month"),
    "kr/dag": gettext_lazy("%(amount)s a day"),
    "kr": gettext_lazy("%(amount)s"),
    "NOK": gettext_lazy("%(amount)s"),
}
_COUNTED = {
    "person": ngettext_lazy("%(number)s person", "%(number)s persons", "count"),
    "barn": ngettext_lazy("%(number)s child", "%(number)s children", "count"),
    "år": ngettext_lazy("%(number)s year", "%(number)s years", "count"),
    "md": ngettext_lazy("%(number)s month", "%(number)s months", "count"),
    "dag": ngettext_lazy("%(number)s day", "%(number)s days", "count"),
}
_UNITS = {
    "kr/år": gettext_lazy("NOK a year"),
    "kr/md": gettext_lazy("NOK a month"),
    "kr/dag": gettext_lazy("NOK a day"),
    "kr": gettext_lazy("NOK"),
    "person": gettext_lazy("persons"),
    "barn": gettext_lazy("children"),
    "år": gettext_lazy("years"),
    "md": gettext_lazy("months"),
    "dag": gettext_lazy("days"),
}
_BARE = {"", "1", "gang", "kode", "ja/nei", "andel", "gruppe"}


def quantity_text(value: Any, unit: str) -> str:
    """Write a value of the rules with its unit, in the language that is active.

    Units are written as the rules have them (`kr/år`, `person`); one that is not known stands as it is.

    >>> from django.utils import translation
    >>> with translation.override("en"): quantity_text(6130, "kr/md").replace(NBSP, " ")
    'NOK 6,130 a month'
    """
    if isinstance(value, bool):
        return yes_or_no(value)
    if not isinstance(value, int | float):
        return str(value)
    if unit in _PER:
        return str(_PER[unit]) % {"amount": amount_text(value)}
    number = number_text(round(value, 4))
    if unit in _COUNTED:
        return str(_COUNTED[unit] % {"number": number, "count": 1 if value == 1 else 2})
    return number if unit in _BARE else f"{number}{NBSP}{unit_text(unit)}"


def unit_text(unit: str) -> str:
    """Write a unit alone, as it stands behind a field: `kr i året`, in English `NOK a year`."""
    return str(_UNITS.get(unit, "" if unit in _BARE else unit))


def number_text(value: float, decimals: int | None = None) -> str:
    """Write a number with its digits grouped and the language's decimal sign."""
    places = decimals if decimals is not None else _places(value)
    text = f"{abs(value):,.{places}f}"
    if not _is_english():
        text = text.replace(",", NBSP).replace(".", ",")
    return f"\N{MINUS SIGN}{text}" if value < 0 else text


def _places(value: float) -> int:
    return 0 if float(value).is_integer() else min(4, len(f"{value:.4f}".rstrip("0").split(".")[1]))


def address_text(address: Mapping[str, Any]) -> str:
    """Write an address on one line: `Viddeveien 1, H0101, 8756 Sandnes`."""
    city = " ".join(part for part in (address.get("postal_code"), _city(address)) if part)
    place = municipality_name(str(address.get("municipality_no") or ""))
    told = place.casefold() in city.casefold() if place else True
    parts = [address.get("street"), address.get("unit_no"), city, "" if told else place]
    return ", ".join(str(part) for part in parts if part)


def _city(address: Mapping[str, Any]) -> str:
    city = str(address.get("city") or "")
    if not city.isupper():
        return city
    words = [word if word in _SMALL_WORDS else word.title() for word in city.lower().split()]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def municipality_name(number: str) -> str:
    """Give the name of the municipality that has a number today, or nothing."""
    found = municipalities.current(number) if re.fullmatch(r"\d{4}", number) else None
    return found.name if isinstance(found, municipalities.Municipality) else ""


def property_text(place: Mapping[str, Any]) -> str:
    """Write a property: its numbers, its unit and the municipality's name."""
    numbers = [place.get(part) for part in ("cadastral_no", "property_no", "lease_no")]
    name = municipality_name(str(place.get("municipality_no") or ""))
    written = "/".join(str(number) for number in numbers if number)
    return ", ".join(part for part in (written, str(place.get("unit_no") or ""), name) if part)


def person_text(person: Mapping[str, Any], *, masked: bool) -> str:
    """Write a person: the name, and the number when there is one."""
    number = identity_text(str(person.get("national_id") or ""), masked=masked)
    return ", ".join(part for part in (str(person.get("name") or ""), number) if part)


def identity_text(number: str, *, masked: bool) -> str:
    """Write a national identity number in its two groups; masked, only the date of birth is shown."""
    digits = re.sub(r"\D", "", number)
    if not digits:
        return ""
    rest = "*****" if masked else digits[_BIRTH_DIGITS:]
    return f"{digits[:_BIRTH_DIGITS]} {rest}".strip()


def account_text(number: str) -> str:
    """Write an account number as the banks do: `1234 56 78903`."""
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{5})", number)
    return NBSP.join(match.groups()) if match else number


def _chosen(
    package: packages.Package, field: packages.Field, chosen: list[Any], language: str
) -> str:
    if not field.options:
        return ", ".join(str(one) for one in chosen)
    return ", ".join(package.text(f"field.{field.path}.option.{one}", language) for one in chosen)


def _is_english() -> bool:
    return (get_language() or "nb").startswith("en")


@functools.lru_cache(maxsize=256)
def left_in_all(number: int, missing: int, lang: str) -> str:
    """Say how much is left in the whole application, in the language of the page, which is `lang`."""
    del lang  # only tells the kept answers apart
    if number:
        text = ngettext("%(number)s answer left", "%(number)s answers left", number)
        return text % {"number": number}
    return _("You have answered everything") if missing else _("Nothing is missing")


@functools.lru_cache(maxsize=256)
def left_on_page(number: int, lang: str) -> str:
    """Say how much is left on a page in the language of the page, which is `lang`."""
    del lang  # only tells the kept answers apart
    if not number:
        return _("done")
    return ngettext("%(number)s left", "%(number)s left", number) % {"number": number}
