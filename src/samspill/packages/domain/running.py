"""An example run from end to end: replies and answers in.

What is missing, inputs, code, amount, states and letters out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from samspill.packages.domain import model
from samspill.packages.domain.compiling import compile_package
from samspill.packages.domain.evaluation import evaluate
from samspill.packages.domain.outcome import Evaluation
from samspill.packages.domain.prefilling import prefill, row_key_of
from samspill.packages.domain.worlds import situation_on, world_of
from samspill.rules import RuleBook, RulesError

_NEAR: Final = 0.011


@frozen
class Ran:
    """What an example came to."""

    evaluation: Evaluation
    answers: Mapping[str, Any] = field(repr=False)
    inputs: Mapping[str, Any]
    values: Mapping[str, Any]
    code: str | None
    amount: float | None
    states: tuple[str, ...]
    letters: tuple[str, ...]
    refused: str = ""


@frozen
class Difference:
    """One thing that an example expects and does not get."""

    key: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected!r}, found {self.found!r}"


def run_example(
    package: model.Package,
    example: model.Example,
    book: RuleBook | None,
    *,
    settings: Mapping[str, Any] | None = None,
) -> Ran:
    """Run an example; `settings` are a municipality's values, under those of the example."""
    answers = _answers(package, example)
    merged = {**(settings or {}), **example.settings}
    evaluation = evaluate(
        package,
        answers,
        example.facts,
        on=example.on,
        documents=example.documents,
        settings=merged,
        confirmed=example.confirmed,
        unavailable=example.unavailable,
    )
    inputs = {**evaluation.rule_inputs, **example.inputs}
    values, refused = _values(
        book, package.conditions.inputs, inputs, situation_on(package, example.on)
    )
    decide = package.process.result
    code = values.get(decide.code) if decide else None
    amount = values.get(decide.amount) if decide and decide.amount else None
    states = tuple(_walk(package, example, answers, merged))
    letters = tuple(
        one.letter
        for one in package.process.decisions
        if code is not None and str(code) in one.codes
    )[:1]
    return Ran(
        evaluation,
        answers,
        inputs,
        values,
        None if code is None else str(code),
        amount,
        states,
        letters,
        refused,
    )


def _answers(package: model.Package, example: model.Example) -> dict[str, Any]:
    """Fill from the replies, lay the answers on top (rows by key), and fill what the new rows lack."""
    filled = prefill(package, {}, example.facts, on=example.on)
    for name, value in example.answers.items():
        spec = package.fields.get(name)
        if spec is not None and spec.type == "list" and spec.key and isinstance(value, list):
            filled[name] = _merged_rows(spec, filled.get(name) or [], value)
        else:
            filled[name] = value
    return {**prefill(package, filled, example.facts, on=example.on), **_own(package, example)}


def _own(package: model.Package, example: model.Example) -> dict[str, Any]:
    return {
        name: value
        for name, value in example.answers.items()
        if name not in package.fields or package.fields[name].type != "list"
    }


def _merged_rows(spec: model.Field, there: Sequence[Any], given: Sequence[Any]) -> list[Any]:
    rows = [dict(row) for row in there]
    by_key = {row_key_of(spec, row): row for row in rows}
    for row in given:
        known = (
            by_key.get(row_key_of(spec, row))
            if isinstance(row, dict) and row_key_of(spec, row)
            else None
        )
        if known is None:
            rows.append(row)
        else:
            known.update(row)
    return rows


def _values(
    book: RuleBook | None, mapped: Iterable[str], inputs: Mapping[str, Any], on: dt.date
) -> tuple[dict[str, Any], str]:
    """Compute what can be computed: an input that the package maps and that is unknown stays unanswered."""
    if book is None:
        return {}, ""
    try:
        policy = book.on(on)
        given = {name: inputs.get(name) for name in (*mapped, *inputs) if name in policy.inputs}
        return dict(policy.compute(given).values), ""
    except RulesError as error:
        return {}, str(error)


def _walk(
    package: model.Package,
    example: model.Example,
    answers: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Iterator[str]:
    """Walk the process from its first state by the example's events; an event without a way stops the walk."""
    compiled = compile_package(package)
    world = world_of(
        compiled,
        answers,
        example.facts,
        on=situation_on(package, example.on),
        settings=settings,
        documents=example.documents,
    )
    state = package.process.initial
    yield state
    for event in example.events:
        for at, move in enumerate(package.process.transitions):
            condition = compiled.at("process.yaml", "transitions", at, "when")
            if (
                move.event == event
                and state in move.from_states
                and (condition is None or condition.ask(world) is True)
            ):
                state = move.to
                yield state
                break
        else:
            return


def differences(example: model.Example, ran: Ran) -> list[Difference]:
    """Compare what an example expects with what it came to."""
    want = example.expect
    found = {
        "missing": tuple(sorted(_missing_ids(ran.evaluation))),
        "errors": tuple(sorted({item.id for item in ran.evaluation.errors})),
        "pages": tuple(page.key for page in ran.evaluation.pages if page.visible is True),
        "code": ran.code,
        "unit": ran.evaluation.routing,
        "states": ran.states,
        "letters": ran.letters,
    }
    wrong = []
    for key, value in found.items():
        expected = getattr(want, key)
        if expected is None:
            continue
        compared = tuple(sorted(expected)) if key in ("missing", "errors") else expected
        if compared != value:
            wrong.append(Difference(key, expected, value))
    if want.amount is not None and not _near(want.amount, ran.amount):
        wrong.append(Difference("amount", want.amount, ran.amount))
    wrong.extend(_of_tables(want, ran))
    if want.could_change is not None and not set(want.could_change) <= set(
        ran.evaluation.could_change
    ):
        wrong.append(Difference("could_change", want.could_change, ran.evaluation.could_change))
    if ran.refused and wrong:
        wrong.append(Difference("rules", "an answer", ran.refused))
    return wrong


def _of_tables(want: model.Expected, ran: Ran) -> Iterator[Difference]:
    for name, expected in want.inputs.items():
        if not _near(expected, ran.inputs.get(name)):
            yield Difference(f"inputs.{name}", expected, ran.inputs.get(name))
    for name, expected in want.values.items():
        if not _near(expected, ran.values.get(name)):
            yield Difference(f"values.{name}", expected, ran.values.get(name))


def _missing_ids(evaluation: Evaluation) -> Iterator[str]:
    for item in evaluation.missing:
        yield item.id if item.kind == "field" else f"{item.kind}:{item.id}"


def _near(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) < _NEAR
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(
            _near(a, b) for a, b in zip(expected, found, strict=True)
        )
    return bool(expected == found)
