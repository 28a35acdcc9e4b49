"""Answers carried from one version of a package to another, by field id; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import frozen

from samspill.packages.domain import model
from samspill.packages.domain.schema import AnswerValidator
from samspill.packages.domain.setting_values import version_tuple

What = Literal["removed", "retyped", "not_accepted", "new_question"]


@frozen
class Change:
    """One thing that the move changes for the citizen.

    At a field (or a place in its rows), with the answer that was there.
    """

    what: What
    path: str
    label_key: str
    old_value: Any = None


@frozen
class Moved:
    """The answers as they stand in the new version. `needs_consent` when the move goes across a major version."""

    answers: Mapping[str, Any]
    changes: tuple[Change, ...]
    needs_consent: bool


def move_answers(old: model.Package, new: model.Package, answers: Mapping[str, Any]) -> Moved:
    """Move answers: same id and type is kept; what the new version cannot take is left out and told."""
    kept: dict[str, Any] = {}
    changes: list[Change] = []
    for name, value in answers.items():
        found = _carried(old.fields.get(name), new.fields.get(name), value, changes, name)
        if found is not None:
            kept[name] = found
    _drop_refused(new, kept, changes)
    changes.extend(_new_questions(old.fields, new.fields))
    across = version_tuple(old.version)[0] != version_tuple(new.version)[0]
    return Moved(kept, tuple(changes), across)


def _carried(
    old: model.Field | None, new: model.Field | None, value: Any, changes: list[Change], path: str
) -> Any:
    if value is None:
        return None
    label = f"field.{old.path if old else path}.label"
    if new is None or new.retired or new.source == "computed":
        changes.append(Change("removed", path, label, value))
        return None
    if old is not None and old.type != new.type and not _still_fits(old.type, new.type):
        changes.append(Change("retyped", path, label, value))
        return None
    if new.type == "list" and isinstance(value, list):
        return [
            _row(old, new, row, changes, f"{path}[{at}]")
            for at, row in enumerate(value)
            if isinstance(row, dict)
        ]
    if new.type == "object" and isinstance(value, dict):
        return _row(old, new, value, changes, path)
    return value


def _still_fits(old: str, new: str) -> bool:
    return (old, new) in {
        ("integer", "decimal"),
        ("integer", "amount"),
        ("decimal", "amount"),
        ("amount", "decimal"),
    }


def _row(
    old: model.Field | None,
    new: model.Field,
    row: Mapping[str, Any],
    changes: list[Change],
    path: str,
) -> dict[str, Any]:
    found = {}
    for sub, value in row.items():
        before = old.fields.get(sub) if old is not None else None
        kept = _carried(before, new.fields.get(sub), value, changes, f"{path}.{sub}")
        if kept is not None:
            found[sub] = kept
    return found


def _drop_refused(new: model.Package, kept: dict[str, Any], changes: list[Change]) -> None:
    """Leave out choices that are no longer there; other wrong answers stay, and are shown as wrong."""
    validator = AnswerValidator.of(new)
    for wrong in list(validator.wrong(kept, new.service.valid_from)):
        head = wrong.path.split("[")[0].split(".")[0]
        if wrong.code == "enum" and head == wrong.path:
            changes.append(
                Change("not_accepted", wrong.path, f"field.{head}.label", kept.pop(head, None))
            )


def _new_questions(
    old: Mapping[str, model.Field], new: Mapping[str, model.Field]
) -> Iterator[Change]:
    for name, spec in new.items():
        if name not in old and spec.source == "citizen" and not spec.retired:
            yield Change("new_question", spec.path, f"field.{spec.path}.label")
        elif name in old:
            yield from _new_questions(old[name].fields, spec.fields)
