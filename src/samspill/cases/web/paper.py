"""Register a paper application at the counter: find the person, type what stands on the paper, print a receipt.

The identity number is posted from page to page and never stands in an address; nothing is kept before the
application is registered. The form is drawn by the same fields as the applicant's own, on one long page.
What the registers said is sealed and bound to the employee, so that it is asked for once.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from samspill.cases import service
from samspill.cases.domain import answers as paths
from samspill.cases.service import paper as counter
from samspill.cases.service import receipts, staff_documents, wording
from samspill.cases.service.views import hidden_fields
from samspill.cases.web import case_page, paper_documents, presenting
from samspill.cases.web.form_fields import Drawing, Parsed, all_fields, draw, inputs_of, parse
from samspill.identity.service import actor_of, needs
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.packages.service import Evaluation, Package, PageState

_SALT = "samspill.cases.paper"
_HOURS = 8
_UNREADABLE = 422
COUNTER = ("municipality_caseworker", "municipality_leader", "counter")


@attrs.frozen(kw_only=True)
class Typing:
    """Hold an application while it is typed: what was prefilled, what has been typed, and for whom."""

    package: Package
    national_id: str = attrs.field(repr=False)
    received_on: dt.date
    name: str
    facts: Mapping[str, Any] = attrs.field(repr=False)
    filled: Mapping[str, Any] = attrs.field(repr=False)
    answers: Mapping[str, Any] = attrs.field(repr=False)
    municipality_id: uuid.UUID | None
    address_hidden: bool
    key: str
    person_id: uuid.UUID
    scanned: tuple[service.AttachmentView, ...] = ()

    def judged(self) -> Evaluation:
        """Judge what has been typed so far."""
        return counter.judge_paper(
            self.package, self.answers, self.facts, received_on=self.received_on,
            municipality_id=self.municipality_id, language=presenting.language(),
            documents=tuple(file.document for file in self.scanned),
        )  # fmt: skip

    def hidden(self) -> frozenset[str]:
        """Return the fields that are not drawn: those that hold a place, when the address is protected."""
        return hidden_fields(self.package) if self.address_hidden else frozenset()

    def typed(self) -> dict[str, Any]:
        """Return what differs from what the registers filled in: this is what the paper says."""
        return {k: v for k, v in self.answers.items() if v != self.filled.get(k)}

    def sealed(self, actor: Actor) -> str:
        """Return what must come back unchanged, sealed for this employee."""
        kept = {
            "package": self.package.id, "national_id": self.national_id, "name": self.name,
            "facts": self.facts, "filled": self.filled, "hidden": self.address_hidden,
            "place": str(self.municipality_id or ""), "by": str(actor.person_id), "key": self.key,
            "person": str(self.person_id),
        }  # fmt: skip
        return signing.dumps(kept, salt=_SALT, compress=True)


@needs(role=COUNTER)
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest) -> HttpResponseBase:
    """Begin, type and register a paper application."""
    if request.method != "POST":
        return _begin(request)
    if "find" in request.POST:
        return _found(request)
    typing = _typing(request)
    if typing is None:
        problem = _("The form was open too long, or belongs to somebody else. Begin again.")
        return _begin(request, problem=problem)
    typing, problem = paper_documents.take(request, typing)
    typing, parsed = _take(request, typing)
    if "register" in request.POST and not parsed.errors and not problem:
        return _register(request, typing)
    status = _UNREADABLE if parsed.errors or problem else 200
    return _form(request, typing, parsed=parsed, file_problem=problem, status=status)


@needs(role=COUNTER)
@require_GET
def receipt_pdf(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Give the receipt of a paper application to print and hand over."""
    verify_at = request.build_absolute_uri(reverse("verify"))
    content = service.paper_receipt_pdf(actor_of(request), case_id=case_id, verify_at=verify_at)
    return presenting.pdf(content, _("receipt"))


def _begin(request: HttpRequest, problem: str = "", where: str = "") -> HttpResponse:
    lang = presenting.language()
    known = sorted({p.package_id for p in packages.list_published()})
    offers = [packages.published(name) for name in known]
    context = {
        "services": [
            (p.id, p.text("service.title", lang)) for p in offers if p.service.login.assisted
        ],
        "today": clock.today(),
        "received_on": request.POST.get("received_on") or clock.today().isoformat(),
        "package": request.POST.get("package", ""),
        "errors": [{"id": where or "fnr", "text": problem}] if problem else [],
    }
    status = _UNREADABLE if problem else 200
    return render(request, "cases/staff/paper.html", context, status=status)


def _found(request: HttpRequest) -> HttpResponse:
    """Ask the registers about the person, and show the form with what they say."""
    received = _day(request)
    if received is None:
        return _begin(request, _("Write the day the paper came, not later than today."), "mottatt")
    try:
        form = counter.paper_form(
            actor_of(request),
            package_id=request.POST.get("package", ""),
            national_id=request.POST.get("national_id", ""),
        )
    except RefusedError as error:
        return _begin(request, presenting.refusal(error.refused))
    typing = Typing(
        package=form.package,
        national_id=request.POST.get("national_id", ""),
        received_on=received,
        name=form.name,
        facts=form.facts,
        filled=form.answers,
        answers=form.answers,
        municipality_id=form.municipality_id,
        address_hidden=form.address_hidden,
        key=str(uuid.uuid4()),
        person_id=form.person_id,
    )
    return _form(request, typing)


def _typing(request: HttpRequest) -> Typing | None:
    """Return the application that is being typed; None when its seal is broken, old or another's."""
    try:
        kept = signing.loads(
            request.POST.get("_sealed", ""), salt=_SALT, max_age=dt.timedelta(hours=_HOURS)
        )
        answers = json.loads(request.POST.get("_answers", "{}"))
    except (signing.BadSignature, ValueError):
        return None
    if kept["by"] != str(actor_of(request).person_id) or not isinstance(answers, dict):
        return None
    return Typing(
        package=packages.published(kept["package"], on=clock.today()),
        national_id=kept["national_id"],
        received_on=_day(request) or clock.today(),
        name=kept["name"],
        facts=kept["facts"],
        filled=kept["filled"],
        answers=answers,
        municipality_id=uuid.UUID(kept["place"]) if kept["place"] else None,
        address_hidden=kept["hidden"],
        key=kept["key"],
        person_id=uuid.UUID(kept["person"]),
        scanned=staff_documents.held(actor_of(request), key=kept["key"]),
    )


def _take(request: HttpRequest, typing: Typing) -> tuple[Typing, Parsed]:
    """Return the application with what was posted put in, and what could not be read."""
    fields = tuple(f for page in typing.judged().pages for f in page.fields)
    whole = PageState(id="paper", key="paper", visible=True, title="", fields=fields)
    parsed = parse(whole, typing.package, request.POST)
    answers: dict[str, Any] = dict(typing.answers)
    for path in sorted(parsed.values, key=paths.in_row_order):
        answers = paths.put(answers, path, parsed.values[path])
    answers = _rows(request, answers)
    return attrs.evolve(typing, answers=answers), parsed


def _rows(request: HttpRequest, answers: dict[str, Any]) -> dict[str, Any]:
    """Add an empty row to a list, or take one away, as a button asked for."""
    added, removed = request.POST.get("add_row", ""), request.POST.get("remove_row", "")
    if added.isidentifier():
        return {**answers, added: [*(answers.get(added) or []), {}]}
    name, _sep, number = removed.removesuffix("]").partition("[")
    if number.isdecimal() and isinstance(answers.get(name), list):
        rows = answers[name]
        return {**answers, name: rows[: int(number)] + rows[int(number) + 1 :]}
    return answers


def _form(
    request: HttpRequest,
    typing: Typing,
    *,
    parsed: Parsed | None = None,
    problem: str = "",
    file_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    evaluation, lang = typing.judged(), presenting.language()
    package = typing.package
    sources = {name: package.text(f"register.{name}.label", lang) for name in package.lookups}
    drawing = Drawing(
        package=package, language=lang, sources=sources, parsed=parsed, hidden=typing.hidden()
    )
    sections = _sections(evaluation, drawing)
    context = {
        "typing": typing,
        "service": package.text("service.title", lang),
        "sections": sections,
        "shown": [path for section in sections for path in inputs_of(section["blocks"])],
        "sealed": typing.sealed(actor_of(request)),
        "answers_json": case_page.as_json(typing.answers),
        "missing": [case_page.missing_line(item) for item in evaluation.missing],
        "errors": _errors(sections)
        + ([{"id": "skannet", "text": file_problem}] if file_problem else []),
        "documents": paper_documents.context(typing, evaluation),
        "file_problem": file_problem,
        "problem": problem,
        "signed": "signed" in request.POST,
        "helped": "helped" in request.POST,
        "today": clock.today(),
    }
    return render(request, "cases/staff/paper_form.html", context, status=status)


def _sections(evaluation: Evaluation, drawing: Drawing) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = [
        {"title": page.title, "id": f"side-{number}", "blocks": draw(page, drawing)}
        for number, page in enumerate(evaluation.pages, start=1)
        if page.visible
    ]
    return [section for section in sections if section["blocks"]]


def _errors(sections: list[dict[str, Any]]) -> list[dict[str, str]]:
    fields = [field for section in sections for field in all_fields(section["blocks"])]
    return wording.errors_of(fields)


def _register(request: HttpRequest, typing: Typing) -> HttpResponse:
    """Register the application and show the receipt to print; sent twice, the same receipt."""
    try:
        receipt = service.register_paper(
            actor_of(request),
            service.Paper(
                package_id=typing.package.id,
                national_id=typing.national_id,
                answers=typing.typed(),
                received_on=typing.received_on,
                signed="signed" in request.POST,
                helped="helped" in request.POST,
                language=request.POST.get("language") or None,
                idempotency_key=typing.key,
            ),
        )
    except RefusedError as error:
        problem = presenting.refusal(error.refused)
        return _form(request, typing, problem=problem, status=_UNREADABLE)
    if isinstance(receipt, service.KeyReused):
        problem = _(
            "This form has been registered with other contents. Open the case, or begin again."
        )
        return _form(request, typing, problem=problem, status=409)
    return _receipt(request, typing, receipt)


def _receipt(request: HttpRequest, typing: Typing, receipt: service.Receipt) -> HttpResponse:
    owed = receipts.owed_on_paper(
        actor_of(request), case_id=receipt.case_id, language=presenting.language()
    )
    context = {
        **presenting.receipt_context(receipt, request),
        "name": typing.name,
        "received_on": typing.received_on,
        "missing": [case_page.missing_line(item) for item in owed],
        "may_open": not typing.address_hidden,
        "helped": "helped" in request.POST,
    }
    return render(request, "cases/staff/paper_receipt.html", context)


def _day(request: HttpRequest) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(request.POST.get("received_on", ""))
    except ValueError:
        return None
    return day if day <= clock.today() else None
