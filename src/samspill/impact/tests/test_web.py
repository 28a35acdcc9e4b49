"""The pages, through real sessions: opened by each role, posted as forms, refusals said on the page."""

import pytest

from samspill.impact import service
from samspill.impact.tests.builders import (
    KS,
    LINES,
    OWNER,
    SECRETARIAT,
    a_lead,
    a_municipality,
    described,
    frozen,
)
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.web import a_browser, text_of

pytestmark = pytest.mark.django_db
PREVIEW = "/konsekvens/{}/linje/saved/regn/"


def posted(**changes):
    return {"name": "Spart tid", "key": "saved", "category": "hours_freed", "bearer": "municipality", "role": "caseworker",
            "quantity": "0,02", "driver": "inhabitants", "elasticity": "1", "low": "0,5", "likely": "1", "high": "1,6",
            "grade": "expert", "source": "Måling", "take": "1"} | changes  # fmt: skip


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_opens_in_every_language(language):
    view, made = frozen()
    pages = ["", "linje/ny/", "linje/saved/", "innforing/", f"resultat/{made.id}/"]
    for actor in (OWNER, KS, SECRETARIAT, a_lead()):
        browser = a_browser(actor, language)
        for more in pages:
            assert browser.get(f"/konsekvens/{view.id}/{more}").status_code == 200
        assert browser.get("/konsekvens/treffsikkerhet/").status_code == 200
    assert a_browser(a_lead(), language).get("/konsekvens/var-kommune/").status_code == 200


def test_a_line_is_edited_as_a_form():
    view = described()
    browser = a_browser(OWNER)
    answer = browser.post(
        f"/konsekvens/{view.id}/linje/saved/", posted(quantity="0,05", do="save"), follow=True
    )
    assert "Saved." in text_of(answer)
    line = service.lines_of(view.id, actor=OWNER).lines[2]
    assert (line.quantity, line.name, line.grade) == (0.05, "Spart tid", "expert")


def test_a_line_that_is_saved_as_it_stands_stays_as_it_is():
    """What the form shows of two percentiles, three points and a class is what it gives back."""
    view = described()
    browser = a_browser(OWNER)
    before = service.lines_of(view.id, actor=OWNER).lines
    for line in before:
        page = browser.get(f"/konsekvens/{view.id}/linje/{line.key}/").context["parts"]
        given = {field["name"]: str(field["value"]) for part in page for field in part["fields"]}
        take = service.lines_of(view.id, actor=OWNER).take
        browser.post(
            f"/konsekvens/{view.id}/linje/{line.key}/",
            given | {"name": line.key, "do": "save", "take": take},
        )
    after = service.lines_of(view.id, actor=OWNER).lines
    assert [line.uncertainty for line in after] == [line.uncertainty for line in before]
    assert [(line.quantity, line.driver, line.end, line.ramp) for line in after] == [
        (line.quantity, line.driver, line.end, line.ramp) for line in before
    ]


def test_hours_of_an_introduction_come_once_and_stay_hours_when_the_line_is_saved_again():
    view = described()
    browser = a_browser(OWNER)
    new = f"/konsekvens/{view.id}/linje/ny/"
    shown = browser.get(f"{new}?sporsmal=project_lead").context["parts"]
    given = {field["name"]: str(field["value"]) for part in shown for field in part["fields"]}
    assert given["category"] == "one_off_hours"
    given |= {"quantity": "60", "driver": "one", "take": "1", "do": "save"}
    assert browser.post(new, given).status_code == 302
    for take in (2, 3):
        line = next(
            one for one in service.lines_of(view.id, actor=OWNER).lines if one.key == "project_lead"
        )
        assert (line.category, line.unit, line.is_once) == ("one_off_cost", "hours", True)
        again = given | {"take": str(take), "quantity": str(60 + take)}
        assert browser.post(f"/konsekvens/{view.id}/linje/project_lead/", again).status_code == 302


def test_a_line_without_a_key_gets_one_from_its_name():
    view = described()
    browser = a_browser(OWNER)
    for take in ("1", "2"):
        typed = posted(key="", name="Opplæring av alle", do="save", take=take)
        assert browser.post(f"/konsekvens/{view.id}/linje/ny/", typed).status_code == 302
    keys = [line.key for line in service.lines_of(view.id, actor=OWNER).lines]
    assert keys[-2:] == ["opplaering-av-alle", "opplaering-av-alle-2"]


def test_recalculation_saves_nothing_and_says_the_figures():
    view = described()
    browser = a_browser(OWNER)
    fragment = text_of(browser.post(PREVIEW.format(view.id), posted(quantity="0,05")))
    assert "Net hours used" in fragment
    without_script = browser.post(
        f"/konsekvens/{view.id}/linje/saved/", posted(quantity="0,05", do="preview")
    )
    assert "Net hours used" in text_of(without_script)
    assert 'value="0,05"' in without_script.content.decode()
    assert service.lines_of(view.id, actor=OWNER).take == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": "-1"}, "negative"),
        ({"quantity": "mye"}, "a number is expected"),
        ({"low": "3"}, "is above"),
        ({"driver": "cases"}, "driver"),
        ({"take": "0"}, "Somebody else saved"),
    ],
)
def test_what_cannot_be_saved_is_said_and_what_was_typed_is_kept(change, said):
    view = described()
    answer = a_browser(OWNER).post(
        f"/konsekvens/{view.id}/linje/saved/", posted(do="save", **change)
    )
    assert answer.status_code in {409, 422}
    assert said in text_of(answer)
    assert "Spart tid" in answer.content.decode()
    assert service.lines_of(view.id, actor=OWNER).take == 1


def test_a_line_is_taken_out_and_another_that_is_not_there_is_not_found():
    view = described()
    browser = a_browser(OWNER)
    browser.post(f"/konsekvens/{view.id}/linje/saved/", posted(do="remove"))
    assert len(service.lines_of(view.id, actor=OWNER).lines) == len(LINES) - 1
    assert browser.get(f"/konsekvens/{view.id}/linje/hat/").status_code == 404


def test_who_does_not_own_it_reads_but_does_not_change():
    view, _ = frozen()
    answer = a_browser(KS).post(f"/konsekvens/{view.id}/linje/saved/", posted(do="save"))
    assert answer.status_code == 403
    assert "Save the line" not in text_of(a_browser(KS).get(f"/konsekvens/{view.id}/linje/saved/"))


def test_the_whole_way_from_checklist_to_frozen_in_the_browser():
    view = described()
    portfolio.publish(OWNER, initiative_id=view.id)
    owner, ks = a_browser(OWNER), a_browser(KS)
    owner.post(f"/konsekvens/{view.id}/innforing/", {"why-archive": "Arkivet følger med."})
    calculated = owner.post(f"/konsekvens/{view.id}/beregn/", follow=True)
    assert "Draft" in text_of(calculated)
    made = service.assessments(view.id, actor=OWNER)[0]
    step = f"/konsekvens/{view.id}/resultat/{made.id}/steg/"
    assert "Laid before KS" in text_of(owner.post(step, {"to": "consulted"}, follow=True))
    refused = ks.post(step, {"to": "position", "position": "dissent", "remark": ""})
    assert refused.status_code == 422
    assert "Dissent must say" in text_of(refused)
    ks.post(step, {"to": "position", "position": "dissent", "remark": "Opplæringen er for lav."})
    final = text_of(owner.post(step, {"to": "frozen"}, follow=True))
    assert "Opplæringen er for lav." in final
    assert "First frozen figures" in final


def test_an_open_checklist_is_said_on_the_page():
    view = described()
    service.answer_checklist(
        OWNER, initiative_id=view.id, given={"archive": {"answer": "unknown", "why": ""}}
    )
    answer = a_browser(OWNER).post(f"/konsekvens/{view.id}/beregn/")
    assert answer.status_code == 422
    assert "1 questions about the cost of introduction are not answered" in text_of(answer)


def test_a_municipality_corrects_and_reports_on_its_own_page():
    frozen()
    lead = a_browser(a_lead())
    given = {
        "kind": "capacity:project_lead",
        "value": "100",
        "grade": "measured",
        "source": "Timelister",
    }
    said = text_of(lead.post("/konsekvens/var-kommune/rett/", given, follow=True))
    assert "Free hours a year: Project leader: 100 (Measured, " in said
    assert "Source: Timelister" in said
    assert "Over capacity Key person" in said
    assert "Only one initiative asks for these people." in said
    assert "Project leader: 100 hours free, 5.9% of a full-time employee’s year." in said.replace(
        "\xa0", " "
    )
    bad = lead.post("/konsekvens/var-kommune/rett/", given | {"value": "-4"})
    assert bad.status_code == 422
    assert "-4 is below 0. Give 0 or more." in text_of(bad)
    bad = lead.post("/konsekvens/var-kommune/rett/", given | {"kind": ""})
    assert bad.status_code == 422
    assert "It is not chosen what you correct." in text_of(bad)


def test_an_actual_is_reported_and_the_calibration_shows_it():
    import datetime as dt

    from samspill.infra import clock

    view, _ = frozen()
    with clock.frozen(dt.datetime(2028, 2, 1, 12, tzinfo=dt.UTC)):
        lead = a_browser(a_lead())
        page = text_of(lead.get("/konsekvens/var-kommune/"))
        assert "What it really came to in 2027" in page
        given = {
            "initiative": str(view.id),
            "line": "adapter",
            "value": "900 000",
            "source": "Regnskapet",
        }
        assert "The next estimate learns from it" in text_of(
            lead.post("/konsekvens/var-kommune/meld/", given, follow=True)
        )
        assert "All forecasters" in text_of(lead.get("/konsekvens/treffsikkerhet/"))
    assert service.actuals_of(view.id, actor=OWNER)[0].municipality_id == a_municipality().id


def test_a_stranger_is_led_to_the_login():
    from django.test import Client

    view, _ = frozen()
    for path in (
        f"/konsekvens/{view.id}/",
        "/konsekvens/var-kommune/",
        "/konsekvens/treffsikkerhet/",
    ):
        assert Client().get(path).status_code == 302
    assert a_browser(OWNER).get("/konsekvens/var-kommune/").status_code == 403
