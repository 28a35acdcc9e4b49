"""Whoever opens a page about a person leaves a line in the log, also when the page is refused.

The addresses are read from the URL resolver, so that a new one is tried the day it is added.
"""

from __future__ import annotations

import attrs
import pytest

from samspill.cases.tests.builders import Registers, a_citizen, known
from samspill.cases.tests.term_builders import a_caseworker, an_agency, ferry, run_day
from samspill.infra.models import AccessEntry
from tests.architecture.test_routes import STAVANGER, World, browser, personal_routes, world

__all__ = ["Registers", "ferry", "known", "run_day", "world"]

SAYS_NOTHING = {"agency-term-progress"}
"""Addresses that tell of a month's run in numbers, and of nobody."""


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "keys"}


def silent(client, world: World) -> tuple[list[str], int, int]:
    """Addresses that answered with a page or a refusal and left no line; and how many of each answered."""
    found, shown, refused = [], 0, 0
    for route in personal_routes():
        before = AccessEntry.objects.count()
        answer = client.get(route.address(world.values))
        logged = AccessEntry.objects.count() - before
        is_shown = answer.status_code == 200 and route.name not in SAYS_NOTHING
        is_refused = answer.status_code in {403, 404}
        shown, refused = shown + is_shown, refused + is_refused
        if (is_shown or is_refused) and not logged:
            found.append(f"{route.name} → {answer.status_code}")
    return found, shown, refused


def test_a_page_about_a_person_leaves_a_line(world: World):
    shown = 0
    for person in (a_citizen(), a_citizen(5), a_caseworker(), an_agency()):
        left_out, count, _ = silent(browser(person), world)
        assert left_out == [], person.roles or "citizen"
        shown += count
    assert shown > 12, "the walk came to pages"


def test_a_refusal_leaves_a_line_that_says_so(world: World):
    elsewhere = a_caseworker(number=STAVANGER, serial=801)
    for person in (a_citizen(2), attrs.evolve(elsewhere, org_no="964965226")):
        denied = AccessEntry.objects.filter(outcome="deny").count()
        left_out, _, refused = silent(browser(person), world)
        assert left_out == []
        assert refused > 12
        assert AccessEntry.objects.filter(outcome="deny").count() - denied >= refused


def test_a_search_leaves_a_line_with_the_number_of_hits_and_no_person(world: World):
    browser(a_caseworker()).get("/arbeid/?q=Kari")
    line = AccessEntry.objects.filter(action="search").latest("id")
    assert "hits" in line.detail
    assert line.subject_id is None
    assert "Kari" not in str(line.detail)
