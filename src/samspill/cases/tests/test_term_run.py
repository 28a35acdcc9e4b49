"""The month's run: each case once, resumable, registers that are down, what follows a decision."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import attrs
import pytest
from django.db import connection

from samspill.cases.models import Case, Decision, Letter, Payment, Task, TermEntry, TermRun
from samspill.cases.service import decisions, term_inputs, term_run
from samspill.cases.tests.staff_web import a_task
from samspill.cases.tests.term_builders import (
    AUGUST,
    RUN_DAY,
    a_case,
    decisions_of,
    earn,
    municipality_id,
    waiting_in,
)
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import Month

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_day")]


def run(month: Month = AUGUST, **changes: Any) -> term_run.RunSummary:
    return term_run.run_term("ferry", month, **changes)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def events(case: Case) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM infra_event WHERE key = %s ORDER BY id", [case.id])
        return [row[0] for row in cursor.fetchall()]


class TestDecides:
    def test_with_amount_payment_letter_and_next_term(self, ferry, known) -> None:
        case = a_case(ferry, known, income=2000)
        summary = run()
        assert (summary.state, summary.decided, summary.amount_ore) == ("done", 1, 800_00)
        assert summary.by_code == (("A0", 1, 800_00),)
        [decision] = decisions_of(case)
        assert (decision.code, decision.granted, decision.amount_ore) == ("A0", True, 80000)
        assert decision.inputs == {
            "trips_month": 10,
            "income_month": 2000,
            "fare_trip": 100,
            "here": True,
        }
        assert decision.trace["values"]["costs"] == 1000
        assert decision.trace["package"]["sha256"] == ferry.sha256
        assert decision.facts["income"]["data"]["total"] == 2000
        assert len(decision.rulebook_hash) == 64
        [payment] = decision.payments.all()
        assert (payment.amount_ore, payment.pay_on) == (80000, dt.date(2026, 9, 18))
        assert payment.account == "86011117947"
        assert Letter.objects.get(decision=decision).state == "queued"
        following = waiting_in(case, AUGUST + 1)
        assert following is not None
        assert following.origin == "carried"
        case.refresh_from_db()
        assert (case.state, case.waiting_for) == ("decided", "system")
        assert events(case) == ["DecisionMade", "PaymentOrdered", "LetterQueued"]

    def test_logs_every_case_it_decides(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT action, subject_id FROM infra_access_entry WHERE case_id = %s "
                "AND purpose = 'decide the term'",
                [case.id],
            )
            assert cursor.fetchall() == [("write", case.applicant_id)]

    def test_too_high_income_is_tested_twice_more_and_stopped(self, ferry, known) -> None:
        case = a_case(ferry, known, income=100_000)
        run()
        for number, month in ((1, Month(2026, 9)), (2, Month(2026, 10))):
            entry = waiting_in(case, month)
            assert entry is not None
            assert (entry.origin, entry.retest) == ("retest", number)
            with clock.frozen((month + 1).day(10)):
                run(month)
        assert [d.code for d in decisions_of(case)] == ["A3", "A3", "A3"]
        assert waiting_in(case, Month(2026, 11)) is None
        case.refresh_from_db()
        assert (case.stopped_reason, case.waiting_for) == ("tested_enough", "nobody")

    def test_refused_ends_the_case(self, ferry, known) -> None:
        case = a_case(ferry, known)
        person = known.replies["folkeregisteret.person"]
        person[next(iter(person))]["status"] = "utflyttet"
        run()
        case.refresh_from_db()
        assert (case.state, case.stopped_reason) == ("ended", "refused")
        assert case.closed_at is not None
        assert [d.code for d in decisions_of(case)] == ["A5"]
        assert events(case)[-1] == "LetterQueued"
        assert "CaseStopped" in events(case)

    def test_missing_information_rejects_and_leaves_the_window_open(self, ferry, known) -> None:
        case = a_case(ferry, known, answers={"trips": None}, state="asked")
        run()
        [decision] = decisions_of(case)
        assert decision.code == "A9"
        assert decision.trace["missing"] == ["field:trips"]
        case.refresh_from_db()
        assert (case.state, case.waiting_for, case.due_on) == (
            "rejected",
            "applicant",
            dt.date(2026, 9, 25),
        )

    def test_document_still_within_its_time_holds_and_later_rejects(self, ferry, known) -> None:
        late = dt.date(2026, 9, 8)
        case = a_case(ferry, known, answers={"trips": 30}, submitted=late)
        assert run().held == 1
        assert TermEntry.objects.get(case=case).held_reason == "time_to_answer"
        with clock.frozen(dt.date(2026, 9, 20)):
            run()
        assert [d.code for d in decisions_of(case)] == ["A9"]

    def test_open_blocking_task_holds_the_case(self, ferry, known) -> None:
        case = a_case(ferry, known, state="submitted")
        Task.objects.create(
            case=case, key="island", role="municipality_caseworker", opened_at=clock.now()
        )
        assert run().held == 1
        assert TermEntry.objects.get(case=case).held_reason == "open_tasks"
        Task.objects.all().delete()
        Case.objects.update(state="ready", waiting_for="agency")
        assert run().decided == 1

    @pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig"])
    def test_graded_addresses_are_counted_in_no_municipality(self, ferry, known, grade) -> None:
        for serial in range(1, 7):
            a_case(ferry, known, serial=serial)
        hidden = [a_case(ferry, known, serial=n, protection=grade) for n in range(11, 17)]
        for case in hidden:
            Case.objects.filter(pk=case.pk).update(municipality=municipality_id())
        summary = run()
        place = str(municipality_id())
        cells = {(who, code): cases for who, code, cases, _ in summary.by_municipality}
        assert cells[place, "A0"] == 6
        assert sum(n for (who, _), n in cells.items() if who is None) == summary.decided - 6
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM infra_event WHERE key = ANY(%s) "
                "AND body->>'municipality_id' IS NOT NULL",
                [[case.id for case in hidden]],
            )
            assert cursor.fetchone()[0] == 0

    def test_open_task_holds_also_when_the_time_to_answer_is_out_and_is_reminded_of(
        self, ferry, known
    ) -> None:
        case = a_case(ferry, known, answers={"trips": None}, state="submitted")
        a_task(case)
        assert (run().held, decisions_of(case)) == (1, [])
        assert TermEntry.objects.get(case=case).held_reason == "open_tasks"
        assert events(case) == ["TaskReminded"]
        case.refresh_from_db()
        task = case.tasks.get()
        assert (task.due_on, case.due_on) == (RUN_DAY, RUN_DAY)
        assert task.reminded_at == clock.now()
        with clock.frozen(RUN_DAY + dt.timedelta(days=1)):
            run()
        assert events(case) == ["TaskReminded"]
        with clock.frozen(RUN_DAY + dt.timedelta(days=8)):
            run()
        assert events(case) == ["TaskReminded"] * 2
        task.state, task.done_at = "done", clock.now()
        task.save()
        run()
        assert [d.code for d in decisions_of(case)] == ["A9"]

    def test_a_service_may_declare_that_the_time_to_answer_decides(
        self, ferry, known, monkeypatch
    ) -> None:
        plan = attrs.evolve(ferry.process.terms, open_tasks="decide")
        changed = attrs.evolve(ferry, process=attrs.evolve(ferry.process, terms=plan))
        case = a_case(ferry, known, answers={"trips": None}, state="submitted")
        a_task(case)
        monkeypatch.setattr(term_inputs.packages, "pinned", lambda *_: changed)
        run()
        assert [d.code for d in decisions_of(case)] == ["A9"]
        assert "TaskReminded" not in events(case)

    def test_applicant_who_moved_is_stopped_not_carried(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        person = known.replies["folkeregisteret.person"]
        person[next(iter(person))]["address"]["address_id"] = "another"
        with clock.frozen(dt.date(2026, 10, 10)):
            summary = run(Month(2026, 9))
        assert summary.decided == 0
        case.refresh_from_db()
        assert (case.stopped_reason, case.waiting_for, case.state) == ("moved", "nobody", "ended")
        assert TermEntry.objects.get(case=case, term="2026-09-01").state == "stopped"

    def test_caseworkers_value_counts_over_the_answer(self, ferry, known) -> None:
        case = a_case(ferry, known, amended={"fare": 150, "island": True})
        run()
        assert decisions_of(case)[0].amount_ore == 1300_00

    def test_old_claim_is_set_off_against_the_payment(self, ferry, known) -> None:
        case = a_case(ferry, known)
        run()
        decision = decisions_of(case)[0]
        Payment.objects.create(
            decision=decision,
            case=case,
            kind="reclaim",
            amount_ore=-1000_00,
            pay_on=RUN_DAY,
            ordered_at=clock.now(),
        )
        for month, kept in (
            (Month(2026, 9), -800_00),
            (Month(2026, 10), -200_00),
            (Month(2026, 11), 0),
        ):
            with clock.frozen((month + 1).day(10)):
                run(month)
            paid = Payment.objects.filter(decision__term=month.first)
            assert sum(p.amount_ore for p in paid if p.kind == "set_off") == kept


class TestOnce:
    def test_second_run_decides_nothing_again(self, ferry, known) -> None:
        cases = [a_case(ferry, known, serial=n) for n in range(1, 8)]
        first = run(batch=3)
        again = run(batch=3)
        assert (first.decided, again.decided) == (7, 7)
        assert Decision.objects.count() == 7
        assert all(len(decisions_of(case)) == 1 for case in cases)

    def test_goes_on_after_a_crash_between_and_inside_batches(
        self, ferry, known, monkeypatch
    ) -> None:
        for n in range(1, 11):
            a_case(ferry, known, serial=n)
        real, calls = decisions.write, []

        def breaks(decided: Any, context: Any) -> None:
            real(decided, context)
            calls.append(len(decided))
            if len(calls) == 2:
                raise OSError("the power went")

        monkeypatch.setattr(decisions, "write", breaks)
        with pytest.raises(OSError, match="power"):
            run(batch=3)
        assert Decision.objects.count() == 3
        assert TermRun.objects.get().state == "failed"
        assert TermRun.objects.get().failure == "OSError"
        monkeypatch.setattr(decisions, "write", real)
        assert run(batch=3).decided == 10
        assert Decision.objects.count() == Letter.objects.count() == 10
        assert Payment.objects.count() == 10
        assert TermEntry.objects.filter(term="2026-09-01").count() == 10

    def test_begun_run_is_not_begun_anew_without_saying_so(self, ferry, known) -> None:
        a_case(ferry, known)
        run()
        assert refused(run, resume=False) == "run_begun"

    def test_late_entry_of_a_done_term_is_caught_up(self, ferry, known) -> None:
        a_case(ferry, known)
        run()
        later = a_case(ferry, known, serial=2)
        assert term_run.catch_up() == 1
        assert len(decisions_of(later)) == 1
        assert term_run.catch_up() == 0

    def test_case_stopped_while_registers_answer_is_not_decided(
        self, ferry, known, monkeypatch
    ) -> None:
        from samspill.cases.service import stops, term_inputs

        case = a_case(ferry, known)
        real = term_inputs.gather

        def meanwhile(*args: Any, **kwargs: Any) -> Any:
            found = real(*args, **kwargs)
            stops.stop_for_person(case.applicant_id, "dead")
            return found

        monkeypatch.setattr(term_inputs, "gather", meanwhile)
        assert run().decided == 0
        assert decisions_of(case) == []

    def test_tells_how_far_it_has_come(self, ferry, known) -> None:
        for n in range(1, 6):
            a_case(ferry, known, serial=n)
        told: list[term_run.Progress] = []
        run(batch=2, progress=told.append)
        assert [(p.done, p.total) for p in told] == [(2, 5), (4, 5), (5, 5)]


class TestRefuses:
    @pytest.mark.usefixtures("ferry")
    def test_term_that_is_still_open(self) -> None:
        assert refused(run, Month(2026, 9)) == "term_open"

    @pytest.mark.usefixtures("ferry")
    def test_term_before_the_first(self) -> None:
        assert refused(run, Month(2026, 1)) == "term_too_early"

    def test_whole_batch_without_registers_and_decides_it_later(self, ferry, known) -> None:
        for n in (1, 2):
            a_case(ferry, known, serial=n)
        known.down.add("skatteetaten.income")
        assert refused(run) == "registers_down"
        assert Decision.objects.count() == 0
        assert TermRun.objects.get().failure == "registers_down"
        known.down.clear()
        assert run().decided == 2

    def test_register_that_may_fail_does_not_hold_the_case(self, ferry, known) -> None:
        a_case(ferry, known)
        known.down.add("krr.contact")
        assert run().decided == 1

    def test_income_nobody_knows_is_held_not_taken_for_nothing(self, ferry, known) -> None:
        case = a_case(ferry, known)
        known.replies["skatteetaten.income"].clear()
        assert run().held == 1
        assert TermEntry.objects.get(case=case).held_reason == "unknown_inputs"


class TestSummary:
    def test_adds_small_cells_and_the_compartment_together(self, ferry, known) -> None:
        for n in range(1, 7):
            a_case(ferry, known, serial=n)
        a_case(ferry, known, serial=7, number="1103")
        hidden = a_case(ferry, known, serial=8, protection="strengtFortrolig")
        known.replies["folkeregisteret.person"][
            next(
                k
                for k, v in known.replies["folkeregisteret.person"].items()
                if v["protection"] != "ugradert"
            )
        ]["address"] = None
        summary = run()
        assert summary.decided == 8
        shown = {(place is None, code): cases for place, code, cases, _ in summary.by_municipality}
        assert shown == {(False, "A0"): 6, (True, "A0"): 2}
        assert decisions_of(hidden)[0].municipality_id is None
        assert sum(ore for *_, ore in summary.by_municipality) == summary.amount_ore


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_second_process_is_told_that_the_run_goes_on(self, known) -> None:
        from samspill.cases.tests.term_builders import publish_ferry

        a_case(publish_ferry(), known)
        seen: list[str] = []

        def other() -> None:
            with clock.frozen(RUN_DAY):
                seen.append(refused(run))
            connection.close()

        def while_it_runs(_: term_run.Progress) -> None:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()

        assert run(progress=while_it_runs).decided == 1
        assert seen == ["run_going_on"]


@pytest.mark.django_db(transaction=True)
def test_part_of_a_batch_that_fails_takes_nothing_of_the_other_with_it(known, monkeypatch) -> None:
    from samspill.cases.tests.term_builders import publish_ferry

    package = publish_ferry()
    for n in range(1, 6):
        a_case(package, known, serial=n)
    real, both, wrote = decisions.write, threading.Barrier(2), set[int]()

    def breaks(decided: Any, context: Any) -> None:
        both.wait(timeout=30)  # breaks, and nothing is decided, unless both are written at once
        real(decided, context)
        wrote.add(connection.connection.info.backend_pid)
        if threading.current_thread() is not threading.main_thread():
            raise OSError("the power went")

    monkeypatch.setattr(decisions, "write", breaks)
    with pytest.raises(OSError, match="power"):
        run(batch=5)
    assert len(wrote) == 2
    assert Decision.objects.count() == Payment.objects.count() == 2
    monkeypatch.setattr(decisions, "write", real)
    assert run(batch=5).decided == 5
    assert Decision.objects.count() == Letter.objects.count() == Payment.objects.count() == 5
    assert TermEntry.objects.filter(term="2026-09-01").count() == 5


@pytest.mark.django_db(transaction=True)
def test_registers_that_do_not_wait_for_each_other_are_asked_at_once(known, monkeypatch) -> None:
    from samspill.cases.tests.term_builders import publish_ferry

    case = a_case(publish_ferry(), known)
    together, answer = threading.Barrier(3), type(known).fetch

    def fetch(fake: Any, register: str, question: Any) -> Any:
        together.wait(timeout=30)  # breaks, and nothing is decided, unless all three are here
        return answer(fake, register, question)

    monkeypatch.setattr(type(known), "fetch", fetch)
    assert run().decided == 1
    assert set(decisions_of(case)[0].facts) == {"person", "contact", "income"}


def test_income_of_the_term_is_asked_for_not_of_today(ferry, known) -> None:
    case = a_case(ferry, known)
    earn(known, 1, 3000)
    run()
    assert decisions_of(case)[0].amount_ore == 700_00
    assert known.asked.count("skatteetaten.income") == 1


class TestHearing:
    """Who goes on by itself is asked before a register's change rejects them."""

    @pytest.fixture(autouse=True)
    def hearing(self, ferry, monkeypatch):
        """Let the service ask for the trips before it says that the income is too high."""
        plan = attrs.evolve(ferry.process.terms, ask_first={"A3": ("trips",)})
        changed = attrs.evolve(ferry, process=attrs.evolve(ferry.process, terms=plan))
        monkeypatch.setattr(term_inputs.packages, "pinned", lambda *_: changed)
        return changed

    def test_of_a_carried_case_is_once_a_term_and_holds_it(self, ferry, known) -> None:
        case = a_case(ferry, known, income=2000)
        run()
        earn(known, 1, 100_000, month="2026-09")
        september = Month(2026, 9)
        with clock.frozen(dt.date(2026, 10, 10)):
            assert run(september).held == 1
            run(september)
            request = case.requests.get()
            assert [item["id"] for item in request.items] == ["trips"]
            assert request.due_on == dt.date(2026, 10, 31)
            entry = TermEntry.objects.get(case=case, term=september.first)
            assert (entry.state, entry.held_reason) == ("held", "time_to_answer")
        assert events(case).count("InformationRequested") == 1
        with clock.frozen(dt.date(2026, 11, 2)):
            term_run.catch_up()
        assert [d.code for d in decisions_of(case)][-1] in {"A3", "A9"}

    def test_answered_the_case_is_decided_by_the_answer(self, ferry, known) -> None:
        case = a_case(ferry, known, income=2000)
        run()
        earn(known, 1, 100_000, month="2026-09")
        september = Month(2026, 9)
        with clock.frozen(dt.date(2026, 10, 10)):
            run(september)
            case.requests.update(state="answered", closed_at=clock.now())
            earn(known, 1, 2000, month="2026-09")
            assert term_run.catch_up() == 1
        assert [d.code for d in decisions_of(case)] == ["A0", "A0"]

    def test_a_new_application_is_not_asked_about_what_its_applicant_was_shown(
        self, ferry, known
    ) -> None:
        case = a_case(ferry, known, income=100_000)
        run()
        assert [d.code for d in decisions_of(case)] == ["A3"]
        assert not case.requests.exists()
