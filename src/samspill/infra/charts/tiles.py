"""A country of equal tiles: one hexagon for each place, coloured by a figure, with its scale and its table.

Every tile is as large as every other, so that a small place is seen as well as a large one. A loss is told from a
gain by lines across the tile, a missing figure by an empty tile, a hidden one by a dot: on paper as on a screen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import attrs

from samspill.infra.charts import paint
from samspill.infra.charts.chart import NARROW, WIDE, Cell, Chart, table
from samspill.infra.charts.drawing import SMALL, Sheet, number, wrapped
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.steps import Steps
from samspill.infra.charts.words import word

ROW = math.sqrt(3) / 2
Cell2 = tuple[int, int]


@attrs.frozen(kw_only=True)
class Tile:
    """One place: its name, where it lies (odd rows half a tile to the right), its group, its figure.

    `value` None is no figure; `text` then says why. `hidden`: there is one, and it is not shown.
    """

    name: str
    row: int
    column: int
    group: str
    value: float | None = None
    text: str = ""
    hidden: bool = False
    url: str = ""

    @property
    def cell(self) -> Cell2:
        """Row and column."""
        return self.row, self.column


def tile_map(
    *,
    key: str,
    title: str,
    tiles: Sequence[Tile],
    steps: Steps,
    numbers: Numbers | None = None,
    marks: Mapping[str, tuple[Cell2, str]] | None = None,
    step_words: Sequence[str] = (),
    desc: str = "",
    label: str = "",
    group_label: str = "",
    value_label: str = "",
    note: str = "",
    chosen: str = "",
) -> Chart:
    """Return the map of tiles.

    Args:
        marks: group → (cell beside which its name is written, side: left|right|below).
        step_words: the steps of the scale in words, when the bounds alone do not say it.
        chosen: the name of a tile to frame.
    """
    how = numbers or Numbers()
    words = list(step_words) or steps.words(
        how, under=word("under %(value)s"), over=word("%(value)s or more")
    )
    if words == [""]:  # all are the same: what they are is the scale
        words = [how.say(tile.value) for tile in tiles if tile.value is not None][:1] or words
    scale = _Scale(steps=steps, words=words, counts=_counts(tiles, steps))
    cells = [
        [Cell(tile.name, url=tile.url), Cell(tile.group),
         Cell(tile.text or how.say(tile.value), number=True, value=tile.value)]
        for tile in tiles
    ]  # fmt: skip
    head = [(label or word("What"), False), (group_label or word("Group"), False),
            (value_label or word("Value"), True)]  # fmt: skip
    return Chart(
        key=key,
        title=title,
        desc=desc or scale.said(),
        table=table(title, head, cells),
        draw=lambda sheet: _draw(sheet, tiles, scale, how, marks or {}, chosen),
        note=note,
        wide=WIDE,
    )


@attrs.frozen(kw_only=True)
class _Scale:
    steps: Steps
    words: Sequence[str]
    counts: Mapping[str, int]

    def rows(self) -> list[tuple[str, str, int]]:
        """Return (look, words, how many) of each step, the highest first, then those without a figure."""
        found = [
            (look, said, self.counts.get(look, 0))
            for look, said in zip(self.steps.looks, self.words, strict=True)
        ]
        found.reverse()
        found = [row for row in found if row[1] or row[2]]
        for look, said in (("hidden", word("hidden: too few")), ("none", word("no figure"))):
            if self.counts.get(look):
                found.append((look, said, self.counts[look]))
        return found

    def said(self) -> str:
        """Return the scale in a sentence."""
        return "; ".join(f"{said}: {count}" for _l, said, count in self.rows())


def _counts(tiles: Sequence[Tile], steps: Steps) -> dict[str, int]:
    return dict(Counter(_look(tile, steps) for tile in tiles))


def _look(tile: Tile, steps: Steps) -> str:
    if tile.hidden:
        return "hidden"
    return "none" if tile.value is None else steps.look_of(tile.value)


def _draw(
    sheet: Sheet,
    tiles: Sequence[Tile],
    scale: _Scale,
    how: Numbers,
    marks: Mapping[str, tuple[Cell2, str]],
    chosen: str,
) -> None:
    if not tiles:
        sheet.height = 1
        return
    narrow = sheet.width <= NARROW
    columns = max(tile.column for tile in tiles) + 1.5
    side = 0.0 if narrow else 64.0
    size = (sheet.width - 2 * side - 4) / columns
    place = _placer(size, side + 2)
    for tile in tiles:
        _tile(sheet, place(tile.cell), size, _look(tile, scale.steps), _tip(tile, how))
    _edges(sheet, tiles, place, size)
    for tile in tiles:
        if chosen and tile.name == chosen:
            sheet.path([*_corners(place(tile.cell), size * 1.12), _corners(place(tile.cell), size * 1.12)[0]],
                       "text", width=2.5)  # fmt: skip
    if not narrow:
        _names(sheet, marks, place, size)
    sheet.height = (max(tile.row for tile in tiles) + 1) * size * ROW + size * 0.7
    _legend(sheet, scale, narrow=narrow)


def _placer(size: float, left: float) -> Callable[[Cell2], tuple[float, float]]:
    """Return what tells where a cell's centre lies on the sheet."""

    def place(cell: Cell2) -> tuple[float, float]:
        row, column = cell
        return left + (column + 0.5 + 0.5 * (row & 1)) * size, (row + 0.7) * size * ROW + 2

    return place


def _corners(centre: tuple[float, float], size: float) -> list[tuple[float, float]]:
    """Return the six corners, the upper first, then with the clock."""
    x, y = centre
    reach = size / math.sqrt(3)
    return [
        (x + reach * math.sin(turn * math.pi / 3), y - reach * math.cos(turn * math.pi / 3))
        for turn in range(6)
    ]


def _tip(tile: Tile, how: Numbers) -> str:
    return f"{tile.name}: {tile.text or how.say(tile.value)}"


def _tile(sheet: Sheet, centre: tuple[float, float], size: float, look: str, tip: str) -> None:
    """Draw one tile; losses have lines across, a hidden figure a dot."""
    corners = _corners(centre, size * 0.94)
    empty = look in {"none", "hidden"}
    sheet.tile(corners, "paper" if empty else look, edge="axis" if empty else "", tip=tip)
    if look.startswith("l"):
        sheet.lined(corners, "l-lines")
    if look == "hidden":
        sheet.mark(*centre, "soft", size=max(size * 0.12, 1.5))


def _edges(
    sheet: Sheet, tiles: Sequence[Tile], place: Callable[[Cell2], tuple[float, float]], size: float
) -> None:
    """Draw the border between groups, once for each edge."""
    groups = {tile.cell: tile.group for tile in tiles}
    ways: list[str] = []
    for cell, group in groups.items():
        corners = _corners(place(cell), size)
        for turn, beside in enumerate(_beside(cell)):
            other = groups.get(beside)
            if other is not None and other != group and cell < beside:
                (x1, y1), (x2, y2) = corners[turn], corners[(turn + 1) % 6]
                ways.append(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}")
    if ways:
        tone = paint.stroke("text", sheet.theme)
        width = number(max(size / 10, 1.0))
        sheet.parts.append(
            f'<path d="{"".join(ways)}" {tone} stroke-width="{width}" stroke-linecap="round"/>'
        )


def _beside(cell: Cell2) -> tuple[Cell2, ...]:
    """Return the six cells beside, in the order of the edges: upper right, right, lower right, and round."""
    row, column = cell
    side = column + (row & 1)
    return (
        (row - 1, side), (row, column + 1), (row + 1, side),
        (row + 1, side - 1), (row, column - 1), (row - 1, side - 1),
    )  # fmt: skip


def _names(
    sheet: Sheet,
    marks: Mapping[str, tuple[Cell2, str]],
    place: Callable[[Cell2], tuple[float, float]],
    size: float,
) -> None:
    for name, (cell, side) in marks.items():
        x, y = place(cell)
        if side == "left":
            sheet.text(x - size * 0.72, y + 4, name, anchor="end", size=SMALL, name="soft")
        elif side == "right":
            sheet.text(x + size * 0.72, y + 4, name, size=SMALL, name="soft")
        else:
            sheet.text(x, y + size * 0.75 + 10, name, anchor="middle", size=SMALL, name="soft")


def _legend(sheet: Sheet, scale: _Scale, *, narrow: bool) -> None:
    """Draw the scale in the sea to the north-west, the number of places beside each step."""
    gap, side = (22.0, 12.0) if narrow else (25.0, 17.0)
    size = SMALL
    y = 4.0 if narrow else 14.0
    room = sheet.width * 0.5
    for look, said, count in scale.rows():
        _tile(sheet, (side / 2 + 2, y + 8), side, look, f"{said}: {count}")
        rows = wrapped(f"{said} ({count})", room, size)
        for index, words in enumerate(rows):
            sheet.text(side + 9, y + 12 + index * 16, words, size=size)
        y += gap + (len(rows) - 1) * 16
