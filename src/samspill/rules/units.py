"""Check that units fit: kroner a year are never added to kroner a month.

A unit is written `kr/år`, `person`, `1/person`, `md/år`, `andel` (a share, no dimension), `ja/nei` or `kode`.
Plain numbers in a rule take the unit of what they are added to or compared with.
"""

from collections.abc import Mapping

import attrs

from samspill.rules.language import (
    COMPARISONS,
    LOGIC,
    Call,
    Const,
    Expr,
    Field,
    If,
    Let,
    Lookup,
    Ref,
    Sum,
    Table,
)

Unit = tuple[tuple[str, int], ...] | str | None
"""Dimensions with exponents; `ja/nei` and `kode` as they are; None fits any."""

_PURE = frozenset({"1", "andel"})
_WHOLE = frozenset({"ja/nei", "kode"})


class UnitClash(Exception):  # noqa: N818 (says what is, not that it is an error)
    """Two units that cannot meet, with the line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def parse(text: str) -> Unit:
    """Read a unit.

    >>> parse("kr/år")
    (('kr', 1), ('år', -1))
    >>> parse("andel"), parse("ja/nei")
    ((), 'ja/nei')
    """
    if text in _WHOLE:
        return text
    above, *below = text.split("/")
    counts: dict[str, int] = {}
    for names, step in ((above.split("·"), 1), *((part.split("·"), -1) for part in below)):
        for name in names:
            if name.strip() not in _PURE:
                counts[name.strip()] = counts.get(name.strip(), 0) + step
    return _tidy(counts)


def show(unit: Unit) -> str:
    """Write a unit as people write it.

    >>> show(parse("md/år")), show(())
    ('md/år', '1')
    """
    if unit is None or isinstance(unit, str):
        return unit or "?"
    above = "·".join(name for name, power in unit if power > 0 for _ in range(power))
    below = "/".join(name for name, power in unit if power < 0 for _ in range(-power))
    return f"{above or '1'}/{below}" if below else above or "1"


def _tidy(counts: Mapping[str, int]) -> Unit:
    return tuple(sorted((name, power) for name, power in counts.items() if power))


def _combine(a: Unit, b: Unit, sign: int) -> Unit:
    counts = dict(a) if isinstance(a, tuple) else {}
    for name, power in b if isinstance(b, tuple) else ():
        counts[name] = counts.get(name, 0) + sign * power
    return _tidy(counts)


@attrs.frozen
class UnitChecker:
    """Find the unit of an expression; `known` holds units of names, or one per key."""

    known: Mapping[str, Unit | Mapping[object, Unit]]

    def of(self, expr: Expr) -> Unit:  # noqa: C901, PLR0911 (one line for each kind)
        """Give the unit of the expression, or raise `UnitClash`."""
        match expr:
            case Const(value=value):
                return "ja/nei" if isinstance(value, bool) else _of_constant(value)
            case Ref(name=name) | Table(name=name):
                return self._named(name)
            case Field(name=name, key=key):
                held = self.known.get(name)
                return held.get(key) if isinstance(held, Mapping) else held
            case Call():
                return self._call(expr)
            case If():
                self._flag(self.of(expr.test), expr.line)
                return self._same(self.of(expr.then), self.of(expr.other), expr.line, "if/else")
            case Lookup():
                return self._lookup(expr)
            case Sum(var=var, source=source, body=body):
                return UnitChecker({**self.known, var: self.of(source)}).of(body)
            case Let(name=name, value=value, body=body):
                return UnitChecker({**self.known, name: self.of(value)}).of(body)

    def _named(self, name: str) -> Unit:
        held = self.known.get(name)
        return None if isinstance(held, Mapping) else held

    def _lookup(self, expr: Lookup) -> Unit:
        self.of(expr.index)
        unit = self.of(expr.table)
        if expr.default is None:
            return unit
        return self._same(unit, self.of(expr.default), expr.line, "get")

    def _call(self, expr: Call) -> Unit:
        units = [self.of(argument) for argument in expr.args]
        if expr.op in LOGIC:
            for unit in units:
                self._flag(unit, expr.line)
            return "ja/nei"
        if expr.op in COMPARISONS:
            self._same(units[0], units[1], expr.line, "a comparison")
            return "ja/nei"
        for unit in units:
            if isinstance(unit, str):
                raise UnitClash(expr.line, f"a value in {unit} cannot be calculated with.")
        if expr.op in {"mul", "div"}:
            return _combine(units[0], units[1], 1 if expr.op == "mul" else -1)
        if len(units) == 1:
            return units[0]
        return self._same(units[0], units[1], expr.line, expr.op)

    def _flag(self, unit: Unit, line: int) -> None:
        if unit not in {None, "ja/nei"}:
            raise UnitClash(line, f"a value in {show(unit)} stands where yes or no belongs.")

    def _same(self, a: Unit, b: Unit, line: int, what: str) -> Unit:
        if a is not None and b is not None and a != b:
            raise UnitClash(line, f"{show(a)} meets {show(b)} in {what}.")
        return b if a is None else a


def _of_constant(value: float | str) -> Unit:
    return "kode" if isinstance(value, str) else None
