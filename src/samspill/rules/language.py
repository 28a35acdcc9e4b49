"""The small language of rules: what a rule's expression can be, as frozen values.

Python source is translated to this by `source`; `scalar`, `vector`, `units` and `reach` read it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Union

import attrs

Scalar = float | int | bool | str


@attrs.frozen(slots=True)
class Const:
    """A value known when the rules are read."""

    value: Scalar
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Table:
    """A parameter with several values, found by key or by position."""

    name: str
    entries: Mapping[Any, Any]


@attrs.frozen(slots=True)
class Ref:
    """The value of an argument, or of a name set earlier in the same rule."""

    name: str
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Field:
    """One named value of a parameter: `vekter.barn`."""

    name: str
    key: str
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Call:
    """An operation on values: arithmetic, comparison, `and`, `or`, `not`, `min`, `max`, `floor`."""

    op: str
    args: tuple["Expr", ...]
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class If:
    """One of two values, by a test."""

    test: "Expr"
    then: "Expr"
    other: "Expr"
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Lookup:
    """A value of a table; `default` when the key is not there (None: it must be there)."""

    table: "Expr"
    index: "Expr"
    default: "Expr | None"
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Sum:
    """The sum of `body` over every element of a list; `var` names the element."""

    var: str
    source: "Expr"
    body: "Expr"
    line: int = attrs.field(default=0, eq=False)


@attrs.frozen(slots=True)
class Let:
    """A name for a value that is used in `body`."""

    name: str
    value: "Expr"
    body: "Expr"
    line: int = attrs.field(default=0, eq=False)


Expr = Union[Const, Table, Ref, Field, Call, If, Lookup, Sum, Let]  # noqa: UP007 (recursive)

COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})
LOGIC = frozenset({"and", "or", "not"})

FOLD: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": abs,
    "floor": math.floor,
    "max": max,
    "min": min,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
}


def children(expr: Expr) -> tuple[Expr, ...]:
    """Give the expressions directly inside this one."""
    match expr:
        case Call():
            return expr.args
        case If():
            return (expr.test, expr.then, expr.other)
        case Lookup():
            inner = (expr.table, expr.index)
            return inner if expr.default is None else (*inner, expr.default)
        case Sum():
            return (expr.source, expr.body)
        case Let():
            return (expr.value, expr.body)
        case _:
            return ()


def rebuild(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Make the same expression with every part inside it changed."""
    match expr:
        case Call():
            return attrs.evolve(expr, args=tuple(change(a) for a in expr.args))
        case If():
            return attrs.evolve(
                expr, test=change(expr.test), then=change(expr.then), other=change(expr.other)
            )
        case Lookup():
            default = None if expr.default is None else change(expr.default)
            return attrs.evolve(
                expr, table=change(expr.table), index=change(expr.index), default=default
            )
        case Sum():
            return attrs.evolve(expr, source=change(expr.source), body=change(expr.body))
        case Let():
            return attrs.evolve(expr, value=change(expr.value), body=change(expr.body))
        case _:
            return expr


def names_in(expr: Expr) -> set[str]:
    """Collect every name that the expression reads, its own local names included."""
    own = {expr.name} if isinstance(expr, Ref | Field) else set()
    return own.union(*(names_in(child) for child in children(expr)))


def substitute(expr: Expr, known: Mapping[str, Expr]) -> Expr:
    """Put known values in the place of names and work out what is then certain."""
    if isinstance(expr, Ref):
        return known.get(expr.name, expr)
    if isinstance(expr, Field):
        held = known.get(expr.name)
        return Const(held.entries[expr.key]) if isinstance(held, Table) else expr
    return _simplify(rebuild(expr, lambda part: substitute(part, known)))


def _simplify(expr: Expr) -> Expr:  # noqa: PLR0911 (one line for each kind)
    match expr:
        case Call(op=("and" | "or") as op, args=(first, second)):
            return _simplify_logic(op, first, second, expr)
        case Call(op=op, args=args) if all(isinstance(a, Const) for a in args):
            return _fold(op, args, expr)
        case If(test=Const(value=value), then=then, other=other):
            return then if value else other
        case Lookup(table=Table() as table, index=Const(value=key), default=default):
            if key in table.entries:
                return Const(table.entries[key])
            return expr if default is None else default
        case Let(name=name, value=Const() as value, body=body):
            return substitute(body, {name: value})
        case _:
            return expr


def _fold(op: str, args: tuple[Expr, ...], expr: Expr) -> Expr:
    values = [a.value for a in args if isinstance(a, Const)]
    try:
        return Const(FOLD[op](*values))
    except ZeroDivisionError:
        return expr


def _simplify_logic(op: str, first: Expr, second: Expr, expr: Expr) -> Expr:
    stops = op == "or"
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Const):
            return Const(stops) if bool(one.value) is stops else other
    return expr
