"""The applicant's way from page to page of a form: looked at like every page, and filled in by the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.a11y import looking
from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that notes what its content policy stops."""
    context = browser.new_context(
        locale="nb-NO",
        viewport=looking.WIDE,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.add_init_script(looking.WATCH)
    yield context.new_page()
    context.close()


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page that is open, in words."""
    found = looking.faults(page, route=page.url, judged={}, by_keyboard=False)
    with looking.zoomed(page):
        return found + looking.too_wide(page)


def test_an_address_that_is_none(page: Page, system: System) -> None:
    answer = page.goto(f"{system.address}/finnes-ikke/")
    assert answer is not None
    assert answer.status == 404
    assert faults_of(page) == []


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
