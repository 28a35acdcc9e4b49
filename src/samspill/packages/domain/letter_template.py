"""The template syntax of letters: `{{ path | format }}`, `{% if name %}`, `{% for row in path %}`, and nothing else.

A template is read into a tree once; filling it in gives Markdown in which every value is escaped, so that
no answer can become markup.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from attrs import field, frozen


class TemplateError(Exception):
    """The template, or the data for it, cannot be used; `line` counts from 1."""

    def __init__(self, message: str, remedy: str, line: int) -> None:
        super().__init__(f"Line {line}: {message} {remedy}")
        self.message, self.remedy, self.line = message, remedy, line


@frozen
class Words:
    """Text that stands as it is."""

    text: str


@frozen
class Value:
    """`{{ path | formatter }}`."""

    path: tuple[str, ...]
    formatter: str
    line: int


@frozen
class Choice:
    """`{% if name %} … {% else %} … {% endif %}`."""

    path: tuple[str, ...]
    negated: bool
    then: tuple[Part, ...]
    other: tuple[Part, ...]
    line: int


@frozen
class Loop:
    """`{% for name in path %} … {% endfor %}`."""

    name: str
    path: tuple[str, ...]
    body: tuple[Part, ...]
    line: int


Part = Words | Value | Choice | Loop

_TAG: Final = re.compile(r"\{\{(?P<value>.*?)\}\}|\{%(?P<block>.*?)%\}", re.DOTALL)
_ONLY_TAGS: Final = re.compile(r"^[ \t]*(?:\{%[^%]*%\}[ \t]*)+\n", re.MULTILINE)
_PATH: Final = r"[A-Za-z_]\w*(?:\.\w+)*"
_VALUE: Final = re.compile(rf"({_PATH})\s*(?:\|\s*(\w+))?")
_IF: Final = re.compile(rf"if\s+(not\s+)?({_PATH})")
_FOR: Final = re.compile(rf"for\s+([a-z_]\w*)\s+in\s+({_PATH})")


def parse(source: str) -> tuple[Part, ...]:
    """Return the tree of a template.

    Raises:
        TemplateError: a tag is not understood, or not closed.
    """
    reader = _Reader(_tidy(source))
    parts = reader.until(())
    return tuple(parts)


def _tidy(source: str) -> str:
    """Take away the line end after lines that hold nothing but block tags, keeping the line count in a mark."""
    return _ONLY_TAGS.sub(
        lambda match: match[0].rstrip("\n").strip() + "\x00", source.replace("\r\n", "\n")
    )


@frozen
class _Reader:
    source: str
    at: list[int] = field(factory=lambda: [0])
    closed_by: list[str] = field(factory=list)

    def until(self, ends: tuple[str, ...]) -> list[Part]:
        """Read parts until one of the closing tags, which is taken."""
        parts: list[Part] = []
        while True:
            match = _TAG.search(self.source, self.at[0])
            self._words(parts, match.start() if match else len(self.source))
            if match is None:
                if ends:
                    message = f"{{% {ends[-1]} %}} is missing."
                    raise self._error(message, "Close what was opened.")
                return parts
            self.at[0] = match.end()
            if match["value"] is not None:
                parts.append(self._value(match["value"].strip()))
            elif match["block"].strip() in ends:
                self.closed_by.append(match["block"].strip())
                return parts
            else:
                parts.append(self._block(match["block"].strip()))

    def _words(self, parts: list[Part], end: int) -> None:
        text = self.source[self.at[0] : end].replace("\x00", "")
        if text:
            parts.append(Words(text))

    def _line(self) -> int:
        before = self.source[: self.at[0]]
        return before.count("\n") + before.count("\x00") + 1

    def _error(self, message: str, remedy: str) -> TemplateError:
        return TemplateError(message, remedy, self._line())

    def _value(self, text: str) -> Value:
        match = _VALUE.fullmatch(text)
        if match is None:
            message = f"{{{{ {text} }}}} is not understood."
            raise self._error(message, "Write {{ path }} or {{ path | kr }}.")
        if match[2] and match[2] not in FORMATTERS:
            message = f"There is no format {match[2]!r}."
            raise self._error(message, f"Use one of: {', '.join(FORMATTERS)}.")
        return Value(tuple(match[1].split(".")), match[2] or "", self._line())

    def _block(self, text: str) -> Part:
        line = self._line()
        if match := _IF.fullmatch(text):
            then = self.until(("else", "endif"))
            other = self.until(("endif",)) if self.closed_by[-1] == "else" else []
            return Choice(
                tuple(match[2].split(".")), bool(match[1]), tuple(then), tuple(other), line
            )
        if match := _FOR.fullmatch(text):
            return Loop(match[1], tuple(match[2].split(".")), tuple(self.until(("endfor",))), line)
        message = f"{{% {text} %}} is not understood."
        raise self._error(
            message,
            "Only if, if not, else, endif, for … in … and endfor are known.",
        )


# ---------------------------------------------------------------------- filling in


@frozen
class Filling:
    """What a template is filled with: the data, how named conditions are answered, and the language of formats."""

    data: Mapping[str, Any]
    condition: Callable[[str], bool | None]
    language: str

    def fill(self, parts: Sequence[Part]) -> str:
        """Return the Markdown.

        Raises:
            TemplateError: a value is missing, or is not of the kind that its format needs.
        """
        return "".join(self._parts(parts))

    def _parts(self, parts: Sequence[Part]) -> Iterator[str]:
        for part in parts:
            if isinstance(part, Words):
                yield part.text
            elif isinstance(part, Value):
                yield escape(self._formatted(part))
            elif isinstance(part, Choice):
                holds = self._holds(part.path) is not part.negated
                yield from self._parts(part.then if holds else part.other)
            else:
                for row in self._rows(part):
                    inner = Filling({**self.data, part.name: row}, self.condition, self.language)
                    yield from inner._parts(part.body)

    def _find(self, path: Sequence[str]) -> Any:
        value: Any = self.data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
        return value

    def _holds(self, path: Sequence[str]) -> bool:
        if len(path) == 1 and path[0] not in self.data:
            return self.condition(path[0]) is True
        return bool(self._find(path))

    def _rows(self, loop: Loop) -> Sequence[Any]:
        found = self._find(loop.path)
        if not isinstance(found, Sequence) or isinstance(found, str):
            message = f"{'.'.join(loop.path)} is not a list."
            raise TemplateError(message, "Put {% if %} around the loop.", loop.line)
        return found

    def _formatted(self, part: Value) -> str:
        value, name = self._find(part.path), ".".join(part.path)
        if value is None:
            message = f"{name} is missing in the data of the letter."
            raise TemplateError(
                message,
                f"Put {{% if {name} %}} around it.",
                part.line,
            )
        try:
            return (
                FORMATTERS[part.formatter](value, self.language)
                if part.formatter
                else plain(value, self.language)
            )
        except (TypeError, ValueError, ArithmeticError) as error:
            message = f"{name} cannot be written as {part.formatter or 'text'}."
            raise TemplateError(message, "Use another format.", part.line) from error


_BLANKS: Final = re.compile(r"[\t\n\v\f\r \u2028\u2029]+")
_SPECIAL: Final = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    r"""Disarm everything that Markdown could take for markup; line ends become blanks.

    >>> escape("*A* | <b>")
    '\\*A\\* \\| \\<b\\>'
    """
    return _SPECIAL.sub(r"\\\1", _BLANKS.sub(" ", text).strip(" "))


# ---------------------------------------------------------------------- formats

_MONTHS: Final = {
    "nb": [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "se": [
        "ođđajagimánnu",
        "guovvamánnu",
        "njukčamánnu",
        "cuoŋománnu",
        "miessemánnu",
        "geassemánnu",
        "suoidnemánnu",
        "borgemánnu",
        "čakčamánnu",
        "golggotmánnu",
        "skábmamánnu",
        "juovlamánnu",
    ],
}
_HARD_BLANK: Final = "\u00a0"


def months(language: str) -> Sequence[str]:
    """Give the names of the months."""
    return _MONTHS.get(language, _MONTHS["nb"])


def number(value: Any, language: str, decimals: int = 2) -> str:
    r"""Write a number as people in the language do; no more decimals than needed.

    >>> number(212307.69, "nb"), number(1234.5, "en"), number(2, "nn")
    ('212\xa0307,69', '1,234.5', '2')
    """
    if isinstance(value, bool):
        raise TypeError
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{exact:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == "en":
        return text
    return text.replace(",", _HARD_BLANK).replace(".", ",").replace("-", "\u2212")


def kroner(value: Any, language: str) -> str:
    r"""Write an amount in kroner, with øre only when there are any.

    >>> kroner(6130, "nb"), kroner(6130.5, "en")
    ('6\xa0130\xa0kr', 'NOK\xa06,130.50')
    """
    text = number(value, language)
    mark = "." if language == "en" else ","
    if len(text.rpartition(mark)[2]) == 1 and mark in text:
        text += "0"
    return f"NOK{_HARD_BLANK}{text}" if language == "en" else f"{text}{_HARD_BLANK}kr"


def date(value: Any, language: str) -> str:
    """Write a date in words.

    >>> date("2026-08-01", "nb"), date("2026-08-01", "en")
    ('1. august 2026', '1 August 2026')
    """
    day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    dot = "" if language == "en" else "."
    return f"{day.day}{dot} {months(language)[day.month - 1]} {day.year}"


def month(value: Any, language: str) -> str:
    """Write a month in words.

    >>> month("2026-08", "nn")
    'august 2026'
    """
    year, at = str(value)[:7].split("-")
    return f"{months(language)[int(at) - 1]} {int(year)}"


def percent(value: Any, language: str) -> str:
    r"""Write a share (0–1) in percent.

    >>> percent(0.737, "nb")
    '73,7\xa0%'
    """
    text = number(Decimal(str(value)) * 100, language)
    return f"{text}%" if language == "en" else f"{text}{_HARD_BLANK}%"


def plain(value: Any, language: str) -> str:
    """Write a value without a format: a text as it is, a number as a number, true and false as yes and no."""
    if isinstance(value, bool):
        yes, no = ("yes", "no") if language == "en" else ("ja", "nei")
        return yes if value else no
    if isinstance(value, int | float):
        return number(value, language)
    if isinstance(value, str | dt.date):
        return str(value)
    raise TypeError


FORMATTERS: Final[Mapping[str, Callable[[Any, str], str]]] = {
    "kr": kroner,
    "date": date,
    "percent": percent,
    "month": month,
    "number": number,
}
