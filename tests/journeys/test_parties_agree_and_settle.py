"""From a tested key to a signature, and from measured hours to a statement, in the browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.system import ROOT, System

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def agreed(system: System) -> dict[str, str]:
    """An agreement in each state, a plan, a settled year, and two who are logged in."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.browser.agreeing"],
        env={**os.environ, **system.environment()}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-4000:]
    made: dict[str, str] = json.loads(found.stdout)
    return made


def test_a_municipality_reads_the_tests_of_the_key_and_signs(
    page: Page, system: System, agreed: dict[str, str]
) -> None:
    people.sit_down(page, system, agreed["lead"])
    page.goto(f"{system.address}/avtaler/")
    page.locator(f"main a[href='/avtaler/{agreed['agreement.offered']}/']").click()
    main = page.locator("main")
    expect(main).to_contain_text("Hva det blir for Trondheim")
    expect(main).to_contain_text("Ingen betaler mer enn alene")
    expect(main).to_contain_text("Kroner per innbygger i året, etter kommunens størrelse")
    page.get_by_text("Tallene som tabell").first.click()
    expect(page.get_by_role("columnheader", name="Kroner per innbygger")).to_be_visible()
    page.get_by_role("button", name="Signer versjon 1").click()
    expect(page.get_by_role("status")).to_contain_text("Du har signert.")
    expect(main).to_contain_text("signert av 1 av 3 parter")
    expect(page.get_by_role("button", name="Signer versjon 1")).to_have_count(0)


def test_an_owner_tests_a_key_before_writing_it_and_puts_it_forward(
    page: Page, system: System, agreed: dict[str, str]
) -> None:
    people.sit_down(page, system, agreed["owner"])
    page.goto(f"{system.address}/avtaler/ny/{agreed['agreement.initiative']}/")
    page.get_by_label("Tittel", exact=True).fill("Drift fra 2027")
    page.get_by_label("Kommuner", exact=True).fill("5001 1111 1108")
    first = page.get_by_role("group", name="Linje 1", exact=True)
    first.get_by_label("Kostnadslinje").fill("Drift")
    first.get_by_label("Hvem betaler").fill("nøkkel")
    first.get_by_label("Kroner i året").fill("90 000")
    page.get_by_label("Skal deles, kroner i året").fill("90 000")
    page.get_by_label("Felleskostnad som hver ville hatt alene, kroner i året").fill("60 000")
    page.get_by_label("Etter innbyggertall", exact=True).check()
    page.get_by_role("button", name="Prøv nøkkelen").click()
    tried = page.get_by_role("region", name="Hva nøkkelen fører til")
    expect(tried).to_contain_text("Holder ikke")
    expect(tried).to_contain_text("Gjelder ikke: 5001")
    expect(tried).to_contain_text("Ingenting er lagret ennå.")
    expect(page.get_by_label("Tittel", exact=True)).to_have_value("Drift fra 2027")
    page.get_by_role("button", name="Skriv versjonen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Drift fra 2027")
    page.get_by_role("button", name="Legg fram til signering").click()
    expect(page.locator("main")).to_contain_text("Åpen for signering")


def test_everybody_reads_a_settled_year_and_gets_the_statement(
    page: Page, system: System, agreed: dict[str, str]
) -> None:
    people.speak(page, system, "nb")
    page.goto(f"{system.address}/avregning/{agreed['settlement']}/")
    page.get_by_role("link", name="Trondheim").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Avregning for 2026: Trondheim – Tråante"
    )
    expect(page.locator("main")).to_contain_text("Forskjell på grunn av tiden en sak tar")
    paper = page.request.get(f"{page.url.removesuffix('oppgjor/')}pdf/")
    assert paper.body().startswith(b"%PDF-")
    table = page.request.get(f"{page.url.removesuffix('oppgjor/')}csv/").text().splitlines()
    # 900 cases × 7 minutes = 105 hours at 600 kroner, half of it withdrawn
    assert any("gain_realised" in line and ",63000," in line for line in table)
    assert any("gain_withdrawn" in line and ",31500," in line for line in table)


def test_a_gain_plan_shows_every_hour_in_one_state(
    page: Page, system: System, agreed: dict[str, str]
) -> None:
    people.speak(page, system, "nn")
    page.goto(f"{system.address}/gevinstplan/{agreed['agreement.initiative']}/")
    main = page.locator("main")
    expect(main).to_contain_text("Anslått, ikkje målt enno")
    expect(main).to_contain_text("Målt, ikkje teke ut")
    rows = page.locator("figure table tbody tr")
    # planned 500 hours, measured 105, of which 40 are taken out
    expect(rows.nth(0)).to_contain_text("395")
    expect(rows.nth(1)).to_contain_text("65")
    expect(rows.nth(2)).to_contain_text("40")
