"""Three-valued conditions for a two-valued evaluator.

A condition over unanswered fields is unknown. CEL has no such value, so every condition is written out as
two plain CEL texts: one that holds when it is surely true, one that holds when it is surely false
(`has(a.rent) && a.rent > 0.0` and `has(a.rent) && !(a.rent > 0.0)`); a value is written as itself and a
text that holds when it can be known. Kleene's tables follow from the writing: `false && unknown` is false,
one true row makes `exists` true.

In the lowered text the fields lie in `a`, register replies in `f`, settings in `s`, the row in `item`;
unanswered keys are absent. Named conditions are answered once and lie in `c` as 1, 0 or 2 (unknown);
computed fields lie there as values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

from samspill.packages.domain import cel_syntax as cel
from samspill.packages.domain.cel_types import ANY, Type

ROOTS: Final[Mapping[str, str]] = {"facts": "f", "settings": "s"}
PLAIN: Final = frozenset({"on", "channel", "documents", "item"})
AGE: Final = "__age"
"""What is added to the key of a date field to find the age on the situation date; it is reckoned once."""
UNKNOWN: Final = 2
"""How a condition that cannot be answered stands among the named ones."""
_LOGIC: Final = frozenset({"exists", "all"})


@frozen
class Lowering:
    """Writes the CEL texts of checked trees.

    `types` are from the checker, `named` the types of conditions and computed fields.
    """

    types: Mapping[int, Type]
    named: Mapping[str, Type] = field(factory=dict)
    variables: Mapping[str, str] = field(factory=dict)

    # ------------------------------------------------------------------ truth and falsity

    def true(self, node: cel.Node) -> str:
        """Write the text that holds when the condition is surely true."""
        return self._surely(node, wanted=True)

    def false(self, node: cel.Node) -> str:
        """Write the text that holds when the condition is surely false."""
        return self._surely(node, wanted=False)

    def _surely(self, node: cel.Node, *, wanted: bool) -> str:  # noqa: PLR0911 - one case a kind
        match node:
            case cel.Lit(value=bool(value)):
                return "true" if value is wanted else "false"
            case cel.Name(name=name) if self._is_named_condition(name):
                return f"c.{name} == {int(wanted)}"
            case cel.Unary(op="!", of=of):
                return self._surely(of, wanted=not wanted)
            case cel.Binary(op="&&" | "||" as op):
                joint = "&&" if (op == "&&") is wanted else "||"
                left = self._surely(node.left, wanted=wanted)
                return f"({left} {joint} {self._surely(node.right, wanted=wanted)})"
            case cel.If(test=test, then=then, other=other):
                first = f"({self.true(test)} && {self._surely(then, wanted=wanted)})"
                return f"({first} || ({self.false(test)} && {self._surely(other, wanted=wanted)}))"
            case cel.Macro(kind=kind) if kind in _LOGIC:
                inner, variable = self._bind(node)
                macro = "exists" if (kind == "exists") is wanted else "all"
                body = inner.true(node.body) if wanted else inner.false(node.body)
                return _both(
                    self.known(node.over), f"{self.value(node.over)}.{macro}({variable}, {body})"
                )
            case _:
                return self._atom(node, wanted=wanted)

    def _atom(self, node: cel.Node, *, wanted: bool) -> str:
        asked = _asks_whether_known(node)
        if asked is not None:
            there, negated = asked
            known = _all(self.known(there)) or "true"
            return known if wanted is not negated else f"!({known})"
        guards, value = self.known(node), self.value(node)
        if isinstance(node, cel.Binary):
            return _both(guards, value if wanted else f"!{value}")
        return _both(guards, f"{value} == {str(wanted).lower()}")

    # ------------------------------------------------------------------ values

    def known(self, node: cel.Node) -> list[str]:  # noqa: C901, PLR0911 - one case a kind of node
        """Write the texts that must all hold for the value to be known."""
        match node:
            case cel.Name(name=name):
                return self._known_name(name)
            case cel.Select(of=of, key=key):
                return [*self.known(of), f"has({self.value(of)}.{key})"]
            case cel.Index(of=of, at=at):
                inside = f"{self.value(at)} in {self.value(of)}"
                if self._type(at).kind == "int":
                    inside = f"size({self.value(of)}) > {self.value(at)}"
                return _merge(self.known(of), self.known(at), [inside])
            case cel.If(test=test, then=then, other=other):
                first = _both(self.known(then), self.true(test))
                return [f"({first} || {_both(self.known(other), self.false(test))})"]
            case cel.Macro(kind="filter" | "map" | "exists_one"):
                return [*self.known(node.over), *self._known_rows(node)]
            case _ if self._is_logic(node):
                return [f"({self.true(node)} || {self.false(node)})"]
            case cel.Binary(op="/" | "%"):
                nonzero = f"{self.value(node.right)} != 0"
                return _merge(self.known(node.left), self.known(node.right), [nonzero])
            case cel.Call(name="min" | "max", args=args):
                return _merge(*map(self.known, args), [f"size({self.value(args[0])}) > 0"])
            case _:
                return _merge(*map(self.known, cel.children(node)))

    def _known_name(self, name: str) -> list[str]:
        if name not in self.variables and name in self.named:
            return [
                f"c.{name} != {UNKNOWN}" if self._is_named_condition(name) else f"has(c.{name})"
            ]
        if name in self.variables or name in PLAIN or name in ROOTS:
            return []
        return [f"has(a.{name})"]

    def _known_rows(self, node: cel.Macro) -> list[str]:
        inner, variable = self._bind(node)
        over = self.value(node.over)
        if node.kind != "map":
            return [f"{over}.all({variable}, {inner.true(node.body)} || {inner.false(node.body)})"]
        body = _all(inner.known(node.body))
        if node.condition is not None:
            yes, no = inner.true(node.condition), inner.false(node.condition)
            return [f"{over}.all({variable}, {no} || ({yes} && {body or 'true'}))"]
        return [f"{over}.all({variable}, {body})"] if body else []

    def value(self, node: cel.Node) -> str:  # noqa: C901, PLR0911 - one case a kind of node
        """Write the value, taking for granted that it is known."""
        match node:
            case cel.Lit(value=value):
                return _literal(value)
            case cel.Name(name=name):
                return self._name(name)
            case cel.Select(of=of, key=key):
                return f"{self.value(of)}.{key}"
            case cel.Index(of=of, at=at):
                return f"{self.value(of)}[{self.value(at)}]"
            case cel.Unary(op="-", of=of):
                return (
                    f"-({self._number(of) if self._type(node).kind == 'num' else self.value(of)})"
                )
            case cel.If(test=test, then=then, other=other):
                write = self._number if self._type(node).kind == "num" else self.value
                return f"({self.true(test)} ? {write(then)} : {write(other)})"
            case cel.Items(items=items):
                return f"[{', '.join(map(self.value, items))}]"
            case cel.Macro():
                return self._macro(node)
            case cel.Call():
                return self._call(node)
            case cel.Binary(op="&&" | "||") | cel.Unary():
                return self.true(node)
            case cel.Binary():
                return self._binary(node)

    def _name(self, name: str) -> str:
        if name in self.variables:
            return self.variables[name]
        if name in self.named:
            return f"(c.{name} == 1)" if self._is_named_condition(name) else f"c.{name}"
        return name if name in PLAIN else ROOTS.get(name, f"a.{name}")

    def _macro(self, node: cel.Macro) -> str:
        if node.kind in _LOGIC:
            return self.true(node)
        inner, variable = self._bind(node)
        over = self.value(node.over)
        if node.kind != "map":
            return f"{over}.{node.kind}({variable}, {inner.true(node.body)})"
        chosen = f"{inner.true(node.condition)}, " if node.condition is not None else ""
        return f"{over}.map({variable}, {chosen}{inner.value(node.body)})"

    def _call(self, node: cel.Call) -> str:
        if node.name == "has":
            return self.true(node)
        if node.name == "age" and self._has_age(node):
            return f"{self.value(node.args[0])}{AGE}"
        if node.name == "count":
            return f"size({self.value(node.args[0])})"
        if node.name in ("startsWith", "endsWith", "contains", "matches"):
            return f"{self.value(node.args[0])}.{node.name}({self.value(node.args[1])})"
        return f"{node.name}({', '.join(map(self.value, node.args))})"

    def _has_age(self, node: cel.Call) -> bool:
        """Tell whether the age stands ready beside the date: a date of data.yaml, on the situation date."""
        born, on = node.args
        at_field = isinstance(born, cel.Select) or (
            isinstance(born, cel.Name) and born.name not in self.named
        )
        plain = isinstance(born, cel.Name) and (born.name in self.variables or born.name in PLAIN)
        today = isinstance(on, cel.Name) and on.name == "on"
        return at_field and not plain and today and self._type(born).kind == "date"

    def _binary(self, node: cel.Binary) -> str:
        if _asks_whether_known(node) is not None:
            return self.true(node)
        write = self.value
        if node.op in ("+", "-", "*", "/", "%"):
            kind = self._type(node).kind
            write = self._number if kind == "num" else self._text if kind == "text" else write
        return f"({write(node.left)} {node.op} {write(node.right)})"

    def _number(self, node: cel.Node) -> str:
        """Write a value as a decimal number (CEL does not mix kinds of numbers)."""
        if isinstance(node, cel.Lit) and isinstance(node.value, int | float):
            return repr(float(node.value))
        text = self.value(node)
        return text if self._type(node).kind == "num" else f"double({text})"

    def _text(self, node: cel.Node) -> str:
        text = self.value(node)
        return text if self._type(node).kind == "text" else f"string({text})"

    # ------------------------------------------------------------------ names

    def _type(self, node: cel.Node) -> Type:
        return self.types.get(id(node), ANY)

    def _is_named_condition(self, name: str) -> bool:
        return name not in self.variables and name in self.named and self.named[name].kind == "bool"

    def _bind(self, node: cel.Macro) -> tuple[Lowering, str]:
        variable = f"v{len(self.variables)}"
        return evolve(self, variables={**self.variables, node.variable: variable}), variable

    def _is_logic(self, node: cel.Node) -> bool:
        match node:
            case cel.Binary(op="&&" | "||") | cel.Unary(op="!"):
                return True
            case cel.Macro(kind=kind):
                return kind in _LOGIC
            case _:
                return _asks_whether_known(node) is not None


def _asks_whether_known(node: cel.Node) -> tuple[cel.Node, bool] | None:
    """Find `x == null`, `x != null` and `has(x)`: what is asked about, and whether the answer is turned round."""
    match node:
        case cel.Binary(op="==" | "!=" as op, left=there, right=cel.Lit(value=None)):
            return there, op == "=="
        case cel.Binary(op="==" | "!=" as op, left=cel.Lit(value=None), right=there):
            return there, op == "=="
        case cel.Call(name="has", args=(there,)):
            return there, False
        case _:
            return None


def _all(guards: list[str]) -> str:
    return " && ".join(guards)


def _both(guards: list[str], text: str) -> str:
    return f"({_all(guards)} && {text})" if guards else text


def _merge(*lists: list[str]) -> list[str]:
    return list(dict.fromkeys(guard for guards in lists for guard in guards))


def _literal(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "null"
    if isinstance(value, str):
        escaped = (
            value.replace("\\", "\\\\")
            .replace("'", "\\'")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
        )
        return f"'{escaped}'"
    return repr(value)
