"""A condition written as Python answers what CEL answers, or leaves it to CEL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.packages.domain.cel_evaluator import cel
from samspill.packages.domain.cel_python import NAMES, UNUSUAL, to_python
from samspill.packages.domain.cel_run import FUNCTIONS, Expression, World
from samspill.packages.domain.compiling import compile_package
from samspill.packages.domain.model import Package
from samspill.packages.domain.worlds import situation_on, world_of
from samspill.packages.service import store
from samspill.packages.tests import builders

CATALOGUE = Path(__file__).parents[2] / "catalogue" / "bostotte"

_LEAVES = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([-1.5, 0.0, 1.0, 2.0, 2.5]),
    st.sampled_from(["", "a", "b", "2026-01-31", "ø"]),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y"]), inner, max_size=2)
    ),
    max_leaves=6,
)
_ANSWERS = st.dictionaries(st.sampled_from(["p", "q", "r", "rows"]), _VALUES, max_size=4)

_ATOMS = st.sampled_from(
    ["a.p", "a.q", "a.r.x", "a.rows", "f.p", "f.rows[0]", "c.x", "on", "documents", "1", "2.5", "0", "0.0",
     "'a'", "true", "false", "null", "[1, 2.0]", "['a', 'b']", "has(a.p)", "has(a.r.x)", "item.x", "channel"]
)  # fmt: skip
_OPERATORS = st.sampled_from(
    ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "in"]
)


def _larger(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    functions = st.sampled_from(
        ["size", "double", "string", "sum", "max0", "month", "min", "round"]
    )
    kinds = st.sampled_from(["exists", "all", "exists_one", "filter", "map"])
    return st.one_of(
        st.builds("({} {} {})".format, part, _OPERATORS, part),
        st.builds("({} ? {} : {})".format, part, part, part),
        st.builds("!({})".format, part),
        st.builds("-({})".format, part),
        st.builds("{}({})".format, functions, part),
        st.builds("({}).startsWith({})".format, part, part),
        st.builds("a.rows.{}(v0, {})".format, kinds, part),
        st.builds("a.rows.{}(v0, (v0.x {} {}))".format, kinds, _OPERATORS, part),
        st.builds("a.rows.map(v0, ({}), v0)".format, part),
        st.builds("({})[{}]".format, part, part),
    )


def _alike(left: Any, right: Any) -> bool:
    """Tell whether two values are the same, also in kind: 1 is not true and not 1.0."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_alike, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_alike(left[k], right[k]) for k in left)
    return type(left) is type(right) and bool(left == right)


@given(st.recursive(_ATOMS, _larger, max_leaves=8), _ANSWERS, _ANSWERS, st.integers(0, 2))
@settings(max_examples=200, deadline=None)
def test_what_python_answers_is_what_cel_answers(
    text: str, answers: dict[str, Any], facts: dict[str, Any], named: int
) -> None:
    program = to_python(text, FUNCTIONS)
    if program is None:
        return
    there = {"a": answers, "f": facts, "s": {}, "c": {"x": named}, "item": {"x": 1.0}}
    there |= {"on": "2026-08-01", "documents": ["a"], "channel": "digital"}
    try:
        ours = program(*(there[name] for name in NAMES))
    except UNUSUAL:
        return  # left to CEL
    context = cel.Context(variables=there, functions=dict(FUNCTIONS))
    assert _alike(ours, cel.compile(text).execute(context)), text


@pytest.mark.parametrize(
    "text", ["a.p.matches('^a')", "a.p == b", "9223372036854775808 > 1", "has(a)", "unknown(a.p)"]
)
def test_leaves_to_cel_what_it_does_not_know(text: str) -> None:
    assert to_python(text, FUNCTIONS) is None


def _worlds(package: Package) -> list[World]:
    """Give the package's own examples, each also with every answer taken away, one at a time."""
    compiled, found = compile_package(package), []
    for example in package.examples[:12]:
        answers = dict(example.answers)
        tried = [answers, *({k: v for k, v in answers.items() if k != name} for name in answers)]
        on = situation_on(package, example.on)
        found += [world_of(compiled, one, example.facts, on=on) for one in tried]
    return found


def test_a_whole_service_is_answered_alike() -> None:
    package = builders.checked(store.read_folder(CATALOGUE))
    expressions: list[Expression] = list(compile_package(package).expressions.values())
    by_python = 0
    for number, world in enumerate(_worlds(package)):
        for one in expressions[number % 11 :: 11]:
            by_python += one.asking is not None
            if one.type.kind == "bool" and not one.list_path:
                assert one.ask(world) == one.ask_cel(world), one.source
            elif not one.list_path:
                assert _alike(one.value(world), one.value_cel(world)), one.source
    assert by_python > 0, "no condition was written as Python"


def test_a_whole_service_needs_no_help_of_cel() -> None:
    compiled = compile_package(builders.checked(store.read_folder(CATALOGUE)))
    left = [one.source for one in compiled.expressions.values() if one.asking is None]
    assert not left, left
