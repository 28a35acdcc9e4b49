"""What a production start refuses, and says (architecture decision 13)."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from samspill.infra.encryption import keyring
from samspill.infra.encryption.keyring import KeyringError
from samspill.infra.settings_reader import OPTIONAL_REGISTERS, SECRETS, with_secrets
from samspill.site.preparing import changed_static_files

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MIN_SECRET = 50
_SHORTEST_ACCEPTANCE = 20
_OTHERS = stat.S_IRWXO
_OLD_TLS = {"TLSv1", "TLSv1.1"}


def refusals(*, serves: bool = True) -> list[dict[str, str]]:
    """Return everything that is not safe for production: where, message, remedy. Empty is good.

    `serves`: this process gives out pages; a worker needs no static files. Needs `django.setup()`.
    """
    found = [
        {"where": where, "message": message, "remedy": remedy}
        for unsafe, where, message, remedy in _installation()
        if unsafe
    ]
    for name, address in _addresses().items():
        found += _judge_address(name, address)
    for name, client in _clients().items():
        if not client["key_file"] or not Path(client["key_file"]).exists():
            message = f"The private key of {name} is missing."
            found.append(
                {"where": f"{name} key", "message": message, "remedy": "Set its key file."}
            )
    for name, database in settings.DATABASES.items():
        found += _judge_database(name, database)
    found += _of_number_keys() + _of_secret_files() + _of_scanning() + _of_altinn()
    found += _of_static_files() if serves else []
    if not (Path(settings.SAMSPILL["keys"]) / "log.pem").exists():
        message = "The key that signs the access log's roots is missing."
        remedy = "Make it: openssl genpkey -algorithm ed25519 -out log.pem, in SAMSPILL_KEYS."
        found.append({"where": "log.pem", "message": message, "remedy": remedy})
    return found


def _of_number_keys() -> list[dict[str, str]]:
    """Judge the file of keys that national numbers are encrypted with."""
    path = keyring.key_file()
    make = "Make it with `samspill keys make`, or put back the one the database was used with."
    if not path.exists():
        return [_refusal(path.name, "The keys of national numbers are missing.", make)]
    try:
        ring = keyring.read_file(path)
    except KeyringError as error:
        return [_refusal(path.name, str(error), make)]
    found = []
    if path.stat().st_mode & _OTHERS:
        message = "Everybody on the machine can read or write the keys of national numbers."
        found.append(_refusal(path.name, message, f"chmod 600 {path.name}"))
    if any(key.is_local for key in ring.keys):
        message = "The keys of national numbers were made for trying out (local-…)."
        found.append(_refusal(path.name, message, make))
    return found


def _of_secret_files() -> list[dict[str, str]]:
    """Refuse a secret in a file that everybody on the machine can read or write (ASVS 13.3.1)."""
    found = []
    for name, variable in SECRETS.items():
        path = os.environ.get(variable, "")
        if path and Path(path).stat().st_mode & _OTHERS:
            message = f"Everybody on the machine can read or write the file of {name}."
            found.append(_refusal(variable, message, "chmod 400, owned by the process's user"))
    return found


def _of_scanning() -> list[dict[str, str]]:
    """Refuse uploads that nobody scans for malware, unless somebody has accepted it in writing (ASVS 5.4.3)."""
    said = settings.SAMSPILL
    if said["clamd"] or len(said["unscanned"]) >= _SHORTEST_ACCEPTANCE:
        return []
    message = "Files that people send are not scanned for malware."
    remedy = "Set SAMSPILL_CLAMD, or write in SAMSPILL_FILES_UNSCANNED who has accepted the risk, when and why."
    return [_refusal("SAMSPILL_CLAMD", message, remedy)]


def _of_static_files() -> list[dict[str, str]]:
    """Refuse static files that were not collected, or not since they changed: pages would have no style or script."""
    old = sum(1 for _ in changed_static_files())
    named = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if named and not old:
        return []
    which = f"{old} of the static files" if named else "The static files"
    message = f"{which} are not collected as this version has them."
    remedy = (
        "Run `python -m django collectstatic --noinput`, with the SAMSPILL_STATIC that is served."
    )
    return [_refusal("SAMSPILL_STATIC", message, remedy)]


def _of_altinn() -> list[dict[str, str]]:
    """Refuse an Altinn without the key of a subscription, or with no resource that is registered there."""
    from samspill.mandates.service import sources

    said = settings.SAMSPILL["registers"]["altinn"]
    if not said["base_url"]:
        return []
    found = []
    if not said["subscription_key"]:
        message = "Altinn is connected, but the key of our subscription is not set."
        remedy = "Set SAMSPILL_ALTINN_SUBSCRIPTION_KEY or its file, as ordered from Altinn."
        found.append(_refusal("SAMSPILL_ALTINN_SUBSCRIPTION_KEY", message, remedy))
    try:
        message = (
            "" if sources.registered() else "Altinn is connected, but has no resource of ours."
        )
    except ValueError as error:
        message = str(error)
    if message:
        remedy = "Name a file of registered resources in SAMSPILL_ALTINN_RESOURCES, or unset SAMSPILL_ALTINN_URL."
        found.append(_refusal("SAMSPILL_ALTINN_RESOURCES", message, remedy))
    return found


def _refusal(where: str, message: str, remedy: str) -> dict[str, str]:
    return {"where": where, "message": message, "remedy": remedy}


def _installation() -> list[tuple[bool, str, str, str]]:
    """Return (unsafe, where, message, remedy) of the installation itself."""
    environment, said = settings.SAMSPILL["environment"], with_secrets(os.environ)
    return [
        (
            environment != "production",
            "SAMSPILL_ENV",
            f"SAMSPILL_ENV is {environment!r}.",
            "Set SAMSPILL_ENV=production; real identity numbers are accepted only then.",
        ),
        (settings.DEBUG, "DEBUG", "DEBUG is on.", "Turn it off."),
        (
            len(said.get("SAMSPILL_SECRET_KEY", "")) < _MIN_SECRET,
            "SAMSPILL_SECRET_KEY",
            "The secret key is missing or too short.",
            "Give SAMSPILL_SECRET_KEY (or its file) at least 50 random characters, the same on every machine.",
        ),
        (
            not said.get("DATABASE_URL"),
            "DATABASE_URL",
            "DATABASE_URL is not set; the embedded database is for laptops and tests.",
            "Set DATABASE_URL to a PostgreSQL 15 or later.",
        ),
        (
            urlsplit(settings.BASE_URL).scheme != "https",
            "SAMSPILL_BASE_URL",
            "The address is not https.",
            "Set SAMSPILL_BASE_URL to the address that people use.",
        ),
        (
            settings.SAMSPILL["limits"] == "off",
            "SAMSPILL_LIMITS",
            "Limits of how often something may be done are off.",
            "Remove SAMSPILL_LIMITS, or set it to a file of your own.",
        ),
        (
            bool(settings.SAMSPILL["sandbox_url"]),
            "SAMSPILL_SANDBOX_URL",
            "The stand-ins of the national components are in use.",
            "Remove SAMSPILL_SANDBOX_URL and set the real addresses.",
        ),
    ]


def _clients() -> dict[str, dict[str, str]]:
    return {**settings.SAMSPILL["login"], "maskinporten": settings.SAMSPILL["maskinporten"]}


def _addresses() -> dict[str, str]:
    addresses = {f"{name} issuer": client["issuer"] for name, client in _clients().items()}
    registers = settings.SAMSPILL["registers"]
    addresses.update(
        {
            f"{name} address": of["base_url"]
            for name, of in registers.items()
            if of["base_url"] or name not in OPTIONAL_REGISTERS
        }
    )
    return addresses


def _judge_address(name: str, address: str) -> list[dict[str, str]]:
    parts = urlsplit(address)
    if not address:
        message, remedy = f"The {name} is not set.", "Set it; see docs/run/settings.md."
    elif parts.hostname in _LOOPBACK:
        message, remedy = (
            f"The {name} is on this machine, as the stand-ins are.",
            "Set the real one.",
        )
    elif parts.scheme != "https":
        message, remedy = f"The {name} is not https.", "Use https."
    else:
        return []
    return [{"where": name, "message": message, "remedy": remedy}]


def _judge_database(name: str, database: Mapping[str, Any]) -> list[dict[str, str]]:
    """Refuse a database that is reached over a network without TLS, or without checking whose certificate it is.

    A socket in the file system needs none: nothing leaves the machine (ASVS 12.3.1).
    """
    options = database.get("OPTIONS", {})
    hosts = [
        *str(database.get("HOST", "")).split(","),
        *str(options.get("hostaddr", "")).split(","),
    ]
    if all(not host or host.startswith(("/", "@")) for host in hosts):
        return []
    where = "DATABASE_URL" if name == "default" else f"DATABASE_URL of {name}"
    if options.get("sslmode", os.environ.get("PGSSLMODE", "")) != "verify-full":
        message = "The database is reached over a network without checking its certificate."
        remedy = (
            "Add ?sslmode=verify-full (and sslrootcert=…) to DATABASE_URL, or use a local socket."
        )
    elif options.get("ssl_min_protocol_version") in _OLD_TLS:
        message = "TLS to the database may be older than 1.2."
        remedy = "Leave out ssl_min_protocol_version, or set it to TLSv1.2 or TLSv1.3."
    else:
        return []
    return [{"where": where, "message": message, "remedy": remedy}]
