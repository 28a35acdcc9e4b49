"""From an idea to a decided round, each role at its own desk: owner, KS, a municipality, the ministry."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser
TITLE = "Felles skjema for flytting"


def desk(browser: Browser, system: System, who: str) -> Page:
    """A desk of somebody who has just logged in; the start page is where the login leads."""
    page = browser.new_context(locale="nb-NO").new_page()
    people.log_in_employee(page, system, who, to="/")
    expect(page).to_have_url(f"{system.address}/samstyring/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine oppgaver")
    return page


def answer_criteria(page: Page, yes: str) -> None:
    """Answer every criterion, yes to one, on the page that a click leads to."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Er det relevant for kommunene?")
    for group in page.locator("fieldset:has(input[value=true])").all():
        name = group.locator("input").first.get_attribute("name")
        group.locator(f"input[value={'true' if name == yes else 'false'}]").check()


def test_an_idea_is_registered_and_judged_by_both_sides(browser: Browser, system: System) -> None:
    owner = desk(browser, system, "tiltakseier-husbanken")
    owner.get_by_role("link", name="Registrer et tiltak").click()
    owner.get_by_label("Tittel").fill(TITLE)
    owner.get_by_label("Sektor").select_option("housing")
    owner.get_by_role("button", name="Registrer").click()
    owner.get_by_role("link", name="Skriv svaret på spørsmål 1").click()
    owner.locator("#answer").fill("Den som flytter, melder fra tre steder.")
    owner.get_by_role("button", name="Lagre", exact=True).click()
    owner.get_by_role("link", name="Oversikt").click()
    owner.get_by_role("button", name="Begynn å vurdere relevans").click()
    expect(owner.get_by_role("heading", name="Neste: Kommunene medvirker")).to_be_visible()
    owner.get_by_role("link", name="Verken eieren eller KS har signert").click()
    answer_criteria(owner, "changes_work")
    owner.get_by_label("Noe relevant").check()
    owner.get_by_role("button", name="Signer").click()
    expect(owner.get_by_text("Den ene siden har signert, den andre har tid")).to_be_visible()

    ks = desk(browser, system, "samordner-ks")
    row = ks.get_by_role("row", name=TITLE).filter(has_text="Signer KS’ konklusjon")
    row.get_by_role("link").click()
    answer_criteria(ks, "changes_work")
    ks.get_by_label("Vesentlig relevant").check()
    ks.get_by_role("button", name="Signer").click()
    expect(ks.get_by_role("heading", name="Sidene er uenige")).to_be_visible()
    expect(ks.get_by_text("Konklusjonen som gjelder: Vesentlig relevant")).to_be_visible()

    owner.goto(f"{system.address}/samstyring/")
    owner.get_by_role("row", name=TITLE).get_by_role("link", name="Ingenting hindrer").click()
    owner.get_by_role("button", name="Gå videre til medvirkning").click()
    owner.get_by_role("button", name="Sett som konsekvensvurdert").click()
    expect(owner.get_by_text("Det finnes ikke tall for hver kommune").first).to_be_visible()
    for page in (owner, ks):
        page.context.close()


def test_a_municipality_and_the_ministry_begin_at_their_own_page(
    browser: Browser, system: System
) -> None:
    lead = desk(browser, system, "digitaliseringsleder-1108")
    expect(lead.get_by_role("link", name="Våre egne tall")).to_be_visible()
    lead.get_by_role("navigation").get_by_role("link", name="Kalender").click()
    expect(lead.get_by_role("heading", name="En kostnad som blir kjent i dag")).to_be_visible()
    expect(lead.get_by_text("Uten budsjettdekning").first).to_be_visible()
    ministry = desk(browser, system, "budsjett-dfd")
    ministry.goto(f"{system.address}/samstyring/runder/ny/?ar=2035")
    ministry.get_by_label("Planlagt 2035").first.fill("40,5")
    ministry.get_by_label("Siste dag for innmelding").fill("2035-06-01")
    ministry.get_by_role("button", name="Åpne runden").click()
    expect(ministry.get_by_text("Runden må stenge før departementene")).to_be_visible()
    expect(ministry.get_by_label("Planlagt 2035").first).to_have_value("40,5")
    secretariat = desk(browser, system, "sekretariat-digdir")
    expect(secretariat.get_by_role("link", name="Alle tiltak")).to_be_visible()
    for page in (lead, ministry, secretariat):
        page.context.close()
