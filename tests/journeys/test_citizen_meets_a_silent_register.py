"""A register is slow, down or wrong: it is said in the service's own words, and what is written is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import papers, people
from tests.browser.system import LEFT_ALONE_S, System

pytestmark = pytest.mark.browser


#: The time in which nobody asks a register that did not answer, and a little more.
LEFT_ALONE_MS = (LEFT_ALONE_S + 1) * 1000


class Disturber:
    """Switches registers of a system, and remembers which were left so that nobody asks them."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.left: set[str] = set()

    def switch(self, component: str, mode: str, **more: Any) -> None:
        self.system.switch(component, mode, **more)
        if mode in {"down", "wrong_schema"}:
            self.left.add(component)

    def waited(self) -> None:
        self.left.clear()


@pytest.fixture
def disturber(system: System, page: Page) -> Iterator[Disturber]:
    """Somebody who disturbs the system; it is put right afterwards, also where it has stopped asking for a while."""
    somebody = Disturber(system)
    yield somebody
    for component in ("skatteetaten", "lanekassen"):
        system.switch(component, "normal")
    if somebody.left:
        page.wait_for_timeout(LEFT_ALONE_MS)


def test_registers_fail_and_come_back(
    page: Page, system: System, disturber: Disturber, tmp_path: Path
) -> None:
    people.begin(page, system, "foreign_pension")
    disturber.switch("lanekassen", "wrong_schema")
    people.hurry(page, "studier", {"bor_i_boligen": True, "flere_bor_her": False, "bor_her": True})
    told = page.locator("#skjema .ds-alert", has_text="Lånekassen")
    expect(told).to_contain_text("Svar på spørsmålet selv")
    people.answer(page, "studerer", value=False)  # asked instead
    disturber.switch("lanekassen", "normal")

    people.hurry(page, "oppvarming", people.TENANT)
    disturber.switch("skatteetaten", "down")
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

    disturber.switch("skatteetaten", "normal")
    page.wait_for_timeout(LEFT_ALONE_MS)
    disturber.waited()
    page.goto(page.url.replace("/send/", "/side/inntekt/"))
    expect(page.locator(".s-fact")).to_contain_text("Skatteetaten")
    expect(page.locator("input[name=inntekt_stemmer][value=true]")).to_be_checked()


def test_waits_for_a_slow_register(page: Page, system: System, disturber: Disturber) -> None:
    people.begin(page, system, "tax_free_rental_income")
    disturber.switch("lanekassen", "slow", seconds=1)
    people.hurry(page, "studier", {"bor_i_boligen": True, "flere_bor_her": False, "bor_her": True})
    expect(page.locator("#skjema")).to_contain_text("Hentet fra Lånekassen")
