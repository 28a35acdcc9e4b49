"""Translate the body of a rule from Python syntax to the small language.

What is not plain arithmetic, comparison, choice, look-up or a sum over a list is refused with its line.
"""

import ast
import itertools
from collections.abc import Sequence

from samspill.rules.language import Call, Const, Expr, Field, If, Let, Lookup, Ref, Sum

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}
_ALLOWED = (
    "A rule may use + - * /, comparisons, and/or/not, if/else, min, max, abs, floor, "
    "sum(... for x in list), and look-ups in parameters."
)


class NotInLanguage(Exception):  # noqa: N818 (says what is, not that it is an error)
    """A construct that a rule may not use, with its line."""

    def __init__(self, line: int, message: str, remedy: str = _ALLOWED) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.remedy = remedy


class Translator:
    """Translate one function; local names get unique names of the form `rule__name_1`."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self._function = function
        self._numbers = itertools.count(1)

    def translate(self) -> Expr:
        """Give the whole function as one expression."""
        arguments = {a.arg: a.arg for a in self._function.args.args}
        return self._statements(self._function.body, arguments)

    def _fresh(self, name: str) -> str:
        return f"{self._function.name}__{name}_{next(self._numbers)}"

    def _statements(self, body: Sequence[ast.stmt], names: dict[str, str]) -> Expr:
        if not body:
            raise NotInLanguage(
                self._function.lineno,
                "a path through the rule ends without a value.",
                "End every path with return.",
            )
        first, rest = body[0], body[1:]
        match first:
            case ast.Expr(value=ast.Constant(value=str())):
                return self._statements(rest, names)
            case ast.Return(value=ast.expr() as value):
                return self._expr(value, names)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assign(name, self._expr(value, names), rest, names, first.lineno)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return self._assign(name, self._expr(value, names), rest, names, first.lineno)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                before = ast.copy_location(ast.Name(name, ast.Load()), first)
                grown = self._binary(op, before, value, names, first.lineno)
                return self._assign(name, grown, rest, names, first.lineno)
            case ast.If():
                return self._branches(first, rest, names)
            case _:
                kind = type(first).__name__
                raise NotInLanguage(first.lineno, f"the statement {kind} cannot stand in a rule.")

    def _assign(
        self, name: str, value: Expr, rest: Sequence[ast.stmt], names: dict[str, str], line: int
    ) -> Expr:
        fresh = self._fresh(name)
        return Let(fresh, value, self._statements(rest, {**names, name: fresh}), line)

    def _branches(self, statement: ast.If, rest: Sequence[ast.stmt], names: dict[str, str]) -> Expr:
        test = self._expr(statement.test, names)
        then = self._statements(_continue(statement.body, rest), names)
        other = self._statements(_continue(statement.orelse, rest), names)
        return If(test, then, other, statement.lineno)

    def _expr(  # noqa: C901, PLR0911 (one line for each kind of syntax)
        self, node: ast.expr, names: dict[str, str]
    ) -> Expr:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return Const(value, node.lineno)
            case ast.Name(id=name):
                return self._name(name, names, node.lineno)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, left, right, names, node.lineno)
            case ast.UnaryOp():
                return self._unary(node, names)
            case ast.BoolOp():
                logic = "and" if isinstance(node.op, ast.And) else "or"
                return self._chain(logic, [self._expr(v, names) for v in node.values], node.lineno)
            case ast.Compare():
                return self._compare(node, names)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                then, other = self._expr(body, names), self._expr(orelse, names)
                return If(self._expr(test, names), then, other, node.lineno)
            case ast.Attribute(value=ast.Name(id=name), attr=key):
                return Field(names.get(name, name), key, node.lineno)
            case ast.Subscript(value=table, slice=index):
                return Lookup(self._expr(table, names), self._expr(index, names), None, node.lineno)
            case ast.Call():
                return self._call(node, names)
            case _:
                raise NotInLanguage(node.lineno, f"{ast.unparse(node)!r} cannot stand in a rule.")

    def _name(self, name: str, names: dict[str, str], line: int) -> Expr:
        if name not in names:
            raise NotInLanguage(
                line,
                f"{name!r} is not an argument of the rule.",
                "Take it as an argument, so that the graph shows it.",
            )
        return Ref(names[name], line)

    def _binary(
        self,
        op: ast.operator,
        left: ast.expr,
        right: ast.expr,
        names: dict[str, str],
        line: int,
    ) -> Expr:
        if type(op) not in _BINARY:
            raise NotInLanguage(line, f"the operator {type(op).__name__} cannot stand in a rule.")
        return Call(_BINARY[type(op)], (self._expr(left, names), self._expr(right, names)), line)

    def _unary(self, node: ast.UnaryOp, names: dict[str, str]) -> Expr:
        ops: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.Not: "not"}
        if type(node.op) not in ops:
            raise NotInLanguage(node.lineno, f"{ast.unparse(node)!r} cannot stand in a rule.")
        return Call(ops[type(node.op)], (self._expr(node.operand, names),), node.lineno)

    def _chain(self, op: str, parts: Sequence[Expr], line: int) -> Expr:
        whole = parts[0]
        for part in parts[1:]:
            whole = Call(op, (whole, part), line)
        return whole

    def _compare(self, node: ast.Compare, names: dict[str, str]) -> Expr:
        sides = [self._expr(side, names) for side in (node.left, *node.comparators)]
        tests: list[Expr] = []
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(op) not in _COMPARE:
                raise NotInLanguage(node.lineno, f"{ast.unparse(node)!r} cannot stand in a rule.")
            tests.append(Call(_COMPARE[type(op)], (left, right), node.lineno))
        return self._chain("and", tests, node.lineno)

    def _call(self, node: ast.Call, names: dict[str, str]) -> Expr:
        match node:
            case ast.Call(func=ast.Name(id="max" | "min" as op), args=[_, _, *_], keywords=[]):
                return self._chain(op, [self._expr(a, names) for a in node.args], node.lineno)
            case ast.Call(func=ast.Name(id="floor" | "abs" as op), args=[only], keywords=[]):
                return Call(op, (self._expr(only, names),), node.lineno)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=table), attr="get"),
                args=[index, default],
                keywords=[],
            ):
                return Lookup(
                    self._name(table, names, node.lineno),
                    self._expr(index, names),
                    self._expr(default, names),
                    node.lineno,
                )
            case ast.Call(func=ast.Name(id="sum"), args=[ast.GeneratorExp() as each], keywords=[]):
                return self._sum(each, names)
            case _:
                raise NotInLanguage(node.lineno, f"{ast.unparse(node)!r} cannot stand in a rule.")

    def _sum(self, node: ast.GeneratorExp, names: dict[str, str]) -> Expr:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[], is_async=0)]:
                fresh = self._fresh(name)
                body = self._expr(node.elt, {**names, name: fresh})
                return Sum(fresh, self._expr(source, names), body, node.lineno)
            case _:
                raise NotInLanguage(node.lineno, f"{ast.unparse(node)!r} cannot stand in a rule.")


def _continue(branch: Sequence[ast.stmt], rest: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """Give what runs after a test: the branch, and the rest unless the branch has ended."""
    return [*branch] if branch and _ends(branch[-1]) else [*branch, *rest]


def _ends(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse):
            return bool(orelse) and _ends(body[-1]) and _ends(orelse[-1])
        case _:
            return False
