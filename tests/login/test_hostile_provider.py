"""A provider that lies is not believed: no session, a page with a way on, and a line in the log without the person."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from samspill.identity import service
from samspill.identity.models import LoginAttempt, Session
from samspill.infra.http import reset_circuits
from samspill.kernel.actor import system
from samspill.sandbox.population import build
from tests.login import hostile
from tests.login.hostile import Hostile

pytestmark = pytest.mark.django_db
RETURN = "/logg-inn/person/retur/"
#: Each lie, the status of the page, and what the log calls it.
LIES = {
    "issuer of the answer": (403, "issuer_mismatch"),
    "no issuer in the answer": (403, "issuer_mismatch"),
    "state": (400, "attempt_unknown"),
    "issuer of the token": (403, "token_invalid"),
    "audience": (403, "token_invalid"),
    "two audiences, asked by another": (403, "token_invalid"),
    "nonce": (403, "token_invalid"),
    "expired": (403, "token_invalid"),
    "from the future": (403, "token_invalid"),
    "no subject": (403, "token_invalid"),
    "alg none": (403, "token_invalid"),
    "another key": (403, "token_invalid"),
    "no token": (403, "token_invalid"),
    "replayed code": (403, "code_refused"),
    "level": (403, "level_too_low"),
    "level of another kind": (403, "level_too_low"),
}


@pytest.fixture(scope="module")
def pid() -> str:
    """The number of somebody made up."""
    return build(households=3, seed=7).persons[0].national_id


@pytest.fixture(scope="module")
def running(pid: str) -> Iterator[Hostile]:
    with hostile.running(pid) as started:
        yield started


@pytest.fixture
def provider(running: Hostile, settings: Any, tmp_path: Any) -> Iterator[Hostile]:
    """The provider as our site is set up to trust it; honest until a test says otherwise."""
    own = {
        "issuer": running.issuer,
        "client_id": "samspill",
        "key_file": str(tmp_path / "client.pem"),
        "acr_prefix": "idporten-loa-",
    }
    settings.SAMSPILL = {
        **settings.SAMSPILL,
        "login": {**settings.SAMSPILL["login"], "citizen": own},
    }
    reset_circuits()
    running.lie = ""
    yield running
    reset_circuits()


def log_in(provider: Hostile) -> tuple[Client, Any]:
    """Begin a login, and come back with what the provider sends."""
    client = Client()
    assert client.get("/logg-inn/person/").status_code == 302
    return client, client.get(f"{RETURN}?{provider.answer()}")


def test_the_same_provider_is_believed_when_it_does_not_lie(provider: Hostile, pid: str) -> None:
    _client, answer = log_in(provider)
    assert answer.status_code == 302
    person_id = Session.objects.get(ended_at__isnull=True).person_id
    number = service.national_id_of(person_id, actor=system("test"), purpose="test")
    assert number.value == pid


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_with_a_page_and_a_line(
    provider: Hostile, pid: str, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    provider.lie = lie
    with caplog.at_level(logging.INFO):
        client, answer = log_in(provider)
    status, code = LIES[lie]
    page = answer.content.decode()
    assert answer.status_code == status
    assert "/uten-e-id/" in page
    assert "/logg-inn/person/" in page
    assert not Session.objects.exists()
    assert client.get("/").wsgi_request.actor.kind == "anonymous"  # type: ignore[attr-defined]
    said = [record.getMessage() for record in caplog.records]
    assert any(line.startswith(f"login refused: {code}") for line in said)
    for secret in (pid, provider.pushed["nonce"], provider.pushed["state"]):
        assert not any(secret in line for line in said)
        assert secret not in page


def test_metadata_of_another_issuer_never_leave_our_site(provider: Hostile) -> None:
    provider.lie = "issuer of the metadata"
    answer = Client().get("/logg-inn/person/")
    assert answer.status_code == 503
    assert "/uten-e-id/" in answer.content.decode()
    assert not LoginAttempt.objects.exists()


def test_an_answer_that_is_used_twice_gives_one_session(provider: Hostile) -> None:
    client, first = log_in(provider)
    again = client.get(f"{RETURN}?{provider.answer()}")
    assert (first.status_code, again.status_code) == (302, 400)
    assert Session.objects.filter(ended_at__isnull=True).count() == 1
