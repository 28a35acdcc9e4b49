"""A case as an employee sees it: only what their side may see, answers beside what registers say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from samspill.cases.domain import answers as paths
from samspill.cases.domain import protection
from samspill.cases.service import (
    case_answers,
    messages,
    notices,
    process,
    scope,
    staff_documents,
    views,
)
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from samspill.cases.models import Case, Task
    from samspill.cases.service.values import AttachmentView, MessageView
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Evaluation, FieldState, MissingItem, Package, PageState


@attrs.frozen(kw_only=True)
class TaskView:
    """Hold one task: what to judge, by when, with which fields, and what lies beside it."""

    id: UUID
    key: str
    label: str
    help: str
    role: str
    due_on: dt.date | None
    fields: tuple[str, ...]
    shows: tuple[str, ...]
    mine: bool
    reminded_at: dt.datetime | None
    done: bool
    reason: str


@attrs.frozen(kw_only=True)
class AskedView:
    """Hold one request for information and whether it was answered."""

    id: UUID
    items: tuple[Any, ...]
    text: str
    asked_at: dt.datetime
    due_on: dt.date
    state: str


@attrs.frozen(kw_only=True)
class DecidedView:
    """Hold one decision of the case."""

    id: UUID
    term: dt.date
    sequence: int
    kind: str
    code: str
    code_text: str
    granted: bool
    amount_ore: int
    automatic: bool
    decided_at: dt.datetime
    letter_ids: tuple[UUID, ...]


@attrs.frozen(kw_only=True)
class AppealView:
    """Hold one appeal of the case."""

    id: UUID
    decision_id: UUID
    text: str
    received_at: dt.datetime
    deadline_on: dt.date
    late: bool
    late_reason: str
    state: str
    clarification: str


@attrs.frozen(kw_only=True)
class ChangeView:
    """Hold one change of the case's values after it was sent."""

    at: dt.datetime
    origin: str
    role: str
    fields: tuple[str, ...]
    reason: str


@attrs.frozen(kw_only=True)
class CaseView:
    """Hold everything that one side may see of a case.

    `pages` are the application's own pages with each field's answer, and beside it what a register says
    and whether it differs. `values` are all values by field, for the fields of tasks.
    """

    id: UUID
    number: str
    package: Package
    side: str
    state: str
    state_label: str
    waiting_for: str
    due_on: dt.date | None
    revision: int
    handler_id: UUID | None
    submitted_at: dt.datetime
    situation_on: dt.date
    channel: str
    language: str
    municipality_id: UUID | None
    applicant_name: str
    sent_by: str
    helped: bool
    """At the counter the applicant agreed that an employee filled the form in, and that registers were asked."""
    address_hidden: bool
    pages: tuple[PageState, ...]
    values: dict[str, Any]
    differences: tuple[FieldState, ...]
    missing: tuple[MissingItem, ...]
    errors: tuple[Any, ...]
    tasks: tuple[TaskView, ...]
    messages: tuple[MessageView, ...]
    requests: tuple[AskedView, ...]
    attachments: tuple[AttachmentView, ...]
    decisions: tuple[DecidedView, ...]
    appeals: tuple[AppealView, ...]
    changes: tuple[ChangeView, ...]
    letters: tuple[notices.LetterLine, ...]
    events: tuple[str, ...]
    shown_fields: tuple[str, ...]


def build(actor: Actor, case: Case, package: Package) -> CaseView:
    """Give the case as the actor's side may see it; whether they may see it at all is decided before."""
    side, language, package = scope.side_of(actor), actor.language, package.for_staff()
    evaluation = case_answers.evaluate(case, package, language=language)
    pages = tuple(_page(page, package, side) for page in evaluation.pages if page.visible)
    values = _values(case, package, side)
    return CaseView(
        id=case.id,
        number=case.application.receipt_code,
        package=package,
        side=side,
        state=case.state,
        state_label=package.text(f"state.{case.state}.label", language),
        waiting_for=case.waiting_for,
        due_on=case.due_on,
        revision=case.revision,
        handler_id=case.handler_id,
        submitted_at=case.submitted_at,
        situation_on=case.situation_on,
        channel=case.channel,
        language=case.language,
        municipality_id=case.municipality_id,
        applicant_name=case.applicant_name,
        sent_by=case.submitted_by_name,
        helped="agreed_to_be_helped" in case.application.declaration,
        address_hidden=protection.hides_address(case.protection),
        pages=pages,
        values=values,
        differences=tuple({f.path: f for page in pages for f in page.fields if f.differs}.values()),
        missing=_owed(case, package, evaluation),
        errors=tuple(evaluation.errors),
        tasks=tuple(_task(actor, package, task, language) for task in _tasks(case)),
        messages=tuple(messages.message_view(m) for m in case.messages.order_by("sent_at", "id")),
        requests=_requests(case),
        attachments=staff_documents.seen_by_side(views.attachment_views(case), side),
        decisions=_decisions(case, package, language),
        appeals=_appeals(case),
        changes=_changes(case, package, side),
        letters=notices.of_case(case, for_applicant=False),
        events=process.may(actor, case, package) if case.closed_at is None else (),
        shown_fields=tuple(sorted(values)),
    )


def askable(case: Case, package: Package, items: Sequence[str]) -> list[dict[str, Any]]:
    """Give the items of a request, from the case's list of what is missing or the package's own fields.

    Raises:
        RefusedError: `cannot_be_asked` for what the applicant cannot give.
    """
    owed = {f"{item.kind}:{item.id}": item for item in case_answers.evaluate(case, package).missing}
    return [_item(package, text, owed.get(text)) for text in dict.fromkeys(items)]


def _item(package: Package, text: str, owed: MissingItem | None) -> dict[str, Any]:
    kind, _, name = text.partition(":")
    if owed is not None:
        return {"kind": kind, "id": name, "why_key": owed.why_key, "note": "", "answered_at": None}
    known = {
        "field": _is_citizens(package, name),
        "document": name.split(":", 1)[0] in package.documents,
    }
    if not known.get(kind, False):
        raise refuse(
            "cannot_be_asked",
            "The applicant cannot give %(item)s.",
            where="items",
            remedy="Choose from the list of what is missing, or a field or document of the service.",
            values={"item": paths.without_rows(text)},
        )
    stem = "field" if kind == "field" else "document"
    why = f"{stem}.{paths.without_rows(name)}.why"
    return {"kind": kind, "id": name, "why_key": why, "note": "", "answered_at": None}


def _is_citizens(package: Package, path: str) -> bool:
    try:
        field = package.field_at(paths.field_path(path))
    except paths.BadPathError:
        return False
    return field is not None and not field.retired and field.source in ("citizen", "register")


def _page(page: PageState, package: Package, side: str) -> PageState:
    fields = tuple(f for f in page.fields if f.visible and _is_seen(package, f.field, side))
    return attrs.evolve(page, fields=fields)


def _is_seen(package: Package, path: str, side: str) -> bool:
    field = package.field_at(path)
    return field is not None and side in field.visible_to


def _values(case: Case, package: Package, side: str) -> dict[str, Any]:
    values = case_answers.answers_of(case)
    return {name: value for name, value in values.items() if _is_seen(package, name, side)}


def owed(case: Case, package: Package, language: str) -> tuple[MissingItem, ...]:
    """Give what is missing in a case, in a language; never an address that must not be stored here."""
    return _owed(case, package, case_answers.evaluate(case, package, language=language))


def _owed(case: Case, package: Package, evaluation: Evaluation) -> tuple[MissingItem, ...]:
    """Give what is missing; nobody is asked for an address that must not be stored here."""
    if not protection.hides_address(case.protection):
        return tuple(evaluation.missing)
    hidden = views.hidden_fields(package)
    return tuple(
        item
        for item in evaluation.missing
        if item.kind != "field" or paths.without_rows(item.id) not in hidden
    )


def _tasks(case: Case) -> list[Task]:
    return list(case.tasks.exclude(state="dropped").order_by("opened_at", "key"))


def _task(actor: Actor, package: Package, task: Task, language: str) -> TaskView:
    key = task.key.split(":", 1)[0]
    spec = next((t for t in package.process.tasks if t.id == key), None)
    return TaskView(
        id=task.id,
        key=key,
        label=package.text(f"task.{key}.label", language),
        help=package.texts.find(f"task.{key}.help", language) or "",
        role=task.role,
        due_on=task.due_on,
        fields=spec.fields if spec is not None else (),
        shows=spec.shows if spec is not None else (),
        mine=actor.has_role(task.role, task.role.replace("_caseworker", "_leader")),
        reminded_at=task.reminded_at,
        done=task.state == "done",
        reason=task.reason,
    )


def _requests(case: Case) -> tuple[AskedView, ...]:
    return tuple(
        AskedView(
            id=row.id,
            items=tuple(row.items),
            text=row.text,
            asked_at=row.asked_at,
            due_on=row.due_on,
            state=row.state,
        )
        for row in case.requests.order_by("-asked_at")
    )


def _decisions(case: Case, package: Package, language: str) -> tuple[DecidedView, ...]:
    rows = case.decisions.prefetch_related("letters").order_by("-term", "-sequence")
    return tuple(
        DecidedView(
            id=row.id,
            term=row.term,
            sequence=row.sequence,
            kind=row.kind,
            code=row.code,
            code_text=package.text(f"code.{row.code}.label", language),
            granted=row.granted,
            amount_ore=row.amount_ore,
            automatic=row.automatic,
            decided_at=row.decided_at,
            letter_ids=tuple(letter.id for letter in row.letters.all()),
        )
        for row in rows
    )


def _appeals(case: Case) -> tuple[AppealView, ...]:
    return tuple(
        AppealView(
            id=row.id,
            decision_id=row.decision_id,
            text=row.text,
            received_at=row.received_at,
            deadline_on=row.deadline_on,
            late=row.late,
            late_reason=row.late_reason,
            state=row.state,
            clarification=row.clarification,
        )
        for row in case.appeals.order_by("-received_at")
    )


def _changes(case: Case, package: Package, side: str) -> tuple[ChangeView, ...]:
    return tuple(
        ChangeView(
            at=row.at,
            origin=row.origin,
            role=row.role,
            fields=tuple(sorted(f for f in row.after if _is_seen(package, f, side))),
            reason=row.reason,
        )
        for row in case.amendments.order_by("-sequence")
    )
