"""With answers missing: nothing that can matter is left out, and the bounds hold and are reached."""

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.rules.tests.toy import a_book

BOOK = a_book()
POLICIES = [BOOK.on(dt.date(2022, 6, 1)), BOOK.on(dt.date(2026, 1, 1))]
TRIES = {
    "place": ["0101", "0202", "0303"],
    "people": [1, 2, 3, 7],
    "pay": [0.0, 9_000.0, 12_345.6, 40_000.0],
    "extra": [[], [50.0], [5_000.0, 20_000.0]],
    "tenure": ["rent", "own"],
    "rent": [0.0, 3_000.0, 30_000.0],
    "loan": [0.0, 2_500.0, 30_000.0],
    "frail": [False, True],
}
full = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in TRIES.items()})


@pytest.mark.parametrize("era", [0, 1], ids=["stairs", "line"])
@settings(max_examples=80, deadline=None)
@given(full, st.sets(st.sampled_from(sorted(TRIES)), min_size=1, max_size=3))
def test_lists_what_can_change_and_bounds_what_can_come(era, house, hidden):
    policy = POLICIES[era]
    known = {name: value for name, value in house.items() if name not in hidden}
    missing = policy.missing(known, "support")
    assert set(missing.unanswered) <= hidden
    outcomes = {}
    for values in itertools.product(*(TRIES[name] for name in sorted(hidden))):
        chosen = dict(zip(sorted(hidden), values, strict=True))
        outcomes[tuple(map(str, values))] = policy.compute(known | chosen, ("support",)).values[
            "support"
        ]
    for place, name in enumerate(sorted(hidden)):
        others = {}
        for values, outcome in outcomes.items():
            others.setdefault(values[:place] + values[place + 1 :], set()).add(outcome)
        if any(len(different) > 1 for different in others.values()):
            assert name in missing.unanswered
    if missing.interval is not None:
        low, high = missing.interval
        assert low <= min(outcomes.values())
        assert max(outcomes.values()) <= high


def test_gives_the_answer_when_nothing_can_change_it():
    policy = POLICIES[1]
    missing = policy.missing(
        {"place": "0303", "people": 1, "pay": 0.0, "extra": [], "tenure": "rent", "rent": 3000.0,
         "frail": False},
        "support",
    )  # fmt: skip
    assert missing.unanswered == ()  # a tenant's loan does not matter
    assert missing.interval == (3000.0, 3000.0)


def test_bounds_are_reached_where_the_rules_go_one_way():
    policy = POLICIES[1]
    known = {"place": "0303", "people": 1, "extra": [], "tenure": "rent", "frail": False}
    missing = policy.missing(known | {"rent": 3000.0}, "support")
    assert missing.unanswered == ("pay",)
    assert missing.interval == (0.0, 3000.0)


def test_capped_costs_no_longer_depend_on_the_rent():
    policy = POLICIES[1]
    known = {"place": "0303", "people": 1, "extra": [], "tenure": "own", "loan": 90_000.0}
    missing = policy.missing(known | {"pay": 0.0}, "support")
    assert "rent" not in missing.unanswered
    assert missing.unanswered == ("frail",)
    assert missing.interval == (6000.0, 6330.0)


def test_compute_leaves_out_what_an_unanswered_input_decides():
    result = POLICIES[1].compute({"place": "0303", "rent": None, "pay": 10.0})
    assert result.unknown == ("rent",)
    assert "support" not in result.values
    assert result.values["income"] == 10.0


def test_a_code_has_no_interval():
    missing = POLICIES[1].missing({"place": "0303"}, "code")
    assert missing.interval is None
    assert "rent" in missing.unanswered
