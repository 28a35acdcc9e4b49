"""Somebody stops in the middle and comes back: to the same page, the same field, with everything kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.system import System

pytestmark = pytest.mark.browser


def test_comes_back_another_day_to_the_same_field(
    page: Page, browser: Browser, system: System
) -> None:
    people.begin(page, system, "self_employed")
    people.hurry(page, "husleie", people.TENANT)
    people.answer(page, "utleier_navn", "Kari Huseier")
    people.answer(page, "husleie_mnd", "9 400")
    expect(page.locator("#lagret-f-husleie_mnd")).to_have_text("Lagret")
    page.context.close()

    later = browser.new_context(locale="nb-NO").new_page()
    people.log_in_citizen(later, system, "self_employed")
    later.get_by_role("link", name="Bostøtte").and_(later.locator("main .s-card a")).first.click()
    later.wait_for_url("**/side/husleie/#f-husleie_mnd")
    expect(later.locator("#f-husleie_mnd")).to_be_focused()
    expect(later.locator("#f-husleie_mnd")).to_have_value("9400")
    expect(later.locator("#f-utleier_navn")).to_have_value("Kari Huseier")
    later.context.close()


def test_is_logged_out_in_the_middle_and_loses_nothing(page: Page, system: System) -> None:
    people.begin(page, system, "no_income")
    people.answer(page, "bor_i_boligen", value=True)
    expect(page.locator("#lagret-f-bor_i_boligen")).to_have_text("Lagret")
    here = page.url.partition("#")[0]
    page.context.clear_cookies(name="samspill")
    # A click and no more: the page goes away under it, so the radio cannot be looked at afterwards.
    page.locator("#skjema input[name=bor_i_boligen][value=false]").click()
    page.wait_for_url("**/logg-inn/**")
    page.get_by_role("link", name="MinID").or_(
        page.locator("main a[href*='/logg-inn/person/']")
    ).first.click()
    page.wait_for_load_state()
    if page.locator("input[name=level]").count():  # the provider may remember who one is
        people.choose(page, "no_income", "substantial")
    page.wait_for_url(f"{here}**")
    expect(page.locator("#f-bor_i_boligen")).to_be_focused()
    expect(page.locator("input[name=bor_i_boligen][value=true]")).to_be_checked()


def test_deletes_the_draft_after_being_asked(page: Page, system: System) -> None:
    people.begin(page, system, "young_disabled")
    page.get_by_role("link", name="Slett utkastet").click()
    page.get_by_role("button", name="Slett utkastet").click()
    page.wait_for_url("**/min-side/")
    expect(page.get_by_text("Påbegynt, ikke sendt")).to_have_count(0)
