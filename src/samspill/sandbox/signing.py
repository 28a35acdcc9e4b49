"""Keys and signed tokens: ours (RS256, made at the start) and those that clients show us."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

_KEY_BITS = 2048
_PRUNE_AT = 5000


class _LongHeaders(JWSRegistry):
    """Lets a header hold a chain of certificates (x5c)."""

    max_header_length = 16_000


class TokenError(Exception):
    """A token is not acceptable. Says why."""


class Signer:
    """A signing key that can be replaced; the replaced one stays published for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: list[RSAKey] = []

    def rotate(self) -> None:
        """Make a new key. The one before stays in the published set."""
        key = RSAKey.generate_key(
            _KEY_BITS, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"}
        )
        with self._lock:
            self._keys = [key, *self._keys[:1]]

    def _current(self) -> list[RSAKey]:
        if not self._keys:
            self.rotate()
        return self._keys

    def sign(self, claims: Mapping[str, Any], *, kind: str = "JWT") -> str:
        """Give a signed token."""
        key = self._current()[0]
        header = {"alg": "RS256", "kid": key.kid, "typ": kind}
        return jwt.encode(header, dict(claims), key)

    def jwks(self) -> dict[str, Any]:
        """Give the public keys."""
        return {"keys": [key.as_dict(private=False) for key in self._current()]}

    def read(self, token: str) -> dict[str, Any]:
        """Give the claims of a token of ours.

        Raises:
            TokenError: when we did not sign it.

        """
        for key in self._current():
            try:
                return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
            except (JoseError, ValueError):
                continue
        msg = "the token is not signed by this issuer"
        raise TokenError(msg)


def header_of(token: str) -> dict[str, Any]:
    """Read the header of a token without checking anything.

    Raises:
        TokenError: when it is not a signed token.

    """
    try:
        part = token.split(".", maxsplit=1)[0]
        data = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        msg = "the assertion is not a signed JWT"
        raise TokenError(msg) from error
    if not isinstance(data, dict):
        msg = "the assertion is not a signed JWT"
        raise TokenError(msg)
    return data


def verify(token: str, key: Mapping[str, Any], algorithms: Sequence[str]) -> dict[str, Any]:
    """Give the claims of a token signed by a client's key.

    Raises:
        TokenError: when the signature or the algorithm is wrong.

    """
    try:
        return dict(
            jwt.decode(
                token, RSAKey.import_key(dict(key)), registry=_LongHeaders(algorithms=algorithms)
            ).claims
        )
    except (JoseError, ValueError) as error:
        msg = f"the signature is not right, or the algorithm is not one of {', '.join(algorithms)}"
        raise TokenError(msg) from error


def key_of_certificate(certificate: str) -> dict[str, Any]:
    """Give the public key of the first certificate of an `x5c` header, as a JWK.

    Raises:
        TokenError: when it is not a certificate with an RSA key.

    """
    try:
        loaded = x509.load_der_x509_certificate(base64.b64decode(certificate))
        key = RSAKey.import_key(_pem(loaded))
    except (ValueError, JoseError) as error:
        msg = "x5c does not hold a certificate with an RSA key"
        raise TokenError(msg) from error
    return dict(key.as_dict(private=False))


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class UsedOnce:
    """Remembers values that may be used once, until they expire."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def is_new(self, value: str, *, until: float, now: float) -> bool:
        """Tell whether a value is used for the first time, and remember it."""
        with self._lock:
            if len(self._used) > _PRUNE_AT:
                self._used = {v: t for v, t in self._used.items() if t > now}
            if self._used.get(value, 0.0) > now:
                return False
            self._used[value] = until
            return True
