"""Keys, Shapley, SCRB and the tests of a key, by table and by property."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.kernel.outcome import RefusedError
from samspill.settlement.domain import share
from samspill.settlement.domain.apportion import apportion
from samspill.settlement.domain.coalitions import members
from samspill.settlement.domain.game import CoalitionCosts, Structure
from samspill.settlement.domain.scrb import scrb
from samspill.settlement.domain.shapley import (
    as_coalition_costs,
    by_additivity,
    by_brute_force,
    shapley,
)

LETTERS = "ABCDEFGHIJKL"
costs = st.integers(0, 10**7).map(Fraction)
quick = settings(max_examples=40, deadline=None)


@st.composite
def structures(draw: Any, *, most: int = 7) -> Structure:
    ids = tuple(LETTERS[: draw(st.integers(1, most))])
    vendors = draw(st.lists(st.sampled_from(["x", "y", ""]), min_size=len(ids), max_size=len(ids)))
    vendor = {party: name for party, name in zip(ids, vendors, strict=True) if name}
    return Structure(
        ids=ids,
        fixed=draw(costs),
        own={party: draw(costs) for party in ids},
        capacity={party: draw(costs) for party in ids},
        vendor=vendor,
        adapters={name: draw(costs) for name in sorted(set(vendor.values()))},
    )


@st.composite
def games(draw: Any, ids: str = "ABCD") -> CoalitionCosts:
    groups = [
        frozenset(p for bit, p in enumerate(ids) if n >> bit & 1) for n in range(1, 1 << len(ids))
    ]
    return CoalitionCosts(ids=tuple(ids), costs={group: draw(costs) for group in groups})


@given(structures())
@quick
def test_additivity_gives_what_brute_force_gives(game: Structure):
    assert by_additivity(game) == by_brute_force(game)


@given(structures())
@quick
def test_the_value_sums_to_what_all_cost_together(game: Structure):
    assert sum(by_additivity(game).values()) == game.cost(game.ids)


@given(games())
@quick
def test_parties_that_add_the_same_pay_the_same(game: CoalitionCosts):
    swap = {"A": "B", "B": "A"}
    mirrored = {
        group: (cost + game.costs[frozenset(swap.get(p, p) for p in group)]) / 2
        for group, cost in game.costs.items()
    }
    value = shapley(CoalitionCosts(ids=game.ids, costs=mirrored))
    assert value["A"] == value["B"]


@given(games(), costs)
@quick
def test_a_party_that_only_adds_its_own_pays_its_own(game: CoalitionCosts, own: Fraction):
    without = {g: c for g, c in game.costs.items() if "D" not in g}
    with_dummy = {g | {"D"}: c + own for g, c in without.items()} | {frozenset("D"): own}
    value = shapley(CoalitionCosts(ids=game.ids, costs=without | with_dummy))
    assert value["D"] == own


@given(games(), games())
@quick
def test_the_value_of_a_sum_is_the_sum_of_the_values(one: CoalitionCosts, two: CoalitionCosts):
    both = CoalitionCosts(ids=one.ids, costs={g: c + two.costs[g] for g, c in one.costs.items()})
    first, second = shapley(one), shapley(two)
    assert shapley(both) == {p: first[p] + second[p] for p in one.ids}


@given(structures())
@quick
def test_the_marginal_of_a_structure_is_the_difference_it_makes(game: Structure):
    written_out = as_coalition_costs(game)
    for party in game.ids:
        assert game.marginal(party) == written_out.marginal(party)


@given(structures())
@quick
def test_merging_two_parties_leaves_the_linear_parts_and_never_costs_the_country_more(
    game: Structure,
):
    """Kommuneloven chapter 3: one municipality comes in the place of two with the same vendor."""
    if len(game.ids) < 2:
        return
    gone, stays = game.ids[0], game.ids[1]
    vendor = {p: v for p, v in game.vendor.items() if p != gone}
    merged = Structure(
        ids=game.ids[1:],
        fixed=game.fixed,
        own={p: game.own[p] + (game.own[gone] if p == stays else 0) for p in game.ids[1:]},
        capacity={
            p: max(game.capacity[p], game.capacity[gone] if p == stays else 0) for p in game.ids[1:]
        },
        vendor=vendor,
        adapters={v: c for v, c in game.adapters.items() if v in vendor.values()},
    )
    assert sum(merged.own.values()) == sum(game.own.values())
    assert merged.cost(merged.ids) <= game.cost(game.ids)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.integers(0, 10**12))
@quick
def test_shares_sum_to_the_ore_and_are_within_one_of_the_exact(weights: list[int], total: int):
    whole = sum(weights)
    if not whole:
        return
    exact = {str(n): Fraction(total * w, whole) for n, w in enumerate(weights)}
    shares = apportion(exact, total)
    assert sum(shares.values()) == total
    assert all(abs(shares[party] - exact[party]) < 1 for party in exact)


parties = st.lists(
    st.fixed_dictionaries(
        {
            "inhabitants": st.integers(1, 700_000),
            "cases": st.integers(1, 900),
            "own": st.floats(0, 1e6, allow_nan=False),
            "capacity_cost": st.floats(0, 1e6, allow_nan=False),
            "gain": st.integers(1, 10**6),
        }
    ),
    min_size=1,
    max_size=8,
)


@given(
    parties,
    st.sampled_from(
        ["equal", "inhabitants", "size_adjusted", "cases", "mixed", "expected_gain", "scrb", "shapley"]
    ),
    st.floats(0, 1e7, allow_nan=False),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_every_key_closes(rows: list[dict[str, Any]], key: str, fixed: float):
    given_ = {
        "key": key,
        "fixed": fixed,
        "equal_share": 0.3,
        "parties": [{"id": str(n), **row} for n, row in enumerate(rows)],
    }
    answer = share.share_json(given_)
    ore = [round(kroner * 100) for kroner in answer["shares"].values()]
    assert answer["tests"]["closes"]
    assert sum(ore) == round(answer["total"] * 100)


@given(structures())
@quick
def test_with_shapley_nobody_pays_more_than_alone_and_nobody_less_than_added(game: Structure):
    """The cost of these structures only grows slower (it is concave), so the value is in the core."""
    written_out = share.compute(
        share.Sharing(
            parties=tuple(share.Party(id=party) for party in game.ids),
            rule=share.Rule(key="shapley"),
            total=game.cost(game.ids),
            game=game,
        )
    ).findings
    assert written_out.pays_more_than_alone == ()
    assert written_out.pays_less_than_marginal == ()
    assert written_out.would_leave == {}


@given(structures())
@quick
def test_scrb_closes_and_keeps_the_bounds(game: Structure):
    value = scrb(game)
    assert sum(value.values()) == game.cost(game.ids)
    assert all(game.marginal(p) <= value[p] <= game.alone(p) for p in game.ids)


def share_of(**rest: Any) -> dict[str, Any]:
    return share.share_json(rest)


AIRPORT = {"A": 6, "B": 12, "C": 15, "AB": 12, "AC": 15, "BC": 15, "ABC": 15}


def test_the_airport_rule_is_the_same_in_three_spellings():
    by_group = share_of(key="shapley", coalition_costs=AIRPORT)
    ids = [{"id": "A"}, {"id": "B"}, {"id": "C"}]
    by_need = share_of(key="shapley", parties=ids, stand_alone_costs=[6, 12, 15], rule="max")
    capacity = [{"id": i, "capacity_cost": c} for i, c in zip("ABC", (6, 12, 15), strict=True)]
    by_parts = share_of(key="shapley", parties=capacity)
    assert by_group["shares"] == by_need["shares"] == by_parts["shares"]
    assert by_group["shares"] == {"A": 2.0, "B": 5.0, "C": 8.0}


def test_an_equal_key_shows_who_pays_too_much_and_who_would_leave():
    answer = share_of(key="equal", parties=[{"id": i} for i in "ABC"], coalition_costs={"A": 2, "B": 12, "C": 15, "AB": 9, "ABC": 15})["tests"]  # fmt: skip
    assert answer["pays_more_than_alone"] == ["A"]
    assert answer["would_leave"] == {"A": 3.0, "AB": 1.0}
    assert answer["pays_less_than_marginal"] == []  # the shape is fixed; not_tested tells
    assert "pays_less_than_marginal" in answer["not_tested"]


def test_who_pays_less_than_it_adds_is_named():
    rows = [{"id": "small", "inhabitants": 10, "own": 90}, {"id": "large", "inhabitants": 90}]
    answer = share_of(key="inhabitants", fixed=10, parties=rows)
    assert answer["shares"] == {"small": 10.0, "large": 90.0}
    assert answer["tests"]["pays_less_than_marginal"] == ["small"]
    assert answer["tests"]["pays_more_than_alone"] == ["large"]


def test_with_many_parties_the_groups_are_size_region_and_vendor():
    rows = [
        {"id": f"{1100 + n}", "inhabitants": 3000, "own": 100 if n < 10 else 1, "vendor": "x" if n < 10 else "y"}
        for n in range(20)
    ]  # fmt: skip
    answer = share_of(key="equal", adapters={"x": 5, "y": 5}, parties=rows)
    assert list(answer["tests"]["would_leave"]) == ["vendor:y"]


def test_amounts_per_inhabitant_stand_by_party_and_by_size_class():
    rows = [{"id": "a", "inhabitants": 1000}, {"id": "b", "inhabitants": 4000}]
    tests = share_of(key="mixed", equal_share=0.5, total=1000, parties=rows)["tests"]
    assert tests["per_inhabitant"] == {"a": 0.35, "b": 0.1625}
    assert tests["per_inhabitant_by_size"] == {"0-1999": 0.35, "2000-4999": 0.1625}


@pytest.mark.parametrize(
    ("key", "rest", "shares"),
    [
        ("equal", {}, [33.34, 33.33, 33.33]),
        ("inhabitants", {}, [10.0, 20.0, 70.0]),
        ("size_adjusted", {"exponent": 0}, [33.34, 33.33, 33.33]),
        # √100, √200, √700 = 10, 14.142, 26.458 of 50.600
        ("size_adjusted", {"exponent": 0.5}, [19.76, 27.95, 52.29]),
        ("cases", {}, [50.0, 25.0, 25.0]),
        ("mixed", {"equal_share": 0.3}, [17.0, 24.0, 59.0]),
        ("fixed_and_inhabitants", {"fixed_per_party": 10}, [17.0, 24.0, 59.0]),
        ("size_steps", {"steps": [{"below": 200, "weight": 1}, {"weight": 2}]}, [20.0, 40.0, 40.0]),
        ("expected_gain", {}, [60.0, 30.0, 10.0]),
    ],
)  # fmt: skip
def test_each_key_divides_as_it_says(key: str, rest: dict[str, Any], shares: list[float]):
    rows = [
        {"id": "a", "inhabitants": 100, "cases": 4, "gain": 6},
        {"id": "b", "inhabitants": 200, "cases": 2, "gain": 3},
        {"id": "c", "inhabitants": 700, "cases": 2, "gain": 1},
    ]
    answer = share_of(key=key, total=100, parties=rows, **rest)
    assert list(answer["shares"].values()) == shares


def test_an_agreed_table_stands_as_it_is():
    rows = [{"id": "a", "amount": 12.5}, {"id": "b", "amount": 7.25}]
    assert share_of(key="table", parties=rows)["shares"] == {"a": 12.5, "b": 7.25}
    with pytest.raises(RefusedError) as refused:
        share_of(key="table", total=20, parties=rows)
    assert refused.value.refused.code == "does_not_close"


@pytest.mark.parametrize(
    ("name", "ids", "group"),
    [
        ("AB", "A B C", "A B"),
        ("A,B", "A B", "A B"),
        ("B+A", "A B", "A B"),
        ("0301+1103", "0301 1103", "0301 1103"),
        ("03011103", "0301 1103", "0301 1103"),
        ("11", "1 11", "11"),
        ("1+11", "1 11", "1 11"),
    ],
)
def test_a_group_is_read_when_one_reading_fits(name: str, ids: str, group: str):
    assert members(name, ids.split(), "") == frozenset(group.split())


@pytest.mark.parametrize(
    ("name", "ids", "code"),
    [
        ("AB", "A B AB", "ambiguous_coalition"),
        ("AX", "A B", "unknown_party"),
        ("A+A", "A B", "unknown_party"),
        ("AA", "A B", "unknown_party"),
        ("a" * 60 + "b", " ".join("a" * n for n in range(1, 25)), "ambiguous_coalition"),
    ],
)
def test_a_group_is_refused_when_none_or_several_fit(name: str, ids: str, code: str):
    with pytest.raises(RefusedError) as refused:
        members(name, ids.split(), "coalition_costs.x")
    assert refused.value.refused.code == code


TWO = [{"id": "a", "inhabitants": 1}, {"id": "b", "inhabitants": 2}]


@pytest.mark.parametrize(
    ("given_", "where"),
    [
        ({"key": "equal", "total": -1, "parties": TWO}, "total"),
        ({"key": "equal", "total": float("nan"), "parties": TWO}, "total"),
        ({"key": "equal", "total": "1", "parties": TWO}, "total"),
        ({"key": "equal", "total": True, "parties": TWO}, "total"),
        ({"key": "equal", "parties": TWO}, "total"),
        ({"key": "fair", "total": 1, "parties": TWO}, "key"),
        ({"total": 1, "parties": TWO}, "key"),
        ({"key": "equal", "total": 1, "parties": []}, "parties"),
        ({"key": "equal", "total": 1}, "parties"),
        ({"key": "equal", "total": 1, "parties": [{"id": "a"}, {"id": "a"}]}, "parties[1].id"),
        ({"key": "inhabitants", "total": 1, "parties": [{"id": "a"}]}, "parties[0].inhabitants"),
        ({"key": "cases", "total": 1, "parties": [{"id": "a", "cases": -3}]}, "parties[0].cases"),
        ({"key": "mixed", "total": 1, "parties": TWO}, "equal_share"),
        ({"key": "mixed", "equal_share": 1.1, "total": 1, "parties": TWO}, "equal_share"),
        ({"key": "size_adjusted", "exponent": 9, "total": 1, "parties": TWO}, "exponent"),
        ({"key": "equal", "totl": 1, "parties": TWO}, "totl"),
        ({"key": "equal", "total": 1, "parties": [{"id": "a", "size": 1}]}, "parties[0].size"),
        ({"key": "shapley", "total": 1, "parties": TWO}, "key"),
        ({"key": "shapley", "total": 5, "fixed": 1, "parties": TWO}, "total"),
        ({"key": "shapley", "coalition_costs": {"a": 1, "b": 1}, "parties": TWO}, "coalition_costs"),
        ({"key": "shapley", "coalition_costs": {"a": 1, "c": 1}, "parties": TWO}, "coalition_costs.c"),
        ({"key": "shapley", "coalition_costs": {"ab": 1, "ba": 1}, "parties": TWO}, "coalition_costs.ba"),
        ({"key": "shapley", "coalition_costs": {"a": 1, "b": 1, "ab": float("inf")}, "parties": TWO}, "coalition_costs.ab"),
        ({"key": "scrb", "coalition_costs": {"a": 1, "ab": 1}, "parties": TWO}, "coalition_costs"),
        ({"key": "shapley", "stand_alone_costs": [1], "rule": "max", "parties": TWO}, "stand_alone_costs"),
        ({"key": "shapley", "stand_alone_costs": [1, 2], "parties": TWO}, "rule"),
        ({"key": "shapley", "adapters": {"x": 1}, "parties": [{"id": "a", "vendor": "y"}]}, "parties[0].vendor"),
        ({"key": "shapley", "adapters": {"x": 1}, "parties": TWO}, "adapters.x"),
        ({"key": "shapley", "fixed": 1, "coalition_costs": {"a": 1}, "parties": TWO}, "coalition_costs"),
        ({"key": "size_steps", "total": 1, "steps": [{"below": 2, "weight": 1}], "parties": TWO}, "parties[1].inhabitants"),
        ({"key": "fixed_and_inhabitants", "total": 1, "fixed_per_party": 2, "parties": TWO}, "fixed_per_party"),
        ([], "input"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_the_place_named(given_: Any, where: str):
    with pytest.raises(RefusedError) as refused:
        share.share_json(given_)
    assert refused.value.refused.where == where
    assert refused.value.refused.remedy


def test_more_than_twelve_parties_are_too_many_for_costs_by_group():
    ids = [chr(ord("a") + n) for n in range(13)]
    with pytest.raises(RefusedError) as refused:
        share_of(key="shapley", parties=[{"id": i} for i in ids], coalition_costs={"a": 1, "abcdefghijklm": 3})  # fmt: skip
    assert refused.value.refused.code == "too_many_parties"


def test_twelve_parties_are_not_too_many():
    groups = {"".join(p for b, p in enumerate(LETTERS) if n >> b & 1): float(n.bit_count()) for n in range(1, 4096)}  # fmt: skip
    answer = share_of(key="shapley", parties=[{"id": i} for i in LETTERS], coalition_costs=groups)
    assert set(answer["shares"].values()) == {1.0}
