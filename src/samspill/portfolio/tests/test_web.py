"""The pages, through real sessions: each role's own start, each step posted as a form, refusals said on the page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from samspill.infra import clock
from samspill.portfolio import service
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    MINISTRY,
    OTHER_OWNER,
    OWNER,
    SECRETARIAT,
    a_candidate,
    an_assessment,
    answers,
    brought_to,
    lead,
)
from samspill.portfolio.tests.test_rounds import DEADLINE, a_round, an_entry
from samspill.portfolio.tests.web import a_browser, text_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _a_day():
    with clock.frozen(DAY):
        yield


def address(one, more: str = "") -> str:
    return f"/samstyring/tiltak/{one.id}/{more}"


PAGES = (
    "", "om/", "koblinger/", "sporsmal/", "relevans/", "medvirkning/", "kommuner/", "uttalelse/", "innforing/", "historikk/",
)  # fmt: skip


@pytest.mark.parametrize("actor", [OWNER, KS_COORDINATOR, MINISTRY, SECRETARIAT, None])
def test_every_page_of_an_initiative_opens_for_every_role(actor) -> None:
    made = brought_to("assessed")
    service.lodge_dissent(
        KS_COORDINATOR,
        initiative_id=made.id,
        text="Too low.",
        figures=[{"name": "Training", "unit": "hours", "owner": None, "ks": 10}],
    )
    browser = a_browser(actor or lead())
    for more in PAGES:
        answer = browser.get(address(made, more))
        assert answer.status_code == 200, more
        assert answer.content.decode().count("<h1") == 1, more
    for path in (
        "/samstyring/",
        "/samstyring/tiltak/",
        "/samstyring/runder/",
        "/samstyring/kalender/",
    ):
        assert browser.get(path).status_code == 200, path


def test_nobody_else_comes_in_but_the_calendar_is_for_everybody() -> None:
    made = brought_to("assessed")
    client = Client()
    assert client.get(address(made)).status_code == 302
    assert client.get("/samstyring/kalender/").status_code == 200
    feed = client.get("/samstyring/kalender.ics")
    assert feed["Content-Type"].startswith("text/calendar")
    assert feed.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_an_owner_registers_answers_a_question_and_goes_on() -> None:
    browser = a_browser(OWNER)
    answer = browser.post("/samstyring/tiltak/ny/", {"title": " ", "sector": "health"})
    assert answer.status_code == 422
    assert "The initiative has no title" in text_of(answer)
    answer = browser.post(
        "/samstyring/tiltak/ny/", {"title": "Helsemeldinger", "summary": "x", "sector": "health"}
    )
    (made,) = service.list_initiatives(actor=OWNER).items
    assert answer["Location"] == f"{address(made, 'sporsmal/')}?gjort=registered"
    answer = browser.post(
        address(made, "sporsmal/problem/"), {"answer": "Paper is lost.", "next": "1"}
    )
    assert answer["Location"] == address(made, "sporsmal/measures/")
    assert service.get(made.id, actor=OWNER).questions == {"problem": "Paper is lost."}
    assert browser.post(address(made, "steg/"), {"to": "relevance"}).status_code == 302
    assert service.get(made.id, actor=OWNER).state == "relevance"
    assert a_browser(OTHER_OWNER).post(address(made, "publiser/")).status_code == 403


def test_the_basics_are_saved_a_stale_page_is_told_and_a_duty_without_law_refused() -> None:
    made = brought_to("registered")
    browser = a_browser(OWNER)
    form = {
        "title": "Nytt navn",
        "summary": "s",
        "sector": "housing",
        "life_event": "",
        "legal": "voluntary",
        "legal_reference": "",
        "window_from": "2028-01-01",
        "window_to": "2028-12-31",
        "revision": str(made.revision),
    }
    assert browser.post(address(made, "om/"), form).status_code == 302
    now = service.get(made.id, actor=OWNER)
    assert (now.title, now.window_from) == ("Nytt navn", dt.date(2028, 1, 1))
    assert browser.post(address(made, "om/"), form).status_code == 409
    fresh = {**form, "legal": "duty", "revision": str(now.revision)}
    refused = browser.post(address(made, "om/"), fresh)
    assert refused.status_code == 422
    assert "basis in law or regulation" in text_of(refused)


def test_several_packages_and_links_are_added_and_taken_away_and_a_circle_is_refused() -> None:
    base, house, other = (
        brought_to("registered", title=title) for title in ("Grunnmur", "Hus", "Telt")
    )
    browser, url = a_browser(OWNER), address(house, "koblinger/")
    form = {
        "package-0": "bostotte", "change-0": "changes", "package-2": "startlan", "change-2": "creates",
        "package-title-2": "Startlån", "requires": [str(base.id)], "excludes": [str(other.id)],
        "shown": [str(base.id), str(other.id)],
    }  # fmt: skip
    assert browser.post(url, {**form, "revision": house.revision}).status_code == 302
    now = service.get(house.id, actor=OWNER)
    assert [(one["package_id"], one["change"]) for one in now.packages] == [
        ("bostotte", "changes"),
        ("startlan", "creates"),
    ]
    assert [o.title for o in (*now.requires, *now.excludes)] == ["Grunnmur", "Telt"]
    less = {**form, "package-0": "", "excludes": [], "revision": now.revision}
    assert browser.post(url, less).status_code == 302
    now = service.get(house.id, actor=OWNER)
    assert [one["package_id"] for one in now.packages] == ["startlan"]
    assert ([o.title for o in now.requires], now.excludes) == (["Grunnmur"], [])
    back = {"requires": [str(house.id)], "shown": [str(house.id)], "revision": base.revision}
    refused = browser.post(address(base, "koblinger/"), back)
    assert refused.status_code == 422
    assert "come back to where they began: Grunnmur → Hus → Grunnmur" in text_of(refused)


def test_a_faulty_package_is_told_in_its_row_and_a_link_the_page_did_not_show_stays() -> None:
    base, house = brought_to("registered", title="Grunnmur"), brought_to("registered", title="Hus")
    service.edit(OWNER, initiative_id=house.id, values={"requires": [base.id]})
    browser, url = a_browser(OWNER), address(house, "koblinger/")
    revision = service.get(house.id, actor=OWNER).revision
    wrong = {"package-0": "bostotte", "package-1": "Not an id!", "revision": revision}
    refused = browser.post(url, wrong)
    assert refused.status_code == 422
    assert 'aria-describedby="feil-package-1"' in refused.content.decode()
    assert browser.post(url, {"package-0": "bostotte", "revision": revision}).status_code == 302
    assert [o.title for o in service.get(house.id, actor=OWNER).requires] == ["Grunnmur"]


def test_both_sides_sign_on_the_page_and_silence_of_a_criterion_is_refused() -> None:
    made = brought_to("relevance")
    form = {**dict.fromkeys(answers(), "false"), "changes_work": "true", "verdict": "material"}
    page = a_browser(OWNER).post(address(made, "relevans/"), {**form, "needs_systems": ""})
    assert page.status_code == 422
    assert "A criterion is not answered" in text_of(page)
    for actor in (OWNER, KS_COORDINATOR):
        assert a_browser(actor).post(address(made, "relevans/"), form).status_code == 302
    assert "Both sides agree" in text_of(a_browser(MINISTRY).get(address(made, "relevans/")))
    assert a_browser(MINISTRY).post(address(made, "relevans/"), form).status_code == 403


def test_a_refused_step_lists_what_is_missing_with_links() -> None:
    made = brought_to("involved")
    page = a_browser(OWNER).post(address(made, "steg/"), {"to": "assessed"})
    assert page.status_code == 409
    assert "There are no figures for each municipality" in text_of(page)
    assert f"/konsekvens/{made.id}/resultat/" in page.content.decode()


def test_an_involvement_is_recorded_with_names_and_what_changed() -> None:
    made = brought_to("involved")
    browser = a_browser(OWNER)
    form = {
        "phase": "concept",
        "form": "workshop",
        "held_on": "2026-10-20",
        "municipalities": "Sandnes, 0301",
        "others": "",
        "raised": "Too many questions.",
    }
    wrong = browser.post(address(made, "medvirkning/"), {**form, "municipalities": "Atlantis"})
    assert wrong.status_code == 422
    assert "Atlantis" in text_of(wrong)
    assert browser.post(address(made, "medvirkning/"), form).status_code == 302
    (held,) = service.story(made.id, actor=OWNER).involvements
    assert held.municipalities == ["Oslo", "Sandnes"]
    told = {"changed": "true", "text": "Two questions are gone."}
    assert browser.post(address(made, f"medvirkning/{held.id}/"), told).status_code == 302
    assert "Two questions are gone." in text_of(browser.get(address(made, "medvirkning/")))


def test_ks_appoints_a_proposed_sample_and_the_page_says_who_is_missing() -> None:
    made = brought_to("involved")
    browser = a_browser(KS_COORDINATOR)
    assert browser.post(address(made, "kommuner/utpek/"), {"more": "Oslo"}).status_code == 302
    text = text_of(browser.get(address(made, "kommuner/")))
    assert "under 2,000 inhabitants (76 municipalities, " in text
    assert "Size: nobody speaks for" in text
    assert "System vendor: it is not known" in text


def test_a_lead_sees_the_window_on_the_start_page_and_plans_it() -> None:
    made = brought_to("assessed")
    browser = a_browser(lead())
    assert "choose a window" in text_of(browser.get("/samstyring/"))
    form = {"choice": "planned", "starts_on": "2028-02-01", "ends_on": "2028-06-30", "remark": ""}
    assert browser.post(address(made, "innforing/"), form).status_code == 302
    assert "1 February 2028 – 30 June 2028" in text_of(browser.get("/samstyring/"))
    form = {**form, "ends_on": ""}
    assert browser.post(address(made, "innforing/"), form).status_code == 422


def test_ks_states_dissents_and_everybody_comments() -> None:
    made = brought_to("assessed")
    browser = a_browser(KS_COORDINATOR)
    bad = {"text": "No.", "name-1": "Training", "unit-1": "hours", "owner-1": "1", "ks-1": "many"}
    assert browser.post(address(made, "uttalelse/dissens/"), bad).status_code == 422
    good = {**bad, "ks-1": "9 500,5"}
    assert browser.post(address(made, "uttalelse/dissens/"), good).status_code == 302
    assert service.story(made.id, actor=OWNER).dissents[0].figures[0]["ks"] == 9500.5
    view = {"position": "agree_with_conditions", "text": "If paid."}
    assert browser.post(address(made, "uttalelse/ks/"), view).status_code == 302
    said = a_browser(lead()).post(address(made, "uttalelse/kommentar/"), {"text": "We agree."})
    assert said.status_code == 302


def test_the_ministry_opens_a_round_and_frames_come_in_million_kroner() -> None:
    browser = a_browser(MINISTRY)
    assert browser.get("/samstyring/runder/ny/").status_code == 200
    form = {
        "budget_year": "2028",
        "deadline": "2027-01-15",
        "plan-state-2028": "10,5",
        "hours-0": "80",
    }
    assert browser.post("/samstyring/runder/ny/", form).status_code == 302
    (made,) = service.list_rounds(actor=MINISTRY)
    assert made.budgets == [{"payer": "state", "year": 2028, "plan_nok": 10.5e6}]
    assert len(made.load_limits) == 4
    late = {**form, "deadline": "2027-02-15"}
    assert browser.post("/samstyring/runder/ny/", late).status_code == 422


def test_a_round_is_filled_suggested_and_decided_on_its_page() -> None:
    running = a_round()
    url = f"/samstyring/runder/{running.id}/"
    made = [an_entry(running, name, value=v) for name, v in (("A", 12e6), ("B", 9e6), ("C", 1e6))]
    last = brought_to("assessed", title="D")
    body = an_assessment(candidate=a_candidate(value=0.5e6))
    service.deposit(OWNER, initiative_id=last.id, kind="assessment", body=body)
    owner, ministry, ks = a_browser(OWNER), a_browser(MINISTRY), a_browser(KS_COORDINATOR)
    assert f'<option value="{last.id}">D</option>' in owner.get(url).content.decode()
    assert owner.post(f"{url}meld-inn/", {"initiative": str(last.id)}).status_code == 302
    assert owner.post(f"{url}{last.id}/trekk/", {"reason": "Not ready."}).status_code == 302
    view = {"position": "agree", "text": "First of all."}
    assert ks.post(f"{url}{made[0].id}/tilra/", view).status_code == 302
    assert ministry.post(f"{url}forslag/").status_code == 302
    text = text_of(ministry.get(url))
    assert "It is proven that no choice within the frames is worth more (gap 0)" in text
    assert "Missing in The state's frame 2028, planned: 5.0 million kroner" in text
    with clock.frozen(DEADLINE + dt.timedelta(days=1)):
        choice = {f"start-{one.id}": "2028" for one in (made[0], made[2])}
        ministry = a_browser(MINISTRY)
        refused = ministry.post(f"{url}avgjor/", choice)
        assert refused.status_code == 409
        assert text_of(refused).count("no reason is given") == 2
        asked = refused.content.decode()
        for one in made[1:]:
            assert f'href="#reason-{one.id}">{one.title}: ' in asked
            assert f'id="reason-{one.id}"' in asked
        reasons = {f"reason-{one.id}": "The smallest first." for one in made[1:]}
        assert ministry.post(f"{url}avgjor/", {**choice, **reasons}).status_code == 302
        assert "The smallest first." in text_of(a_browser(OWNER).get(url))
    assert service.get(made[2].id, actor=OWNER).state == "decided"


def test_reminders_are_written_once_and_shown_to_those_they_are_for() -> None:
    made = brought_to("relevance")
    service.sign_relevance(
        OWNER, initiative_id=made.id, verdict="material", criteria=answers("changes_work")
    )
    with clock.frozen(DAY + dt.timedelta(days=7)):
        first = service.remind()
        assert first >= 1
        assert service.remind() == 0
        assert "Sign KS' verdict" in text_of(a_browser(KS_COORDINATOR).get("/samstyring/"))
        assert [one.about for one in service.reminders(KS_COORDINATOR) if one.about] == [made.title]
        assert not [one for one in service.reminders(lead()) if one.about]


def test_the_overview_leads_to_the_pages_of_cost_agreement_and_gain_one_may_open() -> None:
    made = brought_to("assessed")
    propose, gains = f"/avtaler/ny/{made.id}/", f"/gevinstplan/{made.id}/"
    for actor, may in ((OWNER, True), (SECRETARIAT, True), (OTHER_OWNER, False), (lead(), False)):
        browser = a_browser(actor)
        page = browser.get(address(made)).content.decode()
        assert (propose in page) == may
        assert gains in page
        if may:
            back = browser.get(propose).content.decode()
            assert f'href="{address(made)}"' in back
    assert f'href="{address(made)}"' in a_browser(lead()).get(gains).content.decode()
