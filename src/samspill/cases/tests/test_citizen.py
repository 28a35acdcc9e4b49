"""My page: status, messages, documents, requests, changes, decisions, appeals, stopping."""

# ruff: noqa: ARG002 - a fixture that prepares the registers is asked for by its name
from __future__ import annotations

import datetime as dt
import uuid

import pytest

from samspill.cases import service as cases
from samspill.cases.models import (
    Amendment,
    Appeal,
    Attachment,
    Case,
    Decision,
    InformationRequest,
    Letter,
    Message,
    TermEntry,
)
from samspill.cases.tests.builders import a_citizen
from samspill.cases.tests.test_submission import a_full_draft, refused, send
from samspill.infra import clock
from samspill.infra.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allotment")]
NOW = dt.date(2026, 8, 10)


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def case(known) -> Case:
    return Case.objects.get(id=send(a_full_draft()).case_id)


def a_decision(case: Case, **changes) -> Decision:
    fields = {
        "case": case,
        "package_id": case.package_id,
        "municipality_id": case.municipality_id,
        "term": dt.date(2026, 8, 1),
        "code": "yes",
        "granted": True,
        "amount_ore": 20000,
        "inputs": {},
        "trace": {},
        "rulebook_version": "1",
        "rulebook_hash": "x",
        "decided_at": clock.now(),
    }
    decision = Decision.objects.create(**{**fields, **changes})
    Case.objects.filter(id=case.id).update(state="decided", waiting_for="system")
    return decision


def a_request(case: Case, **changes) -> InformationRequest:
    fields = {
        "case": case,
        "items": [{"kind": "field", "id": "fee"}],
        "role": "municipality_caseworker",
        "asked_at": clock.now(),
        "due_on": dt.date(2026, 9, 1),
    }
    Case.objects.filter(id=case.id).update(state="asked", waiting_for="applicant")
    return InformationRequest.objects.create(**{**fields, **changes})


class TestMyPage:
    def test_lists_drafts_and_cases(self, case, known) -> None:
        cases.start_draft(a_citizen(), package_id="allotment")
        mine = cases.my_cases(a_citizen())
        assert [c.id for c in mine.cases] == [case.id]
        assert len(mine.drafts) == 1
        known.know(9)
        assert cases.my_cases(a_citizen(9)) == cases.MyCases(drafts=(), cases=())

    def test_tells_what_happens_when(self, case) -> None:
        shown = cases.case_for_applicant(a_citizen(), case_id=case.id)
        days = {line.key: line.on for line in shown.timeline}
        assert days["received"] == NOW
        assert days["deadline"] == dt.date(2026, 8, 25)
        assert days["payment"] == dt.date(2026, 9, 18)
        assert shown.may_stop
        assert shown.line.waiting_for == "municipality"

    def test_anothers_case_is_as_if_not_there(self, case, known) -> None:
        known.know(9)
        for act in (
            lambda: cases.case_for_applicant(a_citizen(9), case_id=case.id),
            lambda: cases.send_message(a_citizen(9), case_id=case.id, text="hei"),
            lambda: cases.stop(a_citizen(9), case_id=case.id),
            lambda: cases.change_answers(a_citizen(9), case_id=case.id, values={"fee": 1}),
            lambda: cases.appeal(a_citizen(9), case_id=case.id, decision_id=uuid.uuid4(), text="x"),
        ):
            assert refused(act) == "not_found"


class TestMessages:
    def test_goes_to_who_prepares_and_once_for_each_key(self, case) -> None:
        for _ in range(2):
            cases.send_message(a_citizen(), case_id=case.id, text=" Hei ", idempotency_key="m1")
        row = Message.objects.get()
        assert (row.receiver, row.text) == ("municipality", "Hei")

    def test_another_text_under_the_same_key_is_never_told_to_be_sent(self, case) -> None:
        """One goes back to the page as it was, writes something else and sends: the browser sends the old key."""

        def send(text):
            return cases.send_message(a_citizen(), case_id=case.id, text=text, idempotency_key="m1")

        send("Hei")
        assert refused(send, "Noe annet") == "key_used"
        assert [row.text for row in Message.objects.all()] == ["Hei"]

    def test_refuses_nothing_and_too_much(self, case) -> None:
        assert refused(cases.send_message, a_citizen(), case_id=case.id, text=" \n") == "empty_text"
        assert (
            refused(cases.send_message, a_citizen(), case_id=case.id, text="x" * 5001)
            == "text_too_long"
        )

    def test_is_read_when_the_case_is_opened(self, case) -> None:
        Message.objects.create(
            case=case, sender="municipality", receiver="applicant", text="Hei", sent_at=clock.now()
        )
        assert cases.my_cases(a_citizen()).cases[0].unread == 1
        assert cases.case_for_applicant(a_citizen(), case_id=case.id).line.unread == 1
        assert cases.my_cases(a_citizen()).cases[0].unread == 0


PDF = b"%PDF-1.7\n1 0 obj\n%%EOF"


class TestDocuments:
    def add(self, case, document="invoice", content=PDF):
        return cases.add_document(
            a_citizen(), case_id=case.id, document=document, content=content, filename="f.pdf"
        )

    def test_is_added_and_shown(self, case) -> None:
        self.add(case)
        shown = cases.case_for_applicant(a_citizen(), case_id=case.id)
        assert [a.document for a in shown.attachments] == ["invoice"]

    def test_refuses_wrong_kind_unknown_document_too_many_too_large(self, case) -> None:
        assert refused(self.add, case, "passport") == "no_such_document"
        assert refused(self.add, case, content=b"MZ not a picture") == "file_type"
        assert refused(self.add, case, content=PDF + b"x" * (2 << 20)) == "file_too_large"
        self.add(case)
        self.add(case, content=PDF + b"\n")
        assert refused(self.add, case, content=PDF + b"\n\n") == "too_many_files"

    def test_the_same_file_sent_as_an_answer_is_there_once_more(self, case) -> None:
        at = clock.now()
        with clock.frozen(at + dt.timedelta(minutes=1)):
            self.add(case)
        InformationRequest.objects.create(
            case=case,
            items=[],
            role="municipality",
            asked_at=at + dt.timedelta(minutes=2),
            due_on=(at + dt.timedelta(days=14)).date(),
        )
        with clock.frozen(at + dt.timedelta(minutes=3)):
            self.add(case)
        assert Event.objects.filter(type="DocumentAdded").count() == 2

    def test_the_same_file_twice_is_there_once_and_told_of_once(self, case) -> None:
        with clock.frozen(case.submitted_at + dt.timedelta(minutes=1)):
            first, again = self.add(case), self.add(case)
        assert first == again
        assert Attachment.objects.count() == 1
        assert Event.objects.filter(type="DocumentAdded").count() == 1
        _, content = cases.read_attachment(a_citizen(), attachment_id=first.id)
        assert content == PDF
        draft = a_full_draft()
        for _ in range(2):
            cases.attach(
                a_citizen(), draft_id=draft.id, document="invoice", content=PDF, filename="f.pdf"
            )
        cases.attach(
            a_citizen(), draft_id=draft.id, document="invoice", content=PDF, filename="g.pdf"
        )
        names = [
            one.filename for one in cases.open_draft(a_citizen(), draft_id=draft.id).attachments
        ]
        assert sorted(names) == ["f.pdf", "g.pdf"]

    def test_detaching_twice_does_no_harm(self, known) -> None:
        draft = a_full_draft()
        added = cases.attach(
            a_citizen(), draft_id=draft.id, document="invoice", content=PDF, filename="f.pdf"
        )
        for _ in range(2):
            cases.detach(a_citizen(), draft_id=draft.id, attachment_id=added.id)
        assert cases.open_draft(a_citizen(), draft_id=draft.id).attachments == ()


class TestAnswers:
    def test_answering_sends_the_case_back_and_leaves_what_was_signed(self, case) -> None:
        request = a_request(case)
        for _ in range(2):
            shown = cases.answer_request(
                a_citizen(), case_id=case.id, request_id=request.id, values={"fee": 450}
            )
        assert not shown.open
        case.refresh_from_db()
        assert (case.state, case.waiting_for, case.amended) == (
            "submitted",
            "municipality",
            {"fee": 450},
        )
        assert case.application.answers["fee"] == 400
        change = Amendment.objects.get()
        assert (change.before, change.after, change.origin) == (
            {"fee": 400},
            {"fee": 450},
            "request",
        )

    def test_a_task_that_was_done_stays_done_when_the_case_comes_back(self, case) -> None:
        from samspill.cases.models import Task
        from samspill.cases.service import handling
        from samspill.cases.tests.term_builders import a_caseworker

        def judge(key: str, **values) -> None:
            case.refresh_from_db()
            task = Task.objects.get(case=case, key=key, state="open")
            handling.complete_task(
                a_caseworker(),
                case_id=case.id,
                task_id=task.id,
                revision=case.revision,
                values=values,
            )

        judge("look_at_soil", soil="clay")
        case.refresh_from_db()
        request = handling.request_missing(
            a_caseworker(), case_id=case.id, revision=case.revision, items=["field:fee"]
        )
        assert not Task.objects.filter(state="open").exists()
        cases.answer_request(
            a_citizen(), case_id=case.id, request_id=request.id, values={"fee": 450}
        )
        assert set(Task.objects.filter(state="open").values_list("key", flat=True)) == {"shed"}
        judge("shed")
        assert not Task.objects.filter(state="open").exists()

    def test_only_what_was_asked_for(self, case) -> None:
        request = a_request(case)
        code = refused(
            cases.answer_request,
            a_citizen(),
            case_id=case.id,
            request_id=request.id,
            values={"has_shed": False},
        )
        assert code == "not_asked_for"

    def test_a_withdrawn_question_cannot_be_answered(self, case) -> None:
        request = a_request(case, state="withdrawn", closed_at=clock.now())
        assert (
            refused(cases.answer_request, a_citizen(), case_id=case.id, request_id=request.id)
            == "request_gone"
        )

    def test_a_change_after_the_decision_brings_the_case_back(self, case) -> None:
        a_decision(case)
        cases.change_answers(a_citizen(), case_id=case.id, values={"fee": 500}, reason="new price")
        case.refresh_from_db()
        assert (case.state, case.amended) == ("submitted", {"fee": 500})
        assert Amendment.objects.get().reason == "new price"

    def test_nobody_changes_what_the_caseworker_fills(self, case) -> None:
        assert (
            refused(cases.change_answers, a_citizen(), case_id=case.id, values={"soil": "clay"})
            == "unknown_field"
        )


class TestAppeal:
    def test_within_three_weeks_of_the_letter(self, case) -> None:
        decision = a_decision(case)
        Letter.objects.create(
            case=case,
            decision=decision,
            kind="granted",
            language="nb",
            state="sent",
            queued_at=clock.now(),
            sent_at=clock.now() + dt.timedelta(days=5),
        )
        shown = cases.case_for_applicant(a_citizen(), case_id=case.id).decisions[0]
        assert shown.appeal_by == dt.date(2026, 9, 5)
        done = cases.appeal(
            a_citizen(), case_id=case.id, decision_id=decision.id, text="Feil", idempotency_key="a"
        )
        again = cases.appeal(
            a_citizen(), case_id=case.id, decision_id=decision.id, text="Feil", idempotency_key="a"
        )
        assert (done.appeal_id, done.late) == (again.appeal_id, False)
        other = refused(
            cases.appeal, a_citizen(), case_id=case.id, decision_id=decision.id, text="Mer",
            idempotency_key="a",
        )  # fmt: skip
        assert other == "appealed_already"  # another text is no second click, and would be lost
        case.refresh_from_db()
        assert case.state == "appealed"
        code = refused(
            cases.appeal, a_citizen(), case_id=case.id, decision_id=decision.id, text="Mer"
        )
        assert code == "appealed_already"

    def test_late_is_received_with_the_reason_and_after_a_year_not(self, case) -> None:
        decision = a_decision(case)

        def appeal(**rest):
            return cases.appeal(
                a_citizen(), case_id=case.id, decision_id=decision.id, text="Feil", **rest
            )

        with clock.frozen(dt.date(2026, 9, 1)):
            assert refused(appeal) == "late_reason_needed"
            assert appeal(late_reason="I was ill").late
        Appeal.objects.update(state="upheld")
        with clock.frozen(dt.date(2027, 9, 1)):
            assert refused(appeal, late_reason="x") == "appeal_too_late"

    def test_a_refused_and_closed_case_can_be_appealed_and_stays_closed(self, case) -> None:
        decision = a_decision(case, code="no", granted=False, amount_ore=0)
        Case.objects.filter(id=case.id).update(closed_at=clock.now(), waiting_for="nobody")
        cases.appeal(a_citizen(), case_id=case.id, decision_id=decision.id, text="Feil")
        case.refresh_from_db()
        assert (case.state, case.waiting_for) == ("decided", "nobody")
        assert Appeal.objects.get().state == "received"

    def test_of_no_decision_is_refused(self, case) -> None:
        assert (
            refused(cases.appeal, a_citizen(), case_id=case.id, decision_id=uuid.uuid4(), text="x")
            == "no_such_decision"
        )


class TestStop:
    def test_ends_the_case_and_what_waited(self, case) -> None:
        for _ in range(2):
            line = cases.stop(a_citizen(), case_id=case.id)
        assert not line.open
        case.refresh_from_db()
        assert (case.state, case.waiting_for, case.stopped_reason) == (
            "withdrawn",
            "nobody",
            "ended",
        )
        assert set(TermEntry.objects.values_list("state", flat=True)) == {"stopped"}
        assert not case.tasks.filter(state="open").exists()
        shown = cases.case_for_applicant(a_citizen(), case_id=case.id)
        assert not shown.may_stop
        assert {line.key for line in shown.timeline}.isdisjoint({"decision", "payment"})

    def test_nothing_is_added_to_an_ended_case(self, case) -> None:
        cases.stop(a_citizen(), case_id=case.id)
        code = refused(cases.change_answers, a_citizen(), case_id=case.id, values={"fee": 1})
        assert code == "case_closed"


class TestVersions:
    def newer(self, tmp_path, version: str) -> None:
        import shutil

        from samspill.cases.tests.builders import ALLOTMENT
        from samspill.kernel.actor import system
        from samspill.packages import service as packages

        folder = tmp_path / version
        shutil.copytree(ALLOTMENT, folder)
        text = (
            (folder / "service.yaml").read_text().replace("version: 1.0.0", f"version: {version}")
        )
        (folder / "service.yaml").write_text(text)
        data = (folder / "data.yaml").read_text()
        if version.startswith("1."):
            data += '  hobby: {type: text, max_length: 50, optional: true, purpose: "Annet"}\n'
            form = (folder / "form.yaml").read_text().replace("[fee, note]", "[fee, note, hobby]")
            (folder / "form.yaml").write_text(form)
            for language in ("nb", "nn", "en"):
                path = folder / "texts" / f"{language}.yaml"
                path.write_text(
                    path.read_text().replace(
                        '  "soil":\n', '  "hobby":\n    "label": "Hobby"\n  "soil":\n'
                    )
                )
        else:
            data = data.replace(
                "shed_size: {type: integer, min: 1, max: 50",
                "shed_size: {type: text, max_length: 9",
            )
            example = folder / "examples" / "ordinary.yaml"
            example.write_text(example.read_text().replace("shed_size: 4", "shed_size: four"))
        (folder / "data.yaml").write_text(data)
        packages.publish(folder, actor=system("test"))

    def test_a_minor_version_moves_the_draft_and_shows_the_difference(
        self, known, tmp_path
    ) -> None:
        draft = a_full_draft()
        self.newer(tmp_path, "1.1.0")
        opened = cases.open_draft(a_citizen(), draft_id=draft.id)
        assert opened.package.version == "1.1.0"
        assert opened.moved
        assert opened.answers["fee"] == 400
        assert cases.open_draft(a_citizen(), draft_id=draft.id).moved == ()

    def test_a_major_version_asks_first(self, known, tmp_path) -> None:
        draft = a_full_draft()
        self.newer(tmp_path, "2.0.0")
        opened = cases.open_draft(a_citizen(), draft_id=draft.id)
        assert (opened.package.version, opened.newer.level) == ("1.0.0", "major")
        moved = cases.move_draft(a_citizen(), draft_id=draft.id)
        assert moved.package.version == "2.0.0"
        assert moved.answers["fee"] == 400

    def test_a_sent_case_stays_on_its_version(self, case, tmp_path) -> None:
        self.newer(tmp_path, "1.1.0")
        assert (
            cases.case_for_applicant(a_citizen(), case_id=case.id).line.package.version == "1.0.0"
        )
