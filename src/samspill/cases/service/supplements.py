"""What an applicant adds to a case that has been sent: answers to questions, corrections, changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from samspill.cases import events
from samspill.cases.domain import answers as paths
from samspill.cases.domain import places
from samspill.cases.models import Amendment, Case, InformationRequest
from samspill.cases.service import messages, persons, pins, process, rules_of_writing, views
from samspill.cases.service.access import door, own_case
from samspill.cases.service.citizen import my_case
from samspill.cases.service.moves import walk
from samspill.cases.service.values import MyCase, RequestView
from samspill.cases.service.views import request_view
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse


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
        if request is None or request.state in ("withdrawn", "expired") or not case.is_open:
            raise refuse(
                "request_gone",
                "This question is no longer open.",
                remedy="Write a message if you have something to add.",
                status=409,
            )
        if request.state == "answered":
            return request_view(request)
        _only_what_was_asked(request, values or {})
        _amend(actor, case, values or {})
        if done:
            _close(actor, case, request)
    return request_view(request)


@door
def change_answers(
    actor: Actor, *, case_id: uuid.UUID, values: Mapping[str, Any], reason: str = ""
) -> MyCase:
    """Correct what was missing, or report what has changed, in a case that has been sent.

    What was signed stays as it was; the new values are laid over it, with who, when and why. A case that
    was rejected goes back to who prepares it, and so does one whose package says that a change does.

    Raises:
        RefusedError: a closed case, or a field that is not the applicant's.
    """
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        if not case.is_open:
            raise refuse(
                "case_closed",
                "This case is closed, so nothing can be added to it.",
                remedy="Send a message, or apply again.",
                status=409,
            )
        changed = _amend(actor, case, values, origin="change", reason=reason)
        if changed:
            walk(case, "correct", "change")
            happened = events.InformationReceived(**views.about_case(case))
            process.settle(actor, case, pins.pinned(case), happened)
        return my_case(actor, case)


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


def _amend(
    actor: Actor,
    case: Case,
    values: Mapping[str, Any],
    *,
    origin: str = "request",
    reason: str = "",
) -> dict[str, Any]:
    """Lay new values over the application, which itself is never changed."""
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
    if case.protected:
        changed = places.answers_without(changed, views.hidden_fields(package))
    if not changed:
        return {}
    case.amended = {**case.amended, **changed}
    persons.follow(case, package)
    case.revision += 1
    case.changed_at = clock.now()
    case.save(update_fields=["amended", "persons", "revision", "changed_at"])
    Amendment.objects.create(
        id=new_id(),
        case=case,
        sequence=Amendment.objects.filter(case=case).count() + 1,
        origin=origin,
        role="applicant",
        person_id=actor.person_id,
        before={key: before.get(key) for key in changed},
        after=changed,
        reason=reason.strip()[: messages.MAX_LENGTH],
        at=clock.now(),
    )
    return changed


def _close(actor: Actor, case: Case, request: InformationRequest) -> None:
    """Mark the request answered; the case goes back to who asked when nothing else is open."""
    package = pins.pinned(case)
    now = clock.now()
    request.state, request.closed_at = "answered", now
    request.save(update_fields=["state", "closed_at"])
    if not case.requests.filter(state="open").exists():
        if not walk(case, "answer") and case.waiting_for == "applicant":
            case.waiting_for = "agency" if request.role.startswith("agency") else "municipality"
        case.revision += 1
        case.changed_at = now
        case.save(update_fields=["state", "waiting_for", "revision", "changed_at"])
    happened = events.InformationReceived(**views.about_case(case), request_id=request.id)
    process.settle(actor, case, package, happened)
