"""My page: what I have sent, where it stands, what happens when, and what I can do about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.db import transaction
from django.db.models import Count, Q

from samspill.cases import events
from samspill.cases.domain import machine, places, timeline
from samspill.cases.models import (
    Amendment,
    Appeal,
    Case,
    Decision,
    Draft,
    InformationRequest,
    Message,
    TermEntry,
)
from samspill.cases.service import messages, pins, plan, rules_of_writing, storing, views
from samspill.cases.service.access import citizen, door, own_case, writer_of
from samspill.cases.service.receipts import receipt_of
from samspill.cases.service.values import (
    CaseLine,
    DecisionView,
    DraftLine,
    MyCase,
    MyCases,
    RequestView,
)
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import Month, oslo_date

_LISTED = 200
_ENDING = ("ended", "withdraw", "stop")


@attrs.frozen(kw_only=True)
class Appealed:
    """An appeal that has been received."""

    appeal_id: uuid.UUID
    deadline_on: Any
    late: bool


@door
def my_cases(actor: Actor) -> MyCases:
    """List one's drafts and cases, newest first."""
    person = citizen(actor)
    drafts = Draft.objects.filter(person_id=person, written_by_id=writer_of(actor))
    cases = Case.objects.filter(applicant_id=person).annotate(
        unread=Count(
            "messages",
            filter=Q(messages__receiver="applicant", messages__read_at__isnull=True),
            distinct=True,
        ),
        asked=Count("requests", filter=Q(requests__state="open"), distinct=True),
    )
    return MyCases(
        drafts=tuple(_draft_line(row) for row in drafts.order_by("-saved_at")[:_LISTED]),
        cases=tuple(
            _line(row, unread=row.unread, asked=row.asked)
            for row in cases.order_by("-submitted_at", "id")[:_LISTED]
        ),
    )


@door
def case_for_applicant(actor: Actor, *, case_id: uuid.UUID) -> MyCase:
    """Show one's case: status, timeline, requests, messages, documents, decisions."""
    with transaction.atomic():
        case = own_case(actor, case_id)
        package = pins.pinned(case)
        rules_of_writing.may_apply(actor, package)
        shown = _my_case(case)
        messages.mark_read(actor, case_id)
        storing.note(
            actor,
            [views.log_entry(case, package, action="read", purpose="show my case")],
            [events.PageShown(**views.about_case(case), page="my_case")],
        )
    return shown


@door
def answer_request(
    actor: Actor,
    *,
    case_id: uuid.UUID,
    request_id: uuid.UUID,
    values: Mapping[str, Any] | None = None,
    done: bool = True,
) -> RequestView:
    """Answer what one was asked for: values now, documents by `add_document`, then `done`.

    Only the fields that were asked for can be changed. Answering an answered request does no harm.

    Raises:
        RefusedError: a field that was not asked for, or the request is withdrawn.
    """
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        request = InformationRequest.objects.filter(case=case, id=request_id).first()
        if request is None or request.state in ("withdrawn", "expired"):
            raise refuse(
                "request_gone",
                "This question is no longer open.",
                remedy="Write a message if you have something to add.",
                status=409,
            )
        if request.state == "answered":
            return _request_view(request)
        _only_what_was_asked(request, values or {})
        _amend(actor, case, values or {})
        if done:
            _close(actor, case, request)
    return _request_view(request)


@door
def appeal(
    actor: Actor,
    *,
    case_id: uuid.UUID,
    decision_id: uuid.UUID,
    text: str,
    late_reason: str = "",
    idempotency_key: str = "",
) -> Appealed:
    """Appeal a decision. A late appeal is received too, with the reason given (fvl. § 31).

    Raises:
        RefusedError: not one's decision, no right to appeal, more than a year late, or an appeal of the
            same decision is being handled.
    """
    words = messages.clean(text)
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        decision = Decision.objects.filter(case=case, id=decision_id).first()
        if decision is None:
            raise refuse(
                "no_such_decision",
                "There is no such decision in your case.",
                remedy="Choose one of the decisions on the page of the case.",
                status=404,
            )
        earlier = Appeal.objects.filter(decision=decision).order_by("-received_at").first()
        if earlier is not None and earlier.state in ("received", "clarified", "forwarded"):
            if idempotency_key and earlier.idempotency_key == idempotency_key:
                return _appealed(earlier)
            raise refuse(
                "appealed_already",
                "You have already appealed this decision, and the appeal is being handled.",
                remedy="Write a message if you have something to add.",
                status=409,
            )
        row = _new_appeal(actor, case, decision, words, late_reason, idempotency_key)
    return _appealed(row)


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


def _my_case(case: Case) -> MyCase:
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
        requests=tuple(_request_view(request) for request in requests),
        messages=tuple(messages.message_view(row) for row in written),
        attachments=views.attachment_views(case),
        decisions=tuple(_decision_view(case, row, decisions) for row in decisions),
        may_stop=case.is_open and _ending(case) is not None,
    )


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
        open=case.is_open,
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
        appeal_by=_appeal_by(case, row),
        appeal_to=rules.to if rules else None,
        appealed=any(a.state != "withdrawn" for a in row.appeals.all()),
        replaced=row.sequence < latest,
    )


def _appeal_by(case: Case, decision: Decision) -> Any:
    """Give the last day to appeal: counted from the day the letter came, else from the decision."""
    package = pins.pinned(case)
    if package.process.appeal is None:
        return None
    sent = [letter.sent_at for letter in decision.letters.all() if letter.sent_at]
    reached = oslo_date(min(sent) if sent else decision.decided_at)
    return timeline.appeal_deadline(reached, package.process.appeal.within)


def _new_appeal(
    actor: Actor, case: Case, decision: Decision, text: str, late_reason: str, key: str
) -> Appeal:
    package = pins.pinned(case)
    deadline = _appeal_by(case, decision)
    if deadline is None:
        raise refuse(
            "no_appeal",
            "This decision cannot be appealed.",
            remedy="Write a message if something is wrong.",
            status=409,
        )
    today = clock.today()
    late = today > deadline
    if today > timeline.last_chance(deadline):
        raise refuse(
            "appeal_too_late",
            "The time to appeal ended on %(deadline)s, more than a year ago.",
            remedy="Apply anew, or ask for the decision to be changed in a message.",
            law="forvaltningsloven § 31",
            values={"deadline": deadline.isoformat()},
            status=409,
        )
    if late and not late_reason.strip():
        raise refuse(
            "late_reason_needed",
            "The time to appeal ended on %(deadline)s. Say why the appeal comes later.",
            where="late_reason",
            remedy="Write the reason and send again. The appeal is forwarded with it.",
            law="forvaltningsloven § 31",
            values={"deadline": deadline.isoformat()},
        )
    row = Appeal.objects.create(
        id=new_id(),
        case=case,
        decision=decision,
        text=text,
        received_at=clock.now(),
        deadline_on=deadline,
        late=late,
        late_reason=late_reason.strip()[: messages.MAX_LENGTH] if late else "",
        channel="digital",
        idempotency_key=key[:100],
    )
    storing.note(
        actor,
        [views.log_entry(case, package, action="write", purpose="appeal a decision")],
        [
            events.AppealReceived(
                **views.about_case(case), appeal_id=row.id, decision_id=decision.id, late=late
            )
        ],
    )
    return row


def _appealed(row: Appeal) -> Appealed:
    return Appealed(appeal_id=row.id, deadline_on=row.deadline_on, late=row.late)


def _only_what_was_asked(request: InformationRequest, values: Mapping[str, Any]) -> None:
    asked = {item["id"] for item in request.items if item["kind"] == "field"}
    for path in values:
        if path not in asked and path.split("[", 1)[0].split(".", 1)[0] not in asked:
            raise refuse(
                "not_asked_for",
                "You were not asked for this field.",
                where=path[:80],
                remedy="Answer what is asked, and write a message about the rest.",
                status=403,
            )


def _amend(actor: Actor, case: Case, values: Mapping[str, Any]) -> None:
    """Lay new values over the application, which itself is never changed."""
    from samspill.cases.domain import answers as paths

    package = pins.pinned(case)
    before = {**case.application.answers, **case.amended}
    after: dict[str, Any] = dict(before)
    for path, value in values.items():
        try:
            field = package.field_at(paths.field_path(path))
            if field is None or field.retired or field.source not in ("citizen", "register"):
                raise rules_of_writing.unknown_field(path)
            after = paths.put(after, path, value)
        except paths.BadPathError:
            raise rules_of_writing.unknown_field(path) from None
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if not changed:
        return
    if case.protected:
        changed = places.answers_without(changed, views.hidden_fields(package))
    case.amended = {**case.amended, **changed}
    case.revision += 1
    case.changed_at = clock.now()
    case.save(update_fields=["amended", "revision", "changed_at"])
    Amendment.objects.create(
        id=new_id(),
        case=case,
        sequence=Amendment.objects.filter(case=case).count() + 1,
        origin="request",
        role="applicant",
        person_id=actor.person_id,
        before={key: before.get(key) for key in changed},
        after=changed,
        at=clock.now(),
    )


def _close(actor: Actor, case: Case, request: InformationRequest) -> None:
    """Mark the request answered; the case goes back to who asked when nothing else is open."""
    package = pins.pinned(case)
    now = clock.now()
    request.state, request.closed_at = "answered", now
    request.save(update_fields=["state", "closed_at"])
    if not case.requests.filter(state="open").exists():
        step = machine.move(package.process, state=case.state, event="answer", role="applicant")
        if isinstance(step, machine.Moved):
            case.state, case.waiting_for = step.state, step.waiting_for
        elif case.waiting_for == "applicant":
            case.waiting_for = "agency" if request.role.startswith("agency") else "municipality"
        case.due_on = min(
            (t.due_on for t in case.tasks.filter(state="open") if t.due_on), default=None
        )
        case.revision += 1
        case.changed_at = now
        case.save(update_fields=["state", "waiting_for", "due_on", "revision", "changed_at"])
    storing.note(
        actor,
        [views.log_entry(case, package, action="write", purpose="answer a request")],
        [events.InformationReceived(**views.about_case(case), request_id=request.id)],
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
        position=row.position,
    )


def _request_view(row: InformationRequest) -> RequestView:
    return RequestView(
        id=row.id,
        items=tuple(row.items),
        text=row.text,
        asked_at=row.asked_at,
        due_on=row.due_on,
        open=row.state == "open",
    )
