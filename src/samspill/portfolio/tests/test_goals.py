"""What a round asks for: one goal in its own unit, several weighed in points, recorded with the round and shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import entering, goals
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    MINISTRY,
    OWNER,
    a_candidate,
    an_assessment,
    brought_to,
)
from samspill.portfolio.tests.test_rounds import DAY, DEADLINE, FRAMES, a_round
from samspill.portfolio.tests.web import a_browser, text_of


def figures(nok: float, hours: float, citizens: float = 0.0, smallest: float = 0.0):
    given_goals = {"hours_freed": hours, "citizen_hours": citizens, "gain_smallest_nok": smallest}
    return entering.read_figures(a_candidate(value=nok, goals=given_goals))


@st.composite
def weighings(draw):
    parts = draw(st.lists(st.integers(0, 10), min_size=4, max_size=4).filter(any))
    whole = math.fsum(parts)
    return {name: 100 * part / whole for name, part in zip(goals.ALL, parts, strict=True)}


AMOUNTS = st.integers(0, 10**7).map(float)


@given(
    weights=weighings(),
    rows=st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=6),
)
def test_all_candidates_together_are_at_most_a_hundred_points(weights, rows) -> None:
    every = {str(n): figures(*row) for n, row in enumerate(rows)}
    read = goals.read(weights)
    if goals.unit_of(read) != goals.POINTS:
        return
    asked = goals.objective(read, every)
    whole = sum(max(asked.value(one).values()) for one in every.values())
    given_of = sum(
        weight
        for name, weight in read.items()
        if any(goals.amount_of(one, name) > 0 for one in every.values())
    )
    assert whole == pytest.approx(given_of, rel=1e-5, abs=1e-9)


@given(nok=AMOUNTS, hours=AMOUNTS)
def test_kroner_alone_are_kroner_and_hours_alone_are_hours(nok, hours) -> None:
    every = {"a": figures(nok, hours), "b": figures(1e6, 100.0)}
    in_kroner = goals.objective(goals.read(None), every).value(every["a"])
    in_hours = goals.objective(goals.read({"hours_freed": 100}), every).value(every["a"])
    assert in_kroner == every["a"].value
    assert in_hours[2028] == pytest.approx(hours, abs=1e-6 * (hours + 100.0))


@pytest.mark.parametrize(
    ("weights", "where"),
    [
        ({"kroner": 50}, "objective"),
        ({"kroner": 150, "hours_freed": -50}, "objective.hours_freed"),
        ({"happiness": 100}, "objective.happiness"),
        ({"kroner": float("nan")}, "objective.kroner"),
        ({"kroner": True}, "objective.kroner"),
        ([100], "objective"),
    ],
)
def test_weights_that_are_not_per_cent_of_a_whole_are_refused_with_the_place(
    weights, where
) -> None:
    with pytest.raises(RefusedError) as error:
        goals.read(weights)
    assert (error.value.refused.code, error.value.refused.where) == ("bad_objective", where)


def entered(running, title: str, nok: float, hours: float) -> service.InitiativeView:
    """Enter an initiative of which only one fits the frames."""
    made = brought_to("assessed", title=title)
    candidate = a_candidate(value=nok, state=9e6, goals={"hours_freed": hours})
    body = an_assessment(candidate=candidate)
    service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
    service.make_statement(KS_COORDINATOR, initiative_id=made.id, position="agree", text="Good.")
    service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
    return made


@pytest.mark.django_db
class TestRound:
    @pytest.fixture(autouse=True)
    def _a_day(self):
        with clock.frozen(DAY):
            yield

    @pytest.mark.parametrize(
        ("objective", "wins", "unit"),
        [
            (None, "rich", "NOK"),
            ({"hours_freed": 100}, "busy", "hours"),
            ({"kroner": 90, "hours_freed": 10}, "rich", "points"),
            ({"kroner": 10, "hours_freed": 90}, "busy", "points"),
        ],
    )
    def test_the_suggestion_is_the_best_of_what_the_round_asks_for_and_says_so(
        self, objective, wins, unit
    ) -> None:
        limits = [{"size_class": "<2000", "year": 2028, "hours": 50}]
        frames = [row for row in FRAMES if row["year"] == 2028]
        frames.append({"payer": "state", "year": 2029, "plan_nok": 2e6})
        running = a_round(objective=objective, budgets=frames, load_limits=limits)
        made = {"rich": entered(running, "Rich", 9e6, 100.0)}
        made["busy"] = entered(running, "Busy", 5e6, 4000.0)
        found = service.suggest(MINISTRY, round_id=running.id, seconds=1.0)
        assert set(found["starts"]) == {str(made[wins].id)}
        assert found["unit"] == unit
        assert found["objective"] == service.get_round(running.id, actor=OWNER).objective
        assert found["totals"]["hours_freed"] == (4000.0 if wins == "busy" else 100.0)
        assert found["front"]["points"][0]["totals"]["kroner"] == 9e6, "the front is in kroner"

    def test_what_it_asks_for_is_part_of_the_round_and_cannot_be_another(self) -> None:
        first = a_round(objective={"hours_freed": 100})
        assert a_round(objective={"hours_freed": 100}).id == first.id
        with pytest.raises(RefusedError) as error:
            a_round(objective={"kroner": 100})
        assert error.value.refused.code == "round_open"

    def test_the_ministry_weighs_on_the_page_and_everybody_reads_it(self) -> None:
        browser = a_browser(MINISTRY, "en")
        posted = {
            "budget_year": "2028", "deadline": DEADLINE.isoformat(), "plan-state-2028": "10",
            "goal-kroner": "60", "goal-hours_freed": "30", "goal-citizen_hours": "", "goal-gain_smallest_nok": "10",
        }  # fmt: skip
        wrong = browser.post("/samstyring/runder/ny/", {**posted, "goal-kroner": "70"})
        assert wrong.status_code == 422
        assert "must be per cent that come to 100" in text_of(wrong)
        assert browser.post("/samstyring/runder/ny/", posted).status_code == 302
        (running,) = service.list_rounds(actor=OWNER)
        text = text_of(a_browser(OWNER, "en").get(f"/samstyring/runder/{running.id}/"))
        said = "Kroner: net present value (60 %), Hours freed in municipalities (30 %), Gain to the"
        assert said in text.replace("\xa0", " ").replace("%)", " %)").replace("  %", " %")
