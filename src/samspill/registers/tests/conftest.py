"""A sandbox over HTTP, and a Samspill that knows no other registers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from joserfc.jwk import RSAKey

from samspill.infra import http
from samspill.registers.adapters import clients, payers
from samspill.sandbox import testing

PATHS = {
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
CLIENT_ID = "registers-test"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "client.pem"
    key = RSAKey.generate_key(2048, private=True)
    path.write_bytes(key.as_pem(private=True))
    return path


@pytest.fixture(scope="session")
def running(key_file: Path) -> Iterator[testing.Running]:
    sandbox = testing.start(households=150, seed=1)
    key = RSAKey.import_key(key_file.read_text("ascii"))
    key.ensure_kid()
    jwks = {"keys": [key.as_dict(private=False)]}
    sandbox.register_client(client_id=CLIENT_ID, jwks=jwks)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running: testing.Running, key_file: Path) -> Iterator[testing.Running]:
    """A sandbox where everything is normal, and settings that lead there."""
    before = copy.deepcopy(settings.SAMSPILL)
    settings.SAMSPILL["maskinporten"] = {
        "issuer": f"{running.base_url}/maskinporten/",
        "client_id": CLIENT_ID,
        "key_file": str(key_file),
    }
    settings.SAMSPILL["registers"] = {
        name: {"base_url": running.base_url + path} for name, path in PATHS.items()
    }
    settings.SAMSPILL["registers"]["altinn"]["subscription_key"] = "key"
    _forget()
    running.reset()
    yield running
    running.reset()
    settings.SAMSPILL.clear()
    settings.SAMSPILL.update(before)
    _forget()


def _forget() -> None:
    clients.close_all()
    payers.forget()
    http.reset_circuits()
