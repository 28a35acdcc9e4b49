"""Conditions ready to run: three answers (true, false, unknown), values, and which unanswered fields could still change them."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import cel
from attrs import evolve, field, frozen

from samspill.packages.domain import cel_syntax as syntax
from samspill.packages.domain.cel_lowering import PLAIN, ROOTS, Lowering
from samspill.packages.domain.cel_types import Checker, Fault, Scope

_FAILURES: Final = (TypeError, RuntimeError, ValueError, KeyError, IndexError)


def _age(born: str, on: str) -> int:
    """Give whole years; somebody born 29 February is a year older on 1 March.

    >>> _age("2008-08-02", "2026-08-01")
    17
    """
    first, last = dt.date.fromisoformat(born[:10]), dt.date.fromisoformat(on[:10])
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def _days(first: str, last: str) -> int:
    return (dt.date.fromisoformat(last[:10]) - dt.date.fromisoformat(first[:10])).days


def _round(value: float) -> float:
    return float(math.floor(value + 0.5))


FUNCTIONS: Final[Mapping[str, Any]] = {
    "sum": lambda values: float(math.fsum(values)),
    "min": lambda values: float(min(values)),
    "max": lambda values: float(max(values)),
    "age": _age,
    "max0": lambda value: max(0.0, float(value)),
    "month": lambda day: day[:7],
    "year": lambda day: int(day[:4]),
    "days": _days,
    "round": _round,
}


@frozen
class World:
    """What one application looks like to conditions: unanswered keys are absent (never None)."""

    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    settings: Mapping[str, Any]
    documents: Sequence[str]
    on: str
    channel: str = "digital"
    row: Mapping[str, Any] | None = None
    index: int = 0

    @functools.cached_property
    def context(self) -> cel.Context:
        """Build the evaluator's context, once."""
        variables = {
            "a": self.answers, "f": self.facts, "s": self.settings, "documents": list(self.documents),
            "on": self.on, "channel": self.channel, "item": self.row or {}, "index": self.index,
        }  # fmt: skip
        return cel.Context(variables=variables, functions=dict(FUNCTIONS))

    def at(self, row: Mapping[str, Any], index: int) -> World:
        """Give the world seen from one row."""
        return evolve(self, row=row, index=index)


@functools.lru_cache(maxsize=8192)
def _program(text: str) -> cel.Program:
    return cel.compile(text)


def _holds(text: str, world: World) -> bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        return _program(text).execute(world.context) is True
    except _FAILURES:
        return False


@frozen(eq=False)
class Expression:
    """A checked expression. `ask` answers true, false or None (unknown); `value` gives a value or None."""

    source: str
    node: syntax.Node
    lowering: Lowering = field(repr=False)
    list_path: str = ""

    @functools.cached_property
    def _true(self) -> str:
        return self.lowering.true(self.node)

    @functools.cached_property
    def _false(self) -> str:
        return self.lowering.false(self.node)

    @functools.cached_property
    def _known(self) -> str:
        return " && ".join(self.lowering.known(self.node)) or "true"

    @functools.cached_property
    def _value(self) -> str:
        return self.lowering.value(self.node)

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """Name the fields and roots read, through conditions and computed fields."""
        return frozenset(_reads(self.node, self.lowering.inlined))

    def warm(self) -> None:
        """Compile now, so that a condition CEL refuses is found at check and not at an application."""
        for text in (self._true, self._false, self._known, self._value):
            if text not in ("true", "false"):
                _program(text)

    def ask(self, world: World) -> bool | None:
        """Answer true, false, or None when unanswered fields decide."""
        if _holds(self._true, world):
            return True
        return False if _holds(self._false, world) else None

    def value(self, world: World) -> Any:
        """Give the value, or None when it is unknown."""
        if not _holds(self._known, world):
            return None
        try:
            return _program(self._value).execute(world.context)
        except _FAILURES:
            return None

    def could_change(self, world: World) -> set[str]:
        """Name the unanswered fields that the unknown answer hangs on."""
        return set(self._open(self.node, world))

    def _open(self, node: syntax.Node, world: World) -> Iterator[str]:
        match node:
            case syntax.Name(name=name) if name in self.lowering.inlined:
                yield from self._open(self.lowering.inlined[name], world)
            case syntax.Unary(op="!", of=of):
                yield from self._open(of, world)
            case syntax.Binary(op="&&" | "||", left=left, right=right):
                for side in (left, right):
                    if self._part(side).ask(world) is None:
                        yield from self._open(side, world)
            case syntax.If(test=test, then=then, other=other):
                answer = self._part(test).ask(world)
                branches = {True: (then,), False: (other,), None: (test, then, other)}[answer]
                for branch in branches:
                    yield from self._open(branch, world)
            case _:
                yield from _unanswered(node, _Places(world, self.list_path, self.lowering.inlined))

    def _part(self, node: syntax.Node) -> Expression:
        return Expression("", node, self.lowering, self.list_path)


def compile_expression(
    source: str, scope: Scope, *, list_path: str = ""
) -> Expression | list[Fault]:
    """Return the expression ready to run, or what is wrong with it."""
    try:
        node = syntax.parse(source)
    except syntax.CelSyntaxError as error:
        return [Fault(str(error), "Look at brackets, quotes and operators.", error.column)]
    checker = Checker(scope)
    checker.check(node)
    if checker.faults:
        return checker.faults
    lowering = Lowering(checker.types, scope.inlined)
    return Expression(source, node, lowering, list_path)


def _reads(node: syntax.Node, inlined: Mapping[str, syntax.Node]) -> Iterator[str]:
    for name in syntax.names(node):
        if name in inlined:
            yield from _reads(inlined[name], inlined)
        else:
            yield name


@frozen
class _Places:
    """Where names lead when looking for what is unanswered: a variable of a macro leads to rows."""

    world: World
    item_path: str
    inlined: Mapping[str, syntax.Node]
    rows: Mapping[str, tuple[str, Sequence[Mapping[str, Any]]]] = field(factory=dict)


def _unanswered(node: syntax.Node, places: _Places) -> Iterator[str]:
    """Name the unanswered paths that a value reads."""
    if isinstance(node, syntax.Name | syntax.Select):
        chain = _chain(node)
        if chain is not None:
            yield from _open_path(chain, places)
            return
    if isinstance(node, syntax.Macro):
        yield from _unanswered(node.over, places)
        chain = _chain(node.over) or []
        inner = evolve(places, rows={**places.rows, node.variable: (".".join(chain), _rows(chain, places))})
        for part in (node.condition, node.body):
            if part is not None:
                yield from _unanswered(part, inner)
        return
    for child in syntax.children(node):
        yield from _unanswered(child, places)


def _chain(node: syntax.Node) -> list[str] | None:
    match node:
        case syntax.Name(name=name):
            return [name]
        case syntax.Select(of=of, key=key):
            before = _chain(of)
            return None if before is None else [*before, key]
        case _:
            return None


def _rows(chain: list[str], places: _Places) -> Sequence[Mapping[str, Any]]:
    value: Any = places.world.facts if chain[:1] == ["facts"] else places.world.answers
    for key in chain[1:] if chain[:1] == ["facts"] else chain:
        value = value.get(key) if isinstance(value, Mapping) else None
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, Sequence) else []


def _open_path(chain: list[str], places: _Places) -> Iterator[str]:
    head, *rest = chain
    if head in places.rows:
        path, rows = places.rows[head]
        if rest and any(_lacks(row, rest) for row in rows):
            yield ".".join([path, *rest]) if path else rest[-1]
    elif head == "item":
        if rest and _lacks(places.world.row or {}, rest):
            yield ".".join([places.item_path, *rest]) if places.item_path else rest[-1]
    elif head in places.inlined:
        yield from _unanswered(places.inlined[head], evolve(places, rows={}))
    elif head in ROOTS:
        tree = places.world.facts if head == "facts" else places.world.settings
        if rest and _lacks(tree, rest):
            yield ".".join(chain[:2])
    elif head not in PLAIN and _lacks(places.world.answers, chain):
        yield head


def _lacks(tree: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(tree, Mapping) or key not in tree:
            return True
        tree = tree[key]
    return False
