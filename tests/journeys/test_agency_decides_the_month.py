"""The agency's month: what came in, the run from the page, what was put aside, payments, letters, and what comes after."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import people
from tests.browser.system import System
from tests.journeys.conftest import OSLO

pytestmark = pytest.mark.browser
LONG_MS = 90_000
REJECTED = {"V09": "mangler", "V48": "registrert"}
GRANTED = {"nb": "i bostøtte for", "nn": "i bustøtte for", "en": "in housing"}


@pytest.fixture
def agency(page: Page, system: System, month: dict[str, Any]) -> Page:
    """The agency's leader at the desk, when last month's cases have come."""
    people.log_in_employee(page, system, "leder-husbanken", to="/etat/")
    return page


@pytest.fixture
def run_done(agency: Page, system: System, month: dict[str, Any]) -> Page:
    """The month is run from the page, once for all tests of the file."""
    if not month.get("is run"):
        agency.goto(f"{system.address}/etat/terminer/bostotte/{month['term']}/")
        agency.locator("#fremdrift-ramme form button").click()
        follow(agency)
        month["is run"] = True
    return agency


def follow(page: Page) -> None:
    """Wait until the page says by itself that the run is done."""
    expect(page.locator("#fremdrift-ramme .ds-tag")).to_have_text("Ferdig", timeout=LONG_MS)


def test_the_month_is_run_from_the_page(
    agency: Page, system: System, month: dict[str, Any]
) -> None:
    page = agency
    expect(page.get_by_role("heading", level=1)).to_have_text("Innkomne saker")
    prepared, left = month["cases"][:-1], month["cases"][-1]
    for case in prepared[:2]:
        expect(page.locator("table.s-staff-list")).to_contain_text(case["number"])
    expect(page.locator("table.s-staff-list")).not_to_contain_text(left["number"])

    page.goto(f"{system.address}/etat/terminer/")
    row = page.locator("tbody tr", has=page.locator(f"a[href*='{month['term']}']"))
    expect(row).to_contain_text("Klar til å kjøres")
    row.get_by_role("button", name=re.compile("Start kjøringen")).click()
    page.wait_for_url(f"**/{month['term']}/")
    progress = page.locator("#fremdrift-ramme")
    expect(progress.locator("progress")).to_be_visible()
    follow(page)
    month["is run"] = True
    expect(page.locator("main .s-amount")).to_contain_text("vedtak")
    expect(page.locator("main")).to_contain_text("V00")
    expect(page.locator("main table").first).to_contain_text("Søkeren får bostøtte")

    answer = page.request.get(f"{page.url}utbetaling.csv")
    assert "text/csv" in answer.headers["content-type"]
    paid = list(csv.DictReader(io.StringIO(answer.text().removeprefix("\ufeff"))))
    total = re.sub(r"\D", "", page.locator("main .s-amount strong").inner_text())
    assert sum(int(line["amount_nok"]) for line in paid) == int(total) > 0
    assert {line["case"] for line in paid} & {case["id"] for case in prepared}
    assert left["id"] not in answer.text()

    page.goto(f"{system.address}/etat/unntak/?maned={month['term']}")
    aside = page.locator("main table").first
    expect(aside).to_contain_text(left["number"])
    expect(aside).to_contain_text("kommunen")


@pytest.mark.parametrize(("at", "language"), [(0, "nb"), (1, "nn"), (2, "en")])
def test_the_letter_is_sent_in_the_applicants_language_and_read_in_ones_own(
    run_done: Page, system: System, month: dict[str, Any], at: int, language: str
) -> None:
    page = run_done
    letter = open_letter(page, system, month["cases"][at]["id"])
    expect(letter).to_have_attribute("lang", "nb")  # the reader's
    people.speak(page, system, language)
    page.reload()
    expect(letter).to_have_attribute("lang", language)
    expect(letter.locator("h1")).to_have_count(1)
    expect(letter.locator("h1")).to_contain_text(GRANTED[language])
    expect(letter).to_contain_text("§")
    sent = page.request.get(f"{page.url}pdf/")
    assert sent.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(sent.body())) as pdf:
        assert str(pdf.Root.Lang).partition("-")[0] == language  # the applicant's
        assert pdf.Root.MarkInfo.Marked
        assert "pdfaid" in pdf.Root.Metadata.read_bytes().decode()


def open_letter(page: Page, system: System, case: str) -> Locator:
    """Open the letter of a case's decision, when it is made."""
    page.goto(f"{system.address}/arbeid/sak/{case}/")
    return people.read_letter(page, page.locator("main"))


def test_what_a_register_says_later_is_counted_again(
    run_done: Page, system: System, month: dict[str, Any]
) -> None:
    page, case = run_done, month["cases"][3]
    system.change(
        personidentifikator=case["applicant"], change="income", month=month["term"], amount=95000
    )
    page.goto(f"{system.address}/arbeid/sak/{case['id']}/")
    before = page.locator(".s-decision").count()
    page.locator("summary", has_text="Regn tidligere måneder om igjen").click()
    page.get_by_role("button", name="Regn om med registrene slik de er i dag").click()
    expect(page.get_by_role("alert").first).to_contain_text("Velg minst én måned")
    page.locator("summary", has_text="Regn tidligere måneder om igjen").click()
    page.locator("label", has=page.locator(f"input[value='{month['term']}']")).click()
    page.get_by_role("button", name="Regn om med registrene slik de er i dag").click()
    expect(page.get_by_role("status").first).to_contain_text("for mye er betalt ut")
    expect(page.locator(".s-decision")).to_have_count(before + 1)


def test_a_person_decides_once_more(run_done: Page, system: System, month: dict[str, Any]) -> None:
    page, case = run_done, month["cases"][4]
    page.goto(f"{system.address}/arbeid/sak/{case['id']}/")
    page.locator(".s-decision summary", has_text="Overprøv manuelt").first.click()
    page.locator(".s-decision textarea").first.fill("Sett på igjen etter en telefon.")
    page.get_by_role("button", name="Gjør vedtak som person").click()
    expect(page.get_by_role("status").first).to_contain_text("Avgjort: ")
    expect(page.locator(".s-decision").first).to_contain_text("avgjort av en person")


def test_the_citizen_reads_appeals_and_gets_an_answer(
    run_done: Page, browser: Browser, system: System, month: dict[str, Any]
) -> None:
    page, case = run_done, month["cases"][5]
    open_letter(page, system, case["id"])
    home = browser.new_context(locale="nb-NO").new_page()
    people.sit_down(home, system, case["login"])
    home.goto(f"{system.address}/min-side/sak/{case['id']}/")
    expect(people.read_letter(home, home.locator(".s-decision"))).to_be_visible()
    home.go_back()
    home.get_by_role("link", name="Klag, eller be om at et menneske ser på det").click()
    home.locator("#klage").fill("Husleien er høyere enn dere har regnet med.")
    home.get_by_role("button", name="Send klagen").click()
    expect(home.locator("main [role=status]")).to_contain_text("Vi har mottatt klagen")

    office = browser.new_context(locale="nb-NO").new_page()
    people.log_in_employee(office, system, f"saksbehandler-{OSLO}")
    office.goto(f"{system.address}/arbeid/sak/{case['id']}/#klager")
    office.locator("#klager textarea").fill("Husleien er kontrollert mot kontrakten.")
    office.get_by_role("button", name="Send klagen videre").click()
    expect(office.get_by_role("status").first).to_contain_text("Klagen er behandlet")
    office.context.close()

    page.goto(f"{system.address}/etat/klager/")
    page.locator("main table").get_by_role("link", name=case["number"]).click()
    page.locator("#klager label", has_text="Vedtaket blir stående").click()
    page.locator("#klager textarea").fill("Beløpet er regnet ut etter kontrakten.")
    page.get_by_role("button", name="Avgjør klagen").click()
    expect(page.get_by_role("status").first).to_contain_text("Klagen er behandlet")
    page.goto(f"{system.address}/etat/klager/")
    expect(page.locator("main")).not_to_contain_text(case["number"])
    home.reload()
    expect(home.locator(".s-decision").first).to_contain_text("Du har klaget på dette vedtaket")
    home.context.close()


@pytest.mark.parametrize(
    ("code", "who", "field", "mends"),
    [
        ("V09", f"saksbehandler-{OSLO}", "kommune_vedlegg", "fullstendig"),
        ("V48", "leder-husbanken", "husbanken_andre_bosatt", "true"),
    ],
)
def test_what_was_rejected_is_corrected_within_the_window(
    run_done: Page, browser: Browser, system: System, month: dict[str, Any], code: str, who: str,
    field: str, mends: str,
) -> None:  # fmt: skip
    case = month["rejected"][code]
    open_letter(run_done, system, case["id"])
    page = browser.new_context(locale="nb-NO").new_page()
    people.log_in_employee(page, system, who)
    page.goto(f"{system.address}/arbeid/sak/{case['id']}/")
    rejected = page.locator(".s-decision")
    expect(rejected).to_have_count(1)
    expect(rejected).to_contain_text(REJECTED[code])
    expect(rejected).to_contain_text("Kan rettes til og med")
    page.get_by_role("link", name="Endre det vi har fylt inn").click()
    page.locator(f"input[name='{field}'][value='{mends}']").check()
    page.locator("#grunn").fill("Rettet av søkeren innen fristen.")
    page.get_by_role("button", name="Lagre endringen").click()
    page.locator(".s-decision").get_by_role("button", name="Avgjør på nytt").click()
    expect(page.get_by_role("status").first).to_contain_text("Avgjort: R00")
    newest = page.locator(".s-decision").first
    expect(newest).to_contain_text("Etter rettingen: Søkeren får bostøtte")
    expect(page.locator(".s-decision")).to_have_count(2)
    expect(page.get_by_role("button", name="Avgjør på nytt")).to_have_count(0)
    page.context.close()
