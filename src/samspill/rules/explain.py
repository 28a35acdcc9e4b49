"""Explain one calculation: every step with its value, unit, formula in words, inputs and statute."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from samspill.rules.graph import Graph, Node, fields_of
from samspill.rules.language import Const, Table
from samspill.rules.scalar import compile_scalar

_FEW = 6


class Step(NamedTuple):
    """One rule as it was applied."""

    name: str
    label: str
    value: Any
    unit: str
    formula: str
    inputs: dict[str, Any]
    law: str


class Explanation(NamedTuple):
    """The values asked for, and the steps in the order in which they were taken."""

    values: dict[str, Any]
    steps: list[Step]


def label(text: str) -> str:
    """Give the name in a rule's text: what stands before the first colon.

    >>> label("Vekt: 1 for søkeren, og tillegg for hver av de andre")
    'Vekt'
    """
    return text.split(":", 1)[0]


def formula(text: str) -> str:
    """Give the formula in a rule's text: what stands after the first colon.

    >>> formula("Vekt: 1 for søkeren")
    '1 for søkeren'
    """
    return text.split(":", 1)[-1].strip()


def compile_explanation(
    graph: Graph, rules: Sequence[str], targets: Sequence[str], language: str
) -> Callable[..., Explanation]:
    """Compile `f(**inputs)` that gives the explanation; all that is fixed is made here."""
    extra: dict[str, Any] = {
        "_new": tuple.__new__,
        "_Step": Step,
        "_Explanation": Explanation,
    }
    steps = [
        _step(number, graph, graph.nodes[name], language, extra)
        for number, name in enumerate(rules)
    ]
    values = ", ".join(f"{target!r}: {target}" for target in targets)
    result = f"_new(_Explanation, ({{{values}}}, [{', '.join(steps)}]))"
    return compile_scalar(graph, rules, result, extra)


def _step(number: int, graph: Graph, node: Node, language: str, extra: dict[str, Any]) -> str:
    spec = node.spec
    text = spec.texts[language]
    for name, fixed in (("label", label(text)), ("formula", formula(text)), ("law", spec.law)):
        extra[f"_{name}_{number}"] = fixed
    parts = []
    for argument in spec.args:
        if argument in node.parameters:
            parts.extend(_parameter(graph, node, argument))
        else:
            parts.append(f"{argument!r}: {argument}")
    return (
        f"_new(_Step, ({spec.name!r}, _label_{number}, {spec.name}, {spec.unit!r}, "
        f"_formula_{number}, {{{', '.join(parts)}}}, _law_{number}))"
    )


def _parameter(graph: Graph, node: Node, name: str) -> list[str]:
    """Give the entries that show a parameter: only what the rule reads, and no long tables."""
    held = graph.constants[name]
    if isinstance(held, Const):
        return [f"{name!r}: {held.value!r}"]
    if isinstance(held, Table):
        keys = fields_of(node.spec.expr, name)
        if keys:
            return [f"{f'{name}.{key}'!r}: {held.entries[key]!r}" for key in keys]
        if len(held.entries) <= _FEW:
            return [f"{name!r}: {list(held.entries.values())!r}"]
    return []


def as_rows(explanation: Explanation, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the steps as plain dictionaries under the names that a caller uses."""
    names = tuple(keys)
    pick = itemgetter(0, *(Step._fields.index(field) for field in keys.values()))
    return [dict(zip(names, pick(step)[1:], strict=True)) for step in explanation.steps]
