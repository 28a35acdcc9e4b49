"""What employees do: open, judge, ask, write, pass on; two at once; protected cases; appeals; paper."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import attrs
import pytest
from django.db import connection

import samspill
from samspill.cases.domain.worklist import EditConflict, Filters
from samspill.cases.models import Appeal, Application, Case, InformationRequest, Message, Task
from samspill.cases.service import (
    amount,
    appeal_handling,
    gains,
    handling,
    letters,
    paper,
    process,
    term_run,
    worklist,
)
from samspill.cases.tests.builders import STAVANGER, a_citizen, a_number
from samspill.cases.tests.term_builders import (
    AUGUST,
    RUN_DAY,
    a_case,
    a_caseworker,
    an_agency,
    an_employee,
    decisions_of,
    municipality_id,
)
from samspill.infra import clock
from samspill.infra.models import Event
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages

BOSTOTTE = Path(samspill.__file__).parent / "catalogue" / "bostotte"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]


@pytest.fixture
def august():
    with clock.frozen(dt.date(2026, 8, 17)):
        yield


@pytest.fixture
def case(ferry, known) -> Case:
    """A case that has just come to the municipality, with its task open."""
    made = a_case(ferry, known, state="submitted", amended={})
    process.settle(system("test"), made, ferry)
    made.refresh_from_db()
    return made


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def judge(case: Case, actor: Any = None, **changes: Any) -> Any:
    case.refresh_from_db()
    task = Task.objects.get(case=case, state="open")
    wanted = {"revision": case.revision, "values": {"island": True}, **changes}
    return handling.complete_task(
        actor or a_caseworker(), case_id=case.id, task_id=task.id, **wanted
    )


def story(case: Case) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM infra_event WHERE key = %s ORDER BY id", [case.id])
        return [row[0] for row in cursor.fetchall()]


def denied() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM infra_access_entry WHERE outcome = 'deny'")
        return int(cursor.fetchone()[0])


class TestOpen:
    def test_shows_answers_beside_registers_and_only_what_the_side_may_see(self, case) -> None:
        Case.objects.filter(pk=case.pk).update(amended={"phone": "+4711111111"})
        view = handling.open_case(a_caseworker(), case_id=case.id)
        assert view.values["trips"] == 10
        assert "account" not in view.values
        assert [f.path for page in view.pages for f in page.fields if f.path == "account"] == []
        assert [t.key for t in view.tasks] == ["island"]
        assert "account" in handling.open_case(an_agency(), case_id=case.id).values
        assert story(case).count("CaseOpened") == 2

    def test_is_not_there_for_another_municipality_and_the_attempt_is_logged(self, case) -> None:
        stranger = a_caseworker(number=STAVANGER)
        assert refused(handling.open_case, stranger, case_id=case.id) == "case_not_found"
        assert denied() == 1

    def test_own_case_cannot_be_opened(self, case) -> None:
        own = attrs.evolve(a_caseworker(), person_id=case.applicant_id)
        assert refused(handling.open_case, own, case_id=case.id) == "disqualified"
        assert denied() == 1

    def test_protected_household_is_seen_by_the_cleared_only(self, ferry, known) -> None:
        hidden = a_case(ferry, known, serial=5, protection="strengtFortrolig")
        Case.objects.filter(pk=hidden.pk).update(municipality=municipality_id())
        known_error = refused(handling.open_case, a_caseworker(), case_id=hidden.id)
        unknown_error = refused(handling.open_case, a_caseworker(), case_id=case_id())
        assert known_error == unknown_error == "case_not_found"
        cleared = an_employee("municipality_caseworker", "protected_caseworker")
        view = handling.open_case(cleared, case_id=hidden.id)
        assert view.address_hidden
        assert "Storgata" not in repr(view)


def case_id():
    from samspill.kernel.ids import new_id

    return new_id()


class TestTasks:
    def test_judging_stores_the_value_with_who_and_why(self, case) -> None:
        view = judge(case, reason="Sett på kartet")
        assert view.values["island"] is True
        case.refresh_from_db()
        assert case.amended == {"island": True}
        [change] = case.amendments.all()
        assert (change.origin, change.after, change.reason) == (
            "task",
            {"island": True},
            "Sett på kartet",
        )
        assert "TaskCompleted" in story(case)

    def test_second_editor_gets_both_values(self, case) -> None:
        before = case.revision
        handling.change_values(
            a_caseworker(), case_id=case.id, revision=before, values={"island": False}, reason="Bro"
        )
        found = judge(case, revision=before, before={"island": None})
        assert isinstance(found, EditConflict)
        [clash] = found.fields
        assert (clash.field, clash.before, clash.theirs, clash.mine) == (
            "island",
            None,
            False,
            True,
        )
        case.refresh_from_db()
        assert case.amended == {"island": False}
        assert Task.objects.get(case=case).state == "open"

    def test_other_fields_of_others_stand_in_nobodys_way(self, case) -> None:
        before = case.revision
        handling.change_values(
            an_agency(), case_id=case.id, revision=before, values={"fare": 90}, reason="Ny pris"
        )
        assert not isinstance(judge(case, revision=before), EditConflict)
        case.refresh_from_db()
        assert case.amended == {"fare": 90, "island": True}

    def test_refuses_fields_of_others_and_empty_ones(self, case) -> None:
        assert refused(judge, case, values={"trips": 99}) == "not_of_this_task"
        assert refused(judge, case, values={}) == "field_needed"
        assert refused(judge, case, actor=an_agency()) == "not_your_task"

    def test_municipality_cannot_change_what_is_the_agencys(self, case) -> None:
        change = {"case_id": case.id, "revision": case.revision, "reason": "x"}
        for values in ({"fare": 1}, {"trips": 1}, {"nothing": 1}):
            assert refused(handling.change_values, a_caseworker(), values=values, **change) == (
                "not_yours_to_change"
            )


class TestPassOn:
    def test_forward_waits_for_the_tasks_and_retypes_nothing(self, case) -> None:
        assert (
            refused(handling.forward, a_caseworker(), case_id=case.id, revision=case.revision)
            == "tasks_first"
        )
        judge(case)
        case.refresh_from_db()
        handling.forward(a_caseworker(), case_id=case.id, revision=case.revision)
        case.refresh_from_db()
        assert (case.state, case.waiting_for) == ("ready", "agency")
        assert [line.case_id for line in worklist.incoming(an_agency(), Filters()).lines] == [
            case.id
        ]
        assert story(case)[-2:] == ["CaseReady", "CaseForwarded"]

    def test_stale_page_cannot_forward(self, case) -> None:
        judge(case)
        assert refused(handling.forward, a_caseworker(), case_id=case.id, revision=1) == (
            "changed_meanwhile"
        )

    def test_agency_can_send_it_back(self, case) -> None:
        judge(case)
        case.refresh_from_db()
        handling.forward(a_caseworker(), case_id=case.id, revision=case.revision)
        case.refresh_from_db()
        handling.act(an_agency(), case_id=case.id, revision=case.revision, event="send_back")
        case.refresh_from_db()
        assert (case.state, case.waiting_for) == ("submitted", "municipality")

    def test_wrong_municipality_passes_it_on_and_no_longer_sees_it(self, case) -> None:
        handling.move_to_municipality(
            a_caseworker(),
            case_id=case.id,
            revision=case.revision,
            municipality_id=municipality_id(STAVANGER),
            reason="Boligen ligger der",
        )
        assert refused(handling.open_case, a_caseworker(), case_id=case.id) == "case_not_found"
        assert handling.open_case(a_caseworker(number=STAVANGER), case_id=case.id)


class TestAsk:
    def ask(self, case: Case, *items: str, text: str = "") -> InformationRequest:
        case.refresh_from_db()
        return handling.request_missing(
            a_caseworker(), case_id=case.id, revision=case.revision, items=items, text=text
        )

    def test_from_the_applicants_own_list_with_a_deadline_never_before_the_right_ends(
        self, ferry, known
    ) -> None:
        case = a_case(ferry, known, state="submitted", answers={"trips": None})
        view = handling.open_case(a_caseworker(), case_id=case.id)
        assert [f"{m.kind}:{m.id}" for m in view.missing] == ["field:trips"]
        request = self.ask(case, "field:trips")
        assert request.due_on == dt.date(2026, 9, 25)
        case.refresh_from_db()
        assert (case.state, case.waiting_for, case.due_on) == ("asked", "applicant", request.due_on)
        assert story(case)[-1] == "InformationRequested"

    def test_refuses_what_the_applicant_cannot_give(self, case) -> None:
        assert refused(self.ask, case, "field:island") == "cannot_be_asked"
        assert refused(self.ask, case, "field:../x") == "cannot_be_asked"
        assert refused(self.ask, case) == "nothing_asked"

    def test_message_is_sent_once(self, case) -> None:
        for _ in range(2):
            handling.reply(a_caseworker(), case_id=case.id, text="Hei", idempotency_key="k")
        assert Message.objects.get().receiver == "applicant"
        other = refused(
            handling.reply, a_caseworker(), case_id=case.id, text="Mer", idempotency_key="k"
        )
        assert other == "key_used"


class TestLists:
    def test_pages_by_deadline_without_gaps_or_repeats(self, ferry, known) -> None:
        days = [dt.date(2026, 8, 20), dt.date(2026, 8, 18), None, dt.date(2026, 8, 18), None]
        made = [
            a_case(ferry, known, serial=n, state="submitted", due_on=day)
            for n, day in enumerate(days, start=1)
        ]
        seen, after = [], None
        while True:
            page = worklist.work_list(a_caseworker(), Filters(size=2), after)
            seen += page.lines
            after = page.after
            if after is None:
                break
        assert {line.case_id for line in seen} == {one.id for one in made}
        assert len(seen) == 5
        assert [line.due_on for line in seen] == [*sorted(filter(None, days)), None, None]

    def test_filters(self, ferry, known) -> None:
        one = a_case(ferry, known, serial=1, state="submitted", channel="paper")
        two = a_case(ferry, known, serial=2, state="submitted", due_on=dt.date(2026, 8, 1))
        Task.objects.create(case=two, key="island:1", role="x", opened_at=clock.now())
        actor = a_caseworker()
        handling.take(actor, case_id=one.id)

        def found(**filters: Any) -> set[Any]:
            return {line.case_id for line in worklist.work_list(actor, Filters(**filters)).lines}

        assert found() == {one.id, two.id}
        assert found(channel="paper") == {one.id}
        assert found(overdue=True) == {two.id}
        assert found(task="island") == {two.id}
        assert found(mine=True) == {one.id}
        assert found(older_than_days=30) == set()
        assert found(number=two.application.receipt_code) == {two.id}
        assert found(number=str(one.id)) == {one.id}
        assert found(number="Kari") == set()
        assert found(state="ready") == set()

    def test_holds_no_name_and_no_one_elses_cases(self, ferry, known) -> None:
        a_case(ferry, known, serial=1, state="submitted")
        a_case(ferry, known, serial=2, state="submitted", number=STAVANGER)
        page = worklist.work_list(a_caseworker(), Filters())
        assert len(page.lines) == 1
        assert "Kari" not in repr(page)
        assert worklist.work_list(a_citizen(9), Filters()).lines == ()

    def test_search_is_logged_with_hits_not_persons(self, ferry, known) -> None:
        a_case(ferry, known, state="submitted")
        worklist.work_list(a_caseworker(), Filters())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT subject_id, detail->>'hits' FROM infra_access_entry WHERE action = 'search'"
            )
            assert cursor.fetchall() == [(None, "1")]


class TestAppeal:
    @pytest.fixture
    def appealed(self, ferry, known) -> Appeal:
        case = a_case(ferry, known)
        with clock.frozen(RUN_DAY):
            term_run.run_term("ferry", AUGUST)
        Case.objects.update(state="appealed", waiting_for="municipality")
        return Appeal.objects.create(
            case=case,
            decision=decisions_of(case)[0],
            text="Feil pris",
            received_at=clock.now(),
            deadline_on=dt.date(2026, 10, 1),
        )

    def test_goes_from_municipality_to_agency_to_a_new_decision(self, appealed) -> None:
        appeal_handling.clarify_appeal(
            a_caseworker(), appeal_id=appealed.id, clarification="Prisen er 150"
        )
        appealed.refresh_from_db()
        appealed.case.refresh_from_db()
        assert (appealed.state, appealed.case.waiting_for) == ("forwarded", "agency")
        Case.objects.update(amended={"island": True, "fare": 150})
        with clock.frozen(RUN_DAY):
            new = appeal_handling.settle_appeal(
                an_agency(), appeal_id=appealed.id, changed=True, reason="Prisen var feil"
            )
        assert new is not None
        assert (new.kind, new.amount_ore) == ("manual", 1300_00)
        appealed.refresh_from_db()
        appealed.case.refresh_from_db()
        assert (appealed.state, appealed.case.state) == ("changed", "decided")

    def test_upheld_makes_no_decision(self, appealed) -> None:
        settle = {"appeal_id": appealed.id, "changed": False, "reason": "Riktig"}
        assert appeal_handling.settle_appeal(an_agency(), **settle) is None
        assert len(decisions_of(appealed.case)) == 1
        assert refused(appeal_handling.settle_appeal, an_agency(), **settle) == "appeal_settled"

    def test_does_not_keep_the_next_term_from_being_decided(self, appealed) -> None:
        with clock.frozen(dt.date(2026, 10, 10)):
            assert term_run.run_term("ferry", AUGUST + 1).decided == 1
        appealed.case.refresh_from_db()
        assert appealed.case.state == "appealed"

    def test_municipality_does_not_settle(self, appealed) -> None:
        assert (
            refused(
                appeal_handling.settle_appeal,
                a_caseworker(),
                appeal_id=appealed.id,
                changed=False,
                reason="x",
            )
            == "agency_decides"
        )


@pytest.mark.usefixtures("ferry", "known")
class TestPaper:
    def a_paper(self, **changes: Any) -> paper.Paper:
        given: dict[str, Any] = {
            "package_id": "ferry",
            "national_id": a_number(1).value,
            "answers": {"trips": 10},
            "received_on": dt.date(2026, 8, 14),
            "signed": True,
            "idempotency_key": "paper-1",
            **changes,
        }
        return paper.Paper(**given)

    def test_ends_in_the_same_case_with_the_day_it_came(self) -> None:
        actor = an_employee("counter")
        receipt = paper.register_paper(actor, self.a_paper())
        case = Case.objects.get(pk=receipt.case_id)
        assert (case.channel, case.registered_by) == ("paper", actor.person_id)
        assert case.submitted_at.date() == dt.date(2026, 8, 14)
        assert case.terms.get().term == AUGUST.first
        assert [t.key for t in case.tasks.all()] == ["island"]
        assert case.application.answers["trips"] == 10
        assert "PaperRegistered" in story(case)
        line = worklist.work_list(a_caseworker(), Filters(channel="paper")).lines[0]
        assert line.case_id == case.id

    def test_who_is_helped_at_the_counter_has_agreed_and_it_is_recorded(self) -> None:
        counter = an_employee("counter")
        receipt = paper.register_paper(counter, self.a_paper(helped=True))
        kept = Case.objects.get(pk=receipt.case_id).application.declaration
        assert kept["agreed_to_be_helped"] == kept["signed_on_paper"]
        told = Event.objects.get(type="PaperRegistered", key=receipt.case_id)
        assert told.body["helped"] is True
        alone = self.a_paper(idempotency_key="another", answers={"trips": 11})
        other = paper.register_paper(counter, alone)
        assert "agreed_to_be_helped" not in Application.objects.get(case=other.case_id).declaration

    def test_same_key_same_case_other_paper_is_told(self) -> None:
        actor = an_employee("counter")
        first = paper.register_paper(actor, self.a_paper())
        assert paper.register_paper(actor, self.a_paper()).case_id == first.case_id
        other = paper.register_paper(actor, self.a_paper(answers={"trips": 11}))
        assert type(other).__name__ == "KeyReused"
        assert Case.objects.count() == 1

    def test_late_paper_after_a_weekend_counts_for_the_month(self) -> None:
        with clock.frozen(dt.date(2026, 7, 28)):
            receipt = paper.register_paper(
                an_employee("counter"), self.a_paper(received_on=dt.date(2026, 7, 27))
            )
        assert str(receipt.term) == "2026-07"

    def test_incomplete_paper_is_taken_and_asked_for(self) -> None:
        receipt = paper.register_paper(an_employee("counter"), self.a_paper(answers={}))
        view = handling.open_case(a_caseworker(), case_id=receipt.case_id)
        assert [m.id for m in view.missing] == ["trips"]

    def test_refuses_unsigned_future_foreign_and_wrong_numbers(self) -> None:
        counter = an_employee("counter")
        refusals = {
            "not_signed": self.a_paper(signed=False),
            "received_later": self.a_paper(received_on=dt.date(2026, 8, 18)),
            "not_a_national_id": self.a_paper(national_id="12345678901"),
        }
        for code, one in refusals.items():
            assert refused(paper.register_paper, counter, one) == code
        assert (
            refused(paper.register_paper, an_employee("counter", number=STAVANGER), self.a_paper())
            == "other_municipality"
        )
        assert refused(paper.register_paper, an_agency(), self.a_paper()) == "counter_only"


class TestLetters:
    @pytest.fixture
    def letter(self, ferry, known) -> Any:
        case = a_case(ferry, known)
        with clock.frozen(RUN_DAY):
            term_run.run_term("ferry", AUGUST)
        return case.letters.get()

    def test_explains_every_step_and_the_right_to_a_person(self, letter) -> None:
        view = letters.letter(an_agency(), letter_id=letter.id)
        for words in (
            "800",
            "Utgifter",
            "reiser ganger pris",
            "ferjeloven § 1",
            "manuell vurdering",
        ):
            assert words in view.html
        assert "Sandnes" in view.html

    def test_is_made_once_and_kept(self, letter) -> None:
        assert letters.make_queued() == 1
        assert letters.make_queued() == 0
        letter.refresh_from_db()
        assert letter.state == "sent"
        owner = attrs.evolve(a_citizen(1), person_id=letter.case.applicant_id)
        assert letters.letter_pdf(owner, letter_id=letter.id).startswith(b"%PDF")
        letter.refresh_from_db()
        assert letter.opened_at is not None

    def test_is_not_for_another_citizen(self, letter) -> None:
        assert refused(letters.letter, a_citizen(77), letter_id=letter.id) == "not_found"

    def test_names_no_place_for_a_protected_person(self, ferry, known) -> None:
        case = a_case(ferry, known, serial=4, protection="fortrolig")
        with clock.frozen(RUN_DAY):
            term_run.run_term("ferry", AUGUST)
        cleared = an_employee("agency_caseworker", "protected_caseworker")
        html = letters.letter(cleared, letter_id=case.letters.get().id).html
        for place in ("Sandnes", "Storgata"):
            assert place not in html

    def test_tells_no_group_of_municipalities_of_a_protected_person(self) -> None:
        report = packages.check(BOSTOTTE)
        assert report.package is not None
        book = packages.rule_book(report.package)
        assert book is not None
        inputs = {"kommunenummer": "0301", "inntekt_aordning_mnd": 15000, "husleie_mnd": 9000}
        explained = book.on(AUGUST.first).explain(inputs, ["kode", "belop_mnd"], "nb")
        steps, secret = amount.steps_without_places(report.package, AUGUST.first, explained.steps)
        assert secret == {"kommunenummer", "kommunegruppe"}
        names = [step.name for step in steps]
        assert not {"kommunegruppe", "boutgiftstak_aar"} & set(names)
        assert {"godkjente_boutgifter_aar", "egenandel_aar", "belop_mnd"} <= set(names)
        assert not [step.name for step in steps if secret & set(step.inputs)]

    def test_that_cannot_be_made_is_tried_again_then_left_for_people(
        self, letter, monkeypatch
    ) -> None:
        def breaks(*_: Any) -> None:
            raise OSError

        monkeypatch.setattr(letters, "_make", breaks)
        for day in range(5):
            with clock.frozen(RUN_DAY + dt.timedelta(days=day)):
                assert letters.make_queued() == 1
        letter.refresh_from_db()
        assert (letter.state, letter.attempts, letter.failure) == ("failed", 5, "OSError")


class TestGains:
    def test_times_come_from_what_happened(self, case) -> None:
        start = dt.datetime(2026, 8, 17, 8, tzinfo=dt.UTC)
        with clock.frozen(start):
            handling.open_case(a_caseworker(), case_id=case.id)
        with clock.frozen(start + dt.timedelta(minutes=4)):
            judge(case)
        with clock.frozen(start + dt.timedelta(hours=2)):
            case.refresh_from_db()
            handling.forward(a_caseworker(), case_id=case.id, revision=case.revision)
        rows = {(r.step, r.role): r for r in gains.step_times(case.id)}
        row = rows["handling", "municipality"]
        assert row.active_seconds == 240 + 60
        assert row.cut_seconds == 116 * 60 - 60
        assert gains.step_times(case.id)[0].pk != row.pk

    def test_table_hides_small_cells_and_names_its_rule_and_claim(self, case) -> None:
        handling.open_case(a_caseworker(), case_id=case.id)
        judge(case)
        case.refresh_from_db()
        handling.forward(a_caseworker(), case_id=case.id, revision=case.revision)
        gains.step_times(case.id)
        table = gains.gain_table("ferry")
        [row] = table.rows
        assert (row.municipality_no, row.suppressed, row.cases) == ("1108", True, None)
        assert "PT10M" in table.rule.name
        assert table.baseline is not None
        assert table.baseline.status == "claim"
        assert "PT10M" in "".join(gains.gain_csv(table))
