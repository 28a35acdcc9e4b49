"""The providers of this installation, made from the settings once per process."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from samspill.identity.adapters.keys import Signer, ensure_key
from samspill.identity.adapters.oidc import Provider
from samspill.identity.domain import Profile

COMPONENTS: dict[Profile, str] = {"citizen": "idporten", "employee": "ansattporten"}
# Type and resource are configuration: Altinn's codes are being replaced (felleslosninger/docs, 2024-10).
_REPRESENTATION = {
    "type": "ansattporten:altinn:service",
    "resource": "urn:altinn:resource:samspill:1",
    "allow_multiple_organizations": "true",
}


def settings_of(profile: Profile) -> dict[str, Any]:
    """Return the settings of a login profile: issuer, client_id, key_file, acr_prefix, resource."""
    found: dict[str, Any] = settings.SAMSPILL["login"][profile]
    return found


def provider_for(profile: Profile) -> Provider:
    """Return the provider of a profile; outside production a missing key file is made."""
    chosen = settings_of(profile)
    path = key_path(profile)
    if settings.SAMSPILL["environment"] != "production":
        ensure_key(path)
    return _provider(COMPONENTS[profile], chosen["issuer"], chosen["client_id"], path)


@lru_cache(maxsize=16)
def _provider(name: str, issuer: str, client_id: str, path: Path) -> Provider:
    return Provider(name, issuer=issuer, client_id=client_id, signer=Signer(path))


def key_path(profile: Profile) -> Path:
    """Return the key file of a profile: its own, else `client.pem` among the installation's keys."""
    chosen = settings_of(profile)["key_file"]
    return Path(chosen) if chosen else Path(settings.SAMSPILL["keys"]) / "client.pem"


def key_files() -> list[Path]:
    """Return every key file whose public half is published, also that of Maskinporten."""
    files = [key_path("citizen"), key_path("employee")]
    machine = settings.SAMSPILL.get("maskinporten", {}).get("key_file")
    return [*files, Path(machine)] if machine else files


def by_issuer(issuer: str) -> tuple[Profile, Provider] | None:
    """Return the profile and provider with an issuer, for messages that come from it."""
    for profile in COMPONENTS:
        if issuer and settings_of(profile)["issuer"] == issuer:
            return profile, provider_for(profile)
    return None


def extra_parameters(profile: Profile) -> dict[str, str]:
    """Return what a profile asks for beyond plain OpenID Connect: an employee's organisations (RFC 9396)."""
    if profile != "employee":
        return {}
    resource = settings_of(profile).get("resource") or _REPRESENTATION["resource"]
    return {"authorization_details": json.dumps([{**_REPRESENTATION, "resource": resource}])}
