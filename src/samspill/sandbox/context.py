"""What every handler gets: the world, the providers, Maskinporten, the switches."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

import attrs
from werkzeug.wrappers import Request

from samspill.sandbox.clients import Client, Clients
from samspill.sandbox.households import HUSBANKEN
from samspill.sandbox.maskinporten import Maskinporten
from samspill.sandbox.oidc import ANSATTPORTEN, ID_PORTEN, Provider
from samspill.sandbox.population import Population
from samspill.sandbox.switches import Switches
from samspill.sandbox.world import World

_PREFIX = "SAMSPILL_SANDBOX_"


class ConfigError(ValueError):
    """The environment cannot be used. Says which name and what to write."""


@attrs.frozen
class Config:
    """How one sandbox is set up."""

    base_url: str = ""
    seed: int = 1
    households: int = 3000
    clients: tuple[Client, ...] = ()
    clock: Callable[[], float] = time.time

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read the set-up from the environment.

        Raises:
            ConfigError: when a number is not a number.

        """
        return cls(
            base_url=environ.get(f"{_PREFIX}BASE_URL", "").rstrip("/"),
            seed=_number(environ, "SEED", 1),
            households=_number(environ, "HOUSEHOLDS", 3000),
            clients=(_client(environ),),
        )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(_PREFIX + name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        msg = f"{_PREFIX}{name} is '{value}'. Write a whole number, for instance {default}."
        raise ConfigError(msg)
    return int(value)


def _client(environ: Mapping[str, str]) -> Client:
    def value(name: str) -> str | None:
        return environ.get(_PREFIX + name) or None

    return Client(
        client_id=value("CLIENT_ID") or "samspill",
        redirect_uris=tuple((value("REDIRECT_URIS") or "").split()),
        post_logout_redirect_uris=tuple((value("POST_LOGOUT_REDIRECT_URIS") or "").split()),
        frontchannel_logout_uri=value("FRONTCHANNEL_LOGOUT_URI"),
        backchannel_logout_uri=value("BACKCHANNEL_LOGOUT_URI"),
        jwks_file=value("CLIENT_JWKS_FILE"),
        jwks_uri=value("CLIENT_JWKS_URI"),
        org_no=value("CLIENT_ORG") or HUSBANKEN,
    )


class Sandbox:
    """Everything the handlers share."""

    def __init__(self, config: Config, population: Population) -> None:
        self.config = config
        self.population = population
        self.world = World(population)
        self.switches = Switches()
        self.clients = Clients(config.clients)
        self.providers = {
            profile.name: Provider(profile, self.clients, clock=config.clock)
            for profile in (ID_PORTEN, ANSATTPORTEN)
        }
        self.maskinporten = Maskinporten(self.clients, clock=config.clock)

    def base_url(self, request: Request) -> str:
        """Give the address of this sandbox, without a slash at the end."""
        return self.config.base_url or request.url_root.rstrip("/")

    def issuer(self, name: str, request: Request) -> str:
        """Give the issuer of a provider; Maskinporten's ends with a slash."""
        slash = "/" if name == "maskinporten" else ""
        return f"{self.base_url(request)}/{name}{slash}"
