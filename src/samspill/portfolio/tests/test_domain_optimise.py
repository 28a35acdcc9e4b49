"""The choice of initiatives: equal to trying everything, never breaks a limit, says what is wrong and where."""

import itertools
import json
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from samspill.kernel.outcome import RefusedError
from samspill.portfolio.domain.optimise import optimise_json
from samspill.portfolio.domain.optimise_model import cliques, model_of, required_by
from samspill.portfolio.domain.optimise_reading import read
from samspill.portfolio.domain.optimise_search import greedy, search

EXAMPLE = {
    "initiatives": [
        {"id": "a", "value": 10, "cost": [3, 2], "load": [1, 2]},
        {"id": "b", "value": 8, "cost": [3, 3], "requires": ["a"]},
        {"id": "c", "value": 7, "cost": [2, 2], "excludes": ["a"]},
        {"id": "d", "value": 9, "cost": [9, 1]},
        {"id": "e", "value": 3, "cost": [0, 0]},
    ],
    "budgets": [6, 6],
    "load_limit": [3, 3],
}


@st.composite
def portfolios(draw, most=8):
    size = draw(st.integers(1, most))
    rows, groups = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    amount = st.integers(0, 9)
    items = []
    for at in range(size):
        item = {
            "id": f"t{at}",
            "value": draw(st.integers(-3, 20)),
            "cost": draw(st.lists(amount, min_size=rows, max_size=rows)),
        }
        if groups:
            item["load"] = draw(st.lists(amount, min_size=groups, max_size=groups))
        earlier = [f"t{n}" for n in range(at)]
        if earlier:
            item["requires"] = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True))
            item["excludes"] = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True))
        items.append(item)
    whole = {
        "initiatives": items,
        "budgets": draw(st.lists(st.integers(0, 25), min_size=rows, max_size=rows)),
    }
    if groups:
        whole["load_limit"] = draw(st.lists(st.integers(0, 25), min_size=groups, max_size=groups))
    return whole


def keeps(data, chosen):
    inside = [i for i in data["initiatives"] if i["id"] in chosen]
    costs = [sum(i["cost"][r] for i in inside) <= b for r, b in enumerate(data["budgets"])]
    given = data.get("load_limit", [])
    limits = given if isinstance(given, list) else [given] * 10
    loads = [
        sum((i.get("load") or [0] * 9)[g] for i in inside) <= limit
        for g, limit in enumerate(limits)
    ]
    needed = all(set(i.get("requires", [])) <= chosen for i in inside)
    apart = not any(set(i.get("excludes", [])) & chosen for i in inside)
    must = {i["id"] for i in data["initiatives"] if i.get("mandatory")}
    return all(costs) and all(loads) and needed and apart and must <= chosen


def by_trying_everything(data):
    ids = [i["id"] for i in data["initiatives"]]
    value = {i["id"]: i["value"] for i in data["initiatives"]}
    sets = (
        frozenset(some)
        for size in range(len(ids) + 1)
        for some in itertools.combinations(ids, size)
    )
    return max(sum(value[i] for i in some) for some in sets if keeps(data, some))


@given(portfolios())
@settings(max_examples=25, deadline=None)
def test_is_as_good_as_trying_everything_and_breaks_nothing(data):
    answer = optimise_json(data)
    assert keeps(data, set(answer["chosen"]))
    assert answer["value"] == pytest.approx(by_trying_everything(data))
    assert answer["gap"] == 0
    assert answer["greedy_value"] <= answer["value"] + 1e-9
    assert answer["excluded"].keys() == {i["id"] for i in data["initiatives"]} - set(
        answer["chosen"]
    )


@given(portfolios(most=6), st.integers(0, 2), st.integers(1, 9))
@settings(max_examples=12, deadline=None)
def test_more_budget_never_lowers_the_best(data, row, more):
    richer = {**data, "budgets": list(data["budgets"])}
    richer["budgets"][row % len(richer["budgets"])] += more
    assert optimise_json(richer)["value"] >= optimise_json(data)["value"] - 1e-9


@given(portfolios(most=6))
@settings(max_examples=8, deadline=None)
def test_an_exact_need_is_just_what_brings_it_in(data):
    answer = optimise_json(data)
    for name, need in answer["excluded"].items():
        if need["method"] == "never":
            continue
        assert need["method"] == "exact"
        raised = json.loads(json.dumps(data))
        item = next(i for i in raised["initiatives"] if i["id"] == name)
        item["value"] += need["value"] + 1
        assert name in optimise_json(raised)["chosen"]


def test_the_example_is_chosen_and_explained():
    answer = optimise_json(EXAMPLE)
    assert (answer["value"], answer["chosen"]) == (21, ["a", "b", "e"])
    assert answer["excluded"]["c"]["against"] == ["a"]
    assert answer["excluded"]["c"]["value"] == 11
    assert answer["excluded"]["d"]["method"] == "never"
    assert answer["excluded"]["d"]["budget"] == [9, 0]
    assert len(answer["shadow_prices"]) == 2


def test_the_same_input_gives_the_same_bytes():
    data = a_larger_one(20)
    assert json.dumps(optimise_json(data)) == json.dumps(optimise_json(data))


def test_a_larger_portfolio_keeps_its_rows_and_proves_its_gap():
    data = a_larger_one(150)
    answer = optimise_json({**data, "time_limit_s": 1})
    assert keeps(data, set(answer["chosen"]))
    assert 0 <= answer["gap"] < 0.05
    assert answer["bound"] >= answer["value"] > answer["greedy_value"]
    need = next(iter(answer["excluded"].values()))
    assert need["method"] in {"dual", "exact", "never"}


def a_larger_one(size):
    chance = np.random.default_rng(5)
    items = []
    for at in range(size):
        item = {
            "id": f"t{at}",
            "value": int(chance.integers(1, 200)),
            "cost": chance.integers(0, 40, 4).tolist(),
            "load": chance.integers(0, 9, 10).tolist(),
        }
        if at > 9 and at % 4 == 0:
            item["requires"] = [f"t{int(chance.integers(0, at))}"]
        if at > 9 and at % 9 == 0:
            item["excludes"] = [f"t{at - 1}"]
        items.append(item)
    return {"initiatives": items, "budgets": [size * 7] * 4, "load_limit": size * 2}


def test_starting_from_a_choice_gives_a_choice_at_least_as_good():
    model = model_of(read(a_larger_one(150)))
    by_hand = greedy(model)
    found = search(model, time_limit_s=1.0)
    assert model.allows(by_hand)
    assert found.value >= model.total(by_hand)
    assert found.relaxed.value >= found.bound - 1e-6 >= found.value - 1e-6


def test_three_that_exclude_each_other_become_one_row():
    assert cliques([{1, 2}, {0, 2}, {0, 1}, set()]) == [[0, 1, 2]]


def test_requirements_are_followed_through_all_steps():
    assert required_by([(), (0,), (1,), (2, 0)]) == [
        frozenset(), frozenset({0}), frozenset({0, 1}), frozenset({0, 1, 2})
    ]  # fmt: skip


def test_what_requires_two_that_exclude_each_other_can_never_come_in():
    data = {
        "initiatives": [
            {"id": "a", "value": 1, "cost": 1},
            {"id": "b", "value": 1, "cost": 1, "excludes": ["a"]},
            {"id": "c", "value": 99, "cost": 1, "requires": ["a", "b"]},
        ],
        "budgets": [9],
    }
    answer = optimise_json(data)
    assert answer["value"] == 1
    assert answer["excluded"]["c"]["method"] == "never"


def test_decimal_budgets_are_kept_to_the_last_digit():
    items = [{"id": f"t{n}", "value": 1, "cost": 0.1} for n in range(12)]
    assert optimise_json({"initiatives": items, "budgets": [0.3]})["value"] == 3


def test_an_empty_list_is_an_empty_choice():
    answer = optimise_json({"initiatives": [], "budgets": [5]})
    assert (answer["value"], answer["chosen"], answer["gap"]) == (0, [], 0)


def changed(**changes):
    first = {**EXAMPLE["initiatives"][0], **changes}
    return {**EXAMPLE, "initiatives": [first, *EXAMPLE["initiatives"][1:]]}


FAULTS = {
    "not a mapping": ([], "not_an_object", "input"),
    "unknown key": ({**EXAMPLE, "budget": 1}, "unknown_key", "input.budget"),
    "nan value": (changed(value=math.nan), "not_finite", "initiatives[0].value"),
    "infinite": (changed(value=10**400), "not_finite", "initiatives[0].value"),
    "text": (changed(value="much"), "not_a_number", "initiatives[0].value"),
    "yes": (changed(value=True), "not_a_number", "initiatives[0].value"),
    "no value": (changed(value=None), "not_a_number", "initiatives[0].value"),
    "negative cost": (changed(cost=[1, -2]), "negative", "initiatives[0].cost[1]"),
    "short cost": (changed(cost=[1]), "unequal_length", "initiatives[0].cost"),
    "one number for two": (changed(cost=1), "unequal_length", "initiatives[0].cost"),
    "short load": (changed(load=[1]), "unequal_length", "initiatives[0].load"),
    "negative load": (changed(load=[1, -1]), "negative", "initiatives[0].load[1]"),
    "circle": (changed(requires=["b"]), "requires_circle", "initiatives[0].requires"),
    "itself": (changed(requires=["a"]), "requires_circle", "initiatives[0].requires"),
    "unknown": (changed(requires=["z"]), "unknown_id", "initiatives[0].requires[0]"),
    "excludes unknown": (changed(excludes=["z"]), "unknown_id", "initiatives[0].excludes[0]"),
    "excludes itself": (changed(excludes=["a"]), "excludes_itself", "initiatives[0].excludes[0]"),
    "same id": (changed(id="b"), "same_id_twice", "initiatives[1].id"),
    "no id": (changed(id=""), "bad_id", "initiatives[0].id"),
    "mandatory word": (changed(mandatory="yes"), "not_yes_or_no", "initiatives[0].mandatory"),
    "mandatory dear": (changed(cost=[7, 0], mandatory=True), "mandatory_too_much", "budgets[0]"),
    "mandatory heavy": (changed(load=[0, 4], mandatory=True), "mandatory_too_much", "load_limit[1]"),
    "no budgets": ({**EXAMPLE, "budgets": []}, "no_budgets", "budgets"),
    "negative budget": ({**EXAMPLE, "budgets": [6, -1]}, "negative", "budgets[1]"),
    "no time": ({**EXAMPLE, "time_limit_s": 0}, "bad_time_limit", "time_limit_s"),
    "no list": ({**EXAMPLE, "initiatives": {}}, "not_a_list", "initiatives"),
    "beyond all": (changed(value=1.7e308), "not_finite", "initiatives[0].value"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said_with_place_and_remedy(name):
    data, code, where = FAULTS[name]
    with pytest.raises(RefusedError) as caught:
        optimise_json(data)
    said = caught.value.refused.as_error()
    assert (said["code"], said["where"]) == (code, where)
    assert said["remedy"]
    assert said["message"]


def test_two_mandatory_that_exclude_each_other_are_refused():
    data = changed(mandatory=True)
    data["initiatives"][2] = {**data["initiatives"][2], "mandatory": True}
    with pytest.raises(RefusedError) as caught:
        optimise_json(data)
    assert caught.value.refused.code == "mandatory_excluded"
