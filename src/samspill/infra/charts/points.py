"""Points: estimate against actual, and how often a forecaster's bounds held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from samspill.infra.charts import paint, plane
from samspill.infra.charts.chart import Cell, Chart, Draw, table
from samspill.infra.charts.drawing import SMALL, Sheet, wrapped
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.plane import Plane
from samspill.infra.charts.words import word

_SIDE = 460.0


@attrs.frozen(kw_only=True)
class Dot:
    """One point: what it is, where it lies across and up; `group` (0–3) gives it its mark."""

    label: str
    x: float
    y: float
    group: int = 0
    url: str = ""


def scatter(
    *,
    key: str,
    title: str,
    dots: Sequence[Dot],
    x_label: str,
    y_label: str,
    groups: Sequence[str] = (),
    numbers: Numbers | None = None,
    desc: str = "",
    label: str = "",
    note: str = "",
) -> Chart:
    """Return points with the diagonal on which estimate and actual are the same, both ways on one scale."""
    how = numbers or Numbers()
    marks = plane.ticks(*plane.extent(v for dot in dots for v in (dot.x, dot.y)))
    over = sum(dot.y > dot.x for dot in dots)
    said = word("%(over)s of %(all)s lie above the diagonal.") % {"over": over, "all": len(dots)}
    cells = [
        [Cell(dot.label, url=dot.url), Cell(how.say(dot.x), number=True, value=dot.x),
         Cell(how.say(dot.y), number=True, value=dot.y), *([Cell(groups[dot.group])] if groups else [])]
        for dot in dots
    ]  # fmt: skip
    head = [(label or word("What"), False), (x_label, True), (y_label, True)]
    if groups:
        head.append((word("Group"), False))

    def mark_dots(sheet: Sheet, frame: Plane) -> None:
        for dot in dots:
            look = paint.SERIES[dot.group % 4]
            tip = f"{dot.label}: {how.say(dot.x)} → {how.say(dot.y)}"
            sheet.mark(frame.x(dot.x), frame.y(dot.y), look, shape=dot.group, size=5, tip=tip)

    return Chart(
        key=key,
        title=title,
        desc=desc or (said if dots else word("There are no figures yet.")),
        table=table(title, head, cells),
        draw=_square(marks, how, x_label, y_label, mark_dots, groups),
        note=note,
        wide=_SIDE + 80,
    )


def calibration(
    *,
    key: str,
    title: str,
    points: Sequence[tuple[float, float, int]],
    desc: str = "",
    note: str = "",
) -> Chart:
    """Return how often actuals came under each bound: points of (promised share, share that held, how many).

    Shares are 0–1. On the diagonal the forecaster's P50 holds half of the time and P85 in 85 of 100 cases;
    below it the forecasts were too low or too sure.
    """
    how = Numbers(unit="%")
    promised, held = word("Promised: this share comes under the bound"), word("What happened")
    shown = [(100 * p, 100 * h, n) for p, h, n in points]

    def mark_points(sheet: Sheet, frame: Plane) -> None:
        way = [(frame.x(p), frame.y(h)) for p, h, _n in shown]
        if len(way) > 1:
            sheet.path(way, "one")
        for p, h, n in shown:
            tip = word("P%(bound)s: %(held)s of %(number)s") % {
                "bound": round(p),
                "held": how.say(h),
                "number": n,
            }
            sheet.mark(frame.x(p), frame.y(h), "one", size=5.5, tip=tip)

    cells = [
        [Cell(f"P{round(p)}"), Cell(how.say(p), number=True, value=p), Cell(how.say(h), number=True, value=h),
         Cell(how.plain(n), number=True, value=float(n))]
        for p, h, n in shown
    ]  # fmt: skip
    said = ", ".join(f"P{round(p)}: {how.say(h)}" for p, h, _n in shown)
    head = [
        (word("Bound"), False),
        (word("Promised"), True),
        (word("Held"), True),
        (word("How many"), True),
    ]
    return Chart(
        key=key,
        title=title,
        desc=desc or said or word("There are no figures yet."),
        table=table(title, head, cells),
        draw=_square([0, 25, 50, 75, 100], how, promised, held, mark_points),
        note=note,
        wide=_SIDE + 80,
    )


def _square(
    marks: Sequence[float],
    how: Numbers,
    x_label: str,
    y_label: str,
    mark_dots: Callable[[Sheet, Plane], None],
    groups: Sequence[str] = (),
) -> Draw:
    """Return what draws a square plane with its diagonal."""

    def draw(sheet: Sheet) -> None:
        top = 8.0 + (plane.legend(sheet, groups) if groups else 0.0)
        plane.describe_axis(sheet, y_label, 0, top + 12)
        top += 26
        left = plane.room_for(marks, how)
        side = sheet.width - left - 20
        box = Plane(
            left=left, top=top, right=left + side, bottom=top + side,
            x_low=marks[0], x_high=marks[-1], y_low=marks[0], y_high=marks[-1],
        )  # fmt: skip
        plane.upright(sheet, box, marks, how)
        for mark in marks:
            sheet.line(
                box.x(mark), box.top, box.x(mark), box.bottom, "axis" if mark == 0 else "grid"
            )
        plane.across(sheet, box, [how.short(m) for m in marks], [box.x(m) for m in marks])
        sheet.line(box.left, box.bottom, box.right, box.top, "soft", width=1.5, dash="6 5")
        mark_dots(sheet, box)
        rows = wrapped(x_label, side, SMALL)
        for index, words in enumerate(rows):
            plane.describe_axis(sheet, words, box.right, box.bottom + 42 + index * 17, anchor="end")
        sheet.height = box.bottom + 50 + (len(rows) - 1) * 17

    return draw


__all__ = ["Dot", "calibration", "scatter"]
