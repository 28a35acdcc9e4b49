"""Employees: paper at the counter, the check on the phone, and shut for somebody."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import refusals
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.web import page

COUNTER = ("municipality_caseworker", "municipality_leader", "counter")
PHONE = (*COUNTER, "agency_caseworker", "agency_leader", "protected_caseworker")
LEADERS = ("municipality_leader", "agency_leader")
_REASONS = {
    "SELF": gettext_lazy("It is the same person."),
    "GRANT": gettext_lazy("Yes. The mandate covers this now."),
    "NO_GRANT": gettext_lazy("No mandate is registered."),
    "SCOPE": gettext_lazy("The mandate is about something else."),
    "LEVEL": gettext_lazy("The mandate lets the agent see, but not send or change."),
    "SOURCE_STALE": gettext_lazy(
        "This cannot be answered from the registers. Ask for the mandate on paper."
    ),
    "NOT_YET_VALID": gettext_lazy("The mandate has not begun."),
    "EXPIRED": gettext_lazy("The mandate has run out."),
    "REVOKED": gettext_lazy("The mandate has been withdrawn."),
    "PENDING_CONFIRMATION": gettext_lazy("The mandate is not accepted or not confirmed yet."),
    "NOT_IN_FORCE": gettext_lazy("The future mandate is not in force."),
    "PARTY_BLOCKS": gettext_lazy("One of them has shut for mandates."),
    "DECEASED": gettext_lazy("One of them is dead."),
    "AGE": gettext_lazy("The age limit stops it."),
    "MANUAL_ONLY": gettext_lazy("Must be handled by hand: ask for the document."),
    "PROTECTED_ROUTE": gettext_lazy("Strictly protected: only by the manual route."),
    "EID_TOO_LOW": gettext_lazy("The login is too weak."),
}


@needs(role=COUNTER)
@require_GET
def papers(request: HttpRequest) -> HttpResponseBase:
    """List the paper mandates that one's organisation has registered."""
    rows = [
        {**page.row_of(one.mandate), "paper": one}
        for one in service.waiting_papers(actor_of(request))
    ]
    leads = actor_of(request).has_role(*LEADERS)
    return page.show(request, "papers.html", {"rows": rows, "leads": leads})


@needs(role=COUNTER)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """Register a paper that both have signed."""
    if request.method == "POST":
        typed = request.POST
        try:
            made = service.register_paper(
                actor_of(request),
                giver_number=typed.get("giver_number", ""),
                giver_family=typed.get("giver_family", ""),
                offer=page.offer_of(request),
                scan=_scanned(request),
            )
        except RefusedError as error:
            return _register_form(request, error)
        return redirect(f"{reverse('mandate-paper', args=[made])}?gjort=registrert")
    return _register_form(request)


def _scanned(request: HttpRequest) -> service.Scan | None:
    posted = request.FILES.get("scan")
    return service.Scan(posted.read(), posted.name or "") if posted is not None else None


def _register_form(request: HttpRequest, problem: RefusedError | None = None) -> HttpResponse:
    fields = [
        page.field(
            request,
            "giver_number",
            "national_id",
            _("National identity number of the giver"),
            problem=problem,
        ),
        page.field(request, "giver_family", "text", _("Surname of the giver"), problem=problem),
        *page.agent_fields(request, problem=problem),
        *page.offer_fields(request, problem=problem, values={"scopes": ["husbanken:bostoette"]}),
        page.field(
            request,
            "scan",
            "file",
            _("The paper, scanned or photographed"),
            problem=problem,
            help=_("PDF, JPEG or PNG. A colleague must be able to see both signatures."),
            accept=".pdf,.jpg,.jpeg,.png",
        )
        | {"required": False},
    ]
    return page.show(request, "register.html", {"fields": fields}, problem=problem)


@needs(role=COUNTER)
@require_GET
def paper(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Show one paper mandate, with what the colleague who looks may do."""
    return _paper(request, mandate_id)


def _paper(
    request: HttpRequest, mandate_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    found = service.paper_mandate(actor_of(request), mandate_id=mandate_id)
    code = page.field(request, "code", "text", _("The code of the letter"), problem=problem)
    context = {**page.row_of(found.mandate), "paper": found, "field": code}
    return page.show(request, "paper.html", context, problem=problem)


@needs(role=COUNTER)
@require_POST
def approve(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Confirm as the second employee, or with the code of the letter."""
    actor, code = actor_of(request), request.POST.get("code")
    return refusals.act(
        lambda: (
            service.approve_paper(actor, mandate_id=mandate_id)
            if code is None
            else service.confirm_by_code(actor, mandate_id=mandate_id, code=code)
        ),
        then=reverse("mandate-paper", args=[mandate_id]),
        done="bekreftet",
        again=lambda error: _paper(request, mandate_id, error),
    )


@needs(role=COUNTER)
@require_POST
def end(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """End a paper mandate because the giver asks for it."""
    return refusals.act(
        lambda: service.end_on_request(actor_of(request), mandate_id=mandate_id),
        then=reverse("mandate-papers"),
        done="trukket",
        again=lambda error: _paper(request, mandate_id, error),
    )


@needs(role=COUNTER)
@require_POST
def letter(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Make the letter with a code."""
    try:
        content = service.print_letter(actor_of(request), mandate_id=mandate_id)
    except RefusedError as error:
        return _paper(request, mandate_id, error)
    return page.file(content, "brev.pdf")


@needs(role=COUNTER)
@require_GET
def scan(request: HttpRequest, mandate_id: uuid.UUID) -> HttpResponseBase:
    """Give the paper as it was scanned."""
    content, media_type = service.read_scan(actor_of(request), mandate_id=mandate_id)
    return page.file(content, "papir", media_type)


@needs(role=COUNTER)
@require_GET
def post(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponseBase:
    """Give a letter about a mandate as PDF, to be posted by the counter."""
    return page.file(service.read_letter(actor_of(request), notice_id=notice_id), "brev.pdf")


@needs(role=PHONE)
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponseBase:
    """Does X have a mandate for Y on Z now?"""
    answer, problem = None, None
    if request.method == "POST":
        typed = request.POST
        try:
            answer = service.phone_check(
                actor_of(request),
                agent_number=typed.get("agent_number", ""),
                subject_number=typed.get("subject_number", ""),
                scope=typed.get("scope", ""),
                action="read" if typed.get("level") == "read" else "write",
            )
        except RefusedError as error:
            problem = error
    context = {
        "fields": _phone_fields(request, problem),
        "answer": answer,
        "reason": _REASONS.get(str(answer.reason), "") if answer else "",
        "consent": bool(answer and "STATSFORVALTER_CONSENT" in answer.obligations),
        "hide": bool(answer and "HIDE_ADDRESS" in answer.obligations),
    }
    return page.show(request, "phone.html", context, problem=problem)


def _phone_fields(request: HttpRequest, problem: RefusedError | None) -> list[dict[str, object]]:
    levels = [
        {"value": "read", "label": _("Be told")},
        {"value": "write", "label": _("Send or change")},
    ]
    caller = _("National identity number of the caller")
    about = _("National identity number of the one it is about")
    what, wants = _("What is it about?"), _("What does the caller want?")
    scopes = page.scope_options()
    return [
        page.field(request, "agent_number", "national_id", caller, problem=problem),
        page.field(request, "subject_number", "national_id", about, problem=problem),
        page.field(request, "scope", "choice", what, options=scopes, value="husbanken:bostoette"),
        page.field(request, "level", "choice", wants, options=levels, value="read"),
    ]


@needs(role=COUNTER)
@require_http_methods(["GET", "POST"])
def shut(request: HttpRequest) -> HttpResponseBase:
    """Shut somebody for mandates, or open again, because they ask for it."""
    problem, typed = None, request.POST
    if request.method == "POST":
        try:
            blocked = typed.get("blocked") != "false"
            service.block_at_counter(
                actor_of(request),
                number=typed.get("number", ""),
                family=typed.get("family", ""),
                blocked=blocked,
                reason=typed.get("reason", ""),
            )
            done = "sperret-for" if blocked else "aapnet-for"
            return redirect(f"{reverse('mandate-shut')}?gjort={done}")
        except RefusedError as error:
            problem = error
    fields = _shut_fields(request, problem)
    return page.show(request, "shut.html", {"fields": fields}, problem=problem)


def _shut_fields(request: HttpRequest, problem: RefusedError | None) -> list[dict[str, object]]:
    choices = [{"value": "true", "label": _("Shut")}, {"value": "false", "label": _("Open again")}]
    number, why = _("National identity number"), _("Why, and how the person was recognised")
    asked = _("What is asked for?")
    return [
        page.field(request, "number", "national_id", number, problem=problem),
        page.field(request, "family", "text", _("Surname"), problem=problem),
        page.field(request, "blocked", "choice", asked, options=choices, value="true"),
        page.field(request, "reason", "longtext", why, problem=problem),
    ]
