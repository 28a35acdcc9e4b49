"""One's own cases: status, what happens when, messages both ways, documents, decisions, appeal, stop."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.cases import service
from samspill.cases.domain.answers import without_rows
from samspill.cases.service import wording
from samspill.cases.service.values import DecisionView, MyCase, RequestView
from samspill.cases.web import asked_fields, presenting
from samspill.cases.web.form_fields import Parsed
from samspill.identity.service import actor_of, needs
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service as mandates
from samspill.packages import service as packages
from samspill.packages.service import Package

_STEPS = {
    "received": (gettext_lazy("Application received"), ""),
    "situation": (
        gettext_lazy("The situation counts"),
        gettext_lazy("Who lives with you and what you pay on this day is what counts."),
    ),
    "information": (
        gettext_lazy("Last day to send what is missing"),
        gettext_lazy("What comes later counts from the next month."),
    ),
    "decision": (
        gettext_lazy("Decision"),
        gettext_lazy("You get a letter that explains the amount."),
    ),
    "payment": (
        gettext_lazy("Payment"),
        gettext_lazy("To your account, if you are granted support."),
    ),
}


@needs(role="citizen")
@require_GET
def my_page(request: HttpRequest) -> HttpResponseBase:
    """Show what one has begun and sent, and what one can apply for."""
    mine = service.my_cases(actor_of(request))
    lang = presenting.language()
    cases = [
        {
            "line": line,
            "title": line.package.text("service.title", lang),
            "status": line.package.text(f"state.{line.state}.label", lang),
        }
        for line in mine.cases
    ]
    drafts = [{"draft": d, "title": d.package.text("service.title", lang)} for d in mine.drafts]
    theirs = [
        {"draft": d, "title": d.package.text("service.title", lang)} for d in mine.begun_by_others
    ]
    ids = sorted({item.package_id for item in packages.list_published()})
    offers = [presenting.service_context(packages.published(name), lang) for name in ids]
    letters = service.my_letters(actor_of(request))
    context: dict[str, Any] = {
        "cases": cases, "drafts": drafts, "offers": offers, "letters": letters,
    }  # fmt: skip
    context |= {"begun_by_others": theirs, "told": mandates.unread_notices(actor_of(request))}
    return render(request, "cases/my_page.html", context)


@needs(role="citizen")
@require_GET
def my_case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show one case."""
    return _show(request, case_id)


def _show(
    request: HttpRequest,
    case_id: uuid.UUID,
    problem: str = "",
    written: str = "",
    *,
    answering: tuple[uuid.UUID, Parsed] | None = None,
) -> HttpResponse:
    shown = service.case_for_applicant(actor_of(request), case_id=case_id)
    context = {
        **_context(shown, answering),
        "problem": problem,
        "written": written,
        "done": _DONE.get(request.GET.get("gjort", ""), ""),
        "key": str(uuid.uuid4()),
    }
    return render(
        request, "cases/my_case.html", context, status=422 if problem or answering else 200
    )


_DONE = {
    "melding": gettext_lazy("Your message is sent."),
    "vedlegg": gettext_lazy("The document is added."),
    "svar": gettext_lazy("Thank you. Those who handle your case have been told."),
    "klage": gettext_lazy("Your appeal is received. A person will look at the decision."),
    "stopp": gettext_lazy("The case is ended."),
}


def _done(case_id: uuid.UUID, what: str) -> HttpResponseBase:
    """Go back to the case, which says that it went well."""
    return redirect(f"{reverse('my-case', kwargs={'case_id': case_id})}?gjort={what}")


def _context(shown: MyCase, answering: tuple[uuid.UUID, Parsed] | None = None) -> dict[str, Any]:
    package, lang = shown.line.package, presenting.language()
    asked = [request for request in shown.requests if request.open]
    wanted = {str(item.get("id", "")).split(":")[0] for request in asked for item in request.items}
    return {
        "has_aside": True,
        "case": shown,
        "title": package.text("service.title", lang),
        "status": package.text(f"state.{shown.line.state}.label", lang),
        "next": package.texts.find(f"state.{shown.line.state}.next", lang) or "",
        "steps": steps(shown),
        "requests": [_asked(shown, request, answering) for request in asked],
        "decisions": [_decision(shown, d) for d in shown.decisions],
        "documents": [
            {"id": name, "label": _document(package, name), "wanted": name in wanted}
            for name in package.documents
        ],
        "attachments": [
            {
                "file": file,
                "label": wording.document_name(package, file, lang),
                "by": _ADDED_BY[_side(file.role)],
            }
            for file in shown.attachments
        ],
        "answers": _answers(shown),
    }


def _asked(
    shown: MyCase, request: RequestView, answering: tuple[uuid.UUID, Parsed] | None
) -> dict[str, Any]:
    """Return what one is asked for, each thing with its name and why, and the fields to answer in."""
    package, lang = shown.line.package, presenting.language()
    page = asked_fields.page_of(package, shown.answers, request)
    parsed = answering[1] if answering is not None and answering[0] == request.id else None
    items = []
    for item in request.items:
        name = without_rows(str(item.get("id", "")))
        stem = f"{item.get('kind', 'document')}.{name}"
        label = package.texts.find(f"{stem}.label", lang) or item.get("note") or name
        why = package.texts.find(str(item.get("why_key") or f"{stem}.why"), lang) or ""
        items.append({"label": label, "why": why, "note": item.get("note") or ""})
    return {
        "id": request.id,
        "text": request.text,
        "due_on": request.due_on,
        "items": items,
        "blocks": asked_fields.blocks(page, package, parsed),
        "shown": [state.path for state in page.fields],
    }


_ADDED_BY = {
    "applicant": "",
    "agency": gettext_lazy("Added by the agency"),
    "municipality": gettext_lazy("Added by the municipality"),
}


def _side(role: str) -> str:
    """Return on which side somebody acted; who it was is not told."""
    if role == "applicant":
        return role
    return "agency" if role.startswith("agency") else "municipality"


def _document(package: Package, name: str) -> str:
    return package.text(f"document.{name.split(':', 1)[0]}.label", presenting.language())


def steps(shown: MyCase) -> list[dict[str, Any]]:
    """Return the timeline in words: done, now, and to come."""
    today, result, seen_now = clock.today(), [], False
    for happening in shown.timeline:
        if happening.key not in _STEPS:
            continue
        state = "done" if happening.done else "next"
        if state == "next" and not seen_now and shown.line.open:
            state, seen_now = "now", True
        title, text = _STEPS[happening.key]
        when = wording.day_text(happening.on)
        result.append(
            {
                "title": title,
                "text": text if happening.on >= today else "",
                "when": _("by %(day)s") % {"day": when} if happening.at_latest else when,
                "state": state,
            }
        )
    return result


def _decision(shown: MyCase, decision: DecisionView) -> dict[str, Any]:
    package, lang = shown.line.package, presenting.language()
    return {
        "decision": decision,
        "text": package.text(f"code.{decision.code}.label", lang),
        "month": decision.term.first if decision.term else None,
        "is_paid": decision.pay_on is not None and decision.pay_on <= clock.today(),
        "replaced_text": _("Replaced by a newer decision"),
        "may_appeal": decision.appeal_by is not None
        and not decision.appealed
        and not decision.replaced,
    }


def _answers(shown: MyCase) -> list[dict[str, Any]]:
    """Return what was answered, in words; numbers of others are masked."""
    parts: list[dict[str, Any]] = []
    for part in wording.answer_parts(
        shown.line.package, shown.answers, presenting.language(), masked=True
    ):
        if isinstance(part, wording.Rows):
            rows = [
                {"title": name, "lines": [(line.label, line.text) for line in lines]}
                for name, lines in part.rows
            ]
            parts.append({"label": part.label, "rows": rows})
            continue
        if not parts or "rows" in parts[-1]:
            parts.append({"lines": []})
        parts[-1]["lines"].append((part.label, part.text))
    return parts


@needs(role="citizen")
@require_POST
def write(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Send a message in one's case."""
    try:
        service.send_message(
            actor_of(request),
            case_id=case_id,
            text=request.POST.get("text", ""),
            idempotency_key=request.POST.get("key", ""),
        )
    except RefusedError as error:
        problem = presenting.refusal(error.refused)
        return _show(request, case_id, problem, request.POST.get("text", ""))
    return _done(case_id, "melding")


@needs(role="citizen")
@require_POST
def add(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Add a document to one's case, and say that a request is answered when asked."""
    files = request.FILES.getlist("files")
    if not files:
        return _show(request, case_id, _("Choose a file first."))
    try:
        for file in files:
            service.add_document(
                actor_of(request),
                case_id=case_id,
                document=request.POST.get("document", ""),
                content=file.read(),
                filename=file.name or "",
            )
    except RefusedError as error:
        return _show(request, case_id, presenting.refusal(error.refused))
    return _done(case_id, "vedlegg")


@needs(role="citizen")
@require_POST
def answered(request: HttpRequest, case_id: uuid.UUID, request_id: uuid.UUID) -> HttpResponseBase:
    """Answer the fields that were asked for, and say that all of it has been sent."""
    shown = service.case_for_applicant(actor_of(request), case_id=case_id)
    asked = next((one for one in shown.requests if one.id == request_id and one.open), None)
    values: dict[str, Any] = {}
    if asked is not None:
        package = shown.line.package
        page = asked_fields.page_of(package, shown.answers, asked)
        parsed = asked_fields.read(page, package, request.POST)
        if parsed.errors:
            return _show(request, case_id, answering=(request_id, parsed))
        values = {path: value for path, value in parsed.values.items() if value is not None}
    service.answer_request(actor_of(request), case_id=case_id, request_id=request_id, values=values)
    return _done(case_id, "svar")


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, case_id: uuid.UUID, decision_id: uuid.UUID) -> HttpResponseBase:
    """Appeal a decision: say why, and when late, why so late."""
    shown = service.case_for_applicant(actor_of(request), case_id=case_id)
    decision = next((d for d in shown.decisions if d.id == decision_id), None)
    if decision is None or decision.appealed:
        return redirect("my-case", case_id=case_id)
    problem = _appealed(request, case_id, decision_id) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return _done(case_id, "klage")
    context = {
        **_decision(shown, decision),
        "case": shown,
        "late": decision.appeal_by is not None and decision.appeal_by < clock.today(),
        "problem": problem,
        "text_written": request.POST.get("text", ""),
        "late_written": request.POST.get("late_reason", ""),
        "key": request.POST.get("key") or str(uuid.uuid4()),
    }
    return render(request, "cases/appeal.html", context, status=422 if problem else 200)


def _appealed(request: HttpRequest, case_id: uuid.UUID, decision_id: uuid.UUID) -> str:
    """Send the appeal, and return what stood in the way."""
    try:
        service.appeal(
            actor_of(request),
            case_id=case_id,
            decision_id=decision_id,
            text=request.POST.get("text", ""),
            late_reason=request.POST.get("late_reason", ""),
            idempotency_key=request.POST.get("key", ""),
        )
    except RefusedError as error:
        return presenting.refusal(error.refused)
    return ""


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Ask, and then end the case."""
    if request.method == "POST":
        service.stop(actor_of(request), case_id=case_id)
        return _done(case_id, "stopp")
    shown = service.case_for_applicant(actor_of(request), case_id=case_id)
    if not shown.line.open:  # one has come back to the question
        return _done(case_id, "stopp")
    return render(request, "cases/stop.html", {"case_id": shown.line.id})


@needs(role=("citizen", "employee"))
@require_GET
def attachment(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponseBase:
    """Give an attachment to whoever may see it, never to be shown as a page of ours."""
    view, content = service.read_attachment(actor_of(request), attachment_id=attachment_id)
    response = HttpResponse(content, content_type=view.media_type)
    response["Content-Disposition"] = presenting.disposition("attachment", view.filename)
    response["Content-Security-Policy"] = "sandbox"
    return response


@needs(role=("citizen", "employee"))
@require_GET
def letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponseBase:
    """Show a letter as a page, in the language of the page."""
    shown = service.letter(actor_of(request), letter_id=letter_id, language=presenting.language())
    context = {"letter": shown, "own_case": shown.own_case}
    return render(request, "cases/letter.html", context)


@needs(role=("citizen", "employee"))
@require_GET
def letter_pdf(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponseBase:
    """Give a letter as PDF/A, as it was sent."""
    return presenting.pdf(service.letter_pdf(actor_of(request), letter_id=letter_id), _("letter"))
