"""Access tokens of machines, by Maskinporten: checked here, each once while it lives.

Refused: another issuer, another algorithm than RS256, an unknown key, expired or not yet valid, another scope, no
consumer. Nothing of a token is logged.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import attrs
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from samspill.infra import clock
from samspill.infra.http import Client, ComponentError

SCOPE = "samspill:representation.read"
_ALGORITHMS = ["RS256"]
_KEYS_S, _REFETCH_S, _SKEW_S = 3600.0, 5.0, 10
_KEPT = 2000
_CONSUMER = re.compile(r"0192:([0-9]{9})")


@attrs.frozen
class Machine:
    """The organisation behind a token: the consumer, and the supplier that acts for it, if any."""

    org_no: str
    supplier: str = ""


class TokenReader:
    """Checks tokens of one issuer. Thread-safe."""

    def __init__(self, issuer: str) -> None:
        parts = urlsplit(issuer)
        self.issuer = issuer
        self._http = Client("maskinporten", f"{parts.scheme}://{parts.netloc}", budget_s=5.0)
        self._path = parts.path.rstrip("/")
        self._lock = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._fetched = -_KEYS_S
        self._known: OrderedDict[str, tuple[Machine, float]] = OrderedDict()

    def read(self, token: str) -> Machine | None:
        """Return whose token it is; None when it may not be used.

        Raises:
            ComponentError: the issuer's keys cannot be fetched.
        """
        digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        now = clock.now().timestamp()
        with self._lock:
            known = self._known.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        claims = self._claims(token)
        if claims is None or not self._is_good(claims, now):
            return None
        machine = Machine(_org_no(claims.get("consumer")), _org_no(claims.get("supplier")))
        if not machine.org_no:
            return None
        with self._lock:
            self._known[digest] = (machine, float(claims["exp"]))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return machine

    def _claims(self, token: str) -> Mapping[str, Any] | None:
        for longest in (_KEYS_S, _REFETCH_S):  # an unknown key may be a new one
            keys = self._fetched_keys(longest)
            key = keys.get(_kid(token))
            if key is None:
                continue
            try:
                return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
            except (JoseError, ValueError, TypeError):
                return None
        return None

    def _is_good(self, claims: Mapping[str, Any], now: float) -> bool:
        begins, ends = claims.get("nbf", claims.get("iat", 0)), claims.get("exp")
        if not isinstance(ends, int | float) or not isinstance(begins, int | float):
            return False
        return (
            claims.get("iss") == self.issuer
            and begins - _SKEW_S <= now < ends
            and SCOPE in str(claims.get("scope", "")).split()
        )

    def _fetched_keys(self, longest: float) -> dict[str, Any]:
        with self._lock:
            if time.monotonic() - self._fetched < longest:
                return self._keys
            metadata = self._json(f"{self._path}/.well-known/oauth-authorization-server")
            path = urlsplit(str(metadata.get("jwks_uri", ""))).path
            try:
                found = KeySet.import_key_set(cast("Any", self._json(path))).keys
                self._keys = {str(key.kid): key for key in found}
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise ComponentError("maskinporten", "jwks", "invalid") from error
            self._fetched = time.monotonic()
            return self._keys

    def _json(self, path: str) -> Mapping[str, Any]:
        try:
            body = self._http.get(path, operation="keys").json()
        except ValueError as error:
            raise ComponentError("maskinporten", "keys", "invalid") from error
        return body if isinstance(body, Mapping) else {}


def _kid(token: str) -> str:
    """Read which key a token says it is signed with, without trusting it."""
    part = token.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return ""
    return str(header.get("kid", "")) if isinstance(header, dict) else ""


def _org_no(party: object) -> str:
    text = party.get("ID") if isinstance(party, Mapping) else None
    match = _CONSUMER.fullmatch(text) if isinstance(text, str) else None
    return match[1] if match else ""


@cache
def reader() -> TokenReader | None:
    """Return the reader of the configured issuer; None when there is none."""
    issuer = settings.SAMSPILL.get("maskinporten", {}).get("issuer", "")
    return TokenReader(issuer) if issuer else None
