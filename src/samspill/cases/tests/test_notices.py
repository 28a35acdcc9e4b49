"""Letters that tell of no decision: queued once, to the right person, and never telling too much."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

import samspill.catalogue.bostotte
from samspill.cases import events
from samspill.cases import service as cases
from samspill.cases.models import Case, Letter
from samspill.cases.service import handling, letter_languages, notices
from samspill.cases.tests.builders import a_citizen, a_number, a_person
from samspill.cases.tests.term_builders import a_case, a_caseworker
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import system
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
FOLDER = Path(next(iter(samspill.catalogue.bostotte.__path__)))
ADULT, CHILD, STRANGER = 2, 3, 4


@pytest.fixture
def august():
    with clock.frozen(dt.date(2026, 8, 17)):
        yield


@pytest.fixture
def bostotte(db: None) -> packages.Package:
    packages.publish(FOLDER, actor=system("test"))
    return packages.published("bostotte", on=dt.date(2026, 8, 10))


def a_row(serial: int, born: str, **changes: object) -> dict[str, object]:
    number = a_number(serial).value
    return {"national_id": number, "navn": f"Per Prøve{serial}", "fodt": born, **changes}


def a_household(package: packages.Package, known, **changes: object) -> Case:
    for serial in (ADULT, CHILD):
        known.know(serial)
    rows = [a_row(ADULT, "1991-02-03"), a_row(CHILD, "2015-02-03")]
    wanted = {"state": "submitted", "answers": {"medlemmer": rows}, "amended": {}, **changes}
    return a_case(package, known, **wanted)  # type: ignore[arg-type]


def heard(case: Case, kind: type[events.CaseEvent], **body: str) -> None:
    """Let the subscriber hear of something, as the drain does."""
    notices.queue_for(log.Stored(1, clock.now(), kind.__name__, case.id, body))


def letters(case: Case) -> list[tuple[str, object]]:
    rows = case.letters.order_by("queued_at", "id")
    return [(row.kind, row.recipient_id) for row in rows]


def refused(actor, letter: Letter) -> str:
    with pytest.raises(RefusedError) as caught:
        cases.letter(actor, letter_id=letter.id)
    return caught.value.refused.code


class TestOtherAdults:
    def test_each_is_told_once_however_often_the_household_is_seen(self, bostotte, known) -> None:
        case = a_household(bostotte, known)
        for kind in (
            events.ApplicationSubmitted,
            events.ApplicationSubmitted,
            events.TaskCompleted,
        ):
            heard(case, kind)
        assert letters(case) == [("pb01", a_person(ADULT))]
        queued = [e for e in log.story(case.id) if e.type == "LetterQueued"]
        assert len(queued) == 1

    def test_the_table_itself_refuses_a_second(self, bostotte, known) -> None:
        case = a_household(bostotte, known)
        heard(case, events.ApplicationSubmitted)
        again = Letter(
            case=case,
            kind="pb01",
            recipient_id=a_person(ADULT),
            language="en",
            queued_at=clock.now(),
        )
        with pytest.raises(IntegrityError, match="letter_once_a_person"), transaction.atomic():
            again.save()

    @pytest.mark.parametrize(("register", "used"), [("en", "en"), ("se", "nb"), (None, "nb")])
    def test_is_written_to_in_their_own_language(self, bostotte, known, register, used) -> None:
        case = a_household(bostotte, known)
        Case.objects.filter(pk=case.pk).update(language="nn")
        known.replies["krr.contact"][a_number(ADULT).value] = {"language": register}
        heard(case, events.ApplicationSubmitted)
        assert cases.make_queued() == 1
        letter = case.letters.get()
        assert (letter.state, letter.language) == ("sent", used)
        expected = {"en": "Housing", "nb": "bostøtte"}[used]
        assert expected in letter.html

    def test_else_in_the_form_of_the_municipality_unless_that_would_tell_where(
        self, bostotte, known
    ) -> None:
        known.down.add("krr.contact")
        place = municipalities.current("1515")  # Herøy i Møre og Romsdal writes nynorsk
        assert isinstance(place, municipalities.Municipality)
        case = a_household(bostotte, known)
        Case.objects.filter(pk=case.pk).update(municipality=place.id)
        case.refresh_from_db()
        assert letter_languages.usual_language(case) == "nn"
        heard(case, events.ApplicationSubmitted)
        cases.make_queued()
        assert case.letters.get().language == "nn"
        case.protection = "fortrolig"
        assert letter_languages.usual_language(case) == "nb"

    def test_who_moves_in_later_is_told_then(self, bostotte, known) -> None:
        case = a_household(bostotte, known, answers={"medlemmer": []})
        heard(case, events.ApplicationSubmitted)
        assert letters(case) == []
        Case.objects.filter(pk=case.pk).update(amended={"medlemmer": [a_row(ADULT, "1991-02-03")]})
        heard(case, events.InformationReceived)
        assert letters(case) == [("pb01", a_person(ADULT))]

    def test_is_read_by_that_person_alone_and_tells_neither_name_nor_code(
        self, bostotte, known
    ) -> None:
        case = a_household(bostotte, known)
        heard(case, events.ApplicationSubmitted)
        letter = case.letters.get()
        assert refused(a_citizen(ADULT), letter) == "not_found"  # not sent yet
        assert cases.make_queued() == 1
        assert [line.id for line in cases.my_letters(a_citizen(ADULT))] == [letter.id]
        shown = cases.letter(a_citizen(ADULT), letter_id=letter.id)
        assert not shown.own_case
        assert "Sandnes" in shown.html
        assert "Kari" not in shown.html
        assert case.application.receipt_code not in shown.html
        assert cases.letter_pdf(a_citizen(ADULT), letter_id=letter.id).startswith(b"%PDF")
        for other in (1, CHILD, STRANGER):
            assert refused(a_citizen(other), letter) == "not_found"
            assert cases.my_letters(a_citizen(other)) == ()
        letter.refresh_from_db()
        assert letter.opened_at is not None

    def test_tells_no_place_when_the_address_is_protected(self, bostotte, known) -> None:
        case = a_household(bostotte, known, protection="fortrolig")
        heard(case, events.ApplicationSubmitted)
        assert cases.make_queued() == 1
        html = cases.letter(a_citizen(ADULT), letter_id=case.letters.get().id).html
        assert not [word for word in ("Sandnes", "Storgata", "Kari") if word in html]

    def test_stands_in_the_case_for_the_caseworker_not_for_the_applicant(
        self, bostotte, known
    ) -> None:
        case = a_household(bostotte, known)
        heard(case, events.ApplicationSubmitted)
        cases.make_queued()
        seen = handling.open_case(a_caseworker(), case_id=case.id)
        assert [(line.kind, line.to_applicant) for line in seen.letters] == [("pb01", False)]
        assert cases.case_for_applicant(a_citizen(1), case_id=case.id).letters == ()


class TestToTheApplicant:
    def ask(self, case: Case, items: list[str], text: str = "") -> Letter:
        case.refresh_from_db()
        request = handling.request_missing(
            a_caseworker(), case_id=case.id, revision=case.revision, items=items, text=text
        )
        for _ in range(2):
            heard(case, events.InformationRequested, request_id=str(request.id))
        return Letter.objects.get(request=request)

    def test_a_request_is_a_letter_with_what_is_asked_and_until_when(self, bostotte, known) -> None:
        case = a_household(bostotte, known)
        letter = self.ask(case, ["field:husleie_mnd"], "Vi trenger siste kvittering.")
        assert letter.kind == "request"
        assert letter.recipient_id is None
        cases.make_queued()
        shown = cases.letter(a_citizen(1), letter_id=letter.id)
        assert shown.own_case
        assert bostotte.text("field.husleie_mnd.label", "nb") in shown.html
        assert "Vi trenger siste kvittering." in shown.html
        mine = cases.case_for_applicant(a_citizen(1), case_id=case.id)
        assert [line.id for line in mine.letters] == [letter.id]
        assert refused(a_citizen(ADULT), letter) == "not_found"

    def test_what_is_about_the_household_alone_has_its_own_letter(self, bostotte, known) -> None:
        case = a_household(bostotte, known)
        assert self.ask(case, ["field:medlemmer[0].fodt"]).kind == "pb02"
        cases.make_queued()
        assert "fødselsnummer" in case.letters.get().html.lower()

    def test_paper_is_answered_with_a_receipt_once(self, bostotte, known) -> None:
        case = a_household(bostotte, known, answers={}, channel="paper")
        for _ in range(2):
            heard(case, events.PaperRegistered)
        assert letters(case) == [("receipt", None)]
        assert cases.make_queued() == 1
        assert case.application.receipt_code in case.letters.get().html


def test_an_event_of_a_case_that_is_gone_does_no_harm() -> None:
    notices.queue_for(log.Stored(1, clock.now(), "TaskCompleted", new_id(), {}))
    assert not Letter.objects.exists()


def test_a_service_without_such_letters_queues_none(ferry, known) -> None:
    case = a_case(ferry, known)
    for kind in (events.ApplicationSubmitted, events.PaperRegistered, events.DecisionMade):
        heard(case, kind)
    assert letters(case) == []
