"""My page: what I have sent, where it stands, what happens when, and what I can do about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from samspill.cases import events
from samspill.cases.domain import machine, places, timeline
from samspill.cases.models import (
    Case,
    Decision,
    Draft,
    InformationRequest,
    Message,
    TermEntry,
)
from samspill.cases.service import (
    messages,
    notices,
    pins,
    plan,
    representing,
    rules_of_writing,
    storing,
    views,
)
from samspill.cases.service.access import citizen, door, own_case, writer_of
from samspill.cases.service.appeals import appeal_by
from samspill.cases.service.receipts import receipt_of
from samspill.cases.service.values import (
    CaseLine,
    DecisionView,
    DraftLine,
    MyCase,
    MyCases,
)
from samspill.cases.service.views import request_view
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import Month, oslo_date

_LISTED = 200
_ENDING = ("ended", "withdraw", "stop")


@door
def my_cases(actor: Actor) -> MyCases:
    """List one's drafts and cases, newest first."""
    person = citizen(actor)
    drafts = Draft.objects.filter(person_id=person, written_by_id=writer_of(actor))
    of_person = Case.objects.of_applicant(person)
    if representing.acts_for_another(actor):
        mine = set(of_person.values_list("package_id", flat=True)) | set(
            drafts.values_list("package_id", flat=True)
        )
        opened = representing.opened(actor, mine)
        of_person = of_person.filter(package_id__in=opened)
        drafts = drafts.filter(package_id__in=opened)
    theirs = Draft.objects.none()
    if not representing.acts_for_another(actor):
        theirs = Draft.objects.filter(person_id=person, written_by__isnull=False)
    cases = list(of_person.order_by("-submitted_at", "id")[:_LISTED])
    unread = _counted(Message.objects.filter(receiver="applicant", read_at__isnull=True), cases)
    asked = _counted(InformationRequest.objects.filter(state="open"), cases)
    return MyCases(
        drafts=tuple(_draft_line(row) for row in drafts.order_by("-saved_at")[:_LISTED]),
        cases=tuple(
            _line(row, unread=unread.get(row.id, 0), asked=asked.get(row.id, 0)) for row in cases
        ),
        begun_by_others=tuple(_draft_line(row) for row in theirs.order_by("-saved_at")[:_LISTED]),
    )


@door
def case_for_applicant(actor: Actor, *, case_id: uuid.UUID) -> MyCase:
    """Show one's case: status, timeline, requests, messages, documents, decisions."""
    with transaction.atomic():
        case = own_case(actor, case_id)
        package = pins.pinned(case)
        rules_of_writing.may_apply(actor, package)
        shown = my_case(actor, case)
        messages.mark_read(case_id)
        storing.note(
            actor,
            [views.log_entry(case, package, action="read", purpose="show my case")],
            [events.PageShown(**views.about_case(case), page="my_case")],
        )
    return shown


@door
def stop(actor: Actor, *, case_id: uuid.UUID) -> CaseLine:
    """End one's case: nothing more is decided or paid. Ending an ended case does no harm.

    Raises:
        RefusedError: the service does not let the applicant end the case where it stands.
    """
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        if not case.is_open:
            return _line(case)
        package = pins.pinned(case)
        step = _ending(case)
        if step is None:
            raise refuse(
                "cannot_stop",
                "The case cannot be ended where it stands now.",
                remedy="Write a message to those who handle the case.",
                status=409,
            )
        now = clock.now()
        case.state, case.waiting_for, case.due_on = step.state, "nobody", None
        case.stopped_reason, case.closed_at, case.changed_at = "ended", now, now
        case.revision += 1
        case.save()
        TermEntry.objects.filter(case=case, state__in=("waiting", "held")).update(state="stopped")
        case.tasks.filter(state="open").update(state="dropped", done_at=now)
        case.requests.filter(state="open").update(state="withdrawn", closed_at=now)
        storing.note(
            actor,
            [views.log_entry(case, package, action="write", purpose="end my case")],
            [events.CaseStopped(**views.about_case(case), reason="ended")],
        )
    return _line(case)


def my_case(actor: Actor, case: Case) -> MyCase:
    """Show a case as its applicant sees it, or who acts for them."""
    package = pins.pinned(case)
    decisions = list(
        Decision.objects.filter(case=case)
        .prefetch_related("letters", "payments", "appeals")
        .order_by("-term", "-sequence")[:_LISTED]
    )
    requests = list(InformationRequest.objects.filter(case=case).order_by("-asked_at"))
    written = Message.objects.filter(case=case).order_by("sent_at", "id")
    answers = {**case.application.answers, **case.amended}
    if case.protected:
        answers = places.answers_without(answers, views.hidden_fields(package))
    seen = _seen_by_applicant(package, answers)
    unread = sum(m.receiver == "applicant" and m.read_at is None for m in written)
    asked = sum(request.state == "open" for request in requests)
    return MyCase(
        line=_line(case, unread=unread, asked=asked),
        receipt=receipt_of(case.application, case),
        answers=seen,
        address_hidden=case.protected,
        timeline=tuple(_timeline(case, decisions, requests)),
        requests=tuple(request_view(request) for request in requests),
        messages=tuple(messages.message_view(row) for row in written),
        attachments=views.attachment_views(
            case, shown=lambda row: not row.withheld and representing.may_open(actor, case, row)
        ),
        decisions=tuple(_decision_view(case, row, decisions) for row in decisions),
        letters=notices.of_case(case, for_applicant=True),
        may_stop=case.is_open and _ending(case) is not None,
    )


def _counted(rows: QuerySet[Any], cases: Sequence[Case]) -> dict[uuid.UUID, int]:
    """Count rows for each of the cases."""
    found = rows.filter(case__in=cases).values_list("case_id").annotate(count=Count("id"))
    return dict(found.order_by())


def _seen_by_applicant(package: Any, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in answers.items()
        if (field := package.fields.get(key)) is not None and "applicant" in field.visible_to
    }


def _timeline(
    case: Case, decisions: Sequence[Decision], requests: Sequence[InformationRequest]
) -> list[timeline.Happening]:
    package = pins.pinned(case)
    rules = plan.term_rules(package)
    received = oslo_date(case.submitted_at)
    information_by = min((r.due_on for r in requests if r.state == "open"), default=None)
    if rules is None:
        decided = oslo_date(decisions[0].decided_at) if decisions else None
        return timeline.single_timeline(
            received_on=received,
            answer_within=package.service.answer_within,
            decided_on=decided,
            information_by=information_by,
        )
    term = _current_term(case)
    decided = next((oslo_date(d.decided_at) for d in decisions if d.term == term.first), None)
    return timeline.term_timeline(
        rules=rules,
        term=term,
        received_on=received,
        today=clock.today(),
        channel=case.channel,
        decided_on=decided,
        information_by=information_by,
        is_open=case.is_open,
    )


def _current_term(case: Case) -> Month:
    """Give the term that is to be decided next, else the last one that was."""
    entries = TermEntry.objects.filter(case=case)
    waiting = entries.filter(state__in=("waiting", "held")).order_by("term").first()
    found = waiting or entries.order_by("-term").first()
    return Month.of(found.term if found is not None else case.situation_on)


def _decision_view(case: Case, row: Decision, every: Sequence[Decision]) -> DecisionView:
    package = pins.pinned(case)
    rules = package.process.appeal
    latest = max(d.sequence for d in every if d.term == row.term)
    paid = [p for p in row.payments.all() if p.kind in ("ordinary", "addition")]
    return DecisionView(
        id=row.id,
        term=Month.of(row.term) if package.process.terms else None,
        code=row.code,
        granted=row.granted,
        amount_ore=row.amount_ore,
        pay_on=paid[0].pay_on if paid else None,
        decided_on=oslo_date(row.decided_at),
        automatic=row.automatic,
        letter_ids=tuple(letter.id for letter in row.letters.all() if letter.state == "sent"),
        appeal_by=appeal_by(case, row),
        appeal_to=rules.to if rules else None,
        appealed=any(a.state != "withdrawn" for a in row.appeals.all()),
        replaced=row.sequence < latest,
    )


def _ending(case: Case) -> machine.Moved | None:
    """Find where the case goes when its applicant ends it; None when the package does not let it."""
    process = pins.pinned(case).process
    known = {step.event for step in process.transitions}
    for event in _ENDING:
        if event in known:
            step = machine.move(process, state=case.state, event=event, role="applicant")
            if isinstance(step, machine.Moved):
                return step
    stops = process.terms.stop_events if process.terms else ()
    if "ended" in stops and "ended" not in known:
        return machine.Moved(state=case.state, waiting_for="nobody", final=True)
    return None


def _line(case: Case, *, unread: int = 0, asked: int = 0) -> CaseLine:
    return CaseLine(
        id=case.id,
        package=pins.pinned(case),
        state=case.state,
        waiting_for=case.waiting_for,
        open=case.is_open,
        submitted_at=case.submitted_at,
        unread=unread,
        open_requests=asked,
    )


def _draft_line(row: Draft) -> DraftLine:
    return DraftLine(
        id=row.id,
        package=pins.pinned(row),
        saved_at=row.saved_at,
        expires_at=row.expires_at,
        told=row.notified_at is not None and row.told_at is not None,
        position=row.position,
    )
