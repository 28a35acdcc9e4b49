"""One term at a time: correct in time, decide again by hand, recalculate, stop, pay."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import attrs
import pytest

from samspill.cases.models import Case, Payment, TermEntry
from samspill.cases.service import payments, recalculation, stops, term_run, terms
from samspill.cases.tests.term_builders import (
    AUGUST,
    a_case,
    a_caseworker,
    an_agency,
    an_employee,
    decisions_of,
    earn,
    waiting_in,
)
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import Month

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_day")]


def run(month: Month = AUGUST) -> term_run.RunSummary:
    return term_run.run_term("ferry", month)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def complete(case: Case, **answers: Any) -> None:
    case.amended = {"island": True, **answers}
    case.save(update_fields=["amended"])


class TestCorrect:
    @pytest.fixture
    def rejected(self, ferry, known) -> Case:
        case = a_case(ferry, known, answers={"trips": None}, state="asked")
        run()
        return case

    def test_in_time_is_decided_anew_for_the_same_term(self, rejected) -> None:
        complete(rejected, trips=10)
        decision = terms.correct(an_agency(), case_id=rejected.id, term=AUGUST)
        assert (decision.code, decision.kind, decision.sequence) == ("B0", "corrected", 2)
        assert decision.replaces == decisions_of(rejected)[0]
        assert [p.kind for p in decision.payments.all()] == ["ordinary"]
        assert waiting_in(rejected, AUGUST + 1).origin == "carried"
        rejected.refresh_from_db()
        assert (rejected.state, rejected.waiting_for) == ("decided", "system")

    def test_on_the_last_day_of_the_window(self, rejected) -> None:
        complete(rejected, trips=10)
        with clock.frozen(dt.date(2026, 9, 25)):
            assert terms.correct(an_agency(), case_id=rejected.id, term=AUGUST).code == "B0"

    def test_after_the_window_is_refused_with_the_law(self, rejected) -> None:
        complete(rejected, trips=10)
        with clock.frozen(dt.date(2026, 9, 26)):
            assert (
                refused(terms.correct, an_agency(), case_id=rejected.id, term=AUGUST)
                == "window_closed"
            )

    def test_decided_late_still_counts_from_the_day_it_came(self, rejected) -> None:
        complete(rejected, trips=10)
        with clock.frozen(dt.date(2026, 10, 2)):
            decision = terms.correct(
                an_agency(), case_id=rejected.id, term=AUGUST, received_on=dt.date(2026, 9, 20)
            )
        assert decision.code == "B0"
        assert decision.payments.get().pay_on == dt.date(2026, 10, 20)

    def test_still_missing_ends_the_case_when_the_window_closes(self, rejected) -> None:
        assert stops.lapse(dt.date(2026, 9, 25)) == 0
        assert stops.lapse(dt.date(2026, 9, 26)) == 1
        rejected.refresh_from_db()
        assert rejected.stopped_reason == "not_corrected"
        assert stops.lapse(dt.date(2026, 9, 27)) == 0

    def test_granted_case_has_nothing_to_correct(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        assert refused(terms.correct, an_agency(), case_id=case.id, term=AUGUST) == (
            "nothing_to_correct"
        )

    def test_silent_register_holds_and_the_second_try_succeeds(self, rejected, known) -> None:
        complete(rejected, trips=10)
        known.down.add("skatteetaten.income")
        assert refused(terms.correct, an_agency(), case_id=rejected.id, term=AUGUST) == (
            "cannot_decide"
        )
        known.down.clear()
        assert terms.correct(an_agency(), case_id=rejected.id, term=AUGUST).code == "B0"
        assert TermEntry.objects.filter(case=rejected, term=AUGUST.first).count() == 2


class TestReview:
    def test_by_a_person_replaces_and_pays_the_difference(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        complete(case, fare=150)
        first = decisions_of(case)[0]
        actor = an_agency()
        new = terms.review_manually(actor, decision_id=first.id, reason="Prisen var feil")
        assert (new.kind, new.automatic, new.decided_by) == ("manual", False, actor.person_id)
        assert new.trace["reason"] == "Prisen var feil"
        assert [(p.kind, p.amount_ore) for p in new.payments.all()] == [("addition", 500_00)]
        first.refresh_from_db()
        assert first.amount_ore == 800_00

    def test_needs_a_reason_and_the_agency(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        first = decisions_of(case)[0]
        assert refused(terms.review_manually, an_agency(), decision_id=first.id, reason=" ") == (
            "reason_needed"
        )
        assert (
            refused(terms.review_manually, a_caseworker(), decision_id=first.id, reason="x")
            == "agency_decides"
        )

    def test_second_reviewer_of_the_same_decision_is_told(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        first = decisions_of(case)[0]
        terms.review_manually(an_agency(), decision_id=first.id, reason="a")
        assert refused(terms.review_manually, an_agency(), decision_id=first.id, reason="b") == (
            "already_replaced"
        )

    def test_refused_case_that_is_granted_after_all_goes_on(self, ferry, known) -> None:
        case = a_case(ferry, known)
        person = next(iter(known.replies["folkeregisteret.person"].values()))
        person["status"] = "utflyttet"
        run()
        person["status"] = "bosatt"
        first = decisions_of(case)[0]
        new = terms.review_manually(an_agency(), decision_id=first.id, reason="Bor her")
        assert new.code == "A0"
        case.refresh_from_db()
        assert (case.closed_at, case.state) == (None, "decided")
        assert waiting_in(case, AUGUST + 1) is not None


class TestRecalculate:
    @pytest.fixture
    def paid(self, ferry, known) -> Case:
        case = a_case(ferry, known, income=2000)
        run()
        with clock.frozen(dt.date(2026, 10, 10)):
            run(Month(2026, 9))
        return case

    def counted(self, case: Case) -> recalculation.Recalculation:
        with clock.frozen(dt.date(2026, 11, 3)):
            return recalculation.recalculate(
                an_agency(), case_id=case.id, months=[AUGUST, Month(2026, 9)]
            )

    def test_lower_income_is_paid_over_the_terms_together(self, paid, known) -> None:
        earn(known, 1, 1000)
        found = self.counted(paid)
        assert (found.difference.kind, found.difference.amount_ore) == ("pay", 200_00)
        new = [d for d in decisions_of(paid) if d.kind == "recalculated"]
        assert [d.amount_ore for d in new] == [900_00, 900_00]
        assert [p.amount_ore for d in new for p in d.payments.all()] == [200_00]
        assert new[-1].payments.get().pay_on == dt.date(2026, 11, 20)

    def test_below_the_smallest_payment_nothing_is_written(self, paid, known) -> None:
        earn(known, 1, 1800)
        found = self.counted(paid)
        assert found.difference.kind == "under_minimum"
        assert found.decision_ids == ()
        assert len(decisions_of(paid)) == 2

    def test_overpaid_below_the_limit_is_let_go(self, paid, known) -> None:
        earn(known, 1, 6900)
        assert self.counted(paid).difference.kind == "under_court_fee"
        assert Payment.objects.filter(kind="reclaim").count() == 0

    def test_overpaid_is_claimed_and_set_off_in_the_next_run(self, paid, known) -> None:
        earn(known, 1, 7000)
        found = self.counted(paid)
        assert (found.difference.kind, found.difference.amount_ore) == ("reclaim", -1000_00)
        assert payments.outstanding([paid.id]) == {paid.id: 1000_00}
        with clock.frozen(dt.date(2026, 11, 10)):
            run(Month(2026, 10))
        kept = Payment.objects.get(kind="set_off")
        assert kept.amount_ore == -300_00
        assert payments.outstanding([paid.id]) == {paid.id: 700_00}

    def test_counting_twice_moves_money_once(self, paid, known) -> None:
        earn(known, 1, 1000)
        self.counted(paid)
        assert self.counted(paid).difference.kind == "none"

    def test_does_not_make_new_terms_or_move_the_case(self, paid, known) -> None:
        before = TermEntry.objects.count()
        earn(known, 1, 1000)
        self.counted(paid)
        assert TermEntry.objects.count() == before


class TestStop:
    def test_death_ends_what_the_package_says_it_ends(self, ferry, known) -> None:
        case = a_case(ferry, known)
        assert stops.stop_for_person(case.applicant_id, "dead") == 1
        assert stops.stop_for_person(case.applicant_id, "dead") == 0
        case.refresh_from_db()
        assert (case.stopped_reason, case.state) == ("dead", "ended")
        assert waiting_in(case, AUGUST) is None

    def test_other_happenings_end_nothing(self, ferry, known) -> None:
        case = a_case(ferry, known)
        assert stops.stop_for_person(case.applicant_id, "married") == 0


class TestPaymentList:
    def test_is_for_the_agency_and_is_logged_as_an_export(self, ferry, known) -> None:
        a_case(ferry, known)
        a_case(ferry, known, serial=2, answers={"account": None})
        run_id = run().run_id
        lines = list(payments.payment_list(an_agency(), run_id))
        assert [(line.amount_ore, line.set_off_ore) for line in lines] == [(80000, 0)] * 2
        assert sorted(line.account for line in lines) == ["", "86011117947"]
        assert refused(payments.payment_list, a_caseworker(), run_id) == "payment_list_not_yours"
        assert "Kari" not in repr(lines[0])

    def test_leaves_the_compartment_to_the_cleared(self, ferry, known) -> None:
        a_case(ferry, known)
        hidden = a_case(ferry, known, serial=2, protection="strengtFortrolig")
        run_id = run().run_id
        cleared = an_employee("agency_caseworker", "protected_caseworker")
        assert [line.case_id for line in payments.payment_list(an_agency(), run_id)] != [hidden.id]
        assert hidden.id in {line.case_id for line in payments.payment_list(cleared, run_id)}

    def test_csv_is_readable_and_runs_no_formula(self, ferry, known) -> None:
        case = a_case(ferry, known)
        Case.objects.filter(pk=case.pk).update(applicant_name="=cmd()")
        text = "".join(payments.payment_csv(an_agency(), run().run_id))
        header, row = csv.reader(io.StringIO(text))
        line = dict(zip(header, row, strict=True))
        assert (line["amount_nok"], line["name"]) == ("800", "'=cmd()")


def test_municipality_never_sees_another_municipalitys_case(ferry, known) -> None:
    case = a_case(ferry, known, number="1103")
    assert refused(terms.decide_one, a_caseworker(), case_id=case.id, term=AUGUST) == (
        "case_not_found"
    )


def test_agency_of_another_service_finds_nothing(ferry, known) -> None:
    case = a_case(ferry, known)
    other = attrs.evolve(an_agency(), org_no="974760673")
    assert refused(terms.decide_one, other, case_id=case.id, term=AUGUST) == "case_not_found"


def test_held_case_is_decided_one_by_one(ferry, known) -> None:
    case = a_case(ferry, known)
    known.down.add("skatteetaten.income")
    a_case(ferry, known, serial=2)
    assert refused(terms.decide_one, an_agency(), case_id=case.id, term=AUGUST) == "cannot_decide"
    known.down.clear()
    assert terms.decide_one(an_agency(), case_id=case.id, term=AUGUST).code == "A0"
    assert refused(terms.decide_one, an_agency(), case_id=case.id, term=AUGUST) == "nothing_waits"
    assert refused(terms.decide_one, system("x"), case_id=case.id, term=AUGUST) == "nothing_waits"
