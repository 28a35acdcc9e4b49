"""Bind rules, parameters and inputs on one date, and check that they fit together.

Found here: a missing input, a gap, an overlap, a cycle, a unit clash, an unverified value, a code that no
`options` lists. Each fault has file, line, key and remedy.
"""

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping

import attrs

from samspill.rules.errors import LoadError
from samspill.rules.language import (
    Const,
    Expr,
    Field,
    If,
    Let,
    Lookup,
    Ref,
    Scalar,
    Table,
    children,
    substitute,
)
from samspill.rules.specs import Declared, InputSpec, ParameterValue, RuleSpec
from samspill.rules.units import Unit, UnitChecker, UnitClash, parse, show


@attrs.frozen(kw_only=True)
class Node:
    """A rule as it holds on a date, its parameters filled in."""

    spec: RuleSpec
    expr: Expr
    inputs: tuple[str, ...]
    rules: tuple[str, ...]
    parameters: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Graph:
    """All rules of one date in an order in which each stands after what it reads."""

    date: dt.date
    nodes: Mapping[str, Node]
    inputs: Mapping[str, InputSpec]
    constants: Mapping[str, Const | Table]

    def needed(self, targets: Iterable[str]) -> tuple[str, ...]:
        """Give the rules that the targets need, in order."""
        wanted: set[str] = set()
        waiting = [target for target in targets if target in self.nodes]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(self.nodes[name].rules)
        return tuple(name for name in self.nodes if name in wanted)

    def inputs_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give the inputs that these rules read, in the order of declaration."""
        read = {given for name in names for given in self.nodes[name].inputs}
        return tuple(name for name in self.inputs if name in read)


def change_dates(declared: Declared) -> tuple[dt.date, ...]:
    """Give every date on which a rule or a parameter begins or has ended, first day included."""
    day = dt.timedelta(days=1)
    dates = {declared.coverage.start}
    for rule in declared.rules:
        dates |= {rule.start} if rule.start > dt.date.min else set()
        dates |= {rule.end + day} if rule.end < dt.date.max else set()
    for parameter in declared.parameters.values():
        dates |= {value.start for value in parameter.values}
        dates |= {value.end + day for value in parameter.values if value.end is not None}
    return tuple(sorted(d for d in dates if declared.coverage.start <= d <= declared.coverage.end))


@attrs.define
class GraphBuilder:
    """Build and check the graph of one date; faults are gathered in `errors`."""

    declared: Declared
    date: dt.date
    errors: list[LoadError] = attrs.field(factory=list)
    _rules: dict[str, RuleSpec] = attrs.field(factory=dict)
    _values: dict[str, ParameterValue] = attrs.field(factory=dict)

    def build(self) -> Graph | None:
        """Give the graph, or None when `errors` says why not."""
        self._choose_rules()
        self._choose_values()
        for rule in self._rules.values():
            self._check_arguments(rule)
        if self.errors:
            return None
        order = self._order()
        if order is None:
            return None
        self._check_units(order)
        constants = {name: _constant(name, value) for name, value in self._values.items()}
        nodes = {name: self._bind(self._rules[name], constants) for name in order}
        for node in nodes.values():
            self._check_lookups(node, nodes)
        return Graph(date=self.date, nodes=nodes, inputs=self.declared.inputs, constants=constants)

    def _fault(self, rule: RuleSpec, message: str, remedy: str, line: int = 0) -> None:
        text = f"on {self.date}: {message}"
        self.errors.append(
            LoadError(
                file=rule.file, line=line or rule.line, key=rule.name, message=text, remedy=remedy
            )
        )

    def _choose_rules(self) -> None:
        for rule in self.declared.rules:
            if not rule.start <= self.date <= rule.end:
                continue
            other = self._rules.get(rule.name)
            if other is not None:
                self._fault(
                    rule,
                    f"two rules of this name hold (the other is in line {other.line}).",
                    "Set start and end so that one holds on each date.",
                )
            if rule.name in self.declared.inputs or rule.name in self.declared.parameters:
                self._fault(rule, "an input or parameter has the same name.", "Rename one of them.")
            self._rules[rule.name] = rule

    def _choose_values(self) -> None:
        for name, parameter in self.declared.parameters.items():
            value = parameter.on(self.date)
            if value is not None:
                self._values[name] = value

    def _check_arguments(self, rule: RuleSpec) -> None:
        for name in rule.args:
            if name in self.declared.parameters:
                self._check_parameter(rule, name)
            elif name not in self._rules and name not in self.declared.inputs:
                self._fault(rule, f"reads {name!r}, which nothing gives.", self._remedy(name))
        for name, key in _fields(rule.expr):
            value = self._values.get(name)
            if value is not None and not (isinstance(value.value, dict) and key in value.value):
                self._fault(
                    rule,
                    f"reads {name}.{key}, which the parameter does not have.",
                    f"Add {key} to the value in parameters.yaml (line {value.line}).",
                )

    def _check_parameter(self, rule: RuleSpec, name: str) -> None:
        parameter = self.declared.parameters[name]
        value = self._values.get(name)
        if value is None:
            self._fault(
                rule,
                f"the parameter {name!r} has no value (a gap).",
                f"Add a value that holds on this date in {parameter.file}, line {parameter.line}.",
            )
        elif value.status == "unverified":
            self._fault(
                rule,
                f"the parameter {name!r} has only an unverified value.",
                f"Verify it or end it in {parameter.file}, line {value.line}.",
            )

    def _remedy(self, name: str) -> str:
        names = [*self._rules, *self.declared.inputs, *self.declared.parameters]
        close = difflib.get_close_matches(name, names, n=1)
        other = [rule for rule in self.declared.rules if rule.name == name]
        if other:
            return f"The rule holds {other[0].start} to {other[0].end}: extend it or add another."
        guess = f"Did you mean {close[0]!r}? " if close else ""
        return f"{guess}Declare it with given(...), @rule or in parameters.yaml."

    def _order(self) -> tuple[str, ...] | None:
        done: dict[str, bool] = {}
        order: list[str] = []

        def visit(name: str, path: tuple[str, ...]) -> bool:
            if done.get(name):
                return True
            if name in path:
                circle = " → ".join((*path[path.index(name) :], name))
                self._fault(
                    self._rules[name], f"the rules go in a circle: {circle}.", "Break the circle."
                )
                return False
            for argument in self._rules[name].args:
                if argument in self._rules and not visit(argument, (*path, name)):
                    return False
            done[name] = True
            order.append(name)
            return True

        return tuple(order) if all(visit(name, ()) for name in self._rules) else None

    def _check_units(self, order: tuple[str, ...]) -> None:
        known: dict[str, Unit | Mapping[object, Unit]] = {}
        for name, given in self.declared.inputs.items():
            known[name] = parse(given.unit)
        for name, value in self._values.items():
            known[name] = (
                parse(value.unit)
                if isinstance(value.unit, str)
                else {key: parse(text) for key, text in value.unit.items()}
            )
        for name in order:
            known[name] = self._check_unit(self._rules[name], known)

    def _check_unit(
        self, rule: RuleSpec, known: Mapping[str, Unit | Mapping[object, Unit]]
    ) -> Unit:
        unit = parse(rule.unit)
        try:
            found = UnitChecker(known).of(rule.expr)
        except UnitClash as clash:
            self._fault(rule, f"units clash: {clash.message}", "Convert one of them.", clash.line)
            return unit
        if found is not None and found != unit:
            self._fault(
                rule,
                f"units clash: the rule gives {show(found)} and says {rule.unit}.",
                "Correct unit= or the formula.",
            )
        if unit == "kode":
            self._check_codes(rule)
        return unit

    def _check_codes(self, rule: RuleSpec) -> None:
        unknown = _results(rule.expr) - set(rule.options)
        if unknown:
            self._fault(
                rule,
                f"can return {', '.join(sorted(unknown))}, which options does not list.",
                "List every code in options=.",
            )

    def _check_lookups(self, node: Node, nodes: Mapping[str, Node]) -> None:
        """Find a table that is asked for a key which another table gives and it does not have."""
        for found in _lookups(node.expr):
            table = found.table.entries if isinstance(found.table, Table) else None
            if table is None or found.default is not None:
                continue
            absent = sorted(_settled(found.index, nodes) - set(table), key=str)
            if absent:
                name = found.table.name if isinstance(found.table, Table) else ""
                self._fault(
                    node.spec,
                    f"can ask {name} for {', '.join(map(str, absent))}, which it does not have.",
                    "Add the key to the table, or correct the value that leads there.",
                    found.line,
                )

    def _bind(self, rule: RuleSpec, constants: Mapping[str, Const | Table]) -> Node:
        return Node(
            spec=rule,
            expr=substitute(rule.expr, constants),
            inputs=tuple(a for a in rule.args if a in self.declared.inputs),
            rules=tuple(a for a in rule.args if a in self._rules),
            parameters=tuple(a for a in rule.args if a in constants),
        )


def _lookups(expr: Expr) -> list[Lookup]:
    own = [expr] if isinstance(expr, Lookup) else []
    return [*own, *(found for child in children(expr) for found in _lookups(child))]


def _settled(expr: Expr, nodes: Mapping[str, Node]) -> set[Scalar]:
    """Give the values that constants and tables alone can give an expression; what is calculated is left out."""
    match expr:
        case Const(value=value):
            return {value}
        case If(then=then, other=other):
            return _settled(then, nodes) | _settled(other, nodes)
        case Let(body=body):
            return _settled(body, nodes)
        case Lookup(table=Table(entries=entries), default=default):
            return {*entries.values(), *(_settled(default, nodes) if default else ())}
        case Ref(name=name) if name in nodes:
            return _settled(nodes[name].expr, nodes)
        case _:
            return set()


def _constant(name: str, held: ParameterValue) -> Const | Table:
    if isinstance(held.value, dict):
        return Table(name, held.value)
    if isinstance(held.value, tuple):
        return Table(name, dict(enumerate(held.value)))
    return Const(held.value)


def _fields(expr: Expr) -> set[tuple[str, str]]:
    own = {(expr.name, expr.key)} if isinstance(expr, Field) else set()
    return own.union(*(_fields(child) for child in children(expr)))


def fields_of(expr: Expr, name: str) -> tuple[str, ...]:
    """Give the keys of a parameter that the expression reads."""
    return tuple(sorted(key for owner, key in _fields(expr) if owner == name))


def _results(expr: Expr) -> set[str]:
    match expr:
        case Const(value=str() as code):
            return {code}
        case If(then=then, other=other):
            return _results(then) | _results(other)
        case Let(body=body):
            return _results(body)
        case Const() | Ref() | _:
            return set()
