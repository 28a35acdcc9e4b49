"""Somebody without e-ID comes to the counter with a paper: it becomes the same case as all others."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.system import System
from tests.journeys.conftest import OSLO

pytestmark = pytest.mark.browser


def fill_what_shows(page: Page, answers: dict[str, object]) -> bool:
    """Fill in what is open on the counter's long form; tell whether there was anything."""
    filled: bool = page.evaluate(
        """(answers) => {
          const bare = (name) => name.includes("[") ? name.split(".").pop() : name;
          let any = false;
          for (const control of document.querySelector("#papir").elements) {
            const value = answers[bare(control.name ?? "")];
            if (value === undefined || control.readOnly) continue;
            if (control.type === "radio") {
              const chosen = document.querySelector(`#papir [name="${control.name}"]:checked`);
              if (!chosen && control.value === String(value)) { control.checked = true; any = true; }
            } else if (control.type !== "hidden" && !control.value) { control.value = String(value); any = true; }
          }
          return any;
        }""",
        answers,
    )
    return filled


def test_a_paper_becomes_the_same_case(page: Page, system: System) -> None:
    person = system.scene("person_without_case", number=OSLO)
    people.log_in_employee(page, system, f"veileder-{OSLO}", to="/arbeid/papir/")
    page.locator("#fnr").fill("123")
    page.get_by_role("button", name="Finn personen").click()
    expect(page.locator("ds-error-summary")).to_be_visible()
    page.locator("#fnr").fill(person)
    page.get_by_role("button", name="Finn personen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skriv det som står på papiret")
    assert person not in page.url
    expect(page.locator("#papir .s-source").first).to_contain_text("Hentet fra")

    for _ in range(6):  # each answer may bring new questions
        if not fill_what_shows(page, people.TENANT):
            break
        page.get_by_role("button", name=re.compile("Vis spørsmålene som følger")).first.click()
        page.wait_for_load_state()
    page.get_by_role("button", name="Registrer søknaden").click()
    expect(page.get_by_role("alert").first).to_be_visible()  # not signed yet
    page.locator("label", has_text="Papiret er underskrevet").click()
    page.get_by_role("button", name="Registrer søknaden").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Søknaden er registrert")
    code = page.locator("main dd.s-number strong").inner_text()
    assert re.fullmatch(r"[A-Z0-9-]{20,}", code)
    assert person not in page.locator("main").inner_text()
    page.context.clear_cookies()  # the next one at the desk
    people.log_in_employee(page, system, f"saksbehandler-{OSLO}")
    page.get_by_label("Saksnummer").fill(code)
    page.get_by_role("button", name="Finn", exact=True).click()
    page.wait_for_url("**/arbeid/sak/**")
    expect(page.locator("aside")).to_contain_text("papir")
    expect(page.locator(".s-staff-task").first).to_be_visible()
