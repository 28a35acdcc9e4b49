"""What a tariff costs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.kernel.outcome import RefusedError
from samspill.settlement.domain.tariff import as_json, read_tariff, tariff_json

WHOLE = {
    "join": [{"below": 5000, "fee": 10_000}, {"below": None, "fee": 25_000.5}],
    "per_inhabitant_once": 20,
    "year_fixed": 1000,
    "month_fixed": 100,
    "per_inhabitant_year": 2,
    "per_inhabitant_month": 0.25,
    "steps": [{"below": 2000, "year": 500}, {"below": 5000, "year": 900}, {"year": 2000}],
}


def test_every_line_counts():
    answer = tariff_json({"tariff": WHOLE, "inhabitants": 1000})
    assert answer == {"once": 30_000.0, "year": 7700.0, "per_inhabitant": 37.7}


@pytest.mark.parametrize(("inhabitants", "each"), [(1000, 32.5), (50_000, 2.82)])
def test_the_published_price_of_digiorden_comes_out(inhabitants: int, each: float):
    # Price list of 2021: joining by size, then 500 kroner and 12.5 øre an inhabitant each month.
    join = [{"below": 5000, "fee": 25_000}, {"below": 10_000, "fee": 40_000}, {"fee": 60_000}]
    tariff = {"join": join, "month_fixed": 500, "per_inhabitant_month": 0.125}
    assert tariff_json({"tariff": tariff, "inhabitants": inhabitants})["per_inhabitant"] == each


def test_a_step_ends_below_its_limit():
    assert tariff_json({"tariff": WHOLE, "inhabitants": 4999})["once"] == 109_980.0
    assert tariff_json({"tariff": WHOLE, "inhabitants": 5000})["once"] == 125_000.5


def test_a_tariff_is_written_as_it_was_read():
    assert read_tariff(as_json(read_tariff(WHOLE))) == read_tariff(WHOLE)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**4))
@settings(max_examples=50, deadline=None)
def test_a_tariff_per_inhabitant_never_falls_with_size(size: int, fixed: int, ore: int):
    tariff = {"year_fixed": fixed, "per_inhabitant_year": ore / 100}
    smaller = tariff_json({"tariff": tariff, "inhabitants": size})
    larger = tariff_json({"tariff": tariff, "inhabitants": size + 1})
    assert larger["year"] >= smaller["year"]
    assert larger["per_inhabitant"] <= smaller["per_inhabitant"] + 0.01 / size


@pytest.mark.parametrize(
    ("given_", "where"),
    [
        ({"tariff": WHOLE}, "inhabitants"),
        ({"inhabitants": 3}, "tariff"),
        ({"tariff": {}, "inhabitants": 3}, "tariff"),
        ({"tariff": {"year": 1}, "inhabitants": 3}, "tariff.year"),
        ({"tariff": WHOLE, "inhabitants": 0}, "inhabitants"),
        ({"tariff": WHOLE, "inhabitants": -1}, "inhabitants"),
        ({"tariff": WHOLE, "inhabitants": 1.5}, "inhabitants"),
        ({"tariff": {"month_fixed": float("nan")}, "inhabitants": 1}, "tariff.month_fixed"),
        ({"tariff": {"month_fixed": 10**400}, "inhabitants": 1}, "tariff.month_fixed"),
        ({"tariff": {"steps": [{"below": 5, "year": 1}]}, "inhabitants": 9}, "inhabitants"),
        ({"tariff": {"steps": [{"below": 5}]}, "inhabitants": 9}, "tariff.steps[0].year"),
        ({"tariff": {"join": [{"below": 5, "fee": 1}, {"below": 5, "fee": 2}]}, "inhabitants": 1}, "tariff.join[1].below"),
        ({"tariff": {"join": {"below": 5}}, "inhabitants": 1}, "tariff.join"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_the_place_named(given_: Any, where: str):
    with pytest.raises(RefusedError) as refused:
        tariff_json(given_)
    assert refused.value.refused.where == where
