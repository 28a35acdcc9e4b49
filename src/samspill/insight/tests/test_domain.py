"""Suppression that cannot be undone, tiles that cover the country once, and counts by municipality and by people."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import samspill.municipalities
from samspill.insight.domain import equality, sizes, tiles
from samspill.insight.domain.sizes import Net
from samspill.insight.domain.suppression import SMALLEST, suppress

MUNICIPALITIES = Path(samspill.municipalities.__file__).parent / "data" / "municipalities.csv"
cells = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 40), max_size=12
)


def numbers() -> list[str]:
    with MUNICIPALITIES.open(encoding="utf-8") as lines:
        return [row["kommunenummer"] for row in csv.DictReader(lines)]


# ── small numbers ───────────────────────────────────────────────────────────────────────────


@given(cells)
@settings(max_examples=150, deadline=None)
def test_no_small_figure_is_shown(cases: dict[str, int]):
    shown = suppress(cases)
    assert all(shown.hides(cell) for cell, count in cases.items() if 0 < count < SMALLEST)
    assert not any(shown.hides(cell) for cell, count in cases.items() if count == 0)


@given(cells)
@settings(max_examples=150, deadline=None)
def test_a_hidden_figure_cannot_be_found_from_the_total(cases: dict[str, int]):
    """What is hidden is at least two figures and five cases, or the total is hidden with them."""
    shown = suppress(cases)
    hidden = [count for cell, count in cases.items() if shown.hides(cell)]
    if hidden and not shown.hides_total(""):
        assert len(hidden) >= 2
        assert sum(hidden) >= SMALLEST


@given(cells, st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_groups_cannot_be_undone_from_the_country(cases: dict[str, int], groups: int):
    of = {cell: f"g{hash_free(cell) % groups}" for cell in cases}
    shown = suppress(cases, of)
    for group in set(of.values()):
        hidden = [count for cell, count in cases.items() if of[cell] == group and shown.hides(cell)]
        if hidden and not shown.hides_total(group):
            assert len(hidden) >= 2
            assert sum(hidden) >= SMALLEST
    lost = [g for g in set(of.values()) if shown.hides_total(g)]
    others = [
        g
        for g in set(of.values())
        if not shown.hides_total(g) and any(cases[c] for c in cases if of[c] == g)
    ]
    assert len(lost) != 1 or not others, "one hidden total is what is left of the country's"


def hash_free(text: str) -> int:
    return sum(map(ord, text))


def test_nothing_is_hidden_when_nothing_is_small():
    assert suppress({"a": 5, "b": 0, "c": 900}).cells == {}


def test_without_a_total_only_the_small_are_hidden():
    assert suppress({"a": 1, "b": 50}, total=False).cells == {"a": "few"}


def test_a_lone_small_group_loses_its_total_and_another_with_it():
    shown = suppress({"a": 2, "b": 50, "c": 60}, {"a": "north", "b": "south", "c": "west"})
    assert shown.hides_total("north")
    assert shown.hides_total("south")
    assert not shown.hides_total("west")


# ── tiles ───────────────────────────────────────────────────────────────────────────────────


def test_the_tiles_cover_all_municipalities_once():
    assert sorted(tiles.cells()) == sorted(numbers())
    assert len(numbers()) == 357


def test_no_two_tiles_lie_on_each_other():
    assert len(set(tiles.cells().values())) == len(tiles.cells())


def test_every_county_and_the_country_lie_in_one_piece():
    counties: dict[str, list[tuple[int, int]]] = {}
    for number, cell in tiles.cells().items():
        counties.setdefault(number[:2], []).append(cell)
    assert len(counties) == 15
    assert {
        county: tiles.pieces(own) for county, own in counties.items() if tiles.pieces(own) != 1
    } == {}
    assert tiles.pieces(tiles.cells().values()) == 1


@pytest.mark.parametrize(
    ("north", "south"),
    [("5601", "5501"), ("5501", "1804"), ("1804", "5001"), ("5001", "0301"), ("0301", "4204")],
)
def test_north_is_up(north: str, south: str):
    assert tiles.cells()[north][0] < tiles.cells()[south][0]


@pytest.mark.parametrize(
    ("west", "east"), [("4601", "3405"), ("1103", "0301"), ("1865", "1806"), ("5501", "5605")]
)
def test_west_is_left(west: str, east: str):
    assert tiles.cells()[west][1] < tiles.cells()[east][1]


def test_a_new_municipality_gets_the_tile_of_a_part_of_it():
    assert tiles.cell_of(["9999", "1103"]) == tiles.cells()["1103"]
    assert tiles.cell_of(["9999"]) is None
    assert tiles.cell_of(["1103"], frozenset({tiles.cells()["1103"]})) is None


def test_a_countys_name_stands_beside_an_outer_tile_of_its_own():
    everything = frozenset(tiles.cells().values())
    for county in {number[:2] for number in tiles.cells()}:
        own = [cell for number, cell in tiles.cells().items() if number[:2] == county]
        found = tiles.name_place(own, everything)
        if found is not None:
            (row, column), side = found
            assert (row, column) in own
            outside = [
                c
                for r, c in everything
                if r == row and (c < column if side == "left" else c > column)
            ]
            assert outside == []


# ── who gains and loses ─────────────────────────────────────────────────────────────────────


def test_losses_are_counted_by_municipality_and_by_people():
    nets = [
        Net(municipality_no="1151", inhabitants=200, nok_per_inhabitant=-900),
        Net(municipality_no="4601", inhabitants=1500, nok_per_inhabitant=0.4),
        Net(municipality_no="0301", inhabitants=700_000, nok_per_inhabitant=12),
    ]
    parts = sizes.by_size(nets)
    assert parts[0].municipalities == (0, 1, 1)
    assert parts[0].people == (0, 1500, 200)
    assert parts[-1].municipalities == (1, 0, 0)
    assert parts[-1].people == (700_000, 0, 0)


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(-1e4, 1e4)), max_size=30))
@settings(max_examples=80, deadline=None)
def test_everybody_is_counted_once(rows: list[tuple[float, float]]):
    parts = sizes.by_size(
        Net(municipality_no="", inhabitants=p, nok_per_inhabitant=n) for p, n in rows
    )
    assert sum(sum(part.municipalities) for part in parts) == len(rows)
    assert sum(part.everybody for part in parts) == pytest.approx(sum(p for p, _n in rows))


# ── equality ────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0.1, 50)), min_size=1, max_size=30))
@settings(max_examples=80, deadline=None)
def test_the_spread_is_ordered_and_within_the_values(values: list[tuple[float, float]]):
    found = equality.spread(values)
    assert found is not None
    assert (
        min(v for v, _w in values)
        <= found.low
        <= found.middle
        <= found.high
        <= max(v for v, _w in values)
    )


def test_a_heavy_value_draws_the_middle_to_itself():
    assert equality.quantile([(1.0, 1.0), (9.0, 10.0)], 0.5) == 9.0
    assert equality.weighted_mean([(1.0, 1.0), (9.0, 0.0)]) == 1.0
    assert equality.weighted_mean([]) is None
    assert equality.gap({"a": 1.0, "b": None, "c": 4.0}) == 3.0
    assert equality.gap({"a": 1.0}) is None
