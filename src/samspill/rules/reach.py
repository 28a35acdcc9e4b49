"""What an answer can still become when some inputs are not given.

Every value is an interval, or a set of codes, with the inputs that it still depends on and in which
direction. It errs on the safe side: an input that may matter is listed; a direction is given only when proven.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from samspill.rules.graph import Graph
from samspill.rules.language import (
    COMPARISONS,
    FOLD,
    Call,
    Const,
    Expr,
    If,
    Let,
    Lookup,
    Ref,
    Sum,
    Table,
)

UP, DOWN, EITHER = 1, -1, 2
Signs = Mapping[str, int]
_NOTHING: Signs = {}
_MIRROR = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}
_NEGATED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "ne": "eq"}


@attrs.frozen(slots=True)
class Reach:
    """What a value can be: `low`..`high`, or one of `codes`; `signs` per input it depends on."""

    low: float
    high: float
    signs: Signs = _NOTHING
    codes: frozenset[Any] | None = None

    @property
    def certain(self) -> bool:
        """Say whether only one value is possible."""
        if self.codes is not None:
            return len(self.codes) == 1
        return self.low == self.high


def exactly(value: Any) -> Reach:
    """Give the reach of a known value."""
    if isinstance(value, str):
        return Reach(0.0, 0.0, codes=frozenset({value}))
    return Reach(float(value), float(value))


def _settle(reach: Reach) -> Reach:
    """Forget what a certain value depended on."""
    return attrs.evolve(reach, signs=_NOTHING) if reach.certain and reach.signs else reach


def _turn(signs: Signs) -> Signs:
    return {name: sign if sign == EITHER else -sign for name, sign in signs.items()}


def _either(signs: Signs) -> Signs:
    return dict.fromkeys(signs, EITHER)


def _join(*several: Signs) -> Signs:
    joined: dict[str, int] = {}
    for signs in several:
        for name, sign in signs.items():
            joined[name] = sign if joined.get(name, sign) == sign else EITHER
    return joined


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _scaled(signs: Signs, factor: Reach) -> Signs:
    if factor.low >= 0:
        return signs
    return _turn(signs) if factor.high <= 0 else _either(signs)


def _mul(a: Reach, b: Reach) -> Reach:
    corners = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    signs = _join(_scaled(a.signs, b), _scaled(b.signs, a))
    return Reach(min(corners), max(corners), signs)


def _div(a: Reach, b: Reach) -> Reach:
    if b.low <= 0 <= b.high:
        return Reach(-math.inf, math.inf, _join(_either(a.signs), _either(b.signs)))
    return _mul(a, Reach(1 / b.high, 1 / b.low, _turn(b.signs)))


def _pick(largest: bool) -> Callable[[Reach, Reach], Reach]:
    def pick(a: Reach, b: Reach) -> Reach:
        first, last = (a, b) if largest else (b, a)
        if first.low >= last.high:
            return first if largest else last
        if last.low >= first.high:
            return last if largest else first
        choose = max if largest else min
        low, high = choose(a.low, b.low), choose(a.high, b.high)
        return Reach(low, high, _join(a.signs, b.signs))

    return pick


def _abs(a: Reach) -> Reach:
    if a.low >= 0:
        return a
    if a.high <= 0:
        return Reach(-a.high, -a.low, _turn(a.signs))
    return Reach(0.0, max(-a.low, a.high), _either(a.signs))


def _floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


_ARITHMETIC: dict[str, Callable[..., Reach]] = {
    "add": lambda a, b: Reach(a.low + b.low, a.high + b.high, _join(a.signs, b.signs)),
    "sub": lambda a, b: Reach(a.low - b.high, a.high - b.low, _join(a.signs, _turn(b.signs))),
    "mul": _mul,
    "div": _div,
    "neg": lambda a: Reach(-a.high, -a.low, _turn(a.signs)),
    "not": lambda a: Reach(1 - a.high, 1 - a.low, _turn(a.signs)),
    "abs": _abs,
    "floor": lambda a: Reach(_floor(a.low), _floor(a.high), a.signs),
    "max": _pick(largest=True),
    "min": _pick(largest=False),
    "or": _pick(largest=True),
    "and": _pick(largest=False),
}


def _compare(op: str, a: Reach, b: Reach) -> Reach:
    if a.codes is not None or b.codes is not None:
        return _compare_codes(op, a, b)
    if op in {"gt", "ge"}:
        return _compare(_MIRROR[op], b, a)
    if op in {"eq", "ne"}:
        return _compare_equal(op, a, b)
    test = FOLD[op]
    if test(a.high, b.low):
        return exactly(value=True)
    if not test(a.low, b.high):
        return exactly(value=False)
    return Reach(0.0, 1.0, _join(_turn(a.signs), b.signs))


def _compare_equal(op: str, a: Reach, b: Reach) -> Reach:
    if a.certain and b.certain:
        return exactly(FOLD[op](a.low, b.low))
    if a.high < b.low or b.high < a.low:
        return exactly(op == "ne")
    return Reach(0.0, 1.0, _either(_join(a.signs, b.signs)))


def _compare_codes(op: str, a: Reach, b: Reach) -> Reach:
    mine, other = a.codes or frozenset(), b.codes or frozenset()
    if len(mine) == 1 and len(other) == 1:
        return exactly((mine == other) == (op == "eq"))
    if not mine & other:
        return exactly(op == "ne")
    return Reach(0.0, 1.0, _either(_join(a.signs, b.signs)))


@attrs.define
class Reacher:
    """Find the reach of expressions; `known` holds what each name can be."""

    known: dict[str, Reach]
    meaning: Mapping[str, Expr]
    """The expressions of the rules, to see through a test that is itself a rule."""

    def of(self, expr: Expr) -> Reach:  # noqa: C901, PLR0911 (one line for each kind)
        """Give what the expression can be."""
        match expr:
            case Const(value=value):
                return exactly(value)
            case Ref(name=name):
                return self.known[name]
            case Call(op=op, args=args):
                parts = [self.of(argument) for argument in args]
                if op in COMPARISONS:
                    return _settle(_compare(op, *parts))
                return _settle(_ARITHMETIC[op](*parts))
            case If():
                return _settle(self._choice(expr))
            case Lookup():
                return _settle(self._lookup(expr))
            case Sum():
                return _settle(self._sum(expr))
            case Let(name=name, value=value, body=body):
                return self._with({name: self.of(value)}).of(body)
            case _:
                raise TypeError(expr)

    def _with(self, more: Mapping[str, Reach]) -> "Reacher":
        return Reacher({**self.known, **more}, self.meaning)

    def _choice(self, expr: If) -> Reach:
        test = self.of(expr.test)
        if test.certain:
            return self.of(expr.then if test.low else expr.other)
        then = self._with(self.narrowed(expr.test, holds=True)).of(expr.then)
        other = self._with(self.narrowed(expr.test, holds=False)).of(expr.other)
        if then.codes is not None or other.codes is not None:
            codes = (then.codes or frozenset()) | (other.codes or frozenset())
            signs = _either(_join(test.signs, then.signs, other.signs))
            return Reach(0.0, 0.0, signs, codes)
        low, high = min(then.low, other.low), max(then.high, other.high)
        if then.low >= other.high:
            switch = test.signs
        elif then.high <= other.low:
            switch = _turn(test.signs)
        else:
            switch = _either(test.signs)
        return Reach(low, high, _join(switch, then.signs, other.signs))

    def narrowed(self, test: Expr, *, holds: bool) -> dict[str, Reach]:
        """Give what names can be where the test holds (or does not)."""
        match test:
            case Ref(name=name):
                seen = (
                    self.narrowed(self.meaning[name], holds=holds) if name in self.meaning else {}
                )
                held = self.known[name]
                value = float(holds)
                return {**seen, name: Reach(value, value, held.signs)}
            case Call(op="not", args=(inner,)):
                return self.narrowed(inner, holds=not holds)
            case Call(op="and" | "or" as op, args=(one, two)) if (op == "and") is holds:
                first = self.narrowed(one, holds=holds)
                return {**first, **self._with(first).narrowed(two, holds=holds)}
            case Call(op=op, args=(one, two)) if op in COMPARISONS:
                actual = op if holds else _NEGATED.get(op, "")
                first = self.bounded(actual, one, two)
                return {**first, **self._with(first).bounded(_MIRROR.get(actual, ""), two, one)}
            case _:
                return {}

    def bounded(self, op: str, one: Expr, two: Expr) -> dict[str, Reach]:
        """Give what the first side can be where it compares so with the second."""
        if not isinstance(one, Ref) or op not in _MIRROR:
            return {}
        held, bound = self.known[one.name], self.of(two)
        if held.codes is not None or bound.codes is not None:
            return {}
        low = max(held.low, bound.low) if op in {"gt", "ge", "eq"} else held.low
        high = min(held.high, bound.high) if op in {"lt", "le", "eq"} else held.high
        return {} if low > high else {one.name: attrs.evolve(held, low=low, high=high)}

    def _lookup(self, expr: Lookup) -> Reach:
        index = self.of(expr.index)
        table = expr.table.entries if isinstance(expr.table, Table) else {}
        if index.codes is not None:
            keys = index.codes
        else:
            keys = frozenset(k for k in table if index.low <= float(k) <= index.high)
        values = [exactly(table[key]) for key in keys if key in table]
        if expr.default is not None and (len(values) < len(keys) or not values):
            values.append(self.of(expr.default))
        low, high = min(v.low for v in values), max(v.high for v in values)
        return Reach(low, high, self._direction(table, index))

    @staticmethod
    def _direction(table: Mapping[Any, Any], index: Reach) -> Signs:
        if index.codes is not None:
            return _either(index.signs)
        row = [table[k] for k in sorted(table) if index.low <= float(k) <= index.high]
        pairs = list(itertools.pairwise(row))
        if all(a <= b for a, b in pairs):
            return index.signs
        return _turn(index.signs) if all(a >= b for a, b in pairs) else _either(index.signs)

    def _sum(self, expr: Sum) -> Reach:
        source = expr.source
        if not isinstance(source, Ref):
            raise TypeError(source)
        element = self.known[source.name]
        if element.codes is not None:  # a list that is given
            parts = [self._with({expr.var: exactly(v)}).of(expr.body) for v in _listed(element)]
            low, high = sum(p.low for p in parts), sum(p.high for p in parts)
            return Reach(low, high, _join(*(p.signs for p in parts)))
        part = self._with({expr.var: element}).of(expr.body)
        low = -math.inf if part.low < 0 else 0.0
        high = math.inf if part.high > 0 else 0.0
        return Reach(low, high, part.signs)


def _listed(element: Reach) -> tuple[float, ...]:
    (values,) = element.codes or ((),)
    return tuple(values)


def listed(values: Any) -> Reach:
    """Give the reach of a list that is given."""
    return Reach(0.0, 0.0, codes=frozenset({tuple(values)}))


def reach(graph: Graph, rules: tuple[str, ...], given: Mapping[str, Reach]) -> dict[str, Reach]:
    """Work out what every rule can be, from what every input can be."""
    meaning = {name: graph.nodes[name].expr for name in rules}
    reacher = Reacher(dict(given), meaning)
    for name in rules:
        reacher.known[name] = reacher.of(meaning[name])
    return reacher.known
