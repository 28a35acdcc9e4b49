"""A case with a strictly protected address (kode 6) is there for the cleared person and for nobody else."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.system import System
from tests.journeys.conftest import OSLO

pytestmark = pytest.mark.browser
CLEARED = "skjermet-husbanken"
LISTS = {
    "leder-husbanken": (
        "/etat/",
        "/etat/?venter=municipality",
        "/etat/unntak/",
        "/etat/klager/",
        "/gevinst/",
    ),
    f"leder-{OSLO}": ("/arbeid/", "/arbeid/?venter=agency", "/gevinst/"),
}


def seen_by(page: Page, system: System, lists: tuple[str, ...]) -> dict[str, str]:
    """Read the lists with their counts, as this person sees them."""
    found = {}
    for address in lists:
        page.goto(system.address + address)
        found[address] = page.locator("main").inner_text()
    return found


def test_only_the_cleared_person_sees_it(browser: Browser, system: System) -> None:
    desks = {who: browser.new_context(locale="nb-NO").new_page() for who in LISTS}
    before = {}
    for who, page in desks.items():
        people.log_in_employee(page, system, who, to=LISTS[who][0])
        before[who] = seen_by(page, system, LISTS[who])
    case = system.scene("protected")

    for who, page in desks.items():
        assert seen_by(page, system, LISTS[who]) == before[who]
        page.goto(system.address + LISTS[who][0])
        page.locator("input[name=number]").fill(case["number"])
        page.get_by_role("button", name="Finn").click()
        expect(page.locator("main")).to_contain_text("Det finnes ingen sak med dette nummeret")
        unknown = page.request.get(f"{system.address}/arbeid/sak/{uuid.uuid4()}/")
        hidden = page.request.get(f"{system.address}/arbeid/sak/{case['id']}/")
        assert hidden.status == unknown.status == 404
        assert len(hidden.body()) == len(unknown.body())
        page.context.close()

    page = browser.new_context(locale="nb-NO").new_page()
    people.log_in_employee(page, system, CLEARED, to="/etat/")
    page.goto(f"{system.address}/etat/?venter=municipality")
    people.find_in_list(page, case["number"]).click()
    expect(page.locator("main")).to_contain_text("Adressen er beskyttet")
    expect(page.locator("#oppgaver article").first).to_be_visible()
    page.context.close()
