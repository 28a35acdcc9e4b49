"""JSON: send a whole application in one request. Mounted by `site` under `/api/v1/applications`.

The same service function as the last page of the form ends in, so the same checks, log and receipt. The
caller is the person who is logged in (session cookie, with the CSRF token in `X-CSRFToken`).
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from ninja import Field, Header, Router, Schema, Status
from ninja.security import APIKeyCookie

from samspill.cases import service
from samspill.cases.service.values import CheckResult, KeyReused, Receipt
from samspill.identity import service as identity
from samspill.kernel.actor import Actor
from samspill.packages import service as packages

_MOST_DECLARED = 50
_JSON = "application/json; charset=utf-8"


class Session(APIKeyCookie):
    """The session cookie of a person who is logged in; writing also takes the CSRF token."""

    param_name = identity.session_cookie() if settings.configured else "samspill"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return who acts (found by the middleware), or None when nobody is logged in."""
        del key
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.kind != "anonymous" else None


router = Router(tags=["applications"], auth=Session())


class Application(Schema):
    """A whole application: the service, the answers by field id, and the declarations that are made."""

    package: str = Field(max_length=64, description="Id of the service, as in its address")
    answers: dict[str, Any] = Field(description="By field id; see the service's JSON Schema")
    declared: list[str] = Field(
        default_factory=list,
        max_length=_MOST_DECLARED,
        description="Ids of the declarations that the applicant makes",
    )
    language: str | None = Field(default=None, pattern="^(nb|nn|en)$")


class Acknowledged(Schema):
    """Proof that the application is stored. `repeated` says that it was stored before by this key."""

    case_id: uuid.UUID
    receipt_code: str
    package: str
    package_version: str
    submitted_at: dt.datetime
    term: str | None
    repeated: bool


class Problem(Schema):
    """What is wrong, where, and what to do."""

    code: str
    message: str
    where: str = ""
    remedy: str = ""


class Failed(Schema):
    """The error object."""

    error: Problem


class Lacking(Schema):
    """One thing that must be there before the application can be sent."""

    kind: str
    id: str
    label: str
    why: str
    who: str
    until: dt.date | None
    law: str | None


class Wrong(Schema):
    """One answer that cannot be used, or a condition that is not met."""

    id: str
    path: str
    level: str
    text: str


class Incomplete(Failed):
    """The application was not stored: what is missing and what is wrong."""

    missing: list[Lacking]
    errors: list[Wrong]
    waiting_for: list[str]


Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="New for each application, for example a UUID; the same again gives the same receipt",
    ),
]


# The annotations of this module are evaluated as they stand: `needs` wraps the function from another module,
# and there ninja could not look the names up.
@router.post(  # type: ignore[type-var]
    "",
    summary="Send an application",
    response={
        201: Acknowledged,
        200: Acknowledged,
        (400, 401, 403, 404, 409, 413, 429, 503): Failed,
        422: Incomplete | Failed,
    },
)
@identity.needs(role="citizen")
def send(request: HttpRequest, body: Application, key: Key) -> Status[Any] | JsonResponse:
    """Store the application and return its receipt (201; 200 when the same was sent before by the same key).

    Nothing is stored when something is missing (422), or when the key stands for another request (409).
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    outcome = service.submit_directly(
        actor,
        package_id=body.package,
        idempotency_key=key,
        answers=body.answers,
        declared=tuple(body.declared),
        language=body.language,
    )
    if isinstance(outcome, Receipt):
        # Written at once: it is of the shape that is promised, and need not be read anew to be sure of it.
        return JsonResponse(
            _acknowledged(outcome),
            status=HTTPStatus.OK if outcome.repeated else HTTPStatus.CREATED,
            content_type=_JSON,
        )
    if isinstance(outcome, KeyReused):
        return Status(409, {"error": _KEY_REUSED})
    return Status(422, _incomplete(outcome))


_KEY_REUSED = {
    "code": "key_reused",
    "message": "This key has been used for another application.",
    "where": "Idempotency-Key",
    "remedy": "Send a new application with a new key.",
}


def _acknowledged(receipt: Receipt) -> dict[str, Any]:
    return {
        "case_id": receipt.case_id,
        "receipt_code": receipt.code,
        "package": receipt.package_id,
        "package_version": receipt.package_version,
        "submitted_at": receipt.submitted_at,
        "term": str(receipt.term) if receipt.term else None,
        "repeated": receipt.repeated,
    }


def _incomplete(result: CheckResult) -> dict[str, Any]:
    wrong = [item for item in result.errors if item.level == "error"]
    first = wrong[0].path if wrong else next((i.id for i in result.missing if i.blocks), "")
    return {
        "error": {
            "code": "incomplete",
            "message": "Something is missing or wrong, so the application is not sent.",
            "where": first,
            "remedy": "Correct what is listed under `missing` and `errors`, and send again.",
        },
        "missing": [_lacking(item) for item in result.missing],
        "errors": list(_wrong(result.errors, result.draft.language)),
        "waiting_for": [outcome.source for outcome in result.waiting_for_registers],
    }


def _lacking(item: packages.MissingItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.id,
        "label": item.label,
        "why": item.why,
        "who": item.who,
        "until": item.until,
        "law": str(item.law) if item.law else None,
    }


def _wrong(items: Iterable[packages.CheckItem], language: str) -> Iterable[dict[str, str]]:
    for item in items:
        text = packages.sentence(item, language)
        yield {"id": item.id, "path": item.path, "level": item.level, "text": text}
