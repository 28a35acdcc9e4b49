"""The calculator for everybody: the rules' own units and steps in three languages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

import samspill
from samspill.cases.service import wording
from samspill.cases.tests.staff_web import text_of
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.packages import service as packages

pytestmark = pytest.mark.django_db
BOSTOTTE = Path(samspill.__file__).parent / "catalogue" / "bostotte"
#: What a unit of the rules is called, in no language but its own.
WORDS = {
    "nb": ("kr i året", "kr i måneden", "personer", "Kommunegruppe"),
    "nn": ("kr i året", "kr i månaden", "personar", "Kommunegruppe"),
    "en": ("a year", "a month", "persons", "Municipality group"),
}


@pytest.fixture
def page(db: None):
    packages.publish(BOSTOTTE, actor=system("test"))

    def calculated(language: str):
        browser = Client()
        browser.cookies["sprak"] = language
        with clock.frozen(dt.date(2026, 8, 17)):
            return browser.post(
                "/kalkulator/bostotte/",
                {
                    "_term": "2026-08",
                    "kommunenummer": "1108",
                    "barn": "2",
                    "inntekt_aordning_mnd": "23000",
                    "husleie_mnd": "14500",
                    "eieform": "leie",
                },
            )

    return calculated


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_unit_of_fields_and_steps_is_in_the_language_of_the_page(page, language) -> None:
    response = page(language)
    assert response.status_code == 200
    text = text_of(response).replace(wording.NBSP, " ")
    assert [word for word in WORDS[language] if word not in text] == []
    for unit in ("kr/år", "kr/md", "ja/nei"):
        assert unit not in text
    assert ("6,130" if language == "en" else "6 130") in text


def test_in_english_nothing_is_left_in_norwegian(page) -> None:
    text = text_of(page("en")).replace(wording.NBSP, " ")
    words = (" kr ", "gruppe", "personer", "Boutgifter", "Egenandel", "måned")
    left = [text[max(0, text.find(w) - 60) : text.find(w) + 20] for w in words if w in text]
    assert left == []


@pytest.mark.parametrize(
    ("value", "unit", "nn", "en"),
    [
        (1, "person", "1 person", "1 person"),
        (3, "person", "3 personar", "3 persons"),
        (1234.5, "kr/år", "1 234,50 kr i året", "NOK 1,234.50 a year"),
        (2, "gruppe", "2", "2"),
        (1.3, "gang", "1,3", "1.3"),
        (4, "furlong", "4 furlong", "4 furlong"),
        (True, "ja/nei", "Ja", "Yes"),
        ("V00", "kode", "V00", "V00"),
    ],
)
def test_quantities_are_written_as_people_write_them(value, unit, nn, en) -> None:
    for language, expected in (("nn", nn), ("en", en)):
        with translation.override(language):
            assert wording.quantity_text(value, unit).replace(wording.NBSP, " ") == expected
