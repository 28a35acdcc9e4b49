"""Handle one case: judge tasks, ask, write, pass on; and at the agency decide again, correct, count again.

Each form is small and posts one thing. What cannot be done is said on the case page itself, with what was
typed kept; what somebody else changed meanwhile is shown side by side (409).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.cases import service
from samspill.cases.service import EditConflict, openings, staff_case
from samspill.cases.web import case_page, presenting
from samspill.cases.web.form_fields import Drawing, Parsed, draw, parse
from samspill.cases.web.staff import STAFF
from samspill.identity.service import actor_of, needs
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import Refused, RefusedError
from samspill.packages.service import Package

_CONFLICT, _UNREADABLE, _NOT_FOUND = 409, 422, 404
DONE = {
    "task": gettext_lazy("The task is done."),
    "asked": gettext_lazy("The applicant has been asked. The case waits for the answer."),
    "document": gettext_lazy("The document is added."),
    "written": gettext_lazy("The message has been sent."),
    "forwarded": gettext_lazy("The case has been passed on as it is."),
    "step": gettext_lazy("Done. The case stands as shown below."),
    "taken": gettext_lazy("The case is marked as yours."),
    "released": gettext_lazy("The case is free for others."),
    "changed": gettext_lazy("The change is saved, with the reason."),
    "handed": gettext_lazy("The case is handed to your colleague."),
    "appeal": gettext_lazy("The appeal has been handled."),
}


@needs(role=STAFF)
@require_GET
def case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show a case; one outside one's tasks leads to the page that asks why."""
    try:
        return show(request, case_id, done=request.GET.get("gjort", ""))
    except RefusedError as error:
        if error.refused.code != "case_outside":
            raise
        return redirect("staff-open", case_id=case_id)


def show(
    request: HttpRequest,
    case_id: uuid.UUID,
    *,
    done: str = "",
    said: str = "",
    problem: str = "",
    status: int = 200,
    **drawn: Any,
) -> HttpResponse:
    """Draw the case page; `drawn` are the task and what was read of its form when it came back."""
    actor = actor_of(request)
    view = service.open_case(actor, case_id=case_id)
    context = {
        **case_page.context(view, staff_case.beside(actor, case_id=case_id), **drawn),
        "done": said or DONE.get(done, ""),
        "problem": problem,
        "opened_until": openings.opened_until(actor, case_id=case_id),
        "key": str(uuid.uuid4()),
        "typed": request.POST,
        "is_agency": view.side == "agency",
        "home": reverse("agency" if view.side == "agency" else "work-list"),
        "is_mine": view.handler_id is not None and view.handler_id == actor.person_id,
    }
    return render(request, "cases/staff/case.html", context, status=status)


def do(
    request: HttpRequest, case_id: uuid.UUID, act: Callable[[Actor], object], *, done: str
) -> HttpResponse:
    """Do one thing and show the case again; a refusal is said on the page."""
    try:
        act(actor_of(request))
    except RefusedError as error:
        return refused(request, case_id, error)
    return redirect(f"{reverse('staff-case', kwargs={'case_id': case_id})}?gjort={done}")


def refused(request: HttpRequest, case_id: uuid.UUID, error: RefusedError) -> HttpResponse:
    """Say on the case page why something was not done; what must not be seen stays not found."""
    status = error.refused.status
    if status == _NOT_FOUND:
        raise error
    status = status if status != 400 else _UNREADABLE  # noqa: PLR2004 - the same form comes back
    return show(request, case_id, problem=presenting.refusal(error.refused), status=status)


def revision_of(request: HttpRequest) -> int:
    """Return the revision that the form was made from; 0 (never current) when it is not a number."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else 0


# ── tasks and values ──────────────────────────────────────────────────────────────────────


@needs(role=STAFF)
@require_POST
def task(request: HttpRequest, case_id: uuid.UUID, task_id: uuid.UUID) -> HttpResponseBase:
    """Judge a task."""
    package = staff_case.package_of(actor_of(request), case_id=case_id)
    parsed = parse(case_page.posted_page(package, request.POST), package, request.POST)
    if parsed.errors:
        return show(request, case_id, task_id=task_id, parsed=parsed, status=_UNREADABLE)
    try:
        outcome = service.complete_task(
            actor_of(request),
            case_id=case_id,
            task_id=task_id,
            revision=revision_of(request),
            values=parsed.values,
            before=_before(request),
            reason=request.POST.get("reason", "").strip(),
        )
    except RefusedError as error:
        return _task_refused(request, case_id, task_id, parsed, error)
    return _after_edit(request, case_id, package, parsed, outcome, done="task")


def _task_refused(
    request: HttpRequest,
    case_id: uuid.UUID,
    task_id: uuid.UUID,
    parsed: Parsed,
    error: RefusedError,
) -> HttpResponse:
    """Show the task's form again with what was filled in, and the field that stops it."""
    found = error.refused
    if found.where not in parsed.values:
        return refused(request, case_id, error)
    typed = {path: value for path, value in parsed.values.items() if value is not None}
    back = Parsed(values=parsed.values, errors={found.where: _field_text(found)}, typed=typed)
    return show(request, case_id, task_id=task_id, parsed=back, status=_UNREADABLE)


def _field_text(found: Refused) -> str:
    """Return what is said beside a field; the field need not name itself there."""
    return _("Fill in this field.") if found.code == "field_needed" else presenting.refusal(found)


@needs(role=STAFF)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Change what one's own side has filled in, outside a task, with a reason."""
    package = staff_case.package_of(actor_of(request), case_id=case_id)
    if request.method != "POST":
        return _change_form(request, case_id)
    parsed = parse(case_page.posted_page(package, request.POST), package, request.POST)
    before = _before(request)
    values = {path: value for path, value in parsed.values.items() if value != before.get(path)}
    if parsed.errors:
        return _change_form(request, case_id, parsed=parsed, status=_UNREADABLE)
    try:
        outcome = service.change_values(
            actor_of(request), case_id=case_id, revision=revision_of(request),
            values=values, before=before, reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except RefusedError as error:
        problem = presenting.refusal(error.refused)
        return _change_form(request, case_id, parsed=parsed, problem=problem, status=_UNREADABLE)
    return _after_edit(request, case_id, package, parsed, outcome, done="changed")


def _change_form(
    request: HttpRequest,
    case_id: uuid.UUID,
    *,
    parsed: Parsed | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    view = service.open_case(actor_of(request), case_id=case_id)
    states = case_page.field_states(view, case_page.own_fields(view))
    page = case_page.as_page("change", states)
    drawing = Drawing(package=view.package, language=presenting.language(), parsed=parsed)
    context = {
        "case": view,
        "blocks": draw(page, drawing),
        "shown": [state.path for state in states],
        "before_json": case_page.as_json({state.path: state.value for state in states}),
        "reason": request.POST.get("reason", ""),
        "problem": problem,
    }
    return render(request, "cases/staff/change.html", context, status=status)


def _after_edit(
    request: HttpRequest,
    case_id: uuid.UUID,
    package: Package,
    parsed: Parsed,
    outcome: object,
    *,
    done: str,
) -> HttpResponse:
    if not isinstance(outcome, EditConflict):
        return redirect(f"{reverse('staff-case', kwargs={'case_id': case_id})}?gjort={done}")
    page = case_page.posted_page(package, request.POST, parsed.values)
    drawing = Drawing(package=package, language=presenting.language())
    context = {
        "case_id": case_id,
        "conflict": outcome,
        "by": case_page.ROLES.get(outcome.by_role, outcome.by_role),
        "rows": case_page.merge_rows(package, outcome),
        "blocks": draw(page, drawing),
        "shown": [state.path for state in page.fields],
        "before_json": case_page.as_json(
            {**parsed.values, **{both.field: both.theirs for both in outcome.fields}}
        ),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "cases/staff/merge.html", context, status=_CONFLICT)


def _before(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.POST.get("_before", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# ── the applicant ─────────────────────────────────────────────────────────────────────────


@needs(role=STAFF)
@require_POST
def ask(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Ask the applicant for what is missing."""
    return do(
        request,
        case_id,
        lambda actor: service.request_missing(
            actor,
            case_id=case_id,
            revision=revision_of(request),
            items=request.POST.getlist("items"),
            text=request.POST.get("text", ""),
        ),
        done="asked",
    )


@needs(role=STAFF)
@require_POST
def write(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Write to the applicant."""
    return do(
        request,
        case_id,
        lambda actor: service.reply(
            actor,
            case_id=case_id,
            text=request.POST.get("text", ""),
            idempotency_key=request.POST.get("key", ""),
        ),
        done="written",
    )


@needs(role=STAFF)
@require_GET
def document(
    request: HttpRequest, case_id: uuid.UUID, attachment_id: uuid.UUID
) -> HttpResponseBase:
    """Give a document of the case, never to be shown as a page of ours."""
    view, content = staff_case.staff_attachment(
        actor_of(request), case_id=case_id, attachment_id=attachment_id
    )
    response = HttpResponse(content, content_type=view.media_type)
    response["Content-Disposition"] = presenting.disposition("attachment", view.filename)
    response["Content-Security-Policy"] = "sandbox"
    return response


@needs(role=STAFF)
@require_POST
def add_document(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Add a document to the case: what it is, why, and whether the applicant sees it."""
    files = request.FILES.getlist("files")
    if not files:
        return show(request, case_id, problem=_("Choose a file first."), status=_UNREADABLE)

    posted = request.POST
    return do(
        request,
        case_id,
        lambda actor: service.add_to_case(
            actor,
            case_id=case_id,
            document=posted.get("document", ""),
            files=[(file.name or "", file.read()) for file in files],
            why=posted.get("why", ""),
            title=posted.get("title", ""),
            withheld=posted.get("withheld", ""),
        ),
        done="document",
    )


# ── on its way ────────────────────────────────────────────────────────────────────────────


@needs(role=STAFF)
@require_POST
def take(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Mark the case as one's own, or let go of it."""
    release = "release" in request.POST
    return do(
        request,
        case_id,
        lambda actor: service.take(actor, case_id=case_id, release=release),
        done="released" if release else "taken",
    )


@needs(role=STAFF)
@require_POST
def step(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Take a step of the service's process; onwards to the agency is told as such."""
    revision, event = revision_of(request), request.POST.get("event", "")
    if "forward" in request.POST:
        return do(
            request,
            case_id,
            lambda actor: service.forward(actor, case_id=case_id, revision=revision),
            done="forwarded",
        )
    return do(
        request,
        case_id,
        lambda actor: service.act(actor, case_id=case_id, revision=revision, event=event),
        done="step",
    )


@needs(role=STAFF)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Pass the case to the municipality of the dwelling: find it, choose it, say why."""
    from samspill.municipalities import service as municipalities

    problem, chosen = "", _uuid(request.POST.get("municipality", ""))
    if chosen is not None:
        try:
            service.move_to_municipality(
                actor_of(request), case_id=case_id, revision=revision_of(request),
                municipality_id=chosen, reason=request.POST.get("reason", ""),
            )  # fmt: skip
        except RefusedError as error:
            problem = presenting.refusal(error.refused)
        else:
            return redirect(f"{reverse('work-list')}?gjort=moved")
    context = {
        "case": service.open_case(actor_of(request), case_id=case_id),
        "municipalities": municipalities.all_current(),
        "chosen": chosen,
        "reason": request.POST.get("reason", ""),
        "problem": problem,
    }
    return render(request, "cases/staff/move.html", context, status=_UNREADABLE if problem else 200)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
