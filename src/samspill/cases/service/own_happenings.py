"""What has happened in one's own case, for an access request: decisions, payments, letters, files, changes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.cases.models import (
    Amendment,
    Case,
    Decision,
    Draft,
    InformationRequest,
    Letter,
    StepTime,
    Task,
)
from samspill.cases.service import amount, views
from samspill.cases.service.own_answers import masked
from samspill.cases.service.wording import document_name
from samspill.infra.models import Event, StoredFile
from samspill.packages import service as packages

_PAYMENT = ("kind", "amount_ore", "pay_on", "account", "state", "ordered_at")
_TERM = ("term", "origin", "state", "held_reason", "made_at")
_MESSAGE = ("sender", "receiver", "text", "sent_at", "read_at")
_STEP = ("role", "step", "started_at", "ended_at", "active_seconds")
_OPENING = ("org_no", "reason", "opened_at", "until", "question", "answer", "answered_at")
_HAND_OVER = ("org_no", "why", "at", "ended_at")
_INCIDENT = ("org_no", "at", "state", "done_at")
_APPEAL = (
    "text",
    "received_at",
    "deadline_on",
    "late",
    "late_reason",
    "state",
    "clarification",
    "outcome_reason",
    "outcome_at",
)


def happenings(case: Case, package: packages.Package, *, hides: bool) -> dict[str, Any]:
    """Give everything that has happened in a case; of changes only what the applicant may see."""
    seen = {key for key, field in package.fields.items() if "applicant" in field.visible_to}
    if hides:
        seen -= views.hidden_fields(package)
    decisions = case.decisions.order_by("term", "sequence")
    steps = StepTime.objects.filter(case_id=case.id).order_by("started_at")
    sent = case.letters.filter(recipient=None).order_by("queued_at")
    return {
        "decisions": [_decision(row, package, hides=hides) for row in decisions],
        "payments": list(case.payments.order_by("pay_on").values(*_PAYMENT)),
        "terms": list(case.terms.order_by("term", "sequence").values(*_TERM)),
        "attachments": attachments(case, package),
        "messages": list(case.messages.order_by("sent_at").values(*_MESSAGE)),
        "requests": [_request(row) for row in case.requests.order_by("asked_at")],
        "tasks": [_task(row, package, seen) for row in case.tasks.order_by("opened_at")],
        "amendments": [_change(row, seen) for row in case.amendments.order_by("sequence")],
        "letters": [letter(row) for row in sent],
        "appeals": list(case.appeals.order_by("received_at").values(*_APPEAL)),
        "openings": list(case.openings.order_by("opened_at").values(*_OPENING)),
        "hand_overs": list(case.hand_overs.order_by("at").values(*_HAND_OVER)),
        "incidents": list(case.incidents.order_by("at").values(*_INCIDENT)),
        "step_times": list(steps.values(*_STEP)),
        "events": list(Event.objects.filter(key=case.id).order_by("id").values("type", "at")),
    }


def attachments(owner: Draft | Case, package: packages.Package) -> list[dict[str, Any]]:
    """List the files with hash and address; of one that is withheld only the rule that withholds it is told."""
    rows = list(owner.attachments.order_by("added_at", "id"))
    stored = StoredFile.objects.in_bulk([row.file_id for row in rows])
    found: list[dict[str, Any]] = []
    for row in rows:
        if row.withheld:
            name = _("Withheld by law")
            found.append({"name": name, "withheld_by": row.withheld, "added_at": row.added_at})
            continue
        file = stored.get(row.file_id)
        found.append(
            {
                "name": document_name(package, row, get_language() or "nb"),
                "filename": row.filename,
                "media_type": row.media_type,
                "size": row.size,
                "added_at": row.added_at,
                "added_by": row.role,
                "sha256": file.sha256 if file else "",
                "address": f"/vedlegg/{row.id}/",
            }
        )
    return found


def letter(row: Letter) -> dict[str, Any]:
    """Give a letter by what it is and its address."""
    return {
        "kind": row.kind,
        "title": row.title or row.kind,
        "language": row.language,
        "state": row.state,
        "queued_at": row.queued_at,
        "sent_at": row.sent_at,
        "opened_at": row.opened_at,
        "address": f"/brev/{row.id}/",
    }


def _decision(row: Decision, package: packages.Package, *, hides: bool) -> dict[str, Any]:
    trace, inputs = row.trace, row.inputs
    if hides:
        # A step that tells of a place is not in the letter either: see `amount.steps_without_places`.
        secret = amount.steps_without_places(package, row.term, ())[1]
        inputs = {name: value for name, value in inputs.items() if name not in secret}
        trace = _without(trace, secret) if isinstance(trace, list) else {}
    return {
        "id": str(row.id),
        "term": row.term,
        "kind": row.kind,
        "code": row.code,
        "code_text": package.text(f"code.{row.code}.label", get_language() or "nb"),
        "granted": row.granted,
        "amount_ore": row.amount_ore,
        "automatic": row.automatic,
        "decided_at": row.decided_at,
        "rulebook_version": row.rulebook_version,
        "rulebook_hash": row.rulebook_hash,
        "inputs": inputs,
        "trace": trace,
    }


def _without(trace: list[Any], secret: frozenset[str]) -> list[Any]:
    return [
        step
        for step in trace
        if isinstance(step, dict)
        and step.get("name") not in secret
        and secret.isdisjoint(step.get("inputs") or {})
    ]


def _request(row: InformationRequest) -> dict[str, Any]:
    return {
        "asked_at": row.asked_at,
        "due_on": row.due_on,
        "state": row.state,
        "text": row.text,
        "items": [{key: one.get(key, "") for key in ("kind", "id", "note")} for one in row.items],
    }


def _task(row: Task, package: packages.Package, seen: set[str]) -> dict[str, Any]:
    task = row.key.partition(":")[0]
    return {
        "task": task,
        "text": package.text(f"task.{task}.label", get_language() or "nb"),
        "role": row.role,
        "state": row.state,
        "opened_at": row.opened_at,
        "done_at": row.done_at,
        "values": {key: value for key, value in row.values.items() if key in seen},
        "reason": row.reason,
    }


def _change(row: Amendment, seen: set[str]) -> dict[str, Any]:
    before, after = (
        masked({key: value for key, value in side.items() if key in seen})
        for side in (row.before, row.after)
    )
    return {
        "at": row.at,
        "origin": row.origin,
        "role": row.role,
        "reason": row.reason,
        "before": before,
        "after": after,
    }
