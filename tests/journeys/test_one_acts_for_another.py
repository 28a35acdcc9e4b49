"""One trusts another: gives, is helped, sees it, and takes it back while the other one's page is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import papers, people
from tests.browser.system import System

pytestmark = pytest.mark.browser
BERGEN = "4601"


@pytest.fixture(scope="module")
def three(system: System) -> list[dict[str, str]]:
    found: list[dict[str, str]] = system.scene("who_trust_each_other", number=BERGEN)
    return found


def at(browser: Browser, system: System, who: dict[str, str]) -> Page:
    """A page of somebody's own browser, logged in."""
    page = browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900}).new_page()
    people.sit_down(page, system, who["login"])
    return page


def go(page: Page, system: System, path: str) -> None:
    page.goto(f"{system.address}{path}")


def give(page: Page, system: System, agent: dict[str, str]) -> None:
    go(page, system, "/fullmakter/")
    page.get_by_role("link", name="Gi en fullmakt").click()
    page.locator("#agent_number").fill(agent["number"])
    page.locator("#agent_family").fill(agent["family"])
    page.get_by_role("button", name="Les teksten").click()
    expect(page.locator("main .s-panel")).to_contain_text(agent["name"])
    page.get_by_role("button", name="Jeg signerer dette").click()
    expect(page.locator("main")).to_contain_text("Venter på fullmektigens ja")


def act_for(page: Page, system: System, giver: dict[str, str]) -> None:
    """The two deliberate steps."""
    go(page, system, "/fullmakter/opptre/")
    page.get_by_role("link", name=giver["name"]).click()
    page.get_by_role("button", name=f"Ja, jeg handler for {giver['name']}").click()
    expect(page.locator(".s-acting")).to_contain_text(giver["name"])


def begin(page: Page, system: System) -> None:
    go(page, system, people.SERVICE)
    page.locator(f"form[action='{people.SERVICE}start/'] button").click()
    page.wait_for_url("**/side/**")


def test_one_helps_another_and_is_stopped_while_the_page_is_open(
    browser: Browser, system: System, three: list[dict[str, str]], tmp_path: Path
) -> None:
    giver, agent = three[0], three[1]
    hers, his = at(browser, system, giver), at(browser, system, agent)
    give(hers, system, agent)

    go(his, system, "/fullmakter/")
    his.get_by_role("link", name=giver["name"]).click()
    his.get_by_role("button", name="Ja, jeg vil handle for").click()
    act_for(his, system, giver)
    begin(his, system)
    expect(his.locator(".s-acting")).to_contain_text(giver["name"])
    people.hurry(his, "se-over", people.TENANT, document=papers.a_contract(tmp_path))
    people.send(his)
    facts = his.locator("main dl.s-facts")
    expect(facts).to_contain_text(giver["name"])
    expect(facts).to_contain_text(agent["name"])

    begin(his, system)  # another one, not sent
    open_page = his.url
    go(hers, system, "/fullmakter/bruk/")
    expect(hers.get_by_role("table")).to_contain_text("Brukt")
    expect(hers.get_by_role("table")).to_contain_text(agent["name"])
    go(hers, system, "/fullmakter/")
    hers.get_by_role("link", name=agent["name"]).first.click()
    hers.get_by_role("button", name="Trekk den tilbake nå").click()
    expect(hers.get_by_role("status").first).to_contain_text("avsluttet")

    assert his.url == open_page
    people.form(his).locator("button[name=next]:visible").last.click()
    his.wait_for_url("**/fullmakter/opptre/**")
    expect(his.locator("main")).to_contain_text("ikke lenger for den andre")
    expect(his.locator(".s-acting")).not_to_contain_text(giver["name"])
    his.goto(open_page)
    assert giver["name"] not in his.locator("main").inner_text()

    go(hers, system, "/min-side/")
    hers.get_by_role("button", name="Gå videre med den selv").click()
    hers.wait_for_url("**/side/**")
    hers.context.close()
    his.context.close()


def desk(browser: Browser, system: System, role: str) -> Page:
    page = browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900}).new_page()
    people.log_in_employee(page, system, f"{role}-{BERGEN}", to="/arbeid/fullmakter/")
    return page


def fill(page: Page, typed: dict[str, Any]) -> None:
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)


def test_a_paper_at_the_counter_needs_two_and_the_letter_is_made(
    browser: Browser, system: System, three: list[dict[str, str]], tmp_path: Path
) -> None:
    giver, agent = three[2], three[1]
    first = desk(browser, system, "veileder")
    first.get_by_role("link", name="Registrer et papir").click()
    fill(first, {
        "giver_number": giver["number"], "giver_family": giver["family"],
        "agent_number": agent["number"], "agent_family": agent["family"],
    })  # fmt: skip
    first.locator("#scan").set_input_files(papers.a_contract(tmp_path))
    first.get_by_role("button", name="Registrer", exact=True).click()
    expect(first.locator("main")).to_contain_text("Du registrerte den selv")
    expect(first.get_by_role("link", name="Se det skannede papiret")).to_be_visible()
    path = first.url.removeprefix(system.address).partition("?")[0]

    second = desk(browser, system, "saksbehandler")
    go(second, system, path)
    made = second.context.request.post(
        f"{system.address}{path}brev/",
        form={
            "csrfmiddlewaretoken": second.locator("[name=csrfmiddlewaretoken]").first.input_value()
        },
        headers={"referer": second.url},
    )
    assert made.body().startswith(b"%PDF")
    second.locator("#code").fill("AAAA BBBB")
    second.get_by_role("button", name="Bekreft med koden").click()
    expect(second.get_by_role("alert").first).to_contain_text("Koden er feil")
    code = system.scene(
        "letter_with_code", mandate_id=path.strip("/").rpartition("/")[2], number=BERGEN
    )
    second.locator("#code").fill(f"{code[:4]} {code[4:].lower()}")
    second.get_by_role("button", name="Bekreft med koden").click()
    expect(second.get_by_role("status").first).to_contain_text("gjelder fra nå")

    go(second, system, "/arbeid/fullmakter/telefon/")
    fill(second, {"agent_number": agent["number"], "subject_number": giver["number"]})
    second.get_by_role("button", name="Sjekk", exact=True).click()
    expect(second.locator("main .ds-alert").first).to_contain_text("Ja")
    first.context.close()
    second.context.close()
