"""Consequences, each role at its own desk: the owner's lines, a municipality's own figures, KS' figures beside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser
TITLE = "Felles turnus"


def desk(browser: Browser, system: System, who: str, to: str = "/samstyring/") -> Page:
    page = browser.new_context(locale="nb-NO").new_page()
    people.log_in_employee(page, system, who, to=to)
    return page


def choose(page: Page, name: str, value: str) -> None:
    """Choose a value, among buttons or in a list."""
    buttons = page.locator(f"input[type=radio][name={name}]")
    if buttons.count():
        page.locator(f'input[name={name}][value="{value}"]').check()
    else:
        page.locator(f"select[name={name}]").select_option(value)


def own_row(page: Page) -> Locator:
    """The row of the initiative in what a municipality is shown first."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=TITLE))


def test_a_line_is_entered_contested_and_corrected(browser: Browser, system: System) -> None:
    owner = desk(browser, system, "tiltakseier-husbanken")
    owner.get_by_role("link", name="Registrer et tiltak").click()
    owner.get_by_label("Tittel").fill(TITLE)
    owner.get_by_label("Sektor").select_option("health")
    owner.get_by_role("button", name="Registrer").click()
    number = re.search(r"/tiltak/([0-9a-f-]{36})/", owner.url)
    assert number
    one = number[1]
    owner.get_by_role("link", name="Skriv svaret på spørsmål 1").click()
    owner.locator("#answer").fill("Hver kommune har sitt eget turnussystem.")
    owner.get_by_role("button", name="Lagre", exact=True).click()
    owner.get_by_role("link", name="Oversikt").click()
    owner.get_by_role("button", name="Begynn å vurdere relevans").click()
    owner.get_by_role("button", name="Publiser").click()

    # 100 kroner for each employee, and 300 hours of a project leader once
    for name, key, kind, quantity, driver in (
        ("Lisens for hver ansatt", "licence", "yearly_cost", "100", "employees"),
        ("Prosjektleder", "project_lead", "hours_used", "300", "one"),
    ):
        owner.goto(f"{system.address}/konsekvens/{one}/linje/ny/")
        owner.get_by_label("Navn", exact=True).fill(name)
        owner.get_by_label("Nøkkel").fill(key)
        owner.get_by_label("Mengde").fill(quantity)
        for field, value in (
            ("category", kind), ("role", "project_lead" if kind == "hours_used" else ""),
            ("driver", driver), ("reference_class", "municipal_introduction"), ("grade", "expert"),
        ):  # fmt: skip
            choose(owner, field, value)
        owner.get_by_role("button", name="Lagre linjen").click()
        expect(owner.get_by_role("link", name=name)).to_be_visible()

    owner.goto(f"{system.address}/konsekvens/{one}/resultat/")
    owner.get_by_role("button", name="Regn ut konsekvensene").click()
    expect(owner.get_by_role("alert")).to_contain_text("ikke besvart")
    owner.goto(f"{system.address}/konsekvens/{one}/innforing/")
    for why in owner.locator("input[name^=why-]").all():
        why.fill("Tas av eieren.")
    owner.get_by_role("button", name="Lagre begrunnelsene").click()
    owner.goto(f"{system.address}/konsekvens/{one}/resultat/")
    owner.get_by_role("button", name="Regn ut konsekvensene").click()
    expect(owner.get_by_text("anslag ender oftest på 1,30 ganger anslaget")).to_be_visible()
    owner.get_by_text("Alle kommunene", exact=True).click()
    expect(owner.get_by_role("row", name=re.compile("^Sandnes"))).to_be_visible()
    owner.get_by_role("button", name="Legg tallene fram for KS").click()

    lead = desk(browser, system, "digitaliseringsleder-1108", "/konsekvens/var-kommune/")
    before = own_row(lead).inner_text()
    for kind, value in (("employees", "1000"), ("capacity:project_lead", "100")):
        choose(lead, "kind", kind)
        lead.get_by_label("Tallet deres").fill(value)
        choose(lead, "grade", "measured")
        lead.get_by_label("Kilde").last.fill("Lønnssystemet")
        lead.get_by_role("button", name="Registrer tallet vårt").click()
    expect(lead.get_by_role("row", name=re.compile("^Prosjektleder 100 t"))).to_be_visible()
    expect(lead.get_by_text(f"{TITLE}: ").first).to_be_visible()  # asks for more than is free

    ks = desk(browser, system, "samordner-ks", f"/konsekvens/{one}/resultat/")
    ks.get_by_label("Hva KS ser annerledes på").fill("Opplæringen er glemt.")
    ks.get_by_role("button", name="Dissens").click()
    expect(ks.get_by_text("Opplæringen er glemt.")).to_be_visible()
    ks.goto(f"{system.address}/samstyring/tiltak/{one}/uttalelse/")
    ks.get_by_text("Meld dissens med KS’ egne tall").click()
    ks.get_by_label("Hvorfor KS er uenig").fill("Vi har spurt ti kommuner.")
    ks.locator("#name-1").fill("Timer i en middels kommune")
    ks.locator("#unit-1").select_option("hours")
    ks.locator("#owner-1").fill("300")
    ks.locator("#ks-1").fill("750")
    ks.get_by_role("button", name="Meld dissens").click()

    # the owner calculates anew: the municipality's own figure is in it
    owner.goto(f"{system.address}/konsekvens/{one}/resultat/")
    owner.get_by_role("button", name="Regn på nytt fra dagens linjer").click()
    lead.reload()
    assert own_row(lead).inner_text() != before

    everybody = browser.new_context(locale="nb-NO").new_page()
    owner.goto(f"{system.address}/samstyring/tiltak/{one}/")
    everybody.goto(
        f"{system.address}{owner.get_by_role('link', name='Den offentlige siden').get_attribute('href')}"
    )
    beside = everybody.get_by_role("row", name=re.compile("Timer i en middels kommune"))
    expect(beside).to_contain_text("300")
    expect(beside).to_contain_text("750")
    for page in (owner, lead, ks, everybody):
        page.context.close()
