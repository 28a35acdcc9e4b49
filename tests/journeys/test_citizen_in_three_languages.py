"""The same draft in bokmål, nynorsk and English: everything on the pages is in the one chosen."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser
SOURCE = Path(__file__).resolve().parents[2] / "src" / "samspill"
FIRST = {
    "nb": "Boligen du søker for",
    "nn": "Bustaden du søkjer for",
    "en": "The home you are applying for",
}


def english() -> list[str]:
    """English texts of ours that may not be seen on a Norwegian page (whole sentences, without values)."""
    texts = {
        entry.msgid
        for path in SOURCE.glob("*/locale/nb/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(path))
        if "%(" not in entry.msgid and len(entry.msgid) > 14 and entry.msgstr != entry.msgid
    }
    return sorted(texts)


def test_each_page_speaks_the_chosen_language(page: Page, system: System) -> None:
    people.begin(page, system, "just_below_minimum")
    people.hurry(page, "konto", people.TENANT)
    people.answer(page, "malform", "nn")
    people.settle(page)
    draft = page.url.partition("/side/")[0]
    addresses = [
        link.get_attribute("href") or "" for link in page.locator("#mangler-ramme ol a").all()
    ]
    ours = english()
    for language in ("nn", "en", "nb"):
        people.speak(page, system, language)
        for address in (*addresses, f"{draft}/mangler/", f"{draft}/se-over/"):
            page.goto(address if address.startswith("http") else f"{system.address}{address}")
            assert page.locator("html").get_attribute("lang") == language
            text = page.locator("main").inner_text()
            if language != "en":
                assert [said for said in ours if said in text] == [], page.url
            else:
                assert re.search(r"\b(ikke|ikkje|hvorfor|kvifor|måned)\b", text) is None, page.url
        page.goto(f"{system.address}{addresses[0]}")
        expect(page.get_by_role("heading", level=1)).to_have_text(FIRST[language])
    page.goto(
        f"{draft}/side/konto/"
    )  # the language of letters is what was answered, whatever is read
    expect(page.locator("input[name=malform][value=nn]")).to_be_checked()
