"""Every page of every role: read from the URL resolver, looked at in a browser.

The addresses are the site's own, so that a page is looked at the day it is added; what each role is shown stands in
`tests/a11y/visits`. In bokmål each page is looked at in every way; axe and the keyboard judge each shape of page once (two
pages of the same elements, classes and roles are one shape). Width, zoom, words, and that the page says the same where no
script runs, are looked at on every page in bokmål; width and words in nynorsk and English once for each address, or shape of
an address, whoever is shown it.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest
from playwright.sync_api import Browser, Page

from samspill.identity.service import rule_of
from tests.a11y import looking, visits, walked
from tests.browser.system import System
from tests.routes import Route, routes

pytestmark = pytest.mark.browser
LANGUAGES = ("nb", "nn", "en")


@attrs.frozen
class Seen:
    """A page to be looked at: where, and what is behind it."""

    route: str
    address: str
    status: int


@pytest.fixture(scope="session")
def samples(system: System) -> dict[str, str]:
    """Everything the walk needs, made once: cases in every state, and everybody logged in."""
    made: dict[str, str] = system.scene("samples")
    return made


@pytest.fixture(scope="session")
def judged() -> dict[str, set[str]]:
    """The shapes of each route's page that axe has seen, in this run."""
    return {}


@pytest.fixture(scope="session")
def spoken() -> set[tuple[str, str, int]]:
    """The pages (route, query, status) that have been looked at in the other languages, in this run."""
    return set()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page that notes what its content policy stops."""
    context = browser.new_context(locale="nb-NO", viewport=looking.WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(looking.WATCH)
    yield context.new_page()
    context.close()


def named() -> dict[str, Route]:
    return {route.name: route for route in routes()}


def shown_to(who: str, samples: dict[str, str]) -> list[Seen]:
    """Every page that somebody is shown."""
    known = named()
    found = []
    for name, chosen in visits.all_pages().items():
        for visit in chosen:
            if visit.who == who and name in known:
                values = {
                    part: value if isinstance(value, str) else samples[value.name]
                    for part, value in visit.values.items()
                }
                found.append(Seen(name, known[name].address(values) + visit.query, visit.status))
    return found


def sit_down(page: Page, system: System, samples: dict[str, str], who: str) -> None:
    """Log somebody in."""
    if token := samples.get(f"session:{who}"):
        page.context.add_cookies([{"name": "samspill", "value": token, "url": system.address}])


def speak(page: Page, system: System, language: str) -> None:
    page.context.add_cookies([{"name": "sprak", "value": language, "url": system.address}])


def open_page(page: Page, system: System, seen: Seen) -> tuple[list[str], str]:
    """Open a page; return what is wrong with it when it is none, and what was served."""
    answer = page.goto(f"{system.address}{seen.address}")
    assert answer is not None
    if answer.status != seen.status or "text/html" not in answer.headers.get("content-type", ""):
        return [f"{seen.address}: {answer.status} {answer.headers.get('content-type')}"], ""
    if page.url.partition("?")[0] != f"{system.address}{seen.address}".partition("?")[0]:
        return [f"{seen.address} leads to {page.url}"], ""
    return [], answer.text()


def test_every_route_is_in_the_walk() -> None:
    """A new address says in `tests/a11y/visits/<room>.py` who is shown it, or that it is no page."""
    pages, others = visits.all_pages(), visits.no_pages()
    missing = [
        f"{route.name} ({route.pattern}): add it to PAGES or NO_PAGE in tests/a11y/visits/<room>.py"
        for route in routes()
        if route.name not in pages and route.name not in others
    ]
    assert not missing, "\n".join(missing)
    assert sorted(set(pages) & set(others)) == []


def test_no_entry_of_the_walk_is_left_over() -> None:
    known = set(named())
    assert sorted({*visits.all_pages(), *visits.no_pages()} - known) == []


def test_every_role_that_may_come_is_in_the_walk() -> None:
    """Each role of a page's access rule has somebody in the walk who is shown the page."""
    left_out = []
    pages = visits.all_pages()
    for route in routes():
        rule = rule_of(route.view)
        if route.name not in pages or rule is None or not pages[route.name]:
            continue
        come = {
            role for visit in pages[route.name] for role in (*visits.WHO[visit.who].roles, "anyone")
        }
        employees = come - {"anyone", "citizen"}
        missing = rule.roles - come - ({"employee"} if employees else set())
        left_out += [f"{route.name}: nobody with the role {r} is shown it" for r in sorted(missing)]
    assert not left_out, "\n".join(left_out)


@pytest.mark.parametrize("who", sorted(visits.WHO))
def test_every_page_shown_to(
    who: str,
    desk: Page,
    system: System,
    samples: dict[str, str],
    judged: dict[str, set[str]],
    spoken: set[tuple[str, str, int]],
) -> None:
    chosen = shown_to(who, samples)
    if not chosen:
        pytest.skip(f"nothing is shown to {who} alone")
    sit_down(desk, system, samples, who)
    found: list[str] = []
    for seen in chosen:
        speak(desk, system, "nb")
        fault, served = open_page(desk, system, seen)
        if fault:
            found += fault
            continue
        found += looking.changed_by_script(desk, served)
        found += looking.faults_of_words(desk, "nb")
        found += looking.faults(desk, route=seen.route, judged=judged)
        same = (seen.route, seen.address.partition("?")[2], seen.status)
        others = () if same in spoken else LANGUAGES[1:]
        spoken.add(same)
        with looking.zoomed(desk):
            found += looking.too_wide(desk)
            for language in others:
                speak(desk, system, language)
                desk.goto(f"{system.address}{seen.address}")
                found += looking.faults_of_words(desk, language)
                found += looking.too_wide(desk)
    walked.tell(
        who=who,
        roles=visits.WHO[who].roles or ("anyone",),
        routes=(seen.route for seen in chosen),
        looks=len(chosen),
        languages=LANGUAGES,
        axe=max(looking.versions, default=""),
        faults=len(found),
    )
    assert not found, "\n".join(found)


def test_what_is_no_page_is_none(desk: Page, system: System, samples: dict[str, str]) -> None:
    """An address that the walk passes by shows no page of ours to anybody: it is posted to, a file, or a way on."""
    found = []
    for route in routes():
        if route.name not in visits.no_pages():
            continue
        values = dict.fromkeys(route.parts, "00000000-0000-0000-0000-000000000000")
        values |= {"package_id": "bostotte", "term": samples["term"]}
        for who in ("nobody", "citizen", "caseworker", "agency"):
            cookie = {"Cookie": f"samspill={samples.get(f'session:{who}', '')}"}
            answer = desk.request.get(
                f"{system.address}{route.address(values)}", headers=cookie, max_redirects=0
            )
            if answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
                found.append(f"{route.name} is a page for {who}")
    assert not found, "\n".join(found)
