"""A mandate through its life: to an organisation and its named user; changed, told of, renewed, printed and shut."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser
BERGEN = "4601"


@pytest.fixture(scope="module")
def three(system: System) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = system.scene("around_an_organisation", number=BERGEN)
    return found


def at(browser: Browser, system: System, login: str) -> Page:
    """A page of somebody's own browser, logged in."""
    page = browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900}).new_page()
    people.sit_down(page, system, login)
    return page


def sign(page: Page) -> None:
    """Read the text that is shown, and sign it."""
    page.get_by_role("button", name="Les teksten").click()
    page.get_by_role("button", name="Jeg signerer dette").click()


def test_an_organisation_is_given_a_mandate_and_the_one_it_names_uses_it(
    browser: Browser, system: System, three: dict[str, dict[str, str]]
) -> None:
    giver, helper, led = three["giver"], three["helper"], three["led"]
    hers, theirs, his = (at(browser, system, one["login"]) for one in (giver, led, helper))

    hers.goto(f"{system.address}/fullmakter/gi/")
    hers.get_by_label("En annen virksomhet").check()
    hers.locator("#agent_org").fill(led["org_no"])
    sign(hers)
    expect(hers.locator("main")).to_contain_text("Venter på fullmektigens ja")

    theirs.goto(f"{system.address}/fullmakter/")
    theirs.get_by_role("link", name="Led en virksomhet").click()
    theirs.locator("#org_no").fill(led["org_no"])
    theirs.get_by_role("button", name="Gå videre").click()
    expect(theirs.locator("main")).to_contain_text(giver["name"])
    theirs.get_by_role("button", name="Si ja").click()
    theirs.locator("#number").fill(helper["number"])
    theirs.locator("#family").fill(helper["family"])
    theirs.locator("form.s-form button").click()
    expect(theirs.locator("main")).to_contain_text(helper["name"])

    his.goto(f"{system.address}/fullmakter/opptre/")
    expect(his.locator("main")).to_contain_text(led["title"].upper())
    his.get_by_role("link", name=giver["name"]).click()
    his.get_by_role("button", name=f"Ja, jeg handler for {giver['name']}").click()
    expect(his.locator(".s-acting")).to_contain_text(giver["name"])
    hers.goto(f"{system.address}/fullmakter/bruk/")
    expect(hers.get_by_role("table")).to_contain_text("Brukt")

    theirs.locator("button[name=end]").first.click()
    expect(theirs.get_by_role("status").first).to_contain_text("Endringen er lagret")
    his.goto(f"{system.address}/min-side/")
    expect(his.locator("main")).to_contain_text("ikke lenger for den andre")
    for page in (hers, theirs, his):
        page.context.close()


def test_a_mandate_is_changed_told_of_renewed_printed_and_shut(
    browser: Browser, system: System, three: dict[str, dict[str, str]]
) -> None:
    giver, agent = three["giver"], three["helper"]
    hers, his = at(browser, system, giver["login"]), at(browser, system, agent["login"])
    hers.goto(f"{system.address}/fullmakter/gi/")
    hers.locator("#agent_number").fill(agent["number"])
    hers.locator("#agent_family").fill(agent["family"])
    ends = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=20)
    hers.locator("#valid_to").fill(ends.isoformat())
    sign(hers)
    his.goto(hers.url.partition("?")[0])
    his.get_by_role("button", name="Ja, jeg vil handle for").click()
    expect(his.get_by_role("status").first).to_contain_text("sagt ja")

    hers.get_by_role("link", name="Endre", exact=True).click()
    hers.get_by_label("Bare se").check()
    sign(hers)  # it gives less: it works at once, without a new yes
    expect(hers.get_by_role("status").first).to_contain_text("Fullmakten er endret")
    expect(hers.locator("main")).to_contain_text("Gjelder")

    assert system.scene("mandates_that_end")[0] >= 1
    hers.goto(f"{system.address}/fullmakter/")
    expect(hers.locator("main")).to_contain_text("Siste dag er")
    hers.get_by_role("link", name=agent["name"]).first.click()
    expect(hers.get_by_role("table")).to_contain_text("Går snart ut")
    hers.get_by_role("link", name="La den fortsette").click()
    hers.locator("#valid_to").fill((ends + dt.timedelta(days=300)).isoformat())
    sign(hers)
    expect(hers.get_by_role("status").first).to_contain_text("Fullmakten fortsetter")

    paper = hers.get_by_role("link", name="Skriv ut (PDF)").get_attribute("href")
    assert hers.request.get(f"{system.address}{paper}").body().startswith(b"%PDF")

    his.goto(f"{system.address}/fullmakter/opptre/")
    expect(his.get_by_role("link", name=giver["name"])).to_be_visible()
    hers.goto(f"{system.address}/fullmakter/")
    hers.get_by_role("button", name="Sperr for fullmakter").click()
    expect(hers.get_by_role("status").first).to_contain_text("sperret")
    his.reload()
    expect(his.get_by_role("link", name=giver["name"])).to_have_count(0)
    hers.get_by_role("button", name="Åpne igjen").click()
    his.reload()
    expect(his.get_by_role("link", name=giver["name"])).to_be_visible()
    for page in (hers, his):
        page.context.close()
