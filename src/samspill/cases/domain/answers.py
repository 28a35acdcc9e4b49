"""Answers by path: `rent`, `dwelling.floor`, `members[0].student`.

A path is what a form field posts. Reading a path that is not there gives None; writing copies what it
changes, so an earlier version of the answers stays as it was.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

# Paths come from forms, so they are few; a strange one is not kept for long.
_PATH = re.compile(r"[a-z][a-z0-9_]*(\[\d{1,3}\]|\.[a-z][a-z0-9_]*)*")
_SEGMENT = re.compile(r"\[(\d+)\]|\.?([a-z][a-z0-9_]*)")

Segment = str | int


class BadPathError(ValueError):
    """A path that no form of ours posts."""


@functools.lru_cache(maxsize=4096)
def segments(path: str) -> tuple[Segment, ...]:
    """Split a path.

    >>> segments("members[0].student")
    ('members', 0, 'student')

    Raises:
        BadPathError: the text is not a path.
    """
    if not _PATH.fullmatch(path):
        raise BadPathError(path)
    return tuple(int(m[1]) if m[1] else m[2] for m in _SEGMENT.finditer(path))


def field_path(path: str) -> str:
    """Give the path of the definition of a field, without row numbers.

    >>> field_path("members[0].student")
    'members.student'
    """
    return ".".join(s for s in segments(path) if isinstance(s, str))


@functools.lru_cache(maxsize=4096)
def without_rows(path: str) -> str:
    """Give a path or an id with row numbers and row keys taken out, for what is not personal.

    >>> without_rows("members[0].student"), without_rows("contract:17912099997")
    ('members.student', 'contract')
    """
    return re.sub(r"\[[^\]]*\]|:.*", "", path)


def get(answers: Mapping[str, Any], path: str) -> Any:
    """Read the value at a path, or None."""
    value: Any = answers
    for segment in segments(path):
        value = _step(value, segment)
        if value is None:
            return None
    return value


def has(answers: Mapping[str, Any], path: str) -> bool:
    """Tell whether something, if only nothing, has been written at a path."""
    *above, last = segments(path)
    holder: Any = answers
    for segment in above:
        holder = _step(holder, segment)
    if isinstance(last, int):
        return isinstance(holder, list) and last < len(holder)
    return isinstance(holder, Mapping) and last in holder


def put(answers: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Give the answers with a value written at a path.

    Raises:
        BadPathError: a row number beyond the end of its list plus one.
    """
    written = _put(dict(answers), segments(path), value, path)
    assert isinstance(written, dict)
    return written


def overlap(one: str, other: str) -> bool:
    """Tell whether writing one path changes what the other holds.

    >>> overlap("members", "members[0].student"), overlap("rent", "rent_from")
    (True, False)
    """
    a, b = segments(one), segments(other)
    short = min(len(a), len(b))
    return a[:short] == b[:short]


def in_row_order(path: str) -> tuple[tuple[bool, int, str], ...]:
    """Sort key: rows by their number, so that each is written after the one before it."""
    return tuple((True, s, "") if isinstance(s, int) else (False, 0, s) for s in segments(path))


def _step(value: Any, segment: Segment) -> Any:
    if isinstance(segment, int):
        return value[segment] if isinstance(value, list) and segment < len(value) else None
    return value.get(segment) if isinstance(value, Mapping) else None


def _put(holder: Any, path: tuple[Segment, ...], value: Any, whole: str) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        rows = list(holder) if isinstance(holder, list) else []
        if head > len(rows):
            raise BadPathError(whole)
        old = rows[head] if head < len(rows) else None
        new = _put(old, rest, value, whole) if rest else value
        return [*rows[:head], new, *rows[head + 1 :]]
    fields = dict(holder) if isinstance(holder, Mapping) else {}
    fields[head] = _put(fields.get(head), rest, value, whole) if rest else value
    return fields
