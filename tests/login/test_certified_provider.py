"""The whole login against a certified provider of others: PAR, PKCE, private_key_jwt, `iss`, log-out both ways."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from samspill.identity import service
from samspill.identity.models import Session
from samspill.infra.http import reset_circuits
from samspill.kernel.actor import system
from samspill.sandbox.population import build
from tests.login import certified
from tests.login.certified import Visitor

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(certified.node() is None, reason="no Node.js on this machine"),
]
HIGH, SUBSTANTIAL = "idporten-loa-high", "idporten-loa-substantial"


@pytest.fixture
def pid() -> str:
    """The number of somebody made up."""
    return build(households=3, seed=7).persons[0].national_id


@pytest.fixture
def issuer(
    live_server: Any, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A provider that knows our client, and our site at an address it can reach."""
    keys = tmp_path_factory.getbasetemp() / "certified.pem"
    login = {"client_id": "samspill", "key_file": str(keys), "acr_prefix": "idporten-loa-"}
    profiles = {"citizen": {**login, "issuer": ""}, "employee": {**login, "issuer": ""}}
    settings.SAMSPILL = {**settings.SAMSPILL, "login": profiles, "base_url": live_server.url}
    with certified.running(
        redirect_uris=[service.redirect_uri("citizen")],
        post_logout_redirect_uris=[f"{live_server.url}/logget-ut/"],
        backchannel_logout_uri=f"{live_server.url}/logg-ut/bak/",
        jwks=service.published_keys(),
    ) as started:
        profiles["citizen"]["issuer"] = started
        reset_circuits()
        yield started


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """A browser, closed when the test is over."""
    opened = Visitor()
    yield opened
    opened.there.close()


def open_sessions() -> Any:
    return Session.objects.filter(ended_at__isnull=True)


def test_a_person_logs_in_and_gets_the_level_that_was_used(
    visitor: Visitor, issuer: str, pid: str
) -> None:
    answer = visitor.log_in(pid=pid, acr=SUBSTANTIAL, path="/logg-inn/person/?next=/min-side/")
    assert (answer.status_code, answer["Location"]) == (302, "/min-side/")
    session = open_sessions().get()
    assert (session.level, session.issuer) == ("substantial", issuer)
    number = service.national_id_of(session.person_id, actor=system("test"), purpose="test")
    assert number.value == pid
    assert session.sid


def test_a_level_below_the_one_that_is_needed_is_refused_and_says_how_to_go_on(
    visitor: Visitor, issuer: str, pid: str
) -> None:
    answer = visitor.log_in(pid=pid, acr=SUBSTANTIAL, path="/logg-inn/person/?nivaa=high")
    assert answer.status_code == 403
    assert "sterkere innlogging" in answer.content.decode()
    assert not open_sessions().exists()


def test_a_step_up_asks_again_at_the_same_provider(visitor: Visitor, issuer: str, pid: str) -> None:
    visitor.log_in(pid=pid, acr=SUBSTANTIAL)
    answer = visitor.log_in(pid=pid, acr=HIGH, path="/logg-inn/person/?nivaa=high")
    assert answer.status_code == 302
    assert open_sessions().get().level == "high"


def test_somebody_without_a_number_is_told_where_to_turn(visitor: Visitor, issuer: str) -> None:
    answer = visitor.log_in()
    assert answer.status_code == 403
    assert "/uten-e-id/" in answer.content.decode()
    assert not open_sessions().exists()


def test_a_code_that_was_used_is_refused_by_the_provider_and_by_us(
    visitor: Visitor, issuer: str, pid: str
) -> None:
    first = visitor.answer(pid=pid)
    assert visitor.client.get(first).status_code == 302
    fresh = visitor.answer(pid=pid)
    code = re.search(r"code=([^&]+)", first)
    assert code is not None
    replayed = re.sub(r"code=[^&]+", f"code={code[1]}", fresh)
    answer = visitor.client.get(replayed)
    assert answer.status_code == 403
    assert "innloggingen lyktes ikke" in answer.content.decode().lower()


def test_a_person_who_changes_their_mind_comes_back_with_a_way_on(
    visitor: Visitor, issuer: str
) -> None:
    answer = visitor.log_in(cancel="1")
    assert answer.status_code == 200
    assert "/logg-inn/person/?" in answer.content.decode()


def test_logging_out_everywhere_ends_every_session_of_the_login(
    visitor: Visitor, issuer: str, pid: str
) -> None:
    visitor.log_in(pid=pid)
    other = Visitor()
    other.there.cookies = visitor.there.cookies  # the same browser at the provider
    other.log_in(pid=pid)
    page = visitor.client.post("/logg-ut/").content.decode()
    assert open_sessions().count() == 1
    action = re.search(rf'action="({issuer}[^"]*)"', page)
    assert action is not None
    asked = visitor.there.post(action[1], data=fields(page))
    assert "logout" in asked.text, asked.text
    visitor.there.post(f"{action[1]}/confirm", data={**fields(asked.text), "logout": "yes"})
    _wait_until(lambda: not open_sessions().exists())
    assert other.client.get("/").wsgi_request.actor.kind == "anonymous"  # type: ignore[attr-defined]
    other.there.close()


def fields(page: str) -> dict[str, str]:
    """Read the hidden fields of the last form of a page."""
    form = page[page.rindex("<form") :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def _wait_until(true: Any) -> None:
    """Wait for what comes over HTTP from another process."""
    for _ in range(100):
        if true():
            return
        time.sleep(0.1)
    message = "it never came"
    raise AssertionError(message)
