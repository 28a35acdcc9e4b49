"""Conditions ready to run.

Three answers (true, false, unknown), values, and which unanswered fields could still change them.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from samspill.packages.domain import cel_syntax as syntax
from samspill.packages.domain.cel_evaluator import cel
from samspill.packages.domain.cel_lowering import PLAIN, ROOTS, UNKNOWN, Lowering
from samspill.packages.domain.cel_python import NAMES, UNUSUAL, Program, to_python
from samspill.packages.domain.cel_types import ANY, Checker, Fault, Scope, Type

_THREE: Final[Mapping[Any, bool]] = {1: True, 0: False}
_ITEM: Final = NAMES.index("item")
_FAILURES: Final = (TypeError, RuntimeError, ValueError, LookupError, ArithmeticError)


def age(born: str, on: str) -> int:
    """Give whole years; somebody born 29 February is a year older on 1 March.

    >>> age("2008-08-02", "2026-08-01")
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
    "age": age,
    "max0": lambda value: max(0.0, float(value)),
    "month": lambda day: day[:7],
    "year": lambda day: int(day[:4]),
    "days": _days,
    "round": _round,
}


@frozen(slots=False, eq=False)
class World:
    """What one application looks like to conditions: unanswered keys are absent (never None)."""

    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    settings: Mapping[str, Any]
    documents: Sequence[str]
    on: str
    channel: str = "digital"
    expressions: Mapping[str, Expression] = field(factory=dict, repr=False)
    row: Mapping[str, Any] | None = None
    named: _Named = field(repr=False)
    opened: dict[Expression, set[str]] = field(factory=dict, repr=False)

    @named.default
    def _unasked(self) -> _Named:
        return _Named(self)

    @functools.cached_property
    def names(self) -> tuple[Any, ...]:
        """Give what a condition written as Python is called with."""
        row = self.row or {}
        documents = list(self.documents)
        return (
            self.answers, self.facts, self.settings, self.named, row, self.on, documents, self.channel,
        )  # fmt: skip

    @functools.cached_property
    def _context(self) -> cel.Context:
        variables = {
            "a": self.answers,
            "f": self.facts,
            "s": self.settings,
            "documents": list(self.documents),
            "on": self.on,
            "channel": self.channel,
            "item": self.row or {},
            "c": {},
        }
        return cel.Context(variables=variables, functions=dict(FUNCTIONS))

    def context(self, uses: Iterable[str]) -> cel.Context:
        """Build CEL's context, once, with the named conditions that are used answered."""
        there = {name: self.named[name] for name in uses if self.named.has(name)}
        self._context.add_variable("c", there)
        return self._context

    def having(self, answers: Mapping[str, Any]) -> World:
        """Give the same world with other answers; nothing has been asked in it yet."""
        return World(
            answers, self.facts, self.settings, self.documents, self.on, self.channel, self.expressions
        )  # fmt: skip

    def at(self, row: Mapping[str, Any]) -> World:
        """Give the world seen from one row; named conditions do not depend on it."""
        return evolve(self, row=row, opened={})

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """Give the rows of a list field."""
        value = self.answers.get(name)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class _Named(dict[str, Any]):
    """How named conditions and computed fields are answered, each found when it is first asked for.

    A condition is 1, 0 or 2 (unknown); a computed field is its value, and is not there while it has none.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world, self._without = world, set[str]()

    def __missing__(self, name: str) -> Any:
        expression = None if name in self._without else self._world.expressions.get(name)
        answer = None if expression is None else expression.answer(self._world)
        if answer is None:
            self._without.add(name)
            raise KeyError(name)
        self[name] = answer
        return answer

    def has(self, name: str) -> bool:
        """Tell whether there is an answer."""
        try:
            self[name]
        except KeyError:
            return False
        return True


@functools.lru_cache(maxsize=8192)
def _program(text: str) -> cel.Program:
    return cel.compile(text)


def _run(text: str, context: cel.Context) -> Any:
    try:
        return _program(text).execute(context)
    except _FAILURES:
        return None


def _holds(text: str, context: cel.Context) -> bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        return _program(text).execute(context) is True
    except _FAILURES:
        return False


@frozen(eq=False)
class Expression:
    """A checked expression. `ask` answers true, false or None (unknown); `value` gives a value or None."""

    source: str
    node: syntax.Node
    lowering: Lowering = field(repr=False)
    list_path: str = ""
    type: Type = ANY
    named: Mapping[str, Expression] = field(factory=dict, repr=False)
    _parts: dict[int, Expression] = field(factory=dict, repr=False)
    _places: dict[int, tuple[_Read, ...]] = field(factory=dict, repr=False)

    @functools.cached_property
    def _three_way(self) -> str:
        yes, no = self._true, self._false
        return yes if yes in ("true", "false") else f"{yes} ? 1 : ({no} ? 0 : {UNKNOWN})"

    @functools.cached_property
    def _true(self) -> str:
        return self.lowering.true(self.node)

    @functools.cached_property
    def _false(self) -> str:
        return self.lowering.false(self.node)

    @functools.cached_property
    def _known_value(self) -> str:
        known, value = self.lowering.known(self.node), self.lowering.value(self.node)
        return f"{' && '.join(known)} ? {value} : null" if known else value

    @functools.cached_property
    def asking(self) -> Program | None:
        """Give the condition as Python, unless only CEL can answer it."""
        return to_python(self._three_way, FUNCTIONS)

    @functools.cached_property
    def finding(self) -> Program | None:
        """Give the value as Python, unless only CEL can find it."""
        return to_python(self._known_value, FUNCTIONS)

    @functools.cached_property
    def _uses(self) -> frozenset[str]:
        return frozenset(syntax.names(self.node) & self.named.keys())

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """Name the fields and roots read, through conditions and computed fields."""
        found: set[str] = set()
        for name in syntax.names(self.node):
            found |= self.named[name].reads if name in self.named else {name}
        return frozenset(found)

    def warm(self) -> None:
        """Compile now, so that a condition CEL refuses is found at check and not at an application."""
        for text in (self._three_way, self._known_value):
            if text not in ("true", "false"):
                _program(text)

    def answer(self, world: World) -> Any:
        """Give what other expressions see of a named one: 1, 0 or 2 of a condition, else the value or None."""
        if self.type.kind != "bool":
            return self.value(world)
        found = self.ask(world)
        return UNKNOWN if found is None else int(found)

    def ask(self, world: World) -> bool | None:
        """Answer true, false, or None when unanswered fields decide."""
        if self.asking is not None:
            try:
                return _THREE.get(self.asking(*world.names))
            except UNUSUAL:
                pass
        return self.ask_cel(world)

    def ask_cel(self, world: World) -> bool | None:
        """Let CEL answer true, false, or None."""
        text, context = self._three_way, world.context(self._uses)
        if text in ("true", "false"):
            return text == "true"
        try:
            return _THREE.get(_program(text).execute(context))
        except _FAILURES:  # one of the two texts cannot be run: the other may still answer
            if _holds(self._true, context):
                return True
            return False if _holds(self._false, context) else None

    def ask_rows(self, world: World) -> list[bool | None]:
        """Answer for every row of the list that `item` stands for."""
        rows = world.rows(self.list_path)
        if not rows or "item" not in self.reads:
            return [self.ask(world)] * len(rows)
        return [self._ask_row(world, row) for row in rows]

    def _ask_row(self, world: World, row: Mapping[str, Any]) -> bool | None:
        if self.asking is not None:
            before, after = world.names[:_ITEM], world.names[_ITEM + 1 :]
            try:
                return _THREE.get(self.asking(*before, row, *after))
            except UNUSUAL:
                pass
        return self.ask_cel(world.at(row))

    def value(self, world: World) -> Any:
        """Give the value, or None when it is unknown."""
        if self.finding is not None:
            try:
                return self.finding(*world.names)
            except UNUSUAL:
                pass
        return self.value_cel(world)

    def value_cel(self, world: World) -> Any:
        """Let CEL give the value, or None when it is unknown."""
        return _run(self._known_value, world.context(self._uses))

    def could_change(self, world: World) -> set[str]:
        """Name the unanswered fields that the unknown answer hangs on."""
        if self not in world.opened:
            world.opened[self] = set(self._open(self.node, world))
        return world.opened[self]

    def _open(self, node: syntax.Node, world: World) -> Iterator[str]:  # noqa: C901 - one case a kind
        match node:
            case syntax.Name(name=name) if name in self.named:
                yield from self.named[name].could_change(world)
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
                for read in self._reads_at(node):
                    yield from read.open(self, world)

    def _reads_at(self, node: syntax.Node) -> tuple[_Read, ...]:
        found = self._places.get(id(node))
        if found is None:
            found = self._places[id(node)] = tuple(_reads_of(node, self, {}))
        return found

    def _part(self, node: syntax.Node) -> Expression:
        found = self._parts.get(id(node))
        if found is None:
            found = Expression(
                "", node, self.lowering, self.list_path, named=self.named, parts=self._parts
            )
            self._parts[id(node)] = found
        return found


def compile_expression(
    source: str,
    scope: Scope,
    *,
    list_path: str = "",
    named: Mapping[str, Expression] | None = None,
) -> Expression | list[Fault]:
    """Return the expression ready to run, or what is wrong with it. `named` are those it may refer to."""
    try:
        node = syntax.parse(source)
    except syntax.CelSyntaxError as error:
        return [Fault(str(error), "Look at brackets, quotes and operators.", error.column)]
    checker = Checker(scope)
    found = checker.check(node)
    if checker.faults:
        return checker.faults
    named = named or {}
    lowering = Lowering(checker.types, {name: one.type for name, one in named.items()})
    return Expression(source, node, lowering, list_path, found, named)


@frozen
class _Read:
    """A path that an expression reads.

    `label` names it to people, `rows` is the list whose rows it lies in (None: not in rows).
    """

    label: str
    chain: tuple[str, ...]
    rows: tuple[str, ...] | None = None
    named: str = ""

    def open(self, expression: Expression, world: World) -> set[str]:
        """Give the names of what is unanswered."""
        if self.named:
            return expression.named[self.named].could_change(world)
        if self.rows is not None:
            rows = _follow(world, self.rows)
            lacking = isinstance(rows, list) and any(_lacks(row, self.chain) for row in rows)
        elif self.chain[0] == "item":
            lacking = _lacks(world.row or {}, self.chain[1:])
        else:
            lacking = _follow(world, self.chain) is None
        return {self.label} if lacking else set()


_Bound = Mapping[str, tuple[str, ...] | None]


def _reads_of(node: syntax.Node, expression: Expression, bound: _Bound) -> Iterator[_Read]:
    """Give the paths that a value reads.

    `bound` says which list the variables of macros go through (None: cannot be said).
    """
    chain = _chain(node)
    if chain is not None:
        yield from _read_of(chain, expression, bound)
        return
    if isinstance(node, syntax.Macro):
        yield from _reads_of(node.over, expression, bound)
        over = _chain(node.over)
        through = over if over and over[0] not in (*bound, "item", *expression.named) else None
        inner = {**bound, node.variable: through}
        for part in (node.condition, node.body):
            if part is not None:
                yield from _reads_of(part, expression, inner)
        return
    for child in syntax.children(node):
        yield from _reads_of(child, expression, bound)


def _read_of(chain: tuple[str, ...], expression: Expression, bound: _Bound) -> Iterator[_Read]:
    head, *rest = chain
    if head in bound:
        through = bound[head]
        if through is not None and rest:
            own = () if through[0] in ROOTS else rest
            yield _Read(".".join((*through[:2], *own)), tuple(rest), through)
    elif head in expression.named:
        yield _Read(head, chain, named=head)
    elif head == "item":
        label = [expression.list_path, *rest[:1]] if expression.list_path else rest
        yield from [_Read(".".join(label), chain)] if rest else []
    elif head in ROOTS:
        yield from [_Read(".".join(chain[:2]), chain)] if rest else []
    elif head not in PLAIN:
        yield _Read(head, chain)


def _chain(node: syntax.Node) -> tuple[str, ...] | None:
    keys: list[str] = []
    while isinstance(node, syntax.Select):
        keys.append(node.key)
        node = node.of
    return (node.name, *reversed(keys)) if isinstance(node, syntax.Name) else None


def _follow(world: World, chain: tuple[str, ...]) -> Any:
    value: Any = world.answers
    if chain[0] in ROOTS:
        value = world.facts if chain[0] == "facts" else world.settings
        chain = chain[1:]
    for key in chain:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _lacks(tree: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return True
        tree = tree[key]
    return False
