"""Register at the counter what somebody sends or says on paper; it ends in the same case as all others.

The person needs no e-ID: the employee types what stands on the paper, registers are asked as for an
electronic application, and what is missing is asked for afterwards. Who helped is kept with the case. The
application counts from the day the paper came, by the deadline for paper.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

import attrs
from django.conf import settings
from django.db import IntegrityError, transaction

from samspill.cases import events
from samspill.cases.domain import machine, protection, receipt
from samspill.cases.models import Application, Case, TermEntry
from samspill.cases.service import (
    drafts,
    persons,
    plan,
    prefill,
    process,
    protected_path,
    rows,
    rules_of_writing,
    scope,
    staff_documents,
    storing,
    views,
)
from samspill.cases.service.receipts import receipt_of
from samspill.cases.service.submission import letter_language
from samspill.identity import service as identity
from samspill.infra import clock, isolation
from samspill.infra.canonical import sha256_of
from samspill.kernel.ids import NationalId, new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import OSLO
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from samspill.cases.models import Draft
    from samspill.cases.service.values import KeyReused, Receipt
    from samspill.kernel.actor import Actor
    from samspill.kernel.periods import Month
    from samspill.packages.service import Evaluation, Package

_ROLES = ("counter", "municipality_caseworker", "municipality_leader")


@attrs.frozen(kw_only=True)
class Paper:
    """Hold what stands on a paper application, as the employee has typed it.

    helped: the person sat there and agreed that the employee filled it in, and that registers were asked.
    """

    package_id: str
    national_id: str = attrs.field(repr=False)
    answers: Mapping[str, Any] = attrs.field(repr=False)
    received_on: dt.date
    signed: bool
    helped: bool = False
    language: str | None = None
    idempotency_key: str


@attrs.frozen(kw_only=True)
class PaperForm:
    """Hold what the counter's form begins with: who the person is, and what the registers say.

    `answers` and `facts` hold no place when the address is hidden.
    """

    package: Package
    person_id: UUID
    name: str
    answers: Mapping[str, Any] = attrs.field(repr=False)
    facts: Mapping[str, Any] = attrs.field(repr=False)
    municipality_id: UUID | None
    address_hidden: bool


def paper_form(actor: Actor, *, package_id: str, national_id: str) -> PaperForm:
    """Give what the registers say about a person, to draw the counter's form with.

    Raises:
        RefusedError: `counter_only`, `not_a_national_id`, a register the service cannot do without, or
            `protected_on_paper`: a strictly confidential address, and no path here for it (SP-28).
    """
    package = _package(actor, package_id)
    draft = _draft(actor, package, _person(national_id), None)
    gathered = prefill.gather(actor, package, draft, trigger="start")
    prefill.refuse_if_stopped(package, gathered)
    prefill.apply(package, draft, gathered)
    _take_protected(actor, draft)
    _own_municipality(actor, draft)
    fact = prefill.person_fact(package, draft) or {}
    return PaperForm(
        package=package,
        person_id=draft.person_id,
        name=str((fact.get("name") or {}).get("full", ""))[:200],
        answers=dict(draft.answers),
        facts=prefill.known_facts(draft.facts),
        municipality_id=draft.municipality_id,
        address_hidden=protection.hides_address(draft.protection),
    )


def prepare_paper(actor: Actor, *, package_id: str, national_id: str) -> Mapping[str, Any]:
    """Give the answers that the registers fill in, to lay in a form of one's own before typing.

    Raises:
        RefusedError: as `paper_form`.
    """
    return paper_form(actor, package_id=package_id, national_id=national_id).answers


def judge_paper(
    package: Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    received_on: dt.date,
    municipality_id: UUID | None,
    language: str,
    documents: Sequence[str] = (),
) -> Evaluation:
    """Judge a paper application while it is typed: which questions show, what is missing, what is wrong."""
    _, on = plan.situation(package, received_on, channel="paper")
    values = None
    if municipality_id is not None:
        values = packages.settings_for(package.id, municipality_id, on).values
    return packages.evaluate(
        package,
        answers,
        facts,
        on=on,
        language=language,
        settings=values,
        channel="paper",
        today=received_on,
        documents=documents,
        row_names=rows.names_of(package, answers),
    )


def register_paper(actor: Actor, paper: Paper) -> Receipt | KeyReused:
    """Register a paper application and open its case, also when something is missing in it.

    Args:
        actor: an employee of the municipality where the dwelling is.
        paper: what stands on it; the same key gives the same case.

    Returns:
        The receipt to give or send to the person; `KeyReused` when the key stands for another paper.

    Raises:
        RefusedError: `counter_only`, `not_a_national_id`, `not_signed`, `received_later`,
            `other_municipality`, `protected_on_paper`, or answers that the form does not have.
    """
    package = _package(actor, paper.package_id)
    person = _person(paper.national_id)
    _refuse_bad(paper)
    with isolation.wider("paper"):
        earlier = _earlier(person, paper)
    if earlier is not None:
        return earlier
    draft = _draft(actor, package, person, paper.language)
    prefill.apply(package, draft, prefill.gather(actor, package, draft, trigger="start"))
    rules_of_writing.may_write(package, draft, paper.answers)
    draft.answers = dict(drafts.written(draft, draft.revision, paper.answers).answers)
    rules_of_writing.not_too_large(draft, drafts.MAX_ANSWER_BYTES)
    prefill.apply(package, draft, prefill.gather(actor, package, draft, trigger="whole"))
    _take_protected(actor, draft)
    _own_municipality(actor, draft)
    try:
        with isolation.wider("paper"), transaction.atomic():
            return _store(actor, paper, draft, package)
    except IntegrityError:
        with isolation.wider("paper"):
            earlier = _earlier(person, paper)
        if earlier is None:
            raise
        return earlier


# ── refusals ──────────────────────────────────────────────────────────────────────────────


def _package(actor: Actor, package_id: str) -> Package:
    if not actor.has_role(*_ROLES) or actor.municipality_id is None:
        raise refuse(
            "counter_only",
            "Paper is registered by employees of the municipality.",
            remedy="Log in for the municipality.",
            status=403,
        )
    package = packages.published(package_id, on=clock.today())
    if not package.service.login.assisted:
        raise refuse(
            "not_on_paper",
            "This service does not take applications on paper.",
            remedy="Help the person to apply with an e-ID.",
        )
    return package


def _person(text: str) -> UUID:
    number = NationalId.parse(
        text.replace(" ", ""),
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    if not isinstance(number, NationalId):
        raise refuse(
            "not_a_national_id",
            "This is not a valid national identity number.",
            where="national_id",
            remedy="Check the eleven digits on the paper.",
        )
    return identity.person_for(number)


def _refuse_bad(paper: Paper) -> None:
    if not paper.signed:
        raise refuse(
            "not_signed",
            "A paper application must be signed.",
            where="signed",
            remedy="Have it signed, and register it with the day it first came.",
            law="forskrift om bustøtte § 9",
        )
    if paper.received_on > clock.today():
        raise refuse(
            "received_later",
            "The day the paper came lies in the future.",
            where="received_on",
            remedy="Write the day stamped on the paper.",
        )
    if not paper.idempotency_key.strip():
        raise refuse(
            "key_needed",
            "A key that is new for each application is needed.",
            where="idempotency_key",
            remedy="Send for example a UUID.",
        )


def _take_protected(actor: Actor, draft: Draft) -> None:
    """Refuse somebody whose address is strictly confidential where the service takes nobody such; the cleared may."""
    cleared = actor.has_role(scope.CLEARED)
    protected_path.require_on_paper(draft, cleared=cleared, language=actor.language)


def _own_municipality(actor: Actor, draft: Draft) -> None:
    """Refuse a dwelling in another municipality, without telling where a protected person lives."""
    if draft.municipality_id is None and protection.hides_address(draft.protection):
        return
    if draft.municipality_id != actor.municipality_id:
        raise _elsewhere()


def _elsewhere() -> RefusedError:
    return refuse(
        "other_municipality",
        "The dwelling is not in your municipality on the day that counts.",
        where="address",
        remedy="Send the paper to the municipality of the dwelling, or correct the address.",
        status=409,
    )


# ── store ─────────────────────────────────────────────────────────────────────────────────


def _draft(actor: Actor, package: Package, person: UUID, language: str | None) -> Draft:
    draft = drafts.new_draft(actor, person, package, language)
    draft.written_by_id = None
    return draft


def _earlier(person: UUID, paper: Paper) -> Receipt | KeyReused | None:
    from samspill.cases.service.values import KeyReused

    found = (
        Application.objects.select_related("case")
        .filter(applicant_id=person, idempotency_key=paper.idempotency_key)
        .first()
    )
    if found is None:
        return None
    if found.request_sha256 != _request_sha256(paper):
        return KeyReused(idempotency_key=paper.idempotency_key, case_id=found.case_id)
    return receipt_of(found, found.case, repeated=True)


def _request_sha256(paper: Paper) -> str:
    return sha256_of(attrs.asdict(paper))


def _store(actor: Actor, paper: Paper, draft: Draft, package: Package) -> Receipt:
    term, on = plan.situation(package, paper.received_on, channel="paper")
    evaluation = _judged(actor, paper, draft, package)
    case = _case(actor, paper, draft, package, evaluation, on)
    application = _application(paper, draft, package, case, evaluation)
    entry = _entry(case, term) if term is not None else None
    happened = events.PaperRegistered(
        **views.about_case(case, scope.role_of(actor)),
        term=str(term) if term else "",
        received_on=paper.received_on.isoformat(),
        helped=paper.helped,
    )
    storing.store(
        actor=actor,
        case=case,
        application=application,
        tasks=(),
        entry=entry,
        happened=[happened],
        purpose=package.service.purpose,
        legal_basis=package.service.processing_basis,
        draft_id=None,
    )
    stored = Case.objects.get(pk=case.id)
    process.settle(actor, stored, package)
    staff_documents.become_the_cases(actor, stored, paper.idempotency_key)
    return receipt_of(application, case, entry)


def _judged(actor: Actor, paper: Paper, draft: Draft, package: Package) -> Evaluation:
    scanned = staff_documents.held(actor, key=paper.idempotency_key)
    return judge_paper(
        package,
        draft.answers,
        prefill.known_facts(draft.facts),
        received_on=paper.received_on,
        municipality_id=draft.municipality_id,
        language=draft.language,
        documents=tuple(file.document for file in scanned),
    )


def _entry(case: Case, term: Month) -> TermEntry:
    return TermEntry(
        id=new_id(),
        case_id=case.id,
        package_id=case.package_id,
        term=term.first,
        origin="new",
        made_at=clock.now(),
    )


def _case(
    actor: Actor,
    paper: Paper,
    draft: Draft,
    package: Package,
    evaluation: Evaluation,
    on: dt.date,
) -> Case:
    started = machine.arrived(package.process, package.process.initial)
    hidden = protection.needs_compartment(draft.protection)
    found = municipalities.by_id(draft.municipality_id, date=on) if draft.municipality_id else None
    fact = prefill.person_fact(package, draft) or {}
    return Case(
        id=draft.id,
        package_id=package.id,
        package_version=package.version,
        package_sha256=package.sha256,
        municipality_id=draft.municipality_id,
        municipality_no_at_submission=found.number if found is not None else "",
        applicant_id=draft.person_id,
        registered_by=actor.person_id,
        persons=persons.named(package, evaluation.relevant),
        applicant_name=str((fact.get("name") or {}).get("full", ""))[:200],
        state=started.state,
        waiting_for=started.waiting_for,
        unit="protected" if hidden else evaluation.routing or "",
        protection=draft.protection,
        protection_checked_at=draft.protection_checked_at or clock.now(),
        language=letter_language(package, evaluation.relevant) or draft.language,
        channel="paper",
        situation_on=on,
        submitted_at=_noon(paper.received_on),
        changed_at=clock.now(),
    )


def _application(
    paper: Paper, draft: Draft, package: Package, case: Case, evaluation: Evaluation
) -> Application:
    relevant = packages.relevant_answers(package, draft.answers, evaluation)
    now = clock.now().isoformat()
    body = {"package": [package.id, package.version, package.sha256], "answers": relevant}
    return Application(
        case=case,
        applicant_id=draft.person_id,
        answers=relevant,
        facts=draft.facts,
        reasons={},
        declaration={
            "signed_on_paper": now,
            **({"agreed_to_be_helped": now} if paper.helped else {}),
        },
        body_sha256=sha256_of(body),
        request_sha256=_request_sha256(paper),
        idempotency_key=paper.idempotency_key,
        receipt_code=receipt.code_from(secrets.token_bytes(16)),
        submitted_at=_noon(paper.received_on),
    )


def _noon(day: dt.date) -> dt.datetime:
    """Give noon in Norway: paper has a day, not an hour."""
    return dt.datetime.combine(day, dt.time(12), tzinfo=OSLO).astimezone(dt.UTC)
