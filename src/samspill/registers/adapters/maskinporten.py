"""Access tokens for machines: the JWT grant of Maskinporten (RFC 7523).

One token for each scope and organisation we come for, used until ten seconds before it ends. The assertion lives 60
seconds and has its own `jti`; nothing but the assertion authenticates us. The key file is read at each fetch, so a
rotated key signs the next one.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
from joserfc import jwt
from joserfc.jwk import RSAKey

from samspill.infra.http import Client, ComponentError

COMPONENT = "maskinporten"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LIFE_S = 60
_MARGIN_S = 10
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL
)


_ORG_NO = re.compile(r"[0-9]{9}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,8192}")
#: What a token is kept by: the scope, and for whom we come ('' for ourselves).
_Kept = tuple[str, str]


@attrs.frozen
class _Token:
    value: str = attrs.field(repr=False)
    usable_until: float


class TokenClient:
    """Gets and keeps tokens. Thread-safe: one fetch for each scope and organisation at a time."""

    def __init__(self, *, issuer: str, client_id: str, key_file: str) -> None:
        self._issuer, self._client_id, self._key_file = issuer, client_id, key_file
        self._http = Client(COMPONENT, issuer.rstrip("/"), budget_s=5.0, retries=2)
        self._tokens: dict[_Kept, _Token] = {}
        self._locks: dict[_Kept, threading.Lock] = {}
        self._guard = threading.Lock()
        self._endpoint = ""

    def headers(self, scope: str, *, consumer_org: str = "") -> Callable[[], Mapping[str, str]]:
        """Return what a `Client` calls to get its Authorization header."""
        return lambda: {"authorization": f"Bearer {self.token(scope, consumer_org=consumer_org)}"}

    def token(self, scope: str, *, consumer_org: str = "") -> str:
        """Return a token that still lives for some seconds.

        Args:
            scope: what we want to do.
            consumer_org: the organisation that has delegated its access to us in Altinn, as a municipality does to
                who runs Samspill for it; '' when we come for ourselves.

        Raises:
            ValueError: `consumer_org` is no organisation number.
            ComponentError: Maskinporten refused (denied), is down (unavailable), or our key file is missing (denied).
        """
        if consumer_org and not _ORG_NO.fullmatch(consumer_org):
            msg = "consumer_org must be nine digits"
            raise ValueError(msg)
        key = (scope, consumer_org)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            kept = self._tokens.get(key)
            if kept is None or kept.usable_until <= time.monotonic():
                kept = self._fetch(scope, consumer_org)
                self._tokens[key] = kept
            return kept.value

    def forget(self, scope: str | None = None) -> None:
        """Drop the tokens of a scope (all of them without one), after a resource has refused one."""
        with self._guard:
            for key in [key for key in self._tokens if scope in (None, key[0])]:
                del self._tokens[key]

    def _fetch(self, scope: str, consumer_org: str) -> _Token:
        endpoint = self._token_endpoint()
        asked_at = time.monotonic()
        # Not repeated by the client: an assertion counts once, so a retry must carry a new one.
        for last in (False, True):
            try:
                response = self._http.post(
                    endpoint,
                    operation="token",
                    data={"grant_type": GRANT, "assertion": self._assertion(scope, consumer_org)},
                    accept=(400, 401),
                )
                break
            except ComponentError as error:
                if last or error.kind != "unavailable":
                    raise
        body = _json(response)
        if response.status_code != 200:  # noqa: PLR2004 - HTTP
            raise ComponentError(COMPONENT, f"token ({_oauth_error(body)})", "denied")
        value, life = body.get("access_token"), body.get("expires_in")
        if not isinstance(value, str) or not isinstance(life, int | float):
            raise ComponentError(COMPONENT, "token", "invalid")
        return _Token(value, asked_at + float(life) - _MARGIN_S)

    def _token_endpoint(self) -> str:
        if not self._endpoint:
            path = "/.well-known/oauth-authorization-server"
            endpoint = _json(self._http.get(path, operation="metadata")).get("token_endpoint")
            base = self._issuer.rstrip("/")
            if not isinstance(endpoint, str) or not endpoint.startswith(base + "/"):
                raise ComponentError(COMPONENT, "metadata", "invalid")
            self._endpoint = endpoint.removeprefix(base)
        return self._endpoint

    def _assertion(self, scope: str, consumer_org: str) -> str:
        key = self._key()
        now = int(time.time())
        claims = {
            "aud": self._issuer,
            "iss": self._client_id,
            "scope": scope,
            "iat": now,
            "exp": now + _ASSERTION_LIFE_S,
            "jti": str(uuid.uuid4()),
            **({"consumer_org": consumer_org} if consumer_org else {}),
        }
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, key, algorithms=["RS256"])

    def _key(self) -> RSAKey:
        """Read the first private key of the file (the signing one; read anew, so that it can be rotated)."""
        try:
            block = _PEM.search(Path(self._key_file).read_text("ascii"))
            key = RSAKey.import_key(block.group() if block else "")
        except (OSError, ValueError) as error:
            operation = "token (our key file SAMSPILL_MASKINPORTEN_KEY cannot be read)"
            raise ComponentError(COMPONENT, operation, "denied") from error
        key.ensure_kid()
        return key


class ExchangedToken:
    """What a `Client` calls for its Authorization header where a component wants a token of its own (Altinn).

    It is fetched with Maskinporten's and used as long as that one is: when Maskinporten's is forgotten or over, the
    component's is too. Thread-safe.
    """

    def __init__(self, http: Client, path: str, scope: str, tokens: TokenClient) -> None:
        self._http, self._path, self._scope, self._tokens = http, path, scope, tokens
        self._kept = ("", "")
        self._lock = threading.Lock()

    def __call__(self) -> Mapping[str, str]:
        """Return the header.

        Raises:
            ComponentError: Maskinporten or the component gave no token.
        """
        first = self._tokens.token(self._scope)
        with self._lock:
            if self._kept[0] != first:
                self._kept = (first, self._exchange(first))
            return {"authorization": f"Bearer {self._kept[1]}"}

    def _exchange(self, first: str) -> str:
        headers = {"authorization": f"Bearer {first}"}
        response = self._http.get(self._path, operation="exchange", headers=headers)
        found = response.text.strip().strip('"')  # a text of JSON, or the token as it is
        if not _TOKEN.fullmatch(found):
            raise ComponentError(self._http.component, "exchange", "invalid", ref=response.ref)
        return found


def _json(response: Any) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError as error:
        raise ComponentError(COMPONENT, "answer is not JSON", "invalid") from error
    return body if isinstance(body, Mapping) else {}


def _oauth_error(body: Mapping[str, Any]) -> str:
    code = body.get("error")
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else "error"
