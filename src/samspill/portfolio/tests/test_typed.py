"""What is typed on a page is never lost: a refusal keeps it, tells which cell it is about, and leads to what to mend."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from samspill.infra import clock, refusals
from samspill.kernel.outcome import Refused
from samspill.portfolio import service
from samspill.portfolio.tests.builders import KS_COORDINATOR, MINISTRY, OWNER, brought_to, lead
from samspill.portfolio.tests.web import a_browser, text_of

pytestmark = pytest.mark.django_db
ROUND = {"budget_year": "2028", "deadline": "2027-01-15"}


@pytest.fixture(autouse=True)
def _a_day():
    with clock.frozen(dt.date(2026, 11, 2)):
        yield


def address(one, more: str) -> str:
    return f"/samstyring/tiltak/{one.id}/{more}"


@pytest.mark.parametrize(
    ("typed", "cell", "told"),
    [
        ({"plan-state-2028": "ten"}, "plan-state-2028", "2028: “ten” is not an amount"),
        ({"plan-state-2028": "1", "plan-state-2029": "-5"}, "plan-state-2029", "2029: “-5” is not"),
        ({"plan-state-2028": "nan"}, "plan-state-2028", "“nan” is not an amount"),
        ({"plan-state-2028": "1", "hours-0": "many"}, "hours-0", "“many” is not an amount"),
        ({"commitment-state-2028": "9"}, "plan-state-2028", "promised (P85), but none is planned"),
        ({"plan-state-2028": "1", "deadline": "soon"}, "deadline", "The day could not be read"),
    ],
)
def test_a_frame_that_cannot_be_read_is_told_by_its_name_and_nothing_is_opened(
    typed: dict[str, str], cell: str, told: str
) -> None:
    answer = a_browser(MINISTRY).post("/samstyring/runder/ny/", {**ROUND, **typed})
    assert answer.status_code == 422
    assert told in text_of(answer)
    marked = answer.content.decode().split(f'id="{cell}"')[1].split(">")[0]
    assert 'aria-invalid="true"' in marked
    if typed.get(cell):
        assert f'value="{typed[cell]}"' in marked
    assert not service.list_rounds(actor=MINISTRY)


def test_a_day_that_cannot_be_read_is_told_and_the_window_stays() -> None:
    made = brought_to("assessed")
    form = {"choice": "planned", "starts_on": "1. mars", "ends_on": "2028-06-30", "remark": ""}
    answer = a_browser(lead()).post(address(made, "innforing/"), form)
    assert answer.status_code == 422
    assert "The day could not be read" in text_of(answer)


def test_what_ks_has_written_stays_in_the_form_that_was_refused_and_in_no_other() -> None:
    made, browser = brought_to("assessed"), a_browser(KS_COORDINATOR)
    form = {
        "text": "Asked ten.",
        "name-1": "Training",
        "unit-1": "hours",
        "owner-1": "1",
        "ks-1": "many",
    }
    page = browser.post(address(made, "uttalelse/dissens/"), form).content.decode()
    assert page.count(">Asked ten.</textarea>") == 1
    assert 'id="dissens"' in page.split(">Asked ten.</textarea>")[0].rsplit("<textarea", 1)[1]
    assert 'value="Training"' in page
    assert 'value="many"' in page
    assert '<option value="hours" selected>' in page


def test_what_is_told_of_an_involvement_stays_open_where_it_was_refused() -> None:
    made, browser = brought_to("involved"), a_browser(OWNER)
    held = {"phase": "concept", "form": "workshop", "held_on": "2026-10-20", "raised": "Too long."}
    answer = browser.post(address(made, "medvirkning/"), {**held, "municipalities": "Oslo"})
    assert answer.status_code == 302
    one = next(
        i for i in service.story(made.id, actor=OWNER).involvements if i.raised == "Too long."
    )
    told = {"changed": "false", "text": " "}
    refused = browser.post(address(made, f"medvirkning/{one.id}/"), told)
    assert refused.status_code == 422
    own = refused.content.decode().split(f'aria-labelledby="mv-{one.id}"')[1].split("</article>")[0]
    assert '<details class="ds-details" open>' in own
    assert 'value="false" checked>' in own
    assert 'value="true">' in own


def test_a_ring_of_requirements_leads_to_the_links_of_each_in_it() -> None:
    first, second = (brought_to("registered", title=title) for title in ("Første", "Andre"))
    browser = a_browser(OWNER)
    form = {"requires": str(second.id), "revision": str(first.revision), "shown": str(second.id)}
    assert browser.post(address(first, "koblinger/"), form).status_code == 302
    back = {"requires": str(first.id), "revision": str(second.revision), "shown": str(first.id)}
    answer = browser.post(address(second, "koblinger/"), back)
    assert answer.status_code == 422
    assert "Andre → Første → Andre" in text_of(answer)
    page = answer.content.decode()
    for one in (first, second):
        assert f'<a class="ds-link" href="{address(one, "koblinger/")}" lang="nb">' in page


def test_a_day_in_a_refusal_is_written_as_people_write_it():
    refused = Refused(
        "too_short_notice",
        "The other side has at least two weeks.",
        remedy="Choose %(day)s or later.",
        values={"day": "2026-12-07"},
    )
    with translation.override("nb"):
        assert refusals.in_words(refused).endswith("Velg 7. desember 2026 eller senere.")
    with translation.override("en"):
        assert refusals.in_words(refused).endswith("Choose 7 December 2026 or later.")
    assert refusals.told({"a": "2026-13-40", "b": 3}) == {"a": "2026-13-40", "b": 3}


def test_a_refusal_of_the_involvement_page_is_in_the_reader_s_language():
    made = brought_to("involved")
    browser = a_browser(OWNER, "nb")
    typed = {
        "phase": "concept",
        "form": "workshop",
        "held_on": "2026-10-01",
        "municipalities": "Bergan",
    }
    answer = browser.post(address(made, "medvirkning/"), typed)
    assert answer.status_code == 422
    assert "«Bergan» er ikke navnet på eller nummeret til én kommune." in text_of(answer)
