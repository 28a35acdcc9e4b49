"""Read JSON that others write: strict where a wrong guess would hurt a person, else tolerant.

Extra fields and unknown enum values are let through; a missing or mistyped field that a decision rests on
raises `WireError`, which becomes `Unavailable(kind="invalid")`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, overload

Json = Mapping[str, Any]
T = TypeVar("T")

_OFFSET_WITHOUT_MINUTES = re.compile(r"([+-]\d{2})$")
_TOO_FINE = re.compile(r"(\.\d{6})\d+")


class WireError(ValueError):
    """The register's answer does not have the published shape. Says where, never what (no data)."""


def an_object(value: Any, where: str) -> Json:
    """Return a JSON object, or refuse."""
    if not isinstance(value, Mapping):
        msg = f"{where} is not an object"
        raise WireError(msg)
    return value


def objects(parent: Json, key: str, *, required: bool = True) -> list[Json]:
    """Return a list of objects under a key; absent is an empty list unless required."""
    value = parent.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list):
        msg = f"{key} is not a list"
        raise WireError(msg)
    return [an_object(item, key) for item in value]


def text(parent: Json, key: str) -> str:
    """Return a required text."""
    value = parent.get(key)
    if not isinstance(value, str) or not value:
        msg = f"{key} is not a text"
        raise WireError(msg)
    return value


def optional_text(parent: Json, key: str) -> str | None:
    """Return a text, or None when it is absent or empty."""
    value = parent.get(key)
    if value is not None and not isinstance(value, str):
        msg = f"{key} is not a text"
        raise WireError(msg)
    return value or None


def number(parent: Json, key: str) -> int | float:
    """Return a required number; a boolean or a text is refused."""
    value = parent.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{key} is not a number"
        raise WireError(msg)
    return value


def optional_number(parent: Json, key: str) -> int | float | None:
    """Return a number, or None when it is absent."""
    return None if parent.get(key) is None else number(parent, key)


@overload
def flag(parent: Json, key: str) -> bool: ...
@overload
def flag(parent: Json, key: str, *, default: bool | None) -> bool | None: ...
def flag(parent: Json, key: str, *, default: bool | None = None) -> bool | None:
    """Return a boolean; required unless a default is given."""
    value = parent.get(key, default)
    if not isinstance(value, bool):
        if value is None and default is None and key in parent:
            return None
        msg = f"{key} is not true or false"
        raise WireError(msg)
    return value


def day(parent: Json, key: str) -> str | None:
    """Return a date as ISO text, or None when it is absent; a time stamp is cut to its date."""
    value = optional_text(parent, key)
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value[:10]).isoformat()
    except ValueError as error:
        msg = f"{key} is not a date"
        raise WireError(msg) from error


def instant(value: Any) -> dt.datetime | None:
    """Return a time stamp, or None. An offset without minutes and fine fractions are understood.

    >>> instant("2023-06-29T10:14:52+02").isoformat()
    '2023-06-29T10:14:52+02:00'
    >>> instant("2023-06-29T10:14:52.123Z").isoformat()
    '2023-06-29T10:14:52.123000+00:00'
    """
    if not isinstance(value, str) or not value:
        return None
    cleaned = _TOO_FINE.sub(r"\1", value)
    if "T" in cleaned:
        cleaned = _OFFSET_WITHOUT_MINUTES.sub(r"\1:00", cleaned)
    try:
        found = dt.datetime.fromisoformat(cleaned)
    except ValueError as error:
        msg = "a time stamp cannot be read"
        raise WireError(msg) from error
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


_LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


def current(elements: Sequence[Json]) -> Json | None:
    """Return the element in force: none, or of several the one brought up to date last."""
    in_force = [element for element in elements if element.get("erGjeldende") is True]
    if not in_force:
        return None
    return max(in_force, key=lambda e: instant(e.get("ajourholdstidspunkt")) or _LONG_AGO)


def by_person(entries: Sequence[Json], key: str, wanted: Mapping[str, T]) -> dict[T, Json]:
    """Return the entries by person, leaving out people nobody asked about."""
    found: dict[T, Json] = {}
    for entry in entries:
        person = wanted.get(text(entry, key))
        if person is not None:
            found[person] = entry
    return found
