"""A protected address stands nowhere: not in a page, not in its source, not on the receipt."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from samspill.sandbox.population import build
from tests.browser import papers, people
from tests.browser.system import HOUSEHOLDS, System

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", ["protected_strictly", "grade_unknown"])
def test_the_address_is_shown_nowhere(
    page: Page, system: System, tmp_path: Path, name: str
) -> None:
    population = build(1, HOUSEHOLDS)
    person = population.persons[population.cases[name].applicant]
    household = population.household_of(person.national_id)
    assert household is not None
    secret = household.dwelling
    seen: list[str] = []

    def keep(response: Response) -> None:
        if (
            response.url.startswith(system.address)
            and "text/html" in response.headers.get("content-type", "")
            and response.ok
        ):
            seen.append(response.text())

    people.log_in_citizen(page, system, name, to=people.SERVICE)
    page.on("response", keep)
    page.locator(f"form[action='{people.SERVICE}start/'] button").click()
    page.wait_for_url("**/side/**")
    expect(page.locator("#skjema")).to_contain_text("skjermet")
    people.hurry(page, "se-over", people.TENANT, document=papers.a_contract(tmp_path))
    people.send(page)
    page.get_by_role("link", name="Følg saken din").click()
    expect(page.locator("main")).to_contain_text("Adresser blir ikke vist")

    assert len(seen) > 12
    for text in (f"{secret.street} {secret.house_no}", secret.address_id, secret.postal_code):
        assert [page_ for page_ in seen if text in page_] == []
