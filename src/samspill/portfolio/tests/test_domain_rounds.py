"""Rounds with start years, the efficient front, and how often each initiative is chosen."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from samspill.kernel.outcome import RefusedError
from samspill.portfolio.domain.front import CITIZENS, HOURS, KRONER, chosen_share, front
from samspill.portfolio.domain.rounds import Candidate, Limit, columns_by_id, model_of, suggest

YEARS = (2028, 2029)


def a_round(**changes):
    bostotte = Candidate(
        id="bostotte",
        value={2028: 50.0, 2029: 40.0},
        plan={"state": (10.0, 4.0)},
        commitment={"state": (14.0, 5.0)},
        hours={"small": (100.0,)},
    )
    mandates = Candidate(id="mandates", value={2028: 5.0, 2029: 4.0}, plan={"state": (6.0, 1.0)})
    startlan = Candidate(
        id="startlan",
        value={2028: 30.0, 2029: 28.0},
        plan={"state": (9.0, 2.0)},
        hours={"small": (60.0,)},
        requires=("mandates",),
    )
    candidates = {"bostotte": bostotte, "mandates": mandates, "startlan": startlan} | changes
    return list(candidates.values())


LIMITS = [
    Limit("plan", "state", 2028, 16.0),
    Limit("plan", "state", 2029, 16.0),
    Limit("commitment", "state", 2028, 20.0),
    Limit("commitment", "state", 2029, 20.0),
    Limit("hours", "small", 2028, 120.0),
    Limit("hours", "small", 2029, 120.0),
]


def test_spreads_starts_over_the_years_within_plan_commitment_and_hours():
    said = suggest(a_round(), LIMITS)
    assert said.starts == {"bostotte": 2028, "mandates": 2028, "startlan": 2029}
    assert said.value == 83
    assert said.gap == 0
    assert said.used["commitment state 2028"] == 20
    assert said.greedy_value <= said.value


def test_a_commitment_is_bound_by_p85_where_the_plan_would_allow():
    tight = [
        Limit(x.kind, x.who, x.year, 13.0 if x.kind == "commitment" else x.amount) for x in LIMITS
    ]
    said = suggest(a_round(), tight)
    assert "bostotte" not in said.starts
    assert said.needs["bostotte"] is None


def test_what_is_required_starts_no_later():
    late = Candidate(id="mandates", value={2029: 5.0}, plan={"state": (6.0,)})
    said = suggest(a_round(mandates=late), LIMITS)
    assert said.starts.get("startlan", 2029) == 2029


def test_what_is_mandatory_is_in_the_choice_by_hand_too_also_when_it_costs():
    dear = Candidate(
        id="bostotte", value={2028: -20.0, 2029: -19.0}, plan={"state": (10.0,)}, mandatory=True
    )
    said = suggest(a_round(bostotte=dear), LIMITS)
    assert said.starts["bostotte"] == 2029
    assert -19.0 < said.greedy_value <= said.value


def test_the_one_left_out_is_told_what_it_lacks():
    rival = Candidate(
        id="rival", value={2028: 20.0}, plan={"state": (16.0,)}, excludes=("mandates",)
    )
    said = suggest([*a_round(), rival], LIMITS)
    assert "rival" not in said.starts
    assert said.needs["rival"] >= 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"x": Candidate(id="bostotte", value={2028: 1.0}, plan={})}, "same_id_twice"),
        ({"x": Candidate(id="x", value={2028: 1.0}, plan={}, requires=("z",))}, "unknown_id"),
        ({"x": Candidate(id="x", value={2028: float("nan")}, plan={})}, "bad_amount"),
        ({"x": Candidate(id="x", value={2028: 1.0}, plan={"state": (-1.0,)})}, "bad_amount"),
        ({"x": Candidate(id="x", value={2028: 1.0}, plan={}, requires=("x",))}, "requires_circle"),
        (
            {"x": Candidate(id="x", value={2028: 1.0}, plan={"state": (99.0,)}, mandatory=True)},
            "no_choice_found",
        ),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_its_place(changes, code):
    with pytest.raises(RefusedError) as caught:
        suggest(a_round(**changes), LIMITS)
    assert caught.value.refused.code == code
    assert caught.value.refused.where
    assert caught.value.refused.remedy


@st.composite
def rounds(draw):
    cost = st.integers(0, 9).map(float)
    found = []
    for n in range(draw(st.integers(1, 4))):
        earlier = [one.id for one in found]
        found.append(
            Candidate(
                id=f"c{n}",
                value={year: float(draw(st.integers(1, 20))) for year in YEARS},
                plan={"state": (draw(cost), draw(cost))},
                hours={"small": (draw(cost),)},
                requires=tuple(draw(st.lists(st.sampled_from(earlier), max_size=1)))
                if earlier
                else (),
            )
        )
    limits = [
        Limit(k, w, y, float(draw(st.integers(0, 25))))
        for k, w in (("plan", "state"), ("hours", "small"))
        for y in YEARS
    ]
    return found, limits


def allowed(candidates, limits, starts):
    of = {one.id: start for one, start in zip(candidates, starts, strict=True) if start}
    for one in candidates:
        if one.id in of and any(of.get(r, 9999) > of[one.id] for r in one.requires):
            return False
    for limit in limits:
        used = 0.0
        for one in candidates:
            series = (one.plan if limit.kind == "plan" else one.hours)[limit.who]
            since = limit.year - of.get(one.id, 9999)
            used += series[since] if 0 <= since < len(series) else 0.0
        if used > limit.amount:
            return False
    return True


@given(rounds())
@settings(max_examples=25, deadline=None)
def test_a_round_is_as_good_as_trying_every_start(given_round):
    candidates, limits = given_round
    best = max(
        sum(one.value[s] for one, s in zip(candidates, starts, strict=True) if s)
        for starts in itertools.product((None, *YEARS), repeat=len(candidates))
        if allowed(candidates, limits, starts)
    )
    said = suggest(candidates, limits)
    assert said.value == pytest.approx(best)
    assert allowed(candidates, limits, [said.starts.get(one.id) for one in candidates])


def some_model():
    chance = np.random.default_rng(3)
    candidates = [
        Candidate(
            id=f"c{n}",
            value={2028: float(chance.integers(1, 30))},
            plan={"state": (float(chance.integers(1, 9)),)},
        )
        for n in range(14)
    ]
    return candidates, model_of(candidates, [Limit("plan", "state", 2028, 30.0)]).model, chance


def test_no_portfolio_of_the_front_beats_another():
    _, model, chance = some_model()
    measures = {
        HOURS: chance.integers(0, 50, 14).astype(float),
        CITIZENS: chance.integers(0, 50, 14).astype(float),
    }
    drawn = front(model, measures, steps=3, time_limit_s=20)
    assert drawn.whole
    assert len(drawn.points) > 2
    for a, b in itertools.permutations(drawn.points, 2):
        assert any(a.totals[key] < b.totals[key] - 1e-9 for key in a.totals)
    kroner = [point.totals[KRONER] for point in drawn.points]
    assert kroner == sorted(kroner, reverse=True)
    assert all(model.allows(point.chosen) for point in drawn.points)
    assert max(p.totals[HOURS] for p in drawn.points) > drawn.points[0].totals[HOURS]
    assert drawn.as_json([f"c{n}" for n in range(14)])["points"][0]["totals"][KRONER] == kroner[0]


def test_what_is_best_in_every_draw_is_chosen_in_every_draw():
    _, model, chance = some_model()
    draws = model.value * chance.lognormal(0, 0.4, (12, model.size))
    draws[:, 5] = 1000.0
    share = chosen_share(model, draws, time_limit_s=20)
    assert (share.solved, share.asked) == (12, 12)
    assert share.share[5] == 1
    assert ((share.share >= 0) & (share.share <= 1)).all()
    assert 0 < share.share.sum() < model.size


def test_columns_are_found_by_candidate():
    candidates = a_round()
    planned = model_of(candidates, LIMITS)
    by_id = columns_by_id(candidates, planned)
    assert by_id["startlan"].tolist() == [4, 5]
