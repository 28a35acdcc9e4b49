"""Bars: with signs (who gains, who loses), beside a claim, and the tornado (what the answer hangs on).

The words stand above each bar, so that they are read at every width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from samspill.infra.charts import plane
from samspill.infra.charts.chart import Cell, Chart, table
from samspill.infra.charts.drawing import Sheet, width_of, wrapped
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.words import word

_TEXT_ROW = 18.0
_BAR = 14.0
_THIN = 7.0
_GAP = 16.0


@attrs.frozen(kw_only=True)
class Bar:
    """One bar: its label and value (None = no figure, `text` says why).

    `claim` is what was said before it was measured. `url` makes a link of the label in the table.
    """

    label: str
    value: float | None
    text: str = ""
    claim: float | None = None
    url: str = ""


@attrs.frozen(kw_only=True)
class Swing:
    """What one line of a calculation does to the answer: the answer when it is low, and when it is high."""

    label: str
    low: float
    high: float


@attrs.frozen(kw_only=True)
class Span:
    """A share in per cent that is itself uncertain: what it was, between what it probably lies, and of how many.

    text: what it means, in words.
    """

    label: str
    value: float
    low: float
    high: float
    count: int
    text: str = ""


def bars(
    *,
    key: str,
    title: str,
    rows: Sequence[Bar],
    numbers: Numbers | None = None,
    desc: str = "",
    label: str = "",
    value_label: str = "",
    note: str = "",
    whole: float | None = None,
) -> Chart:
    """Return bars from zero; those below zero go the other way and are hatched.

    whole: what fills the width, such as 100 for shares of something; None: the largest bar does.
    """
    how = numbers or Numbers()
    low, high = plane.extent([*(row.value for row in rows), whole])
    words = [row.text or how.say(row.value) for row in rows]

    def draw_bar(sheet: Sheet, index: int, y: float, x: Callable[[float], float]) -> float:
        value = rows[index].value
        if value is not None:
            name = "loss" if value < 0 else "gain"
            start, end = sorted((x(0), x(value)))
            tip = f"{rows[index].label}: {words[index]}"
            width = max(end - start, 1)
            edge = name if value < 0 else ""
            sheet.box(start, y, width, _BAR, name, hatch=value < 0, edge=edge, tip=tip)
        return _BAR if value is not None else 0.0

    cells = [
        [
            Cell(row.label, url=row.url),
            Cell(text, number=True, value=None if row.text else row.value),
        ]
        for row, text in zip(rows, words, strict=True)
    ]
    return Chart(
        key=key,
        title=title,
        desc=desc or _say_extremes(rows, how),
        table=table(
            title, [(label or word("What"), False), (value_label or word("Value"), True)], cells
        ),
        draw=_drawer([row.label for row in rows], words, (low, high), draw_bar),
        note=note,
    )


def bars_beside(
    *,
    key: str,
    title: str,
    rows: Sequence[Bar],
    numbers: Numbers | None = None,
    desc: str = "",
    label: str = "",
    value_label: str = "",
    claim_label: str = "",
    note: str = "",
) -> Chart:
    """Return full bars (what is measured) over thin hollow ones (what was claimed), on one scale."""
    how = numbers or Numbers()
    measured, claimed = value_label or word("Measured"), claim_label or word("Claimed before")
    limits = plane.extent([v for row in rows for v in (row.value, row.claim)])
    words = [
        f"{row.text or how.say(row.value)} / {how.say(row.claim)}"
        if row.claim is not None
        else row.text or how.say(row.value)
        for row in rows
    ]

    def draw_bar(sheet: Sheet, index: int, y: float, x: Callable[[float], float]) -> float:
        row = rows[index]
        if row.value is not None:
            _from_zero(sheet, x, row.value, y, _BAR, "gain", f"{measured}: {how.say(row.value)}")
        if row.claim is not None:
            tip = f"{claimed}: {how.say(row.claim)}"
            _from_zero(sheet, x, row.claim, y + _BAR + 2, _THIN, "claim", tip, edge="two")
        return _BAR + 2 + _THIN

    cells = [
        [
            Cell(row.label, url=row.url),
            Cell(row.text or how.say(row.value), number=True, value=row.value),
            Cell(how.say(row.claim), number=True, value=row.claim),
        ]
        for row in rows
    ]
    head = [(label or word("What"), False), (measured, True), (claimed, True)]
    return Chart(
        key=key,
        title=title,
        desc=desc
        or word("Full bar: %(full)s. Thin bar: %(thin)s.") % {"full": measured, "thin": claimed},
        table=table(title, head, cells),
        draw=_drawer([row.label for row in rows], words, limits, draw_bar),
        note=note
        or word("Full bar: %(full)s. Thin bar: %(thin)s.") % {"full": measured, "thin": claimed},
    )


def tornado(
    *,
    key: str,
    title: str,
    rows: Sequence[Swing],
    middle: float,
    numbers: Numbers | None = None,
    desc: str = "",
    label: str = "",
    note: str = "",
) -> Chart:
    """Return how far each line moves the answer from `middle`; the widest first."""
    how = numbers or Numbers()
    ordered = sorted(rows, key=lambda row: -abs(row.high - row.low))
    limits = plane.extent(
        [middle, *(v for row in ordered for v in (row.low, row.high))], zero=False
    )
    words = [f"{how.say(row.low)} … {how.say(row.high)}" for row in ordered]

    def draw_bar(sheet: Sheet, index: int, y: float, x: Callable[[float], float]) -> float:
        _both_ends(sheet, ordered[index], y, x, middle, how)
        return _BAR

    cells = [
        [Cell(row.label), Cell(how.say(row.low), number=True, value=row.low),
         Cell(how.say(row.high), number=True, value=row.high)]
        for row in ordered
    ]  # fmt: skip
    head = [(label or word("What"), False), (word("The answer when it is low"), True),
            (word("The answer when it is high"), True)]  # fmt: skip
    widest = ordered[0].label if ordered else "–"
    said = word("The answer is %(middle)s. %(widest)s moves it most.") % {
        "middle": how.say(middle),
        "widest": widest,
    }
    legend = word(
        "Hatched: when the line is low. Filled: when it is high. The upright line is the answer."
    )
    return Chart(
        key=key,
        title=title,
        desc=desc or said,
        table=table(title, head, cells),
        draw=_drawer([row.label for row in ordered], words, limits, draw_bar, middle=middle),
        note=f"{note} {legend}".strip(),
    )


def spans(
    *,
    key: str,
    title: str,
    rows: Sequence[Span],
    promised: float,
    label: str = "",
    note: str = "",
) -> Chart:
    """Return shares with their uncertainty beside what was promised (an upright line), all in per cent."""
    how = Numbers(unit="%")
    words = [f"{how.say(row.value)} ({how.plain(row.low)}–{how.say(row.high)})" for row in rows]

    def draw_bar(sheet: Sheet, index: int, y: float, x: Callable[[float], float]) -> float:
        row = rows[index]
        tip = f"{row.label}: {words[index]}"
        start, end = x(row.low), x(row.high)
        sheet.box(start, y + _BAR / 2 - 2, max(end - start, 1), 4, "two", tip=tip)
        sheet.mark(x(row.value), y + _BAR / 2, "one", size=5.5, tip=tip)
        return _BAR

    cells = [
        [Cell(row.label), Cell(how.plain(row.count), number=True, value=float(row.count)),
         Cell(how.say(row.value), number=True, value=row.value), Cell(how.say(row.low), number=True, value=row.low),
         Cell(how.say(row.high), number=True, value=row.high), Cell(row.text)]
        for row in rows
    ]  # fmt: skip
    head = [(label or word("What"), False), (word("How many"), True), (word("Held"), True),
            (word("Probably from"), True), (word("Probably to"), True), (word("What it means"), False)]  # fmt: skip
    said = "; ".join(f"{row.label}: {text}" for row, text in zip(rows, words, strict=True))
    return Chart(
        key=key,
        title=title,
        desc=said or word("There are no figures yet."),
        table=table(title, head, cells),
        draw=_drawer([row.label for row in rows], words, (-2, 102), draw_bar, middle=promised),
        note=note,
    )


def _both_ends(
    sheet: Sheet, row: Swing, y: float, x: Callable[[float], float], middle: float, how: Numbers
) -> None:
    """Draw the answer at the low end hatched and at the high end filled, both from the middle."""
    for value, name, low, which in (
        (row.low, "two", True, word("when it is low")),
        (row.high, "one", False, word("when it is high")),
    ):
        start, end = sorted((x(middle), x(value)))
        edge, tip = name if low else "", f"{row.label}, {which}: {how.say(value)}"
        width = max(end - start, 1)
        sheet.box(start, y, width, _BAR, name, hatch=low, edge=edge, tip=tip)


DrawBar = Callable[[Sheet, int, float, Callable[[float], float]], float]


def _drawer(
    labels: Sequence[str],
    words: Sequence[str],
    limits: tuple[float, float],
    draw_bar: DrawBar,
    *,
    middle: float = 0.0,
) -> Callable[[Sheet], None]:
    """Return what draws the rows: words above, bar below, and one upright line through all at `middle`."""
    low, high = limits

    def draw(sheet: Sheet) -> None:
        def x(value: float) -> float:
            return 1 + (value - low) / (high - low) * (sheet.width - 2)

        y = 0.0
        ends: list[tuple[float, float]] = []
        for index, (label, value) in enumerate(zip(labels, words, strict=True)):
            y += _words(sheet, y, label, value) + 4
            start = y
            y += draw_bar(sheet, index, y, x)
            ends.append((start, y))
            y += _GAP
        for start, end in ends:
            if end == start:
                continue
            sheet.line(x(middle), start - 3, x(middle), end + 3, "axis", width=1.5)
        sheet.height = max(y - _GAP + 6, 1)

    return draw


def _words(sheet: Sheet, y: float, label: str, value: str) -> float:
    """Write label and value on one row when they fit, the label broken into rows when not; return the height."""
    room = sheet.width - width_of(value) - 12
    rows = wrapped(label, max(room, sheet.width * 0.4))
    for index, words in enumerate(rows):
        sheet.text(0, y + 14 + index * _TEXT_ROW, words)
    apart = 0.0
    if width_of(rows[-1]) > room:
        apart = _TEXT_ROW
    sheet.text(
        sheet.width, y + 14 + (len(rows) - 1) * _TEXT_ROW + apart, value, anchor="end", bold=True
    )
    return len(rows) * _TEXT_ROW + apart


def _from_zero(
    sheet: Sheet, x: Callable[[float], float], value: float, y: float, height: float, name: str, tip: str,
    *, edge: str = "",
) -> None:  # fmt: skip
    start, end = sorted((x(0), x(value)))
    sheet.box(start, y, max(end - start, 1), height, name, edge=edge, tip=tip)


def _say_extremes(rows: Sequence[Bar], how: Numbers) -> str:
    known = [row for row in rows if row.value is not None]
    if not known:
        return word("There are no figures yet.")
    high = max(known, key=lambda row: row.value or 0)
    low = min(known, key=lambda row: row.value or 0)
    return word("Highest: %(high)s, %(high_value)s. Lowest: %(low)s, %(low_value)s.") % {
        "high": high.label, "high_value": how.say(high.value), "low": low.label, "low_value": how.say(low.value),
    }  # fmt: skip


__all__ = ["Bar", "Span", "Swing", "bars", "bars_beside", "spans", "tornado"]
