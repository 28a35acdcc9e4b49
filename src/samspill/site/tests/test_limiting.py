"""Automation is slowed down: each limit by itself, whom it counts, when it ends, and what one is told."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import get_resolver, resolve

from samspill.infra import clock, limits
from samspill.infra.limits import Counter, Limit, Step, network_of
from samspill.kernel.actor import ANONYMOUS, Actor
from samspill.site import limiting

pytestmark = pytest.mark.django_db  # the page says whom to ring, which is looked up
DAY = dt.date(2026, 12, 1)
NEAR, FAR = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Turn the shipped limits on, at an hour that stands still."""
    monkeypatch.setitem(settings.SAMSPILL, "limits", "")
    limiting.counter.forget()
    with clock.frozen(dt.datetime(2026, 12, 1, 12, 0, 30, tzinfo=dt.UTC)):
        yield
    limiting.counter.forget()


SHIPPED = limiting._table("")


def ask(
    route: tuple[str, str], *, actor: Actor = ANONYMOUS, address: str = NEAR, **extra: Any
) -> Any:
    """Put one request through the middleware alone; None when it may go on."""
    method, name = route
    request = RequestFactory(REMOTE_ADDR=address).generic(
        method, "/api/x" if ":" in name else "/x", **extra
    )
    request.actor = actor  # type: ignore[attr-defined]
    request.resolver_match = resolve("/helse/")
    request.resolver_match.view_name = name
    middleware = limiting.LimitMiddleware(lambda _request: pytest.fail("not here"))
    return middleware.process_view(request, None, (), {})


@pytest.mark.parametrize("route", sorted(SHIPPED), ids=" ".join)
def test_each_limit_lets_its_number_through_and_then_says_how_long_to_wait(
    route: tuple[str, str], limited: None
):
    limit = SHIPPED[route]
    step = limit.on(DAY)
    assert step is not None
    person = Actor(kind="citizen", person_id=uuid.UUID(int=1))
    passed = [ask(route, actor=person) for _ in range(step.most)]
    assert set(passed) == {None}
    refused = ask(route, actor=person)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= step.within_s
    if limit.per == "person":
        assert ask(route, actor=Actor(kind="citizen", person_id=uuid.UUID(int=2))) is None, (
            "another person"
        )
    if limit.per == "address":
        assert ask(route, actor=person, address=FAR) is None, "another address"


def test_every_limited_address_exists_and_takes_the_method():
    resolver = get_resolver()
    operations = resolver.namespace_dict["api"][1].reverse_dict
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}
    names |= {f"api:{name}" for name in operations if isinstance(name, str)}
    assert {name for _, name in SHIPPED} <= names
    assert {method for method, _ in SHIPPED} <= {"GET", "POST"}


def test_the_wait_ends_with_the_window():
    limit = Limit("x", (), "person", (Step(DAY, 2, 600),))
    counter = Counter()
    noon = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)
    with clock.frozen(noon):
        assert [counter.wait(limit, "a") for _ in range(3)] == [0, 0, 601]
    with clock.frozen(noon + dt.timedelta(minutes=10)):
        assert counter.wait(limit, "a") == 0


def test_web_processes_count_together_what_must_not_be_guessed():
    limit = Limit("guess", (), "person", (Step(DAY, 3, 600),), shared=True)
    own = Limit("cost", (), "person", (Step(DAY, 3, 600),))
    one, other = Counter(), Counter()
    noon = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)
    with clock.frozen(noon):
        assert [one.wait(limit, "a"), other.wait(limit, "a"), one.wait(limit, "a")] == [0, 0, 0]
        assert other.wait(limit, "a") == 601
        assert other.wait(limit, "b") == 0
        assert [one.wait(own, "a") for _ in range(3)] + [other.wait(own, "a")] == [0] * 4
        assert limits.forget_over() == 0
    with clock.frozen(noon + dt.timedelta(minutes=11)):
        assert other.wait(limit, "a") == 0
        assert limits.forget_over() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'infra_limit_count'")
        assert cursor.fetchone() == ("u",)


def test_what_is_shared_costs_one_statement_and_the_rest_none(django_assert_num_queries: Any):
    steps = (Step(DAY, 3, 600),)
    with clock.frozen(dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)):
        with django_assert_num_queries(1):
            Counter().wait(Limit("guess", (), "person", steps, shared=True), "a")
        with django_assert_num_queries(0):
            Counter().wait(Limit("cost", (), "person", steps), "a")


def test_without_the_database_the_process_counts_alone(monkeypatch: pytest.MonkeyPatch):
    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(limits.sql, "one", away)
    limit, counter = Limit("guess", (), "person", (Step(DAY, 1, 600),), shared=True), Counter()
    with clock.frozen(DAY):
        assert counter.wait(limit, "a") == 0
        assert counter.wait(limit, "a") > 0


def test_the_step_of_the_day_counts():
    steps = (Step(DAY, 1, 60), Step(DAY + dt.timedelta(days=30), 5, 60))
    limit = Limit("x", (), "person", steps)
    assert limit.on(DAY - dt.timedelta(days=1)) is None
    assert limit.on(DAY + dt.timedelta(days=29)) == steps[0]
    assert limit.on(DAY + dt.timedelta(days=30)) == steps[1]


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "_KEPT", 3)
    limit, counter = Limit("x", (), "person", (Step(DAY, 1, 60),)), Counter()
    with clock.frozen(DAY):
        for subject in "abcd":
            counter.wait(limit, subject)
        assert counter.wait(limit, "d") > 0
        assert counter.wait(limit, "a") == 0, "the oldest is forgotten"


def test_no_address_and_no_person_is_kept_or_logged(
    limited: None, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        for _ in range(40):
            ask(("POST", "verify"))
    kept = repr(limiting.counter.__dict__)
    assert NEAR not in kept + caplog.text
    assert "too many: receipt-code" in caplog.text


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("::1", ""),
        ("127.0.0.1", ""),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_what_of_an_address_is_counted(address: str, counted: str):
    assert network_of(address) == counted


def test_behind_front_servers_only_what_they_wrote_is_believed(
    limited: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(settings.SAMSPILL, "proxies", 1)
    for n in range(30):  # the caller writes what it likes in front
        assert ask(("POST", "verify"), headers={"X-Forwarded-For": f"10.0.0.{n}, {NEAR}"}) is None
    again = ask(("POST", "verify"), headers={"X-Forwarded-For": f"198.51.100.1, {NEAR}"})
    assert again.status_code == 429
    assert ask(("POST", "verify"), headers={"X-Forwarded-For": f"{NEAR}, {FAR}"}) is None


def test_an_installation_may_have_its_own_limits_or_none(
    limited: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    own = tmp_path / "limits.yaml"
    own.write_text(
        "- {name: own, routes: [verify], per: address, steps: [{from: 2026-01-01, most: 1, within: P1D}]}"
    )
    monkeypatch.setitem(settings.SAMSPILL, "limits", str(own))
    assert [ask(("POST", "verify")) is None for _ in range(2)] == [True, False]
    monkeypatch.setitem(settings.SAMSPILL, "limits", "off")
    assert [ask(("POST", "verify")) for _ in range(40)] == [None] * 40


def test_a_wrong_limit_is_named():
    with pytest.raises(ValueError, match="per is 'anybody'"):
        limits.read([{"name": "x", "routes": [], "per": "anybody", "steps": []}])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", "for mange ganger"),
        ("nn", "for mange gonger"),
        ("en", "too many times"),
    ],
)
def test_the_page_says_it_in_the_readers_language(limited: None, language: str, words: str):
    client = Client(headers={"Accept-Language": language}, REMOTE_ADDR=NEAR)
    for _ in range(30):
        assert client.post("/verifiser/", {"code": "X"}).status_code == 200
    refused = client.post("/verifiser/", {"code": "X"})
    assert refused.status_code == 429
    assert words in refused.content.decode()
    assert "10 minut" in refused.content.decode()
    assert client.get("/verifiser/").status_code == 200, "looking is not counted"


@pytest.mark.django_db
def test_a_program_is_told_in_json(limited: None):
    client = Client(REMOTE_ADDR=NEAR)
    for _ in range(600):
        ask(("POST", "api:compute"))
    answer = client.post("/api/v1/packages/bostotte/compute", "{}", content_type="application/json")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many"
    assert "minutes" in answer.json()["error"]["remedy"]
