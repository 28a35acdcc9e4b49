"""Maskinporten: tokens for machines by a signed grant (RFC 7523), and the check that registers make.

Every rule of the published documentation is enforced; each refusal says which rule was broken.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from samspill.sandbox.clients import Client, Clients
from samspill.sandbox.oidc import OAuthError
from samspill.sandbox.signing import (
    Signer,
    TokenError,
    UsedOnce,
    header_of,
    key_of_certificate,
    verify,
)

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHMS = ("RS256", "RS384", "RS512")
TOKEN_S = 120
ASSERTION_MAX_S = 120
CLOCK_SKEW_S = 10
_AUTHORITY = "iso6523-actorid-upis"
_SYSTEM_USER = "urn:altinn:systemuser"


class Maskinporten:
    """The token endpoint, and what a register asks about a token."""

    def __init__(self, clients: Clients, *, clock: Callable[[], float] = time.time) -> None:
        self.signer = Signer()
        self._clients = clients
        self._clock = clock
        self._spent = UsedOnce()

    def metadata(self, issuer: str) -> dict[str, Any]:
        """Give the metadata (RFC 8414). The issuer ends with a slash."""
        return {
            "issuer": issuer,
            "token_endpoint": f"{issuer}token",
            "jwks_uri": f"{issuer}jwk",
            "grant_types_supported": [GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        }

    def token(self, form: Mapping[str, str], issuer: str) -> dict[str, Any]:
        """Exchange a signed grant for an access token.

        Raises:
            OAuthError: with the rule that was broken.

        """
        if form.get("grant_type") != GRANT_TYPE:
            raise OAuthError("unsupported_grant_type", f"grant_type must be {GRANT_TYPE}")
        client, claims = self._read(form.get("assertion", ""))
        self._check_times(client, claims, issuer)
        scope = self._check_scope(client, claims)
        token = self._claims(client, claims, scope, issuer)
        return {
            "access_token": self.signer.sign(token),
            "token_type": "Bearer",
            "expires_in": TOKEN_S,
            "scope": scope,
        }

    def check(self, authorization: str | None, scope: str, issuer: str) -> tuple[int, str] | None:
        """Tell why a call may not pass (status and reason), or None when it may."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return 401, "no access token; send Authorization: Bearer <token from Maskinporten>"
        try:
            claims = self.signer.read(token.strip())
        except TokenError as error:
            return 401, str(error)
        if claims.get("iss") != issuer:
            return 401, f"the token is not from {issuer}"
        if int(claims.get("exp", 0)) <= self._clock():
            return 401, "the access token has expired"
        if scope not in str(claims.get("scope", "")).split():
            return 403, f"the access token lacks the scope {scope}"
        return None

    def _read(self, assertion: str) -> tuple[Client, dict[str, Any]]:
        try:
            header = header_of(assertion)
            if ("kid" in header) == ("x5c" in header):
                raise OAuthError("invalid_grant", "the header must hold exactly one of kid and x5c")
            client = self._client_of(assertion)
            key = self._key(client, header)
            return client, verify(assertion, key, ALGORITHMS)
        except TokenError as error:
            raise OAuthError("invalid_grant", str(error)) from error

    def _client_of(self, assertion: str) -> Client:
        parts = assertion.split(".")
        claims = header_of(parts[1]) if len(parts) == 3 else {}  # noqa: PLR2004
        client = self._clients.get(str(claims.get("iss", "")))
        if client is None or not client.has_keys:
            raise OAuthError("invalid_grant", "iss is not a client with registered keys")
        return client

    def _key(self, client: Client, header: Mapping[str, Any]) -> Mapping[str, Any]:
        if "kid" in header:
            key = self._clients.key(client, str(header["kid"]))
            if key is None:
                raise OAuthError("invalid_grant", "no registered key has that kid")
            return key
        shown = key_of_certificate(str((header["x5c"] or [""])[0]))
        for key in self._clients.keys(client):
            if key.get("n") == shown["n"] and key.get("e") == shown["e"]:
                return key
        raise OAuthError("invalid_grant", "the certificate is not that of the client")

    def _check_times(self, client: Client, claims: Mapping[str, Any], issuer: str) -> None:
        now = self._clock()
        iat, exp, jti = claims.get("iat"), claims.get("exp"), claims.get("jti")
        aud = claims.get("aud")
        if aud not in (issuer, [issuer]):
            raise OAuthError("invalid_grant", f"aud must be {issuer} (with the slash)")
        if not isinstance(iat, int) or not isinstance(exp, int) or not isinstance(jti, str):
            raise OAuthError("invalid_grant", "iat, exp (whole seconds) and jti are compulsory")
        if abs(iat - now) > CLOCK_SKEW_S:
            raise OAuthError(
                "invalid_grant", f"iat must be within {CLOCK_SKEW_S} s of the server's clock"
            )
        if exp <= now or exp - iat > ASSERTION_MAX_S:
            raise OAuthError(
                "invalid_grant", f"exp must be ahead, and at most {ASSERTION_MAX_S} s after iat"
            )
        if not self._spent.is_new(f"{client.client_id}/{jti}", until=float(exp), now=now):
            raise OAuthError("invalid_grant", "jti has been used before")

    def _check_scope(self, client: Client, claims: Mapping[str, Any]) -> str:
        asked = str(claims.get("scope", "")).split()
        refused = [s for s in asked if s not in client.scopes]
        if not asked or refused:
            raise OAuthError(
                "invalid_scope", f"no scope, or not granted to the client: {' '.join(refused)}"
            )
        return " ".join(asked)

    def _claims(
        self, client: Client, asked: Mapping[str, Any], scope: str, issuer: str
    ) -> dict[str, Any]:
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": issuer,
            "scope": scope,
            "client_id": client.client_id,
            "client_amr": "private_key_jwt",
            "token_type": "Bearer",
            "iat": now,
            "exp": now + TOKEN_S,
            "jti": secrets.token_urlsafe(16),
            **self._parties(client, asked),
        }
        if "resource" in asked:
            claims["aud"] = asked["resource"]
        if "pid" in asked:
            claims["pid"] = asked["pid"]
        details = asked.get("authorization_details")
        if details:
            claims["authorization_details"] = _system_user(details)
        return claims

    def _parties(self, client: Client, asked: Mapping[str, Any]) -> dict[str, Any]:
        on_behalf = [k for k in ("consumer_org", "iss_onbehalfof") if k in asked]
        if not on_behalf:
            return {"consumer": _party(client.org_no)}
        if len(on_behalf) > 1:
            raise OAuthError("invalid_grant", "consumer_org and iss_onbehalfof exclude each other")
        org_no = str(asked[on_behalf[0]])
        if org_no not in client.delegations:
            raise OAuthError(
                "invalid_grant", f"{org_no} has not delegated the scope to {client.org_no}"
            )
        return {
            "consumer": _party(org_no),
            "supplier": _party(client.org_no),
            "delegation_source": "https://www.altinn.no",
        }


def _party(org_no: str) -> dict[str, str]:
    return {"authority": _AUTHORITY, "ID": f"0192:{org_no}"}


def _system_user(details: Any) -> list[dict[str, Any]]:
    if not isinstance(details, list) or len(details) != 1 or details[0].get("type") != _SYSTEM_USER:
        raise OAuthError(
            "invalid_grant", f"authorization_details must be one object of type {_SYSTEM_USER}"
        )
    org = details[0].get("systemuser_org", {})
    return [
        {
            "type": _SYSTEM_USER,
            "systemuser_org": org,
            "systemuser_id": [f"sandbox-{str(org.get('ID', ''))[-9:]}"],
            "system_id": "samspill_sandbox",
        }
    ]
