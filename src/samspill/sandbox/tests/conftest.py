"""One sandbox for the room's tests, made normal before each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest
from joserfc.jwk import RSAKey

from samspill.sandbox.testing import Running, start

REDIRECT = "http://127.0.0.1:9/svar"
AFTER_LOGOUT = "http://127.0.0.1:9/farvel"


@pytest.fixture(scope="session")
def the_sandbox() -> Iterator[Running]:
    running = start(households=400)
    yield running
    running.stop()


@pytest.fixture
def sandbox(the_sandbox: Running) -> Running:
    the_sandbox.reset()
    return the_sandbox


@pytest.fixture
def http(sandbox: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def client_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "client-1"})
