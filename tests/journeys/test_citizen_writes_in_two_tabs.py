"""The same draft in two windows: different fields go together, and for the same field both values are shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser


def test_two_windows_meet(page: Page, context: BrowserContext, system: System) -> None:
    people.begin(page, system, "shared_housing")
    people.hurry(page, "husstand", people.TENANT)
    here = page.url
    other = context.new_page()
    other.goto(here)

    people.answer(page, "medlemmer[0].bor_her", value=True)
    people.settle(page)
    people.answer(other, "medlemmer[1].bor_her", value=True)  # other fields, from the same old page
    people.settle(other)
    expect(other.locator("#to-vinduer")).to_have_count(0)
    people.answer(other, "medlemmer[0].bor_her", value=True)  # the same value never clashes
    people.settle(other)
    expect(other.locator("#to-vinduer")).to_have_count(0)

    people.answer(page, "flere_bor_her", value=True)
    expect(page.locator("#f-husstand_forklaring")).to_be_visible()  # saved, and a new question
    people.answer(other, "flere_bor_her", value=False)
    clash = other.locator("#to-vinduer")
    expect(clash).to_contain_text("Her: Nei")
    expect(clash).to_contain_text("I det andre vinduet: Ja")
    expect(other.locator("input[name=flere_bor_her][value=false]")).to_be_checked()
    people.go_on(other)

    page.goto(here)
    expect(page.locator("input[name=flere_bor_her][value=false]")).to_be_checked()
    for row in (0, 1):
        expect(page.locator(f"input[name='medlemmer[{row}].bor_her'][value=true]")).to_be_checked()


def test_quick_writing_never_races_with_itself(page: Page, system: System) -> None:
    """Answers given faster than they are saved, and a button pressed at once, all arrive."""
    people.begin(page, system, "cooperative_owner")
    people.hurry(page, "bolig", people.TENANT)
    for name, value in (
        ("boligtype", "hybel"),
        ("boligtype", "leilighet"),
        ("bofellesskap", "false"),
        ("boforhold", "leie_privat"),
    ):
        page.locator(f"#skjema input[name={name}][value={value}]").check()
    page.locator("#skjema button[name=next]:visible").last.click()
    page.wait_for_url("**/side/bolig_rom/")
    page.go_back()
    expect(page.locator("#to-vinduer")).to_have_count(0)
    for name, value in (
        ("boligtype", "leilighet"),
        ("bofellesskap", "false"),
        ("boforhold", "leie_privat"),
    ):
        expect(page.locator(f"#skjema input[name={name}][value={value}]")).to_be_checked()
