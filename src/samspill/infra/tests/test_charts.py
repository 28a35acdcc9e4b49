"""Charts say what their tables say, in three languages, at every width, with no style and no script."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samspill.infra import charts
from samspill.infra.charts import Bar, Chart, Dot, Group, Numbers, Panel, Series, Swing, Tile
from samspill.infra.charts.drawing import width_of, wrapped
from samspill.infra.charts.numbers import ticks

_YEARS = (2026, 2027, 2028)
_SVG = "{http://www.w3.org/2000/svg}"


def a_line() -> Chart:
    hours = Series(name="Målt", values=(10, None, 30), low=(8, None, 21), high=(15, None, 48))
    return charts.lines(
        key="a", title="Timer", x=_YEARS, series=[hours, Series(name="Anslått", values=(1, 2, 3))]
    )


def many_lines() -> Chart:
    panels = [
        Panel(title=f"Gruppe {n}", series=[Series(name="Andel", values=(n, n + 1, n + 2))])
        for n in range(4)
    ]
    return charts.small_multiples(
        key="b", title="Likhet", x=_YEARS, panels=panels, numbers=Numbers(unit="%")
    )


def signed_bars() -> Chart:
    rows = [
        Bar(label="Små", value=-312.0),
        Bar(label="Store", value=88.0),
        Bar(label="Få", value=None, text="færre enn 5"),
    ]
    return charts.bars(key="c", title="Netto", rows=rows, numbers=Numbers(unit="kr", signed=True))


def claimed_bars() -> Chart:
    rows = [Bar(label="Hele saken", value=12.0, claim=45.0), Bar(label="Steg", value=30.0)]
    return charts.bars_beside(key="d", title="Minutter", rows=rows)


def a_tornado() -> Chart:
    rows = [Swing(label="Opplæring", low=90, high=120), Swing(label="Lisens", low=104, high=97)]
    return charts.tornado(key="e", title="Hva svaret henger på", rows=rows, middle=100)


def a_scatter() -> Chart:
    dots = [Dot(label="Ett", x=10, y=20, group=0), Dot(label="To", x=40, y=30, group=1)]
    return charts.scatter(
        key="f",
        title="Anslag og fasit",
        dots=dots,
        x_label="Anslått",
        y_label="Faktisk",
        groups=("A", "B"),
    )


def a_calibration() -> Chart:
    return charts.calibration(
        key="g", title="Holdt grensene?", points=[(0.5, 0.31, 40), (0.85, 0.6, 40)]
    )


def some_shares() -> Chart:
    groups = [
        Group(name="Små", counts=[(3, 10, 60), (4000, 9000, 80000)]),
        Group(name="Tom", counts=[(0, 0, 0), (0, 0, 0)]),
    ]
    return charts.shares(
        key="h", title="Hvem vinner", groups=groups, ways=("Kommuner", "Mennesker")
    )


EVERY = [
    a_line,
    many_lines,
    signed_bars,
    claimed_bars,
    a_tornado,
    a_scatter,
    a_calibration,
    some_shares,
]


@pytest.fixture(autouse=True)
def _in_bokmål():
    with translation.override("nb"):
        yield


@pytest.mark.parametrize("make", EVERY)
def test_every_picture_is_one_named_and_described_image(make: Callable[[], Chart]):
    chart = make()
    for text in (chart.svg, chart.narrow, chart.standalone(), chart.standalone("dark")):
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        ids = {element.get("id"): element for element in root.iter() if element.get("id")}
        title, desc = (ids[one] for one in root.get("aria-labelledby").split())
        assert title.text == chart.title
        assert desc.text
        assert len(ids) == len([e for e in root.iter() if e.get("id")]), "an id is used twice"


@pytest.mark.parametrize("make", EVERY)
def test_no_picture_has_script_or_style_or_a_number_that_is_none(make: Callable[[], Chart]):
    for text in (make().svg, make().narrow, make().standalone()):
        root = ET.fromstring(text)
        assert not [
            e.tag
            for e in root.iter()
            if e.tag.removeprefix(_SVG) in {"script", "style", "foreignObject"}
        ]
        attributes = {name for e in root.iter() for name in list(e.attrib)}
        assert not {
            name
            for name in attributes
            if name == "style" or name.startswith("on") or "href" in name
        }
        assert "nan" not in text
        assert "None" not in text
        assert float(root.get("viewBox").split()[3]) > 50


@pytest.mark.parametrize("make", EVERY)
def test_the_two_pictures_of_a_page_share_no_id(make: Callable[[], Chart]):
    def ids(text):
        return {e.get("id") for e in ET.fromstring(text).iter()} - {None}

    assert not ids(make().svg) & ids(make().narrow)


@pytest.mark.parametrize(
    "make", [a_line, many_lines, signed_bars, claimed_bars, a_tornado, a_scatter, a_calibration]
)
def test_every_figure_of_the_table_is_in_the_picture(make: Callable[[], Chart]):
    """What a mark says when a pointer rests on it is the table's own text, figure by figure."""
    chart = make()
    root = ET.fromstring(chart.svg)
    said = " ¦ ".join(e.text for e in root.iter() if e.tag == "title" and e.get("id") is None)
    banded = make is a_line
    for row in chart.table.rows:
        for column, cell in zip(chart.table.columns, row, strict=True):
            if cell.value is None or (banded and column.label.endswith((", lav", ", høy"))):
                continue
            at_itself = make is a_calibration and column.label in {"Lovet", "Hvor mange"}
            assert at_itself or cell.text in said, (row[0].text, column.label)


def test_bars_are_as_long_as_their_figures_and_go_the_way_of_their_sign():
    root = ET.fromstring(signed_bars().svg)
    boxes = {
        e.find("title").text.replace("\u00a0", " "): e
        for e in root.iter("rect")
        if e.find("title") is not None
    }
    small, large = boxes["Små: −312 kr"], boxes["Store: +88 kr"]
    assert float(small.get("width")) / float(large.get("width")) == pytest.approx(
        312 / 88, rel=0.01
    )
    assert float(small.get("x")) + float(small.get("width")) == pytest.approx(
        float(large.get("x")), abs=0.2
    )
    assert small.get("fill").startswith("url(#c-w-loss"), "a loss is hatched, not only coloured"


def test_the_bands_corners_are_its_figures():
    chart = charts.lines(
        key="k",
        title="t",
        x=(1, 2),
        series=[Series(name="n", values=(50, 50), low=(0, 0), high=(100, 100))],
    )
    root = ET.fromstring(chart.svg)
    band = next(e for e in root.iter("path") if e.get("class") == "s-f-band")
    corners = [tuple(map(float, p.split())) for p in band.get("d").strip("MZ").split("L")]
    middle = float(next(e for e in root.iter("circle") if e.find("title") is not None).get("cy"))
    assert middle == pytest.approx(
        (min(y for _, y in corners) + max(y for _, y in corners)) / 2, abs=0.1
    )


def test_shares_fill_the_bar_and_nobody_has_none():
    root = ET.fromstring(some_shares().svg)
    parts = [e for e in root.iter("rect") if e.find("title") is not None]
    by_row: dict[str, float] = {}
    for part in parts:
        by_row[part.get("y")] = by_row.get(part.get("y"), 0) + float(part.get("width"))
    assert len(by_row) == 2
    left = float(parts[0].get("x"))
    assert all(width == pytest.approx(720 - left, abs=0.3) for width in by_row.values())
    assert [t.text for t in root.iter("text")].count("ingen") == 2


def test_the_widest_line_of_a_tornado_comes_first():
    assert [row[0].text for row in a_tornado().table.rows] == ["Opplæring", "Lisens"]


def test_what_is_written_by_others_is_escaped():
    chart = charts.bars(
        key="x", title="<b>&", rows=[Bar(label='"><script>alert(1)</script>', value=1.0)]
    )
    assert "<script" not in chart.svg
    assert ET.fromstring(chart.svg).find("title").text == "<b>&"


def test_a_chart_without_figures_says_so():
    empty = charts.lines(key="x", title="t", x=(), series=[])
    assert empty.is_empty
    assert "ingen tall" in empty.desc
    ET.fromstring(empty.svg)


@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "−12 345,5 kr"), ("nn", "−12 345,5 kr"), ("en", "NOK −12,345.5")],
)
def test_numbers_are_written_as_the_reader_writes_them(language: str, said: str):
    text = Numbers(unit="kr", decimals=1, language=language).say(-12345.5)
    assert text.replace("\u00a0", " ") == said


def test_the_table_as_csv_holds_raw_figures():
    assert signed_bars().table.csv().splitlines() == [
        "Hva,Verdi",
        "Små,-312",
        "Store,88",
        "Få,færre enn 5",
    ]


@given(st.floats(-1e12, 1e12), st.floats(0.01, 1e12))
@settings(max_examples=60, deadline=None)
def test_round_values_of_an_axis_hold_all_figures(low: float, span: float):
    marks = ticks(low, low + span)
    assert marks[0] <= low + span * 1e-6
    assert marks[-1] >= low + span - span * 1e-6
    assert 2 <= len(marks) <= 12


@given(st.text(alphabet="abcdefgæøå ", max_size=120), st.floats(60, 400))
@settings(max_examples=60, deadline=None)
def test_broken_lines_keep_every_word_and_the_width(text: str, width: float):
    rows = wrapped(text, width)
    assert " ".join(rows).split() == text.split()
    assert all(width_of(row) <= width or " " not in row for row in rows)


# ── the country ─────────────────────────────────────────────────────────────────────────────


def a_map() -> Chart:
    tiles = [
        Tile(name="Nord", row=0, column=1, group="A", value=-40.0),
        Tile(name="Midt", row=1, column=0, group="A", value=12.0, url="/kommuner/1/"),
        Tile(name="Sør", row=2, column=0, group="B", value=None, text="færre enn 5", hidden=True),
        Tile(name="Øst", row=2, column=1, group="B", value=None, text="ingen tall"),
    ]
    return charts.tile_map(
        key="m",
        title="Netto",
        tiles=tiles,
        steps=charts.two_sided([-40.0, 12.0]),
        numbers=Numbers(unit="kr", signed=True),
    )


def hexagons(root: ET.Element) -> dict[str, list[tuple[float, float]]]:
    """Corners by what the tile says of itself; the legend's say a count."""
    found = {}
    for path in root.iter("path"):
        tip = path.find("title")
        if tip is not None and path.get("d", "").endswith("Z"):
            corners = [tuple(map(float, p.split())) for p in path.get("d").strip("MZ").split("L")]
            if len(corners) == 6:
                found[tip.text.replace("\u00a0", " ")] = corners
    return found


def test_every_tile_is_as_large_as_every_other_and_none_lie_on_each_other():
    shown = {
        k: v
        for k, v in hexagons(ET.fromstring(a_map().svg)).items()
        if k.split(":")[0] in {"Nord", "Midt", "Sør", "Øst"}
    }
    assert set(shown) == {"Nord: −40 kr", "Midt: +12 kr", "Sør: færre enn 5", "Øst: ingen tall"}

    def area(corners):
        pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
        return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2

    areas = [area(corners) for corners in shown.values()]
    assert max(areas) == pytest.approx(min(areas), rel=0.02)
    middles = [(sum(x for x, _ in c) / 6, sum(y for _, y in c) / 6) for c in shown.values()]
    width = max(x for x, _ in shown["Nord: −40 kr"]) - min(x for x, _ in shown["Nord: −40 kr"])
    for i, (x1, y1) in enumerate(middles):
        for x2, y2 in middles[i + 1 :]:
            assert ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 >= width * 0.98


def test_the_map_and_its_table_say_the_same():
    chart = a_map()
    tips = " ¦ ".join(hexagons(ET.fromstring(chart.svg)))
    for row in chart.table.rows:
        assert f"{row[0].text}: {row[2].text}".replace("\u00a0", " ") in tips
    assert chart.table.rows[1][0].url == "/kommuner/1/"


def test_a_country_with_one_figure_says_on_the_scale_what_it_is():
    tiles = [
        Tile(name="Nord", row=0, column=0, group="A", value=25.0),
        Tile(name="Midt", row=1, column=0, group="A"),
    ]
    chart = charts.tile_map(
        key="m", title="Dager", tiles=tiles, steps=charts.rising([25.0]), numbers=Numbers(unit="dager")
    )  # fmt: skip
    assert "25\u00a0dager: 1; ingen tall: 1" in chart.desc
    assert "25\u00a0dager (1)" in chart.svg


def test_a_loss_has_lines_a_hidden_figure_a_dot_and_a_missing_one_nothing():
    text = a_map().svg
    root = ET.fromstring(text)
    assert any("l-lines" in (e.get("fill") or "") for e in root.iter("path"))
    assert (
        len([e for e in root.iter("circle") if e.get("class") == "s-f-soft"]) == 2
    )  # the tile and its legend
    assert "skjult: for få" in text
    assert "ingen tall" in text


def test_the_legend_counts_every_tile_once():
    words = [e.text for e in ET.fromstring(a_map().svg).iter("text")]
    counts = [int(w.rsplit("(", 1)[1].rstrip(")")) for w in words if w.endswith(")")]
    assert sum(counts) == 4


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
@example([2.225073858507e-311])
@settings(max_examples=80, deadline=None)
def test_steps_rise_and_hold_every_figure(values: list[float]):
    for steps in (charts.two_sided(values), charts.rising([abs(v) for v in values])):
        assert list(steps.bounds) == sorted(set(steps.bounds))
        assert len(steps.looks) == len(steps.bounds) + 1
        assert all(0 <= steps.place_of(value) < len(steps.looks) for value in values)


@given(st.lists(st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1e-3), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_two_sided_steps_treat_gain_and_loss_alike(values: list[float]):
    bounds = charts.two_sided(values).bounds
    assert [-b for b in reversed(bounds)] == list(bounds)


def test_an_axis_says_its_unit_once_where_its_marks_do_not():
    drawn = {
        unit: charts.lines(
            key="u", title="T", x=_YEARS, numbers=Numbers(unit=unit, language="nb"),
            series=[Series(name="P50", values=(1, 2, 3))],
        ).svg
        for unit in ("timer", "kr", "%")
    }  # fmt: skip
    assert drawn["timer"].count(">timer</text>") == 1
    assert drawn["kr"].count(">kr</text>") == 1
    assert ">%</text>" not in drawn["%"]


def test_a_small_chart_without_figures_says_so_and_the_others_do_not():
    panels = [
        Panel(title="Få", series=[Series(name="Dager", values=(None, None, None))]),
        Panel(title="Mange", series=[Series(name="Dager", values=(30, None, 25))]),
    ]
    with translation.override("en"):
        drawn = charts.small_multiples(key="q", title="Dager", x=_YEARS, panels=panels).svg
    assert drawn.count("no figure") == 1


def test_a_table_of_shares_has_no_column_for_what_nobody_is():
    groups = [Group(name="Små", counts=[(3, 0, 1)]), Group(name="Store", counts=[(2, 0, 0)])]
    with translation.override("en"):
        chart = charts.shares(key="s", title="T", groups=groups, ways=("Kommuner",))
    assert [c.label for c in chart.table.columns][1:] == ["Kommuner: gain", "Kommuner: lose"]
    assert [[c.value for c in row[1:]] for row in chart.table.rows] == [[3, 1], [2, 0]]


def test_a_number_is_not_broken_at_its_hard_spaces_and_the_tornados_hatch_is_told_beside_a_note():
    assert (
        wrapped("fra 1\u00a0000\u00a0kr til 2\u00a0000\u00a0kr", 90)[-1] == "til 2\u00a0000\u00a0kr"
    )
    with translation.override("en"):
        rows = [Swing(label="A", low=1, high=2)]
        chart = charts.tornado(key="t", title="T", rows=rows, middle=1, note="Millioner.")
    assert chart.note.startswith("Millioner. Hatched:")
