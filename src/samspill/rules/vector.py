"""Write the function for populations from the same rules: numpy, in blocks that fit the cache.

The same operations in the same order as the function for one case, so every amount is the same to the
last bit. Choices become masks; a branch that no household of a block takes is skipped. Look-ups of look-ups
become one table. Scratch arrays are reused as soon as nothing reads them any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from samspill.rules.graph import Graph
from samspill.rules.language import (
    COMPARISONS,
    LOGIC,
    Call,
    Const,
    Expr,
    If,
    Let,
    Lookup,
    Ref,
    Sum,
    Table,
    names_in,
    substitute,
)

_DTYPES = {"f": np.float64, "b": np.bool_, "c": np.uint8, "i": np.intp}
_UFUNCS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "abs": "absolute",
    "floor": "floor",
    "max": "maximum",
    "min": "minimum",
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
}
_TABLE_OPS = COMPARISONS | {"add", "sub", "mul", "div", "neg", "abs", "floor", "not"}


class NotVectorisable(TypeError):  # noqa: N818 (says what is, not that it is an error)
    """The rules cannot be calculated for these columns."""


@attrs.frozen(eq=False, slots=True)
class Array:
    """A block of values: a column of the caller (`name`), or a scratch array."""

    kind: str
    name: str = ""


@attrs.frozen(eq=False, slots=True)
class Mapped:
    """Values found in `table` by a column of whole numbers, not yet fetched."""

    index: Array
    table: npt.NDArray[Any]


Value = Const | Array | Mapped
Guard = tuple[tuple[Array, bool], ...]


@attrs.define(eq=False, slots=True)
class Step:
    """One numpy call: what it does, what it reads, where it writes, when it can be skipped."""

    op: str
    args: tuple[Const | Array, ...]
    out: Array
    guard: Guard
    table: str = ""


@attrs.frozen(kw_only=True)
class Column:
    """A column of the caller: its kind of number, and for a list how many elements it is wide."""

    kind: str
    parts: int = 0


@attrs.define
class VectorWriter:
    """Turn rules into numpy steps."""

    graph: Graph
    columns: Mapping[str, Column]
    codes: Mapping[str, Sequence[str]]
    steps: list[Step] = attrs.field(factory=list)
    tables: dict[str, npt.NDArray[Any]] = attrs.field(factory=dict)
    counts: set[Array] = attrs.field(factory=set)
    _values: dict[str, Value] = attrs.field(factory=dict)
    _fetched: dict[tuple[int, str], Array] = attrs.field(factory=dict)
    _guard: Guard = ()

    def run(self, rules: Sequence[str]) -> dict[str, Value]:
        """Write the steps of every rule in order, and give the value of each."""
        for name, column in self.columns.items():
            if not column.parts:
                self._values[name] = Array(column.kind, name)
        constants = self._constants(rules)
        for name in rules:
            expr = substitute(self.graph.nodes[name].expr, constants)
            if isinstance(expr, Const):
                constants[name] = expr
                self._values[name] = self._encoded(expr, self.codes.get(name))
            else:
                self._values[name] = self._emit(expr, self.codes.get(name))
        return self._values

    def fetch(self, value: Value) -> Const | Array:
        """Give the value as an array (or a constant)."""
        if not isinstance(value, Mapped):
            return value
        kind = {"f": "f", "b": "b"}.get(value.table.dtype.kind, "c")
        key = (id(value.table), "table")
        if key not in self._fetched:
            name = f"T{len(self.tables)}"
            self.tables[name] = value.table
            index = self._cast(value.index, "i")
            self._fetched[key] = self._step("take", (index,), kind, table=name)
        return self._fetched[key]

    def _constants(self, rules: Sequence[str]) -> dict[str, Expr]:
        constants: dict[str, Expr] = {}
        for name in self.graph.inputs_of(rules):
            spec = self.graph.inputs[name]
            if name not in self.columns and spec.kind != "numbers":
                if spec.required:
                    message = f"the column {name!r} is required"
                    raise NotVectorisable(message)
                constants[name] = Const(spec.default)
        return constants

    def _step(
        self, op: str, args: tuple[Const | Array, ...], kind: str, *, table: str = ""
    ) -> Array:
        out = Array(kind)
        self.steps.append(Step(op, args, out, self._guard, table))
        return out

    def _cast(self, value: Array, kind: str) -> Array:
        if value.kind == kind:
            return value
        key = (id(value), kind)
        if key not in self._fetched:
            self._fetched[key] = self._step("cast", (value,), kind)
        return self._fetched[key]

    @staticmethod
    def _encoded(const: Const, codes: Sequence[str] | None) -> Const:
        if isinstance(const.value, str):
            if codes is None or const.value not in codes:
                message = f"{const.value!r} is not one of the codes {codes}"
                raise NotVectorisable(message)
            return Const(codes.index(const.value))
        return const

    def _emit(self, expr: Expr, codes: Sequence[str] | None = None) -> Value:  # noqa: PLR0911
        match expr:
            case Const():
                return self._encoded(expr, codes)
            case Ref(name=name):
                return self._values[name]
            case Call():
                return self._call(expr)
            case If():
                return self._choice(expr, codes)
            case Lookup():
                return self._lookup(expr)
            case Sum():
                return self._sum(expr)
            case Let(name=name, value=value, body=body):
                self._values[name] = self._emit(value)
                return self._emit(body, codes)
            case _:
                raise NotVectorisable(str(expr))

    def _call(self, expr: Call) -> Value:
        codes = self._codes_of(expr) if expr.op in {"eq", "ne"} else None
        values = [self._emit(argument, codes) for argument in expr.args]
        mapped = [value for value in values if isinstance(value, Mapped)]
        if expr.op in _TABLE_OPS and mapped and self._one_index(values):
            parts = [v.table if isinstance(v, Mapped) else _number(v) for v in values]
            return Mapped(mapped[0].index, getattr(np, _UFUNCS[expr.op])(*parts))
        args = tuple(self._operand(self.fetch(value), expr.op, codes) for value in values)
        kind = "b" if expr.op in COMPARISONS | LOGIC else "f"
        return self._step(expr.op, args, kind)

    @staticmethod
    def _one_index(values: Sequence[Value]) -> bool:
        """Say whether the result is again a table over the same column."""
        if any(isinstance(value, Array) for value in values):
            return False
        return len({id(value.index) for value in values if isinstance(value, Mapped)}) == 1

    def _operand(self, value: Const | Array, op: str, codes: Sequence[str] | None) -> Const | Array:
        if isinstance(value, Const) or op in LOGIC or codes is not None:
            return value
        return self._cast(value, "f")

    def _codes_of(self, expr: Call) -> Sequence[str] | None:
        for argument in expr.args:
            if isinstance(argument, Ref) and argument.name in self.codes:
                return self.codes[argument.name]
        return None

    @contextmanager
    def _only_where(self, mask: Array, *, holds: bool) -> Iterator[None]:
        before, fetched = self._guard, dict(self._fetched)
        self._guard = (*before, (mask, holds))
        yield
        self._guard, self._fetched = before, fetched

    def _choice(self, expr: If, codes: Sequence[str] | None) -> Value:
        mask = self.fetch(self._emit(expr.test))
        if isinstance(mask, Const):
            return self._emit(expr.then if mask.value else expr.other, codes)
        kind = "c" if codes is not None else self._kind_of(expr)
        with self._only_where(mask, holds=True):
            then = self._branch(expr.then, codes, kind)
        with self._only_where(mask, holds=False):
            other = self._branch(expr.other, codes, kind)
        return self._step("where", (mask, then, other), kind)

    def _branch(self, expr: Expr, codes: Sequence[str] | None, kind: str) -> Const | Array:
        value = self.fetch(self._emit(expr, codes))
        return value if isinstance(value, Const) else self._cast(value, kind)

    def _kind_of(self, expr: Expr) -> str:  # noqa: PLR0911 (one line for each kind)
        match expr:
            case If(then=then):
                return self._kind_of(then)
            case Let(body=body):
                return self._kind_of(body)
            case Const(value=bool()):
                return "b"
            case Call(op=op):
                return "b" if op in COMPARISONS | LOGIC else "f"
            case Ref(name=name) if isinstance(held := self._values.get(name), Array):
                return "b" if held.kind == "b" else "f"
            case Ref(name=name) if isinstance(held := self._values.get(name), Mapped):
                return "b" if held.table.dtype.kind == "b" else "f"
            case _:
                return "f"

    def _lookup(self, expr: Lookup) -> Value:
        index = self._emit(expr.index)
        if not isinstance(expr.table, Table):
            raise NotVectorisable("a look-up needs a parameter")
        default = None
        if expr.default is not None:
            if not isinstance(expr.default, Const):
                raise NotVectorisable("the default of a look-up must be a number")
            default = float(_number(expr.default))
        table = as_array(expr.table.entries, default)
        if isinstance(index, Mapped):
            last = len(table) - 1  # holds the answer to keys that are not there
            place = np.clip(np.nan_to_num(index.table, nan=last), 0, last).astype(np.intp)
            return Mapped(index.index, table[place])
        if isinstance(index, Const):
            return Const(float(table[int(_number(index))]))
        return Mapped(index, table)

    def _sum(self, expr: Sum) -> Value:
        if not isinstance(expr.source, Ref):
            raise NotVectorisable("a sum needs a list that is given")
        name = expr.source.name
        padded = substitute(expr.body, {expr.var: Const(0.0)})
        if not (isinstance(padded, Const) and padded.value == 0):
            message = f"an empty place in {name!r} would count"
            raise NotVectorisable(message)
        total: Value = Const(0.0)
        for number in range(self.columns[name].parts if name in self.columns else 0):
            self._values[expr.var] = Array("f", f"{name}__{number}")
            part = self.fetch(self._emit(expr.body))
            first = isinstance(total, Const)
            total = part if first else self._step("add", (self.fetch(total), part), "f")
        return total


def _number(value: Value) -> float:
    if isinstance(value, Const) and not isinstance(value.value, str):
        return value.value
    raise NotVectorisable(str(value))


def as_array(entries: Mapping[Any, Any], default: float | None) -> npt.NDArray[np.float64]:
    """Give a table as an array by whole-number key; what is not there is `default` or NaN."""
    size = max(int(key) for key in entries) + 2
    table = np.full(size, np.nan if default is None else default)
    for key, value in entries.items():
        table[int(key)] = value
    return table


def read_by(rules: Sequence[str], graph: Graph) -> set[str]:
    """Give every name that the rules read."""
    return set().union(*(names_in(graph.nodes[name].expr) for name in rules))


def dtype_of(kind: str) -> Any:
    """Give the numpy type of a kind of value."""
    return _DTYPES[kind]


def ufunc_name(op: str) -> str:
    """Give numpy's name of an operation."""
    return _UFUNCS[op]
