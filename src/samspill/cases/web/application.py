"""Apply: the service's page, the form page by page, what is missing, look over, send."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.cases import service
from samspill.cases.service.values import CheckResult, Conflict, DraftView, KeyReused, Receipt
from samspill.cases.web import presenting, uploads
from samspill.cases.web.form_fields import Drawing, Parsed, draw, parse
from samspill.identity.service import ANYONE, needs
from samspill.kernel.actor import Actor
from samspill.packages import service as packages

_UNREADABLE = 422
_CONFLICT = 409


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@needs(role=ANYONE)
@require_GET
def service_page(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Say what the service is, who decides, and how to begin."""
    package = packages.published(package_id)
    language = request.LANGUAGE_CODE
    mine = service.my_cases(_actor(request)) if _actor(request).kind == "citizen" else None
    drafts = [d for d in mine.drafts if d.package.id == package_id] if mine else []
    context = presenting.service_context(package, language)
    return render(request, "cases/service.html", {**context, "drafts": drafts})


@needs(role="citizen")
@require_POST
def start(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Begin an application, or go on with the one that is begun."""
    view = service.start_draft(
        _actor(request), package_id=package_id, language=request.LANGUAGE_CODE
    )
    return redirect("application", draft_id=view.id)


@needs(role="citizen")
@require_GET
def resume(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Go on where one was: the same page and the same field."""
    view = service.open_draft(_actor(request), draft_id=draft_id)
    if view.newer is not None:
        return render(request, "cases/newer_version.html", presenting.newer_context(view))
    page = view.position.get("page", "")
    known = view.evaluation.page(page)
    key = page if known and known.visible else presenting.first_page(view)
    field = view.position.get("field", "")
    return redirect(presenting.page_url(view.id, key, field))


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def form_page(request: HttpRequest, draft_id: uuid.UUID, page: str) -> HttpResponseBase:
    """Show one page of the form; take what was filled in and go on."""
    if request.method == "POST":
        return _posted(request, draft_id, page)
    view = service.show_page(_actor(request), draft_id=draft_id, page=page)
    state = view.evaluation.page(page)
    if state is None or state.visible is not True:
        return redirect(presenting.page_url(draft_id, presenting.first_page(view)))
    return _show(request, view, page, show_missing="mangler" in request.GET)


def _posted(request: HttpRequest, draft_id: uuid.UUID, page: str) -> HttpResponseBase:
    before = service.open_draft(_actor(request), draft_id=draft_id)
    state = before.evaluation.page(page)
    if state is None:
        return redirect("application", draft_id=draft_id)
    parsed = parse(state, before.package, request.POST)
    values = {**parsed.values, **_row_action(request, before)}
    saved = service.save_fields(
        _actor(request),
        draft_id=draft_id,
        revision=int(request.POST.get("revision", before.revision)),
        values=values,
        position={"page": page, "field": request.POST.get("field", "")},
    )
    if isinstance(saved, Conflict):
        return _show(request, saved.draft, page, conflict=saved, status=_CONFLICT)
    problems = uploads.take(request, saved)
    if parsed.errors or problems:
        return _show(request, saved, page, parsed=parsed, problems=problems, status=_UNREADABLE)
    return _onward(request, saved, page)


def _row_action(request: HttpRequest, view: DraftView) -> dict[str, Any]:
    """Return the change that a row button asks for: an empty row added, or one taken away."""
    added, removed = request.POST.get("add_row"), request.POST.get("remove_row")
    if added:
        rows = view.answers.get(added) or []
        return {f"{added}[{len(rows)}]": {}}
    if removed:
        return {removed: None}
    return {}


def _onward(request: HttpRequest, view: DraftView, page: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return _autosaved(request, view, page)
    stay = any(key in request.POST for key in ("add_row", "remove_row", "save", "remove", "upload"))
    if stay:
        return redirect(presenting.page_url(view.id, page))
    if "back" in request.POST:
        previous = presenting.neighbour(view, page, -1)
        return redirect(presenting.page_url(view.id, previous or page))
    following = presenting.neighbour(view, page, 1)
    if following is None:
        return redirect("application-review", draft_id=view.id)
    return redirect(presenting.page_url(view.id, following))


def _autosaved(request: HttpRequest, view: DraftView, page: str) -> HttpResponse:
    """Answer a background save: a short word, or the whole form when other questions came to show."""
    state = view.evaluation.page(page)
    now = [f.path for f in state.fields if f.visible] if state else []
    if sorted(now) != sorted(request.POST.getlist("_shown")):
        response = _show(request, view, page, template="cases/_form.html")
        response["HX-Retarget"], response["HX-Reswap"] = "#skjema", "outerHTML"
        return response
    return render(request, "cases/_saved.html", {"view": view, **presenting.missing_context(view)})


def _show(
    request: HttpRequest,
    view: DraftView,
    page: str,
    *,
    parsed: Parsed | None = None,
    conflict: Conflict | None = None,
    problems: Mapping[str, str] | None = None,
    show_missing: bool = False,
    template: str = "cases/form_page.html",
    status: int = 200,
) -> HttpResponse:
    state = view.evaluation.page(page)
    assert state is not None  # the callers have looked
    drawing = Drawing(
        package=view.package,
        language=request.LANGUAGE_CODE,
        save_url=request.path,
        sources=presenting.sources(view),
        parsed=parsed,
        show_missing=show_missing,
    )
    context = presenting.page_context(view, state, draw(state, drawing), problems or {})
    context["conflict"] = presenting.conflict_rows(conflict) if conflict else None
    return render(request, template, context, status=status)


@needs(role="citizen")
@require_GET
def missing(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Show the one list of what is missing, and what the amount would be."""
    result = service.check(_actor(request), draft_id=draft_id)
    return render(request, "cases/missing.html", presenting.check_context(result, request))


@needs(role="citizen")
@require_GET
def review(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Show all answers, what is missing, the indicative amount, and the declaration."""
    result = service.check(_actor(request), draft_id=draft_id)
    context = presenting.review_context(result, request)
    return render(request, "cases/review.html", {**context, "key": str(uuid.uuid4())})


@needs(role="citizen")
@require_POST
def send(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Send the application; sent twice with the same key, the same receipt."""
    outcome = service.submit(
        _actor(request),
        draft_id=draft_id,
        idempotency_key=request.POST.get("key", ""),
        declared=tuple(request.POST.getlist("declared")),
    )
    if isinstance(outcome, Receipt):
        return redirect("receipt", case_id=outcome.case_id)
    if isinstance(outcome, KeyReused):
        return render(request, "cases/key_reused.html", {"outcome": outcome}, status=_CONFLICT)
    return _not_sent(request, outcome)


def _not_sent(request: HttpRequest, result: CheckResult) -> HttpResponse:
    context = presenting.review_context(result, request)
    context |= {"key": request.POST.get("key", ""), "not_sent": True}
    return render(request, "cases/review.html", context, status=_UNREADABLE)


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Ask, and then delete the draft."""
    if request.method == "POST":
        service.discard_draft(_actor(request), draft_id=draft_id)
        return redirect("my-page")
    view = service.open_draft(_actor(request), draft_id=draft_id)
    return render(request, "cases/discard.html", {"view": view})


@needs(role="citizen")
@require_POST
def move(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Move the draft to the newer version of the service, as the applicant agreed to."""
    service.move_draft(_actor(request), draft_id=draft_id)
    return redirect("application", draft_id=draft_id)


@needs(role="citizen")
@require_GET
def receipt(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show the receipt with its verification code."""
    shown = service.receipt(_actor(request), case_id=case_id)
    return render(request, "cases/receipt.html", presenting.receipt_context(shown, request))


@needs(role="citizen")
@require_GET
def receipt_pdf(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Give the receipt as PDF/A."""
    content = service.receipt_pdf(_actor(request), case_id=case_id)
    return presenting.pdf(content, _("receipt"))


@needs(role=ANYONE)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """Tell whoever holds a receipt's code what it stands for; the code is posted, never in the address."""
    code = request.POST.get("code", "").strip()
    context: dict[str, Any] = {"code": code, "asked": bool(code)}
    if code:
        found = service.verify_receipt(code)
        context["found"] = attrs.asdict(found) if found else None
    return render(request, "cases/verify.html", context)
