"""One HTTP client for each register in each process, with its scope and its time budgets."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import attrs
from django.conf import settings

from samspill.infra.http import AuthHeaders, Client, ComponentError
from samspill.registers.adapters.maskinporten import ExchangedToken, TokenClient
from samspill.registers.domain.reading import Json, WireError, an_object

#: A person waits: one try within the time a page may take. A batch may take its time.
PERSON_BUDGET_S = 6.0
BATCH_BUDGET_S = 60.0
_UNAUTHORISED = 401
_ABSENT = (404, 410)


@attrs.frozen
class Component:
    """A register's name in the settings and the Maskinporten scope it wants (None: open).

    exchange: where the component gives a token of its own for Maskinporten's; '' takes Maskinporten's as it is.
    """

    name: str
    scope: str | None
    exchange: str = ""


def configured(component: str) -> Mapping[str, Any]:
    """Return the settings of a register."""
    found: Mapping[str, Any] = settings.SAMSPILL["registers"].get(component, {})
    return found


def call(
    component: Component,
    method: str,
    path: str,
    *,
    operation: str,
    batch: bool = False,
    nothing: frozenset[str] = frozenset(),
    **options: Any,
) -> Any:
    """Return the parsed JSON of a call, or None when the register says that it has nothing.

    Args:
        nothing: the register's own codes (`kode` of a 404 or 410) that mean "no data for this person and time".
            A 404 without such a code is a wrong address, never an answer: nobody is to lose an income by it.

    A refused token is dropped and fetched once more: it may have been revoked before its time.

    Raises:
        ComponentError: as `infra.http`; `invalid` when the answer is not JSON.
    """
    http = _client(component, str(configured(component.name).get("base_url", "")))
    options |= {
        "operation": operation,
        "idempotent": True,
        "budget_s": BATCH_BUDGET_S if batch else PERSON_BUDGET_S,
        "accept": (_UNAUTHORISED, *(_ABSENT if nothing else ())),
    }
    response = http.request(method, path, **options)
    if response.status_code == _UNAUTHORISED and component.scope is not None:
        tokens().forget(component.scope)
        response = http.request(method, path, **options)
    if response.status_code == _UNAUTHORISED:
        raise ComponentError(component.name, operation, "denied", ref=response.ref)
    try:
        body = response.json()
    except ValueError as error:
        raise ComponentError(component.name, operation, "invalid", ref=response.ref) from error
    if response.status_code in _ABSENT:
        if isinstance(body, Mapping) and body.get("kode") in nothing:
            return None
        raise ComponentError(component.name, operation, "notfound", ref=response.ref)
    return body


def call_object(component: Component, method: str, path: str, **options: Any) -> Json | None:
    """Return the JSON object of a call (see `call`)."""
    body = call(component, method, path, **options)
    return None if body is None else an_object(body, "the answer")


def post_persons(component: Component, path: str, ask_body: Json, *, operation: str) -> Json:
    """POST a question about people and return the answer's object."""
    many = len(ask_body.get("personidentifikatorer", ())) > 1
    body = call_object(component, "POST", path, operation=operation, batch=many, json=ask_body)
    if body is None:
        msg = "the answer is empty"
        raise WireError(msg)
    return body


def tokens() -> TokenClient:
    """Return the process's Maskinporten client."""
    chosen = settings.SAMSPILL["maskinporten"]
    return _tokens(chosen["issuer"], chosen["client_id"], str(chosen["key_file"]))


def close_all() -> None:
    """Forget clients and tokens (tests; after a change of settings)."""
    _client.cache_clear()
    _tokens.cache_clear()


@functools.lru_cache(maxsize=4)
def _tokens(issuer: str, client_id: str, key_file: str) -> TokenClient:
    return TokenClient(issuer=issuer, client_id=client_id, key_file=key_file)


#: Folkeregisteret counts `Retry-After` in milliseconds (its API documentation, status 429); the others in seconds.
_WAITS_IN_MILLISECONDS = frozenset({"folkeregisteret"})


@functools.lru_cache(maxsize=32)
def _client(component: Component, base_url: str) -> Client:
    return Client(
        component.name,
        base_url,
        budget_s=PERSON_BUDGET_S,
        retries=2,
        auth=_auth(component, base_url),
        headers={"accept": "application/json"},
        waits_in="ms" if component.name in _WAITS_IN_MILLISECONDS else "s",
        left_alone_s=settings.SAMSPILL["left_alone_s"],
    )


def _auth(component: Component, base_url: str) -> AuthHeaders | None:
    if component.scope is None:
        return None
    if not component.exchange:
        return tokens().headers(component.scope)
    http = Client(component.name, base_url, budget_s=PERSON_BUDGET_S, retries=1)
    return ExchangedToken(http, component.exchange, component.scope, tokens())
