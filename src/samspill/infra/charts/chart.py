"""A chart and the table that says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
from django.utils.safestring import SafeString

from samspill.infra.charts.drawing import Sheet, wrap_svg
from samspill.infra.charts.paint import Theme
from samspill.kernel import spreadsheet

WIDE = 720.0
NARROW = 340.0


@attrs.frozen
class Column:
    """A column: its heading, and whether it holds numbers."""

    label: str
    number: bool = False


@attrs.frozen
class Cell:
    """A cell as it is read; `url` makes a link of it. `value` is the figure itself, None for words."""

    text: str
    number: bool = False
    url: str = ""
    value: float | None = None


@attrs.frozen(kw_only=True)
class Table:
    """The table twin, in the shape that `site/_table.html` takes."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def csv(self) -> str:
        """Return the table as CSV with raw figures (point as decimal sign), a header line, and LF."""
        head = [column.label for column in self.columns]
        rows = (
            [c.text if c.value is None else f"{c.value:.10g}" for c in row] for row in self.rows
        )
        return spreadsheet.table([head, *rows], end="\n")


Draw = Callable[[Sheet], None]


@attrs.frozen(kw_only=True)
class Chart:
    """A picture that can be drawn at any width, its words, and its table.

    `key` is its id on the page (letters, digits, hyphens; begins with a letter). `note` is shown below it.
    """

    key: str = attrs.field(validator=attrs.validators.matches_re(r"[a-z][a-z0-9-]*"))
    title: str
    desc: str
    table: Table
    draw: Draw
    note: str = ""
    wide: float = WIDE

    @property
    def svg(self) -> SafeString:
        """Return the picture for a page."""
        square = " s-chart__square" if self.wide < WIDE else ""
        return self._at(self.wide, "w", f"s-chart__wide{square}")

    @property
    def narrow(self) -> SafeString:
        """Return the picture for a small screen; the page's style sheet shows one of the two."""
        return self._at(NARROW, "n", "s-chart__narrow")

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show."""
        return not self.table.rows

    def standalone(self, theme: Theme = "light") -> str:
        """Return the picture as a file of its own, with its colours in it."""
        sheet = Sheet(self.key, self.wide, theme=theme)
        self.draw(sheet)
        return wrap_svg(sheet, title=self.title, desc=self.desc, alone=True)

    def _at(self, width: float, suffix: str, css: str) -> SafeString:
        sheet = Sheet(f"{self.key}-{suffix}", width)
        self.draw(sheet)
        return SafeString(wrap_svg(sheet, title=self.title, desc=self.desc, css=css))


def table(
    caption: str, columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[Cell]]
) -> Table:
    """Make a table of (heading, holds numbers) and rows."""
    return Table(
        caption=caption,
        columns=tuple(Column(label, number) for label, number in columns),
        rows=tuple(tuple(row) for row in rows),
    )
