"""Pages and JSON."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polib
import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation
from ninja import NinjaAPI
from ninja.testing import TestClient

from samspill.infra import clock
from samspill.municipalities import service
from samspill.municipalities.domain import Municipality
from samspill.municipalities.web import pages, showing
from samspill.municipalities.web.api import router

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/kommuner/")


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(dt.date(2026, 11, 22)):
        yield


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_search_page_shows_a_match_with_all_its_names(client: Client) -> None:
    html = page(client, "/kommuner/?q=karasjohka")
    assert '<span lang="se">Kárášjohka</span> – <span lang="nb">Karasjok</span>' in html
    assert 'href="/kommuner/5610/"' in html


def test_search_page_tells_heroy_from_heroy(client: Client) -> None:
    html = page(client, "/kommuner/?q=herøy")
    assert "Møre og Romsdal" in html
    assert "Nordland" in html


def test_search_page_without_a_word_lists_all_by_county(client: Client) -> None:
    html = page(client, "/kommuner/")
    assert html.count('href="/kommuner/') >= 357
    assert "<h2>Finnmark</h2>" in html


def test_search_page_shows_what_is_typed_as_text(client: Client) -> None:
    assert "<script>alert" not in page(client, "/kommuner/?q=<script>alert(1)</script>")


def test_a_former_municipality_leads_to_what_it_became(client: Client) -> None:
    html = page(client, "/kommuner/?q=tysfjord")
    assert 'href="/kommuner/1806/"' in html
    assert 'href="/kommuner/1875/"' in html


def test_municipality_page_has_figures_with_source_year_and_status(client: Client) -> None:
    html = page(client, "/kommuner/5538/fakta/")
    assert "Omasvuotna" in html
    assert "Statistisk sentralbyrå, 07459" in html
    assert "© Kartverket" in html
    assert "2026" in html


def test_an_old_number_leads_to_the_number_of_today(client: Client) -> None:
    answer = client.get("/kommuner/2021/fakta/")
    assert (answer.status_code, answer["Location"]) == (302, "/kommuner/5610/")


def test_a_split_number_shows_where_it_went(client: Client) -> None:
    html = page(client, "/kommuner/1507/fakta/")
    assert 'href="/kommuner/1508/"' in html
    assert 'href="/kommuner/1580/"' in html


def test_a_split_number_shows_shares_only_when_they_are_known(client: Client) -> None:
    assert "86,2\u00a0%" in page(client, "/kommuner/1507/fakta/") or "86.2\u00a0%" in page(
        client, "/kommuner/1507/fakta/"
    )
    assert (
        "%"
        not in page(client, "/kommuner/1850/fakta/")
        .split('<ul class="s-files">')[1]
        .split("</ul>")[0]
    )


def test_a_municipality_that_goes_on_after_its_split_says_so() -> None:
    with translation.override("en"):
        told = [item.text for item in showing.history(the("1508"))]
    assert told[-2:] == [
        "Was split. What was left got the number 1508.",
        "Was split. Parts went to Haram.",
    ]


def test_an_unknown_number_is_404_with_the_list(client: Client) -> None:
    assert 'href="/kommuner/0301/"' in page(client, "/kommuner/9999/fakta/", status=404)


def test_every_municipality_has_a_page(client: Client) -> None:
    for municipality in service.all_current():
        assert municipality.name in page(client, f"/kommuner/{municipality.number}/fakta/")


def test_only_get_is_answered(client: Client) -> None:
    assert client.post("/kommuner/").status_code in {403, 405}
    assert pages.search(RequestFactory().post("/kommuner/")).status_code == 405


def the(number: str) -> Municipality:
    found = service.on(number, dt.date(2026, 1, 1))
    assert isinstance(found, Municipality)
    return found


def test_history_is_told_in_order_and_in_words() -> None:
    with translation.override("en"):
        told = [(item.on, item.text) for item in showing.history(the("3301"))]
    assert told == [
        (dt.date(2020, 1, 1), "Merged from Drammen, Nedre Eiker and Svelvik. Number 3005."),
        (dt.date(2024, 1, 1), "New number 3301 (before: 3005), because the county changed."),
    ]


def test_a_change_of_name_with_unknown_date_says_so() -> None:
    (last,) = showing.history(the("0301"))
    assert last.on is None
    assert "mellom 2023-11 og 2026-07" in last.note


def test_every_text_of_the_room_is_translated() -> None:
    room = Path(showing.__file__).parents[1]
    for language in ("nb", "nn"):
        catalogue = polib.pofile(str(room / f"locale/{language}/LC_MESSAGES/django.po"))
        known = {entry.msgid for entry in catalogue if entry.translated()}
        tables = (showing._LANGUAGES, showing._FIGURES, showing._STATUSES, showing._WORDS)
        shown = {text for table in tables for text in table.values()} | set(
            showing._SAYINGS.values()
        )
        assert shown <= known


@pytest.fixture(scope="module")
def api() -> TestClient:
    site = NinjaAPI(urls_namespace="municipalities-test")
    site.add_router("/municipalities", router)
    return TestClient(site)


def test_api_finds_by_sami_name(api: TestClient) -> None:
    body = api.get("/municipalities?q=Kárášjohka").json()
    assert body["hits"][0]["number"] == "5610"
    assert body["hits"][0]["official_name"] == "Kárášjohka – Karasjok"


def test_api_resolves_on_the_day_asked(api: TestClient) -> None:
    body = api.get("/municipalities/1507?on=2023-12-31").json()
    assert (body["result"], body["municipality"]["name"]) == ("one", "Ålesund")
    split = api.get("/municipalities/1507").json()
    assert [part["share"] for part in split["parts"]] == [0.8621, 0.1379]


def test_api_says_what_is_wrong_and_what_to_do(api: TestClient) -> None:
    answer = api.get("/municipalities/9999")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "municipality.unknown"
    assert api.get("/municipalities/0301?on=never").status_code == 422
    assert api.get("/municipalities/0301?on=2001-01-01").json()["error"]["where"] == "on"
