"""Pages of the assessment of privacy (DPIA): the public summary, and where the owner's people answer and approve it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra.refusals import status_of
from samspill.kernel import spreadsheet
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.packages.service import QUESTIONS, AssessmentView, RiskAnswer
from samspill.site import assessment_words as words

WRITERS = ("agency_caseworker", "agency_leader", "municipality_leader")
APPROVERS = ("agency_leader", "municipality_leader")
_NUMBERS = ("likelihood", "consequence", "likelihood_after", "consequence_after")


@needs(role=ANYONE)
@require_GET
def summary(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Show what a service means for privacy, how far the assessment has come, and who approved it."""
    found = _all(package_id)
    return render(request, "site/privacy/assessment.html", _context(found[0], found))


@needs(role=ANYONE)
@require_GET
def as_json(request: HttpRequest, package_id: str) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give every assessment of a service to machines."""
    found = [one.as_json() for one in _all(package_id)]
    return JsonResponse(found, safe=False, json_dumps_params={"ensure_ascii": False})


@needs(role=ANYONE)
@require_GET
def as_csv(request: HttpRequest, package_id: str) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give the newest assessment's risks as a table."""
    newest = _all(package_id)[0]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.write(
        spreadsheet.line(["package", "number", "state", "risk", "declared", *_NUMBERS, "measures"])
    )
    for risk in newest.risks:
        one = newest.answers.risks.get(risk.key, RiskAnswer())
        numbers = [getattr(one, name) for name in _NUMBERS]
        cells = [package_id, newest.number, newest.state, risk.key, risk.count, *numbers]
        response.write(spreadsheet.line([*cells, one.measures]))
    return response


@needs(role=WRITERS)
@require_GET
def mine(request: HttpRequest) -> HttpResponseBase:
    """Lead to the assessments of the services that the actor's organisation owns."""
    found = packages.assessments_owned(actor_of(request).org_no or "")
    rows = [words.row(one) for one in found]
    return render(request, "site/privacy/assessments.html", {"rows": rows})


@needs(role=WRITERS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, assessment_id: uuid.UUID) -> HttpResponseBase:
    """Answer a draft; decide on what is sent."""
    actor = actor_of(request)
    if request.method == "GET":
        return _page(request, packages.assessment(actor, assessment_id=assessment_id))
    given = _given(request)
    try:
        revision = int(request.POST.get("revision", "0") or 0)
        packages.write_assessment(
            actor, assessment_id=assessment_id, revision=revision, answers=given
        )
        if request.POST.get("send") == "1":
            packages.submit_assessment(actor, assessment_id=assessment_id)
    except (RefusedError, ValueError) as error:
        if not isinstance(error, RefusedError):
            raise Http404(str(assessment_id)) from None
        return _page(request, packages.assessment(actor, assessment_id=assessment_id), error)
    return redirect(f"{reverse('assessment', args=[assessment_id])}?gjort=1")


@needs(role=APPROVERS)
@require_POST
def decide(request: HttpRequest, assessment_id: uuid.UUID) -> HttpResponseBase:
    """Approve an assessment, or send it back with a reason."""
    actor, approve = actor_of(request), request.POST.get("decision") == "approve"
    try:
        packages.decide_assessment(
            actor, assessment_id=assessment_id, approve=approve, note=request.POST.get("note", "")
        )
    except RefusedError as error:
        if error.refused.code == "assessment_not_found":
            raise
        return _page(request, packages.assessment(actor, assessment_id=assessment_id), error)
    return redirect(f"{reverse('assessment', args=[assessment_id])}?gjort=1")


def _page(
    request: HttpRequest, one: AssessmentView, error: RefusedError | None = None
) -> HttpResponseBase:
    actor = actor_of(request)
    context = {
        **_context(one, packages.assessments(one.package_id)),
        "problem": error.refused if error else None,
        "done": request.GET.get("gjort") == "1",
        "may_decide": one.state == "submitted" and actor.has_role(*APPROVERS),
        "has_written": actor.person_id in one.writers,
        "scale": words.scale(),
    }
    status = status_of(error.refused) if error else 200
    return render(request, "site/privacy/assessment_edit.html", context, status=status)


def _context(one: AssessmentView, versions: list[AssessmentView]) -> dict[str, Any]:
    return {
        "one": one,
        "title": words.title(one),
        "is_published": words.is_published(one),
        "state": words.state(one.state),
        "questions": words.questions(one),
        "risks": words.risks(one),
        "changed": words.changed(one),
        "residual": words.level(one.residual),
        "versions": [words.row(other) for other in versions],
        "is_demo": words.is_demo(one),
        "decided_roles": [one.decided_role] if one.decided_role else [],
    }


def _given(request: HttpRequest) -> dict[str, Any]:
    """Read the form: a text for each question, four numbers and a text for each risk."""
    post, risks = request.POST, {}
    for name in post:
        kind, _, key = name.partition(".")
        if kind == "measures":
            numbers = {one: _number(post.get(f"{one}.{key}", "")) for one in _NUMBERS}
            risks[key] = {"measures": post[name], **numbers}
    return {"texts": {key: post.get(f"text.{key}", "") for key in QUESTIONS}, "risks": risks}


def _number(text: str) -> int:
    return int(text) if text in {"1", "2", "3", "4"} else 0


def _all(package_id: str) -> list[AssessmentView]:
    found = packages.assessments(package_id)
    published = {one.package_id for one in packages.list_published()}
    if not found or package_id not in published:
        raise Http404(package_id)
    return found


urlpatterns = [
    path("personvern/<slug:package_id>/vurdering/", summary, name="assessment-summary"),
    path("personvern/<slug:package_id>/vurdering.json", as_json, name="assessment-json"),
    path("personvern/<slug:package_id>/vurdering.csv", as_csv, name="assessment-csv"),
    path("arbeid/personvern/", mine, name="assessments"),
    path("arbeid/personvern/<uuid:assessment_id>/", edit, name="assessment"),
    path("arbeid/personvern/<uuid:assessment_id>/avgjor/", decide, name="assessment-decide"),
]
