"""Who gains, who is about even, who loses: shares of a whole, group by group, counted in two ways."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from samspill.infra.charts.chart import NARROW, Cell, Chart, table
from samspill.infra.charts.drawing import SMALL, Sheet, width_of
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.words import word

_HUNDRED = 100
_BAR = 20.0
_EVEN = 1


@attrs.frozen(kw_only=True)
class Group:
    """One group: its name, and for each way of counting how many gain, are even and lose.

    `counts` is one triple for each way of counting, in the order of the chart's `ways`.
    """

    name: str
    counts: Sequence[tuple[float, float, float]]


def shares(
    *,
    key: str,
    title: str,
    groups: Sequence[Group],
    ways: Sequence[str],
    desc: str = "",
    label: str = "",
    note: str = "",
    names: tuple[str, str, str] | None = None,
) -> Chart:
    """Return a bar of a hundred per cent for each group and way of counting (say municipalities, and people).

    A group without anybody has no bar. Where nobody is about even, no column of the table says so.
    `names` are the words for gain, even and loss.
    """
    words = names or (word("gain"), word("about even"), word("lose"))
    how = Numbers()
    parts = [part for part in range(3) if part != _EVEN or _occurs(groups, part)]
    head = [(label or word("Group"), False)]
    head += [(f"{way}: {words[part]}", True) for way in ways for part in parts]
    cells = [
        [
            Cell(group.name),
            *(
                Cell(how.say(triple[part]), number=True, value=triple[part])
                for triple in group.counts
                for part in parts
            ),
        ]
        for group in groups
    ]
    return Chart(
        key=key,
        title=title,
        desc=desc or _said(groups, ways, words),
        table=table(title, head, cells),
        draw=lambda sheet: _draw(sheet, groups, ways, words),
        note=note,
    )


def _occurs(groups: Sequence[Group], part: int) -> bool:
    return any(triple[part] for group in groups for triple in group.counts)


def _draw(
    sheet: Sheet, groups: Sequence[Group], ways: Sequence[str], words: tuple[str, str, str]
) -> None:
    narrow = sheet.width <= NARROW
    there = [_occurs(groups, part) for part in range(3)]
    y = _legend(sheet, words, there)
    side = 0.0 if narrow else max((width_of(way, SMALL) for way in ways), default=0) + 14
    for group in groups:
        sheet.text(0, y + 14, group.name, bold=True)
        y += 22
        for way, triple in zip(ways, group.counts, strict=True):
            if narrow:
                sheet.text(0, y + 12, way, size=SMALL, name="soft")
                y += 18
            else:
                sheet.text(0, y + 15, way, size=SMALL, name="soft")
            _bar(sheet, side, y, triple, words)
            y += _BAR + 6
        y += 12
    sheet.height = max(y - 8, 1)


def _bar(
    sheet: Sheet,
    left: float,
    y: float,
    triple: tuple[float, float, float],
    words: tuple[str, str, str],
) -> None:
    whole, x = sum(triple), left
    if whole <= 0:
        sheet.text(left, y + 15, word("nobody"), size=SMALL, name="soft")
        return
    how = Numbers(unit="%")
    for value, (name, tone), said in zip(triple, _LOOKS, words, strict=True):
        width = (sheet.width - left) * value / whole
        if not value:
            continue
        share = how.say(_HUNDRED * value / whole)
        hatch = name == "loss"
        sheet.box(
            x, y, width, _BAR, name, hatch=hatch, edge=name if hatch else "", tip=f"{said}: {share}"
        )
        if width_of(share, SMALL) + 12 < width:
            _label(sheet, x + width / 2, y + 14.5, share, tone)
        x += width


def _label(sheet: Sheet, x: float, y: float, words: str, tone: str) -> None:
    """Write a share on its part; on the hatched one over a patch of paper."""
    if tone == "text":
        wide = width_of(words, SMALL) + 8
        sheet.box(x - wide / 2, y - 12.5, wide, 16, "paper")
    sheet.text(x, y, words, anchor="middle", size=SMALL, name=tone)


_LOOKS = (("gain", "paper"), ("even", "text-on-even"), ("loss", "text"))


def _legend(sheet: Sheet, words: tuple[str, str, str], there: Sequence[bool]) -> float:
    """Draw the samples of those parts that occur."""
    x = 0.0
    for (name, _tone), said, occurs in zip(_LOOKS, words, there, strict=True):
        if not occurs:
            continue
        sheet.box(x, 2, 22, 14, name, hatch=name == "loss", edge=name if name == "loss" else "")
        sheet.text(x + 30, 14, said, size=SMALL)
        x += width_of(said, SMALL) + 52
    return 34.0


def _said(groups: Sequence[Group], ways: Sequence[str], words: tuple[str, str, str]) -> str:
    how = Numbers(unit="%")
    said = []
    for index, way in enumerate(ways):
        totals = [sum(group.counts[index][part] for group in groups) for part in range(3)]
        if whole := sum(totals):
            parts = ", ".join(
                f"{how.say(_HUNDRED * total / whole)} {kind}"
                for total, kind in zip(totals, words, strict=True)
            )
            said.append(f"{way}: {parts}.")
    return " ".join(said) or word("There are no figures yet.")
