"""How a person uses the browser in the tests: log in, look, fill in, go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Locator, Page

from tests.browser.system import System

SERVICE = "/tjenester/bostotte/"

#: What a tenant with children and one income answers; what a register or an earlier answer has filled in is left.
TENANT: dict[str, Any] = {
    "bor_i_boligen": True,
    "bor_her": True,
    "flere_bor_her": False,
    "forstegangstjeneste": False,
    "studerer": False,
    "boligtype": "leilighet",
    "bofellesskap": False,
    "boforhold": "leie_privat",
    "egen_inngang": True,
    "eget_bad": True,
    "eget_kjokken": True,
    "utleier_navn": "Ola Utleier",
    "utleier_familie": False,
    "husleie_mnd": "14 500",
    "husleie_fra": "2024-02-01",
    "skriftlig_avtale": True,
    "oppvarming": "nei",
    "soker_tilpasset": False,
    "inntekt_stemmer": True,
    "refusjon_etterbetaling": False,
    "kapitalinntekt_aar": "0",
    "naeringsinntekt_aar": "0",
    "utenlandsinntekt_aar": "0",
    "utenlandsk_pensjon": False,
    "skattefri_leieinntekt_mnd": "0",
    "nettoformue": "0",
    "formue_utilgjengelig": False,
    "har_konto": True,
    "kontonummer": "97100123456",
    "malform": "nb",
    "brev_pa_papir": False,
    "hvem_soker": "selv",
    "transport": False,
}


def log_in_citizen(
    page: Page, system: System, name: str, *, to: str = "/min-side/", level: str = "substantial"
) -> None:
    """Log in as a named case of the sandbox and land on a page."""
    page.goto(f"{system.address}/logg-inn/person/?next={to}")
    choose(page, name, level)
    page.wait_for_url(f"{system.address}**")


def log_in_employee(page: Page, system: System, name: str, *, to: str = "/arbeid/") -> None:
    """Log in as an employee of the sandbox and land on a page."""
    page.goto(f"{system.address}/logg-inn/ansatt/?next={to}")
    choose(page, name, "high")
    page.wait_for_url(f"{system.address}**")


def sit_down(page: Page, system: System, token: str) -> None:
    """Be logged in with a login that a scene has made."""
    page.context.add_cookies([{"name": "samspill", "value": token, "url": system.address}])


def choose(page: Page, name: str, level: str) -> None:
    """Choose a person and a level on the provider's page."""
    page.locator(f"input[name=level][value={level}]").check()
    page.locator(f'button[name=person][value="{name}"]').first.click()


def speak(page: Page, system: System, language: str) -> None:
    """Choose the language of the pages, as the switch does."""
    page.context.add_cookies([{"name": "sprak", "value": language, "url": system.address}])


def begin(page: Page, system: System, name: str) -> None:
    """Log in and start an application."""
    log_in_citizen(page, system, name, to=SERVICE)
    page.locator(f"form[action='{SERVICE}start/'] button").click()
    page.wait_for_url("**/side/**")


def form(page: Page) -> Locator:
    """The form on a page."""
    return page.locator("#skjema")


def answer(page: Page, name: str, value: Any) -> None:
    """Give one answer, as a person would, and wait until it is saved."""
    text = {True: "true", False: "false"}.get(value, str(value))
    choices = form(page).locator(f"input[type=radio][name='{name}']")
    if choices.count():
        form(page).locator(f"input[type=radio][name='{name}'][value='{text}']").check()
    else:
        form(page).locator(f"[name='{name}']:not([type=hidden])").fill(text)
        page.keyboard.press("Tab")


def unanswered(page: Page) -> list[str]:
    """Names of the fields on the page that have no answer yet, in order."""
    script = """form => {
      const open = [];
      for (const control of form.elements) {
        if (!control.name || open.includes(control.name) || control.closest("details:not([open])")) continue;
        if (control.type === "radio" && !form.querySelector(`[name="${control.name}"]:checked`)) open.push(control.name);
        if (/^(text|date|textarea)$/.test(control.type) && !control.readOnly && !control.value) open.push(control.name);
      }
      return open;
    }"""
    found: list[str] = form(page).evaluate(script)
    return found


def fill_page(page: Page, answers: dict[str, Any]) -> None:
    """Answer what is open on the page, also what comes to show on the way."""
    passed: set[str] = set()
    while True:
        left = [n for n in unanswered(page) if n not in passed and answers.get(bare(n)) is not None]
        if not left:
            return
        passed.add(left[0])
        answer(page, left[0], answers[bare(left[0])])
        settle(page)


def settle(page: Page) -> None:
    """Wait until nothing is being saved (without script there is nothing to wait for)."""
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def bare(name: str) -> str:
    """The field's own name: `medlemmer[0].bor_her` → `bor_her`."""
    return name.rsplit(".", 1)[-1] if "[" in name else name


def key_of(page: Page) -> str:
    """The form page that is open, from its address; empty elsewhere."""
    _before, found, after = page.url.partition("/side/")
    return unquote(after.split("/")[0]) if found else ""


def go_on(page: Page) -> None:
    """Save and go to the next page."""
    before = page.url
    form(page).locator("button[name=next]:visible").last.click()
    page.wait_for_function("url => location.href !== url", arg=before)
    page.wait_for_load_state()


def fill_until(
    page: Page, stop: str, answers: dict[str, Any], *, document: Path | None = None
) -> None:
    """Fill page by page until a page (its key, or `se-over`) is open."""
    for _ in range(30):
        if key_of(page) == stop or f"/{stop}/" in page.url:
            return
        fill_page(page, answers)
        if document is not None:
            for field in page.locator("#skjema input[type=file]").all():
                field.set_input_files(document)
        go_on(page)
    message = f"never came to {stop}: {page.url}"
    raise AssertionError(message)


_AT_ONCE = """([form, answers]) => {
  const bare = (name) => name.includes("[") ? name.split(".").pop() : name;
  for (const control of form.elements) {
    const value = answers[bare(control.name ?? "")];
    if (value === undefined || control.readOnly || control.closest("details:not([open])")) continue;
    if (control.type === "radio") {
      if (!form.querySelector(`[name="${control.name}"]:checked`)) control.checked = control.value === String(value);
    } else if (control.type !== "hidden" && !control.value) control.value = String(value);
  }
}"""


def hurry(page: Page, stop: str, answers: dict[str, Any], *, document: Path | None = None) -> None:
    """Come to a page fast, where the way there is not what is tested: each page is filled at once and sent."""
    for _ in range(40):
        if key_of(page) == stop or f"/{stop}/" in page.url:
            return
        page.evaluate(_AT_ONCE, [form(page).element_handle(), answers])
        for field in page.locator("#skjema input[type=file]").all() if document else ():
            field.set_input_files(document)
        with page.expect_navigation():
            form(page).locator("button[name=next]:visible").last.click()
    message = f"never came to {stop}: {page.url}"
    raise AssertionError(message)


def send(page: Page) -> None:
    """Tick the declaration and send."""
    for box in page.locator("input[name=declared]").all():
        box.check()
    page.locator("form[action$='/send/'] button[type=submit]").click()
    page.wait_for_url("**/kvittering/**")


def read_letter(page: Page, within: Locator) -> Locator:
    """Follow the first link to a letter; letters are made and sent one by one after the decision, so it may take a while."""
    link = within.get_by_role("link", name="Les brevet").first
    for _ in range(60):
        if link.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    link.click()
    page.wait_for_url("**/brev/**")
    return page.locator("article.s-letter")


def find_in_list(page: Page, number: str) -> Locator:
    """Go through the pages of the list that is open until a case is in it; return the link to it.

    The newest cases have the latest deadlines, so they stand last when other tests have filled the list.
    """
    link = page.locator("table").get_by_role("link", name=number)
    further = page.get_by_role("link", name="Neste", exact=True)
    while not link.count() and further.count():
        further.click()
        page.wait_for_load_state()
    return link
