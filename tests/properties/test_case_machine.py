"""A case lives through any order of acts of its applicant, its municipality and the month's run.

A small model says what must be true after each act; the real services, the database and its constraints say
what is. The service is the imagined one of the room's tests: a case machine that only works for a known
service would be found out here.
"""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from samspill.cases import service as cases
from samspill.cases.models import (
    Amendment,
    Appeal,
    Application,
    Case,
    Decision,
    Draft,
    InformationRequest,
    Message,
    Payment,
    Task,
    TermEntry,
)
from samspill.cases.service import handling, term_run
from samspill.cases.tests.builders import ANSWERS, a_citizen, allotment, known
from samspill.cases.tests.term_builders import a_caseworker
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import Month

__all__ = ["allotment", "known"]  # fixtures
NOW, RUN_DAY = dt.date(2026, 8, 10), dt.date(2026, 8, 28)
AUGUST = Month(2026, 8)
SMALLEST = 100  # NOK a month, of the imagined service
FIELDS = st.sampled_from(["fee", "shed_size", "note", "has_shed"])
VALUES = {
    "fee": st.sampled_from([150, 300, 450]),
    "shed_size": st.integers(1, 5),
    "note": st.sampled_from(["", "a", "b"]),
    "has_shed": st.booleans(),
}
KEYS = st.sampled_from(["key-1", "key-2"])


class CaseMachine(RuleBasedStateMachine):
    """The model is plain Python: what was answered, where the case is, what was decided."""

    @initialize(sent=st.booleans(), prepared=st.booleans())
    def begin(self, sent: bool, prepared: bool) -> None:
        """Start from an empty desk, or far enough on that the late acts are reached too."""
        self.empty_desk()
        if sent:
            self.start()
            self.fill_in_the_rest()
            self.submit("key-1")
        if sent and prepared:
            self.municipality_prepares()

    def empty_desk(self) -> None:
        """Begin a transaction that is rolled back at the end."""
        self.block = transaction.atomic()
        self.block.__enter__()
        self.today = clock.frozen(NOW)
        self.today.__enter__()
        self.draft: uuid.UUID | None = None
        self.answers: dict[str, object] = {}
        self.written: dict[str, int] = {}
        self.revision = 0
        self.old_revision = 0
        self.case: uuid.UUID | None = None
        self.signed: dict[str, object] = {}
        self.amended: dict[str, object] = {}
        self.state = ""
        self.receipt = ""
        self.key = ""
        self.requests_open = 0
        self.tasks: set[str] = set()
        self.decided = False
        self.closed = False
        self.appealed = False
        self.messages = 0
        self.sent_values: dict[str, object] = {}

    def teardown(self) -> None:
        """Throw everything away."""
        if hasattr(self, "block"):
            self.today.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # ── the applicant writes ──────────────────────────────────────────────────────────────

    @precondition(lambda self: self.case is None)
    @rule()
    def start(self) -> None:
        """Begin, or go on."""
        view = cases.start_draft(a_citizen(), package_id="allotment")
        if self.draft is None:
            self.answers = dict(view.answers)
            self.written = {}
        assert self.draft in (None, view.id)
        self.draft, self.revision = view.id, view.revision
        self.old_revision = self.old_revision or view.revision

    @precondition(lambda self: self.draft is not None)
    @rule(field=FIELDS, data=st.data(), stale=st.booleans())
    def save(self, field: str, data: st.DataObject, stale: bool) -> None:
        """Save a field, from this tab or from one left open since the beginning."""
        value = data.draw(VALUES[field])
        base = self.old_revision if stale else self.revision
        clash = self.written.get(field, 0) > base and self.answers.get(field) != value
        saved = cases.save_fields(
            a_citizen(), draft_id=self.draft, revision=base, values={field: value}
        )
        assert isinstance(saved, cases.Conflict) == clash
        view = saved.draft if isinstance(saved, cases.Conflict) else saved
        if not clash and (field not in self.answers or self.answers[field] != value):
            self.answers[field] = value
            self.written[field] = view.revision
        self.revision = view.revision

    @precondition(lambda self: self.draft is not None)
    @rule()
    def fill_in_the_rest(self) -> None:
        """Answer everything that must be answered."""
        view = cases.save_fields(
            a_citizen(), draft_id=self.draft, revision=self.revision, values=ANSWERS
        )
        for field, value in ANSWERS.items():
            if field not in self.answers or self.answers[field] != value:
                self.written[field] = view.revision
            self.answers[field] = value
        self.revision = view.revision

    @precondition(lambda self: self.draft is not None)
    @rule()
    def check(self) -> None:
        """Look at the list of what is missing: it agrees with the model, and changes nothing."""
        assert cases.check(a_citizen(), draft_id=self.draft).may_submit == self.is_complete()

    @precondition(lambda self: self.draft is not None)
    @rule()
    def discard(self) -> None:
        """Throw the draft away."""
        cases.discard_draft(a_citizen(), draft_id=self.draft)
        self.draft, self.old_revision, self.revision = None, 0, 0

    @precondition(lambda self: self.draft is not None)
    @rule(key=KEYS)
    def submit(self, key: str) -> None:
        """Send: accepted exactly when complete."""
        outcome = self.send(key)
        assert isinstance(outcome, cases.Receipt) == self.is_complete()
        if isinstance(outcome, cases.Receipt):
            self.case, self.draft = outcome.case_id, None
            self.receipt, self.key = outcome.code, key
            self.signed = self.relevant()
            self.state = "submitted"
            self.tasks = {"look_at_soil", *(["shed"] if self.answers["has_shed"] else [])}

    @precondition(lambda self: self.case is not None)
    @rule(key=KEYS, other=st.booleans())
    def submit_again(self, key: str, other: bool) -> None:
        """Click again: the same receipt, and 409 when the key stands for something else."""
        outcome = self.send(key, values={"fee": 999} if other else {})
        if key == self.key and other:
            assert isinstance(outcome, cases.KeyReused)
        else:
            assert (outcome.code, outcome.repeated) == (self.receipt, True)

    def send(self, key: str, values: dict[str, object] | None = None) -> object:
        """Send the draft, or the case it has become."""
        return cases.submit(
            a_citizen(),
            draft_id=self.draft or self.case,
            idempotency_key=key,
            declared=("truth",),
            values=values or {},
        )

    # ── the case is handled ───────────────────────────────────────────────────────────────

    @precondition(lambda self: self.state == "submitted")
    @rule()
    def municipality_judges(self) -> None:
        """The municipality does the task that stands first."""
        task = Task.objects.filter(case_id=self.case, state="open").order_by("key").first()
        assert (task is None) == (not self.tasks)
        if task is None:
            return
        values = {"soil": "clay"} if task.key == "look_at_soil" else {}
        handling.complete_task(
            a_caseworker(),
            case_id=self.case,
            task_id=task.id,
            revision=self.row().revision,
            values=values,
        )
        self.tasks.discard(task.key)
        if values:
            self.amended["soil"] = "clay"

    @precondition(lambda self: self.state == "submitted")
    @rule()
    def municipality_passes_on(self) -> None:
        """The case is passed on exactly when no task is open."""

        def forward() -> None:
            handling.forward(a_caseworker(), case_id=self.case, revision=self.row().revision)

        if self.tasks:
            assert self.refusal(forward) == "tasks_first"
        else:
            forward()
            self.state = "ready"

    @precondition(lambda self: self.state == "submitted")
    @rule()
    def municipality_prepares(self) -> None:
        """Do every task and pass the case on."""
        while self.tasks:
            self.municipality_judges()
        self.municipality_passes_on()

    @precondition(lambda self: self.state in ("submitted", "ready"))
    @rule()
    def municipality_asks(self) -> None:
        """Ask the applicant for a field."""

        def ask() -> None:
            handling.request_missing(
                a_caseworker(), case_id=self.case, revision=self.row().revision, items=["field:fee"]
            )

        ask()
        self.state = "asked"
        self.requests_open += 1

    @precondition(lambda self: self.requests_open > 0 and self.state == "asked")
    @rule(fee=VALUES["fee"])
    def applicant_answers(self, fee: int) -> None:
        """Answer; the case goes back to who prepares it."""
        request = InformationRequest.objects.filter(case_id=self.case, state="open").first()
        cases.answer_request(
            a_citizen(), case_id=self.case, request_id=request.id, values={"fee": fee}
        )
        self.amend("fee", fee)
        self.requests_open -= 1
        self.state = "submitted"

    @precondition(lambda self: self.case is not None)
    @rule()
    def month_is_run(self) -> None:
        """Decide the term while an asked applicant still has time: a ready case once, and nothing else."""
        with clock.frozen(RUN_DAY):
            term_run.run_term("allotment", AUGUST, actor=system("test"))
        if self.state == "ready" and not self.decided:
            self.decided = True
            self.state = "decided"
            fee = {**self.signed, **self.amended}["fee"]
            self.closed = fee / 2 < SMALLEST  # refused: a new application is needed

    # ── and the applicant sees to it ──────────────────────────────────────────────────────

    @precondition(lambda self: self.case is not None)
    @rule(key=KEYS)
    def write(self, key: str) -> None:
        """Write a message; one for each key."""
        before = Message.objects.filter(case_id=self.case, idempotency_key=key).count()
        cases.send_message(a_citizen(), case_id=self.case, text="Hei", idempotency_key=key)
        self.messages += 1 - before

    @precondition(lambda self: self.case is not None and not self.closed)
    @rule(fee=VALUES["fee"])
    def report_a_change(self, fee: int) -> None:
        """Report a change; a decided case goes back to who prepares it."""
        current = {**self.signed, **self.amended}.get("fee")
        cases.change_answers(a_citizen(), case_id=self.case, values={"fee": fee})
        if current != fee:
            self.amend("fee", fee)
            if self.state == "decided":
                self.state = "submitted"

    @precondition(lambda self: self.decided)
    @rule()
    def appeal(self) -> None:
        """Appeal the decision; one appeal at a time."""
        decision = Decision.objects.get(case_id=self.case)

        def complain() -> None:
            cases.appeal(a_citizen(), case_id=self.case, decision_id=decision.id, text="Feil")

        if self.appealed:
            assert self.refusal(complain) == "appealed_already"
        else:
            complain()
            self.appealed = True
            if self.state == "decided" and not self.closed:
                self.state = "appealed"

    @precondition(lambda self: self.case is not None)
    @rule()
    def stop(self) -> None:
        """End the case; ending it again does no harm."""
        line = cases.stop(a_citizen(), case_id=self.case)
        assert not line.open
        if not self.closed:
            self.requests_open = 0
            self.tasks = set()
            self.state = "appealed" if self.state == "appealed" else "withdrawn"
            self.closed = True

    # ── what always holds ─────────────────────────────────────────────────────────────────

    @invariant()
    def there_is_what_the_model_says(self) -> None:
        """Rows agree with the model."""
        if not hasattr(self, "block"):
            return
        assert Draft.objects.count() == (self.draft is not None)
        assert Case.objects.count() == Application.objects.count() == (self.case is not None)
        assert Message.objects.count() == self.messages
        assert Appeal.objects.count() == self.appealed
        assert Decision.objects.count() == self.decided
        if self.draft is not None:
            stored = Draft.objects.get().answers
            assert {k: stored.get(k) for k in self.answers} == self.answers
        if self.case is not None:
            case = self.row()
            assert case.state == self.state
            assert (case.closed_at is not None) == self.closed
            assert case.amended == self.amended
            assert InformationRequest.objects.filter(state="open").count() == self.requests_open

    @invariant()
    def what_was_signed_and_acknowledged_stays(self) -> None:
        """The application is word for word what was sent, and its receipt verifies."""
        if getattr(self, "case", None) is None:
            return
        assert Application.objects.get().answers == self.signed
        assert cases.verify_receipt(self.receipt) is not None

    @invariant()
    def nobody_waits_for_a_closed_case(self) -> None:
        """A closed case has nothing open; an open case has somebody who must act."""
        if getattr(self, "case", None) is None:
            return
        case = self.row()
        if case.closed_at is not None:
            assert case.waiting_for == "nobody"
            assert not Task.objects.filter(state="open").exists()
            assert not TermEntry.objects.filter(state__in=("waiting", "held")).exists()
        else:
            assert case.waiting_for != "nobody"

    @invariant()
    def money_follows_a_decision(self) -> None:
        """What is paid is what was decided, in øre."""
        if getattr(self, "case", None) is None:
            return
        for decision in Decision.objects.all():
            paid = sum(
                Payment.objects.filter(decision=decision).values_list("amount_ore", flat=True)
            )
            assert paid == decision.amount_ore

    @invariant()
    def the_log_tells_the_same_story(self) -> None:
        """Exactly one submission is told of, and changes have their account."""
        if getattr(self, "case", None) is None:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT type FROM infra_event WHERE key = %s ORDER BY id", [self.case])
            story = [row[0] for row in cursor.fetchall()]
        assert story.count("ApplicationSubmitted") == 1
        assert story.count("DecisionMade") == self.decided
        assert story.count("AppealReceived") == self.appealed
        assert story.count("CaseStopped") == (self.row().closed_at is not None)
        changed: dict[str, object] = {}
        for row in Amendment.objects.order_by("sequence"):
            changed |= row.after
        assert changed == self.amended

    # ── the model's own arithmetic ────────────────────────────────────────────────────────

    def is_complete(self) -> bool:
        """Tell whether everything that is asked has an answer."""
        needed = ["has_shed", "fee", *(["shed_size"] if self.answers.get("has_shed") else [])]
        return all(self.answers.get(field) not in (None, "") for field in needed)

    def relevant(self) -> dict[str, object]:
        """Leave out what is not asked, and what is empty."""
        hidden = set() if self.answers.get("has_shed") else {"shed_size"}
        return {
            k: v for k, v in self.answers.items() if k not in hidden and v not in (None, "", [])
        }

    def amend(self, field: str, value: object) -> None:
        """Lay a new value over the signed ones, if it is new."""
        if {**self.signed, **self.amended}.get(field) != value:
            self.amended[field] = value

    def row(self) -> Case:
        """Read the case."""
        return Case.objects.get(id=self.case)

    @staticmethod
    def refusal(call: object) -> str:
        """Give the code a call is refused with."""
        with pytest.raises(RefusedError) as caught, transaction.atomic():
            call()
        return caught.value.refused.code


@pytest.mark.django_db
@pytest.mark.usefixtures("allotment", "known")
def test_a_case_lives_through_any_order_of_acts() -> None:
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
