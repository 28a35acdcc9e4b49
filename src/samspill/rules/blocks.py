"""Compile the numpy steps to one function over a block, and run it over all blocks.

Scratch arrays are allocated once per thread, so memory beyond input and output does not grow with the
population. Alone, a block is 8192 rows and stays in the cache. With several threads it is longer: numpy
lets go of the interpreter while it works, and a call must outlast the handover for that to pay (measured:
at 8192 rows two threads gain nothing, at 32768 a third).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from samspill.rules.graph import Graph
from samspill.rules.language import Const
from samspill.rules.vector import Array, Column, Step, Value, VectorWriter, dtype_of, ufunc_name

BLOCK = 8192
THREADED_BLOCK = 4 * BLOCK
_THREADED_FROM = 8 * THREADED_BLOCK
_PICKERS = frozenset({"maximum", "minimum"})
Columns = Mapping[str, npt.NDArray[Any]]


@attrs.define
class BlockCode:
    """Lay out the steps as lines, giving each result a scratch array that is free."""

    steps: Sequence[Step]
    results: Mapping[str, Value]
    lines: list[str] = attrs.field(factory=list)
    scratch: list[tuple[str, str]] = attrs.field(factory=list)
    constants: dict[float, str] = attrs.field(factory=dict)
    _last: dict[Array, int] = attrs.field(factory=dict)
    _place: dict[Array, str] = attrs.field(factory=dict)
    _free: dict[str, list[str]] = attrs.field(factory=dict)
    _open: tuple[tuple[Array, bool], ...] = ()
    _counted: set[Array] = attrs.field(factory=set)

    def write(self) -> list[str]:
        """Give the lines of the block."""
        self._find_last_reads()
        for number, step in enumerate(self.steps):
            self._enter(step)
            self._place_and_write(number, step)
        for name, value in self.results.items():
            self.lines.append(f"        copyto(out_{name}[start:end], {self._text(value)})")
        return self.lines

    def _find_last_reads(self) -> None:
        for number, step in enumerate(self.steps):
            for read in (*step.args, *(mask for mask, _ in step.guard)):
                if isinstance(read, Array):
                    self._last[read] = number
        for value in self.results.values():
            if isinstance(value, Array):
                self._last[value] = len(self.steps)

    def _enter(self, step: Step) -> None:
        """Write the tests that let a block skip a branch."""
        if step.guard == self._open:
            return
        for depth, (mask, holds) in enumerate(step.guard):
            if step.guard[: depth + 1] == self._open[: depth + 1]:
                continue
            indent = self._indent(depth)
            count = f"count_{self._text(mask)}"
            if mask not in self._counted:
                self.lines.append(f"{indent}{count} = count_nonzero({self._text(mask)})")
                if depth == 0:
                    self._counted.add(mask)
            self.lines.append(f"{indent}if {count}{'' if holds else ' != n'}:")
        self._open = step.guard

    def _indent(self, depth: int) -> str:
        return "    " * (depth + 2)

    def _place_and_write(self, number: int, step: Step) -> None:
        for read in (*step.args, *(mask for mask, _ in step.guard)):
            self._release(read, number, step)
        place = self._take(step)
        self._place[step.out] = place
        self.lines.append(self._indent(len(step.guard)) + self._line(step, place))

    def _release(self, read: Const | Array, number: int, step: Step) -> None:
        """Hand back a scratch array after its last read, when element-by-element writing allows it."""
        if isinstance(read, Const) or read.name or self._last.get(read) != number:
            return
        place = self._place[read]
        free = self._free.setdefault(place[0], [])
        if place not in free and not (step.op == "take" and read.kind == step.out.kind):
            free.append(place)

    def _take(self, step: Step) -> str:
        kind = step.out.kind
        free = self._free.setdefault(kind, [])
        if free:
            return free.pop()
        place = f"{kind}{len(self.scratch)}"
        self.scratch.append((place, kind))
        return place

    def _line(self, step: Step, place: str) -> str:
        texts = [self._text(argument) for argument in step.args]
        match step.op:
            case "cast":
                return f"copyto({place}, {texts[0]}, casting='unsafe')"
            case "take":
                return f"{step.table}.take({texts[0]}, None, {place}, 'clip')"
            case "where":
                return f"{place} = where({', '.join(self._choices(step, texts))})"
        name = ufunc_name(step.op)
        if name in _PICKERS:
            texts = [self._filled(arg) or text for arg, text in zip(step.args, texts, strict=True)]
            return f"{name}({', '.join(texts)}, out={place})"
        return f"{name}({', '.join((*texts, place))})"

    def _filled(self, value: Value) -> str:
        """Give an array that holds a constant: numpy picks from two arrays twice as fast."""
        if not isinstance(value, Const):
            return ""
        return self.constants.setdefault(float(value.value), f"k{len(self.constants)}")

    @staticmethod
    def _choices(step: Step, texts: Sequence[str]) -> list[str]:
        """Write constants so that numpy gives the kind of array that the step promises."""
        wrap = {"f": "float64", "c": "uint8", "b": "bool_"}[step.out.kind]
        pairs = zip(step.args, texts, strict=True)
        return [f"{wrap}({text})" if isinstance(arg, Const) else text for arg, text in pairs]

    def _text(self, value: Value) -> str:
        if isinstance(value, Const):
            return repr(value.value)
        if isinstance(value, Array):
            return f"c_{value.name}" if value.name else self._place[value]
        raise TypeError(value)


@attrs.frozen
class Kernel:
    """A compiled calculation over columns."""

    function: Callable[..., None]
    scratch: Sequence[tuple[str, str]]
    constants: Sequence[float]
    inputs: tuple[str, ...]
    outputs: Mapping[str, str]

    def run(self, columns: Columns, size: int, threads: int) -> dict[str, npt.NDArray[Any]]:
        """Calculate every row."""
        out = {name: np.empty(size, dtype_of(kind)) for name, kind in self.outputs.items()}
        arguments = [*(columns[name] for name in self.inputs), *out.values()]
        if threads == 1 or size < _THREADED_FROM:
            self._part(arguments, 0, size, BLOCK)
            return out
        block = THREADED_BLOCK
        per = -(-size // block // threads) * block
        ranges = [(start, min(start + per, size)) for start in range(0, size, per)]
        with ThreadPoolExecutor(len(ranges)) as pool:
            list(pool.map(lambda ends: self._part(arguments, ends[0], ends[1], block), ranges))
        return out

    def _part(
        self, arguments: Sequence[npt.NDArray[Any]], first: int, last: int, block: int
    ) -> None:
        scratch = [np.zeros(block, dtype_of(kind)) for _, kind in self.scratch]
        scratch += [np.full(block, value) for value in self.constants]
        whole = first + (last - first) // block * block
        with np.errstate(all="ignore"):
            self.function(*arguments, *scratch, first, whole, block)
            if whole < last:
                short = [array[: last - whole] for array in scratch]
                self.function(*arguments, *short, whole, last, last - whole)


def compile_kernel(
    graph: Graph,
    rules: Sequence[str],
    targets: Sequence[str],
    columns: Mapping[str, Column],
    codes: Mapping[str, Sequence[str]],
) -> Kernel:
    """Compile the calculation of the targets from these columns."""
    writer = VectorWriter(graph, columns, codes)
    values = writer.run(rules)
    results: dict[str, Value] = {name: writer.fetch(values[name]) for name in targets}
    code = BlockCode(_useful(writer.steps, results), results)
    lines = code.write()
    inputs = _column_names(columns)
    head = [f"        c_{name} = {name}[start:end]" for name in inputs]
    held = [*(name for name, _ in code.scratch), *code.constants.values()]
    arguments = [*inputs, *(f"out_{name}" for name in targets), *held]
    source = "\n".join(
        (
            f"def kernel({', '.join(arguments)}, first, last, n):",
            "    for start in range(first, last, n):",
            "        end = start + n",
            *head,
            *lines,
        )
    )
    space: dict[str, Any] = {name: getattr(np, name) for name in _numpy_names()} | writer.tables
    exec(compile(source, f"<rules {graph.date}>", "exec"), space)  # noqa: S102 (our own text)
    kinds = {name: _kind(value, codes.get(name)) for name, value in results.items()}
    return Kernel(space["kernel"], code.scratch, tuple(code.constants), tuple(inputs), kinds)


def default_threads() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _numpy_names() -> set[str]:
    ops = ("add", "sub", "mul", "div", "neg", "abs", "floor", "max", "min", "eq", "ne")
    more = ("lt", "le", "gt", "ge", "and", "or", "not")
    return {ufunc_name(op) for op in (*ops, *more)} | {
        "where",
        "copyto",
        "count_nonzero",
        "float64",
        "uint8",
        "bool_",
    }


def _column_names(columns: Mapping[str, Column]) -> list[str]:
    names = []
    for name, column in columns.items():
        several = [f"{name}__{number}" for number in range(column.parts)]
        names.extend(several or [name])
    return names


def _kind(value: Value, codes: Sequence[str] | None) -> str:
    if codes is not None:
        return "c"
    if isinstance(value, Array):
        return value.kind if value.kind in {"f", "b", "c"} else "f"
    return "b" if isinstance(value, Const) and isinstance(value.value, bool) else "f"


def _useful(steps: Sequence[Step], results: Mapping[str, Value]) -> list[Step]:
    """Leave out what no result reads."""
    read = {value for value in results.values() if isinstance(value, Array)}
    kept = []
    for step in reversed(steps):
        if step.out in read:
            kept.append(step)
            read.update(argument for argument in step.args if isinstance(argument, Array))
            read.update(mask for mask, _ in step.guard)
    return kept[::-1]
