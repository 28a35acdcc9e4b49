"""Read `rules.py` and `inputs.py` of a package as text: declarations and rules, never run.

Only imports, text constants, `given(...)`, `rulebook(...)` and functions under `@rule(...)` may stand in
the files.
"""

import ast
import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from samspill.rules.declare import Rounding
from samspill.rules.errors import LoadError
from samspill.rules.language import Call, Const, Expr
from samspill.rules.specs import ALWAYS, FOREVER, LANGUAGES, Coverage, InputSpec, RuleSpec
from samspill.rules.translate import NotInLanguage, Translator

_IMPORTS = frozenset({"samspill.rules", "samspill.rules.declare", "math", "collections.abc"})
_KINDS = frozenset({"number", "count", "flag", "choice", "key", "numbers"})
_DIRECTIONS = frozenset({"half_up", "up", "down"})
_RULE_KEYS = {"unit", "law", *LANGUAGES}
_RULE_MORE = {"name", "start", "end", "options", "rounding"}
_GIVEN_KEYS = {"unit", *LANGUAGES}
_GIVEN_MORE = {"default", "low", "high", "options", "group"}
_BOOK_KEYS = {"version", "start", "end", "before", "after", "remedy"}
_UNITS_REMEDY = "Write the declaration with exactly these: "


@attrs.define
class SourceReader:
    """Gather what the files declare; every fault goes into `errors`."""

    errors: list[LoadError] = attrs.field(factory=list)
    inputs: dict[str, InputSpec] = attrs.field(factory=dict)
    rules: list[RuleSpec] = attrs.field(factory=list)
    coverage: Coverage | None = None
    _constants: dict[str, str] = attrs.field(factory=dict)
    _file: str = ""

    def read(self, name: str, content: bytes) -> None:
        """Read one file."""
        self._file = name
        try:
            tree = ast.parse(content.decode("utf-8"), filename=name)
        except (SyntaxError, UnicodeDecodeError) as error:
            line = getattr(error, "lineno", 1) or 1
            self._fault(line, name, f"the file is not Python: {error}.", "Correct the syntax.")
            return
        for statement in tree.body:
            try:
                self._statement(statement)
            except NotInLanguage as error:
                key = getattr(statement, "name", name)
                self._fault(error.line, key, error.message, error.remedy)

    def _fault(self, line: int, key: str, message: str, remedy: str) -> None:
        self.errors.append(
            LoadError(file=self._file, line=line, key=key, message=message, remedy=remedy)
        )

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                return
            case ast.ImportFrom(module=module) if module in _IMPORTS:
                return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._constants[name] = self._literal(value)
            case ast.Expr(value=ast.Call(func=ast.Name(id="given")) as call):
                self._given(call)
            case ast.Expr(value=ast.Call(func=ast.Name(id="rulebook")) as call):
                self._rulebook(call)
            case ast.FunctionDef(decorator_list=[ast.Call(func=ast.Name(id="rule")) as call]):
                self._rule(statement, call)
            case _:
                raise NotInLanguage(
                    statement.lineno,
                    f"{type(statement).__name__} cannot stand in a rule book.",
                    "Keep to constants, given(...), rulebook(...) and functions under @rule(...).",
                )

    def _literal(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name) if name in self._constants:
                return self._constants[name]
            case ast.Call(func=ast.Name(id="Rounding")):
                return self._rounding(node)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self._literal(part) for part in parts)
            case ast.Dict(keys=keys, values=values):
                return {
                    self._literal(key): self._literal(value)
                    for key, value in zip(keys, values, strict=True)
                    if key is not None
                }
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise NotInLanguage(
                node.lineno,
                f"{ast.unparse(node)!r} is not a fixed value.",
                "Write the text or number itself, or a constant set above in the same file.",
            ) from None

    def _rounding(self, node: ast.Call) -> Rounding:
        words = self._keywords(node, {"base", "direction", "source"}, set(), "Rounding")
        if words["direction"] not in _DIRECTIONS:
            raise NotInLanguage(
                node.lineno,
                f"the direction {words['direction']!r} is not known.",
                f"Use one of {', '.join(sorted(_DIRECTIONS))}.",
            )
        return Rounding(**words)

    def _keywords(
        self, call: ast.Call, needed: set[str], more: set[str], what: str
    ) -> dict[str, Any]:
        words = {word.arg or "**": self._literal(word.value) for word in call.keywords}
        missing, unknown = needed - set(words), set(words) - needed - more
        if missing or unknown:
            parts = [f"lacks {', '.join(sorted(missing))}"] if missing else []
            parts += [f"does not know {', '.join(sorted(unknown))}"] if unknown else []
            raise NotInLanguage(
                call.lineno,
                f"{what} {' and '.join(parts)}.",
                _UNITS_REMEDY + ", ".join(sorted(needed | more)) + ".",
            )
        return words

    def _given(self, call: ast.Call) -> None:
        if len(call.args) != 2:  # noqa: PLR2004 (name and kind)
            raise NotInLanguage(
                call.lineno, "given takes a name and a kind.", 'Write given("barn", "count", ...).'
            )
        name, kind = (self._literal(argument) for argument in call.args)
        words = self._keywords(call, _GIVEN_KEYS, _GIVEN_MORE, f"given({name!r})")
        if kind not in _KINDS:
            raise NotInLanguage(
                call.lineno, f"the kind {kind!r} is not known.", f"Use {', '.join(sorted(_KINDS))}."
            )
        if name in self.inputs:
            raise NotInLanguage(
                call.lineno,
                f"{name!r} is declared twice (first in line {self.inputs[name].line}).",
                "Keep one of them.",
            )
        self.inputs[name] = InputSpec(
            name=name,
            kind=kind,
            unit=words["unit"],
            texts={language: words[language] for language in LANGUAGES},
            required="default" not in words,
            default=words.get("default"),
            low=words.get("low"),
            high=words.get("high"),
            options=tuple(words.get("options", ())),
            group=words.get("group", ""),
            file=self._file,
            line=call.lineno,
        )

    def _rulebook(self, call: ast.Call) -> None:
        words = self._keywords(call, _BOOK_KEYS, set(), "rulebook")
        for key in ("before", "after", "remedy"):
            self._languages(words[key], key, call.lineno)
        self.coverage = Coverage(
            version=words["version"],
            start=self._date(words["start"], call.lineno, last=False),
            end=self._date(words["end"], call.lineno, last=True),
            before=words["before"],
            after=words["after"],
            remedy=words["remedy"],
            line=call.lineno,
        )

    def _languages(self, texts: Mapping[str, str], key: str, line: int) -> None:
        lacking = [language for language in LANGUAGES if not texts.get(language)]
        if lacking:
            raise NotInLanguage(
                line, f"{key} has no text in {', '.join(lacking)}.", "Write nb, nn and en."
            )

    def _date(self, text: str, line: int, *, last: bool) -> dt.date:
        try:
            if len(text) == len("2026-08"):
                first = dt.date.fromisoformat(text + "-01")
                return _last_day(first) if last else first
            return dt.date.fromisoformat(text)
        except ValueError:
            raise NotInLanguage(
                line, f"{text!r} is not a date.", "Write 2026-08 or 2026-08-01."
            ) from None

    def _rule(self, function: ast.FunctionDef, call: ast.Call) -> None:
        words = self._keywords(call, _RULE_KEYS, _RULE_MORE, f"@rule of {function.name}")
        self._languages(words, "the rule", call.lineno)
        if not words["law"]:
            raise NotInLanguage(call.lineno, "the rule has no statute.", "Fill in law=.")
        _plain_arguments(function)
        expr = Translator(function).translate()
        rounding: Rounding | None = words.get("rounding")
        start, end = words.get("start", ""), words.get("end", "")
        self.rules.append(
            RuleSpec(
                name=words.get("name") or function.name,
                args=tuple(argument.arg for argument in function.args.args),
                expr=expr if rounding is None else rounded(expr, rounding, function.lineno),
                unit=words["unit"],
                law=words["law"],
                texts={language: words[language] for language in LANGUAGES},
                start=self._date(start, call.lineno, last=False) if start else ALWAYS,
                end=self._date(end, call.lineno, last=True) if end else FOREVER,
                options=tuple(words.get("options", ())),
                rounding=rounding,
                file=self._file,
                line=function.lineno,
            )
        )


def _plain_arguments(function: ast.FunctionDef) -> None:
    arguments = function.args
    odd = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs
    if odd or arguments.defaults:
        raise NotInLanguage(
            function.lineno,
            "a rule takes plain arguments without defaults.",
            "Give defaults in given(...), not in the rule.",
        )


def _last_day(first: dt.date) -> dt.date:
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return following - dt.timedelta(days=1)


def rounded(expr: Expr, rounding: Rounding, line: int) -> Expr:
    """Give the expression rounded as declared."""
    base = Const(rounding.base, line)
    steps = expr if rounding.base == 1 else Call("div", (expr, base), line)
    match rounding.direction:
        case "half_up":
            whole = Call("floor", (Call("add", (steps, Const(0.5)), line),), line)
        case "down":
            whole = Call("floor", (steps,), line)
        case "up":
            whole = Call("neg", (Call("floor", (Call("neg", (steps,), line),), line),), line)
    return whole if rounding.base == 1 else Call("mul", (whole, base), line)
