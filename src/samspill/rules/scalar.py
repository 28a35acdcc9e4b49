"""Write the function for one case: every rule inlined in order, parameters as numbers.

One function per date and set of targets, compiled once; nothing is looked up while it runs.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from samspill.rules.graph import Graph
from samspill.rules.language import Call, Const, Expr, If, Let, Lookup, Ref, Sum, Table

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "and": "and",
    "or": "or",
}
_PREFIX = {"neg": "-", "not": "not "}
_PICK = {"max": ">", "min": "<"}


@attrs.define
class ScalarWriter:
    """Write Python lines for expressions; tables become names in `globals`."""

    lines: list[str] = attrs.field(factory=list)
    globals: dict[str, Any] = attrs.field(factory=lambda: {"floor": math.floor})
    _count: int = 0

    def assign(self, name: str, expr: Expr, indent: int) -> None:
        """Write lines after which `name` holds the expression."""
        match expr:
            case If():
                self._line(indent, f"if {self.text(expr.test, indent)}:")
                self.assign(name, expr.then, indent + 1)
                self._line(indent, "else:")
                self.assign(name, expr.other, indent + 1)
            case Let():
                self.assign(expr.name, expr.value, indent)
                self.assign(name, expr.body, indent)
            case Call(op="max" | "min" as op, args=(first, second)):
                one, two = self.atom(first, indent), self.atom(second, indent)
                self._line(indent, f"{name} = {two} if {two} {_PICK[op]} {one} else {one}")
            case _:
                self._line(indent, f"{name} = {self.text(expr, indent)}")

    def text(self, expr: Expr, indent: int) -> str:  # noqa: C901, PLR0911 (one line for each kind)
        """Give the expression as Python text, after writing what it needs first."""
        match expr:
            case Const(value=value):
                return repr(value)
            case Ref(name=name):
                return name
            case Table():
                return self._table(expr)
            case Call(op=op, args=(first, second)) if op in _INFIX:
                return f"({self.text(first, indent)} {_INFIX[op]} {self.text(second, indent)})"
            case Call(op=op, args=(only,)) if op in _PREFIX:
                return f"({_PREFIX[op]}{self.text(only, indent)})"
            case Call(op="floor" | "abs" as op, args=(only,)):
                return f"{op}({self.text(only, indent)})"
            case Lookup():
                return self._lookup(expr, indent)
            case Sum():
                return self._sum(expr, indent)
            case _:
                return self.atom(expr, indent)

    def atom(self, expr: Expr, indent: int) -> str:
        """Give a name or number that holds the expression."""
        if isinstance(expr, Const | Ref):
            return self.text(expr, indent)
        self._count += 1
        name = f"_{self._count}"
        self.assign(name, expr, indent)
        return name

    def _line(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def _table(self, table: Table) -> str:
        name = f"_table_{table.name}"
        self.globals[name] = dict(table.entries)
        return name

    def _lookup(self, expr: Lookup, indent: int) -> str:
        table, index = self.text(expr.table, indent), self.text(expr.index, indent)
        if expr.default is None:
            return f"{table}[{index}]"
        return f"{table}.get({index}, {self.text(expr.default, indent)})"

    def _sum(self, expr: Sum, indent: int) -> str:
        self._count += 1
        total = f"_{self._count}"
        source = self.text(expr.source, indent)
        self._line(indent, f"{total} = 0.0")
        self._line(indent, f"for {expr.var} in {source}:")
        part = self.atom(expr.body, indent + 1)
        self._line(indent + 1, f"{total} += {part}")
        return total


def compile_scalar(
    graph: Graph, rules: Sequence[str], result: str, extra: Mapping[str, Any]
) -> Callable[..., Any]:
    """Compile `f(**inputs)` that works out the rules in order and returns `result`.

    `result` is a Python expression over rule and input names; `extra` are further names it uses.
    """
    writer = ScalarWriter()
    for name in rules:
        writer.assign(name, graph.nodes[name].expr, 1)
    arguments, defaults = _arguments(graph, graph.inputs_of(rules))
    source = "\n".join((f"def calculate({arguments}):", *writer.lines, f"    return {result}"))
    space: dict[str, Any] = {**writer.globals, **defaults, **extra}
    exec(compile(source, f"<rules {graph.date}>", "exec"), space)  # noqa: S102 (our own text)
    function: Callable[..., Any] = space["calculate"]
    return function


def _arguments(graph: Graph, needed: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Give the argument list: every declared input, so that a caller can pass all it has."""
    parts, defaults = ["*"], {}
    for name, spec in graph.inputs.items():
        if spec.required and name in needed:
            parts.append(name)
        else:
            defaults[f"_default_{name}"] = spec.default
            parts.append(f"{name}=_default_{name}")
    return ", ".join(parts) if len(parts) > 1 else "", defaults
