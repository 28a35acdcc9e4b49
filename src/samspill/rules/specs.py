"""A rule book as read from its files, before any date is chosen."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from samspill.rules.declare import Kind, Rounding
from samspill.rules.language import Expr

LANGUAGES = ("nb", "nn", "en")
ALWAYS = dt.date.min
FOREVER = dt.date.max


@attrs.frozen(kw_only=True)
class InputSpec:
    """A value that the rules are given."""

    name: str
    kind: Kind
    unit: str
    texts: Mapping[str, str]
    required: bool
    default: Any
    low: float | None
    high: float | None
    options: tuple[str, ...]
    group: str
    file: str
    line: int


@attrs.frozen(kw_only=True)
class RuleSpec:
    """A dated rule: its graph (`args`), its meaning (`expr`), its words and its statute."""

    name: str
    args: tuple[str, ...]
    expr: Expr
    unit: str
    law: str
    texts: Mapping[str, str]
    start: dt.date
    end: dt.date
    options: tuple[str, ...]
    rounding: Rounding | None
    file: str
    line: int


@attrs.frozen(kw_only=True)
class ParameterValue:
    """One dated value of a parameter."""

    start: dt.date
    end: dt.date | None
    value: Any
    unit: str | Mapping[Any, str]
    status: str
    source: tuple[str, ...]
    known: dt.date | None
    note: str
    line: int


@attrs.frozen(kw_only=True)
class ParameterSpec:
    """A parameter and its values, earliest first."""

    name: str
    values: tuple[ParameterValue, ...]
    file: str
    line: int

    def on(self, date: dt.date) -> ParameterValue | None:
        """Give the value that holds on the date, or None."""
        for value in reversed(self.values):
            if value.start <= date:
                return value if value.end is None or date <= value.end else None
        return None


@attrs.frozen(kw_only=True)
class Coverage:
    """The dates that a book answers for, and why no others."""

    version: str
    start: dt.date
    end: dt.date
    before: Mapping[str, str]
    after: Mapping[str, str]
    remedy: Mapping[str, str]
    line: int


@attrs.frozen(kw_only=True)
class Declared:
    """All that the files of a rule book declare."""

    coverage: Coverage
    inputs: Mapping[str, InputSpec]
    rules: tuple[RuleSpec, ...]
    parameters: Mapping[str, ParameterSpec]
    sources: Mapping[str, str]
