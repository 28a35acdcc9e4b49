"""Sending an application: checked under lock, stored in one statement, acknowledged when stored.

The idempotency key makes a second click, a lost answer and a broken connection harmless: the same key
with the same request gives the same receipt; with another request it is refused (SP-36, SP-37).
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.db import IntegrityError, transaction

from samspill.cases import events
from samspill.cases.domain import machine, protection, receipt
from samspill.cases.domain.answers import without_rows
from samspill.cases.models import Application, Case, Draft, TermEntry
from samspill.cases.service import (
    drafts,
    persons,
    pins,
    prefill,
    protected_path,
    representing,
    rules_of_writing,
    storing,
    tasks,
    views,
)
from samspill.cases.service.access import citizen, door, own_draft, writer_of
from samspill.cases.service.receipts import receipt_of
from samspill.cases.service.values import CheckResult, KeyReused, Receipt
from samspill.infra import clock, lasting, sql
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

_KEY_LENGTH = 100
PROTECTED_UNIT = "protected"

Outcome = Receipt | KeyReused | CheckResult


@attrs.frozen(kw_only=True)
class _Request:
    """What the sender asked for; its hash is what the idempotency key stands for."""

    key: str
    draft_id: uuid.UUID | None
    package_id: str | None
    values: Mapping[str, Any]
    declared: tuple[str, ...]
    revision: int | None = None

    @property
    def sha256(self) -> str:
        return sha256_of(attrs.asdict(self))


@door
def submit(
    actor: Actor,
    *,
    draft_id: uuid.UUID,
    idempotency_key: str,
    declared: tuple[str, ...] = (),
    values: Mapping[str, Any] | None = None,
    revision: int | None = None,
) -> Outcome:
    """Send a draft.

    Args:
        actor: the one who writes the draft.
        draft_id: the draft; the case gets the same id.
        idempotency_key: chosen by the sender, new for each application.
        declared: ids of the declarations that were ticked.
        values: last answers, saved in the same step (path → value).
        revision: the draft's revision that `values` were made from; the newest when not given.

    Returns:
        The receipt when it is stored (or was before); `KeyReused` when the key stands for another
        request; `CheckResult` when something is missing, and then nothing is changed.

    Raises:
        RefusedError: not one's own, closed, not declared, key missing, or a register is awaited.
    """
    citizen(actor)
    request = _Request(
        key=_key(idempotency_key),
        draft_id=draft_id,
        package_id=None,
        values=values or {},
        declared=tuple(sorted(declared)),
        revision=revision,
    )
    earlier = _earlier(actor, request)
    if earlier is not None:
        return earlier
    try:
        with lasting.by_the_end() as logged:
            return _gather_and_submit(actor, request, logged)
    except (IntegrityError, RefusedError):  # the same key, or draft, was quicker in another process
        earlier = _earlier(actor, request)
        if earlier is None:
            raise
        return earlier


@door
def submit_directly(
    actor: Actor,
    *,
    package_id: str,
    idempotency_key: str,
    answers: Mapping[str, Any],
    declared: tuple[str, ...] = (),
    language: str | None = None,
) -> Outcome:
    """Send a whole application in one request, without a draft before it (API).

    Registers are asked as for a draft, and what they say is laid under the answers given. Returns and
    raises as `submit`.
    """
    person = citizen(actor)
    request = _Request(
        key=_key(idempotency_key),
        draft_id=None,
        package_id=package_id,
        values=answers,
        declared=tuple(sorted(declared)),
    )
    earlier = _earlier(actor, request)
    if earlier is not None:
        return earlier
    package = packages.published(package_id, on=clock.today())
    rules_of_writing.may_apply(actor, package)
    representing.make_ready(actor)
    representing.require_for(actor, package, action="write")
    draft = drafts.new_draft(actor, person, package, language)
    try:
        with lasting.by_the_end() as logged:
            _fill_in(actor, package, draft, answers)
            return _stored(_send_held(actor, request, draft, package), logged)
    except IntegrityError:
        earlier = _earlier(actor, request)
        if earlier is None:
            raise
        return earlier


def _fill_in(
    actor: Actor, package: packages.Package, draft: Draft, answers: Mapping[str, Any]
) -> None:
    """Ask the registers, and lay the answers given over what they say."""
    prefill.apply(package, draft, prefill.gather(actor, package, draft, trigger="start"))
    protected_path.require(actor, draft)
    rules_of_writing.may_write(package, draft, answers)
    draft.answers = drafts.written(draft, draft.revision, answers).answers
    rules_of_writing.not_too_large(draft, drafts.MAX_ANSWER_BYTES)
    prefill.apply(package, draft, prefill.gather(actor, package, draft, trigger="whole"))
    protected_path.require(actor, draft)


def _send_held(
    actor: Actor, request: _Request, draft: Draft, package: packages.Package
) -> Receipt | CheckResult:
    """Check and store a draft; for another, the mandate is held until what it allowed is stored."""
    if representing.acts_for_another(actor):
        with transaction.atomic():
            return _send(actor, request, draft, package)
    return _send(actor, request, draft, package)  # one statement writes it all


def _gather_and_submit(actor: Actor, request: _Request, logged: lasting.Waiting) -> Outcome:
    assert request.draft_id is not None
    representing.make_ready(actor)
    draft = own_draft(actor, request.draft_id)
    package = pins.pinned(draft)
    gathered = prefill.gather(actor, package, _with_values(draft, request), trigger="submit")
    with transaction.atomic():
        outcome = _submit_locked(actor, request, gathered)
    return _stored(outcome, logged)


def _stored(outcome: Outcome, logged: lasting.Waiting) -> Outcome:
    """Note that what was logged on the way is on the disk, when an application that came after it is."""
    if isinstance(outcome, Receipt) and not outcome.repeated:
        logged.reached()
    return outcome


def _submit_locked(actor: Actor, request: _Request, gathered: prefill.Gathered) -> Outcome:
    assert request.draft_id is not None
    try:
        draft = own_draft(actor, request.draft_id, lock=True)
    except RefusedError:  # it is not there: it may have been sent
        earlier = _earlier(actor, request)
        if earlier is None:
            raise
        return earlier
    package = pins.pinned(draft)
    rules_of_writing.may_apply(actor, package)
    if request.values:
        rules_of_writing.may_write(package, draft, request.values)
        merged = drafts.written(draft, request.revision or draft.revision, request.values)
        if merged.clashes:
            raise refuse(
                "changed_elsewhere",
                "Something was changed in another window while you were sending.",
                where=next(iter(merged.clashes)),
                remedy="Look over the application and send it again.",
                status=409,
            )
        draft.answers, draft.revision = dict(merged.answers), merged.revision
        rules_of_writing.not_too_large(draft, drafts.MAX_ANSWER_BYTES)
    if gathered.grade == protection.UNKNOWN:
        _wait_for_grade(package)
    prefill.apply(package, draft, gathered)
    protected_path.require(actor, draft)
    if draft.protection == protection.UNKNOWN:
        prefill.forget_places(package, draft)
    return _send(actor, request, draft, package)


def _wait_for_grade(package: packages.Package) -> None:
    """Keep the draft and ask to come back, when the package waits for Folkeregisteret."""
    for lookup in package.lookups.values():
        if lookup.register == prefill.PERSON and lookup.on_failure != "ask":
            raise refuse(
                "register_down",
                "A register that is needed here does not answer now. What you have saved is kept.",
                where=lookup.name,
                remedy="Try again in a while.",
                status=503,
            )


def _send(
    actor: Actor, request: _Request, draft: Draft, package: packages.Package
) -> Receipt | CheckResult:
    """Check a draft as it now stands and store it; nothing is written when something is missing."""
    result = drafts.checked(draft, package, language=actor.language, indicates=False)
    if not result.may_submit:
        return drafts.checked(draft, package, language=actor.language)
    prefill.find_municipality(package, draft, answers=result.draft.evaluation.relevant)
    if not _has_place(draft):
        raise refuse(
            "no_municipality",
            "We cannot tell which municipality the home lies in.",
            remedy="Check the address of the home. If it is right, contact the municipality.",
            status=409,
        )
    rules_of_writing.is_open(package, draft.municipality_id)
    _refuse_undeclared(package, request)
    application, case = _rows(actor, request, draft, package, result)
    opened = tasks.opened(package, case, result.draft)
    case.due_on = min((t.due_on for t in opened if t.due_on), default=None)
    entry = _entry(case, result)
    storing.store(
        actor=actor,
        case=case,
        application=application,
        tasks=opened,
        entry=entry,
        happened=[_event(case, entry)],
        purpose=package.service.purpose,
        legal_basis=package.service.processing_basis,
        draft_id=request.draft_id,
    )
    representing.sent(actor, package, case.id)
    return receipt_of(application, case, entry)


# Nearly every request is the first of its key: that is asked cheaply, and the rows are read only when it is not.
_KEY_USED = "SELECT 1 FROM cases_application WHERE applicant_id = %s AND idempotency_key = %s"
_SENT_BEFORE = (
    f"{_KEY_USED} UNION ALL "  # noqa: S608 - our own words
    "SELECT 1 FROM cases_application WHERE applicant_id = %s AND case_id = %s LIMIT 1"
)


def _earlier(actor: Actor, request: _Request) -> Receipt | KeyReused | None:
    """Find what the key stands for already, or the case the draft has already become."""
    person = citizen(actor)
    if request.draft_id is None:
        before = sql.one(_KEY_USED, [person, request.key])
    else:
        before = sql.one(_SENT_BEFORE, [person, request.key, person, request.draft_id])
    if before is None:
        return None
    rows = Application.objects.select_related("case")
    found = rows.filter(applicant_id=person, idempotency_key=request.key).first()
    if found is not None:
        representing.require(actor, found.case, action="read")
        if found.request_sha256 != request.sha256:
            return KeyReused(idempotency_key=request.key, case_id=found.case_id)
        return receipt_of(found, found.case, repeated=True)
    if request.draft_id is not None:
        found = rows.filter(applicant_id=person, case_id=request.draft_id).first()
    if found is not None:
        representing.require(actor, found.case, action="read")
    return receipt_of(found, found.case, repeated=True) if found is not None else None


def _rows(
    actor: Actor,
    request: _Request,
    draft: Draft,
    package: packages.Package,
    result: CheckResult,
) -> tuple[Application, Case]:
    relevant = packages.relevant_answers(package, draft.answers, result.draft.evaluation)
    case = _case_row(actor, draft, package, result, relevant)
    body = {
        "package": [package.id, package.version, package.sha256],
        "answers": relevant,
        "reasons": draft.reasons,
        "documents": [[a.document, str(a.id)] for a in result.draft.attachments],
        "declared": request.declared,
    }
    application = sql.new(
        Application,
        case_id=case.id,
        applicant_id=draft.person_id,
        answers=relevant,
        facts=draft.facts,
        reasons={
            p: t for p, t in draft.reasons.items() if without_rows(p).split(".")[0] in relevant
        },
        declaration={name: case.submitted_at.isoformat() for name in request.declared},
        body_sha256=sha256_of(body),
        request_sha256=request.sha256,
        idempotency_key=request.key,
        receipt_code=receipt.code_from(secrets.token_bytes(16)),
        submitted_at=case.submitted_at,
    )
    return application, case


def _case_row(
    actor: Actor,
    draft: Draft,
    package: packages.Package,
    result: CheckResult,
    relevant: Mapping[str, Any],
) -> Case:
    now = clock.now()
    started = machine.arrived(package.process, package.process.initial)
    return sql.new(
        Case,
        id=draft.id,
        package_id=package.id,
        package_version=package.version,
        package_sha256=package.sha256,
        municipality_id=draft.municipality_id,
        municipality_no_at_submission=_number(draft, result),
        applicant_id=draft.person_id,
        submitted_by_id=writer_of(actor),
        persons=persons.named(package, relevant),
        submitted_by_name=representing.name_of(actor),
        applicant_name=_name(package, draft),
        state=started.state,
        unit=_unit(draft, result),
        waiting_for=started.waiting_for,
        protection=draft.protection,
        protection_checked_at=draft.protection_checked_at or now,
        language=letter_language(package, relevant) or draft.language,
        channel="digital",
        situation_on=result.draft.situation_on,
        submitted_at=now,
        changed_at=now,
    )


def letter_language(package: packages.Package, answers: Mapping[str, Any]) -> str | None:
    """Give the language that the applicant chose for letters, when the package asks for it."""
    chosen = answers.get(package.service.letter_language or "")
    return chosen if chosen in package.service.languages else None


def _entry(case: Case, result: CheckResult) -> TermEntry | None:
    if result.draft.term is None:
        return None
    return sql.new(
        TermEntry,
        id=new_id(),
        case_id=case.id,
        package_id=case.package_id,
        term=result.draft.term.first,
        origin="new",
        made_at=case.submitted_at,
    )


def _event(case: Case, entry: TermEntry | None) -> events.ApplicationSubmitted:
    return events.ApplicationSubmitted(
        **views.about_case(case),
        channel=case.channel,
        term=str(entry.term)[:7] if entry else "",
        state=case.state,
    )


def _has_place(draft: Draft) -> bool:
    """Tell whether the case can be routed: its municipality is known, or a cleared unit takes it."""
    return draft.municipality_id is not None or protection.hides_address(draft.protection)


def _number(draft: Draft, result: CheckResult) -> str:
    if draft.municipality_id is None:
        return ""
    found = municipalities.by_id(draft.municipality_id, date=result.draft.situation_on)
    return found.number if found is not None else ""


def _unit(draft: Draft, result: CheckResult) -> str:
    if draft.municipality_id is None:
        return PROTECTED_UNIT
    return result.draft.evaluation.routing or ""


def _name(package: packages.Package, draft: Draft) -> str:
    fact = prefill.person_fact(package, draft) or {}
    return str((fact.get("name") or {}).get("full", ""))[:200]


def _refuse_undeclared(package: packages.Package, request: _Request) -> None:
    missing = [d for d in package.form.declaration if d not in request.declared]
    if missing:
        raise refuse(
            "not_declared",
            "You must confirm the declaration before you send.",
            where=missing[0],
            remedy="Tick the box and send again.",
        )


def _key(text: str) -> str:
    key = text.strip()
    if not key or len(key) > _KEY_LENGTH or not key.isprintable():
        raise refuse(
            "key_needed",
            "A key that is new for each application is needed, of at most %(length)s characters.",
            where="idempotency_key",
            remedy="Send for example a UUID.",
            values={"length": _KEY_LENGTH},
        )
    return key


def _with_values(draft: Draft, request: _Request) -> Draft:
    """Lay the last answers on a draft that is only looked at, so that everybody in it is graded."""
    if request.values:
        rules_of_writing.may_write(pins.pinned(draft), draft, request.values)
        draft.answers = {
            **draft.answers,
            **drafts.written(draft, draft.revision, request.values).answers,
        }
    return draft
