"""A register is slow, down or wrong: it is said in the service's own words, and what is written is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser


@pytest.fixture
def system_to_disturb(system: System, page: Page) -> Iterator[System]:
    """The system, put right again afterwards, also where it has stopped asking for a while."""
    yield system
    for component in ("skatteetaten", "lanekassen"):
        system.switch(component, "normal")
    page.wait_for_timeout(16_000)


def test_registers_fail_and_come_back(
    page: Page, system_to_disturb: System, tmp_path: Path
) -> None:
    system = system_to_disturb
    people.begin(page, system, "foreign_pension")
    system.switch("lanekassen", "wrong_schema")
    people.hurry(page, "studier", {"bor_i_boligen": True, "flere_bor_her": False, "bor_her": True})
    told = page.locator("#skjema .ds-alert", has_text="Lånekassen")
    expect(told).to_contain_text("Svar på spørsmålet selv")
    people.answer(page, "studerer", value=False)  # asked instead
    system.switch("lanekassen", "normal")

    people.hurry(page, "oppvarming", people.TENANT)
    system.switch("skatteetaten", "down")
    people.hurry(page, "inntekt", people.TENANT)
    told = page.locator("#skjema .ds-alert", has_text="Skatteetaten")
    expect(told).to_contain_text("Vi får ikke svar akkurat nå")
    expect(told).to_contain_text("tatt vare på")
    people.answer(page, "inntekt_stemmer", value=True)
    people.hurry(page, "se-over", people.TENANT, document=papers.a_contract(tmp_path))
    expect(page.locator("main")).to_contain_text("svarer ikke akkurat nå")

    for box in page.locator("input[name=declared]").all():
        box.check()
    page.get_by_role("button", name="Send søknaden").click()
    expect(page.get_by_role("alert").first).to_contain_text("Søknaden er ikke sendt")

    system.switch("skatteetaten", "normal")
    page.wait_for_timeout(16_000)  # the time in which nobody asks a register that is down
    page.goto(page.url.replace("/send/", "/side/inntekt/"))
    expect(page.locator(".s-fact")).to_contain_text("Skatteetaten")
    expect(page.locator("input[name=inntekt_stemmer][value=true]")).to_be_checked()


def test_waits_for_a_slow_register(page: Page, system_to_disturb: System) -> None:
    system = system_to_disturb
    people.begin(page, system, "tax_free_rental_income")
    system.switch("lanekassen", "slow", seconds=1)
    people.hurry(page, "studier", {"bor_i_boligen": True, "flere_bor_her": False, "bor_her": True})
    expect(page.locator("#skjema")).to_contain_text("Hentet fra Lånekassen")
