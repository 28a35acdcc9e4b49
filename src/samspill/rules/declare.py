# ruff: noqa: ARG001 (the arguments are read from the source, never passed)
"""The words in which a rule book is written: `rulebook`, `given`, `rule`, `Rounding`.

A rule is a plain scalar function whose argument names are the graph:

>>> @rule(unit="kr/år", law="§ 7", nb="Halvparten", nn="Halvparten", en="Half of it")
... def halvparten(belop: float) -> float:
...     return belop / 2
>>> halvparten(10.0)
5.0

The engine never runs the module. It reads the source, refuses what is not plain arithmetic, and
writes its own functions from it, so a package made elsewhere cannot bring code of its own in.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import attrs

Kind = Literal["number", "count", "flag", "choice", "key", "numbers"]
Direction = Literal["half_up", "up", "down"]


class Values:
    """The type of a parameter with named values, read as `egenandel.minste`."""

    def __getattr__(self, name: str) -> float:
        raise AttributeError(name)


F = TypeVar("F", bound=Callable[..., Any])


@attrs.frozen(kw_only=True)
class Rounding:
    """Round to a multiple of `base`; `source` says who decided it."""

    base: float
    direction: Direction
    source: str


def rulebook(
    *,
    version: str,
    start: str,
    end: str,
    before: dict[str, str],
    after: dict[str, str],
    remedy: dict[str, str],
) -> None:
    """State which dates the book answers for, and why it answers for no others."""


def given(
    name: str,
    kind: Kind,
    *,
    unit: str,
    nb: str,
    nn: str,
    en: str,
    default: Any = ...,
    low: float | None = None,
    high: float | None = None,
    options: Sequence[str] = (),
    group: str = "",
) -> None:
    """Declare one value that the rules are given: its kind, unit, bounds and name in three languages.

    Without `default` the value must be given. `high` bounds what an unanswered value can be.
    """


def rule(
    *,
    unit: str,
    law: str,
    nb: str,
    nn: str,
    en: str,
    name: str = "",
    start: str = "",
    end: str = "",
    options: Sequence[str] = (),
    rounding: Rounding | None = None,
) -> Callable[[F], F]:
    """Declare a dated rule: unit of the result, statute, and the formula in words.

    `start` and `end` are the first and last day (or month) on which it holds. Two rules may share a
    `name` when their dates do not overlap. `options` lists the codes that a rule can return.
    """

    def keep(function: F) -> F:
        return function

    return keep
