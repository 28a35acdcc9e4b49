"""Pages with nothing in the register, and with a register that is full."""

from __future__ import annotations

import pytest
from django.test import Client

from samspill.insight import service

PAGES = ("/tiltak/", "/kommuner/1103/", "/kart/", "/fordeling/", "/anslag-og-fasit/", "/likhet/", "/data/")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service.forget()
    yield
    service.forget()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_stands_without_any_data(client: Client, address: str):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1
