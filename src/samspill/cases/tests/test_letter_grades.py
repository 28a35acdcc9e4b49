"""The grade of address is asked anew right before a letter is made or printed (SP-22, SP-25, SP-26)."""

from __future__ import annotations

from typing import Any

import pytest

from samspill.cases.models import Case, Incident, Letter
from samspill.cases.service import letter_grades, letters, receipts, term_run
from samspill.cases.tests.builders import a_number
from samspill.cases.tests.term_builders import AUGUST, RUN_DAY, a_case, a_caseworker, an_agency
from samspill.infra import clock
from samspill.infra import jobs as queue
from samspill.kernel.outcome import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_day")]
PERSON = "folkeregisteret.person"


@pytest.fixture
def letter(ferry, known) -> Letter:
    case = a_case(ferry, known)
    with clock.frozen(RUN_DAY):
        term_run.run_term("ferry", AUGUST)
    return case.letters.get()


def graded(known: Any, grade: str, *, serial: int = 1) -> None:
    known.replies[PERSON][a_number(serial).value]["protection"] = grade


def made(letter: Letter) -> Letter:
    assert letters.make_queued() == 1
    return Letter.objects.select_related("case").get(pk=letter.pk)


def test_an_open_address_gives_the_whole_letter_after_one_question(letter, known) -> None:
    known.asked.clear()
    sent = made(letter)
    assert (sent.state, sent.case.protection) == ("sent", "ugradert")
    assert "Sandnes" in sent.html
    assert known.asked == [PERSON]


@pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig"])
def test_a_grade_that_came_since_the_decision_hides_the_place_and_moves_the_case(
    letter, known, grade
) -> None:
    graded(known, grade)
    sent = made(letter)
    assert (sent.state, sent.case.protection) == ("sent", grade)
    assert "Sandnes" not in sent.html
    hidden = grade == "strengtFortrolig"
    assert (sent.case.municipality_id is None) == hidden
    assert Incident.objects.filter(case=sent.case).exists() == hidden


def test_when_the_register_is_silent_the_strictest_holds_for_the_letter_and_the_case_stays(
    letter, known
) -> None:
    known.down.add(PERSON)
    sent = made(letter)
    assert (sent.state, sent.case.protection) == ("sent", "ugradert")
    assert "Sandnes" not in sent.html


def test_many_letters_are_asked_about_together_and_each_of_them_anew(ferry, known) -> None:
    cases = [a_case(ferry, known, serial=serial) for serial in (1, 2, 3)]
    with clock.frozen(RUN_DAY):
        term_run.run_term("ferry", AUGUST)
    known.asked.clear()
    assert letters.make_queued() == 3
    assert known.asked == [PERSON]
    again = letters.queue_letter(an_agency(), case_id=cases[0].id, kind=cases[0].letters.get().kind)
    assert again.state == "queued"
    letters.make_queued()
    assert known.asked == [PERSON, PERSON]


class TestPrints:
    def test_an_employee_prints_what_was_sent_while_the_address_is_open(self, letter) -> None:
        sent = made(letter)
        pdf = letters.letter_pdf(an_agency(), letter_id=sent.id)
        assert pdf == letters.letter_pdf(an_agency(), letter_id=sent.id)

    def test_a_grade_that_has_just_come_stops_the_print_and_a_job_moves_the_case(
        self, letter, known, monkeypatch
    ) -> None:
        sent, ordered = made(letter), list[dict[str, Any]]()
        monkeypatch.setattr(letter_grades, "defer", lambda _name, **said: ordered.append(said))
        graded(known, "strengtFortrolig")
        with pytest.raises(RefusedError) as caught:
            letters.letter_pdf(an_agency(), letter_id=sent.id)
        assert caught.value.refused.code == "protected_now"
        assert [said["case_id"] for said in ordered] == [str(sent.case_id)]
        queue.jobs()[letter_grades.REGRADE].handler(case_id=ordered[0]["case_id"])
        moved = Case.objects.get(pk=sent.case_id)
        assert (moved.protection, moved.municipality_id) == ("strengtFortrolig", None)

    def test_when_the_register_is_silent_the_print_is_made_anew_without_the_place(
        self, letter, known, monkeypatch
    ) -> None:
        sent, printed = made(letter), list[str]()
        monkeypatch.setattr(
            letters, "_pdf", lambda row, _language: printed.append(row.case.protection) or b"%PDF"
        )
        known.down.add(PERSON)
        assert letters.letter_pdf(an_agency(), letter_id=sent.id) == b"%PDF"
        assert printed == ["unknown"]

    def test_a_receipt_at_the_counter_is_stopped_too(self, ferry, known) -> None:
        case = a_case(ferry, known, channel="paper")
        graded(known, "fortrolig")
        with pytest.raises(RefusedError) as caught:
            receipts.paper_receipt_pdf(a_caseworker(), case_id=case.id)
        assert caught.value.refused.code == "protected_now"
