"""AuthZEN Authorization API 1.0: evaluation, evaluations, search and discovery.

A caller shows a token from Maskinporten. Errors are `{"error": {code, message, where, remedy}}`; `X-Request-ID` of the
request is given back.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from samspill.identity.service import ANYONE, Machine, needs, needs_machine
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates.service import asking, asking_employees
from samspill.mandates.service.clients import ClientChangedError, caller_of, remembered

BASE = "/access/v1"
_REQUEST_ID_LENGTH = 200
SCOPE = "samspill:representation.read"

Answer = Callable[..., dict[str, Any]]
View = Callable[..., HttpResponseBase]


def _machine(answer: Answer) -> View:
    """Make a view of what answers a caller's JSON: POST only, a token instead of a session."""

    @needs_machine(scope=SCOPE)
    def answered(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        try:
            machine = request.machine  # type: ignore[attr-defined]
            body = _body(request)
            request_id = str(getattr(request, "request_id", ""))
            return JsonResponse(answer(machine, body, request_id=request_id, **kwargs))
        except RefusedError as error:
            return _refused(error)

    @functools.wraps(answered)
    def view(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        _take_request_id(request)  # before the token is judged: a refusal too carries it
        return answered(request, **kwargs)

    return cast("View", functools.update_wrapper(view, answer, updated=()))


def _take_request_id(request: HttpRequest) -> None:
    """Let the caller's own request id stand in the answer, also when it is refused, and in the log."""
    given = request.headers.get("X-Request-ID", "")
    if given and given.isascii() and given.isprintable() and len(given) <= _REQUEST_ID_LENGTH:
        request.request_id = given  # type: ignore[attr-defined]


def _body(request: HttpRequest) -> Any:
    if request.method != "POST":
        raise refuse(
            "method", "Use POST.", where="method", remedy="Send the same by POST.", status=405
        )
    if request.content_type != "application/json":
        raise _unreadable("Content-Type", "Send Content-Type: application/json.")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise _unreadable("body", "Send one JSON object.") from None


def _unreadable(where: str, remedy: str) -> RefusedError:
    return refuse("bad_request", "The request cannot be read.", where=where, remedy=remedy)


def _refused(error: RefusedError) -> JsonResponse:
    refused = error.refused
    return JsonResponse({"error": refused.as_error()}, status=refused.status)


@_machine
def evaluation(machine: Machine, body: Any, *, request_id: str) -> dict[str, Any]:
    """Answer one evaluation, about a representation or about an employee."""
    if asking_employees.is_about(body):
        caller = caller_of(machine)
        answer: dict[str, Any] = asking_employees.evaluate(caller, body, request_id=request_id)
        return answer
    known = remembered(machine)
    if known is not None:
        with contextlib.suppress(ClientChangedError):
            return asking.evaluate(known, body, request_id=request_id)
    return asking.evaluate(caller_of(machine), body, request_id=request_id)


@_machine
def evaluations(machine: Machine, body: Any, *, request_id: str) -> dict[str, Any]:
    """Answer many."""
    others = asking.evaluate_many
    return asking_employees.evaluate_many(caller_of(machine), body, others, request_id=request_id)


@_machine
def search(machine: Machine, body: Any, *, request_id: str, what: str) -> dict[str, Any]:
    """Find subjects, resources or actions."""
    return asking.search(caller_of(machine), what, body, request_id=request_id)


@needs(role=ANYONE)
def configuration(request: HttpRequest) -> HttpResponseBase:
    """Say where everything is (discovery)."""
    del request
    base = settings.SAMSPILL["base_url"].rstrip("/")
    return JsonResponse(
        {
            "policy_decision_point": base,
            "access_evaluation_endpoint": f"{base}{BASE}/evaluation",
            "access_evaluations_endpoint": f"{base}{BASE}/evaluations",
            "search_subject_endpoint": f"{base}{BASE}/search/subject",
            "search_resource_endpoint": f"{base}{BASE}/search/resource",
            "search_action_endpoint": f"{base}{BASE}/search/action",
        }
    )
