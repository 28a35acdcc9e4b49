"""Documents that employees add to a case, and scanned papers of the counter's form."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
import pytest
from django.db import connection

from samspill.cases.models import Attachment, Case, Deletion
from samspill.cases.service import (
    attachments,
    citizen,
    handling,
    paper,
    process,
    receipts,
    staff_case,
    staff_documents,
    wording,
)
from samspill.cases.tests.builders import STAVANGER, a_citizen, a_number, a_person
from samspill.cases.tests.term_builders import (
    a_case,
    a_caseworker,
    an_agency,
    an_employee,
)
from samspill.infra import clock
from samspill.infra.models import StoredFile
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def august():
    with clock.frozen(dt.date(2026, 8, 17)):
        yield


@pytest.fixture
def case(ferry, known) -> Case:
    made = a_case(ferry, known, state="submitted", amended={})
    process.settle(system("test"), made, ferry)
    made.refresh_from_db()
    return made


def add(case: Case, actor: Any = None, **changes: Any) -> Any:
    given = {
        "document": "tickets",
        "files": [("a.pdf", PDF)],
        "why": "Handed in over the desk",
        **changes,
    }
    return staff_documents.add_to_case(actor or a_caseworker(), case_id=case.id, **given)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def owner(case: Case) -> Any:
    return attrs.evolve(a_citizen(1), person_id=case.applicant_id)


def rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


class TestAddToCase:
    def test_is_seen_by_both_sides_and_the_applicant_with_why(self, case) -> None:
        [added] = add(case)
        for actor in (a_caseworker(), an_agency()):
            [seen] = handling.open_case(actor, case_id=case.id).attachments
            assert (seen.id, seen.why) == (added.id, "Handed in over the desk")
        [seen] = citizen.my_case(a_citizen(), case).attachments
        assert seen.role == "municipality_caseworker"
        assert attachments.read_attachment(owner(case), attachment_id=added.id)[1] == PDF

    def test_is_logged_with_what_and_told_without_why(self, case) -> None:
        add(case, why="Brev fra Kari Prøve1")
        [(body,)] = rows("SELECT body FROM infra_event WHERE type = 'DocumentAdded'")
        assert "Kari" not in str(body)
        entry = rows(
            "SELECT fields FROM infra_access_entry WHERE purpose = 'add a document' AND action = 'write'"
        )
        assert entry == [('["document:tickets"]',)]

    def test_is_no_longer_missing(self, ferry, known) -> None:
        case = a_case(ferry, known, serial=2, answers={"trips": 30}, state="submitted")
        before = handling.open_case(a_caseworker(), case_id=case.id).missing
        assert [item.id for item in before] == ["tickets"]
        add(case)
        assert not handling.open_case(a_caseworker(), case_id=case.id).missing

    def test_kept_by_law_it_is_not_there_for_the_applicant(self, case) -> None:
        [added] = add(case, withheld="fvl_19")
        assert citizen.my_case(a_citizen(), case).attachments == ()
        code = refused(attachments.read_attachment, owner(case), attachment_id=added.id)
        assert code == "not_found"
        assert handling.open_case(an_agency(), case_id=case.id).attachments

    @pytest.mark.parametrize("rule", ["fvl_18a", "fvl_18b"])
    def test_internal_it_is_for_the_own_side_alone(self, case, rule) -> None:
        [added] = add(case, an_agency(), withheld=rule)
        assert handling.open_case(an_agency(), case_id=case.id).attachments
        assert handling.open_case(a_caseworker(), case_id=case.id).attachments == ()
        call = staff_case.staff_attachment
        code = refused(call, a_caseworker(), case_id=case.id, attachment_id=added.id)
        assert code == "case_not_found"
        assert call(an_agency(), case_id=case.id, attachment_id=added.id)[1] == PDF

    def test_of_the_cleared_at_the_agency_is_the_agencys(self, ferry, known) -> None:
        hidden = a_case(ferry, known, serial=5, protection="strengtFortrolig")
        cleared = attrs.evolve(an_agency(), roles=frozenset({"protected_caseworker"}))
        cleared = attrs.evolve(cleared, municipality_id=None)
        add(hidden, cleared, withheld="fvl_18a")
        assert handling.open_case(cleared, case_id=hidden.id).attachments

    def test_something_else_needs_a_name(self, case) -> None:
        assert refused(add, case, document="_other") == "title_needed"
        [added] = add(case, document="_other", title="Kart over kaia")
        assert added.title == "Kart over kaia"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"why": " "}, "why_needed"),
            ({"withheld": "because"}, "no_such_rule"),
            ({"document": "nothing"}, "no_such_document"),
            ({"files": [("a.txt", b"hello")]}, "file_type"),
        ],
    )
    def test_refuses_what_is_unsaid_unknown_or_no_document(self, case, changes, code) -> None:
        assert refused(add, case, **changes) == code
        assert not Attachment.objects.exists()

    def test_takes_all_the_files_or_none(self, case) -> None:
        assert refused(add, case, files=[("a.pdf", PDF), ("b.txt", b"no")]) == "file_type"
        assert not Attachment.objects.exists()

    def test_not_for_strangers_and_not_in_a_closed_case(self, case) -> None:
        assert refused(add, case, a_caseworker(number=STAVANGER)) == "case_not_found"
        assert refused(add, case, a_citizen(1)) == "case_not_found"
        Case.objects.filter(pk=case.pk).update(
            closed_at=clock.now(), waiting_for="nobody", stopped_reason="ended"
        )
        assert refused(add, case) == "case_closed"


@pytest.mark.usefixtures("known")
class TestPaper:
    KEY = "paper-1"

    def hold(self, ferry: Any, actor: Any, **changes: Any) -> Any:
        given = {"document": "tickets", "content": PDF, "filename": "s.pdf", **changes}
        return staff_documents.hold(
            actor, key=self.KEY, package=ferry, person_id=a_person(1), **given
        )

    def register(self, actor: Any) -> Case:
        receipt = paper.register_paper(
            actor,
            paper.Paper(
                package_id="ferry",
                national_id=a_number(1).value,
                answers={"trips": 30},
                received_on=dt.date(2026, 8, 14),
                signed=True,
                idempotency_key=self.KEY,
            ),
        )
        return Case.objects.get(pk=receipt.case_id)

    def test_scanned_documents_become_the_cases(self, ferry) -> None:
        counter = an_employee("counter")
        self.hold(ferry, counter)
        case = self.register(counter)
        [row] = case.attachments.all()
        assert (row.document, row.role, row.paper_key) == ("tickets", "counter", None)
        assert not handling.open_case(a_caseworker(), case_id=case.id).missing
        assert not staff_documents.held(counter, key=self.KEY)
        kinds = [t for (t,) in rows("SELECT type FROM infra_event ORDER BY id")]
        assert kinds.index("PaperRegistered") < kinds.index("DocumentAdded")

    def test_another_employees_form_and_files_stay_theirs(self, ferry) -> None:
        file = self.hold(ferry, an_employee("counter"))
        other = an_employee("counter", serial=901)
        assert staff_documents.held(other, key=self.KEY) == ()
        staff_documents.let_go(other, key=self.KEY, attachment_id=file.id)
        assert not self.register(other).attachments.exists()
        assert Attachment.objects.filter(pk=file.id).exists()

    def test_what_is_taken_away_is_gone(self, ferry) -> None:
        counter = an_employee("counter")
        file = self.hold(ferry, counter)
        staff_documents.let_go(counter, key=self.KEY, attachment_id=file.id)
        staff_documents.let_go(counter, key=self.KEY, attachment_id=file.id)
        assert not Attachment.objects.exists()
        assert StoredFile.objects.get().deleted_at is not None

    def test_is_no_citizens_to_read_while_it_waits(self, ferry) -> None:
        file = self.hold(ferry, an_employee("counter"))
        call = attachments.read_attachment
        assert refused(call, a_citizen(1), attachment_id=file.id) == "not_found"

    def test_of_a_form_never_registered_is_destroyed_with_an_account(self, ferry) -> None:
        self.hold(ferry, an_employee("counter"))
        assert staff_documents.sweep() == 0
        with clock.frozen(clock.now() + dt.timedelta(hours=13)):
            assert staff_documents.sweep() == 1
            assert staff_documents.sweep() == 0
        assert not Attachment.objects.exists()
        assert Deletion.objects.get().count == 1

    def test_names_files_of_one_kind_by_their_files(self, ferry) -> None:
        files = [
            Attachment(document="tickets", filename="en.pdf"),
            Attachment(document="tickets", filename="to.pdf"),
            Attachment(document="tickets", title="Billett fra Bergen", filename="tre.pdf"),
        ]
        kind = wording.document_name(ferry, files[0], "nb")
        assert wording.document_names(ferry, files, "nb") == [
            f"{kind} (en.pdf)",
            f"{kind} (to.pdf)",
            "Billett fra Bergen",
        ]
        assert wording.document_names(ferry, files[1:], "nb") == [kind, "Billett fra Bergen"]

    def test_receipt_is_pdf_for_those_who_may_see_the_case(self, ferry) -> None:
        counter = an_employee("counter")
        case = self.register(counter)
        assert receipts.paper_receipt_pdf(counter, case_id=case.id).startswith(b"%PDF")
        call = receipts.paper_receipt_pdf
        assert refused(call, a_caseworker(number=STAVANGER), case_id=case.id) == "case_not_found"
        assert refused(call, a_caseworker(), case_id=uuid.uuid4()) == "case_not_found"
        digital = a_case(ferry, None, serial=3)
        assert refused(call, a_caseworker(), case_id=digital.id) == "case_not_found"
        printed = rows("SELECT count(*) FROM infra_access_entry WHERE action = 'print'")
        assert printed == [(1,)]

    @pytest.mark.usefixtures("ferry")
    def test_who_registered_a_protected_person_prints_for_a_day_and_no_longer(self, known) -> None:
        known.know(1, protection="strengtFortrolig")
        counter = an_employee("counter")
        case = self.register(counter)
        assert refused(handling.open_case, counter, case_id=case.id) == "case_not_found"
        call = receipts.paper_receipt_pdf
        assert call(counter, case_id=case.id).startswith(b"%PDF")
        colleague = an_employee("counter", serial=901)
        assert refused(call, colleague, case_id=case.id) == "case_not_found"
        with clock.frozen(clock.now() + dt.timedelta(days=1)):
            assert refused(call, counter, case_id=case.id) == "case_not_found"
