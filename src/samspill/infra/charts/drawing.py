"""A sheet to draw on: shapes and words in SVG, everything escaped, numbers short."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

import attrs

from samspill.infra.charts import paint
from samspill.infra.charts.paint import Theme

_FONT = "Inter, system-ui, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
_NARROW_LETTERS = frozenset("ijlt.,:;'|!()[]f\u00a0 ")
_WIDE_LETTERS = frozenset("mwMWÆŒ%@—")
SMALL = 13.0
TEXT = 14.0
_EDGED = 4.0  # marks from this size on have an edge of paper about them


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    >>> number(12.0), number(3.14159), number(-0.01)
    ('12', '3.1', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def width_of(text: str, size: float = TEXT) -> float:
    """Estimate how wide a text is; a little too wide rather than too narrow."""
    units = sum(
        0.34
        if c in _NARROW_LETTERS
        else 0.92
        if c in _WIDE_LETTERS
        else 0.7
        if c.isupper()
        else 0.6
        for c in text
    )
    return units * size


def wrapped(text: str, width: float, size: float = TEXT) -> list[str]:
    r"""Break a text into lines no wider than `width`; a word is never broken, nor a number at its hard spaces.

    >>> wrapped("from 1\u00a0000 to 2\u00a0000 kr", 60)
    ['from', '1\xa0000 to', '2\xa0000 kr']
    """
    rows: list[str] = []
    for word in filter(None, re.split(r"[ \t\n]+", text)):
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and width_of(longer, size) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows or [""]


@attrs.define
class Sheet:
    """What is drawn so far. `key` makes the ids of the sheet its own on a page with many."""

    key: str
    width: float
    height: float = 0.0
    theme: Theme = "light"
    parts: list[str] = attrs.field(factory=list)
    hatches: set[str] = attrs.field(factory=set)

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", size: float = TEXT,
        name: str = "text", bold: bool = False,
    ) -> None:  # fmt: skip
        """Write words with their baseline at y."""
        weight = ' font-weight="600"' if bold else ""
        at = f'x="{number(x)}" y="{number(y)}"'
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        tone = paint.fill(name, self.theme)
        self.parts.append(
            f'<text {at}{side} font-size="{number(size)}"{weight} {tone}>{escape(words)}</text>'
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        name: str,
        *,
        width: float = 1,
        dash: str = "",
    ) -> None:
        """Draw a straight line."""
        ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        self.parts.append(f"<line {ends} {paint.stroke(name, self.theme)}{_pen(width, dash)}/>")

    def path(
        self,
        points: Iterable[tuple[float, float]],
        name: str,
        *,
        width: float = 2.5,
        dash: str = "",
    ) -> None:
        """Draw a broken line through points."""
        way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        join = ' stroke-linejoin="round" stroke-linecap="round"'
        self.parts.append(
            f'<path d="M{way}" {paint.stroke(name, self.theme)}{_pen(width, dash)}{join}/>'
        )

    def area(
        self, points: Iterable[tuple[float, float]], name: str, *, hatch: bool = False
    ) -> None:
        """Fill the area inside points."""
        way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.parts.append(f'<path d="M{way}Z" {self._filled(name, hatch=hatch)}/>')

    def box(
        self, x: float, y: float, width: float, height: float, name: str, *,
        hatch: bool = False, edge: str = "", round_by: float = 2, tip: str = "",
    ) -> None:  # fmt: skip
        """Draw a box; `tip` is shown where a pointer rests."""
        size = f'width="{number(width)}" height="{number(height)}" rx="{number(round_by)}"'
        at = f'x="{number(x)}" y="{number(y)}" {size}'
        self.parts.append(f"<rect {at} {self._filled(name, hatch=hatch)}{_tip(tip, 'rect')}")
        if edge:
            line = f'{paint.stroke(edge, self.theme)} stroke-width="1.5"'
            self.parts.append(f"<rect {at} {line}/>")

    def tile(
        self, corners: Iterable[tuple[float, float]], name: str, *, edge: str = "", tip: str = ""
    ) -> None:
        """Fill a shape; `edge` draws its outline."""
        way = "L".join(f"{number(x)} {number(y)}" for x, y in corners)
        look = paint.fill(name, self.theme)
        if edge:
            look += f' stroke="{paint.colour(edge, self.theme)}" stroke-width="0.75"'
        self.parts.append(f'<path d="M{way}Z" {look}{_tip(tip, "path")}')

    def lined(self, corners: Iterable[tuple[float, float]], name: str) -> None:
        """Draw thin lines across a shape that is already filled."""
        self.hatches.add(name)
        way = "L".join(f"{number(x)} {number(y)}" for x, y in corners)
        self.parts.append(f'<path d="M{way}Z" fill="url(#{self.key}-{name})"/>')

    def mark(
        self, x: float, y: float, name: str, *, shape: int = 0, size: float = 4.5, tip: str = ""
    ) -> None:
        """Draw a mark whose shape tells the series: disc, square, triangle, diamond."""
        tone = paint.fill(name, self.theme)
        if size >= _EDGED:
            tone += f' stroke="{paint.colour("paper", self.theme)}" stroke-width="1"'
        if shape % 4 == 0:
            at = f'cx="{number(x)}" cy="{number(y)}" r="{number(size)}"'
            self.parts.append(f"<circle {at} {tone}{_tip(tip, 'circle')}")
            return
        corners = _CORNERS[shape % 4]
        way = "L".join(f"{number(x + dx * size)} {number(y + dy * size)}" for dx, dy in corners)
        self.parts.append(f'<path d="M{way}Z" {tone}{_tip(tip, "path")}')

    def _filled(self, name: str, *, hatch: bool) -> str:
        if not hatch:
            return paint.fill(name, self.theme)
        self.hatches.add(name)
        return f'fill="url(#{self.key}-{name})"'

    def body(self) -> str:
        """Return everything drawn, the hatches first."""
        defined = "".join(self._hatch(name) for name in sorted(self.hatches))
        return (f"<defs>{defined}</defs>" if defined else "") + "".join(self.parts)

    def _hatch(self, name: str) -> str:
        if name.endswith("-lines"):
            size = 'width="4.5" height="4.5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
            strokes = f'<rect width="1.1" height="4.5" {paint.fill("lines", self.theme)}/>'
            return f'<pattern id="{self.key}-{name}" {size}>{strokes}</pattern>'
        size = 'width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
        ground = f'<rect width="7" height="7" {paint.fill("paper", self.theme)}/>'
        strokes = f'<rect width="4.4" height="7" {paint.fill(name, self.theme)}/>'
        return f'<pattern id="{self.key}-{name}" {size}>{ground}{strokes}</pattern>'


_CORNERS = {
    1: ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    2: ((0, -1.25), (1.15, 0.95), (-1.15, 0.95)),
    3: ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
}


def _pen(width: float, dash: str) -> str:
    return f' stroke-width="{number(width)}"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _tip(words: str, tag: str) -> str:
    return f"><title>{escape(words)}</title></{tag}>" if words else "/>"


def wrap_svg(sheet: Sheet, *, title: str, desc: str, css: str = "", alone: bool = False) -> str:
    """Return the whole picture: named and described for screen readers, and told to be one image."""
    key = escape(sheet.key)
    head = (
        f'<svg role="img" aria-labelledby="{key}-t {key}-d" viewBox="0 0 {number(sheet.width)} {number(sheet.height)}"'
        f' font-family="{_FONT}" font-size="{number(TEXT)}"'
    )
    if alone:
        head += f' xmlns="http://www.w3.org/2000/svg" width="{number(sheet.width)}" height="{number(sheet.height)}"'
    else:
        head += f' class="{escape(css)}" focusable="false"'
    ground = (
        f'<rect width="100%" height="100%" {paint.fill("paper", sheet.theme)}/>' if alone else ""
    )
    names = f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(desc)}</desc>'
    return f"{head}>{names}{ground}{sheet.body()}</svg>"
