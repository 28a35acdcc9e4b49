"""From environment variables to typed settings, with a clear word when one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

REGISTERS = (
    "folkeregisteret",
    "skatteetaten",
    "nav",
    "lanekassen",
    "matrikkelen",
    "husbanken_loans",
    "krr",
    "enhetsregisteret",
    "fullmakttjenesten",
)
OPTIONAL_REGISTERS = ("doedsbo", "nav_fullmakt", "altinn", "helsenorge")
"""Sources of mandates that an installation may be without: what they alone know is then answered by hand."""

_SANDBOX_PATHS = {
    "folkeregisteret": "/folkeregisteret",
    "skatteetaten": "/skatteetaten",
    "nav": "/nav",
    "lanekassen": "/lanekassen",
    "matrikkelen": "/matrikkelen",
    "husbanken_loans": "/husbanken",
    "krr": "/krr",
    "enhetsregisteret": "/enhetsregisteret",
    "fullmakttjenesten": "/fullmakt",
    "doedsbo": "/doedsbo",
    "altinn": "/altinn",
}


class SettingsError(Exception):
    """A setting is wrong: the variable, why, and what to write instead."""

    def __init__(self, variable: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.variable, self.remedy = variable, remedy


# What is prepared by name (`infra.prepared`) are look-ups by key: planned once, whatever the values. PostgreSQL would
# else plan a long one anew for each set of values, which costs it several times the answer.
_PLANS = "-c plan_cache_mode=force_generic_plan"
SECRETS = {
    "SAMSPILL_SECRET_KEY": "SAMSPILL_SECRET_KEY_FILE",
    "DATABASE_URL": "DATABASE_URL_FILE",
    "SAMSPILL_APP_DATABASE_URL": "SAMSPILL_APP_DATABASE_URL_FILE",
    "SAMSPILL_JOB_DATABASE_URL": "SAMSPILL_JOB_DATABASE_URL_FILE",
    "SAMSPILL_ALTINN_SUBSCRIPTION_KEY": "SAMSPILL_ALTINN_SUBSCRIPTION_KEY_FILE",
}
"""Settings that are secrets, and what may name a file with each instead, as a vault mounts it."""


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with each secret that is kept in a file read from it; the process's own is left as it is.

    Raises:
        SettingsError: a secret is given both ways, or its file cannot be read or is empty.
    """
    found = dict(environment)
    for name, variable in SECRETS.items():
        if path := environment.get(variable, ""):
            if environment.get(name):
                message = f"{name} and {variable} are both set."
                raise SettingsError(variable, message, "Set one of them.")
            found[name] = _read_secret(variable, path)
    return found


def _read_secret(variable: str, path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        message = f"The file that {variable} names cannot be read ({kind})."
        raise SettingsError(variable, message, "Let the process's user read it.") from error
    if not secret:
        message = f"The file that {variable} names is empty."
        raise SettingsError(variable, message, "Write the secret into it.")
    return secret


_CONNECT_S = "5"
ROLES = {"app": "samspill_app", "job": "samspill_job"}


def database_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the database settings of this process: as the web, as a job, or (else) as the owner, who migrates.

    `SAMSPILL_DATABASE_ROLE` is said by the process itself (`app`, `job`; with `-once` by a command that ends soon and
    needs no pool). Where the operator gives the web or the jobs an address of their own
    (`SAMSPILL_APP_DATABASE_URL`, `SAMSPILL_JOB_DATABASE_URL`), it is used.
    """
    kind, _, once = environment.get("SAMSPILL_DATABASE_ROLE", "").partition("-")
    own = {"app": "SAMSPILL_APP_DATABASE_URL", "job": "SAMSPILL_JOB_DATABASE_URL"}.get(kind, "")
    url = environment.get(own) or environment.get("DATABASE_URL", "")
    found = database(url, role=ROLES.get(kind, ""))
    if once:  # a pool tries anew until its time is out, and then does not say why
        found["OPTIONS"].pop("pool")
        found["OPTIONS"].setdefault("connect_timeout", _CONNECT_S)
    return found


def database(url: str, *, role: str = "") -> dict[str, Any]:
    """Return Django's database settings of a `postgresql://` address; without one, a place-holder.

    `role`: the role that each connection takes on when it is made, which its user must be a member of.
    The place-holder makes commands that need no database work; the first query says what is missing.
    """
    parts = urlsplit(url or "postgresql:///samspill")
    remedy = "Write postgresql://user:password@host:5432/name (PostgreSQL 15 or later)."
    if parts.scheme not in {"postgres", "postgresql"}:
        message = f"DATABASE_URL begins with {parts.scheme!r}, which is not PostgreSQL."
        raise SettingsError("DATABASE_URL", message, remedy)
    try:
        port = str(parts.port or "")
    except ValueError:
        message = "The port of DATABASE_URL is not a number between 1 and 65535."
        raise SettingsError("DATABASE_URL", message, remedy) from None
    query = dict(parse_qsl(parts.query))
    said = [query.get("options", ""), _PLANS, f"-c role={role}" if role else ""]
    query["options"] = " ".join(filter(None, said))
    host = query.pop("host", None) or parts.hostname or ""
    pool = {"min_size": 0, "max_size": 16, "timeout": 10}
    prepared = int(
        query.pop("prepare_threshold", "5")
    )  # `infra.sql` keeps its plans on each connection
    options: dict[str, Any] = {**query, "pool": pool, "prepare_threshold": prepared}
    return {
        "ENGINE": "samspill.infra.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or "samspill",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
    }


def components(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return addresses and keys of the national components.

    `SAMSPILL_SANDBOX_URL` fills all of them with the stand-ins' addresses; each can be overridden by its
    own variable (`SAMSPILL_FOLKEREGISTERET_URL` …). Without either, an address is empty and the first
    call says which variable is missing.
    """
    sandbox = environment.get("SAMSPILL_SANDBOX_URL", "").rstrip("/")
    keys = environment.get("SAMSPILL_KEYS", "")

    def of(name: str, default: str = "") -> str:
        return environment.get(f"SAMSPILL_{name}", default)

    def under(path: str) -> str:
        return f"{sandbox}{path}" if sandbox else ""

    def client(name: str, path: str, acr_prefix: str) -> dict[str, str]:
        return {
            "issuer": of(f"{name}_ISSUER", under(path)),
            "client_id": of(f"{name}_CLIENT_ID", "samspill"),
            "key_file": of(f"{name}_KEY", f"{keys}/client.pem" if keys else ""),
            "acr_prefix": acr_prefix,
        }

    registers = {
        name: {"base_url": of(f"{name.upper()}_URL", _stand_in(under, name))}
        for name in (*REGISTERS, *OPTIONAL_REGISTERS)
    }
    registers["altinn"] |= {
        "subscription_key": of("ALTINN_SUBSCRIPTION_KEY", "stand-in" if sandbox else ""),
        "resources": of("ALTINN_RESOURCES"),
    }
    return {
        "sandbox_url": sandbox,
        "login": {
            "citizen": client("IDPORTEN", "/idporten", "idporten-loa-"),
            "employee": client("ANSATTPORTEN", "/ansattporten", ""),
        },
        "maskinporten": client("MASKINPORTEN", "/maskinporten/", ""),
        "registers": registers,
    }


def _stand_in(under: Callable[[str], str], name: str) -> str:
    """Return the address of a component's stand-in; empty when there is none."""
    path = _SANDBOX_PATHS.get(name, "")
    return under(path) if path else ""
