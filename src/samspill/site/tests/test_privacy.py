"""The pages on privacy: open to everybody, from what is published, in the reader's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from samspill.kernel.actor import system
from samspill.packages import service as packages

pytestmark = pytest.mark.django_db
BOSTOTTE = Path(__file__).resolve().parents[2] / "catalogue" / "bostotte"


@pytest.fixture
def published() -> None:
    packages.publish(BOSTOTTE, actor=system("test"))


def test_without_services_the_page_says_so(client: Client) -> None:
    page = client.get("/personvern/").content.decode()
    assert "Ingen tjeneste er åpen ennå" in page


@pytest.mark.parametrize(
    ("language", "says"), [("nb", "10 år"), ("nn", "Kven som har ansvaret"), ("en", "30 days")]
)
def test_a_service_has_its_record(
    client: Client, published: None, language: str, says: str
) -> None:
    client.cookies["sprak"] = language
    assert "/personvern/bostotte/" in client.get("/personvern/").content.decode()
    page = client.get("/personvern/bostotte/").content.decode()
    assert says in page
    assert "22 96 16 00" in page


def test_machines_read_the_same(client: Client, published: None) -> None:
    record = client.get("/personvern/bostotte.json").json()
    assert record["package"] == "bostotte"
    assert record["retention"]["case"] == "P10Y"
    assert {one["register"] for one in record["sources"]} >= {"folkeregisteret.person"}


@pytest.mark.parametrize("path", ["/personvern/finnes-ikke/", "/personvern/finnes-ikke.json"])
def test_what_is_not_published_has_none(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
