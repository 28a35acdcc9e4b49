"""Small parsers that turn YAML values into the classes of `model`, and say what is wrong with file, line and key.

A parser takes a `Cursor` (a value and where it stands) and returns the value wanted, or `BAD` after noting
why.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from samspill.packages.domain.source import Document, Path, dotted
from samspill.rules.errors import LoadError

BAD: Final = object()
"""What a parser returns when the value cannot be used; the reason is noted."""


@frozen
class Cursor:
    """A value in a file, where it stands, and where faults are noted."""

    document: Document
    path: Path
    value: Any
    errors: list[LoadError]

    def at(self, key: str | int) -> Cursor:
        """Go one step down."""
        return evolve(self, path=(*self.path, key), value=self.value[key])

    def fault(self, message: str, remedy: str, *, key: str | None = None) -> object:
        """Note a fault here (or at a key below) and return `BAD`."""
        path = self.path if key is None else (*self.path, key)
        self.errors.append(
            LoadError(
                file=self.document.file,
                line=self.document.line(path),
                key=dotted(path),
                message=message,
                remedy=remedy,
            )
        )
        return BAD


Parser = Callable[[Cursor], Any]


@frozen
class Key:
    """A key of a mapping: its parser, whether it must be there, and the attribute it fills."""

    name: str
    parser: Parser
    required: bool = True
    to: str = ""


def required(name: str, parser: Parser, to: str = "") -> Key:
    """Say that a key must be there."""
    return Key(name, parser, required=True, to=to or name)


def optional(name: str, parser: Parser, to: str = "") -> Key:
    """Say that a key may be left out."""
    return Key(name, parser, required=False, to=to or name)


def record(make: Callable[..., Any], *keys: Key) -> Parser:
    """Parse a mapping with these keys and no others into `make(**attributes)`."""
    known = {key.name: key for key in keys}

    def parse(cursor: Cursor) -> Any:
        if not isinstance(cursor.value, dict):
            return cursor.fault(f"This is {_kind(cursor.value)}, not a list of keys.", _keys(keys))
        for name in cursor.value.keys() - known.keys():
            cursor.fault(f"The key {name!r} is not known.", _nearest(name, known), key=name)
        values = {}
        for key in keys:
            if key.name in cursor.value:
                values[key.to] = key.parser(cursor.at(key.name))
            elif key.required:
                cursor.fault(f"The key {key.name!r} is missing.", f"Add `{key.name}:` here.")
                values[key.to] = BAD
        unusable = any(value is BAD for value in values.values())
        return BAD if unusable else make(**values)

    return parse


def list_of(parser: Parser) -> Parser:
    """Parse a list into a tuple."""

    def parse(cursor: Cursor) -> Any:
        if not isinstance(cursor.value, list):
            return cursor.fault(f"This is {_kind(cursor.value)}, not a list.", "Write [a, b].")
        return all_good([parser(cursor.at(at)) for at in range(len(cursor.value))])

    return parse


def all_good(values: list[Any]) -> Any:
    """Give the values as a tuple, or `BAD` when one of them is."""
    return BAD if any(value is BAD for value in values) else tuple(values)


def one_or_list(parser: Parser) -> Parser:
    """Parse one value or a list of them into a tuple."""

    def parse(cursor: Cursor) -> Any:
        if isinstance(cursor.value, list):
            return list_of(parser)(cursor)
        return all_good([parser(cursor)])

    return parse


def table(parser: Callable[[str], Parser], key: re.Pattern[str] | None = None) -> Parser:
    """Parse a mapping of free keys into a dict; `parser(key)` gives the parser of the value."""

    def parse(cursor: Cursor) -> Any:
        if not isinstance(cursor.value, dict):
            return cursor.fault(
                f"This is {_kind(cursor.value)}, not a list of keys.", "Write `key: value`."
            )
        found: dict[str, Any] = {}
        for name in cursor.value:
            if key is not None and not key.fullmatch(name):
                cursor.fault(f"{name!r} cannot be an id.", _ID_REMEDY, key=name)
                found[name] = BAD
            else:
                found[name] = parser(name)(cursor.at(name))
        return BAD if any(value is BAD for value in found.values()) else found

    return parse


def text(cursor: Cursor) -> Any:
    """Parse a text that is not empty."""
    if isinstance(cursor.value, str) and cursor.value.strip():
        return cursor.value
    if isinstance(cursor.value, int | float) and not isinstance(cursor.value, bool):
        return cursor.fault(
            f"This is the number {cursor.value}, not a text.",
            f'Put it in quotes: "{cursor.value}".',
        )
    return cursor.fault(f"This is {_kind(cursor.value)}, not a text.", "Write a text.")


def loose_text(cursor: Cursor) -> Any:
    """Parse a text that may be empty."""
    return cursor.value if cursor.value == "" else text(cursor)


def boolean(cursor: Cursor) -> Any:
    """Parse `true` or `false`."""
    if isinstance(cursor.value, bool):
        return cursor.value
    return cursor.fault(f"This is {_kind(cursor.value)}.", "Write true or false.")


def integer(*, least: int | None = None, most: int | None = None) -> Parser:
    """Parse a whole number within limits."""

    def parse(cursor: Cursor) -> Any:
        value = cursor.value
        if not isinstance(value, int) or isinstance(value, bool):
            return cursor.fault(
                f"This is {_kind(value)}, not a whole number.", "Write a whole number."
            )
        if (least is not None and value < least) or (most is not None and value > most):
            low, high = ("…" if limit is None else limit for limit in (least, most))
            return cursor.fault(f"{value} is outside {low} to {high}.", "Write a number within.")
        return value

    return parse


def number(cursor: Cursor) -> Any:
    """Parse a number."""
    if isinstance(cursor.value, int | float) and not isinstance(cursor.value, bool):
        return cursor.value
    return cursor.fault(f"This is {_kind(cursor.value)}, not a number.", "Write a number.")


def number_or_date(cursor: Cursor) -> Any:
    """Parse a number, an ISO date or the word `on`."""
    if cursor.value == "on":
        return "on"
    return iso_date_text(cursor) if isinstance(cursor.value, str) else number(cursor)


def one_of(*values: str) -> Parser:
    """Parse one of these words."""

    def parse(cursor: Cursor) -> Any:
        if cursor.value in values:
            return cursor.value
        if isinstance(cursor.value, bool):
            return cursor.fault(
                f"This is {str(cursor.value).lower()}, not one of the words.",
                "Write " + or_list(values) + ".",
            )
        return cursor.fault(
            f"{cursor.value!r} is not one of the values.", f"Write {or_list(values)}."
        )

    return parse


def matching(pattern: str, remedy: str) -> Parser:
    """Parse a text that matches a pattern."""
    compiled = re.compile(pattern)

    def parse(cursor: Cursor) -> Any:
        value = text(cursor)
        if value is BAD or compiled.fullmatch(value):
            return value
        return cursor.fault(f"{value!r} has the wrong form.", remedy)

    return parse


def iso_date_text(cursor: Cursor) -> Any:
    """Parse an ISO date and keep it as text."""
    return cursor.value if iso_date(cursor) is not BAD else BAD


def iso_date(cursor: Cursor) -> Any:
    """Parse an ISO date."""
    try:
        return dt.date.fromisoformat(cursor.value)
    except (TypeError, ValueError):
        return cursor.fault(f"{cursor.value!r} is not a date.", "Write it as 2026-08-01.")


def optional_date(cursor: Cursor) -> Any:
    """Parse an ISO date or nothing."""
    return None if cursor.value is None else iso_date(cursor)


def anything(cursor: Cursor) -> Any:
    """Take the value as it is."""
    return cursor.value


def plain_table(cursor: Cursor) -> Any:
    """Take a mapping as it is."""
    return table(lambda _name: anything)(cursor)


_ID_REMEDY: Final = (
    "Use small letters a–z, digits and _, beginning with a letter; at most 60 signs."
)
ID: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
identifier: Final = matching(ID.pattern, _ID_REMEDY)
path_text: Final = matching(
    r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", "Write an id, or a dotted one such as members.born."
)
duration: Final = matching(
    r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?",
    "Write an ISO 8601 duration: P30D, P3W, P1M or PT15M.",
)
day_duration: Final = matching(
    r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?",
    "Write whole days, weeks, months or years: P30D, P3W, P1M.",
)


def or_list(values: Sequence[str]) -> str:
    """Write values as `a, b or c`."""
    *first, last = values
    return f"{', '.join(first)} or {last}" if first else last


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    names: tuple[tuple[type, str], ...] = (
        (bool, "true/false"),
        (int, "a number"),
        (float, "a number"),
        (str, "a text"),
        (list, "a list"),
        (dict, "a list of keys"),
    )
    return next(name for kind, name in names if isinstance(value, kind))


def _keys(keys: Sequence[Key]) -> str:
    return "Write these keys: " + ", ".join(key.name for key in keys) + "."


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Remove it, or use one of: " + ", ".join(sorted(known)) + "."
