"""What an access token of Maskinporten must say before a machine is let in. Pure: claims in, a machine or a fault out.

Maskinporten names the organisation whose right is used (`consumer`) and, when another has been given the access in
Altinn, who comes for it (`supplier`, with `delegation_source`). The consumer is authorised; both are logged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

LEEWAY_S = 10
#: Maskinporten's own tokens live two minutes; one that would live for more than an hour is somebody's mistake.
LONGEST_S = 3600
SCOPE_PREFIX = "samspill:"
_AUTHORITY = "iso6523-actorid-upis"
_PARTY = re.compile(r"0192:([0-9]{9})")
#: A token with one of these may do less than its scope says; we cannot keep to that, so it may do nothing.
_NARROWED = ("pid", "authorization_details")


@attrs.frozen
class Machine:
    """The organisation behind a token, the supplier that acts for it, what it may, and until when (epoch seconds)."""

    org_no: str
    supplier: str = ""
    scopes: frozenset[str] = frozenset()
    until: float = 0.0


class TokenError(Exception):
    """A token that is not taken: the code of RFC 6750, the status, and what is wrong in words without any claim."""

    def __init__(self, code: str, said: str, *, status: int = 401) -> None:
        super().__init__(said)
        self.code, self.said, self.status = code, said, status


def invalid(said: str) -> TokenError:
    """Return the fault of a token that proves nothing."""
    return TokenError("invalid_token", said)


def _without(name: str, of_what_kind: str) -> TokenError:
    return invalid(f"The token has no {name} {of_what_kind}.")


def machine_of(
    claims: Mapping[str, Any], *, issuer: str, audiences: frozenset[str], now: float
) -> Machine:
    """Return whose token it is, from claims whose signature holds.

    Args:
        audiences: our own addresses; one of them must be in `aud` when the token has one.
        now: epoch seconds.

    Raises:
        TokenError: what the token lacks.
    """
    if claims.get("iss") != issuer:
        raise invalid("The token is from another issuer.")
    until = _in_time(claims, now)
    scopes = _scopes(claims)
    _for_us(claims, scopes, audiences)
    if any(claims.get(name) for name in _NARROWED):
        raise invalid("The token is for one person or one system user; that is not taken here.")
    consumer = _party(claims.get("consumer"), "consumer")
    return Machine(consumer, _supplier(claims), scopes, until)


def require_scope(machine: Machine, scope: str) -> Machine:
    """Return the machine when it may do this.

    Raises:
        TokenError: `insufficient_scope`, 403.
    """
    if scope not in machine.scopes:
        said = f"The token lacks the scope {scope}."
        raise TokenError("insufficient_scope", said, status=403)
    return machine


def _in_time(claims: Mapping[str, Any], now: float) -> float:
    issued, ends = _instant(claims, "iat"), _instant(claims, "exp")
    begins = _instant(claims, "nbf") if "nbf" in claims else issued
    if max(begins, issued) - LEEWAY_S > now:
        raise invalid("The token is not valid yet.")
    if now >= ends + LEEWAY_S:
        raise invalid("The token has expired.")
    if ends - issued > LONGEST_S:
        raise invalid("The token lives too long.")
    return ends + LEEWAY_S


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
        raise _without(name, "that can be read")
    return float(value)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    value = claims.get("scope")
    return frozenset(value.split()) if isinstance(value, str) else frozenset()


def _for_us(claims: Mapping[str, Any], scopes: frozenset[str], audiences: frozenset[str]) -> None:
    """Refuse a token that another service was given, and could use here (RFC 8707, ASVS 9.2.3).

    Maskinporten sets `aud` only when the client asks with `resource`. Without it, the scopes say for whom it is: all
    must be ours, since one that is also for another service is in that service's hands too.
    """
    if "aud" not in claims:
        if not all(scope.startswith(SCOPE_PREFIX) for scope in scopes):
            raise invalid("The token is for other services too; ask for one with resource.")
        return
    told = claims["aud"]
    named = {told} if isinstance(told, str) else set()
    if isinstance(told, list):
        named = {one for one in told if isinstance(one, str)}
    if not {one.rstrip("/") for one in named} & {one.rstrip("/") for one in audiences}:
        raise invalid("The token is for another audience.")


def _supplier(claims: Mapping[str, Any]) -> str:
    """Return who comes for the consumer; '' when the consumer comes itself."""
    if "supplier" not in claims and "delegation_source" not in claims:
        return ""
    source = claims.get("delegation_source")
    if not isinstance(source, str) or not source.startswith("https://"):
        raise invalid("The token has a supplier, but not where the access was delegated.")
    return _party(claims.get("supplier"), "supplier")


def _party(party: object, name: str) -> str:
    if isinstance(party, Mapping) and party.get("authority") == _AUTHORITY:
        told = party.get("ID")
        match = _PARTY.fullmatch(told) if isinstance(told, str) else None
        if match:
            return match[1]
    raise _without(name, "with a Norwegian organisation number")
