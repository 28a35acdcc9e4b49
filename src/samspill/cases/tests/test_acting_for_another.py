"""One person acts for another in an application: the mandate is asked at each door, and races have an order."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from django.db import connection, transaction

from samspill.cases import service as cases
from samspill.cases.models import Application, Case, Letter
from samspill.cases.tests.builders import ANSWERS, Registers, a_citizen, a_number, a_person
from samspill.infra import clock, pdf
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service as mandates
from samspill.packages import service as packages
from samspill.packages.domain.letters import document

REPRESENTATION = "folkeregisteret.representation"


@pytest.fixture
def parties(known: Registers, allotment: Any) -> Registers:
    """Folkeregisteret knows 1, who needs help, 2, who helps, and 3, who does not."""
    for serial in (1, 2, 3):
        known.know(serial)
        known.replies.setdefault(REPRESENTATION, {})[a_number(serial).value] = {
            "name": {"given": "Kari", "family": f"Prøve{serial}", "full": f"Kari Prøve{serial}"},
            "born": "1985-01-01", "dead": False, "died": None, "protection": "ugradert",
            "guardianships": [], "parents": [], "children": [],
        }  # fmt: skip
    return known


def a_mandate(**changes: Any) -> uuid.UUID:
    given = mandates.Offer(
        agent_number=a_number(2).value, agent_family="Prøve2", scopes=("husbanken:bostoette",), **changes
    )  # fmt: skip
    giver = a_citizen(1, name="Kari Prøve1")
    text = mandates.preview(giver, given)
    made = mandates.give(giver, given, text_sha256=text.sha256)
    mandates.accept(a_citizen(2), mandate_id=made)
    return made


def agent(serial: int = 2) -> Actor:
    return a_citizen(serial, on_behalf_of=a_person(1))


def a_draft() -> cases.DraftView:
    draft = cases.start_draft(agent(), package_id="allotment")
    saved = cases.save_fields(agent(), draft_id=draft.id, revision=draft.revision, values=ANSWERS)
    assert isinstance(saved, cases.DraftView)
    return saved


def send(draft: cases.DraftView, key: str = "k") -> Any:
    return cases.submit(
        agent(), draft_id=draft.id, idempotency_key=key, declared=tuple(draft.package.form.declaration)
    )  # fmt: skip


def code(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)
    return refused.value.refused.code


@pytest.mark.django_db
def test_an_agent_applies_and_both_stand_in_every_record(parties: Registers):
    made = a_mandate()
    receipt = send(a_draft())
    assert isinstance(receipt, cases.Receipt)
    case = Case.objects.get()
    assert (case.applicant_id, case.submitted_by_id) == (a_person(1), a_person(2))
    entry = AccessEntry.objects.filter(case_id=case.id, action="write").latest("id")
    assert (entry.actor_id, entry.on_behalf_of, entry.subject_id) == (
        a_person(2), a_person(1), a_person(1),
    )  # fmt: skip
    uses = mandates.uses_of(a_citizen(1), mandate_id=made)
    assert [one.about_id for one in uses if one.what == "used"] == [case.id]
    assert cases.case_for_applicant(agent(), case_id=case.id).line.id == case.id
    assert len(cases.my_cases(a_citizen(1)).cases) == 1, "the person sees it all"


@pytest.mark.django_db
def test_both_names_stand_in_the_receipt_the_letter_and_the_messages(
    parties: Registers, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pdf, "render", lambda source, **_: source.encode())
    monkeypatch.setattr(packages, "render_letter", lambda *_: document("# Vedtak\n\nHei.", "nb"))
    a_mandate()
    sender = attrs.evolve(agent(), name="Kari Prøve2")
    draft = a_draft()
    receipt = cases.submit(
        sender, draft_id=draft.id, idempotency_key="k", declared=tuple(draft.package.form.declaration)
    )  # fmt: skip
    assert isinstance(receipt, cases.Receipt)
    case = Case.objects.get()
    assert (receipt.applicant, receipt.sent_by) == (case.applicant_name, "Kari Prøve2")
    assert case.applicant_name
    said = f"Kari Prøve2 søkte på vegne av {case.applicant_name}."
    assert "Sendt på vegne av søkeren av: Kari Prøve2" in cases.receipt_pdf(a_citizen(1), case_id=case.id).decode()  # fmt: skip
    letter = Letter.objects.create(case=case, kind="granted", language="nb", queued_at=clock.now())
    html = cases.letter(a_citizen(1), letter_id=letter.id).html
    assert html.index("Vedtak") < html.index(said) < html.index("Hei.")
    assert pdf.escape(said) in cases.letter_pdf(a_citizen(1), letter_id=letter.id).decode()
    cases.send_message(sender, case_id=case.id, text="Hei")
    cases.send_message(a_citizen(1), case_id=case.id, text="Hei selv")
    shown = cases.case_for_applicant(a_citizen(1), case_id=case.id)
    assert [one.by_agent for one in shown.messages] == ["Kari Prøve2", ""]
    assert shown.receipt.sent_by == "Kari Prøve2"


@pytest.mark.django_db
def test_of_one_whose_address_is_hidden_an_agent_opens_only_what_the_agent_brought(
    parties: Registers,
):
    """R9: the agent of somebody with a confidential address is let in, and a paper may show the address."""
    a_mandate()
    send(a_draft())
    case = Case.objects.get()
    theirs, brought = (
        cases.add_document(
            who, case_id=case.id, document="invoice", content=b"%PDF-1.7\n%%EOF", filename=name
        )
        for who, name in ((a_citizen(1), "from home.pdf"), (agent(), "from the agent.pdf"))
    )
    both = {theirs.id, brought.id}
    for grade, seen in (("ugradert", both), ("fortrolig", {brought.id})):
        Case.objects.update(protection=grade)
        shown = cases.case_for_applicant(agent(), case_id=case.id).attachments
        assert {one.id for one in shown} == seen
        for one in seen:
            assert cases.read_attachment(agent(), attachment_id=one)[1]
        assert {
            one.id for one in cases.case_for_applicant(a_citizen(1), case_id=case.id).attachments
        } == both
    assert code(cases.read_attachment, agent(), attachment_id=theirs.id) == "not_found"
    refusal = AccessEntry.objects.filter(outcome="deny").latest("id")
    assert (refusal.actor_id, refusal.subject_id) == (a_person(2), a_person(1))


@pytest.mark.django_db
def test_without_a_mandate_nobody_begins_for_another(parties: Registers):
    assert code(cases.start_draft, agent(), package_id="allotment") == "mandate.not_found"
    a_mandate()
    assert code(cases.start_draft, agent(3), package_id="allotment") == "mandate.not_found"
    denied = AccessEntry.objects.filter(outcome="deny", purpose="cases.start_draft")
    assert {entry.actor_id for entry in denied} == {a_person(2), a_person(3)}


@pytest.mark.django_db
def test_a_mandate_to_see_does_not_let_one_write(parties: Registers):
    a_mandate(level="read")
    assert code(cases.start_draft, agent(), package_id="allotment") == "mandate.level"


@pytest.mark.django_db
def test_a_withdrawal_shuts_every_door_at_the_next_step(parties: Registers):
    made = a_mandate()
    draft = a_draft()
    receipt = send(draft)
    second = a_draft()
    mandates.withdraw(a_citizen(1), mandate_id=made)
    about: dict[str, Any] = {"draft_id": second.id}
    assert code(cases.open_draft, agent(), **about) == "mandate.revoked"
    assert code(cases.check, agent(), **about) == "mandate.revoked"
    assert code(cases.save_fields, agent(), revision=second.revision, values={"fee": 3}, **about) == "mandate.revoked"  # fmt: skip
    assert code(cases.save_fields, agent(), revision=second.revision, values={"fee": 3}, seen=second, **about) == "mandate.revoked"  # fmt: skip
    assert code(send, second, "another key") == "mandate.revoked"
    assert code(send, draft) == "mandate.revoked", "nor is the receipt given again"
    assert code(cases.case_for_applicant, agent(), case_id=receipt.case_id) == "mandate.revoked"
    assert code(cases.receipt_pdf, agent(), case_id=receipt.case_id) == "mandate.revoked"
    assert cases.my_cases(agent()).cases == ()
    assert cases.my_cases(agent()).drafts == ()


@pytest.mark.django_db
def test_an_agents_draft_is_not_the_persons_own(parties: Registers):
    a_mandate()
    draft = a_draft()
    assert code(cases.open_draft, a_citizen(1), draft_id=draft.id) == "not_found"
    own = cases.start_draft(a_citizen(1), package_id="allotment")
    assert own.id != draft.id
    assert code(cases.open_draft, agent(), draft_id=own.id) == "not_found"


@pytest.mark.django_db
def test_the_person_goes_on_with_what_the_agent_began_also_after_the_end_of_the_mandate(
    parties: Registers,
):
    made = a_mandate()
    draft = a_draft()
    assert [one.id for one in cases.my_cases(a_citizen(1)).begun_by_others] == [draft.id]
    assert cases.my_cases(agent()).begun_by_others == ()
    mandates.withdraw(a_citizen(1), mandate_id=made)
    assert code(cases.take_over_draft, agent(), draft_id=draft.id) == "not_found"
    assert code(cases.take_over_draft, a_citizen(3), draft_id=draft.id) == "not_found"
    assert code(cases.take_over_draft, a_citizen(1), draft_id=uuid.uuid4()) == "not_found"
    own = cases.start_draft(a_citizen(1), package_id="allotment")
    assert code(cases.take_over_draft, a_citizen(1), draft_id=draft.id) == "draft_exists"
    cases.discard_draft(a_citizen(1), draft_id=own.id)
    for _twice in range(2):
        cases.take_over_draft(a_citizen(1), draft_id=draft.id)
    mine = cases.my_cases(a_citizen(1))
    assert ([one.id for one in mine.drafts], mine.begun_by_others) == ([draft.id], ())
    assert cases.open_draft(a_citizen(1), draft_id=draft.id).answers["fee"] == 400
    assert code(cases.open_draft, agent(), draft_id=draft.id) == "not_found"


@pytest.mark.django_db
def test_a_silent_register_stops_the_agent_after_a_day_but_not_the_person(parties: Registers):
    a_mandate()
    draft = a_draft()
    parties.down.add(REPRESENTATION)
    with clock.frozen(clock.now() + dt.timedelta(hours=25)):
        assert code(send, draft) == "mandate.source_stale"
        own = cases.start_draft(a_citizen(1), package_id="allotment")
        assert own.id


# ── races, with transactions of their own ─────────────────────────────────────────────────────


class Racer(threading.Thread):
    """Does something in a transaction of its own, and waits inside it until it may commit."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self.act, self.done, self.go = act, threading.Event(), threading.Event()
        self.result: Any = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.result = self.act()
                self.done.set()
                self.go.wait(20)
        except RefusedError as error:
            self.result = error.refused.code
        finally:
            self.done.set()
            connection.close()


def wait_until_somebody_waits() -> None:
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError


@pytest.fixture
def raced(transactional_db: None, parties: Registers) -> tuple[uuid.UUID, cases.DraftView]:
    return a_mandate(), a_draft()


def test_a_submission_that_commits_first_stands_and_the_withdrawal_comes_after(raced: Any):
    made, draft = raced
    sending = Racer(lambda: send(draft))
    sending.start()
    assert sending.done.wait(20)
    leaving = Racer(lambda: mandates.withdraw(a_citizen(1), mandate_id=made))
    leaving.start()
    wait_until_somebody_waits()
    sending.go.set()
    sending.join()
    leaving.go.set()
    leaving.join()
    assert isinstance(sending.result, cases.Receipt)
    ended = mandates.get(a_citizen(1), mandate_id=made).ended_at
    assert ended is not None
    assert ended >= Application.objects.get().submitted_at


def test_a_withdrawal_that_commits_first_stops_the_submission_that_waits(raced: Any):
    made, draft = raced
    leaving = Racer(lambda: mandates.withdraw(a_citizen(1), mandate_id=made))
    leaving.start()
    assert leaving.done.wait(20)
    sending = Racer(lambda: send(draft))
    sending.start()
    wait_until_somebody_waits()
    leaving.go.set()
    leaving.join()
    sending.go.set()
    sending.join()
    assert sending.result == "mandate.revoked"
    assert not Application.objects.exists()


def test_a_withdrawal_that_is_rolled_back_stops_nothing(raced: Any):
    made, draft = raced

    def leave_and_fail() -> None:
        mandates.withdraw(a_citizen(1), mandate_id=made)
        transaction.set_rollback(True)

    leaving = Racer(leave_and_fail)
    leaving.start()
    assert leaving.done.wait(20)
    sending = Racer(lambda: send(draft))
    sending.start()
    wait_until_somebody_waits()
    leaving.go.set()
    leaving.join()
    sending.go.set()
    sending.join()
    assert isinstance(sending.result, cases.Receipt)
