"""The plane of a chart: scales, grid, axes with round values, and a legend that uses shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from samspill.infra.charts import paint
from samspill.infra.charts.drawing import SMALL, Sheet, number, width_of
from samspill.infra.charts.numbers import Numbers, ticks

_LEGEND_ROW = 24.0
#: How far the labels of the lower axis may reach past its ends, and how far apart they stand.
_OVERHANG, _BETWEEN = 16.0, 10.0


@attrs.frozen(kw_only=True)
class Plane:
    """A rectangle of the sheet with a scale each way."""

    left: float
    top: float
    right: float
    bottom: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return where a value lies across."""
        return self.left + (value - self.x_low) / (self.x_high - self.x_low) * (
            self.right - self.left
        )

    def y(self, value: float) -> float:
        """Return where a value lies up and down."""
        return self.bottom - (value - self.y_low) / (self.y_high - self.y_low) * (
            self.bottom - self.top
        )


def extent(values: Iterable[float | None], *, zero: bool = True) -> tuple[float, float]:
    """Return the lowest and highest of the figures there are, with zero among them when asked."""
    known = [value for value in values if value is not None]
    if zero:
        known.append(0.0)
    low, high = min(known, default=0.0), max(known, default=1.0)
    return (low, high) if high > low else (min(low, 0.0), max(high, 1.0))


def room_for(marks: Sequence[float], numbers: Numbers) -> float:
    """Return how much width the labels of an upright axis take."""
    return max(width_of(numbers.short(mark), SMALL) for mark in marks) + 12


def upright(sheet: Sheet, plane: Plane, marks: Sequence[float], numbers: Numbers) -> None:
    """Draw the grid lines and the labels of the upright axis; the zero line is stronger."""
    for mark in marks:
        at = plane.y(mark)
        name = "axis" if mark == 0 else "grid"
        sheet.line(plane.left, at, plane.right, at, name)
        sheet.text(
            plane.left - 8, at + 4.5, numbers.short(mark), anchor="end", size=SMALL, name="soft"
        )


def across(sheet: Sheet, plane: Plane, labels: Sequence[str], places: Sequence[float]) -> None:
    """Write the labels of the lower axis, as many as there is room for, the first and last among them."""
    most = min(sheet.width, plane.right + _OVERHANG)
    widest = max((width_of(label, SMALL) for label in labels), default=0) + _BETWEEN
    for index in _shown(len(labels), int((most - plane.left + _OVERHANG) // widest)):
        label, place = labels[index], places[index]
        half = width_of(label, SMALL) / 2
        x, anchor = place, "middle"
        if place + half > most:
            x, anchor = most, "end"
        elif index == 0 and place - half < plane.left - _OVERHANG:
            x, anchor = plane.left - _OVERHANG, "start"
        sheet.text(x, plane.bottom + 20, label, anchor=anchor, size=SMALL, name="soft")


def _shown(count: int, fits: int) -> list[int]:
    """Return which of `count` labels to write where `fits` have room: both ends, the others as evenly as can be.

    >>> _shown(12, 3), _shown(4, 9), _shown(6, 2), _shown(6, 1), _shown(0, 3)
    ([0, 6, 11], [0, 1, 2, 3], [0, 5], [0], [])
    """
    last = count - 1
    if last < 1 or fits < 2:  # noqa: PLR2004 - two ends
        return list(range(min(count, 1)))
    every, least = -(-last // (fits - 1)), -(-last // fits)
    return [*range(0, last - least + 1, every), last]


def legend(sheet: Sheet, names: Sequence[str], *, band: str = "", top: float = 0) -> float:
    """Draw the samples of lines with their names; return the height taken."""
    x, y = 0.0, top + 14
    entries = [(name, index) for index, name in enumerate(names)]
    if band:
        entries.append((band, -1))
    for name, index in entries:
        width = width_of(name, SMALL) + 52
        if x and x + width > sheet.width:
            x, y = 0.0, y + _LEGEND_ROW
        _sample(sheet, x, y - 5, index)
        sheet.text(x + 34, y, name, size=SMALL)
        x += width
    return y - top + 12 if entries else 0.0


def _sample(sheet: Sheet, x: float, y: float, index: int) -> None:
    if index < 0:
        sheet.box(x, y - 6, 26, 12, "band")
        return
    look = paint.SERIES[index % 4]
    sheet.line(x, y, x + 26, y, look, width=2.5, dash=paint.DASHES[index % 4])
    sheet.mark(x + 13, y, look, shape=index)


def describe_axis(sheet: Sheet, words: str, x: float, y: float, *, anchor: str = "start") -> None:
    """Write what an axis shows."""
    if words:
        sheet.text(x, y, words, size=SMALL, name="soft", anchor=anchor)


__all__ = [
    "Plane",
    "across",
    "describe_axis",
    "extent",
    "legend",
    "number",
    "room_for",
    "ticks",
    "upright",
]
