"""Pages with nothing in the register, and with a story that has every part; in three languages, and for nobody else's eyes."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.test import Client

from samspill.infra import clock
from samspill.insight import service
from samspill.insight.service import opening
from samspill.insight.tests import builders

PAGES = (
    "/tiltak/",
    "/kommuner/1103/",
    "/kart/",
    "/fordeling/",
    "/anslag-og-fasit/",
    "/likhet/",
    "/data/",
)
PICTURES = ("/kart.svg", "/diagram/fordeling.svg", "/diagram/tjenester.svg", "/diagram/dager-til-vedtak.svg",
            "/diagram/anslag-og-fasit.svg", "/diagram/kalibrering.svg")  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service.forget()
    yield
    service.forget()


def text_of(client: Client, address: str, *, status: int = 200, language: str = "nb") -> str:
    client.cookies["sprak"] = language
    answer = client.get(address)
    assert answer.status_code == status, address
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_stands_without_any_data(client: Client, address: str, language: str):
    text = text_of(client, address, language=language)
    assert text.count("<h1") == 1
    assert f'<html lang="{language}"' in text


@pytest.mark.parametrize("address", [*PAGES, "/tiltak/fullmakter-pa-nett/", "/kommuner/1108/"])
def test_every_page_stands_with_a_full_register(client: Client, address: str):
    builders.a_whole_story()
    assert text_of(client, address).count("<h1") == 1


def test_the_story_tells_every_part(client: Client):
    builders.a_whole_story()
    text = text_of(client, "/tiltak/fullmakter-pa-nett/")
    for said in (
        "Pårørende møter opp med papir.",  # the problem
        "De små har ingen vakt i skranken hver dag.",  # what was raised
        "Fullmakten gis også per telefon.",  # what changed because of it
        "Stavanger, Utsira",  # who took part
        "Opplæringen er for lavt anslått.",  # KS' dissent
        "30\u00a0000\u00a0000\u00a0kr",  # KS' figure
        "60,2",  # P10 of the cost, in millions
        "104,0",  # P85
        "2026-1",  # the assumption set
        "Kortere tid i skranken",  # the gain plan
        "200\u00a0timer",  # estimated hours: 1200 cases × 10 minutes
    ):
        assert said in text, said


def test_both_sides_verdicts_are_shown_when_they_disagree(client: Client):
    builders.a_whole_story()
    text = text_of(client, "/tiltak/fullmakter-pa-nett/", language="en")
    assert "The owner: Minor relevance" in text
    assert "KS: Material relevance" in text
    assert "The sides disagree" in text


def test_what_is_not_published_is_nowhere(client: Client):
    builders.an_initiative(title="Hemmelig utkast", published=False)
    assert text_of(client, "/tiltak/hemmelig-utkast/", status=404)
    for address in (
        "/tiltak/",
        "/data/tiltak.csv",
        "/data/tiltak.json",
        "/data/tiltak-historikk.csv",
        "/kommuner/1103/",
    ):
        assert "Hemmelig" not in text_of(client, address)


def test_filters_narrow_the_list(client: Client):
    builders.an_initiative(title="Bolig og tomt", sector="housing", window_from=dt.date(2028, 1, 1))
    builders.an_initiative(
        builders.OTHER, title="Oppslag", sector="digital", legal="duty", legal_reference="§ 1"
    )

    def shown(query: str) -> set[str]:
        return set(re.findall(r'href="/tiltak/([\w-]+)/"', text_of(client, f"/tiltak/?{query}")))

    assert shown("") == {"bolig-og-tomt", "oppslag"}
    assert shown("sektor=housing") == {"bolig-og-tomt"}
    assert shown("hjemmel=duty") == {"oppslag"}
    assert shown("eier=991825827") == {"oppslag"}
    assert shown("ar=2028") == {"bolig-og-tomt"}
    assert shown("q=TOMT") == {"bolig-og-tomt"}
    assert shown("tilstand=closed") == set()
    assert shown("ar=tull&side=x") == {"bolig-og-tomt", "oppslag"}


def test_a_long_list_has_pages(client: Client):
    for number in range(53):
        builders.an_initiative(title=f"Tiltak {number:02}")
    first, second = text_of(client, "/tiltak/"), text_of(client, "/tiltak/?side=2")
    assert first.count('class="s-card"') == 50
    assert second.count('class="s-card"') == 3
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


def test_what_a_visitor_types_is_shown_as_text(client: Client):
    client.cookies["sprak"] = "nb"
    raw = client.get("/tiltak/?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in raw


def test_a_municipality_sees_its_own_window_and_others_the_owners(client: Client):
    builders.a_whole_story()
    year = clock.today().year + 1
    assert f"mai {year} – desember {year}" in text_of(client, "/kommuner/1108/")
    assert f"mars {year} – juni {year + 1}" in text_of(client, "/kommuner/1103/")


def test_an_old_number_leads_to_todays_and_an_unknown_one_to_the_list(client: Client):
    assert client.get("/kommuner/2021/")["Location"] == "/kommuner/5610/"
    assert client.get("/kommuner/9999/")["Location"] == "/kommuner/9999/fakta/"
    assert client.get("/kommuner/1507/")["Location"] == "/kommuner/1507/fakta/"


def test_every_municipality_has_a_page(client: Client):
    for number in ("0301", "1151", "5636", "5501", "3118"):
        assert "<h1>" in text_of(client, f"/kommuner/{number}/")


@pytest.mark.parametrize("address", PICTURES)
def test_every_picture_can_be_shown_by_others(client: Client, address: str):
    builders.a_whole_story()
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    body = answer.content.decode()
    assert "<style" not in body
    assert "<script" not in body


def test_a_picture_speaks_the_language_and_wears_the_theme_asked_for(client: Client):
    norwegian = client.get("/kart.svg?measure=tjenester-i-drift&language=nb").content.decode()
    english = client.get(
        "/kart.svg?measure=tjenester-i-drift&language=en&theme=dark"
    ).content.decode()
    assert "Felles tjenester som er åpne" in norwegian
    assert "Shared services that are open" in english
    assert "#0d1b20" in english
    assert "#0d1b20" not in norwegian


@pytest.mark.parametrize("address", ["/kart/?mal=finnes-ikke", "/kart.svg?measure=finnes-ikke", "/data/finnes-ikke.csv",
                                     "/data/tiltak.xml", "/diagram/finnes-ikke.svg", "/tiltak/finnes-ikke/"])  # fmt: skip
def test_what_is_not_there_is_not_found(client: Client, address: str):
    text_of(client, address, status=404)


def test_only_get_is_answered(client: Client):
    for address in (*PAGES, *PICTURES, "/data/tiltak.csv", "/data/katalog.jsonld"):
        assert client.post(address).status_code in {403, 405}


def test_the_page_of_open_data_names_every_set(client: Client):
    text = text_of(client, "/data/")
    for name in opening.offers():
        assert f"/data/{name}.csv" in text
        assert f"/data/{name}.json" in text
