"""The way of an initiative: relevance by two sides, involvement and its trace, dissent, guards, windows."""

from __future__ import annotations

import datetime as dt
import threading
from uuid import uuid4

import pytest
from django.db import connection

from samspill.infra import clock
from samspill.infra.events import story as events_of
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.portfolio import service
from samspill.portfolio.models import Transition
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    MINISTRY,
    OTHER_OWNER,
    OWNER,
    SECRETARIAT,
    an_assessment,
    answers,
    brought_to,
    lead,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _a_day():
    with clock.frozen(DAY):
        yield


def refused(act) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        act()
    return error.value


def codes(error: RefusedError) -> list[str]:
    assert isinstance(error, service.MissingError)
    return [one.code for one in error.missing]


def sign(actor, made, verdict="material", *yes, **more) -> service.InitiativeView:
    return service.sign_relevance(
        actor, initiative_id=made.id, verdict=verdict, criteria=answers(*yes), **more
    )


class TestRelevance:
    def test_both_sides_sign_and_the_way_is_open(self) -> None:
        made = brought_to("relevance")
        assert sign(OWNER, made).relevance.state == "waiting"
        assert codes(
            refused(lambda: service.move(OWNER, initiative_id=made.id, to="involved"))
        ) == ["verdict_waits"]
        assert sign(KS_COORDINATOR, made).relevance.state == "agreed"
        assert service.move(OWNER, initiative_id=made.id, to="involved").state == "involved"

    def test_disagreement_is_a_state_of_its_own_and_the_stricter_verdict_holds(self) -> None:
        made = brought_to("relevance")
        sign(OWNER, made, "none")
        now = sign(KS_COORDINATOR, made, "material", "changes_work").relevance
        assert (now.state, now.verdict) == ("disagreement", "material")
        error = refused(lambda: service.move(OWNER, initiative_id=made.id, to="not_relevant"))
        assert codes(error) == ["is_relevant"]
        service.move(OWNER, initiative_id=made.id, to="involved")
        assert service.story(made.id, actor=OWNER).steps[-1].body["relevance"] == "disagreement"

    def test_silence_past_the_deadline_opens_the_way_and_is_shown_as_silence(self) -> None:
        made = brought_to("relevance")
        sign(OWNER, made)
        with clock.frozen(DAY + dt.timedelta(days=14)):
            assert service.get(made.id, actor=OWNER).relevance.state == "waiting"
        with clock.frozen(DAY + dt.timedelta(days=15)):
            assert service.get(made.id, actor=OWNER).relevance.state == "silence"
            moved = service.move(OWNER, initiative_id=made.id, to="involved")
        assert moved.state == "involved"
        assert service.story(made.id, actor=OWNER).steps[-1].body["relevance"] == "silence"

    def test_two_weeks_is_the_least(self) -> None:
        made = brought_to("relevance")
        soon = DAY + dt.timedelta(days=13)
        assert refused(lambda: sign(OWNER, made, answer_by=soon)).refused.code == "too_short_notice"

    def test_the_same_signature_again_is_one(self) -> None:
        made = brought_to("relevance")
        sign(OWNER, made)
        sign(OWNER, made)
        assert len(service.story(made.id, actor=OWNER).verdicts) == 1
        sign(OWNER, made, "minor")
        assert [v.verdict for v in service.story(made.id, actor=OWNER).verdicts] == [
            "material",
            "minor",
        ]

    def test_no_relevance_against_a_criterion_must_be_explained(self) -> None:
        made = brought_to("relevance")
        error = refused(lambda: sign(OWNER, made, "none", "changes_work"))
        assert error.refused.code == "verdict_unexplained"
        assert sign(OWNER, made, "none", "changes_work", remark="Only the state's own part.")

    def test_only_the_owner_and_ks_sign(self) -> None:
        made = brought_to("relevance")
        assert refused(lambda: sign(MINISTRY, made)).refused.code == "role_needed"
        assert refused(lambda: sign(OTHER_OWNER, made)).refused.code == "not_owner"

    def test_both_finding_none_ends_it_as_not_relevant_and_a_reason_opens_it_again(self) -> None:
        made = brought_to("relevance")
        sign(OWNER, made, "none")
        sign(KS_COORDINATOR, made, "none")
        assert codes(
            refused(lambda: service.move(OWNER, initiative_id=made.id, to="involved"))
        ) == ["not_relevant"]
        service.move(OWNER, initiative_id=made.id, to="not_relevant")
        error = refused(lambda: service.move(KS_COORDINATOR, initiative_id=made.id, to="relevance"))
        assert error.refused.code == "reason_needed"
        again = service.move(
            KS_COORDINATOR, initiative_id=made.id, to="relevance", reason="It has grown."
        )
        assert again.state == "relevance"


class TestInvolvement:
    def held(self, made, actor=OWNER, **changes):
        place = municipalities.current("1108")
        values = {
            "phase": "concept",
            "form": "workshop",
            "held_on": DAY,
            "raised": "Forms ask twice.",
            "municipality_ids": [place.id],
            **changes,
        }
        return service.involve(actor, initiative_id=made.id, **values)

    def test_what_was_raised_and_what_changed_stay_side_by_side(self) -> None:
        made = brought_to("involved")
        one = self.held(made)
        told = service.record_influence(
            OWNER, involvement_id=one.id, changed=True, text="The second question was taken out."
        )
        service.record_influence(
            OWNER, involvement_id=one.id, changed=True, text="The second question was taken out."
        )
        assert (told.raised, told.municipalities) == ("Forms ask twice.", ["Sandnes"])
        shown = service.story(made.id, actor=KS_COORDINATOR).involvements[0]
        assert [i.text for i in shown.influences] == ["The second question was taken out."]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"phase": "later"}, "unknown_choice"),
            ({"held_on": DAY + dt.timedelta(days=1)}, "future_day"),
            ({"raised": " "}, "words_needed"),
            ({"municipality_ids": []}, "nobody_involved"),
            ({"municipality_ids": [uuid4()]}, "unknown_municipality"),
        ],
    )
    def test_what_is_not_whole_is_refused(self, changes, code) -> None:
        made = brought_to("involved")
        assert refused(lambda: self.held(made, **changes)).refused.code == code

    def test_only_the_owner_tells_what_changed(self) -> None:
        made = brought_to("involved")
        one = self.held(made, KS_COORDINATOR)
        for actor, code in ((KS_COORDINATOR, "role_needed"), (OTHER_OWNER, "not_owner")):
            act = lambda a=actor: service.record_influence(  # noqa: E731
                a, involvement_id=one.id, changed=False, text="Nothing."
            )
            assert refused(act).refused.code == code

    def test_ks_appoints_and_the_whole_is_measured_against_the_country(self) -> None:
        made = brought_to("involved")
        ids = [municipalities.current(number).id for number in ("0301", "1108", "4601")]
        service.appoint(KS_COORDINATOR, initiative_id=made.id, municipality_ids=ids)
        now = service.representativeness(made.id, actor=OWNER)
        size = next(one for one in now.dimensions if one.name == "size")
        assert len(now.chosen) == 3
        assert {one.name for one in size.missing} >= {"<2000", "2000-4999"}
        assert size.is_skewed
        better = service.propose_sample(made.id, size=14, actor=KS_COORDINATOR)
        assert {str(one) for one in ids} <= {one.id for one in better.chosen}
        after = next(one for one in better.dimensions if one.name == "size")
        assert after.missing == ()
        assert after.distance < size.distance

    def test_appointing_again_ends_those_left_out(self) -> None:
        made = brought_to("involved")
        ids = [municipalities.current(number).id for number in ("0301", "1108")]
        service.appoint(KS_COORDINATOR, initiative_id=made.id, municipality_ids=ids)
        service.appoint(KS_COORDINATOR, initiative_id=made.id, municipality_ids=ids[1:])
        service.appoint(KS_COORDINATOR, initiative_id=made.id, municipality_ids=ids[1:])
        assert [name for _id, name in service.story(made.id, actor=OWNER).representatives] == [
            "Sandnes"
        ]
        told = [one for one in events_of(made.id) if one.type == "RepresentativesAppointed"]
        assert len(told) == 2
        assert (
            refused(
                lambda: service.appoint(OWNER, initiative_id=made.id, municipality_ids=ids)
            ).refused.code
            == "role_needed"
        )


class TestGuards:
    def test_without_figures_the_way_to_assessed_lists_what_is_missing(self) -> None:
        made = brought_to("involved")
        service.deposit(
            OWNER,
            initiative_id=made.id,
            kind="assessment",
            body=an_assessment(
                municipalities=0,
                consulted_on=None,
                lines_incomplete=[{"name": "Training", "lacks": ["driver", "grade"]}],
            ),
        )
        error = refused(lambda: service.move(OWNER, initiative_id=made.id, to="assessed"))
        assert codes(error) == ["figures_missing", "line_unfinished", "ks_not_asked"]
        assert all(one.url.startswith("/") and str(made.id) in one.url for one in error.missing)
        assert [one.code for one in service.missing_for(made.id, "assessed", actor=OWNER)] == codes(
            error
        )

    def test_ks_has_its_two_weeks_unless_it_has_spoken(self) -> None:
        made = brought_to("involved")
        body = an_assessment(consulted_on=DAY.isoformat())
        service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
        error = refused(lambda: service.move(OWNER, initiative_id=made.id, to="assessed"))
        assert (codes(error), error.missing[0].until) == (
            ["ks_has_time"],
            DAY + dt.timedelta(days=14),
        )
        service.make_statement(
            KS_COORDINATOR, initiative_id=made.id, position="agree", text="Good figures."
        )
        assert service.move(OWNER, initiative_id=made.id, to="assessed").state == "assessed"

    def test_figures_of_an_earlier_version_do_not_count(self) -> None:
        made = brought_to("involved")
        service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=an_assessment())
        service.edit(OWNER, initiative_id=made.id, values={"summary": "Something else."})
        error = refused(lambda: service.move(OWNER, initiative_id=made.id, to="assessed"))
        assert codes(error) == ["figures_missing"]
        assert "earlier version" in error.missing[0].text

    def test_outside_a_round_the_way_to_priority_names_the_closed_window(self) -> None:
        made = brought_to("assessed")
        error = refused(lambda: service.move(OWNER, initiative_id=made.id, to="prioritised"))
        assert codes(error) == ["window_closed"]

    def test_a_step_that_is_not_there_and_a_role_that_may_not(self) -> None:
        made = brought_to("relevance")
        for actor, to, code in (
            (OWNER, "decided", "no_such_step"),
            (KS_COORDINATOR, "involved", "role_needed"),
            (OTHER_OWNER, "involved", "not_owner"),
            (OWNER, "stopped", "reason_needed"),
        ):
            act = lambda a=actor, t=to: service.move(a, initiative_id=made.id, to=t)  # noqa: E731
            assert refused(act).refused.code == code

    def test_the_same_step_again_changes_nothing(self) -> None:
        made = brought_to("relevance")
        service.move(OWNER, initiative_id=made.id, to="relevance")
        assert Transition.objects.filter(initiative_id=made.id).count() == 2

    def test_the_ministry_stops_with_a_reason_that_everybody_reads(self) -> None:
        made = brought_to("relevance")
        service.publish(OWNER, initiative_id=made.id)
        service.move(MINISTRY, initiative_id=made.id, to="stopped", reason="Solved elsewhere.")
        last = service.story(made.slug).steps[-1]
        assert (last.to, last.text, last.by) == ("stopped", "Solved elsewhere.", "DFD")
        error = refused(lambda: service.edit(OWNER, initiative_id=made.id, values={"title": "x"}))
        assert error.refused.code == "ended"


class TestVoices:
    def test_ks_lays_its_own_figures_beside_the_owners(self) -> None:
        made = brought_to("assessed")
        figures = [{"name": "Training", "unit": "hours", "owner": 4000, "ks": 9500}]
        for _ in range(2):
            service.lodge_dissent(
                KS_COORDINATOR, initiative_id=made.id, text="Training is too low.", figures=figures
            )
        shown = service.story(made.id, actor=OWNER).dissents
        assert [(d.text, d.figures[0]["ks"]) for d in shown] == [("Training is too low.", 9500)]

    @pytest.mark.parametrize("ks", [None, "many", float("nan"), True])
    def test_dissent_needs_figures_that_are_figures(self, ks) -> None:
        made = brought_to("assessed")
        row = {"name": "Training", "unit": "hours", "owner": 4000, "ks": ks}
        act = lambda: service.lodge_dissent(  # noqa: E731
            KS_COORDINATOR, initiative_id=made.id, text="No.", figures=[row]
        )
        assert refused(act).refused.where == "figures[0]"

    def test_only_ks_states_and_every_role_comments(self) -> None:
        made = brought_to("assessed")
        act = lambda: service.make_statement(  # noqa: E731
            OWNER, initiative_id=made.id, position="agree", text="Yes."
        )
        assert refused(act).refused.code == "role_needed"
        for actor in (OWNER, KS_COORDINATOR, MINISTRY, SECRETARIAT, lead()):
            service.comment(actor, initiative_id=made.id, text="A word.")
        assert len(service.story(made.id, actor=OWNER).comments) == 5


class TestWindows:
    def choose(self, made, choice="planned", number="1108", **changes):
        values = {
            "starts_on": dt.date(2028, 2, 1),
            "ends_on": dt.date(2028, 6, 30),
            **changes,
        }
        return service.choose_window(lead(number), initiative_id=made.id, choice=choice, **values)

    def test_a_municipality_plans_its_own_window_and_sees_only_its_own_changed(self) -> None:
        made = brought_to("assessed")
        self.choose(made)
        self.choose(made)
        self.choose(made, starts_on=dt.date(2028, 3, 1), number="0301")
        windows = service.story(made.id, actor=OWNER).windows
        assert [(w.municipality, w.starts_on.month) for w in windows] == [
            ("Oslo", 3),
            ("Sandnes", 2),
        ]

    def test_what_was_chosen_last_is_read_for_many_in_one_query(
        self, django_assert_num_queries
    ) -> None:
        """The load of a year is counted in the windows municipalities chose, not in the initiative's."""
        made, other = brought_to("assessed"), brought_to("assessed", title="Startlån")
        self.choose(made)
        self.choose(made, starts_on=dt.date(2028, 3, 1))
        self.choose(made, "declined", number="0301", remark="No capacity.")
        self.choose(other, number="0301")
        sandnes, oslo = lead().municipality_id, lead("0301").municipality_id
        with django_assert_num_queries(1):
            found = service.chosen_windows(actor=OWNER)
        assert {key: (one.choice, one.starts_on) for key, one in found.items()} == {
            (made.id, sandnes): ("planned", dt.date(2028, 3, 1)),
            (made.id, oslo): ("declined", None),
            (other.id, oslo): ("planned", dt.date(2028, 2, 1)),
        }
        assert set(service.chosen_windows(initiative_ids=[other.id], actor=OWNER)) == {
            (other.id, oslo)
        }
        assert service.chosen_window(other.id, sandnes, actor=OWNER) is None
        assert service.chosen_windows() == {}, "working papers are not for everybody"

    def test_a_late_start_is_shown_as_without_cover_in_the_budget(self) -> None:
        made = brought_to("assessed")
        late = self.choose(made, starts_on=dt.date(2026, 12, 1), ends_on=dt.date(2026, 12, 31))
        assert late.without_cover
        assert not self.choose(made).without_cover

    def test_it_is_confirmed_only_once_decided(self) -> None:
        made = brought_to("assessed")
        assert refused(lambda: self.choose(made, "confirmed")).refused.code == "not_decided"

    def test_a_duty_is_not_declined_and_a_voluntary_one_with_a_reason(self) -> None:
        duty = brought_to("assessed", legal="duty", legal_reference="bustøttelova § 9")
        free = brought_to("assessed", title="Frivillig")
        assert (
            refused(lambda: self.choose(duty, "declined", remark="No.")).refused.code
            == "duty_declined"
        )
        assert refused(lambda: self.choose(free, "declined")).refused.code == "reason_needed"
        assert self.choose(free, "declined", remark="No capacity.").starts_on is None

    def test_only_a_municipality_chooses_and_the_window_must_be_ahead(self) -> None:
        made = brought_to("assessed")
        act = lambda: service.choose_window(OWNER, initiative_id=made.id, choice="planned")  # noqa: E731
        assert refused(act).refused.code == "role_needed"
        for changes, code in (
            ({"ends_on": None}, "window_needed"),
            ({"ends_on": dt.date(2027, 1, 1)}, "window_backwards"),
            ({"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 2, 1)}, "window_past"),
        ):
            assert refused(lambda c=changes: self.choose(made, **c)).refused.code == code


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_step_at_once_take_it_once() -> None:
    made = brought_to("registered")
    outcomes: list[str] = []

    def step() -> None:
        try:
            with clock.frozen(DAY):
                outcomes.append(service.move(OWNER, initiative_id=made.id, to="relevance").state)
        finally:
            connection.close()

    threads = [threading.Thread(target=step) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["relevance", "relevance"]
    assert Transition.objects.filter(initiative_id=made.id, to="relevance").count() == 1
