"""Sending: complete, once, safely; two clicks, two processes, a grade that changes meanwhile."""

# ruff: noqa: ARG002 - a fixture that prepares the registers is asked for by its name
from __future__ import annotations

import datetime as dt
import threading
import uuid

import attrs
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from samspill.cases import service as cases
from samspill.cases.models import Application, Attachment, Case, Draft, Task, TermEntry
from samspill.cases.tests.builders import ANSWERS, SANDNES, a_citizen, a_member, a_number
from samspill.infra import clock, lasting
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities

NOW = dt.date(2026, 8, 10)
TRUTH = ("truth",)


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(NOW):
        yield


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def a_full_draft(serial: int = 1, **answers):
    view = cases.start_draft(a_citizen(serial), package_id="allotment")
    saved = cases.save_fields(
        a_citizen(serial), draft_id=view.id, revision=view.revision, values={**ANSWERS, **answers}
    )
    assert isinstance(saved, cases.DraftView)
    return saved


def send(draft, key="k1", serial=1, **rest):
    return cases.submit(
        a_citizen(serial), draft_id=draft.id, idempotency_key=key, declared=TRUTH, **rest
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("allotment")
class TestSubmit:
    def test_stores_case_application_tasks_term_log_and_event(self, known) -> None:
        draft = a_full_draft()
        receipt = send(draft)
        assert isinstance(receipt, cases.Receipt)
        case = Case.objects.get(id=draft.id)
        sandnes = municipalities.on(SANDNES, NOW)
        assert (case.state, case.waiting_for, case.unit) == (
            "submitted",
            "municipality",
            "shed_office",
        )
        assert (case.municipality_id, case.municipality_no_at_submission) == (sandnes.id, SANDNES)
        assert case.due_on == dt.date(2026, 8, 17)
        assert {t.key for t in Task.objects.filter(case=case)} == {"look_at_soil", "shed"}
        assert TermEntry.objects.get(case=case).term == dt.date(2026, 8, 1)
        assert str(receipt.term) == "2026-08"
        assert not Draft.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT purpose, legal_basis FROM infra_access_entry WHERE case_id = %s AND action = 'write' "
                "AND detail ? 'body_sha256'",
                [draft.id],
            )
            assert cursor.fetchall() == [
                (
                    "Behandle søknad om støtte til hageparsell",
                    "GDPR art. 6 nr. 1 e, parselloven § 1",
                )
            ]
            cursor.execute(
                "SELECT body::text FROM infra_event WHERE key = %s AND type = 'ApplicationSubmitted'",
                [draft.id],
            )
            (body,) = cursor.fetchone()
        assert a_number(1).value not in body
        assert "Kari" not in body

    def test_is_one_statement_for_everything(self, known, django_assert_max_num_queries) -> None:
        draft = a_full_draft()
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            send(draft)
        writes = [
            q["sql"] for q in queries if "cases_application" in q["sql"] and "INSERT" in q["sql"]
        ]
        assert len(writes) == 1
        for table in (
            "cases_case",
            "cases_task",
            "cases_termentry",
            "infra_access_entry",
            "infra_event",
            "cases_draft",
        ):
            assert table in writes[0]

    def test_leaves_out_what_became_irrelevant(self, known) -> None:
        draft = a_full_draft()
        cases.save_fields(
            a_citizen(), draft_id=draft.id, revision=draft.revision, values={"has_shed": False}
        )
        send(draft)
        application = Application.objects.get()
        assert "shed_size" not in application.answers
        assert application.answers["has_shed"] is False

    def test_is_refused_when_something_is_missing_and_says_what(self, known) -> None:
        draft = a_full_draft(fee=None)
        result = send(draft)
        assert isinstance(result, cases.CheckResult)
        assert [m.id for m in result.missing] == ["fee"]
        assert Draft.objects.exists()
        assert not Case.objects.exists()

    def test_is_refused_without_the_declaration_or_a_key(self, known) -> None:
        draft = a_full_draft()
        assert (
            refused(cases.submit, a_citizen(), draft_id=draft.id, idempotency_key="k")
            == "not_declared"
        )
        assert (
            refused(cases.submit, a_citizen(), draft_id=draft.id, idempotency_key=" ")
            == "key_needed"
        )
        assert (
            refused(cases.submit, a_citizen(), draft_id=draft.id, idempotency_key="k" * 101)
            == "key_needed"
        )

    def test_an_error_stops_it(self, known) -> None:
        result = send(a_full_draft(fee=9500))
        assert [e.id for e in result.errors] == ["fee_high"]

    def test_last_answers_go_with_it(self, known) -> None:
        draft = a_full_draft(fee=None)
        assert isinstance(send(draft, values={"fee": 300}), cases.Receipt)
        assert Application.objects.get().answers["fee"] == 300

    def test_attachments_become_the_cases(self, known) -> None:
        draft = a_full_draft(fee=600)
        pdf = b"%PDF-1.7\n1 0 obj\n%%EOF"
        added = cases.attach(
            a_citizen(), draft_id=draft.id, document="invoice", content=pdf, filename="../f.pdf"
        )
        send(draft)
        row = Attachment.objects.get()
        assert (row.id, row.case_id, row.draft_id, row.filename) == (
            added.id,
            draft.id,
            None,
            "f.pdf",
        )
        _, content = cases.read_attachment(a_citizen(), attachment_id=row.id)
        assert content == pdf

    def test_a_closed_municipality_receives_nothing(self, known, allotment) -> None:
        from samspill.kernel.actor import Actor
        from samspill.packages import service as packages

        draft = a_full_draft()
        sandnes = municipalities.on(SANDNES, NOW).id
        leader = Actor(
            kind="employee", municipality_id=sandnes, roles=frozenset({"municipality_leader"})
        )
        packages.set_settings(
            leader,
            package=allotment,
            municipality_id=sandnes,
            valid_from=NOW,
            values={},
            is_open=False,
            closed_reason="New system",
        )
        assert refused(send, draft) == "service_closed"
        known.know(2)
        assert refused(cases.start_draft, a_citizen(2), package_id="allotment") == "service_closed"

    def test_directly_without_a_draft(self, known) -> None:
        def directly(**changes):
            return cases.submit_directly(
                a_citizen(),
                package_id="allotment",
                idempotency_key="d1",
                answers={**ANSWERS, **changes},
                declared=TRUTH,
            )

        receipt = directly()
        assert isinstance(receipt, cases.Receipt)
        assert Application.objects.get().answers["home"]["municipality_no"] == SANDNES
        assert directly().code == receipt.code
        assert isinstance(directly(fee=1), cases.KeyReused)


@pytest.mark.django_db
@pytest.mark.usefixtures("allotment")
class TestOnlyOnce:
    def test_same_key_same_request_same_receipt(self, known) -> None:
        draft = a_full_draft()
        first, again = send(draft), send(draft)
        assert (again.code, again.repeated) == (first.code, True)
        assert Case.objects.count() == 1

    def test_same_key_another_request_is_refused(self, known) -> None:
        draft = a_full_draft()
        send(draft)
        other = send(draft, values={"fee": 1})
        assert isinstance(other, cases.KeyReused)
        known.know(1)
        second = a_full_draft()
        assert isinstance(send(second), cases.KeyReused)

    def test_back_button_with_another_key_shows_the_same_receipt(self, known) -> None:
        draft = a_full_draft()
        first = send(draft, key="one")
        assert send(draft, key="two").code == first.code
        assert Case.objects.count() == 1

    def test_two_people_may_use_the_same_key(self, known) -> None:
        known.know(2)
        one, two = send(a_full_draft(1)), send(a_full_draft(2), serial=2)
        assert one.code != two.code

    def test_anothers_draft_cannot_be_sent(self, known) -> None:
        draft = a_full_draft()
        known.know(9)
        assert refused(send, draft, serial=9) == "not_found"
        assert Draft.objects.exists()

    def test_what_was_signed_is_never_changed(self, known) -> None:
        send(a_full_draft())
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.update(answers={})
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.all()._raw_delete("default")


@pytest.mark.django_db
@pytest.mark.usefixtures("allotment")
class TestGradeBetweenPageAndSubmit:
    def test_a_grade_that_arrives_protects_the_case_at_once(self, known) -> None:
        draft = a_full_draft()
        known.know(1, protection="strengtFortrolig")
        receipt = send(draft)
        case = Case.objects.get()
        assert (case.protection, case.municipality_id, case.unit) == (
            "strengtFortrolig",
            None,
            "protected",
        )
        assert receipt.municipality_id is None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a::text || c::text FROM cases_application a JOIN cases_case c ON c.id = a.case_id"
            )
            (stored,) = cursor.fetchone()
        assert "Storgata" not in stored
        assert SANDNES not in stored

    def test_a_member_whose_grade_cannot_be_found_makes_it_unknown_and_strict(self, known) -> None:
        draft = a_full_draft(
            members=[
                {
                    "national_id": a_number(5).value,
                    "name": "X",
                    "born": "2000-01-01",
                    "gardens": True,
                }
            ]
        )
        send(draft)
        case = Case.objects.get()
        assert (case.protection, case.municipality_id) == ("unknown", None)

    def test_down_at_submit_is_stored_as_the_strictest_then_settled(self, known) -> None:
        from samspill.kernel.actor import system

        draft = a_full_draft()
        known.down = {"folkeregisteret.person"}
        assert isinstance(send(draft), cases.Receipt)
        case = Case.objects.get()
        assert (case.protection, case.municipality_id) == ("unknown", None)
        assert cases.regrade_unknown(system("t")) == 0
        known.down = set()
        assert cases.regrade_unknown(system("t")) == 1
        case.refresh_from_db()
        assert (case.protection, case.municipality_no_at_submission) == ("ugradert", SANDNES)
        assert case.unit == "shed_office"

    def test_a_grade_that_arrives_later_takes_the_case_out_of_the_municipality(self, known) -> None:
        from samspill.kernel.actor import system

        draft = a_full_draft()
        send(draft)
        known.know(1, protection="strengtFortrolig")
        person = a_citizen().person_id
        assert cases.regrade_person(system("t"), person_id=person) == 1
        case = Case.objects.get()
        assert (case.municipality_id, case.unit, case.protected) == (None, "protected", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("allotment")
class TestConcurrent:
    def test_what_is_logged_on_the_way_lasts_with_the_application_or_by_itself(self, known) -> None:
        def direct(key, **changes):
            with CaptureQueriesContext(connection) as asked:
                outcome = cases.submit_directly(
                    a_citizen(),
                    package_id="allotment",
                    idempotency_key=key,
                    answers={**ANSWERS, **changes},
                    declared=TRUTH,
                )
            return outcome, [one["sql"] for one in asked]

        sent, statements = direct("d1")
        assert isinstance(sent, cases.Receipt)
        assert sum(lasting.SOON in one for one in statements) > 1  # the number, each register
        assert '"cases_application"' in statements[-1]
        lacking, statements = direct("d2", fee=None)
        assert isinstance(lacking, cases.CheckResult)
        assert "pg_logical_emit_message" in statements[-1]

    def together(self, *calls):
        """Run calls at the same time, each with a connection of its own; give answers or errors."""
        start, found = threading.Barrier(len(calls)), [None] * len(calls)

        def run(at, call):
            try:
                with clock.frozen(NOW):
                    start.wait(timeout=10)
                    found[at] = call()
            except Exception as error:  # noqa: BLE001 - looked at by the test
                found[at] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        return found

    def test_a_double_click_makes_one_case_and_two_equal_receipts(self, known) -> None:
        draft = a_full_draft()
        one, two = self.together(lambda: send(draft), lambda: send(draft))
        assert one.code == two.code
        assert {one.repeated, two.repeated} == {True, False}
        assert Case.objects.count() == 1

    def test_twenty_at_once_with_the_same_key_make_one_case_and_equal_receipts(self, known) -> None:
        draft = a_full_draft()
        receipts = self.together(*[lambda: send(draft)] * 20)
        assert {type(one) for one in receipts} == {cases.Receipt}
        assert len({one.code for one in receipts}) == 1
        assert sum(not one.repeated for one in receipts) == 1
        assert Case.objects.count() == Application.objects.count() == 1

    def test_two_windows_with_keys_of_their_own_make_one_case(self, known) -> None:
        draft = a_full_draft()
        one, two = self.together(lambda: send(draft, key="a"), lambda: send(draft, key="b"))
        assert one.code == two.code
        assert Application.objects.count() == 1

    def test_saving_while_sending_loses_nothing_unseen(self, known) -> None:
        draft = a_full_draft()

        def save():
            return cases.save_fields(
                a_citizen(), draft_id=draft.id, revision=draft.revision, values={"note": "late"}
            )

        saved, sent = self.together(save, lambda: send(draft))
        assert isinstance(sent, cases.Receipt)
        stored = Application.objects.get().answers.get("note")
        if isinstance(saved, cases.DraftView):
            assert stored == "late"
        else:
            assert saved.refused.code == "not_found"
            assert stored is None

    def test_two_saves_of_different_fields_both_stand(self, known) -> None:
        draft = a_full_draft()

        def save(**values):
            return lambda: cases.save_fields(
                a_citizen(), draft_id=draft.id, revision=draft.revision, values=values
            )

        self.together(save(note="one"), save(fee=123))
        answers = Draft.objects.get().answers
        assert (answers["note"], answers["fee"]) == ("one", 123)

    def test_two_saves_of_the_same_field_one_is_told(self, known) -> None:
        draft = a_full_draft()

        def save(fee):
            return lambda: cases.save_fields(
                a_citizen(), draft_id=draft.id, revision=draft.revision, values={"fee": fee}
            )

        found = self.together(save(1), save(2))
        assert sorted(type(f).__name__ for f in found) == ["Conflict", "DraftView"]

    def test_starting_twice_at_once_makes_one_draft(self, known) -> None:
        def start():
            return cases.start_draft(a_citizen(), package_id="allotment")

        one, two = self.together(start, start)
        assert one.id == two.id
        assert Draft.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("allotment")
class TestReceipt:
    def test_the_holder_of_the_code_learns_no_more_than_that_it_came(self, known) -> None:
        receipt = send(a_full_draft())
        found = cases.verify_receipt(receipt.code.lower().replace("-", " "))
        assert (found.package_id, found.submitted_on) == ("allotment", NOW)
        assert {field.name for field in attrs.fields(type(found))} == {
            "package_id", "title", "submitted_on", "body_sha256",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "code", ["", "AAAA-AAAA-AAAA-AAAA-A", "'; drop table", "2222-2222-2222-2222-2"]
    )
    def test_other_codes_are_nothing(self, known, code) -> None:
        assert cases.verify_receipt(code) is None

    def test_is_ones_own(self, known) -> None:
        receipt = send(a_full_draft())
        assert cases.receipt(a_citizen(), case_id=receipt.case_id).code == receipt.code
        known.know(9)
        assert refused(cases.receipt, a_citizen(9), case_id=receipt.case_id) == "not_found"
        assert refused(cases.receipt_pdf, a_citizen(9), case_id=receipt.case_id) == "not_found"
        assert refused(cases.receipt, a_citizen(9), case_id=uuid.uuid4()) == "not_found"

    def test_as_archivable_tagged_pdf(self, known) -> None:
        import io

        import pikepdf

        known.know(1, members=(a_member(2),))
        receipt = send(
            a_full_draft(
                members=[
                    {
                        "national_id": a_number(2).value,
                        "name": "Per Prøve2",
                        "born": "1991-02-03",
                        "gardens": True,
                    }
                ]
            )
        )
        content = cases.receipt_pdf(a_citizen(), case_id=receipt.case_id)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            with pdf.open_metadata() as meta:
                assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
            assert "/StructTreeRoot" in pdf.Root
