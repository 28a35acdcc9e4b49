"""The JSON API: municipalities and calculation by the rules are open; sending takes a login."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from samspill.cases.web.api import router as applications
from samspill.kernel.outcome import RefusedError
from samspill.municipalities.web.api import router as municipalities
from samspill.rules import Problem as RuleProblem
from samspill.rules import calculator

api = NinjaAPI(title="Samspill", version="1", urls_namespace="api", docs_url=None)
api.add_router("/municipalities", municipalities)
api.add_router("/applications", applications)


class Computation(Schema):
    """What to compute: a term (`YYYY-MM`) and the input of the service's rules; nothing else."""

    model_config = {"extra": "forbid"}

    term: str
    input: dict[str, Any]
    explain: bool = False


class Problem(Schema):
    """What is wrong, where, and what to do."""

    code: str
    message: str
    where: str
    remedy: str


class Failed(Schema):
    """The error object."""

    error: Problem


@api.post(
    "/packages/{package_id}/compute",
    tags=["rules"],
    summary="Compute one household",
    response={200: dict[str, Any], (400, 404, 422, 429): Failed},
    auth=None,
)
def compute(request: HttpRequest, package_id: str, body: Computation) -> HttpResponse:
    """Return what the rules give for one household: see `samspill rules compute`."""
    try:
        service = calculator(package_id)
        language = getattr(request, "LANGUAGE_CODE", "nb")
        result = service.compute_json(
            body.term, body.input, explain=body.explain, language=language
        )
    except RuleProblem as problem:
        status = 404 if problem.code == "unknown_package" else 422
        return _answer(request, {"error": problem.as_error()}, status)
    return _answer(request, result, 200)


def _answer(request: HttpRequest, value: Any, status: int) -> HttpResponse:
    response: HttpResponse = api.create_response(request, value, status=status)
    return response


@api.exception_handler(RefusedError)
def refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    """Answer a refusal with the error object."""
    return _answer(request, {"error": error.refused.as_error()}, error.refused.status)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body of the wrong shape with the error object."""
    first = error.errors[0]
    kind, *path = first["loc"]
    if kind == "body":
        path = path[1:]  # what our own function calls it is nothing that the caller sent
    where = ".".join(str(part) for part in (kind, *path))
    body = {
        "code": "bad_body",
        "message": first["msg"],
        "where": where,
        "remedy": "Correct it and send again.",
    }
    return _answer(request, {"error": body}, 422)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer a caller who is not logged in with the error object."""
    del error
    body = {
        "code": "login_required",
        "message": "This address needs a login.",
        "where": "",
        "remedy": "Log in and send the session cookie.",
    }
    return _answer(request, {"error": body}, 401)


@api.exception_handler(HttpError)
def stopped(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the framework stops (a missing CSRF token, a body that is not JSON) with the error object."""
    body = {
        "code": "csrf" if error.status_code == 403 else "bad_request",  # noqa: PLR2004
        "message": error.message,
        "where": "X-CSRFToken" if error.status_code == 403 else "body",  # noqa: PLR2004
        "remedy": "Send what the description of this address asks for.",
    }
    return _answer(request, {"error": body}, error.status_code)


urlpatterns = api.urls[0]
