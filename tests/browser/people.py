"""How a person uses the browser in the tests: log in, look, fill in, go on."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.system import System


def log_in_citizen(page: Page, system: System, name: str, *, level: str = "substantial") -> None:
    """Log in as a person of the sandbox, chosen on its page by name."""
    page.goto(f"{system.address}/logg-inn/?profil=citizen")
    choose(page, name, level)
    expect(page).to_have_url(lambda url: url.startswith(system.address))


def log_in_employee(page: Page, system: System, name: str) -> None:
    """Log in as an employee of the sandbox, chosen on its page by name."""
    page.goto(f"{system.address}/logg-inn/?profil=employee")
    choose(page, name, "high")
    expect(page).to_have_url(lambda url: url.startswith(system.address))


def choose(page: Page, name: str, level: str) -> None:
    """Choose a person and a level on the provider's page."""
    page.get_by_label("search").fill(name)
    page.keyboard.press("Enter")
    page.get_by_role("radio", name=name).first.check()
    page.locator(f"input[value='{level}']").check()
    page.get_by_role("button").last.click()
