"""Which machines may come: `@needs_machine` on a view takes a token of Maskinporten instead of a session.

    @needs_machine(scope="samspill:representation.read")
    def evaluation(request): ... request.machine

Refusals follow RFC 6750: 401 without a token or with one that proves nothing, 403 without the scope, each with
`WWW-Authenticate`, and the house's error object in the body. What is logged is the fault, never a claim.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from samspill.identity.access import MACHINE, AccessRule
from samspill.identity.adapters import machine_tokens
from samspill.identity.machine_claims import Machine, TokenError, require_scope
from samspill.infra.http import ComponentError

log = logging.getLogger(__name__)

_REALM = 'Bearer realm="samspill"'
_NO_TOKEN = "token_needed"  # noqa: S105 - a code
_WAIT_S = 10
_REMEDY = "Fetch a token at Maskinporten and send it as Authorization: Bearer <token>."
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def needs_machine(*, scope: str) -> Callable[[View], View]:
    """Let only machines with a good token and the scope in; the view finds them in `request.machine`."""
    rule = AccessRule(frozenset({MACHINE}), "none", scope)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                machine = machine_from(request.headers.get("Authorization", ""), scope=scope)
            except TokenError as fault:
                return _refused(fault, scope)
            except ComponentError:
                return _issuer_down()
            request.machine = machine  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.access_rule = rule  # type: ignore[attr-defined]
        # No browser sends this header by itself, so a form token would guard nothing.
        return cast("View", csrf_exempt(guarded))

    return decorate


def machine_from(authorization: str, *, scope: str) -> Machine:
    """Return the machine behind an `Authorization` header.

    Raises:
        TokenError: no token, one that is not taken, or one without the scope.
        ComponentError: Maskinporten's keys cannot be fetched.
    """
    kind, _blank, token = authorization.partition(" ")
    reader = machine_tokens.reader()
    if kind.lower() != "bearer" or not token.strip() or reader is None:
        said = f"This address needs a token from Maskinporten with the scope {scope}."
        raise TokenError(_NO_TOKEN, said)
    return require_scope(reader.read(token.strip()), scope)


def _refused(fault: TokenError, scope: str) -> JsonResponse:
    log.warning("machine refused: %s: %s", fault.code, fault.said)
    challenge = _REALM
    if fault.code != _NO_TOKEN:  # RFC 6750, 3.1: without a token no error is told
        challenge += f', error="{fault.code}", error_description="{fault.said}"'
    challenge += f', scope="{scope}"'
    error = {
        "code": fault.code,
        "message": fault.said,
        "where": "Authorization",
        "remedy": _REMEDY,
    }
    headers = {"WWW-Authenticate": challenge}
    return JsonResponse({"error": error}, status=fault.status, headers=headers)


def _issuer_down() -> JsonResponse:
    error = {
        "code": "issuer_down",
        "message": "Maskinporten does not answer, so the token cannot be checked.",
        "where": "Authorization",
        "remedy": "Try again in a while.",
    }
    return JsonResponse({"error": error}, status=503, headers={"Retry-After": str(_WAIT_S)})
