"""From environment variables to typed settings, with a clear word when one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from samspill.kernel.outcome import ToldError

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


class SettingsError(ToldError):
    """A setting is wrong: the variable, why, and what to write instead."""

    code = "bad_settings"

    def __init__(self, variable: str, message: str, remedy: str, **values: Any) -> None:
        super().__init__(message, remedy, where=variable, variable=variable, **values)
        self.variable = variable


def one_of(environment: Mapping[str, str], variable: str, allowed: tuple[str, ...]) -> str:
    """Return a setting that is one of some words; the first where it is not set.

    Raises:
        SettingsError: it is another word.
    """
    found = environment.get(variable) or allowed[0]
    if found not in allowed:
        raise SettingsError(
            variable,
            "%(variable)s is %(given)s, which is not one of its words.",
            "Set it to one of these, or remove it: %(allowed)s.",
            given=repr(found),
            allowed=", ".join(allowed),
        )
    return found


def whole_number(environment: Mapping[str, str], variable: str, default: int) -> int:
    """Return a setting that is a number, 0 or more.

    Raises:
        SettingsError: it is something else.
    """
    found = environment.get(variable) or str(default)
    if not (found.isascii() and found.isdecimal() and len(found) < _LONGEST_NUMBER):
        raise SettingsError(
            variable,
            "%(variable)s is %(given)s, which is not a whole number.",
            "Set it to a whole number from 0, or remove it; then it is %(default)s.",
            given=repr(found[:40]),
            default=default,
        )
    return int(found)


def web_address(environment: Mapping[str, str], variable: str, default: str) -> str:
    """Return a setting that is the address of a site.

    Raises:
        SettingsError: it is none.
    """
    found = environment.get(variable) or default
    parts = _split(found)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            variable,
            "%(variable)s is not the address of a site.",
            "Write it whole, as https://samspill.example.no.",
        )
    return found


def _split(address: str) -> SplitResult | None:
    """Return an address in its parts; None when it is none."""
    try:
        return urlsplit(address)
    except ValueError:  # a bracket that is never shut, or a host that Unicode makes another of
        return None


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
                message = "%(name)s and %(variable)s are both set."
                raise SettingsError(variable, message, "Set one of them.", name=name)
            found[name] = _read_secret(variable, path)
    return found


def _read_secret(variable: str, path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = "The file that %(variable)s names cannot be read: %(reason)s"
        remedy = "Give the path of a text file that the process's user can read."
        raise SettingsError(variable, message, remedy, reason=_reason(error)) from error
    if not secret:
        message = "The file that %(variable)s names is empty."
        raise SettingsError(variable, message, "Write the secret into it.")
    return secret


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else "it is not UTF-8"


_CONNECT_S = "5"
_LONGEST_NUMBER = 10
ROLES = {"app": "samspill_app", "job": "samspill_job"}


def database_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the database settings of this process: as the web, as a job, or (else) as the owner, who migrates.

    `SAMSPILL_DATABASE_ROLE` is said by the process itself (`app`, `job`; with `-once` by a command that ends soon and
    needs no pool). Where the operator gives the web or the jobs an address of their own
    (`SAMSPILL_APP_DATABASE_URL`, `SAMSPILL_JOB_DATABASE_URL`), it is used.
    """
    kind, _, once = environment.get("SAMSPILL_DATABASE_ROLE", "").partition("-")
    own = {"app": "SAMSPILL_APP_DATABASE_URL", "job": "SAMSPILL_JOB_DATABASE_URL"}.get(kind, "")
    variable = own if environment.get(own) else "DATABASE_URL"
    found = database(environment.get(variable, ""), role=ROLES.get(kind, ""), variable=variable)
    if once:  # a pool tries anew until its time is out, and then does not say why
        found["OPTIONS"].pop("pool")
        found["OPTIONS"].setdefault("connect_timeout", _CONNECT_S)
    return found


def database(url: str, *, role: str = "", variable: str = "DATABASE_URL") -> dict[str, Any]:
    """Return Django's database settings of a `postgresql://` address; without one, a place-holder.

    `role`: the role that each connection takes on when it is made, which its user must be a member of.
    `variable`: what the address is called when something is wrong with it.
    The place-holder makes commands that need no database work; the first query says what is missing.
    """
    parts, port = _parts_of_database(url or "postgresql:///samspill", variable)
    query = dict(parse_qsl(parts.query))
    said = [query.get("options", ""), _PLANS, f"-c role={role}" if role else ""]
    query["options"] = " ".join(filter(None, said))
    host = query.pop("host", None) or parts.hostname or ""
    pool = {"min_size": 0, "max_size": 16, "timeout": 10}
    # `infra.sql` keeps its plans on each connection
    prepared = whole_number({variable: query.pop("prepare_threshold", "")}, variable, 5)
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


def _parts_of_database(url: str, variable: str) -> tuple[SplitResult, str]:
    """Return the parts of a database's address, and its port; what is wrong is said without the address itself."""
    remedy = "Write postgresql://user:password@host:5432/name (PostgreSQL 15 or later)."
    parts = _split(url)
    if parts is None:
        message = "%(variable)s is no address: a bracket in it is never shut."
        raise SettingsError(variable, message, remedy)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = "%(variable)s does not begin with postgresql://."
        raise SettingsError(variable, message, remedy)
    try:
        return parts, str(parts.port or "")
    except ValueError:
        message = "The port of %(variable)s is not a number between 1 and 65535."
        raise SettingsError(variable, message, remedy) from None


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
