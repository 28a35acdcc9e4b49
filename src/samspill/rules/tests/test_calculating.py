"""One case, a population, and an explanation: the same answer from one definition."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill import rules
from samspill.rules.tests.toy import a_book, plainly

BOOK = a_book()
DATES = {
    dt.date(2021, 3, 1): {"stairs": True, "caps": (5000, 7000, 8000)},
    dt.date(2023, 6, 1): {"stairs": True, "caps": (6000, 7500, 9000)},
    dt.date(2026, 1, 1): {"stairs": False, "caps": (6000, 7500, 9000)},
}
NAMES = ("income", "cap", "support", "granted", "code")
money = st.integers(0, 4_000_000).map(lambda ore: ore / 100)
houses = st.fixed_dictionaries(
    {
        "place": st.sampled_from(["0101", "0202", "0303"]),
        "people": st.integers(1, 6),
        "pay": money,
        "extra": st.lists(money, max_size=3),
        "tenure": st.sampled_from(["rent", "own"]),
        "rent": money,
        "loan": money,
        "frail": st.booleans(),
    }
)


def as_columns(several):
    widest = max(1, *(len(house["extra"]) for house in several))
    extra = np.zeros((len(several), widest))
    for row, house in enumerate(several):
        extra[row, : len(house["extra"])] = house["extra"]
    return {
        "place": np.array([int(house["place"]) for house in several], np.int16),
        "people": np.array([house["people"] for house in several], np.int8),
        "tenure": np.array([("rent", "own").index(h["tenure"]) for h in several], np.uint8),
        "frail": np.array([house["frail"] for house in several]),
        "extra": extra,
        **{n: np.array([h[n] for h in several]) for n in ("pay", "rent", "loan")},
    }


@pytest.mark.parametrize("date", DATES)
@given(houses)
def test_one_case_equals_the_calculation_by_hand(date, house):
    assert BOOK.on(date).compute(house, NAMES).values == plainly(house, **DATES[date])


@pytest.mark.parametrize("date", DATES)
@settings(max_examples=60)
@given(st.lists(houses, min_size=1, max_size=40))
def test_a_population_equals_the_cases_to_the_last_bit(date, several):
    policy = BOOK.on(date)
    found = policy.vector(as_columns(several), policy.targets())
    for row, house in enumerate(several):
        for name, value in policy.compute(house).values.items():
            given_value = found[name][row]
            got = policy.codes(name)[given_value] if isinstance(value, str) else given_value
            assert got == value, name


@pytest.mark.parametrize("size", [1, 8191, 8192, 8193, 300_000])
def test_blocks_and_threads_do_not_change_the_answer(size):
    random = np.random.default_rng(7)
    columns = {
        "place": random.choice(np.array([101, 202, 303], np.int16), size),
        "pay": random.uniform(0, 30_000, size),
        "rent": random.uniform(0, 12_000, size),
        "frail": np.arange(size) > size / 2,
        "tenure": (np.arange(size) % 20_000 > 15_000).astype(np.uint8),
        "loan": random.uniform(0, 12_000, size),
    }
    policy = BOOK.on(dt.date(2022, 6, 1))
    alone = policy.vector(columns, ("support", "code"), threads=1)
    together = policy.vector(columns, ("support", "code"), threads=3)
    for name, column in alone.items():
        np.testing.assert_array_equal(column, together[name])
        parts = [
            policy.vector({k: c[s : s + 997] for k, c in columns.items()}, ("support", "code"))
            for s in range(0, min(size, 5000), 997)
        ]
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(column[: len(joined)][:5000], joined[:5000])


def test_columns_of_the_caller_are_left_alone():
    house = {"place": "0101", "people": 2, "pay": 500.0, "extra": [], "tenure": "own", "rent": 1.0,
             "loan": 900.0, "frail": True}  # fmt: skip
    columns = as_columns([house] * 5)
    before = {name: column.copy() for name, column in columns.items()}
    BOOK.on(dt.date(2026, 1, 1)).vector(columns)
    for name, column in columns.items():
        np.testing.assert_array_equal(column, before[name])


def test_absent_columns_and_values_have_their_default():
    policy = BOOK.on(dt.date(2026, 1, 1))
    one = policy.compute({"place": "0202", "rent": 4000.0}).values
    column = policy.vector({"place": np.array([202]), "rent": np.array([4000.0])}, ("support",))
    assert one["support"] == column["support"][0] == 4000


def test_explains_every_step_in_three_languages():
    policy = BOOK.on(dt.date(2026, 1, 1))
    house = {"place": "0202", "people": 2, "pay": 1000.0, "rent": 4000.0, "extra": [150.0]}
    for language, words in {"nb": "det som er igjen", "nn": "det som er att", "en": "what is left"}.items():  # fmt: skip
        explanation = policy.explain(house, ("support",), language)
        names = [step.name for step in explanation.steps]
        assert set(names) == {"income", "cost", "cap", "weight", "share", "support"}
        seen = set()
        for step in explanation.steps:  # each stands after what it reads
            assert {n for n in step.inputs if n in names} <= seen
            seen.add(step.name)
        last = explanation.steps[-1]
        assert (last.name, last.value, last.unit, last.law) == (
            "support",
            3830,
            "kr/md",
            "the act § 1",
        )
        assert last.formula == words
    steps = {step.name: step for step in explanation.steps}
    assert steps["weight"].inputs == {"people": 2, "weights.first": 1.0, "weights.more": 0.3}
    assert explanation.values == {"support": 3830}
    assert policy.compute(house, ("support",)).values == explanation.values


def test_explanation_rows_take_the_callers_names():
    explanation = BOOK.on(dt.date(2026, 1, 1)).explain({"place": "0101"}, ("weight",))
    assert rules.as_rows(explanation, {"navn": "name", "verdi": "value"}) == [
        {"navn": "weight", "verdi": 1.0}
    ]


def test_targets_keep_to_their_group():
    policy = BOOK.on(dt.date(2026, 1, 1))
    assert "lonely" not in policy.targets()
    assert policy.targets("other") == ("lonely",)


@pytest.mark.parametrize(
    ("inputs", "code", "where"),
    [
        ({}, "missing", "place"),
        ({"place": "0101", "ret": 1}, "unknown_key", "ret"),
        ({"place": "0909"}, "unknown_code", "place"),
        ({"place": 101}, "wrong_type", "place"),
        ({"place": "0101", "pay": -1}, "too_low", "pay"),
        ({"place": "0101", "pay": 1e9}, "too_high", "pay"),
        ({"place": "0101", "pay": float("inf")}, "not_finite", "pay"),
        ({"place": "0101", "pay": "12"}, "wrong_type", "pay"),
        ({"place": "0101", "people": 1.5}, "wrong_type", "people"),
        ({"place": "0101", "frail": 1}, "wrong_type", "frail"),
        ({"place": "0101", "tenure": "rents"}, "unknown_code", "tenure"),
        ({"place": "0101", "extra": [1, float("nan")]}, "not_finite", "extra[1]"),
        ({"place": "0101", "extra": 4}, "wrong_type", "extra"),
    ],
)
def test_faults_say_code_and_place_and_remedy(inputs, code, where):
    (fault,) = BOOK.on(dt.date(2026, 1, 1)).faults(inputs)
    assert (fault.code, fault.where) == (code, where)
    assert fault.remedy


def test_calculation_refuses_unknown_and_missing_names():
    policy = BOOK.on(dt.date(2026, 1, 1))
    for wrong in (
        {"place": "0101", "ret": 1},
        {},
        {"place": "0909"},
        {"place": "0101", "ret": None},
    ):
        with pytest.raises(rules.InputError):
            policy.compute(wrong)
    with pytest.raises(rules.InputError):
        policy.vector({"place": np.array([101, 909])})
    with pytest.raises(rules.InputError):
        policy.vector({"place": np.array([101, 202]), "rent": np.array([1.0])})


def test_column_faults_say_the_row():
    policy = BOOK.on(dt.date(2026, 1, 1))
    wrong = {"pay": np.array([1.0, 2.0, np.nan]), "people": np.array([1, 0, 1])}
    assert [fault.row for fault in policy.column_faults(wrong)] == [2, 1]


def test_solves_for_the_highest_value_that_still_holds():
    policy = BOOK.on(dt.date(2026, 1, 1))
    house = {"place": "0303", "rent": 3000.0}
    limit = policy.solve(house, holds="granted", unknown="pay", high=100_000)
    assert policy.compute(house | {"pay": float(limit)}).values["granted"]
    assert not policy.compute(house | {"pay": float(limit + 1)}).values["granted"]
    assert policy.solve({"place": "0303"}, holds="granted", unknown="pay", high=10) is None


def test_refuses_to_solve_what_does_not_fall():
    policy = BOOK.on(dt.date(2026, 1, 1))
    with pytest.raises(rules.NotMonotone):
        policy.solve({"place": "0303"}, holds="granted", unknown="rent", high=10)
