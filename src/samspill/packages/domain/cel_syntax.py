"""The text of a condition becomes a tree.

The tree is checked (`cel_types`) and made three-valued (`cel_lowering`); CEL itself does the sums.

Grammar: CEL without messages, bytes and unsigned numbers. `parse` raises `CelSyntaxError` with the column.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from attrs import field, frozen

MACROS: Final = frozenset({"exists", "all", "exists_one", "filter", "map"})


class CelSyntaxError(Exception):
    """The text is not a condition; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@frozen(eq=False)
class Lit:
    """A number, text, true, false or null."""

    value: Any
    column: int = 0


@frozen(eq=False)
class Name:
    """A name: a field, a condition, `facts`, a variable of a macro."""

    name: str
    column: int = 0


@frozen(eq=False)
class Select:
    """`of.key`."""

    of: Node
    key: str
    column: int = 0


@frozen(eq=False)
class Index:
    """`of[at]`."""

    of: Node
    at: Node
    column: int = 0


@frozen(eq=False)
class Call:
    """`name(args)`; a method call `x.name(y)` is `Call(name, (x, y), method=True)`."""

    name: str
    args: tuple[Node, ...]
    method: bool = False
    column: int = 0


@frozen(eq=False)
class Macro:
    """`over.kind(variable, body)`; `map` with three arguments has `condition` too."""

    kind: str
    over: Node
    variable: str
    body: Node
    condition: Node | None = None
    column: int = 0


@frozen(eq=False)
class Unary:
    """`!x` or `-x`."""

    op: Literal["!", "-"]
    of: Node
    column: int = 0


@frozen(eq=False)
class Binary:
    """`left op right`."""

    op: str
    left: Node
    right: Node
    column: int = 0


@frozen(eq=False)
class If:
    """`test ? then : other`."""

    test: Node
    then: Node
    other: Node
    column: int = 0


@frozen(eq=False)
class Items:
    """`[a, b]`."""

    items: tuple[Node, ...]
    column: int = 0


Node = Lit | Name | Select | Index | Call | Macro | Unary | Binary | If | Items


def children(node: Node) -> Iterator[Node]:
    """Give what a node is made of."""
    match node:
        case Select(of=of) | Unary(of=of):
            yield of
        case Index(of=of, at=at):
            yield from (of, at)
        case Call(args=args):
            yield from args
        case Macro(over=over, body=body, condition=condition):
            yield from (over, body) if condition is None else (over, condition, body)
        case Binary(left=left, right=right):
            yield from (left, right)
        case If(test=test, then=then, other=other):
            yield from (test, then, other)
        case Items(items=items):
            yield from items


def names(node: Node, bound: frozenset[str] = frozenset()) -> set[str]:
    """Give the names a tree reads from outside (not the variables of its own macros).

    >>> sorted(names(parse("members.exists(m, m.born < on)")))
    ['members', 'on']
    """
    if isinstance(node, Name):
        return set() if node.name in bound else {node.name}
    if isinstance(node, Macro):
        inner = bound | {node.variable}
        found = names(node.over, bound) | names(node.body, inner)
        return found | (names(node.condition, inner) if node.condition else set())
    return {name for child in children(node) for name in names(child, bound)}


_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.\d+(?:[eE][-+]?\d+)?|\d+)
    | (?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    | (?P<name>[A-Za-z_]\w*)
    | (?P<op>&&|\|\||==|!=|<=|>=|[-<>+*/%!?:.,()\[\]])
    )""",
    re.VERBOSE,
)


@frozen
class _Token:
    kind: str
    text: str
    column: int


def _tokens(source: str) -> list[_Token]:
    found, at = [], 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            msg = f"The sign {source[at]!r} has no meaning here."
            raise CelSyntaxError(msg, at + 1)
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, _Token("end", "", len(source) + 1)]


_MAX_DEPTH: Final = 60


def parse(source: str, *, depth: int = _MAX_DEPTH) -> Node:
    """Return the tree of a condition.

    Args:
        source: the text.
        depth: how deep it may be nested.

    Raises:
        CelSyntaxError: the text is not a condition.
    """
    parser = _Parser(_tokens(source), depth)
    node = parser.ternary()
    parser.expect("end")
    return node


_LEVELS: Final = (
    ("||",),
    ("&&",),
    ("==", "!=", "<", "<=", ">", ">=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)


@frozen
class _Parser:
    tokens: list[_Token]
    depth: int
    state: list[int] = field(factory=lambda: [0, 0])

    @property
    def here(self) -> _Token:
        return self.tokens[self.state[0]]

    def take(self) -> _Token:
        token = self.here
        self.state[0] += 1
        return token

    def accept(self, *texts: str) -> _Token | None:
        return self.take() if self.here.kind != "text" and self.here.text in texts else None

    def expect(self, text: str) -> _Token:
        token = self.here
        if token.kind == "text" or (text not in (token.text, token.kind)):
            wanted = "the end" if text == "end" else repr(text)
            found = "the end" if token.kind == "end" else repr(token.text)
            msg = f"Here stands {found} where {wanted} was expected."
            raise CelSyntaxError(msg, token.column)
        return self.take()

    def ternary(self) -> Node:
        self.state[1] += 1
        if self.state[1] > self.depth:
            msg = "The condition is nested too deep."
            raise CelSyntaxError(msg, self.here.column)
        node = self.binary(0)
        if mark := self.accept("?"):
            then = self.ternary()
            self.expect(":")
            node = If(node, then, self.ternary(), mark.column)
        self.state[1] -= 1
        return node

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        node = self.binary(level + 1)
        while op := self.accept(*_LEVELS[level]):
            node = Binary(op.text, node, self.binary(level + 1), op.column)
        return node

    def unary(self) -> Node:
        op = self.accept("!", "-")
        if op is None:
            return self.postfix(self.primary())
        self.state[1] += 1
        if self.state[1] > self.depth:
            msg = "The condition is nested too deep."
            raise CelSyntaxError(msg, op.column)
        inner = self.unary()
        self.state[1] -= 1
        return Unary("!" if op.text == "!" else "-", inner, op.column)

    def postfix(self, node: Node) -> Node:
        while mark := self.accept(".", "["):
            if mark.text == "[":
                node = Index(node, self.ternary(), mark.column)
                self.expect("]")
                continue
            name = self.expect("name")
            called = self.accept("(")
            node = self.method(node, name) if called else Select(node, name.text, name.column)
        return node

    def method(self, of: Node, name: _Token) -> Node:
        args = self.arguments(")")
        if name.text not in MACROS:
            return Call(name.text, (of, *args), method=True, column=name.column)
        most = 3 if name.text == "map" else 2
        if len(args) not in (2, most) or not isinstance(args[0], Name):
            msg = f"{name.text} takes a name and an expression: xs.{name.text}(x, x.a > 1)."
            raise CelSyntaxError(msg, name.column)
        condition = args[1] if args[1:-1] else None
        return Macro(name.text, of, args[0].name, args[-1], condition, name.column)

    def arguments(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.accept(end):
            if found:
                self.expect(",")
            found.append(self.ternary())
        return tuple(found)

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            value = float(token.text) if re.search(r"[.eE]", token.text) else int(token.text)
            return Lit(value, token.column)
        if token.kind == "text":
            return Lit(_unquote(token), token.column)
        if token.kind == "name":
            return self.word(token)
        if token.text == "(":
            node = self.ternary()
            self.expect(")")
            return node
        if token.text == "[":
            return Items(self.arguments("]"), token.column)
        found = "The condition ends" if token.kind == "end" else f"{token.text!r} stands"
        msg = f"{found} where a value was expected."
        raise CelSyntaxError(msg, token.column)

    def word(self, token: _Token) -> Node:
        constants = {"true": True, "false": False, "null": None}
        if token.text in constants:
            return Lit(constants[token.text], token.column)
        if token.text == "in":
            msg = "'in' stands where a value was expected."
            raise CelSyntaxError(msg, token.column)
        if self.accept("("):
            return Call(token.text, self.arguments(")"), column=token.column)
        return Name(token.text, token.column)


def _unquote(token: _Token) -> str:
    try:
        return str(ast.literal_eval(token.text))
    except (SyntaxError, ValueError) as error:
        msg = f"The text {token.text} has a wrong escape."
        raise CelSyntaxError(msg, token.column) from error
