"""A browser without script: the whole errand, with a household list and the papers, works by ordinary pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser


def test_applies_without_script(browser: Browser, system: System, tmp_path: Path) -> None:
    opened = browser.new_context(locale="nb-NO", java_script_enabled=False)
    page = opened.new_page()
    people.begin(page, system, "municipal_tenant")
    people.hurry(page, "husstand", people.TENANT)

    page.get_by_role("button", name="Legg til en person").click()
    row = page.locator("fieldset.s-row").last
    row.locator("input[name$='.navn']").fill("Ny Samboer")
    row.locator("input[name$='.fodt']").fill("1990-05-17")
    row.locator("input[name$='.relasjon'][value=partner]").check()
    page.get_by_role("button", name="Legg til en person").click()
    expect(page.locator("legend", has_text="Ny Samboer")).to_have_count(1)
    rows = page.locator("fieldset.s-row").count()
    page.get_by_role("button", name="Fjern Ny Samboer").click()
    expect(page.locator("fieldset.s-row")).to_have_count(rows - 1)
    page.get_by_role("button", name="Fjern Person").last.click()
    expect(page.locator("legend", has_text="Ny Samboer")).to_have_count(0)

    # An answer that brings a new question keeps one on the page until it is seen.
    people.hurry(page, "bolig", people.TENANT)
    page.locator("input[name=boligtype][value=leilighet]").check()
    page.locator("input[name=bofellesskap][value=true]").check()
    page.locator("input[name=boforhold][value=leie_privat]").check()
    page.get_by_role("button", name="Lagre og gå videre").last.click()
    expect(page.get_by_text("Hvorfor bor du i bofellesskap?")).to_be_visible()
    page.locator("input[name=bofellesskap][value=false]").check()

    # What cannot be read stands as it was written, with what to do.
    people.hurry(page, "husleie", people.TENANT)
    page.locator("input[name=husleie_mnd]").fill("mye")
    page.get_by_role("button", name="Lagre og gå videre").last.click()
    expect(page.locator("#f-husleie_mnd")).to_have_value("mye")
    expect(page.locator("#feil-f-husleie_mnd")).to_contain_text("Skriv et tall")
    page.locator("input[name=husleie_mnd]").fill("8.200,-")
    people.hurry(page, "se-over", people.TENANT, document=papers.a_contract(tmp_path))
    expect(page.locator("main")).to_contain_text("8 200 kr")
    people.send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har mottatt søknaden din")
    opened.close()
