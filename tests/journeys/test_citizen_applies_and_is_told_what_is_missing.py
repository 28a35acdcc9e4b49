"""A tenant with two children applies: told at once what is missing, sends once however often she clicks, gets a receipt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser


def test_a_mother_applies_and_is_told_what_is_missing(
    page: Page, system: System, tmp_path: Path
) -> None:
    people.begin(page, system, "single_mother_sandnes")
    expect(page.get_by_role("heading", level=1)).to_have_text("Boligen du søker for")
    expect(page.locator("#mangler-ramme")).to_contain_text("svar igjen")
    answers = {**people.TENANT, "brev_pa_papir": None}
    people.fill_until(page, "husstand", answers)
    expect(page.locator("legend", has_text="Bar")).to_have_count(2)  # her children, by name
    assert "12861783330" not in page.locator("main").inner_text()
    people.fill_until(page, "inntekt", answers)
    expect(page.locator(".s-fact")).to_contain_text("Bakeri")  # who paid
    expect(page.locator(".s-fact")).to_contain_text("Skatteetaten")  # and who says so
    people.fill_until(page, "se-over", answers, document=papers.a_contract(tmp_path))

    missing = page.locator("main .s-missing")
    expect(missing).to_contain_text("Én ting mangler")
    page.get_by_role("button", name="Send søknaden").click()  # the browser stops at the declaration
    for box in page.locator("input[name=declared]").all():
        box.check()
    page.get_by_role("button", name="Send søknaden").click()
    expect(page.get_by_role("alert")).to_contain_text("Søknaden er ikke sendt")
    missing.get_by_role("link").first.click()
    page.wait_for_url("**/side/konto/#f-brev_pa_papir")
    people.answer(page, "brev_pa_papir", value=False)
    people.settle(page)
    people.fill_until(page, "se-over", people.TENANT)
    expect(page.locator("main .s-missing")).to_contain_text("Ingenting mangler")


def test_an_application_is_sent_once_however_it_is_clicked(
    page: Page, context: BrowserContext, system: System, tmp_path: Path
) -> None:
    people.begin(page, system, "large_household")
    people.hurry(page, "se-over", people.TENANT, document=papers.a_contract(tmp_path))
    expect(page.locator(".s-amount strong")).to_have_text(re.compile(r"\d|Ingen"))
    page.locator("summary", has_text="Slik er det regnet ut").click()
    expect(page.locator(".s-explain")).to_contain_text("Inntekt i året")
    expect(page.locator(".s-explain")).to_contain_text("§")

    other = context.new_page()
    other.goto(page.url)
    form_page = context.new_page()
    form_page.goto(page.url.replace("se-over", "side/konto"))
    for tab in (page, other):
        for box in tab.locator("input[name=declared]").all():
            box.check()
    page.get_by_role("button", name="Send søknaden").dblclick()
    page.wait_for_url("**/kvittering/**")
    receipt = page.url
    code = page.locator(".s-code").inner_text()
    other.get_by_role("button", name="Send søknaden").click()
    other.wait_for_url("**/kvittering/**")
    assert other.url == receipt
    expect(other.locator(".s-code")).to_have_text(code)
    form_page.locator("#skjema button[name=next]:visible").last.click()
    form_page.wait_for_url("**/kvittering/**")
    page.go_back()
    page.wait_for_url("**/kvittering/**")
    page.goto(f"{system.address}/min-side/")
    expect(page.locator("main .s-card", has_text="Sendt")).to_have_count(1)
