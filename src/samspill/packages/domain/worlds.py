"""Answers, replies and settings made ready for conditions.

Only what is answered and right, in the kinds CEL wants.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from samspill.packages.domain import model
from samspill.packages.domain.cel_lowering import AGE
from samspill.packages.domain.cel_run import World, age
from samspill.packages.domain.compiling import Compiled

_DECIMAL: Final = frozenset({"decimal", "amount"})
_TREES: Final = (dict, list)


def situation_on(package: model.Package, day: dt.date) -> dt.date:
    """Give the day that conditions are judged on."""
    return day.replace(day=1) if package.service.situation == "month_start" else day


def world_of(
    compiled: Compiled,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    settings: Mapping[str, Any] | None = None,
    documents: Collection[str] = (),
    channel: str = "digital",
) -> World:
    """Build what conditions see of an application."""
    return world_seen(
        compiled,
        answered(compiled.package.fields, answers),
        facts,
        on=on,
        settings=settings,
        documents=documents,
        channel=channel,
    )


def world_seen(
    compiled: Compiled,
    relevant: dict[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    settings: Mapping[str, Any] | None,
    documents: Collection[str],
    channel: str,
) -> World:
    """Build the same of answers that are `answered` already."""
    return World(
        answers=with_ages(compiled.package.fields, relevant, on.isoformat()),
        facts=known(facts),
        settings=settings_in_force(compiled.package, settings),
        documents=sorted({one.split(":")[0] for one in documents}),
        on=on.isoformat(),
        channel=channel,
        expressions=compiled.named,
    )


def settings_in_force(package: model.Package, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give every setting: the municipality's value, else the package's default."""
    found = {}
    for key, setting in package.settings.items():
        value = (given or {}).get(key, setting.default)
        if value is not None:
            found[key] = float(value) if setting.type in _DECIMAL else value
    return found


def answered(fields: Mapping[str, model.Field], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Leave what is answered: no empty texts, numbers in their kind; a list that may be empty is `[]`."""
    found: dict[str, Any] = {}
    for name, spec in fields.items():
        value = _answer(spec, answers.get(name))
        if value is not None:
            found[name] = value
        elif spec.type == "list" and spec.optional and not spec.retired:
            found[name] = []
    return found


def with_ages(
    fields: Mapping[str, model.Field], answers: dict[str, Any], on: str
) -> dict[str, Any]:
    """Put the age beside every date, so that conditions need not reckon it again and again."""
    found = dict(answers)
    for name, spec in fields.items():
        value = answers.get(name)
        if value is None:
            continue
        if spec.type == "date":
            with contextlib.suppress(ValueError, TypeError):  # what is no date has no age
                found[name + AGE] = age(value, on)
        elif spec.type == "list":
            found[name] = [with_ages(spec.fields, row, on) for row in value]
        elif spec.type == "object":
            found[name] = with_ages(spec.fields, value, on)
    return found


def bare_world(on: str) -> World:
    """Build a world of a day and nothing else, for conditions that look at their row alone."""
    return World({}, {}, {}, (), on)


def row_world(world: World, spec: model.Field, row: Mapping[str, Any]) -> World:
    """Give the world seen from a row of a list field."""
    return world.at(with_ages(spec.fields, answered(spec.fields, row), world.on))


def _answer(spec: model.Field, value: Any) -> Any:
    if value is None or value == "" or (spec.type == "choices" and value == []):
        return None
    if spec.type in _DECIMAL:
        return float(value) if isinstance(value, int | float) else None
    if spec.type == "list" and isinstance(value, list):
        return [answered(spec.fields, row) for row in value if isinstance(row, dict)]
    if spec.type == "object" and isinstance(value, dict):
        return answered(spec.fields, value) or None
    if isinstance(value, dict):
        return known(value) or None
    return value


def known(tree: Any) -> Any:
    """Take away keys without a value, all the way down."""
    if isinstance(tree, dict):  # most are values of their own: no call for these
        return {
            key: known(value) if isinstance(value, _TREES) else value
            for key, value in tree.items()
            if value is not None
        }
    if isinstance(tree, list):
        return [known(value) if isinstance(value, _TREES) else value for value in tree]
    return tree
