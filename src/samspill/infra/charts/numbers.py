"""Numbers as the reader's language writes them: hard space and comma in Norwegian, comma and point in English."""

from __future__ import annotations

import math

import attrs
from django.utils.translation import get_language

MINUS = "\u2212"
NBSP = "\u00a0"
NONE = "–"
_BILLION, _MILLION = 1e9, 1e6


def _language() -> str:
    return (get_language() or "nb")[:2]


@attrs.frozen(kw_only=True)
class Numbers:
    """How the figures of a chart are written.

    `unit` is `kr`, `%` or a word in the reader's language; `decimals` how many are shown;
    `signed` writes a plus before what is above zero. `language` is `nb`, `nn` or `en`.
    """

    unit: str = ""
    decimals: int = 0
    signed: bool = False
    language: str = attrs.field(factory=_language)

    @property
    def english(self) -> bool:
        """Tell whether numbers are written the English way."""
        return self.language.startswith("en")

    def say(self, value: float | None) -> str:
        """Return a value with its unit, `12 345 kr`; a dash when there is none."""
        if value is None or not math.isfinite(value):
            return NONE
        return self._with_unit(self.plain(value, self.decimals))

    def short(self, value: float) -> str:
        """Return a value for an axis, without the unit unless it is short: `1,2 mill.`, `40 %`."""
        text = self._scaled(value)
        return self._with_unit(text) if self.unit == "%" else text

    @property
    def beside_axis(self) -> str:
        """The unit as it is written once beside an axis; empty where every mark has it already."""
        if self.unit == "kr" and self.english:
            return "NOK"
        return "" if self.unit == "%" else self.unit

    def plain(self, value: float, decimals: int = 0) -> str:
        """Return a value without its unit."""
        rounded = round(value, decimals) + 0.0
        text = f"{abs(rounded):,.{decimals}f}"
        if not self.english:
            text = text.replace(",", NBSP).replace(".", ",")
        sign = MINUS if rounded < 0 else "+" if self.signed and rounded > 0 else ""
        return f"{sign}{text}"

    def _scaled(self, value: float) -> str:
        words = ("bn", "m") if self.english else ("mrd.", "mill.")
        for size, word in zip((_BILLION, _MILLION), words, strict=True):
            if abs(value) >= size:
                return f"{self.plain(value / size, _needed(value / size))}{NBSP}{word}"
        return self.plain(value, _needed(value))

    def _with_unit(self, text: str) -> str:
        if self.unit == "kr":
            return f"NOK{NBSP}{text}" if self.english else f"{text}{NBSP}kr"
        if self.unit == "%":
            return f"{text}%" if self.english else f"{text}{NBSP}%"
        return f"{text}{NBSP}{self.unit}" if self.unit else text


def _needed(value: float) -> int:
    """Return how many decimals (0 to 3) a round value of an axis needs.

    >>> [_needed(v) for v in (2.0, 0.5, 1.25, 0.125)]
    [0, 1, 2, 3]
    """
    return next((n for n in range(3) if math.isclose(round(value, n), value, abs_tol=1e-9)), 3)


def step_of(span: float, wanted: int) -> float:
    """Return a round step (1, 2, 2.5 or 5 times a power of ten) that gives about `wanted` steps.

    >>> step_of(97, 5), step_of(0.9, 4), step_of(0, 4)
    (20.0, 0.25, 1.0)
    """
    if span <= 0:
        return 1.0
    raw = span / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(step for step in (1, 2, 2.5, 5, 10) if raw <= step * power * (1 + 1e-9))


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Return round values from at or below `low` to at or above `high`.

    >>> ticks(0, 97), ticks(-3, 5)
    ([0.0, 25.0, 50.0, 75.0, 100.0], [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0])
    """
    step = step_of(high - low, wanted)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * n + 0.0 for n in range(first, max(last, first + 1) + 1)]
