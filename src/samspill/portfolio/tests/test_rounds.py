"""Priority rounds: frames and deadline, entering, the suggestion with its proof, and decisions with reasons."""

from __future__ import annotations

import datetime as dt
import threading
from uuid import UUID

import pytest
from django.db import connection

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.models import Choice, Round
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    MINISTRY,
    OTHER_OWNER,
    OWNER,
    SECRETARIAT,
    a_candidate,
    an_assessment,
    brought_to,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 2)
DEADLINE = dt.date(2027, 1, 15)
FRAMES = [
    {"payer": "state", "year": 2028, "plan_nok": 10e6, "commitment_nok": 13e6},
    {"payer": "state", "year": 2029, "plan_nok": 6e6},
    {"payer": "municipal", "year": 2028, "plan_nok": 9e6},
]


@pytest.fixture(autouse=True)
def _a_day():
    with clock.frozen(DAY):
        yield


def refused(act) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        act()
    return error.value


def a_round(**changes) -> service.RoundView:
    values = {
        "budget_year": 2028,
        "deadline": DEADLINE,
        "budgets": FRAMES,
        "load_limits": [{"size_class": "<2000", "year": 2028, "hours": 100}],
        **changes,
    }
    return service.open_round(MINISTRY, **values)


def an_entry(
    running, title: str, value: float = 10e6, state: float = 5e6, **links
) -> service.InitiativeView:
    made = brought_to("assessed", title=title, **links)
    body = an_assessment(candidate=a_candidate(value=value, state=state))
    service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
    service.make_statement(
        KS_COORDINATOR, initiative_id=made.id, position="agree", text=f"Good: {title}."
    )
    service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
    return service.get(made.id, actor=OWNER)


def decided(running, chosen, **more) -> service.RoundView:
    with clock.frozen(DEADLINE + dt.timedelta(days=1)):
        return service.decide(MINISTRY, round_id=running.id, chosen=chosen, **more)


def as_suggested(made: dict) -> dict[UUID, int]:
    return {UUID(one): start for one, start in made["starts"].items()}


class TestOpening:
    def test_only_the_ministry_opens_and_the_same_again_is_the_same(self) -> None:
        assert (
            refused(
                lambda: service.open_round(
                    OWNER, budget_year=2028, deadline=DEADLINE, budgets=FRAMES
                )
            ).refused.code
            == "role_needed"
        )
        assert a_round().id == a_round().id
        assert refused(lambda: a_round(deadline=dt.date(2027, 1, 10))).refused.code == "round_open"

    @pytest.mark.parametrize(
        ("changes", "code", "where"),
        [
            ({"deadline": dt.date(2027, 1, 25)}, "late_deadline", "deadline"),
            ({"deadline": dt.date(2026, 11, 1)}, "past_deadline", "deadline"),
            ({"budgets": []}, "no_budgets", "budgets"),
            (
                {"budgets": [{"payer": "king", "year": 2028, "plan_nok": 1}]},
                "bad_frame",
                "budgets[0].payer",
            ),
            (
                {"budgets": [{"payer": "state", "year": 2028, "plan_nok": float("nan")}]},
                "bad_frame",
                "budgets[0].plan_nok",
            ),
            ({"budgets": [FRAMES[1], FRAMES[1]]}, "frame_twice", "budgets"),
            (
                {"load_limits": [{"size_class": "tiny", "year": 2028, "hours": 1}]},
                "bad_frame",
                "load_limits[0].size_class",
            ),
        ],
    )
    def test_frames_and_deadline_are_checked(self, changes, code, where) -> None:
        error = refused(lambda: a_round(**changes)).refused
        assert (error.code, error.where) == (code, where)
        assert Round.objects.count() == 0


class TestEntering:
    def test_an_assessed_initiative_is_entered_and_becomes_prioritised(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        again = service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
        assert made.state == "prioritised"
        assert [(c.initiative.title, c.starts) for c in again.candidates] == [("A", [2028, 2029])]

    def test_who_may_not_and_when_not(self) -> None:
        running = a_round()
        made = brought_to("involved")
        enter = lambda actor: service.enter_round(  # noqa: E731
            actor, round_id=running.id, initiative_id=made.id
        )
        assert refused(lambda: enter(KS_COORDINATOR)).refused.code == "role_needed"
        assert refused(lambda: enter(OTHER_OWNER)).refused.code == "not_owner"
        assert refused(lambda: enter(OWNER)).refused.code == "wrong_state"
        with clock.frozen(DEADLINE + dt.timedelta(days=1)):
            assert refused(lambda: enter(OWNER)).refused.code == "round_closed"

    def test_an_expired_assumption_set_is_named(self) -> None:
        running = a_round()
        made = brought_to("assessed")
        body = an_assessment(assumptions_valid_to="2026-10-31")
        service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
        error = refused(
            lambda: service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
        )
        assert isinstance(error, service.MissingError)
        assert [(one.code, one.values["set"]) for one in error.missing] == [
            ("assumptions_expired", "2026-1")
        ]
        assert service.get_round(running.id, actor=OWNER).candidates == []

    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"value_nok": {}}, "candidate.value_nok"),
            ({"value_nok": {"2028": float("inf")}}, "candidate.value_nok.2028"),
            ({"plan": {"state": [-1]}}, "candidate.plan.state[0]"),
            ({"hours": {"tiny": [1]}}, "candidate.hours.tiny"),
            ({"draws": {"2028": [1.0]}}, "candidate.draws"),
            ({"colour": 1}, "candidate.colour"),
        ],
    )
    def test_figures_that_cannot_be_used_name_their_place(self, changes, where) -> None:
        from samspill.portfolio.domain.entering import read_figures

        assert refused(lambda: read_figures(a_candidate(**changes))).refused.where == where

    def test_withdrawn_it_is_deferred_with_a_reason_and_can_come_again(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        out = lambda reason: service.withdraw_from_round(  # noqa: E731
            OWNER, round_id=running.id, initiative_id=made.id, reason=reason
        )
        assert refused(lambda: out(" ")).refused.code == "reason_needed"
        assert out("Not ready.").candidates[0].withdrawn_at is not None
        assert refused(lambda: out("Again.")).refused.code == "not_entered"
        assert service.get(made.id, actor=OWNER).state == "deferred"
        service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
        assert service.get(made.id, actor=OWNER).state == "prioritised"

    def test_ks_recommends_in_the_round(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        say = lambda actor: service.recommend(  # noqa: E731
            actor, round_id=running.id, initiative_id=made.id, position="agree", text="First."
        )
        assert say(KS_COORDINATOR).candidates[0].recommendation == "agree"
        assert refused(lambda: say(MINISTRY)).refused.code == "role_needed"


class TestSuggestion:
    def test_the_best_choice_within_the_frames_with_its_proof_and_greedy_beside(self) -> None:
        running = a_round()
        best, worst = an_entry(running, "A", value=12e6), an_entry(running, "C", value=1e6)
        middle = an_entry(running, "B", value=9e6)
        made = service.suggest(MINISTRY, round_id=running.id)
        assert set(made["starts"]) == {str(best.id), str(middle.id)}
        assert made["gap"] == 0
        assert made["greedy_value"] <= made["value"] <= made["bound"]
        need = made["needs"][str(worst.id)]
        assert need["method"] == "exact"
        assert need["value"] > 0
        assert need["frames"] == {
            "plan state 2028": 5e6,
            "commitment state 2028": 6.5e6,
            "hours <2000 2028": 20.0,
        }
        assert made["chosen_share"]["solved"] == 5
        assert 0 <= made["chosen_share"]["share"][str(worst.id)] <= 1
        assert made["front"]["points"][0]["totals"]["kroner"] == pytest.approx(made["value"])
        again = service.suggest(SECRETARIAT, round_id=running.id)
        assert {k: v for k, v in again.items() if k != "at"} == {
            k: v for k, v in made.items() if k != "at"
        }

    def test_what_requires_something_out_of_reach_is_barred_and_says_why(self) -> None:
        running = a_round()
        outside = brought_to("assessed", title="Utenfor")
        made = an_entry(running, "A", requires=[outside.id])
        an_entry(running, "B")
        found = service.suggest(MINISTRY, round_id=running.id)
        assert found["barred"] == {
            str(made.id): {
                "code": "requires_out",
                "other": "Utenfor",
                "other_in": {"nb": "Utenfor"},
            }
        }
        assert str(made.id) not in found["starts"]

    def test_what_is_mandatory_is_in_and_others_suggest_nothing(self) -> None:
        running = a_round()
        for name, value in (("A", 12e6), ("B", 9e6)):
            an_entry(running, name, value=value)
        poor = an_entry(running, "C", value=1e6)
        service.set_mandatory(MINISTRY, round_id=running.id, initiative_id=poor.id, mandatory=True)
        assert str(poor.id) in service.suggest(MINISTRY, round_id=running.id)["starts"]
        assert (
            refused(lambda: service.suggest(OWNER, round_id=running.id)).refused.code
            == "role_needed"
        )

    def test_an_empty_round_has_no_suggestion(self) -> None:
        running = a_round()
        assert (
            refused(lambda: service.suggest(MINISTRY, round_id=running.id)).refused.code
            == "no_candidates"
        )


class TestDecision:
    def test_as_suggested_it_needs_no_reason_and_the_rest_is_deferred(self) -> None:
        running = a_round()
        made = [
            an_entry(running, name, value=v) for name, v in (("A", 12e6), ("B", 9e6), ("C", 1e6))
        ]
        starts = as_suggested(service.suggest(MINISTRY, round_id=running.id))
        done = decided(running, starts)
        assert decided(running, starts).decided_at == done.decided_at
        states = {one.title: service.get(one.id, actor=OWNER).state for one in made}
        assert states == {"A": "decided", "B": "decided", "C": "deferred"}
        assert Choice.objects.count() == 3

    def test_departing_needs_a_reason_for_each_and_all_are_listed(self) -> None:
        running = a_round()
        made = [
            an_entry(running, name, value=v) for name, v in (("A", 12e6), ("B", 9e6), ("C", 1e6))
        ]
        service.suggest(MINISTRY, round_id=running.id)
        other = {made[0].id: 2028, made[2].id: 2028}
        error = refused(lambda: decided(running, other))
        assert isinstance(error, service.MissingError)
        assert {(one.code, one.about) for one in error.missing} == {
            ("reason_missing", "B"),
            ("reason_missing", "C"),
        }
        reasons = {made[1].id: "Wait for the law.", made[2].id: "The smallest gain most."}
        decided(running, other, reasons=reasons)
        service.publish(OWNER, initiative_id=made[2].id)
        choice = service.story(made[2].slug).choices[0]
        assert (choice.departs, choice.reason, choice.by) == (
            True,
            "The smallest gain most.",
            "DFD",
        )

    def test_without_ks_statement_or_with_an_expired_assumption_set_it_is_refused_by_name(
        self,
    ) -> None:
        running = a_round()
        made = brought_to("assessed", title="A")
        body = an_assessment(assumptions_valid_to="2027-01-10", candidate=a_candidate())
        service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
        service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
        starts = as_suggested(service.suggest(MINISTRY, round_id=running.id))
        error = refused(lambda: decided(running, starts))
        assert isinstance(error, service.MissingError)
        assert [one.code for one in error.missing] == [
            "ks_statement_missing",
            "assumptions_expired",
        ]
        assert service.get(made.id, actor=OWNER).state == "prioritised"

    def test_without_figures_for_each_municipality_it_is_refused_by_name(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        starts = as_suggested(service.suggest(MINISTRY, round_id=running.id))
        service.deposit(
            OWNER,
            initiative_id=made.id,
            kind="assessment",
            body=an_assessment(municipalities=0),
        )
        error = refused(lambda: decided(running, starts))
        assert isinstance(error, service.MissingError)
        assert [one.code for one in error.missing] == ["figures_missing"]

    def test_not_before_the_deadline_not_without_a_suggestion_not_on_an_old_one(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        early = lambda: service.decide(  # noqa: E731
            MINISTRY, round_id=running.id, chosen={made.id: 2028}
        )
        assert refused(early).refused.code == "still_open"
        assert refused(lambda: decided(running, {made.id: 2028})).refused.code == "no_suggestion"
        service.suggest(MINISTRY, round_id=running.id)
        an_entry(running, "B")
        assert refused(lambda: decided(running, {made.id: 2028})).refused.code == "suggestion_stale"

    def test_beyond_the_frames_needs_a_reason_for_the_whole(self) -> None:
        running = a_round()
        made = [
            an_entry(running, name, value=v) for name, v in (("A", 12e6), ("B", 9e6), ("C", 1e6))
        ]
        service.suggest(MINISTRY, round_id=running.id)
        everything = {one.id: 2028 for one in made}
        reasons = {made[2].id: "All of them."}
        error = refused(lambda: decided(running, everything, reasons=reasons))
        assert error.refused.code == "beyond_frames"
        assert "plan state 2028" in error.refused.values["frames"]
        done = decided(running, everything, reasons=reasons, reason="New money in revised budget.")
        assert done.decision_reason == "New money in revised budget."

    def test_a_choice_that_breaks_a_requirement_is_refused_whatever_the_reason(self) -> None:
        running = a_round()
        base = an_entry(running, "Grunnmur", value=2e6)
        house = an_entry(running, "Hus", value=9e6, requires=[base.id])
        service.suggest(MINISTRY, round_id=running.id)
        reasons = {base.id: "No.", house.id: "Yes."}
        error = refused(lambda: decided(running, {house.id: 2028}, reasons=reasons))
        assert error.refused.code == "requirement_unchosen"

    def test_the_public_register_is_read_while_a_round_is_open_and_locked(self) -> None:
        running = a_round()
        made = an_entry(running, "A")
        service.publish(OWNER, initiative_id=made.id)
        Round.objects.select_for_update().get(id=running.id)
        assert [one.title for one in service.list_initiatives().items] == ["A"]
        assert service.story(made.slug).initiative.state == "prioritised"

    def test_only_those_who_decide_together_see_a_round(self) -> None:
        running = a_round()
        assert service.get_round(running.id, actor=KS_COORDINATOR).budget_year == 2028
        from samspill.kernel.actor import ANONYMOUS

        assert (
            refused(lambda: service.get_round(running.id, actor=ANONYMOUS)).refused.code
            == "role_needed"
        )
        assert (
            refused(lambda: service.decide(OWNER, round_id=running.id, chosen={})).refused.code
            == "role_needed"
        )


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_make_one() -> None:
    running = a_round()
    made = an_entry(running, "A")
    starts = as_suggested(service.suggest(MINISTRY, round_id=running.id))
    outcomes: list[str] = []

    def act() -> None:
        try:
            outcomes.append(decided(running, starts).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["decided", "decided"]
    assert Choice.objects.count() == 1
    with clock.frozen(DAY):
        assert service.get(made.id, actor=OWNER).state == "decided"
