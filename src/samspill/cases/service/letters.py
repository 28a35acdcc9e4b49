"""The decision in words: made when it is needed, in the case's language, and then kept as it was sent.

The package writes the letter; this module gives it the facts of the decision and the rules' own explanation,
step by step. Everything in it was stored with the decision, so a letter made a year later says the same.
For a protected address the sender is neutral, and nothing tells where anybody lives (SP-25).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from samspill.cases import events
from samspill.cases.domain import places, protection, terms
from samspill.cases.domain.answers import without_rows
from samspill.cases.models import Case, Decision, InformationRequest, Letter
from samspill.cases.service import (
    amount,
    case_view,
    decisions,
    letter_grades,
    letter_languages,
    pins,
    representing,
    scope,
    stops,
    views,
)
from samspill.cases.service.access import DeniedError, citizen, door, not_found, own_case
from samspill.cases.service.plan import term_rules
from samspill.cases.service.wording import moment_text, number_text
from samspill.infra import access_log, clock, files, isolation, pdf
from samspill.infra import events as log
from samspill.infra.proof import anchor
from samspill.kernel.actor import system
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import Month, oslo_date, parse_duration
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages
from samspill.rules import Explanation, as_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package

_MAX_ATTEMPTS = 5
_STEP = {
    "id": "name",
    "name": "label",
    "value": "value",
    "unit": "unit",
    "formula": "formula",
    "inputs": "inputs",
    "law": "law",
}
_BATCH = 20
_LEASE = dt.timedelta(minutes=5)


@attrs.frozen(kw_only=True)
class LetterView:
    """Hold a letter as somebody reads it."""

    id: UUID
    case_id: UUID
    own_case: bool
    language: str
    title: str
    html: str = attrs.field(repr=False)
    state: str
    sent_at: dt.datetime | None


@door
def letter(actor: Actor, *, letter_id: UUID, language: str | None = None) -> LetterView:
    """Give a letter as accessible HTML, in its own language or another that the service has.

    Raises:
        RefusedError: `case_not_found` or `not_found` when it is not for the reader.
    """
    with isolation.wider("letter"):
        row = _readable(actor, letter_id, action="read")
        wanted = language or row.language or row.case.language
        document = _document(row, wanted)
    return LetterView(
        id=row.id,
        case_id=row.case_id,
        own_case=actor.kind == "citizen" and row.recipient_id is None,
        language=wanted,
        title=document.title,
        html=row.html if row.html and wanted == row.language else document.html,
        state=row.state,
        sent_at=row.sent_at,
    )


@door
def letter_pdf(actor: Actor, *, letter_id: UUID, language: str | None = None) -> bytes:
    """Give a letter as PDF/A; the one that was sent when it is asked for in that language."""
    with isolation.wider("letter"):
        row = _readable(actor, letter_id, action="print")
        before = row.case.protection
        if actor.kind == "employee":
            row.case.protection = letter_grades.before_print(actor, row.case)
        kept = row.pdf_file_id if row.case.protection == before else None
        if kept is not None and (language or row.language) == row.language:
            _, content = files.read(kept, actor=actor, purpose="read a letter")
            return content
        return _pdf(row, language or row.language or row.case.language)


def queue_letter(
    actor: Actor, *, case_id: UUID, kind: str, decision_id: UUID | None = None
) -> Letter:
    """Put a letter of the package in the queue, in the case's language.

    Raises:
        RefusedError: `case_not_found`, `no_such_letter`.
    """
    case = scope.find(actor, case_id, purpose="send a letter")
    package = pins.pinned(case)
    if kind not in package.letters:
        raise refuse(
            "no_such_letter",
            "The service has no letter %(kind)s.",
            where="kind",
            remedy="Choose one of the letters of the package.",
            values={"kind": kind},
        )
    with transaction.atomic():
        row, made = Letter.objects.get_or_create(
            case=case,
            decision=Decision.objects.get(pk=decision_id, case=case) if decision_id else None,
            kind=kind,
            language=case.language,
            recipient=None,
            request=None,
            defaults={"queued_at": clock.now()},
        )
        if made:
            about = decisions.about(stops.facts_of(case), role=scope.role_of(actor))
            log.append(events.LetterQueued(**about, letter_id=row.id, kind=kind), actor=actor)
    return row


def make_queued(*, limit: int = _BATCH) -> int:
    """Make and send the letters that wait, oldest first, and tell how many were taken.

    Several workers may do this at once: each takes rows that no other holds. A letter that cannot be made
    is tried again later, and after five times stands as failed for the agency to see.
    """
    taken, grades = 0, dict[UUID, str]()
    while taken < limit and _make_one(grades):
        taken += 1
    return taken


def _make_one(grades: dict[UUID, str]) -> bool:
    """Make the oldest letter that waits; `grades` are those asked for a moment ago, by case, each for one letter."""
    while True:
        with transaction.atomic():
            row = _waiting().select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return False
            if row.language and row.case_id in grades:
                _try(row, grades.pop(row.case_id))
                return True
            # Registers must be asked first, and never while a row is locked.
            Letter.objects.filter(pk=row.pk).update(next_at=clock.now() + _LEASE)
        _ask(row, grades)


def _waiting() -> QuerySet[Letter]:
    rows = Letter.objects.filter(state="queued").exclude(next_at__gt=clock.now())
    return rows.select_related("case__application", "decision", "request").order_by(
        "queued_at", "id"
    )


def _ask(row: Letter, grades: dict[UUID, str]) -> None:
    """Ask in which language a letter is to be, and the grade of address of its case and of those that come next."""
    actor = system("cases.letters")
    language = row.language or letter_languages.of_recipient(actor, row)
    grades.update(letter_grades.ask(actor, [row.case, *(one.case for one in _waiting()[:_BATCH])]))
    Letter.objects.filter(pk=row.pk, state="queued").update(language=language, next_at=None)


def _try(row: Letter, grade: str) -> None:
    try:
        with transaction.atomic():
            row.case.protection = grade  # for this letter; the case itself is moved by `grading`
            _make(row)
    except Exception as error:  # noqa: BLE001 - one bad letter never stops the rest; it is kept and counted
        _put_off(row, error)


def _make(row: Letter) -> None:
    actor, row.sent_at = system("cases.letters"), clock.now()
    document = _document(row, row.language)
    row.html, row.title = document.html, document.title[:200]
    stored = files.store(
        _pdf(row, row.language),
        filename=f"brev-{row.id}.pdf",
        owner_id=row.recipient_id or row.case.applicant_id,
        actor=actor,
    )
    if isinstance(stored, files.FileRefused):
        msg = f"the letter's PDF was not taken: {stored.reason}"
        raise TypeError(msg)
    row.pdf_file_id, row.state = stored.id, "sent"
    row.save(update_fields=["html", "title", "pdf_file_id", "state", "sent_at"])
    about = decisions.about(stops.facts_of(row.case), role="system")
    log.append(events.LetterSent(**about, letter_id=row.id, kind=row.kind), actor=actor)


def _put_off(row: Letter, error: Exception) -> None:
    """Note the kind of fault and when to try again; the message itself could hold personal data."""
    row.attempts += 1
    row.failure = type(error).__name__
    row.state = "failed" if row.attempts >= _MAX_ATTEMPTS else "queued"
    row.next_at = clock.now() + dt.timedelta(minutes=2**row.attempts)
    row.save(update_fields=["attempts", "failure", "state", "next_at"])


def _readable(actor: Actor, letter_id: UUID, *, action: str) -> Letter:
    row = Letter.objects.select_related("case", "decision", "request").filter(pk=letter_id).first()
    if row is None:
        if actor.kind == "citizen":
            raise not_found()
        raise scope.not_found(actor, letter_id, purpose="read a letter")
    if actor.kind == "citizen":
        _is_to(actor, row)
        if row.opened_at is None and row.state == "sent":
            Letter.objects.filter(pk=row.pk).update(opened_at=clock.now())
    else:
        scope.find(actor, row.case_id, purpose="read a letter", action="read")
    access_log.record(
        actor=actor,
        action=action,  # type: ignore[arg-type]
        purpose="read a letter",
        subject_id=row.recipient_id or row.case.applicant_id,
        case_id=row.case_id,
        fields=("letter",),
    )
    return row


def _is_to(actor: Actor, row: Letter) -> None:
    """Refuse a letter to somebody else: the applicant's to others, and others' to the applicant."""
    if row.recipient_id is None:
        own_case(actor, row.case_id)
    elif row.recipient_id != citizen(actor) or representing.acts_for_another(actor):
        raise DeniedError(actor, subject_id=row.recipient_id, case_id=row.case_id)
    elif row.state != "sent":
        raise not_found()


# ── what the letter is given ──────────────────────────────────────────────────────────────


def _document(row: Letter, language: str) -> packages.LetterDoc:
    package = pins.pinned(row.case)
    with translation.override(language):
        data = (
            letter_data(row.case, row.decision, language, request=row.request)
            if row.recipient_id is None
            else _data_for_another(row.case, language)
        )
        document = packages.render_letter(package, row.kind, data, language)
        if row.recipient_id is not None:
            return document  # who applied is not told to others in the household
        return _with_anchor(_with_agent(document, row.case), row)


def _with_anchor(document: packages.LetterDoc, row: Letter) -> packages.LetterDoc:
    """Print at the end of a decision what the log's root was: whoever keeps the letter can hold the log to it."""
    root = anchor.at_time(row.sent_at or clock.now()) if row.decision_id is not None else None
    if root is None:
        return document
    said = _(
        "When this letter was made, the log of who has looked at personal data had %(lines)s lines and the root "
        "%(root)s (signed %(at)s). With the letter anyone can show whether the log was changed afterwards: %(page)s"
    ) % {
        "lines": number_text(root.size),
        "root": root.readable_root,
        "at": moment_text(root.at),
        "page": f"{settings.BASE_URL}/logg/",
    }
    return document.with_end(said)


def _with_agent(document: packages.LetterDoc, case: Case) -> packages.LetterDoc:
    """Name both under the heading when somebody applied for the applicant: in every letter, of every service."""
    if not case.submitted_by_name:
        return document
    said = _("%(agent)s applied on behalf of %(applicant)s.") % {
        "agent": case.submitted_by_name,
        "applicant": case.applicant_name,
    }
    return document.with_note(said)


def _pdf(row: Letter, language: str) -> bytes:
    document = _document(row, language)
    hidden = protection.hides_address(row.case.protection)
    with translation.override(language):
        footer = _("Letter from a public authority") if hidden else _sender(pins.pinned(row.case))
    return pdf.render(document.typst, title=document.title, language=language, footer=footer)


def _sender(package: Package) -> str:
    return str(package.service.contact.get("name", "Samspill"))


def _data_for_another(case: Case, language: str) -> dict[str, Any]:
    """Give a letter to another than the applicant what it may speak of: no answer, no name, no code.

    Who applied, and with what, is confidential also within a household (forvaltningsloven § 13).
    """
    package = pins.pinned(case)
    return {
        "answers": {},
        "facts": {},
        "case": {
            "municipality": _case(case)["municipality"],
            "submitted_on": oslo_date(case.submitted_at).isoformat(),
        },
        "service": {
            "title": package.text("service.title", language),
            "contact": _contact(package, case),
        },
        "missing": [],
        "on": case.situation_on.isoformat(),
        "documents": [],
    }


def letter_data(
    case: Case,
    decision: Decision | None,
    language: str,
    *,
    request: InformationRequest | None = None,
) -> dict[str, Any]:
    """Give everything that a letter of the package may speak of, from what was stored with the decision."""
    package = pins.pinned(case)
    answers: Mapping[str, Any] = {**case.application.answers, **case.amended}
    facts = {}
    if decision is not None:
        facts = {n: e["data"] for n, e in decision.facts.items() if e.get("status") == "found"}
        answers = packages.prefill(package, answers, facts, on=decision.term)
    if protection.hides_address(case.protection):
        answers = places.answers_without(answers, views.hidden_fields(package))
        facts = protection.without_places(facts)
    data: dict[str, Any] = {
        "answers": answers,
        "facts": facts,
        "case": _case(case),
        "service": {
            "title": package.text("service.title", language),
            "contact": _contact(package, case),
        },
        "missing": _missing(package, decision, language)
        if decision is not None
        else _asked(case, package, request, language),
        "on": (decision.term if decision else oslo_date(case.submitted_at)).isoformat(),
        "documents": list(case.attachments.values_list("document", flat=True).distinct()),
    }
    if decision is not None:
        hidden = protection.hides_address(case.protection)
        data |= _calculation(package, decision, language, hidden=hidden)
        data["decision"] = _decision(package, case, decision, language)
    return data


def _case(case: Case) -> dict[str, Any]:
    shown = case.municipality_id if not protection.hides_address(case.protection) else None
    found = municipalities.by_id(shown, date=case.situation_on) if shown else None
    return {
        "receipt_code": case.application.receipt_code,
        "applicant_name": case.applicant_name,
        "municipality": found.name if found is not None else "",
        "submitted_on": oslo_date(case.submitted_at).isoformat(),
        "channel": case.channel,
        "address_hidden": protection.hides_address(case.protection),
    }


def _contact(package: Package, case: Case) -> dict[str, str]:
    """Give who to write to; a protected person's letter names the service only (neutral sender)."""
    contact = dict(package.service.contact)
    return {k: v for k, v in contact.items() if k != "name"} if case.protected else contact


def _decision(package: Package, case: Case, decision: Decision, language: str) -> dict[str, Any]:
    outcome = decisions.outcome_of(package, decision.code)
    decided_on = oslo_date(decision.decided_at)
    within = outcome.appeal_within if outcome is not None else None
    payments = list(decision.payments.all())
    rules, term = term_rules(package), Month.of(decision.term)
    following = (
        terms.following(
            term,
            decision.code,
            rules,
            retests_before=_retests(case, decision),
            channel=case.channel,
        )
        if rules is not None
        else None
    )
    return {
        "code": decision.code,
        "code_text": package.text(f"code.{decision.code}.label", language),
        "outcome": outcome.outcome if outcome is not None else "",
        "granted": decision.granted,
        "amount": decision.amount_ore / 100,
        "term": str(term),
        "date": decided_on.isoformat(),
        "pay_on": payments[0].pay_on.isoformat() if payments else None,
        "paid": sum(p.amount_ore for p in payments if p.kind != "reclaim") / 100,
        "set_off": -sum(p.amount_ore for p in payments if p.kind == "set_off") / 100,
        "addition": sum(p.amount_ore for p in payments if p.kind == "addition") / 100,
        "reclaim": -sum(p.amount_ore for p in payments if p.kind == "reclaim") / 100,
        "appeal_by": parse_duration(within).after(decided_on).isoformat() if within else None,
        "automatic": decision.automatic,
        "kind": decision.kind,
        "reason": decision.trace.get("reason", ""),
        "carried_over": isinstance(following, terms.CarriedOver),
        "retested": isinstance(following, terms.Retested),
        "next_term": str(term + 1),
        "correct_by": following.until.isoformat()
        if isinstance(following, terms.AwaitsCorrection)
        else None,
    }


def _retests(case: Case, decision: Decision) -> int:
    found = case.terms.filter(term=decision.term).order_by("sequence").first()
    return found.retest if found is not None else 0


def _calculation(
    package: Package, decision: Decision, language: str, *, hidden: bool
) -> dict[str, Any]:
    """Give inputs, values and the steps in words, by the very rules that decided."""
    made_with = decision.trace.get("package", {})
    ruling = package
    if made_with.get("sha256") and made_with["sha256"] != package.sha256:
        ruling = packages.pinned(package.id, made_with["version"], made_with["sha256"])
    values = dict(decision.trace.get("values", {}))
    explained = _explained(ruling, decision, values, language)
    inputs = dict(decision.inputs)
    steps = explained.steps if explained is not None else []
    if hidden:  # nobody may read from a letter in which group of municipalities somebody lives
        steps, secret = amount.steps_without_places(ruling, decision.term, steps)
        inputs = {name: value for name, value in inputs.items() if name not in secret}
        values = {name: value for name, value in values.items() if name not in secret}
    rows = as_rows(Explanation(values, steps), _STEP)
    return {"inputs": inputs, "values": values, "steps": rows}


def _explained(
    ruling: Package, decision: Decision, values: Mapping[str, Any], language: str
) -> Explanation | None:
    """Explain by the rules that decided; nothing is shown that does not come to the stored values."""
    plan, book = ruling.process.result, packages.rule_book(ruling)
    known = {name: value for name, value in decision.inputs.items() if value is not None}
    if plan is None or book is None or not values:
        return None
    targets = [target for target in (plan.code, plan.amount) if target]
    explained = book.on(decision.term).explain(known, targets, language)
    if any(explained.values[target] != values.get(target) for target in targets):
        return None
    return explained


def _missing(package: Package, decision: Decision, language: str) -> list[dict[str, Any]]:
    """Name what was missing, in words, as it stood when it was decided."""
    return [
        _in_words(package, kind, name, language)
        for kind, _sep, name in (item.partition(":") for item in decision.trace.get("missing", []))
    ]


def _in_words(
    package: Package, kind: str, name: str, language: str, until: str | None = None
) -> dict[str, Any]:
    stem = {"document": "document", "confirmation": "party"}.get(kind, "field")
    plain = without_rows(name)
    key = f"{stem}.{plain.split(':', 1)[0]}"
    return {
        "id": plain or kind,
        "label": package.texts.find(f"{key}.label", language) or _("What we have asked you for"),
        "why": package.texts.find(f"{key}.why", language) or "",
        "until": until,
    }


def _asked(
    case: Case, package: Package, request: InformationRequest | None, language: str
) -> list[dict[str, Any]]:
    """Name what a request asks for; without one, what the applicant owes in the application."""
    if request is None:
        return [
            {"id": item.id, "label": item.label, "why": item.why, "until": _day(item.until)}
            for item in case_view.owed(case, package, language)
            if item.who == "applicant"
        ]
    until = request.due_on.isoformat()
    items = [_in_words(package, i["kind"], str(i["id"]), language, until) for i in request.items]
    if request.text:
        own = {"id": "text", "label": _("What we have asked you for"), "why": request.text}
        items.append({**own, "until": until})
    return items


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
