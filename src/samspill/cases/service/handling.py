"""What employees do with a case: open it, judge tasks, ask for what is missing, write, and pass it on.

Nothing is retyped on the way from municipality to agency: the same case changes hands. Two who edit at once
never overwrite each other: the second gets both values to choose from. Everything asked for is taken from
the same list that the applicant sees.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.cases import events
from samspill.cases.domain import answers as paths
from samspill.cases.domain.worklist import EditConflict, merge_view
from samspill.cases.models import Amendment, Case, InformationRequest, Message, Task
from samspill.cases.service import (
    case_view,
    decisions,
    persons,
    pins,
    process,
    scope,
    stops,
    storing,
    views,
)
from samspill.cases.service.case_view import CaseView
from samspill.cases.service.messages import clean, message_view, sent_before
from samspill.infra import clock, isolation
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from samspill.cases.service.values import MessageView
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package


def open_case(actor: Actor, *, case_id: UUID) -> CaseView:
    """Show a case: answers beside register values, tasks, what is missing, messages and decisions.

    Raises:
        RefusedError: `case_not_found`, also for a case that exists but is not for this employee.
    """
    case = scope.find(actor, case_id, purpose="handle the case", action="read")
    package = pins.pinned(case)
    view = case_view.build(actor, case, package)
    with transaction.atomic():
        entry = views.log_entry(case, package, action="read", purpose="handle the case")
        happened = events.CaseOpened(**_about(actor, case))
        storing.note(actor, [{**entry, "fields": view.shown_fields}], [happened])
    return view


def take(actor: Actor, *, case_id: UUID, release: bool = False) -> None:
    """Mark a case as one's own in the lists, or let go of it; nobody is kept out by it."""
    case = scope.find(actor, case_id, purpose="take the case")
    Case.objects.filter(pk=case.pk).update(handler_id=None if release else actor.person_id)


def complete_task(
    actor: Actor,
    *,
    case_id: UUID,
    task_id: UUID,
    revision: int,
    values: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    reason: str = "",
) -> CaseView | EditConflict:
    """Judge a task and store its fields in the case.

    Args:
        actor: an employee whose side the task belongs to.
        case_id: the case.
        task_id: an open task of it.
        revision: the case's revision that the page was made from.
        values: path → value; only fields of the task.
        before: what the page showed in these fields; needed to show both values when two edit at once.
        reason: why, in words; kept with the task.

    Returns:
        The case as it now stands; `EditConflict` when somebody else changed the same fields meanwhile, and
        then nothing is stored.

    Raises:
        RefusedError: `case_not_found`, `no_such_task`, `not_your_task`, `not_of_this_task`, `field_needed`.
    """
    scope.find(actor, case_id, purpose="judge a task")
    with transaction.atomic():
        case = _locked(actor, case_id)
        package = pins.pinned(case)
        task = _open_task(actor, case, task_id)
        spec = _spec(package, task)
        _only_task_fields(spec, task, values)
        conflict = _conflict(case, revision, values, before or {})
        if conflict is not None:
            return conflict
        _amend(actor, case, values, origin="task", reason=reason)
        _fields_are_filled(case, spec)
        _close_task(actor, task, values, reason)
        process.settle(
            actor, case, package, events.TaskCompleted(**_about(actor, case), task=spec.id)
        )
    return open_case(actor, case_id=case_id)


def change_values(
    actor: Actor,
    *,
    case_id: UUID,
    revision: int,
    values: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    reason: str,
) -> CaseView | EditConflict:
    """Change caseworker's fields outside a task, with a reason that is kept.

    Raises:
        RefusedError: `case_not_found`, `reason_needed`, `not_yours_to_change`.
    """
    scope.find(actor, case_id, purpose="change values of the case")
    if not reason.strip():
        raise refuse(
            "reason_needed",
            "A change outside a task must say why.",
            where="reason",
            remedy="Write the reason in a sentence or two.",
        )
    with transaction.atomic():
        case = _locked(actor, case_id)
        package = pins.pinned(case)
        _may_change(actor, package, values)
        conflict = _conflict(case, revision, values, before or {})
        if conflict is not None:
            return conflict
        _amend(actor, case, values, origin="change", reason=reason.strip())
        process.settle(actor, case, package)
    return open_case(actor, case_id=case_id)


def request_missing(
    actor: Actor, *, case_id: UUID, revision: int, items: Sequence[str], text: str = ""
) -> InformationRequest:
    """Ask the applicant for what is missing, with a deadline; the list is the applicant's own.

    Args:
        actor: an employee.
        case_id: the case.
        revision: the revision the page was made from.
        items: `kind:id` of things from the case's list of what is missing, or of fields and documents of the
            package that the applicant may give.
        text: words of one's own, sent with the list.

    Raises:
        RefusedError: `case_not_found`, `changed_meanwhile`, `nothing_asked`, `cannot_be_asked`, `wrong_state`.
    """
    scope.find(actor, case_id, purpose="ask for what is missing")
    with transaction.atomic():
        case = _locked(actor, case_id)
        _same_revision(case, revision)
        package = pins.pinned(case)
        asked = case_view.askable(case, package, items)
        if not asked and not text.strip():
            raise refuse(
                "nothing_asked",
                "Nothing was chosen to ask for.",
                where="items",
                remedy="Choose what is missing from the list, or write what you need.",
            )
        row = InformationRequest.objects.create(
            case=case,
            items=asked,
            text=clean(text) if text.strip() else "",
            asked_by=actor.person_id,
            role=scope.role_of(actor),
            asked_at=clock.now(),
            due_on=answer_by(case, package),
        )
        happened = events.InformationRequested(
            **_about(actor, case),
            request_id=row.id,
            due_on=row.due_on.isoformat(),
            count=len(asked),
        )
        process.towards(actor, case, package, "applicant", happened, due_on=row.due_on)
    return row


def answer_by(case: Case, package: Package) -> dt.date:
    """Give the last day to answer what is asked today: the package's time, and never before § 9's window ends."""
    return process.answer_by(case, package, clock.today())


def reply(actor: Actor, *, case_id: UUID, text: str, idempotency_key: str = "") -> MessageView:
    """Write to the applicant; the same key and text give the same message.

    Raises:
        RefusedError: `case_not_found`, `empty_text`, `text_too_long`, `key_used`.
    """
    words = clean(text)
    scope.find(actor, case_id, purpose="write a message")
    with transaction.atomic():
        case = _locked(actor, case_id)
        side = scope.side_of(actor)
        sent = sent_before(case, side, idempotency_key, words)
        if sent is not None:
            return message_view(sent)
        row = Message.objects.create(
            id=new_id(),
            case=case,
            sender=side,
            receiver="applicant",
            person_id=actor.person_id,
            text=words,
            idempotency_key=idempotency_key[:100],
            sent_at=clock.now(),
        )
        Message.objects.filter(case=case, receiver=side, read_at__isnull=True).update(
            read_at=clock.now()
        )
        package = pins.pinned(case)
        entry = views.log_entry(case, package, action="write", purpose="write a message")
        happened = events.MessageSent(
            **_about(actor, case), message_id=row.id, receiver="applicant"
        )
        storing.note(actor, [entry], [happened])
    return message_view(row)


def forward(actor: Actor, *, case_id: UUID, revision: int) -> CaseView:
    """Pass a prepared case on to the agency as it is, by the package's own event.

    Raises:
        RefusedError: `case_not_found`, `changed_meanwhile`, `tasks_first`, `wrong_state`.
    """
    scope.find(actor, case_id, purpose="forward the case")
    with transaction.atomic():
        case = _locked(actor, case_id)
        _same_revision(case, revision)
        package = pins.pinned(case)
        happened = [
            events.CaseReady(**_about(actor, case)),
            events.CaseForwarded(**_about(actor, case), to_unit="agency"),
        ]
        process.towards(actor, case, package, "agency", *happened)
    return case_view.build(actor, Case.objects.get(pk=case_id), package)


def act(actor: Actor, *, case_id: UUID, revision: int, event: str) -> CaseView:
    """Make one of the package's own events happen in a case (`send_back`, `escalate`, `resolve` …).

    Raises:
        RefusedError: `case_not_found`, `changed_meanwhile`, `tasks_first`, `wrong_state`, `wrong_role`.
    """
    scope.find(actor, case_id, purpose="handle the case")
    with transaction.atomic():
        case = _locked(actor, case_id)
        _same_revision(case, revision)
        package = pins.pinned(case)
        process.move(actor, case, package, event)
    return open_case(actor, case_id=case_id)


def move_to_municipality(
    actor: Actor, *, case_id: UUID, revision: int, municipality_id: UUID, reason: str
) -> None:
    """Pass a case to the municipality where the dwelling is; the sender no longer sees it.

    Raises:
        RefusedError: `case_not_found`, `changed_meanwhile`, `no_such_municipality`, `reason_needed`.
    """
    scope.find(actor, case_id, purpose="pass the case to another municipality")
    if municipalities.by_id(municipality_id) is None:
        raise refuse(
            "no_such_municipality",
            "There is no such municipality today.",
            where="municipality_id",
            remedy="Choose one from the list.",
        )
    if not reason.strip():
        raise refuse(
            "reason_needed",
            "Passing a case on must say why.",
            where="reason",
            remedy="Write where the dwelling is, and how you know.",
        )
    with transaction.atomic():
        case = _locked(actor, case_id)
        _same_revision(case, revision)
        happened = events.CaseForwarded(**_about(actor, case), to_municipality_id=municipality_id)
        number = _next_amendment(case)
        Amendment.objects.create(
            case=case,
            sequence=number,
            origin="change",
            role=scope.role_of(actor),
            person_id=actor.person_id,
            before={"municipality": str(case.municipality_id)},
            after={"municipality": str(municipality_id)},
            reason=reason.strip(),
            at=clock.now(),
        )
        case.municipality_id = municipality_id
        case.handler_id = None
        with isolation.wider("passed_on"):
            _touch(case, "municipality", "handler_id")
        entry = views.log_entry(
            case, pins.pinned(case), action="write", purpose="pass the case to another municipality"
        )
        storing.note(actor, [entry], [happened])


# ── inside ────────────────────────────────────────────────────────────────────────────────


def _about(actor: Actor, case: Case) -> dict[str, Any]:
    return decisions.about(stops.facts_of(case), role=scope.role_of(actor))


def _locked(actor: Actor, case_id: UUID) -> Case:
    case = scope.visible(actor, action="write").select_for_update(of=("self",)).get(pk=case_id)
    if case.closed_at is not None:
        raise refuse(
            "case_closed",
            "The case is closed.",
            remedy="Nothing more can be done in it; a new application makes a new case.",
            status=409,
        )
    return case


def _same_revision(case: Case, revision: int) -> None:
    if case.revision != revision:
        raise refuse(
            "changed_meanwhile",
            "Somebody else has changed the case since you opened it.",
            remedy="Load the case again, look over it, and do it once more.",
            status=409,
        )


def _conflict(
    case: Case, revision: int, values: Mapping[str, Any], before: Mapping[str, Any]
) -> EditConflict | None:
    """Compare by field when the revision has moved: other people's other fields stand in nobody's way."""
    if case.revision == revision:
        return None
    current = {**case.application.answers, **case.amended}
    last = case.amendments.order_by("-sequence").first()
    found = merge_view(
        before={path: before.get(path) for path in values},
        theirs={path: paths.get(current, path) for path in values},
        mine=values,
        revision=case.revision,
        changed_at=case.changed_at,
        by_role=last.role if last is not None else "",
    )
    return found if found.fields else None


def _open_task(actor: Actor, case: Case, task_id: UUID) -> Task:
    task = Task.objects.select_for_update().filter(pk=task_id, case=case, state="open").first()
    if task is None:
        raise refuse(
            "no_such_task",
            "This task is not open in the case.",
            remedy="Load the case again; somebody may have done it.",
            status=409,
        )
    if not actor.has_role(task.role, task.role.replace("_caseworker", "_leader")):
        raise refuse(
            "not_your_task",
            "This task belongs to another role (%(role)s).",
            where=task.key,
            remedy="Leave it to them, or ask your leader for the role.",
            values={"role": task.role},
            status=403,
        )
    return task


def _spec(package: Package, task: Task) -> Any:
    key = task.key.split(":", 1)[0]
    return next(spec for spec in package.process.tasks if spec.id == key)


def _only_task_fields(spec: Any, task: Task, values: Mapping[str, Any]) -> None:
    for path in values:
        if _field_path(path) not in spec.fields:
            raise refuse(
                "not_of_this_task",
                "The field %(field)s does not belong to this task.",
                where=_field_path(path),
                remedy="Fill in only the fields of the task.",
                values={"field": _field_path(path), "task": task.key.split(":", 1)[0]},
            )


def _may_change(actor: Actor, package: Package, values: Mapping[str, Any]) -> None:
    for path in values:
        field = package.field_at(_field_path(path))
        side = scope.side_of(actor)
        if field is None or field.source != "caseworker" or side not in field.visible_to:
            raise refuse(
                "not_yours_to_change",
                "The field %(field)s is not filled in by you.",
                where=_field_path(path),
                remedy="Ask the applicant to correct it.",
                values={"field": _field_path(path)},
                status=403,
            )


def _field_path(path: str) -> str:
    try:
        return paths.field_path(path)
    except paths.BadPathError:
        return "?"


def _fields_are_filled(case: Case, spec: Any) -> None:
    package = pins.pinned(case)
    current = {**case.application.answers, **case.amended}
    for name in spec.fields:
        field = package.field_at(name)
        if (
            field is not None
            and not field.optional
            and "." not in name
            and current.get(name) is None
        ):
            raise _needed(name)


def _needed(name: str) -> RefusedError:
    return refuse(
        "field_needed",
        "The field %(field)s must be filled in to finish the task.",
        where=name,
        remedy="Fill it in, or leave the task open.",
        values={"field": name},
    )


def _amend(
    actor: Actor, case: Case, values: Mapping[str, Any], *, origin: str, reason: str
) -> None:
    current: dict[str, Any] = {**case.application.answers, **case.amended}
    after = dict(current)
    for path, value in values.items():
        after = paths.put(after, path, value)
    changed = {key: value for key, value in after.items() if current.get(key) != value}
    if not changed:
        return
    Amendment.objects.create(
        case=case,
        sequence=_next_amendment(case),
        origin=origin,
        role=scope.role_of(actor),
        person_id=actor.person_id,
        before={key: current.get(key) for key in changed},
        after=changed,
        reason=reason,
        at=clock.now(),
    )
    case.amended = {**case.amended, **changed}
    package = pins.pinned(case)
    persons.follow(case, package)
    _touch(case, "amended", "persons")
    entry = views.log_entry(
        case, package, action="write", purpose="judge the case", fields=tuple(sorted(changed))
    )
    storing.note(actor, [entry], [])


def _next_amendment(case: Case) -> int:
    last = case.amendments.order_by("-sequence").values_list("sequence", flat=True).first()
    return (last or 0) + 1


def _close_task(actor: Actor, task: Task, values: Mapping[str, Any], reason: str) -> None:
    task.state, task.values, task.reason = "done", dict(values), reason
    task.done_by, task.done_at = actor.person_id, clock.now()
    task.save(update_fields=["state", "values", "reason", "done_by", "done_at"])


def _touch(case: Case, *fields: str) -> None:
    case.revision += 1
    case.changed_at = clock.now()
    case.save(update_fields=[*fields, "revision", "changed_at"])
