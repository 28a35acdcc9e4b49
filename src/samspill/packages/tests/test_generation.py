"""What requests keep in memory is asked anew as soon as anything of it has changed, in whatever process."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, transaction

from samspill.infra import generation, sql

pytestmark = pytest.mark.django_db


def _now() -> UUID:
    row = sql.one(f"SELECT {generation.EXPRESSION}", [])
    assert row is not None
    value: UUID = row[0]
    return value


def _touch_settings() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM packages_municipal_settings")


def test_a_change_gives_a_new_generation_and_a_roll_back_takes_it_away() -> None:
    before = _now()
    with transaction.atomic():
        _touch_settings()
        changed = _now()
        transaction.set_rollback(True)
    assert changed != before
    assert _now() == before


def test_keeps_answers_of_one_generation_only() -> None:
    asked: list[int] = []

    @generation.kept
    def ask(number: int) -> int:
        asked.append(number)
        return number

    ask(1), ask(1)
    assert asked == [1, 1], "outside a request nothing is kept"
    try:
        generation.hold(_now())
        ask(1), ask(1), ask(2)
        assert asked == [1, 1, 1, 2]
        _touch_settings()
        generation.hold(_now())
        ask(1)
        assert asked == [1, 1, 1, 2, 1]
    finally:
        generation.forget()
