"""When a component last answered: written by the look-ups, seldom, without waiting, and with nothing about anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from django.db import connection, connections, transaction

from samspill.infra import clock
from samspill.infra.http import ComponentError
from samspill.kernel.actor import system
from samspill.kernel.ids import NationalId
from samspill.registers import health, service
from samspill.registers.adapters.directory import REGISTERS
from samspill.registers.domain.reading import WireError
from samspill.registers.service import Declaration

NOBODY = NationalId.parse("17912099997", allow_synthetic=True, allow_real=False)
DECLARED = Declaration("service", "1", "facts", "nav.benefits", "lov § 1", "decide")


@attrs.define
class Nav:
    """A register that answers, or fails as it is told."""

    fault: Exception | None = None

    def fetch(self, _question: Any) -> dict[Any, Any]:
        if self.fault is not None:
            raise self.fault
        return {}


@pytest.fixture
def nav(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nav]:
    fake = Nav()
    entry = attrs.evolve(REGISTERS["nav.benefits"], fetch=fake.fetch)
    monkeypatch.setattr(service, "REGISTERS", {**REGISTERS, "nav.benefits": entry})
    health.forget()
    yield fake
    health.forget()


def ask() -> None:
    assert isinstance(NOBODY, NationalId)
    service.lookup(actor=system("test"), declaration=DECLARED, person=NOBODY, on=clock.today())


def told() -> service.Health:
    return service.health(["nav"])["nav"]


def at(monkeypatch: pytest.MonkeyPatch, hour: int) -> dt.datetime:
    now = dt.datetime(2026, 11, 20, hour, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


@pytest.mark.django_db
def test_an_answer_a_failure_and_its_end_are_told_with_their_times(
    nav: Nav, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.health(["nav"]) == {}
    eight = at(monkeypatch, 8)
    ask()
    assert told() == service.Health(answered_at=eight)
    nine = at(monkeypatch, 9)
    nav.fault = ComponentError("nav", "ytelser", "unavailable")
    ask()
    assert told() == service.Health(eight, nine, nine, "unavailable")
    ten = at(monkeypatch, 10)
    nav.fault = WireError("another form")
    ask()
    assert told() == service.Health(eight, ten, nine, "invalid"), "since nine, and still"
    eleven = at(monkeypatch, 11)
    nav.fault = None
    ask()
    assert told() == service.Health(eleven, ten, None, "")


@pytest.mark.django_db
def test_the_same_is_not_written_again_within_a_minute(
    nav: Nav, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    eight = at(monkeypatch, 8)
    health.note("nav")
    at(monkeypatch, 9)
    with django_assert_num_queries(0):
        health.note("nav")
    assert told().answered_at == eight
    monkeypatch.setattr(health, "_AGAIN_AFTER_S", 0.0)
    with django_assert_num_queries(1):
        health.note("nav")
    assert told().answered_at != eight


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_another_who_writes(nav: Nav) -> None:
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            ask()  # holds the row until it commits
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                row = ["nav", None, clock.now(), clock.now(), "unavailable", "registers.health nav"]
                cursor.execute(health._WRITE, row)
                assert cursor.rowcount == 0
        assert told().kind == ""
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registers_health")
