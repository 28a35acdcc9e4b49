"""Lines over years, each with the band its uncertainty spans; alone, or many small ones on the same scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from samspill.infra.charts import paint, plane
from samspill.infra.charts.chart import NARROW, Cell, Chart, Table, table
from samspill.infra.charts.drawing import SMALL, Sheet, wrapped
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.plane import Plane
from samspill.infra.charts.words import word

Values = Sequence[float | None]
#: Marks nearer to each other than this are drawn small and without an edge, so that the line is seen.
_NEAR, _MARK, _DENSE = 18.0, 4.5, 2.6


@attrs.frozen(kw_only=True)
class Series:
    """One line: its name and a value for each place across (None = no figure).

    `low` and `high` span the band, as a rule P10 and P85.
    """

    name: str
    values: Values
    low: Values = ()
    high: Values = ()

    @property
    def has_band(self) -> bool:
        """Tell whether the line has a band."""
        return bool(self.low) and bool(self.high)

    def everything(self) -> list[float | None]:
        """Return all figures of the line and its band."""
        return [*self.values, *self.low, *self.high]


@attrs.frozen(kw_only=True)
class Panel:
    """One of many small charts: its title, its lines."""

    title: str
    series: Sequence[Series]


def lines(
    *,
    key: str,
    title: str,
    x: Sequence[int | str],
    series: Sequence[Series],
    numbers: Numbers | None = None,
    desc: str = "",
    x_label: str = "",
    band: str = "",
    note: str = "",
) -> Chart:
    """Return lines over years. `band` names what the band spans (default `P10–P85`)."""
    how = numbers or Numbers()
    marks = plane.ticks(*plane.extent(v for line in series for v in line.everything()))
    span = (band or word("P10–P85")) if any(line.has_band for line in series) else ""

    def draw(sheet: Sheet) -> None:
        top = 8.0
        if len(series) > 1 or span:
            top += plane.legend(sheet, [line.name for line in series], band=span)
        if how.beside_axis:
            plane.describe_axis(sheet, how.beside_axis, 0, top + 12)
            top += 26
        height = 190.0 if sheet.width <= NARROW else 250.0
        sheet.height = top + height + 32
        box = (plane.room_for(marks, how), top, sheet.width - 16, top + height)
        _lines_in(sheet, box, x, series, marks, how)

    return Chart(
        key=key,
        title=title,
        desc=desc or _said(series, x, how),
        table=_table(title, x_label or word("Year"), x, series, how, span),
        draw=draw,
        note=note,
    )


def small_multiples(
    *,
    key: str,
    title: str,
    x: Sequence[int | str],
    panels: Sequence[Panel],
    numbers: Numbers | None = None,
    desc: str = "",
    note: str = "",
    x_label: str = "",
) -> Chart:
    """Return many small charts on one scale, so that they can be compared by eye."""
    how = numbers or Numbers()
    everything = [v for p in panels for line in p.series for v in line.everything()]
    marks = plane.ticks(*plane.extent(everything), 3)
    names = [line.name for line in panels[0].series] if panels else []

    def draw(sheet: Sheet) -> None:
        across = 1 if sheet.width <= NARROW else min(3, max(len(panels), 1))
        top = plane.legend(sheet, names) if len(names) > 1 else 0.0
        gap, height = 24.0, 110.0
        width = (sheet.width - gap * (across - 1)) / across
        titles = [wrapped(panel.title, width, 14)[:2] for panel in panels]
        head = 25.0 + 17 * max(map(len, titles), default=1)
        rows = -(-len(panels) // across)
        sheet.height = top + rows * (head + height + 34)
        for index, panel in enumerate(panels):
            left = (index % across) * (width + gap)
            start = top + (index // across) * (head + height + 34)
            for row, words in enumerate(titles[index]):
                sheet.text(left, start + 16 + row * 17, words, bold=True)
            box = (
                left + plane.room_for(marks, how),
                start + head,
                left + width - 8,
                start + head + height,
            )
            _lines_in(sheet, box, x, panel.series, marks, how)
            if not any(v is not None for line in panel.series for v in line.everything()):
                middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2 - 6
                sheet.text(*middle, word("no figure"), anchor="middle", size=SMALL, name="soft")

    return Chart(
        key=key,
        title=title,
        desc=desc or word("%(number)s small charts on the same scale.") % {"number": len(panels)},
        table=_panel_table(title, x_label or word("Year"), x, panels, how),
        draw=draw,
        note=note,
    )


def _lines_in(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    x: Sequence[int | str],
    series: Sequence[Series],
    marks: Sequence[float],
    how: Numbers,
) -> None:
    left, top, right, bottom = box
    frame = Plane(
        left=left, top=top, right=right, bottom=bottom,
        x_low=-0.25, x_high=max(len(x) - 1, 1) + 0.25, y_low=marks[0], y_high=marks[-1],
    )  # fmt: skip
    for line in series:
        for run in _runs(line.low, line.high) if line.has_band else ():
            _band(sheet, frame, line, run)
    plane.upright(sheet, frame, marks, how)
    plane.across(sheet, frame, [str(one) for one in x], [frame.x(i) for i in range(len(x))])
    for index, line in enumerate(series):
        _line(sheet, frame, index, line, x, how)


def _band(sheet: Sheet, frame: Plane, line: Series, run: Sequence[int]) -> None:
    """Fill between low and high, with an edge, so that it is seen on paper without colour."""
    upper = [(frame.x(i), frame.y(line.high[i] or 0)) for i in run]
    lower = [(frame.x(i), frame.y(line.low[i] or 0)) for i in run]
    if len(run) == 1:
        (x, high), (_same, low) = upper[0], lower[0]
        sheet.line(x, high, x, low, "band", width=10)
        return
    sheet.area([*upper, *reversed(lower)], "band")
    for edge in (upper, lower):
        sheet.path(edge, "axis", width=0.75)


def _line(
    sheet: Sheet, frame: Plane, index: int, line: Series, x: Sequence[int | str], how: Numbers
) -> None:
    look = paint.SERIES[index % 4]
    size = _DENSE if frame.x(1) - frame.x(0) < _NEAR else _MARK
    for run in _runs(line.values):
        if len(run) > 1:
            way = [(frame.x(i), frame.y(line.values[i] or 0)) for i in run]
            sheet.path(way, look, dash=paint.DASHES[index % 4])
        for i in run:
            tip = f"{line.name}, {x[i]}: {how.say(line.values[i])}"
            sheet.mark(
                frame.x(i), frame.y(line.values[i] or 0), look, shape=index, size=size, tip=tip
            )


def _runs(*columns: Values) -> list[list[int]]:
    """Return runs of places where every column has a figure.

    >>> _runs([1, None, 3, 4])
    [[0], [2, 3]]
    """
    runs: list[list[int]] = []
    for place, values in enumerate(zip(*columns, strict=True)):
        if any(value is None for value in values):
            continue
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _said(series: Iterable[Series], x: Sequence[int | str], how: Numbers) -> str:
    """Say where each line begins and ends."""
    said = []
    for line in series:
        known = [(at, value) for at, value in zip(x, line.values, strict=True) if value is not None]
        if known:
            said.append(
                word("%(name)s: %(first)s in %(from)s, %(last)s in %(to)s.")
                % {
                    "name": line.name, "first": how.say(known[0][1]), "from": known[0][0],
                    "last": how.say(known[-1][1]), "to": known[-1][0],
                }
            )  # fmt: skip
    return " ".join(said) or word("There are no figures yet.")


def _columns(series: Sequence[Series]) -> list[tuple[str, Values]]:
    """Return every column of figures with its heading."""
    found: list[tuple[str, Values]] = []
    for line in series:
        found.append((line.name, line.values))
        if line.has_band:
            found.append((word("%(name)s, low") % {"name": line.name}, line.low))
            found.append((word("%(name)s, high") % {"name": line.name}, line.high))
    return found


def _table(
    title: str,
    x_label: str,
    x: Sequence[int | str],
    series: Sequence[Series],
    how: Numbers,
    span: str,
) -> Table:
    columns = _columns(series)
    caption = f"{title} ({span})" if span else title
    rows = [
        [Cell(str(at)), *(Cell(how.say(v[i]), number=True, value=v[i]) for _name, v in columns)]
        for i, at in enumerate(x)
    ]
    return table(caption, [(x_label, False), *((name, True) for name, _v in columns)], rows)


def _panel_table(
    title: str, x_label: str, x: Sequence[int | str], panels: Sequence[Panel], how: Numbers
) -> Table:
    head = [(x_label, False)]
    rows = [[Cell(str(at))] for at in (x if panels else ())]
    for panel in panels:
        for name, values in _columns(panel.series):
            single = len(panel.series) == 1 and values is panel.series[0].values
            head.append((panel.title if single else f"{panel.title}: {name}", True))
            for row, value in zip(rows, values, strict=True):
                row.append(Cell(how.say(value), number=True, value=value))
    return table(title, head, rows)
