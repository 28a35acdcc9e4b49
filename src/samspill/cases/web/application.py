"""Apply: the service's page, the form page by page, what is missing, look over, send."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.cases import service
from samspill.cases.service.values import CheckResult, Conflict, DraftView, KeyReused, Receipt
from samspill.cases.web import autosaving, presenting, saving
from samspill.cases.web.form_fields import Drawing, Parsed, draw
from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra import dead_ends
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages

_UNREADABLE = 422
_CONFLICT = 409
_NOT_FOUND = 404

View = Callable[..., HttpResponseBase]


def until_sent(view: View) -> View:
    """Lead to the receipt when the draft has been sent: the back button and old tabs do no harm."""

    @functools.wraps(view)
    def looking(request: HttpRequest, draft_id: uuid.UUID, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, draft_id=draft_id, **kwargs)
        except RefusedError as error:
            if error.refused.status != _NOT_FOUND or not _is_sent(request, draft_id):
                raise
        if request.headers.get("HX-Request"):
            address = redirect("receipt", case_id=draft_id).headers["Location"]
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect("receipt", case_id=draft_id)

    return cast("View", looking)


def _is_sent(request: HttpRequest, draft_id: uuid.UUID) -> bool:
    return any(line.id == draft_id for line in service.my_cases(actor_of(request)).cases)


@needs(role=ANYONE)
@require_GET
def service_page(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Say what the service is, who decides, and how to begin."""
    package = packages.published(package_id)
    mine = service.my_cases(actor_of(request)) if actor_of(request).kind == "citizen" else None
    context = presenting.service_context(package, presenting.language())
    if mine:
        context["drafts"] = [d for d in mine.drafts if d.package.id == package_id]
        context["sent"] = [c for c in mine.cases if c.package.id == package_id and c.open]
    return render(request, "cases/service.html", context)


@needs(role="citizen")
@require_POST
def start(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Begin an application, or go on with the one that is begun."""
    view = service.start_draft(
        actor_of(request), package_id=package_id, language=presenting.language()
    )
    return redirect("application", draft_id=view.id)


@needs(role="citizen")
@require_GET
@until_sent
def resume(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Go on where one was: the same page and the same field."""
    view = service.open_draft(actor_of(request), draft_id=draft_id)
    if view.newer is not None:
        return render(request, "cases/newer_version.html", presenting.newer_context(view))
    page = view.position.get("page", "")
    known = view.evaluation.page(page)
    key = page if known and known.visible else presenting.first_page(view)
    return redirect(presenting.page_url(view.id, key, view.position.get("field", "")))


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
@until_sent
def form_page(request: HttpRequest, draft_id: uuid.UUID, page: str) -> HttpResponseBase:
    """Show one page of the form; take what was filled in and go on."""
    if request.method == "POST":
        return _posted(request, draft_id, page)
    view = service.show_page(actor_of(request), draft_id=draft_id, page=page)
    state = view.evaluation.page(page)
    if state is None or state.visible is not True:
        return redirect(presenting.page_url(draft_id, presenting.first_page(view)))
    return _show(request, view, page, show_missing="mangler" in request.GET)


def _posted(request: HttpRequest, draft_id: uuid.UUID, page: str) -> HttpResponseBase:
    saved = saving.save(request, draft_id, page)
    if saved is None:
        return redirect("application", draft_id=draft_id)
    if saved.conflict:
        return _show(request, saved.view, page, conflict=saved.conflict, status=_CONFLICT)
    if saving.is_background(request):
        return _autosaved(request, saved, page)
    if saved.parsed.errors or saved.problems:
        return _show(
            request, saved.view, page, parsed=saved.parsed, problems=saved.problems,
            status=_UNREADABLE,
        )  # fmt: skip
    return _onward(request, saved.view, page)


def _onward(request: HttpRequest, view: DraftView, page: str) -> HttpResponseBase:
    stay = saving.stays_at(request, view, page)
    if stay is not None:
        return redirect(presenting.page_url(view.id, page, stay))
    following = presenting.neighbour(view, page, -1 if "back" in request.POST else 1)
    if following is None:
        return redirect("application-review", draft_id=view.id)
    return redirect(presenting.page_url(view.id, following))


def _autosaved(request: HttpRequest, saved: saving.Saved, page: str) -> HttpResponse:
    """Answer a background save: a short word, or the whole form when other questions came to show."""
    state = saved.view.evaluation.page(page)
    if state is None or state.visible is not True:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    drawing = _drawing(request, saved.view, parsed=saved.parsed)
    said = autosaving.answer(request, saved, state, drawing)
    return said or _show(request, saved.view, page, parsed=saved.parsed)


def _show(
    request: HttpRequest,
    view: DraftView,
    page: str,
    *,
    parsed: Parsed | None = None,
    conflict: Conflict | None = None,
    problems: Mapping[str, str] | None = None,
    show_missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = _context(
        request, view, page, parsed=parsed, conflict=conflict, problems=problems,
        show_missing=show_missing,
    )  # fmt: skip
    if not saving.is_background(request):
        return render(request, "cases/form_page.html", context, status=status)
    response = render(request, "cases/_form.html", {**context, "swapped": True}, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#skjema", "outerHTML"
    return response


def _context(
    request: HttpRequest,
    view: DraftView,
    page: str,
    *,
    parsed: Parsed | None = None,
    conflict: Conflict | None = None,
    problems: Mapping[str, str] | None = None,
    show_missing: bool = False,
) -> dict[str, Any]:
    state = view.evaluation.page(page)
    assert state is not None  # the callers have looked
    drawing = _drawing(request, view, parsed=parsed, conflict=conflict, show_missing=show_missing)
    context = presenting.page_context(view, state, draw(state, drawing), problems or {})
    context["conflict"] = presenting.conflict_rows(conflict) if conflict else None
    return context


def _drawing(
    request: HttpRequest,
    view: DraftView,
    *,
    parsed: Parsed | None,
    conflict: Conflict | None = None,
    show_missing: bool = False,
) -> Drawing:
    return Drawing(
        package=view.package,
        language=presenting.language(),
        save_url=request.path,
        sources=presenting.sources(view),
        parsed=parsed,
        overrides={p: b.offered for p, b in conflict.fields.items()} if conflict else {},
        reasons=view.reasons,
        hidden=presenting.hidden_in(view),
        show_missing=show_missing,
    )


@needs(role="citizen")
@require_GET
@until_sent
def missing(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Show the one list of what is missing, and what the amount would be."""
    result = service.check(actor_of(request), draft_id=draft_id)
    context = presenting.check_context(result, request)
    _count_waiting(request, context)
    return render(request, "cases/missing.html", context)


@needs(role="citizen")
@require_GET
@until_sent
def review(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Show all answers, what is missing, the indicative amount, and the declaration."""
    result = service.check(actor_of(request), draft_id=draft_id)
    context = presenting.review_context(result, request)
    _count_waiting(request, context)
    return render(request, "cases/review.html", {**context, "key": str(uuid.uuid4())})


def _count_waiting(request: HttpRequest, context: Mapping[str, Any]) -> None:
    """Count who cannot come further now because a register is silent (SP-10)."""
    if context["waiting"]:
        dead_ends.count("register_silent", actor=actor_of(request))


@needs(role="citizen")
@require_POST
@until_sent
def send(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Send the application; sent twice, whatever way, the same receipt."""
    try:
        outcome = service.submit(
            actor_of(request),
            draft_id=draft_id,
            idempotency_key=request.POST.get("key", ""),
            declared=tuple(request.POST.getlist("declared")),
        )
    except RefusedError as error:
        if error.refused.status == _NOT_FOUND:
            raise
        result = service.check(actor_of(request), draft_id=draft_id)
        return _not_sent(request, result, presenting.refusal(error.refused), error.refused.status)
    if isinstance(outcome, Receipt):
        return redirect("receipt", case_id=outcome.case_id)
    if isinstance(outcome, KeyReused):
        return render(request, "cases/key_reused.html", {"outcome": outcome}, status=_CONFLICT)
    return _not_sent(request, outcome, "", _UNREADABLE)


def _not_sent(request: HttpRequest, result: CheckResult, why: str, status: int) -> HttpResponse:
    context = presenting.review_context(result, request)
    context |= {
        "key": request.POST.get("key") or str(uuid.uuid4()),
        "declared": request.POST.getlist("declared"),
        "not_sent": why or _("Something is missing or wrong. See the list below."),
    }
    return render(request, "cases/review.html", context, status=status)


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
@until_sent
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Ask, and then delete the draft."""
    if request.method == "POST":
        service.discard_draft(actor_of(request), draft_id=draft_id)
        return redirect("my-page")
    view = service.open_draft(actor_of(request), draft_id=draft_id)
    return render(request, "cases/discard.html", {"view": view})


@needs(role="citizen")
@require_POST
@until_sent
def move(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Move the draft to the newer version of the service, as the applicant agreed to."""
    service.move_draft(actor_of(request), draft_id=draft_id)
    return redirect("application", draft_id=draft_id)


@needs(role="citizen")
@require_POST
@until_sent
def take_over(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Go on alone with what an agent has begun for one."""
    service.take_over_draft(actor_of(request), draft_id=draft_id)
    return redirect("application", draft_id=draft_id)


@needs(role="citizen")
@require_GET
def receipt(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show the receipt with its verification code."""
    shown = service.receipt(actor_of(request), case_id=case_id)
    return render(request, "cases/receipt.html", presenting.receipt_context(shown, request))


@needs(role="citizen")
@require_GET
def receipt_pdf(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Give the receipt as PDF/A."""
    content = service.receipt_pdf(actor_of(request), case_id=case_id)
    return presenting.pdf(content, _("receipt"))


@needs(role=ANYONE)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """Tell whoever holds a receipt's code what it stands for; the code is posted, never in the address."""
    code = request.POST.get("code", "").strip()
    context: dict[str, Any] = {"code": code, "asked": request.method == "POST"}
    if code:
        found = service.verify_receipt(code)
        context["found"] = attrs.asdict(found) if found else None
    return render(request, "cases/verify.html", context)
