"""Who may talk to the stand-ins: registered clients, their keys and addresses."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from samspill.sandbox.households import HUSBANKEN

REGISTER_SCOPES = (
    "folkeregister:deling/offentligmedhjemmel",
    "skatteetaten:inntekt",
    "skatteetaten:summertskattegrunnlag",
    "krr:global/kontaktinformasjon.read",
    "nav:ytelser.read",
    "lanekassen:stotte.read",
    "matrikkelen:boenheter.read",
    "husbanken:laan.read",
    "brreg:data:enhetsregisteret:roller:person:oppslag:fnr",
    "altinn:dd:authlookup",
    "altinn:authorization/authorize",
    "samspill:representation.read",
)
_KEYS_KEPT_S = 60.0
_FETCH_TIMEOUT_S = 3.0


class RegistrationError(ValueError):
    """A client cannot be registered. Says what is missing."""


@attrs.frozen
class Client:
    """A client of the login providers and of Maskinporten."""

    client_id: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    frontchannel_logout_uri: str | None = None
    backchannel_logout_uri: str | None = None
    jwks: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    jwks_file: str | None = None
    jwks_uri: str | None = None
    org_no: str = HUSBANKEN
    scopes: tuple[str, ...] = REGISTER_SCOPES
    delegations: tuple[str, ...] = ()

    @property
    def has_keys(self) -> bool:
        """Tell whether the client must sign (private_key_jwt); else it is public, with PKCE only."""
        return bool(self.jwks or self.jwks_file or self.jwks_uri)


def client_from_json(data: Mapping[str, Any]) -> Client:
    """Read a registration.

    Raises:
        RegistrationError: when `client_id` is missing or a key is unknown.

    """
    known = {f.name for f in attrs.fields(Client)}
    unknown = sorted(set(data) - known)
    if unknown or not isinstance(data.get("client_id"), str):
        msg = f"A registration needs client_id; unknown keys: {unknown}. Known keys: {', '.join(sorted(known))}."
        raise RegistrationError(msg)
    lists = ("redirect_uris", "post_logout_redirect_uris", "scopes", "delegations")
    facts: dict[str, Any] = {
        k: tuple(v) if k in lists else v for k, v in data.items() if v is not None
    }
    return Client(**facts)


class Clients:
    """The registered clients, and their public keys (fetched again when a key is unknown)."""

    def __init__(self, clients: tuple[Client, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._clients = {c.client_id: c for c in clients}
        self._fetched: dict[str, tuple[float, dict[str, Any]]] = {}

    def register(self, client: Client) -> None:
        """Add a client, or replace the one with the same id."""
        with self._lock:
            self._clients[client.client_id] = client
            self._fetched.pop(client.client_id, None)

    def get(self, client_id: str) -> Client | None:
        """Give a client, or None."""
        return self._clients.get(client_id)

    def key(self, client: Client, kid: str) -> dict[str, Any] | None:
        """Give the public key of a client with an id, or None."""
        for fresh in (False, True):
            for key in self._keys(client, fresh=fresh):
                if key.get("kid") == kid:
                    return key
        return None

    def keys(self, client: Client) -> list[dict[str, Any]]:
        """Give all public keys of a client."""
        return self._keys(client, fresh=False)

    def _keys(self, client: Client, *, fresh: bool) -> list[dict[str, Any]]:
        if client.jwks is not None:
            return list(client.jwks.get("keys", ()))
        kept = self._fetched.get(client.client_id)
        if kept is None or fresh or time.monotonic() - kept[0] > _KEYS_KEPT_S:
            kept = (time.monotonic(), _load(client))
            with self._lock:
                self._fetched[client.client_id] = kept
        return list(kept[1].get("keys", ()))


def _load(client: Client) -> dict[str, Any]:
    """Read the keys from file or address; none when they cannot be read."""
    try:
        if client.jwks_file:
            data = json.loads(Path(client.jwks_file).read_text("utf-8"))
        elif client.jwks_uri:
            with urllib.request.urlopen(client.jwks_uri, timeout=_FETCH_TIMEOUT_S) as answer:  # noqa: S310
                data = json.load(answer)
        else:
            return {}
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
