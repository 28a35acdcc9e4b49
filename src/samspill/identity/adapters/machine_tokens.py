"""Access tokens of machines, by Maskinporten: signature and keys here, what they say in `machine_claims`.

Refused: another algorithm than RS256 (whatever the token says), an unknown key, a token longer than any of theirs. A
token is checked once while it lives. Nothing of a token is logged.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from samspill.identity.machine_claims import Machine, invalid, machine_of
from samspill.infra import clock
from samspill.infra.http import Client, ComponentError

_ALGORITHMS = ["RS256"]
_KEYS_S, _REFETCH_S = 3600.0, 5.0
_KEPT = 2000
_MAX_CHARS = 8192


class TokenReader:
    """Checks tokens of one issuer. Thread-safe."""

    def __init__(self, issuer: str, *, audiences: frozenset[str]) -> None:
        parts = urlsplit(issuer)
        self.issuer, self._audiences = issuer, audiences
        self._http = Client("maskinporten", f"{parts.scheme}://{parts.netloc}", budget_s=5.0)
        self._path = parts.path.rstrip("/")
        self._lock = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._fetched = -_KEYS_S
        self._known: OrderedDict[str, Machine] = OrderedDict()

    def read(self, token: str) -> Machine:
        """Return whose token it is.

        Raises:
            TokenError: it may not be used; says why.
            ComponentError: the issuer's keys cannot be fetched.
        """
        if not token.isascii() or len(token) > _MAX_CHARS:
            raise invalid("That is no token.")
        digest = hashlib.sha256(token.encode()).hexdigest()
        now = clock.now().timestamp()
        with self._lock:
            known = self._known.get(digest)
        if known is not None and now < known.until:
            return known
        machine = machine_of(
            self._claims(token), issuer=self.issuer, audiences=self._audiences, now=now
        )
        with self._lock:
            self._known[digest] = machine
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return machine

    def _claims(self, token: str) -> Mapping[str, Any]:
        for longest in (_KEYS_S, _REFETCH_S):  # an unknown key may be a new one
            key = self._fetched_keys(longest).get(_kid(token))
            if key is None:
                continue
            try:
                return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
            except (JoseError, ValueError, TypeError, RecursionError):
                raise invalid("The signature or the form of the token does not hold.") from None
        raise invalid("The token is signed with a key that the issuer does not publish.")

    def _fetched_keys(self, longest: float) -> dict[str, Any]:
        with self._lock:
            if time.monotonic() - self._fetched < longest:
                return self._keys
            metadata = self._json(f"{self._path}/.well-known/oauth-authorization-server")
            path = urlsplit(str(metadata.get("jwks_uri", ""))).path
            try:
                found = KeySet.import_key_set(cast("Any", self._json(path))).keys
                self._keys = {str(key.kid): key for key in found if key.kid}
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
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else ""


@cache
def reader() -> TokenReader | None:
    """Return the reader of the configured issuer; None when there is none."""
    issuer = settings.SAMSPILL.get("maskinporten", {}).get("issuer", "")
    ours = frozenset({settings.SAMSPILL["base_url"]})
    return TokenReader(issuer, audiences=ours) if issuer else None
