"""The assumption set is read in one's own language and numbers."""

from __future__ import annotations

import attrs
import pytest
from django.utils import translation

from samspill.impact import service, shipped
from samspill.impact.web import assumption_words as said


@pytest.fixture(autouse=True)
def the_shipped_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service, "newest_assumptions", shipped.newest)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_assumption_of_the_shipped_set_has_its_words_in_each_language(language: str):
    with translation.override(language):
        rows = said.rows()
        sources = [row.source for row in rows]
        sources += [said.source(one.source) for one in shipped.newest().reference_classes.values()]
        assert len(rows) == len(shipped.newest().items)
    assert {one.lang for one in sources} == {language}
    assert not any(hasattr(row.name, "lang") for row in rows)
    english = {item.unit for item in shipped.newest().items.values()}
    assert english.isdisjoint(row.name for row in rows)


def test_values_have_their_unit_in_the_readers_numbers():
    def parts(language: str) -> dict[str, tuple[str, ...]]:
        with translation.override(language):
            return dict(zip(said.NAMES, (row.parts for row in said.rows()), strict=True))

    bokmal, english = parts("nb"), parts("en")
    assert bokmal["discount_steps"] == (
        "år 1–40: 4\u00a0%",
        "år 41–75: 3\u00a0%",
        "fra år 76: 2\u00a0%",
    )
    assert english["hours_per_year"] == ("1,687.5\u00a0hours",)
    assert bokmal["hour_wage"][0] == "Prosjektleder: 480\u00a0kr"
    assert english["hour_wage"][0] == "Project leader: NOK\u00a0480"
    assert bokmal["size_steps"][0] == "under 2\u00a0000 innbyggere: 1 trinn"
    assert [part.split(":")[0] for part in bokmal["employers_contribution"]][:3] == [
        "sone 1", "sone 1a", "sone 2",
    ]  # fmt: skip
    assert bokmal["size_steps"][-1] == "over det: 7 trinn"


def test_the_growth_of_the_value_of_time_is_said_to_be_in_no_calculation():
    with translation.override("nb"):
        row = next(row for row in said.rows() if row.name == said.NAMES["real_growth"])
        assert row.parts == ("0,9\u00a0% (ikke i bruk: ingen nåverdi regner timer som kroner)",)
    body = shipped.newest()
    faster = attrs.evolve(body.items["real_growth"], value=0.5)
    changed = attrs.evolve(body, items={**body.items, "real_growth": faster})
    assert changed.parameters() == body.parameters()


def test_what_has_no_words_yet_is_shown_as_it_stands_and_marked_as_english():
    with translation.override("nn"):
        later = said.source("A report of next year")
    assert (later, later.lang) == ("A report of next year", "en")


def test_an_hour_costs_by_role_and_zone_and_less_in_the_north():
    newest = shipped.newest()
    wage = newest.value("hour_wage")["caseworker"]
    assert newest.hour_price("caseworker", "1") == pytest.approx(wage * 1.141)
    assert newest.hour_price("caseworker", "5") == wage
    zones = newest.value("employers_contribution")
    prices = {zone: newest.hour_price("leader", zone) for zone in zones}
    assert sorted(prices, key=prices.__getitem__) == sorted(zones, key=zones.__getitem__)
    assert newest.hour_price("nobody", "1") == newest.hour_price("other", "1")
