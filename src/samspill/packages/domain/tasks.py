"""What a case asks of caseworkers: the tasks of a state that are due, and single conditions of the process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from samspill.packages.domain import model
from samspill.packages.domain.cel_run import World, compile_expression
from samspill.packages.domain.compiling import compile_package
from samspill.packages.domain.prefilling import row_name_of
from samspill.packages.domain.worlds import situation_on, world_of


def due_tasks(
    package: model.Package,
    state: str,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    channel: str = "digital",
    settings: Mapping[str, Any] | None = None,
    documents: Collection[str] = (),
    row_names: Mapping[str, str] = MappingProxyType({}),
) -> list[tuple[str, model.Task]]:
    """Return the tasks of a state with their keys (`<task>`, or `<task>:<row name>`).

    A task whose condition cannot be answered is due: a person then sees what is unknown.
    `row_names`: the caller's own ids of persons by identity number; they name a row whose key is one.
    """
    compiled = compile_package(package)
    world = world_of(
        compiled,
        answers,
        facts,
        on=situation_on(package, on),
        settings=settings,
        documents=documents,
        channel=channel,
    )
    return [
        (key, task)
        for at, task in enumerate(package.process.tasks)
        if task.state == state
        for key in _keys(package, world, at, task, row_names)
    ]


def _keys(
    package: model.Package, world: World, at: int, task: model.Task, names: Mapping[str, str]
) -> Iterator[str]:
    expression = compile_package(package).at("process.yaml", "tasks", at, "when")
    if task.for_each is None:
        if expression is None or expression.ask(world) is not False:
            yield task.id
        return
    spec, rows = package.fields[task.for_each], world.rows(task.for_each)
    answers = expression.ask_rows(world) if expression is not None else [True] * len(rows)
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        if answer is not False:
            yield f"{task.id}:{row_name_of(spec, row, number, names)}"


def is_met(
    package: model.Package,
    condition: str,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    channel: str = "digital",
    settings: Mapping[str, Any] | None = None,
    documents: Collection[str] = (),
) -> bool | None:
    """Answer one condition of the package (its text, as it stands in a transition).

    True, false, or None when unknown.
    """
    compiled = compile_package(package)
    found = compiled.adhoc.get(condition)
    if found is None:
        compiled_now = compile_expression(condition, compiled.scope, named=compiled.named)
        if isinstance(compiled_now, list):
            raise ValueError("; ".join(fault.message for fault in compiled_now))
        found = compiled.adhoc[condition] = compiled_now
    world = world_of(
        compiled,
        answers,
        facts,
        on=situation_on(package, on),
        settings=settings,
        documents=documents,
        channel=channel,
    )
    return found.ask(world)
