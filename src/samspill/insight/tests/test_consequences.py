"""Consequences as everybody sees them: signs, who loses, load, and estimate beside actual."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from samspill.impact import service as impact
from samspill.insight import service
from samspill.insight.service import consequence
from samspill.insight.service.places import place_of
from samspill.insight.tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service.forget()
    yield
    service.forget()


def text_of(client: Client, address: str) -> str:
    client.cookies["sprak"] = "nb"
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def test_the_map_turns_impacts_sign_so_that_a_loss_is_below_zero(client: Client):
    builders.calculated()
    cost = impact.country("net_per_inhabitant")
    shown = service.national("netto-per-innbygger")
    utsira, oslo = place_of("1151"), place_of("0301")
    assert shown.value_of(utsira).number == pytest.approx(-cost["1151"])
    assert shown.value_of(utsira).number < 0 < shown.value_of(oslo).number
    text = text_of(client, "/kart/?mal=netto-per-innbygger")
    assert (
        f"Utsira: {shown.numbers.say(shown.value_of(utsira).number)}".replace("\u00a0", " ") in text
    )


def test_losses_are_counted_by_municipality_and_by_people_and_agree_with_impact(client: Client):
    made = builders.calculated()
    parts = service.losses_and_gains()
    assert sum(sum(part.municipalities) for part in parts) == 357
    assert parts[0].municipalities[2] > 0, (
        "small municipalities lose on a cost that is the same for all"
    )
    assert parts[-1].municipalities == (parts[-1].municipalities[0], 0, 0)
    story = service.story_figures(service.initiative_story(made.slug))
    assert story.losing[0] >= sum(part.municipalities[2] for part in parts)
    assert f"{story.losing[0]} kommuner sitter igjen" in text_of(client, f"/tiltak/{made.slug}/")


def test_the_story_shows_years_sizes_hours_and_what_the_sum_hangs_on(client: Client):
    made = builders.calculated()
    figures = service.story_figures(service.initiative_story(made.slug))
    assert [chart.key for chart in figures.charts] == ["cost", "by-size", "net-hours", "tornado"]
    assert [row[0].text for row in figures.charts[3].table.rows][:2] == [
        "Lavere lisens",
        "Tilpasning",
    ]
    text = text_of(client, f"/tiltak/{made.slug}/")
    for said in ("Netto kostnad etter år", "Hva summen henger på", "P50", "Tallene er låst"):
        assert said in text


def test_a_municipality_sees_cost_hours_and_load(client: Client):
    builders.calculated()
    text = text_of(client, "/kommuner/1151/")
    assert "Kroner, alle år: hva hvert tiltak gir oss igjen" in text
    assert "Hours, all years" not in text
    found = service.municipality_page("1151")
    assert found.load is not None
    assert found.collisions, "120 hours are more than the project leaders of Utsira have free"
    assert "Prosjektleder" in text
    assert found.collisions[0].months == "Bare ett tiltak ber om disse folkene."
    assert "Nøkkelpersoner" in text
    assert "Ingen navn lagres." in text
    assert found.key_persons.roles[0].endswith(
        "av årsverket til én heltidsansatt. Vår forutsetning."
    )


def test_estimate_stands_beside_actual_and_calibration_counts_it(client: Client):
    made = builders.calculated()
    builders.an_actual(made, "1108", 500_000.0)
    builders.an_actual(made, "1103", 10_000.0)
    found = service.estimate_and_actual()
    assert len(found.forecasts) == 2
    held = {row[0].text: row[2].value for row in found.calibration.table.rows}
    assert held == {"P50": 50.0, "P85": 50.0}
    text = text_of(client, "/anslag-og-fasit/")
    assert "Sandnes" in text
    assert "Husbanken" in text


def test_what_is_not_published_moves_no_public_figure():
    draft = builders.an_initiative(title="Hemmelig", published=False)
    builders.described(draft)
    impact.assess(builders.OWNER, initiative_id=draft.id, draws=256)
    assert consequence.years() == ()
    assert consequence.load_years() == ()


def test_the_file_of_a_measure_has_every_municipality_once(client: Client):
    builders.calculated()
    lines = client.get("/data/netto-per-innbygger.csv").content.decode().splitlines()
    assert len(lines) == 358
    assert len({line.split(",")[0] for line in lines[1:]}) == 357
