"""Answers by their places: whether there is one, which row it lies in, and answers without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from samspill.packages.domain import model

_TREES: Final = (dict, list)


def has_answer(spec: model.Field, value: Any) -> bool:
    """Tell whether a value is an answer; to a list that may be empty, none at all is one."""
    if spec.type == "list":
        return value == [] or spec.optional or value not in (None, "")
    return value not in (None, "", [])


def row_of(answers: Mapping[str, Any], name: str, row: int) -> Mapping[str, Any]:
    """Give a row of a list of the answers; an empty one beyond its end."""
    rows = [one for one in answers.get(name) or [] if isinstance(one, dict)]
    return rows[row] if row < len(rows) else {}


def row_in(path: str) -> int | None:
    """Give the number of the row that a path goes through, or None."""
    _, bracket, rest = path.partition("[")
    return int(rest.split("]")[0]) if bracket else None


def same(said: Any, value: Any) -> bool:
    """Tell whether an answer says what the register said, as far as it says anything."""
    if isinstance(said, Mapping) and isinstance(value, Mapping):
        return all(said.get(key) == part for key, part in value.items() if part not in (None, ""))
    return bool(said == value)


def unanswered_left_out(tree: Any) -> Any:
    """Give answers without keys that have no value."""
    if isinstance(tree, dict):
        return {
            key: unanswered_left_out(value) if isinstance(value, _TREES) else value
            for key, value in tree.items()
            if value is not None and value != ""
        }
    if isinstance(tree, list):
        return [unanswered_left_out(value) for value in tree]
    return tree


def remove(tree: dict[str, Any], path: str) -> None:
    """Take away the value at a place such as `members[0].born`, if it is there."""
    *way, last = [
        int(part) if part.isdigit() else part
        for part in path.replace("[", ".").replace("]", "").split(".")
    ]
    place: Any = tree
    for step in way:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(place, dict):
        place.pop(last, None)
    elif isinstance(place, list) and isinstance(last, int) and last < len(place):
        place[last] = None
