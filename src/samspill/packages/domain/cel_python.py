"""Plain CEL texts as Python functions: the same answer, without carrying the whole application into another language.

`cel_lowering` writes every condition as a plain CEL text. The evaluator of CEL wants all answers and replies copied
into its own values before it runs a text, and that costs a hundred times more than the text itself. Here the text is
read by our own grammar and written as one Python expression over the very same dictionaries.

The promise is one-sided and therefore easy to keep: **when the function returns, CEL would have returned the same;
whenever anything is unusual it raises**, and the caller lets CEL itself answer (a missing key, a value of another kind,
numbers where Python and CEL could differ, `matches`). A property test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen

from samspill.packages.domain import cel_syntax as cel

NAMES: Final = ("a", "f", "s", "c", "item", "on", "documents", "channel")
"""What a function is called with, in this order: as in the context of CEL."""
UNUSUAL: Final = (TypeError, RuntimeError, ValueError, LookupError, ArithmeticError)
"""What a function may raise: let CEL answer then."""
_EXACT: Final = 2**53
_LARGEST: Final = 2**63
_DEPTH: Final = 90
_NUMBERS: Final = frozenset({"int", "num"})
_ROOTS: Final = frozenset({"a", "f", "s"})

Program = Callable[..., Any]


def to_python(text: str, functions: Mapping[str, Callable[..., Any]]) -> Program | None:
    """Return a function of `NAMES` for a plain CEL text, or None when only CEL can answer it.

    Args:
        text: CEL, as `cel_lowering` writes it.
        functions: our own functions that CEL is given, by name.
    """
    try:
        written, _ = _Writer(frozenset(functions)).write(cel.parse(text, depth=_DEPTH))
    except (_OnlyCelError, cel.CelSyntaxError, RecursionError):
        return None
    scope = {**_HELPERS, **{f"fn_{name}": one for name, one in functions.items()}}
    source = f"lambda {', '.join(NAMES)}: {written}"
    try:  # our own text, from a checked tree: names by the grammar, all else as repr; no builtins in reach
        program: Program = eval(source, {"__builtins__": {}, **scope})  # noqa: S307
    except (SyntaxError, MemoryError):  # nested deeper than Python reads
        return None
    return program


class _OnlyCelError(Exception):
    """The text has something that is left to CEL."""


@frozen
class _Writer:
    """Writes a tree as Python; each part comes with its kind where that is certain ("" where it is not)."""

    functions: frozenset[str]
    variables: frozenset[str] = field(default=frozenset())

    def write(self, node: cel.Node) -> tuple[str, str]:  # noqa: C901, PLR0911 - one case a kind of node
        match node:
            case cel.Lit(value=value):
                return _literal(value), _kind_of(value)
            case cel.Name(name=name):
                return self._name(name)
            case cel.Select(of=of, key=key):
                return f"{self.write(of)[0]}[{key!r}]", ""
            case cel.Index(of=of, at=at):
                return f"at({self.write(of)[0]}, {self.write(at)[0]})", ""
            case cel.Items(items=items):
                return f"[{', '.join(self.write(one)[0] for one in items)}]", "list"
            case cel.If(test=test, then=then, other=other):
                yes, no = self.write(then), self.write(other)
                kind = yes[1] if yes[1] == no[1] else ""
                return f"({yes[0]} if {self.truth(test)} else {no[0]})", kind
            case cel.Unary(op="!", of=of):
                return f"(not {self.truth(of)})", "bool"
            case cel.Unary(of=of):
                text, kind = self.write(of)
                return f"minus({text})", kind
            case cel.Binary():
                return self._binary(node)
            case cel.Call():
                return self._call(node)
            case cel.Macro():
                return self._macro(node)

    def truth(self, node: cel.Node) -> str:
        """Write something that is true or false and nothing else."""
        text, kind = self.write(node)
        return text if kind == "bool" else f"truth({text})"

    def _name(self, name: str) -> tuple[str, str]:
        if name in self.variables or name in NAMES:
            return name, "text" if name == "on" and name not in self.variables else ""
        raise _OnlyCelError

    # ------------------------------------------------------------------ operators

    def _binary(self, node: cel.Binary) -> tuple[str, str]:
        if node.op in ("&&", "||"):
            word = "and" if node.op == "&&" else "or"
            return f"({self.truth(node.left)} {word} {self.truth(node.right)})", "bool"
        left, right = self.write(node.left), self.write(node.right)
        if node.op in ("==", "!="):
            text = self._equal(left, right, named=_is_named(node.left))
            return text if node.op == "==" else f"(not {text})", "bool"
        if node.op == "in":
            return self._within(left, right, node.right), "bool"
        if node.op in ("<", "<=", ">", ">="):
            kinds = {left[1], right[1]}
            if kinds <= {"text"} or kinds in ({"num"}, {"int"}):
                return f"({left[0]} {node.op} {right[0]})", "bool"
            return f"(order({left[0]}, {right[0]}) {node.op} 0)", "bool"
        return self._arithmetic(node.op, left, node.right)

    def _equal(self, left: tuple[str, str], right: tuple[str, str], *, named: bool) -> str:
        for (one, kind), (other, other_kind) in ((left, right), (right, left)):
            if one in ("None", "True", "False"):
                return f"same({left[0]}, {right[0]})" if other_kind else f"({other} is {one})"
            if kind == "text" or (kind in _NUMBERS and other_kind in _NUMBERS):
                return f"({other} == {one})"
        if named:  # how a named condition was answered: always a number
            return f"({left[0]} == {right[0]})"
        return f"same({left[0]}, {right[0]})"

    def _within(self, left: tuple[str, str], right: tuple[str, str], node: cel.Node) -> str:
        texts = isinstance(node, cel.Items) and all(
            isinstance(one, cel.Lit) and isinstance(one.value, str) for one in node.items
        )
        return f"({left[0]} in {right[0]})" if texts else f"within({left[0]}, {right[0]})"

    def _arithmetic(self, op: str, left: tuple[str, str], node: cel.Node) -> tuple[str, str]:
        right = self.write(node)
        if left[1] == right[1] == "num" and op in ("+", "-", "*", "/"):
            return f"({left[0]} {op} {right[0]})", "num"
        kind = left[1] if left[1] == right[1] else ""
        return f"{_ARITHMETIC[op]}({left[0]}, {right[0]})", kind

    # ------------------------------------------------------------------ functions and macros

    def _call(self, node: cel.Call) -> tuple[str, str]:
        if node.name == "has":
            return self._has(node.args[0]), "bool"
        arguments = ", ".join(self.write(one)[0] for one in node.args)
        if node.name in _BUILT_IN:
            return f"{_BUILT_IN[node.name][0]}({arguments})", _BUILT_IN[node.name][1]
        if node.name in self.functions and not node.method:
            return f"fn_{node.name}({arguments})", _GIVES.get(node.name, "")
        raise _OnlyCelError

    def _has(self, there: cel.Node) -> str:
        if not isinstance(there, cel.Select):
            raise _OnlyCelError
        text = self.write(there.of)[0]
        if text == "c":
            return f"c.has({there.key!r})"
        return f"({there.key!r} in {text})" if text in _ROOTS else f"has({text}, {there.key!r})"

    def _macro(self, node: cel.Macro) -> tuple[str, str]:
        name = node.variable
        if name in NAMES or name in _HELPERS or name in self.variables:
            raise _OnlyCelError
        inner = _Writer(self.functions, self.variables | {name})
        rows = f"for {name} in rows({self.write(node.over)[0]})"
        if node.kind == "map":
            chosen = f" if {inner.truth(node.condition)}" if node.condition is not None else ""
            return f"[{inner.write(node.body)[0]} {rows}{chosen}]", "list"
        body = inner.truth(node.body)
        if node.kind == "filter":
            return f"[{name} {rows} if {body}]", "list"
        if node.kind == "exists_one":
            return f"(count([1 {rows} if {body}]) == 1)", "bool"
        return f"{'any' if node.kind == 'exists' else 'all'}({body} {rows})", "bool"


def _literal(value: Any) -> str:
    if type(value) is int and not -_LARGEST < value < _LARGEST:
        raise _OnlyCelError
    return repr(value)


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "bool", int: "int", float: "num", str: "text"}[type(value)]


def _is_named(node: cel.Node) -> bool:
    """Tell whether a node is a named condition's answer: `c.name`."""
    return isinstance(node, cel.Select) and isinstance(node.of, cel.Name) and node.of.name == "c"


# ── what the written expressions use; each raises where CEL must be asked ────────────────────────


def _unusual() -> TypeError:
    return TypeError("not for Python")


def _truth(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise _unusual()


def _rows(value: Any) -> list[Any]:
    if type(value) is list:
        return value
    raise _unusual()


def _has(tree: Any, key: str) -> bool:
    if type(tree) is dict:
        return key in tree
    raise _unusual()


def _at(tree: Any, key: Any) -> Any:
    if type(tree) is list and type(key) is int and key >= 0:
        return tree[key]
    if type(tree) is dict and type(key) is str:
        return tree[key]
    raise _unusual()


def _is_number(value: Any) -> bool:
    kind = type(value)
    return kind is float or (kind is int and -_EXACT < value < _EXACT)


def _order(left: Any, right: Any) -> int:
    """Give -1, 0 or 1, as the first is before, at or after the second."""
    both_texts = type(left) is str and type(right) is str
    if both_texts or (_is_number(left) and _is_number(right)):
        return int(left > right) - int(left < right)
    raise _unusual()


def _same(left: Any, right: Any) -> bool:
    if type(left) is str or type(right) is str:
        return bool(left == right)
    if type(left) is bool or type(right) is bool:
        return left is right
    if left is None or right is None or (_is_number(left) and _is_number(right)):
        return bool(left == right)
    raise _unusual()


def _within(value: Any, among: Any) -> bool:
    return any(_same(value, one) for one in _rows(among))


def _size(value: Any) -> int:
    if type(value) is str:
        return len(value.encode())
    if type(value) in (list, dict):
        return len(value)
    raise _unusual()


def _double(value: Any) -> float:
    if type(value) in (int, float):
        return float(value)
    raise _unusual()


def _string(value: Any) -> str:
    if type(value) in (int, str):
        return str(value)
    raise _unusual()


def _exact(value: int) -> int:
    if -_LARGEST < value < _LARGEST:
        return value
    raise _unusual()


def _alike(left: Any, right: Any, *kinds: type) -> type:
    kind = type(left)
    if kind is type(right) and kind in kinds:
        return kind
    raise _unusual()


def _plus(left: Any, right: Any) -> Any:
    kind = _alike(left, right, int, float, str, list)
    return _exact(left + right) if kind is int else left + right


def _less(left: Any, right: Any) -> Any:
    return _exact(left - right) if _alike(left, right, int, float) is int else left - right


def _times(left: Any, right: Any) -> Any:
    return _exact(left * right) if _alike(left, right, int, float) is int else left * right


def _by(left: Any, right: Any) -> Any:
    """Divide; whole numbers are cut towards zero."""
    if _alike(left, right, int, float) is float:
        return left / right
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _rest(left: Any, right: Any) -> int:
    """Give what is left of a division of whole numbers, with the sign of the first."""
    _alike(left, right, int)
    left_over: int = abs(left) % abs(right)
    return -left_over if left < 0 else left_over


def _minus(value: Any) -> Any:
    if type(value) in (int, float):
        return -value
    raise _unusual()


def _text_test(name: str) -> Callable[[Any, Any], bool]:
    def test(text: Any, part: Any) -> bool:
        _alike(text, part, str)
        return part in text if name == "contains" else bool(getattr(str, name)(text, part))

    return test


_ARITHMETIC: Final = {"+": "plus", "-": "less", "*": "times", "/": "by", "%": "rest"}
_BUILT_IN: Final[Mapping[str, tuple[str, str]]] = {
    "size": ("size", "int"),
    "double": ("double", "num"),
    "string": ("string", "text"),
    "startsWith": ("starts", "bool"),
    "endsWith": ("ends", "bool"),
    "contains": ("contains", "bool"),
}
_GIVES: Final = {
    "sum": "num", "min": "num", "max": "num", "max0": "num", "round": "num",
    "age": "int", "year": "int", "days": "int", "month": "text",
}  # fmt: skip
_HELPERS: Final[Mapping[str, Any]] = {
    "truth": _truth, "rows": _rows, "has": _has, "at": _at, "order": _order, "same": _same,
    "within": _within, "size": _size, "double": _double, "string": _string, "plus": _plus,
    "less": _less, "times": _times, "by": _by, "rest": _rest, "minus": _minus,
    "starts": _text_test("startswith"), "ends": _text_test("endswith"), "contains": _text_test("contains"),
    "any": any, "all": all, "count": len,
}  # fmt: skip
