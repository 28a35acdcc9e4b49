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
from samspill.kernel.outcome import Refused
from samspill.site.preparing import changed_static_files

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MIN_SECRET = 50
_SHORTEST_ACCEPTANCE = 20
_OTHERS = stat.S_IRWXO
_OLD_TLS = {"TLSv1", "TLSv1.1"}
_OWN = "Set %(variable)s to the component's own address; see docs/run/settings.md."
_PROVIDERS = {"citizen": "IDPORTEN", "employee": "ANSATTPORTEN", "maskinporten": "MASKINPORTEN"}


def refusals(*, serves: bool = True) -> list[Refused]:
    """Return everything that is not safe for production: where, message, remedy. Empty is good.

    `serves`: this process gives out pages; a worker needs no static files. Needs `django.setup()`.
    """
    found = [
        _refusal(where, message, remedy, given=repr(settings.SAMSPILL["environment"]))
        for unsafe, where, message, remedy in _installation()
        if unsafe
    ]
    for name, (variable, address) in _addresses().items():
        found += _judge_address(name, variable, address)
    for name, client in _clients().items():
        if not client["key_file"] or not Path(client["key_file"]).exists():
            message = "The private key of %(name)s is missing."
            remedy = "Set %(variable)s to its key file; see docs/run/settings.md."
            variable = f"SAMSPILL_{_PROVIDERS[name]}_KEY"
            found.append(_refusal(f"{name} key", message, remedy, name=name, variable=variable))
    for name, database in settings.DATABASES.items():
        found += _judge_database(name, database)
    found += _of_number_keys() + _of_secret_files() + _of_scanning() + _of_altinn()
    found += _of_static_files() if serves else []
    if not (Path(settings.SAMSPILL["keys"]) / "log.pem").exists():
        message = "The key that signs the access log's roots is missing."
        remedy = "Make it: openssl genpkey -algorithm ed25519 -out log.pem, in SAMSPILL_KEYS."
        found.append(_refusal("log.pem", message, remedy))
    return found


def _of_number_keys() -> list[Refused]:
    """Judge the file of keys that national numbers are encrypted with."""
    path = keyring.key_file()
    make = "Make it with `samspill keys make`, or put back the one the database was used with."
    if not path.exists():
        return [_refusal(path.name, "The keys of national numbers are missing.", make)]
    try:
        ring = keyring.read_file(path)
    except KeyringError as error:
        told = error.refused
        return [_refusal(path.name, told.message, told.remedy or make, **told.values)]
    found = []
    if path.stat().st_mode & _OTHERS:
        message = "Everybody on the machine can read or write the keys of national numbers."
        found.append(_refusal(path.name, message, "chmod 600 numbers.keys"))
    if any(key.is_local for key in ring.keys):
        message = "The keys of national numbers were made for trying out (local-…)."
        found.append(_refusal(path.name, message, make))
    return found


def _of_secret_files() -> list[Refused]:
    """Refuse a secret in a file that everybody on the machine can read or write (ASVS 13.3.1)."""
    found = []
    for name, variable in SECRETS.items():
        path = os.environ.get(variable, "")
        if path and Path(path).stat().st_mode & _OTHERS:
            message = "Everybody on the machine can read or write the file of %(name)s."
            remedy = "chmod 400, owned by the process's user"
            found.append(_refusal(variable, message, remedy, name=name))
    return found


def _of_scanning() -> list[Refused]:
    """Refuse uploads that nobody scans for malware, unless somebody has accepted it in writing (ASVS 5.4.3)."""
    said = settings.SAMSPILL
    if said["clamd"] or len(said["unscanned"]) >= _SHORTEST_ACCEPTANCE:
        return []
    message = "Files that people send are not scanned for malware."
    remedy = "Set SAMSPILL_CLAMD, or write in SAMSPILL_FILES_UNSCANNED who has accepted the risk, when and why."
    return [_refusal("SAMSPILL_CLAMD", message, remedy)]


def _of_static_files() -> list[Refused]:
    """Refuse static files that were not collected, or not since they changed: pages would have no style or script."""
    old = sum(1 for _ in changed_static_files())
    named = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if named and not old:
        return []
    message = "The static files are not collected."
    if named:
        message = "Static files that are not collected as this version has them: %(old)s."
    remedy = (
        "Run `python -m django collectstatic --noinput`, with the SAMSPILL_STATIC that is served."
    )
    return [_refusal("SAMSPILL_STATIC", message, remedy, old=old)]


def _of_altinn() -> list[Refused]:
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
    message, reason = "Altinn is connected, but has no resource of ours.", ""
    try:
        registered = sources.registered()
    except ValueError as error:
        registered, message, reason = (
            {},
            "Altinn's resources cannot be used: %(reason)s",
            str(error),
        )
    if not registered:
        remedy = "Name a file of registered resources in SAMSPILL_ALTINN_RESOURCES, or unset SAMSPILL_ALTINN_URL."
        found.append(_refusal("SAMSPILL_ALTINN_RESOURCES", message, remedy, reason=reason))
    return found


def _refusal(where: str, message: str, remedy: str, **values: Any) -> Refused:
    return Refused("unsafe", message, where=where, remedy=remedy, values=values)


def _installation() -> list[tuple[bool, str, str, str]]:
    """Return (unsafe, where, message, remedy) of the installation itself."""
    said = with_secrets(os.environ)
    return [
        (
            settings.SAMSPILL["environment"] != "production",
            "SAMSPILL_ENV",
            "SAMSPILL_ENV is %(given)s.",
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


def _addresses() -> dict[str, tuple[str, str]]:
    """Return the addresses of the national components by name, each with the variable that sets it."""
    addresses = {
        f"{name} issuer": (f"SAMSPILL_{_PROVIDERS[name]}_ISSUER", client["issuer"])
        for name, client in _clients().items()
    }
    registers = settings.SAMSPILL["registers"]
    addresses.update(
        {
            f"{name} address": (f"SAMSPILL_{name.upper()}_URL", of["base_url"])
            for name, of in registers.items()
            if of["base_url"] or name not in OPTIONAL_REGISTERS
        }
    )
    return addresses


def _judge_address(name: str, variable: str, address: str) -> list[Refused]:
    try:
        parts = urlsplit(address)
    except ValueError:
        message = "%(variable)s is not an address."
        return [_refusal(name, message, _OWN, variable=variable)]
    if not address:
        message, remedy = "%(variable)s is not set.", _OWN
    elif parts.hostname in _LOOPBACK:
        message, remedy = "%(variable)s is on this machine, as the stand-ins are.", _OWN
    elif parts.scheme != "https":
        message, remedy = "%(variable)s is not https.", "Give an address that begins with https://."
    else:
        return []
    return [_refusal(name, message, remedy, variable=variable)]


def _judge_database(name: str, database: Mapping[str, Any]) -> list[Refused]:
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
    return [_refusal(where, message, remedy)]
