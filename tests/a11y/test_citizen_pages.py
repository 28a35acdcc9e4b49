"""Every page of the applicant, and the open ones: axe, title, skip link, one heading, 320 pixels, strict policy, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_WATCH = """window.__broken = [];
document.addEventListener("securitypolicyviolation", (e) => window.__broken.push(e.violatedDirective + " " + e.blockedURI));"""
OPEN = [
    "/",
    "/om/",
    "/tilgjengelighet/",
    "/uten-e-id/",
    "/logg-inn/",
    "/verifiser/",
    "/tjenester/bostotte/",
    "/finnes-ikke/",
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that notes what its content policy stops."""
    context = browser.new_context(
        locale="nb-NO", viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.add_init_script(_WATCH)
    yield context.new_page()
    context.close()


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page that is open, in words."""
    found = [f"axe {v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in violations(page)]
    if not page.title().endswith(" – Samspill") or len(page.title()) < 14:
        found.append(f"title {page.title()!r}")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    if page.locator("body > a").first.get_attribute("href") != "#innhold":
        found.append("no skip link first")
    found += [f"policy {broken}" for broken in page.evaluate("window.__broken")]
    page.set_viewport_size({"width": 320, "height": 900})
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > 320:
        found.append(f"{wide} pixels wide on a screen of 320")
    page.set_viewport_size({"width": 1280, "height": 900})
    return [f"{page.url}: {fault}" for fault in found]


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe has to say; folded parts are opened first, so that they are judged too."""
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found: list[dict[str, Any]] = Axe().run(page, options=_RULES).response["violations"]
    return found


def test_open_pages(page: Page, system: System) -> None:
    found: list[str] = []
    for address in OPEN:
        page.goto(f"{system.address}{address}")
        found += faults_of(page)
    assert found == []


def test_every_page_from_service_to_case(page: Page, system: System, tmp_path: Path) -> None:
    people.begin(page, system, "couple_baerum")
    found: list[str] = []
    keys: set[str] = set()
    while key := people.key_of(page):
        if key not in keys:
            found += faults_of(page)
        keys.add(key)
        people.fill_page(
            page,
            {
                **people.TENANT,
                "boforhold": "felleskostnader",
                "felleskostnader_mnd": "6000",
                "har_boliglan": False,
                "bolig_verdi": "0",
            },
        )
        for field in page.locator("#skjema input[type=file]").all():
            field.set_input_files(papers.a_contract(tmp_path))
        people.go_on(page)
    assert {"adresse", "husstand", "medlem_studier[0]", "lan", "inntekt", "vedlegg"} <= keys
    draft = page.url.partition("/se-over/")[0]
    for address in (
        page.url,
        f"{draft}/mangler/",
        f"{draft}/slett/",
        f"{draft}/side/formue/?mangler=1",
    ):
        page.goto(address)
        found += faults_of(page)
    page.goto(f"{draft}/se-over/")
    people.send(page)
    found += faults_of(page)
    case = page.url.replace("/kvittering/", "/min-side/sak/")
    for address in (
        f"{system.address}/min-side/",
        case,
        f"{case}stopp/",
        f"{system.address}{people.SERVICE}",
    ):
        page.goto(address)
        found += faults_of(page)
    assert found == []


def test_a_page_is_filled_in_by_keyboard_alone(page: Page, system: System) -> None:
    people.begin(page, system, "capital_income")
    page.keyboard.press("Tab")
    expect(page.locator("body > a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#innhold")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "bor_i_boligen":
            break
    page.keyboard.press("Space")
    expect(page.locator("input[name=bor_i_boligen][value=true]")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.locator("#skjema button[name=next]:visible").last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/side/husstand/**")
