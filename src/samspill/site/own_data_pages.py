"""Pages of access requests: one button on one's own page, and paper at the counter for who has no electronic ID."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.kernel.outcome import RefusedError
from samspill.site import own_data, own_data_schema

_TYPES = {"json": "application/json; charset=utf-8", "pdf": "application/pdf"}


@needs(role="citizen")
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponseBase:
    """Ask for everything about oneself, and fetch it when it is ready."""
    actor = actor_of(request)
    if request.method == "POST":
        own_data.ask(actor)
        return redirect(reverse("my-data"))
    found = own_data.requests_of(actor)
    context = {"requests": found, "is_waiting": any(one.state == "waiting" for one in found)}
    return render(request, "site/own_data/mine.html", context)


@needs(role="citizen")
@require_GET
def file(request: HttpRequest, request_id: uuid.UUID, kind: str) -> HttpResponseBase:
    """Give the file or the paper of one's own request."""
    return _file(request, request_id, kind)


@needs(role=own_data.AT_COUNTER)
@require_http_methods(["GET", "POST"])
def counter(request: HttpRequest) -> HttpResponseBase:
    """Ask for a person at the counter who has no electronic ID, and print what was made."""
    problem, given = None, {"number": "", "reason": ""}
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            here = request.POST.get("present") == "1"
            own_data.ask_at_counter(actor_of(request), **given, is_present=here)
            return redirect(reverse("counter-data"))
        except RefusedError as error:
            problem = error.refused
    found = own_data.requests_of(actor_of(request))
    context = {
        "requests": found,
        "problem": problem,
        "given": given,
        "is_waiting": any(one.state == "waiting" for one in found),
    }
    return render(request, "site/own_data/counter.html", context, status=422 if problem else 200)


@needs(role=own_data.AT_COUNTER)
@require_GET
def counter_file(request: HttpRequest, request_id: uuid.UUID, kind: str) -> HttpResponseBase:
    """Give the paper that is handed over."""
    return _file(request, request_id, kind)


def _file(request: HttpRequest, request_id: uuid.UUID, kind: str) -> HttpResponseBase:
    content = own_data.fetch(actor_of(request), request_id=request_id, kind=kind)
    response = HttpResponse(content, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="samspill-alt-om-meg.{kind}"'
    return response


@needs(role=ANYONE)
@require_GET
def schema(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give the shape of the file that an access request gives."""
    told = own_data_schema.schema()
    return JsonResponse(told, content_type="application/schema+json")


urlpatterns = [
    path(own_data.SCHEMA, schema, name="own-data-schema"),
    path("min-side/alt-om-meg/", mine, name="my-data"),
    path("min-side/alt-om-meg/<uuid:request_id>/fil.<str:kind>", file, name="my-data-file"),
    path("arbeid/innsynskrav/", counter, name="counter-data"),
    path(
        "arbeid/innsynskrav/<uuid:request_id>/fil.<str:kind>",
        counter_file,
        name="counter-data-file",
    ),
]
