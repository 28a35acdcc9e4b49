"""After sending: the receipt is checked by others, messages and papers go both ways, a decision is appealed, a case is ended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser


def applied(page: Page, system: System, name: str, folder: Path) -> str:
    """Apply in a hurry, and return the case's id."""
    people.begin(page, system, name)
    people.hurry(page, "se-over", people.TENANT, document=papers.a_contract(folder))
    people.send(page)
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def test_receipt_message_paper_and_stop(
    page: Page, browser: Browser, system: System, tmp_path: Path
) -> None:
    case = applied(page, system, "single_pensioner", tmp_path)
    code = page.locator(".s-code").inner_text()
    pdf = page.request.get(f"{system.address}/kvittering/{case}/pdf/")
    assert pdf.body().startswith(b"%PDF-")

    landlord = browser.new_context(locale="nn-NO").new_page()  # not logged in
    landlord.goto(f"{system.address}/verifiser/")
    landlord.locator("#kode").fill("AAAA-BBBB-CCCC-DDDD-E")
    landlord.locator("main button").click()
    expect(landlord.get_by_role("alert")).to_contain_text("inga kvittering")
    landlord.locator("#kode").fill(f" {code.lower()} ")
    landlord.locator("main button").click()
    expect(landlord.locator("main [role=status]")).to_contain_text("Koden er ekte: Bustøtte")
    assert code not in landlord.url
    landlord.context.close()

    system.work("ask", case, "Vi trenger side 2 av kontrakten.")
    page.goto(f"{system.address}/min-side/")
    page.locator("main .s-card", has_text="Vi trenger noe fra deg").get_by_role("link").click()
    asked = page.locator("main .s-missing")
    expect(asked).to_contain_text("Vi trenger side 2 av kontrakten.")
    expect(asked).to_contain_text("Leiekontrakt")
    page.locator("#melding").fill("Her kommer side 2.")
    page.get_by_role("button", name="Send melding").click()
    expect(page.locator("main [role=status]")).to_contain_text("Meldingen er sendt")
    expect(page.locator(".s-message[data-own]")).to_contain_text("Her kommer side 2.")
    page.locator("#filer").set_input_files(papers.a_contract(tmp_path))
    page.get_by_role("button", name="Legg ved", exact=True).click()
    expect(page.locator(".s-files li")).to_have_count(2)
    page.get_by_role("button", name="Jeg har sendt det dere ba om").click()
    expect(page.locator("main .s-missing")).to_have_count(0)

    page.get_by_role("link", name="Avslutt saken").click()
    page.get_by_role("button", name="Avslutt saken").click()
    expect(page.locator("main [role=status]")).to_contain_text("Saken er avsluttet")
    expect(page.get_by_role("link", name="Avslutt saken")).to_have_count(0)


def test_decision_letter_and_appeal(page: Page, system: System, tmp_path: Path) -> None:
    case = applied(page, system, "under_20_income_left_out", tmp_path)
    system.work("decide", case)
    page.goto(f"{system.address}/min-side/sak/{case}/")
    decision = page.locator(".s-decision")
    expect(decision).to_contain_text(re.compile(r"Vedtak for \w+ \d{4}"))
    expect(people.read_letter(page, decision)).to_be_visible()
    pdf = page.request.get(f"{page.url}pdf/")
    assert pdf.body().startswith(b"%PDF-")
    page.go_back()
    page.get_by_role("link", name="Klag, eller be om at et menneske ser på det").click()
    page.locator("#klage").fill("Inntekten er feil. Jeg mistet jobben.")
    page.get_by_role("button", name="Send klagen").dblclick()
    expect(page.locator("main [role=status]")).to_contain_text("Vi har mottatt klagen")
    expect(decision).to_contain_text("Du har klaget på dette vedtaket")
    expect(decision.get_by_role("link", name="Klag,")).to_have_count(0)
