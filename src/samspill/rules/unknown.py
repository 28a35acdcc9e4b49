"""Answer with inputs missing: which of them can still change the result, and between what bounds."""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from samspill.rules.graph import Graph
from samspill.rules.language import Expr, Lookup, Ref, Table, children
from samspill.rules.reach import DOWN, EITHER, UP, Reach, Signs, exactly, listed, reach
from samspill.rules.specs import InputSpec

_MOST_COMBINATIONS = 256
Calculate = Callable[[Mapping[str, Any]], Any]


@attrs.frozen(kw_only=True)
class Missing:
    """Unanswered inputs that can still change the target, and what it lies between.

    `interval` is None when the rules do not go one way in every unanswered input, or the target is a code.
    """

    unanswered: tuple[str, ...]
    interval: tuple[float, float] | None


def keys_of(graph: Graph) -> dict[str, dict[Any, Any]]:
    """Give, for each input that is looked up directly in a table, the table."""
    found: dict[str, dict[Any, Any]] = {}

    def visit(expr: Expr) -> None:
        match expr:
            case Lookup(table=Table() as table, index=Ref(name=name), default=None):
                found.setdefault(name, dict(table.entries))
        for child in children(expr):
            visit(child)

    for node in graph.nodes.values():
        visit(node.expr)
    return found


@attrs.frozen
class Analysis:
    """The analysis of one target; `calculate` gives the exact value of a full set of inputs."""

    graph: Graph
    target: str
    keys: Mapping[str, Mapping[Any, Any]]
    calculate: Calculate

    def missing(self, inputs: Mapping[str, Any]) -> Missing:
        """Find what is missing; an input that is absent or None is unanswered."""
        unanswered = self.unanswered(inputs)
        if not unanswered:
            return Missing(unanswered=(), interval=_point(self.settled(inputs)))
        return Missing(unanswered=unanswered, interval=self._interval(inputs, unanswered))

    def unanswered(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """Give the unanswered inputs that can still change the target."""
        signs = self.signs(inputs)
        return tuple(name for name in self._open(inputs) if name in signs)

    def settled(self, inputs: Mapping[str, Any]) -> Any:
        """Give the target when no unanswered input can change it any more."""
        return self.calculate({**inputs, **{name: self._any(name) for name in self._open(inputs)}})

    def signs(self, inputs: Mapping[str, Any]) -> Signs:
        """Give the unanswered inputs that the target depends on, each with its direction."""
        return reach(self.graph, self._rules, self._reaches(inputs))[self.target].signs

    @property
    def _rules(self) -> tuple[str, ...]:
        return self.graph.needed([self.target])

    def _open(self, inputs: Mapping[str, Any]) -> list[str]:
        return [n for n in self.graph.inputs_of(self._rules) if inputs.get(n) is None]

    def _reaches(self, inputs: Mapping[str, Any]) -> dict[str, Reach]:
        read = self.graph.inputs_of(self._rules)
        return {name: self._given(name, inputs.get(name)) for name in read}

    def _given(self, name: str, value: Any) -> Reach:
        spec = self.graph.inputs[name]
        if value is not None:
            return listed(value) if spec.kind == "numbers" else exactly(value)
        signs = {name: UP}
        match spec.kind:
            case "flag":
                return Reach(0.0, 1.0, signs)
            case "choice":
                return Reach(0.0, 0.0, signs, frozenset(spec.options))
            case "key":
                return Reach(0.0, 0.0, signs, frozenset(self._representatives(name)))
            case _:
                return Reach(*_bounds(spec), signs)

    def _representatives(self, name: str) -> list[Any]:
        """Give one key for each different value of the table."""
        first: dict[Any, Any] = {}
        for key, value in self.keys.get(name, {}).items():
            first.setdefault(value, key)
        return list(first.values())

    def _any(self, name: str) -> Any:
        spec = self.graph.inputs[name]
        match spec.kind:
            case "flag":
                return False
            case "choice":
                return spec.options[0]
            case "key":
                return self._representatives(name)[0]
            case "numbers":
                return []
            case _:
                return max(0.0, spec.low or 0.0)

    def _choices(self, name: str) -> list[Any]:
        spec = self.graph.inputs[name]
        if spec.kind == "flag":
            return [False, True]
        return list(spec.options) if spec.kind == "choice" else self._representatives(name)

    def _interval(
        self, inputs: Mapping[str, Any], unanswered: tuple[str, ...]
    ) -> tuple[float, float] | None:
        """Try every code that is open, and the ends of what is monotone."""
        full = {**inputs, **{name: self._any(name) for name in self._open(inputs)}}
        codes = [n for n in unanswered if self.graph.inputs[n].kind in {"choice", "key"}]
        return self._ends_over(codes, self._reaches(inputs), full)

    def _ends_over(
        self, names: list[str], given: Mapping[str, Reach], full: Mapping[str, Any]
    ) -> tuple[float, float] | None:
        """Give the widest bounds over every combination of values of the names."""
        choices = [self._choices(name) for name in names]
        if math.prod(len(values) for values in choices) > _MOST_COMBINATIONS:
            return None
        found: list[float] = []
        for values in itertools.product(*choices):
            chosen = dict(zip(names, values, strict=True))
            fixed = {**given, **{name: exactly(value) for name, value in chosen.items()}}
            ends = self._ends(fixed, {**full, **chosen})
            if ends is None:
                return None
            found.extend(ends)
        return min(found), max(found)

    def _ends(
        self, given: Mapping[str, Reach], full: Mapping[str, Any]
    ) -> tuple[float, float] | None:
        target = reach(self.graph, self._rules, given)[self.target]
        if target.codes is not None:
            return None
        crooked = [name for name, sign in target.signs.items() if sign == EITHER]
        flags = [name for name in crooked if self.graph.inputs[name].kind == "flag"]
        if flags:
            return self._ends_over(flags, given, full)
        if crooked:
            return None
        corners = (
            {**full, **{n: self._end(n, sign * end) for n, sign in target.signs.items()}}
            for end in (DOWN, UP)
        )
        low, high = (float(self.calculate(corner)) for corner in corners)
        return low, high

    def _end(self, name: str, direction: int) -> Any:
        spec = self.graph.inputs[name]
        low, high = _bounds(spec)
        if spec.kind == "numbers":
            return [high] if direction == UP else []
        if spec.kind == "flag":
            return direction == UP
        value = high if direction == UP else low
        return int(value) if spec.kind == "count" else value


def _bounds(spec: InputSpec) -> tuple[float, float]:
    top = 1e12 if spec.high is None else float(spec.high)
    return (-top if spec.low is None else float(spec.low)), top


def _point(value: Any) -> tuple[float, float] | None:
    return None if isinstance(value, str) else (float(value), float(value))
