"""Paper has no button to open what is shut, so all of it is printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.system import System

pytestmark = pytest.mark.browser


def test_what_is_shut_on_the_screen_stands_on_paper(page: Page, system: System) -> None:
    page.goto(f"{system.address}/data/")
    inside = page.locator("main details:not([open]) dl").first
    expect(inside).to_be_hidden()
    page.emulate_media(media="print")
    expect(inside).to_be_visible()
    assert inside.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})")
    assert inside.evaluate("e => e.closest('details').offsetHeight > e.offsetHeight")


def test_the_table_of_every_chart_is_printed_shut_or_not(page: Page, system: System) -> None:
    page.goto(f"{system.address}/likhet/")
    page.emulate_media(media="print")
    twins = page.locator("figure.s-chart > details:not([open]) table")
    assert twins.count() > 0
    for twin in twins.all():
        expect(twin).to_be_visible()
        assert twin.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})")
        assert twin.evaluate("e => getComputedStyle(e).breakInside") == "auto"
    page.set_viewport_size({"width": 718, "height": 1000})  # what is left of an A4 sheet
    assert page.evaluate("document.documentElement.scrollWidth") <= 718


def test_small_words_are_not_larger_than_the_others_on_paper(page: Page, system: System) -> None:
    page.goto(f"{system.address}/likhet/")
    page.emulate_media(media="print")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    small = page.locator(".s-chart__note.s-small").first.evaluate(size)
    assert small < page.locator("body").evaluate(size)


def test_the_map_is_printed_with_its_table_and_without_its_form(page: Page, system: System) -> None:
    page.goto(f"{system.address}/kart/")
    expect(page.locator("main form")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("main form")).to_be_hidden()
    expect(page.locator("main figure.s-chart svg:visible").first).to_be_visible()
    expect(page.locator("main figure.s-chart details table")).to_be_visible()


def test_a_caption_is_no_wider_than_what_is_seen_of_its_table(page: Page, system: System) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{system.address}/logg/")
    frame = page.locator(".s-scroll:has(caption:not(.ds-sr-only))").first
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    frame.evaluate("e => { e.scrollLeft = 100 }")
    seen = frame.evaluate(
        "e => [e.getBoundingClientRect(), e.querySelector('caption').getBoundingClientRect()]"
        ".map(box => [Math.round(box.left), Math.round(box.right)])"
    )
    assert seen[0] == seen[1]
