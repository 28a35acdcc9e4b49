"""The relying party: OpenID Connect code flow with PAR, PKCE, `private_key_jwt`, and log-out.

One `Provider` for each login profile and process. Metadata and keys are kept for a day; an unknown `kid` makes the
keys be fetched again, at most every few seconds, so that forged tokens can not make us call without end.
Raises `ComponentError` (from `infra.http`) when the provider does not answer as agreed.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import attrs
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from samspill.identity.adapters.keys import Signer
from samspill.identity.domain import Rejected
from samspill.infra import clock
from samspill.infra.http import Client, ComponentError

_ALGORITHMS = ["RS256"]
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME = 60
_METADATA_S = 24 * 3600.0
_REFETCH_S = 5.0
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "pushed_authorization_request_endpoint",
)


@attrs.frozen
class _Kept:
    """A document of the provider and when it was fetched (monotonic seconds)."""

    value: Any
    fetched: float

    def age(self) -> float:
        return time.monotonic() - self.fetched


class Provider:
    """One OpenID provider as one client sees it. Thread-safe."""

    def __init__(self, name: str, *, issuer: str, client_id: str, signer: Signer) -> None:
        self.name, self.issuer, self.client_id = name, issuer, client_id
        self._signer = signer
        self._clients_lock, self._keys_lock = threading.Lock(), threading.Lock()
        self._clients: dict[str, Client] = {}
        self._metadata: _Kept | None = None
        self._keys: _Kept | None = None

    def authorization_url(self, parameters: Mapping[str, str]) -> str:
        """Push the request (PAR) and return the address to send the browser to: no parameter is readable in it."""
        metadata = self.metadata()
        form = {
            "client_id": self.client_id,
            "response_type": "code",
            **parameters,
            **self._assertion(),
        }
        endpoint = metadata["pushed_authorization_request_endpoint"]
        answer = self._json(self._call("POST", endpoint, "par", data=form), "par")
        request_uri = answer.get("request_uri")
        if not isinstance(request_uri, str):
            raise self._wrong("par")
        query = urlencode({"client_id": self.client_id, "request_uri": request_uri})
        return f"{metadata['authorization_endpoint']}?{query}"

    def redeem(self, *, code: str, code_verifier: str, redirect_uri: str) -> str | Rejected:
        """Exchange a code for an ID token (not yet checked); a code that is refused is a rejection."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
            "client_id": self.client_id,
            **self._assertion(),
        }
        endpoint = self.metadata()["token_endpoint"]
        try:
            answer = self._json(self._call("POST", endpoint, "token", data=form), "token")
        except ComponentError as error:
            if error.kind in {"invalid", "denied"}:
                return Rejected("code_refused", f"token endpoint: {error.kind} (ref {error.ref})")
            raise
        token = answer.get("id_token")
        return token if isinstance(token, str) else Rejected("token_invalid", "id_token is missing")

    def claims_of(self, token: str) -> dict[str, Any] | Rejected:
        """Return the claims of a token with a good signature by the provider (RS256 and a known `kid` only)."""
        header = _header_of(token)
        if header.get("alg") not in _ALGORITHMS:
            return Rejected("token_invalid", f"alg {str(header.get('alg'))[:20]!r}")
        key = self._key(header.get("kid"))
        if key is None:
            return Rejected("token_invalid", "kid is not among the provider's keys")
        try:
            return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
        except (JoseError, ValueError) as error:
            return Rejected("token_invalid", f"signature or format: {type(error).__name__}")

    def end_session_endpoint(self) -> str:
        """Return where the provider's own session is ended; empty when it has no such address."""
        return str(self.metadata().get("end_session_endpoint") or "")

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document, at most a day old. Its issuer must be exactly ours."""
        cached = self._metadata
        if cached and cached.age() < _METADATA_S:
            return cast("dict[str, Any]", cached.value)
        address = (
            f"{self.issuer.rstrip('/')}/.well-known/openid-configuration" if self.issuer else ""
        )
        document = self._json(self._call("GET", address, "discovery"), "discovery")
        if document.get("issuer") != self.issuer or not all(
            self._is_usable(document, e) for e in _ENDPOINTS
        ):
            raise self._wrong("discovery")
        self._metadata = _Kept(document, time.monotonic())
        return document

    def _is_usable(self, document: Mapping[str, Any], endpoint: str) -> bool:
        """Tell whether an endpoint is there, and no weaker than the issuer (never http below https)."""
        address = document.get(endpoint)
        if not isinstance(address, str):
            return False
        scheme = urlsplit(address).scheme
        return scheme == "https" or (scheme == "http" and urlsplit(self.issuer).scheme == "http")

    def _key(self, kid: object) -> Any:
        """Return the provider's key with an id, after fetching the keys again if it is new to us."""
        for longest in (_METADATA_S, _REFETCH_S):
            keys = self._fetched_keys(longest)
            if kid in keys:
                return keys[kid]
        return None

    def _fetched_keys(self, longest: float) -> dict[object, Any]:
        with self._keys_lock:
            if self._keys and self._keys.age() < longest:
                return cast("dict[object, Any]", self._keys.value)
            document = self._json(self._call("GET", self.metadata()["jwks_uri"], "jwks"), "jwks")
            try:
                keys = {key.kid: key for key in KeySet.import_key_set(cast("Any", document)).keys}
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise self._wrong("jwks") from error
            self._keys = _Kept(keys, time.monotonic())
            return cast("dict[object, Any]", keys)

    def _assertion(self) -> dict[str, str]:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + _ASSERTION_LIFETIME,
            "jti": uuid.uuid4().hex,
        }
        return {
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._signer.sign(claims),
        }

    def _call(self, method: str, address: str, operation: str, **options: Any) -> Any:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        with self._clients_lock:
            client = self._clients.setdefault(origin, Client(self.name, origin))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return client.request(
            method, path, operation=operation, idempotent=method == "GET", **options
        )

    def _json(self, response: Any, operation: str) -> dict[str, Any]:
        try:
            document = response.json()
        except ValueError as error:
            raise self._wrong(operation) from error
        if not isinstance(document, dict):
            raise self._wrong(operation)
        return document

    def _wrong(self, operation: str) -> ComponentError:
        return ComponentError(self.name, f"{operation} (another shape than agreed)", "unavailable")


def _header_of(token: str) -> dict[str, Any]:
    """Read the header of a compact token without trusting it."""
    part = token.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, UnicodeDecodeError):
        return {}
    return header if isinstance(header, dict) else {}
