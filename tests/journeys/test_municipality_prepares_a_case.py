"""The municipality's day: a list with filters and pages, a case beside the registers, its tasks, and on to the agency."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.a11y import looking
from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser
BERGEN, SANDNES = "4601", "1108"


def open_by_number(page: Page, system: System, number: str) -> None:
    """Find a case by the number on a letter; the number never stands in the address."""
    page.goto(f"{system.address}/arbeid/")
    page.get_by_label("Saksnummer").fill(number)
    page.get_by_role("button", name="Finn").click()
    page.wait_for_url("**/arbeid/sak/**")
    assert number not in page.url


def test_a_case_is_compared_asked_about_judged_and_passed_on(
    page: Page, browser: Browser, system: System
) -> None:
    case = system.scene("waiting", number=SANDNES, nth=0, changed={"kapitalinntekt_aar": 12000})
    people.log_in_employee(page, system, f"saksbehandler-{SANDNES}")
    open_by_number(page, system, case["number"])

    differs = page.locator(".s-staff-differs")
    expect(differs).to_contain_text("Ett svar er et annet enn registerets")
    expect(differs).to_contain_text("svarte «12 000 kr»")
    marked = page.locator("#svar .s-facts [data-differs]")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("Registeret sier")
    expect(page.locator("#svar .s-source").first).to_contain_text("Hentet fra")

    page.get_by_role("button", name="Ta saken").click()
    expect(page.get_by_role("status").first).to_contain_text("Saken er merket som din")
    page.locator("#mangler summary", has_text="Be om et dokument").click()
    page.locator("#mangler").get_by_text("Leiekontrakt", exact=True).click()
    page.locator("#be-om").fill("Vi trenger side 2 av kontrakten.")
    page.get_by_role("button", name="Be om dette").click()
    expect(page.get_by_role("status").first).to_contain_text("Søkeren er spurt")

    at_home = browser.new_context(locale="nb-NO").new_page()
    people.sit_down(at_home, system, case["login"])
    at_home.goto(f"{system.address}/min-side/sak/{case['id']}/")
    expect(at_home.locator("main .s-missing")).to_contain_text("side 2 av kontrakten")
    at_home.locator("#melding").fill("Side 2 ligger ved fra før.")
    at_home.get_by_role("button", name="Send melding").click()
    at_home.get_by_role("button", name="Jeg har sendt det dere ba om").click()
    expect(at_home.locator("main .s-missing")).to_have_count(0)

    page.reload()
    expect(page.locator("#meldinger")).to_contain_text("Side 2 ligger ved fra før.")
    page.locator("#melding").fill("Takk, da har vi det vi trenger.")
    page.get_by_role("button", name="Send melding").click()
    expect(page.locator(".s-message[data-own]")).to_contain_text("da har vi det vi trenger")
    at_home.reload()
    expect(at_home.locator("#meldinger")).to_contain_text("da har vi det vi trenger")
    at_home.context.close()

    task = page.locator(".s-staff-task")
    expect(task).to_have_count(1)
    task.get_by_role("button", name="Ferdig").click()  # nothing chosen: said beside the field
    expect(page.locator(".s-staff-task .ds-validation-message").first).to_be_visible()
    judge(page, "Ja, alt er kontrollert")
    page.locator("form:has(input[name=forward]) button").click()
    expect(page.get_by_role("status").first).to_contain_text("Saken er sendt videre som den er")
    expect(page.locator("main")).to_contain_text("Klar for vedtak")


def test_the_list_is_read_page_by_page_and_narrowed(page: Page, system: System) -> None:
    made = set(system.scene("queue", number=BERGEN, cases=27))
    people.log_in_employee(page, system, f"saksbehandler-{BERGEN}")
    rows = page.locator("table.s-staff-list tbody tr")
    expect(rows).to_have_count(25)
    seen = cases_on(page)
    page.get_by_role("link", name="Neste").click()
    expect(page.get_by_role("link", name="Forrige")).to_be_visible()
    seen |= cases_on(page)
    assert made <= seen  # none lost and none twice over the edge of a page
    page.get_by_role("link", name="Forrige").click()
    expect(rows).to_have_count(25)

    page.locator("summary", has_text="Velg hvilke saker som vises").click()
    page.get_by_label("Kom som").select_option(label="Papir")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.locator("main")).to_contain_text("Ingen saker passer med det du valgte")
    page.get_by_role("link", name="Vis alle som venter på oss").click()
    page.locator("summary", has_text="Velg hvilke saker som vises").click()
    page.get_by_label("Eldre enn").select_option("7")
    page.get_by_label("Oppgave").select_option(label="Kontroller søknad og vedlegg")
    page.get_by_role("button", name="Vis", exact=True).click()
    old = cases_on(page)
    assert old
    assert old < made
    for days in page.locator("table.s-staff-list td:nth-child(4)").all_inner_texts():
        assert int(days.split()[0]) >= 7
    assert re.fullmatch(r"[a-z0-9=&_-]*", page.url.partition("?")[2])  # chosen from lists, no names


def cases_on(page: Page) -> set[str]:
    """The cases of the page of the list that is open."""
    links = page.locator("table.s-staff-list th a").all()
    return {(link.get_attribute("href") or "").strip("/").rsplit("/", 1)[-1] for link in links}


def test_two_who_change_the_same_meet(page: Page, browser: Browser, system: System) -> None:
    case = system.scene("waiting", number=SANDNES, nth=1)
    people.log_in_employee(page, system, f"saksbehandler-{SANDNES}")
    open_by_number(page, system, case["number"])
    judge(page, "Ja, alt er kontrollert")
    context = browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900})
    context.add_init_script(looking.WATCH)
    other = context.new_page()
    people.log_in_employee(other, system, f"leder-{SANDNES}")
    for desk in (page, other):
        desk.goto(f"{system.address}/arbeid/sak/{case['id']}/endre/")
        desk.get_by_label("Hvorfor blir det endret?").fill("Sett på en gang til.")
    remark(page).fill("Kontrakten er fra i fjor.")
    remark(other).fill("Kontrakten er ny.")
    page.get_by_role("button", name="Lagre endringen").click()
    expect(page.get_by_role("status").first).to_contain_text("Endringen er lagret")

    other.get_by_role("button", name="Lagre endringen").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("To har endret det samme")
    both = other.locator("table tbody tr")
    expect(both).to_have_count(1)
    expect(both).to_contain_text("Kontrakten er fra i fjor.")
    expect(both).to_contain_text("Kontrakten er ny.")
    faults = looking.faults(other, route="merge", judged={})
    with looking.zoomed(other):
        faults += looking.too_wide(other)
    assert not faults, "\n".join(faults)
    expect(remark(other)).to_have_value("Kontrakten er ny.")
    remark(other).fill("Kontrakten fra i fjor gjelder fortsatt.")
    other.get_by_role("button", name="Lagre det som står her").click()
    expect(other.get_by_role("status").first).to_be_visible()
    other.goto(f"{system.address}/arbeid/sak/{case['id']}/endre/")
    expect(remark(other)).to_have_value("Kontrakten fra i fjor gjelder fortsatt.")
    context.close()


def judge(page: Page, choice: str) -> None:
    """Answer the one open task of a case and say that it is done."""
    page.locator(".s-staff-task label", has_text=choice).click()
    page.locator(".s-staff-task").get_by_role("button", name="Ferdig").click()
    expect(page.get_by_role("status").first).to_contain_text("Oppgaven er gjort")
    expect(page.locator(".s-staff-task")).to_have_count(0)


def remark(page: Page) -> Locator:
    """The caseworker's remark on a form."""
    return page.locator("form [name=kommune_merknad]")
