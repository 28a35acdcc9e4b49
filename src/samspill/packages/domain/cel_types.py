"""What kind of value every part of a condition has, checked against data.yaml before anybody applies.

A `Scope` says what the names mean; `Checker` gives each node its type and notes what does not fit together.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from attrs import evolve, field, frozen

from samspill.packages.domain import cel_syntax as cel
from samspill.packages.domain import model
from samspill.packages.domain.shapes import or_list

Kind = Literal["bool", "int", "num", "text", "date", "null", "any", "list", "object"]


@frozen
class Type:
    """A kind of value; `options` of a choice, `item` of a list, `keys` of an object (None: any key)."""

    kind: Kind
    options: tuple[str, ...] = ()
    item: Type | None = None
    keys: Mapping[str, Type] | None = field(default=None, eq=False)

    def words(self) -> str:
        """Say it to a person."""
        names = {
            "bool": "true/false",
            "int": "a whole number",
            "num": "a number",
            "text": "a text",
            "date": "a date",
            "null": "null",
            "any": "anything",
            "list": "a list",
            "object": "an object",
        }
        return "a choice" if self.options else names[self.kind]


BOOL, INT, NUM, TEXT = Type("bool"), Type("int"), Type("num"), Type("text")
DATE, NULL, ANY = Type("date"), Type("null"), Type("any")
ANY_LIST = Type("list", item=ANY)
NUMERIC: Final = frozenset({"int", "num", "any"})

_TEXTS: Final[Mapping[str, Type]] = dict.fromkeys(
    ("street", "postal_code", "city", "municipality_no", "unit_no", "address_id"), TEXT
)
_PERSON: Final[Mapping[str, Type]] = {"national_id": TEXT, "name": TEXT}
_PROPERTY: Final[Mapping[str, Type]] = {
    "municipality_no": TEXT,
    "cadastral_no": INT,
    "property_no": INT,
    "lease_no": INT,
    "unit_no": INT,
}


def of_field(spec: model.Field) -> Type:
    """Give the type of a field's answers."""
    simple = {"integer": INT, "decimal": NUM, "amount": NUM, "date": DATE, "boolean": BOOL}
    if spec.type in simple:
        return simple[spec.type]
    if spec.type == "choice":
        return Type("text", options=spec.options)
    if spec.type == "choices":
        return Type("list", item=Type("text", options=spec.options))
    known = {"address": _TEXTS, "person": _PERSON, "property": _PROPERTY}
    if spec.type in known:
        return Type("object", keys=known[spec.type])
    if spec.type in ("list", "object"):
        row = Type("object", keys={name: of_field(sub) for name, sub in spec.fields.items()})
        return Type("list", item=row) if spec.type == "list" else row
    return TEXT


def of_setting(setting: model.Setting) -> Type:
    """Give the type of a municipal setting."""
    simple = {"integer": INT, "decimal": NUM, "amount": NUM, "boolean": BOOL, "date": DATE}
    return simple.get(setting.type, Type("text", options=setting.options))


@frozen
class Fault:
    """What does not fit in a condition, and what to do."""

    message: str
    remedy: str
    column: int


@frozen
class Signature:
    """A function: how many arguments, what kinds they may be (`any` fits all), what comes back."""

    arguments: tuple[frozenset[str], ...]
    result: Type


def _kinds(*kinds: str) -> frozenset[str]:
    return frozenset((*kinds, "any"))


_NUMBER, _DAY, _SOME_TEXT, _LIST = (
    _kinds("int", "num"),
    _kinds("date", "text"),
    _kinds("text"),
    _kinds("list"),
)

FUNCTIONS: Final[Mapping[str, Signature]] = {
    "sum": Signature((_LIST,), NUM),
    "count": Signature((_LIST,), INT),
    "min": Signature((_LIST,), NUM),
    "max": Signature((_LIST,), NUM),
    "age": Signature((_DAY, _DAY), INT),
    "max0": Signature((_NUMBER,), NUM),
    "month": Signature((_DAY,), TEXT),
    "year": Signature((_DAY,), INT),
    "days": Signature((_DAY, _DAY), INT),
    "round": Signature((_NUMBER,), NUM),
    "size": Signature((_kinds("list", "text", "object"),), INT),
    "startsWith": Signature((_SOME_TEXT, _SOME_TEXT), BOOL),
    "endsWith": Signature((_SOME_TEXT, _SOME_TEXT), BOOL),
    "contains": Signature((_SOME_TEXT, _SOME_TEXT), BOOL),
    "matches": Signature((_SOME_TEXT, _SOME_TEXT), BOOL),
}


@frozen
class Scope:
    """What the names mean: fields, roots, and named conditions and computed fields, each with its type."""

    types: Mapping[str, Type]

    def having(self, **more: Type) -> Scope:
        """Add names, for instance `item`, a named condition, or the variable of a macro."""
        return Scope({**self.types, **more})


@frozen
class Checker:
    """Finds the type of each node; `types` is by identity of the node, `faults` what does not fit."""

    scope: Scope
    types: dict[int, Type] = field(factory=dict)
    faults: list[Fault] = field(factory=list)

    def fault(self, node: cel.Node, message: str, remedy: str) -> Type:
        """Note a fault and go on as if the value could be anything."""
        self.faults.append(Fault(message, remedy, node.column))
        return ANY

    def check(self, node: cel.Node) -> Type:
        """Return the type of a node, noting faults on the way."""
        found = self._of(node)
        self.types[id(node)] = found
        return found

    def want(self, node: cel.Node, kinds: frozenset[str], what: str) -> Type:
        """Check a node that has to be one of some kinds."""
        found = self.check(node)
        if found.kind not in kinds and found.kind != "any":
            self.fault(
                node,
                f"{what} needs {_or(kinds)}, and this is {found.words()}.",
                "Compare it, or use another field.",
            )
        return found

    def _of(self, node: cel.Node) -> Type:  # noqa: C901, PLR0911 - one case a kind of node
        match node:
            case cel.Lit(value=value):
                return _of_literal(value)
            case cel.Name():
                return self._name(node)
            case cel.Select():
                return self._select(node)
            case cel.Index(of=of, at=at):
                self.want(at, _kinds("int", "text"), "What stands in [ ]")
                over = self.want(of, _kinds("list", "object"), "[ ]")
                return over.item or ANY
            case cel.Unary(op="!", of=of):
                self.want(of, _kinds("bool"), "!")
                return BOOL
            case cel.Unary(of=of):
                return self.want(of, NUMERIC, "-")
            case cel.Binary():
                return self._binary(node)
            case cel.If(test=test, then=then, other=other):
                self.want(test, _kinds("bool"), "What stands before ?")
                return self._either(node, self.check(then), self.check(other))
            case cel.Items(items=items):
                return self._items(node, [self.check(item) for item in items])
            case cel.Macro():
                return self._macro(node)
            case cel.Call():
                return self._call(node)

    def _name(self, node: cel.Name) -> Type:
        if node.name in self.scope.types:
            return self.scope.types[node.name]
        return self.fault(
            node,
            f"{node.name!r} is neither a field nor a condition here.",
            _did_you_mean(node.name, list(self.scope.types)),
        )

    def _select(self, node: cel.Select) -> Type:
        over = self.check(node.of)
        if over.kind == "any":
            return ANY
        if over.kind != "object":
            return self.fault(
                node,
                f"{over.words().capitalize()} has no part called {node.key!r}.",
                "Lists: use .exists, .filter or .map.",
            )
        if over.keys is None:
            return ANY
        if node.key not in over.keys:
            return self.fault(
                node, f"There is no {node.key!r} here.", _did_you_mean(node.key, list(over.keys))
            )
        return over.keys[node.key]

    def _binary(self, node: cel.Binary) -> Type:
        op = node.op
        if op in ("&&", "||"):
            self.want(node.left, _kinds("bool"), op)
            self.want(node.right, _kinds("bool"), op)
            return BOOL
        left, right = self.check(node.left), self.check(node.right)
        if op in ("==", "!="):
            self._comparable(node, left, right)
            return BOOL
        if op == "in":
            return self._within(node, left, right)
        if op in ("<", "<=", ">", ">="):
            return self._ordered(node, left, right)
        return self._arithmetic(node, left, right)

    def _comparable(self, node: cel.Binary, left: Type, right: Type) -> None:
        for one, literal in ((left, node.right), (right, node.left)):
            if isinstance(literal, cel.Lit) and isinstance(literal.value, str):
                if one.options and literal.value not in one.options:
                    self.fault(
                        literal,
                        f"{literal.value!r} is not among the options.",
                        f"Write {or_list(one.options)}.",
                    )
                    return
                if one.kind == "date" and not _is_date(literal.value):
                    self.fault(
                        literal, f"{literal.value!r} is not a date.", "Write it as '2026-08-01'."
                    )
                    return
                if one.kind == "date":
                    return
        if not _fits(left, right):
            self.fault(
                node,
                f"{left.words().capitalize()} is compared with {right.words()}.",
                "Compare values of the same kind.",
            )

    def _ordered(self, node: cel.Binary, left: Type, right: Type) -> Type:
        both = {left.kind, right.kind} - {"any"}
        dates = both <= {"date", "text"} and "date" in both
        if not (both <= {"int", "num"} or dates):
            self.fault(
                node,
                f"{left.words().capitalize()} and {right.words()} have no order.",
                "Compare two numbers or two dates.",
            )
        elif dates:
            self._comparable(node, left, right)
        return BOOL

    def _within(self, node: cel.Binary, left: Type, right: Type) -> Type:
        if right.kind not in ("list", "any", "object"):
            self.fault(
                node,
                f"'in' looks in a list, and this is {right.words()}.",
                "Write x in ['a', 'b'].",
            )
        if isinstance(node.right, cel.Items):
            for item in node.right.items:
                self._comparable(
                    cel.Binary("==", node.left, item, item.column), left, self.types[id(item)]
                )
        elif right.item is not None and not _fits(left, right.item):
            self.fault(
                node,
                f"The list does not hold {left.words()}.",
                "Look for a value of the list's kind.",
            )
        return BOOL

    def _arithmetic(self, node: cel.Binary, left: Type, right: Type) -> Type:
        both = {left.kind, right.kind} - {"any"}
        if node.op == "+" and both and both <= {"text", "list"} and len(both) == 1:
            return left if left.kind != "any" else right
        if not both <= {"int", "num"}:
            self.fault(
                node,
                f"{node.op} works on numbers, and here are {left.words()} and {right.words()}.",
                "Use numbers.",
            )
        return INT if (left.kind, right.kind) == ("int", "int") else NUM

    def _either(self, node: cel.Node, one: Type, other: Type) -> Type:
        if one.kind == other.kind:
            return (
                one
                if one.options == other.options
                else Type(one.kind, item=one.item, keys=one.keys)
            )
        if {one.kind, other.kind} == {"int", "num"}:
            return NUM
        if "null" in (one.kind, other.kind):
            return other if one.kind == "null" else one
        if "any" not in (one.kind, other.kind):
            self.fault(
                node,
                f"The two answers are {one.words()} and {other.words()}.",
                "Give both the same kind.",
            )
        return ANY

    def _items(self, node: cel.Node, found: Sequence[Type]) -> Type:
        item: Type | None = None
        for one in found:
            item = one if item is None else self._either(node, item, one)
        return Type("list", item=item or ANY)

    def _macro(self, node: cel.Macro) -> Type:
        over = self.want(node.over, _kinds("list"), f".{node.kind}")
        if node.variable in self.scope.types:
            self.fault(
                node,
                f"{node.variable!r} is already the name of something.",
                "Use a letter, as in members.exists(m, m.student).",
            )
        inner = evolve(self, scope=self.scope.having(**{node.variable: over.item or ANY}))
        if node.condition is not None:
            inner.want(node.condition, _kinds("bool"), f".{node.kind}")
        if node.kind == "map":
            return Type("list", item=inner.check(node.body))
        inner.want(node.body, _kinds("bool"), f".{node.kind}")
        return over if node.kind == "filter" else BOOL

    def _call(self, node: cel.Call) -> Type:
        if node.name == "has":
            if len(node.args) != 1 or not isinstance(node.args[0], cel.Select | cel.Name):
                return self.fault(node, "has() takes one path.", "Write has(facts.loans).")
            self.check(node.args[0])
            return BOOL
        signature = FUNCTIONS.get(node.name)
        if signature is None:
            return self.fault(
                node,
                f"There is no function {node.name}().",
                _did_you_mean(node.name, list(FUNCTIONS)),
            )
        if len(node.args) != len(signature.arguments):
            return self.fault(
                node,
                f"{node.name}() takes {len(signature.arguments)} values, and here are {len(node.args)}.",
                "See the list of functions in docs/rooms/packages.md.",
            )
        for argument, kinds in zip(node.args, signature.arguments, strict=True):
            found = self.want(argument, kinds, f"{node.name}()")
            if node.name in ("sum", "min", "max") and found.item and found.item.kind not in NUMERIC:
                self.fault(
                    argument,
                    f"{node.name}() needs a list of numbers.",
                    "Use .map to take the amount: sum(xs.map(x, x.amount)).",
                )
            if node.name == "matches" and argument is node.args[1]:
                self._pattern(argument)
        return signature.result

    def _pattern(self, node: cel.Node) -> None:
        try:
            re.compile(str(node.value) if isinstance(node, cel.Lit) else "")
        except re.error:
            self.fault(
                node, "The pattern is not a regular expression.", "Check brackets and escapes."
            )


def _of_literal(value: object) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int | float):
        return INT if isinstance(value, int) else NUM
    return TEXT


def _fits(one: Type, other: Type) -> bool:
    kinds = {one.kind, other.kind}
    if "any" in kinds or "null" in kinds or kinds == {"int", "num"}:
        return True
    if one.options and other.options and not set(one.options) & set(other.options):
        return False
    return len(kinds) == 1


def _is_date(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _or(kinds: frozenset[str]) -> str:
    words = [
        Type(kind).words()
        for kind in ("bool", "int", "num", "text", "date", "list", "object")
        if kind in kinds
    ]
    return or_list(words)


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return (
        f"Did you mean {close[0]!r}?"
        if close
        else f"Known here: {', '.join(sorted(known)) or 'nothing'}."
    )
