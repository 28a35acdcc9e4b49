"""Charts drawn on the server: SVG without script or style, and the table that says the same.

    chart = charts.lines(key="hours", title=_("Hours"), x=(2026, 2027), series=[Series(name=…, values=(1, 2))])
    {% include "site/_chart.html" with chart=chart %}

Every chart is a `Chart`: `svg` (wide), `narrow` (for telephones), `standalone()` (a file of its own) and `table`.
Words come in already translated; numbers are written as the reader's language writes them (`Numbers`).
What a chart tells, it tells without colour too: hatches, dashes, marks and labels.
It computes nothing but places: figures come in as they shall be read.
"""

from samspill.infra.charts.bars import Bar, Span, Swing, bars, bars_beside, spans, tornado
from samspill.infra.charts.chart import Cell, Chart, Column, Table
from samspill.infra.charts.lines import Panel, Series, lines, small_multiples
from samspill.infra.charts.numbers import Numbers
from samspill.infra.charts.points import Dot, calibration, scatter
from samspill.infra.charts.shares import Group, shares
from samspill.infra.charts.steps import Steps, fixed, rising, two_sided
from samspill.infra.charts.tiles import Tile, tile_map

__all__ = [
    "Bar",
    "Cell",
    "Chart",
    "Column",
    "Dot",
    "Group",
    "Numbers",
    "Panel",
    "Series",
    "Span",
    "Steps",
    "Swing",
    "Table",
    "Tile",
    "bars",
    "bars_beside",
    "calibration",
    "fixed",
    "lines",
    "rising",
    "scatter",
    "shares",
    "small_multiples",
    "spans",
    "tile_map",
    "tornado",
    "two_sided",
]
