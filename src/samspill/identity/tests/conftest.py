"""A sandbox over HTTP, and a browser that logs in through it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client

from samspill.identity import service
from samspill.identity.adapters import providers
from samspill.infra.http import reset_circuits
from samspill.sandbox import testing
from samspill.sandbox.population import STAFF

BASE = "http://testserver"
OSLO_KOMMUNE = uuid.uuid5(uuid.NAMESPACE_URL, "a municipality")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.Running]:
    started = testing.start(households=60, seed=7)
    yield started
    started.stop()


@pytest.fixture
def sandbox(running: testing.Running, settings, tmp_path_factory) -> Iterator[testing.Running]:
    keys = tmp_path_factory.getbasetemp() / "keys"
    login = {
        "citizen": {
            "issuer": f"{running.base_url}/idporten",
            "client_id": "samspill",
            "key_file": str(keys / "client.pem"),
            "acr_prefix": "idporten-loa-",
        },
        "employee": {
            "issuer": f"{running.base_url}/ansattporten",
            "client_id": "samspill",
            "key_file": str(keys / "client.pem"),
            "acr_prefix": "",
        },
    }
    settings.SAMSPILL = {**settings.SAMSPILL, "login": login, "base_url": BASE}
    running.reset()
    reset_circuits()
    running.register_client(
        client_id="samspill",
        redirect_uris=[service.redirect_uri("citizen"), service.redirect_uri("employee")],
        post_logout_redirect_uris=[f"{BASE}/logget-ut/"],
        frontchannel_logout_uri=f"{BASE}/logg-ut/front/",
        jwks=service.published_keys(),
    )
    service.use_directory(directory)
    yield running
    service._directory.clear()


def directory(org_no: str) -> service.Organisation | None:
    """Know every organisation of the sandbox's staff: municipalities, the state's, and KS."""
    names = {r.org_no: r.name for member in STAFF for r in member.reportees}
    if org_no not in names:
        return None
    name = names[org_no]
    kind = "municipality" if name.endswith(" kommune") else "agency"
    kind = "association" if name.startswith("KS") else kind
    municipality = OSLO_KOMMUNE if kind == "municipality" else None
    return service.Organisation(org_no, name, kind, municipality)


class Browser:
    """A browser that can log in at the sandbox."""

    def __init__(self, sandbox: testing.Running) -> None:
        self.sandbox, self.client = sandbox, Client()

    def answer(
        self, national_id: str, *, profile="citizen", level="high", path="", **choice
    ) -> str:
        """Begin a login and choose a person; return the path the provider sends the browser back to."""
        begun = self.client.get(
            path or {"citizen": "/logg-inn/person/", "employee": "/logg-inn/ansatt/"}[profile]
        )
        assert begun.status_code == 302, begun.content.decode()[:2000]
        back = urlsplit(self.sandbox.sign_in(begun["Location"], national_id, level, **choice))
        return f"{back.path}?{back.query}"

    def log_in(self, national_id: str, **how):
        return self.client.get(self.answer(national_id, **how))


@pytest.fixture
def browser(sandbox) -> Browser:
    return Browser(sandbox)


@pytest.fixture
def citizen(sandbox) -> str:
    return sandbox.population.persons[0].national_id


def staff(of: int):
    """Return a member of staff with this many organisations."""
    return next(member for member in STAFF if len(member.reportees) == of)


@pytest.fixture
def provider(sandbox):
    return providers.provider_for("citizen")
