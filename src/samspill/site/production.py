"""What a production start refuses, and says (architecture decision 13)."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.conf import settings

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MIN_SECRET = 50


def refusals() -> list[dict[str, str]]:
    """Return everything that is not safe for production: where, message, remedy. Empty is good."""
    found: list[dict[str, str]] = []

    def refuse(where: str, message: str, remedy: str) -> None:
        found.append({"where": where, "message": message, "remedy": remedy})

    samspill = settings.SAMSPILL
    if samspill["environment"] != "production":
        refuse(
            "SAMSPILL_ENV",
            f"SAMSPILL_ENV is {samspill['environment']!r}.",
            "Set SAMSPILL_ENV=production; real identity numbers are accepted only then.",
        )
    if settings.DEBUG:
        refuse("DEBUG", "DEBUG is on.", "Turn it off.")
    if len(os.environ.get("SAMSPILL_SECRET_KEY", "")) < _MIN_SECRET:
        refuse(
            "SAMSPILL_SECRET_KEY",
            "The secret key is missing or too short.",
            "Set SAMSPILL_SECRET_KEY to at least 50 random characters, the same on every machine.",
        )
    if not os.environ.get("DATABASE_URL"):
        refuse(
            "DATABASE_URL",
            "DATABASE_URL is not set; the embedded database is for laptops and tests.",
            "Set DATABASE_URL to a PostgreSQL 15 or later.",
        )
    if urlsplit(settings.BASE_URL).scheme != "https":
        refuse("SAMSPILL_BASE_URL", "The address is not https.", "Set SAMSPILL_BASE_URL.")
    if samspill["sandbox_url"]:
        refuse(
            "SAMSPILL_SANDBOX_URL",
            "The stand-ins of the national components are in use.",
            "Remove SAMSPILL_SANDBOX_URL and set the real addresses.",
        )
    for name, address in _addresses().items():
        _judge_address(name, address, refuse)
    for name, profile in {**samspill["login"], "maskinporten": samspill["maskinporten"]}.items():
        if not profile["key_file"] or not os.path.exists(profile["key_file"]):  # noqa: PTH110
            refuse(f"{name} key", f"The private key of {name} is missing.", "Set its key file.")
    return found


def _addresses() -> dict[str, str]:
    samspill = settings.SAMSPILL
    clients = {**samspill["login"], "maskinporten": samspill["maskinporten"]}
    addresses = {f"{name} issuer": client["issuer"] for name, client in clients.items()}
    addresses.update(
        {f"{name} address": register["base_url"] for name, register in samspill["registers"].items()}
    )
    return addresses


def _judge_address(name: str, address: str, refuse: object) -> None:
    assert callable(refuse)  # noqa: S101 - given by refusals()
    parts = urlsplit(address)
    if not address:
        refuse(name, f"The {name} is not set.", "Set it; see docs/run/settings.md.")
    elif parts.hostname in _LOOPBACK:
        refuse(name, f"The {name} is on this machine, as the stand-ins are.", "Set the real one.")
    elif parts.scheme != "https":
        refuse(name, f"The {name} is not https.", "Use https.")
