"""What live cases show of the country: small numbers hidden on the map, in the files and over time."""

from __future__ import annotations

import datetime as dt
import html

import attrs
import pytest
from django.test import Client

from samspill.cases.service import DecisionDays, GainRow
from samspill.infra import clock
from samspill.insight import service
from samspill.insight.service import equal, live
from samspill.insight.service.places import everywhere, place_of
from samspill.insight.tests.builders import id_of

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
Q4 = dt.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service.forget()
    with clock.frozen(NOW):
        yield
    service.forget()


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stavanger has many cases, Utsira three, Bergen five."""
    rows = [
        DecisionDays("ferry", id_of("1103"), Q4, 10, 20),
        DecisionDays("ferry", id_of("1103"), Q4, 30, 21),
        DecisionDays("ferry", id_of("1151"), Q4, 2, 3),
        DecisionDays("ferry", id_of("4601"), Q4, 8, 5),
    ]
    monkeypatch.setattr(live.cases, "decision_days", lambda: rows)


@pytest.mark.usefixtures("decided")
def test_the_map_hides_what_rests_on_fewer_than_five_cases(client: Client):
    client.cookies["sprak"] = "nb"
    text = html.unescape(
        client.get("/kart/?mal=dager-til-vedtak&ar=2026").content.decode()
    ).replace("\u00a0", " ")
    assert "Stavanger: 30 dager" in text
    assert "Bergen: 8 dager" in text
    assert "Utsira: færre enn 5 saker" in text
    assert "Utsira: 2 dager" not in text


@pytest.mark.usefixtures("decided")
def test_the_file_names_the_hidden_row_and_has_no_figure_in_it(client: Client):
    lines = client.get("/data/dager-til-vedtak.csv").content.decode().splitlines()
    assert "1151,Utsira,2026,,true" in lines
    assert "1103,Stavanger,2026,30,false" in lines


@pytest.mark.usefixtures("decided")
def test_the_quarters_spread_counts_only_those_with_enough_cases(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(equal.live, "first_service_on", lambda: dt.date(2026, 1, 1))
    found = equal.equality()
    assert found.quarters[-1] == Q4
    assert (found.days_low[-1], found.days_high[-1]) == (8.0, 30.0)
    smallest = everywhere()[id_of("1151")].size
    assert found.days[smallest][-1] is None


def a_row(number: str, cases: int | None, saved: float | None) -> GainRow:
    return GainRow(
        municipality_no=number, package_version="1.0.0", measure="case", role="municipality", cases=cases,
        median_minutes=None if cases is None else 10.0, total_hours=None if cases is None else 5.0,
        before_minutes=22.0, saved_hours=saved, suppressed=cases is None,
    )  # fmt: skip


def test_hours_freed_are_the_whole_cases_of_the_municipality_and_small_ones_hide_another(
    monkeypatch: pytest.MonkeyPatch,
):
    rows = [a_row("1103", 40, 8.0), a_row("1151", None, None), a_row("0301", 9, 2.0),
            attrs.evolve(a_row("1103", 40, 3.0), measure="step")]  # fmt: skip
    monkeypatch.setattr(live, "_gain_rows", lambda: iter(rows))
    found = live.hours_freed()
    assert found["1103"].freed == 8.0
    assert not found["1103"].hidden
    assert found["1151"].hidden
    assert found["0301"].hidden, "the one hidden figure would be what is left of the total"


def test_a_closed_municipality_has_one_service_less(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "services_on", lambda _on: ("ferry", "cargo"))
    monkeypatch.setattr(
        live.packages,
        "closed_on",
        lambda package, _on: frozenset({id_of("1103")}) if package == "ferry" else frozenset(),
    )
    found = live.open_in(dt.date(2026, 11, 20))
    assert found[id_of("1103")] == 1
    assert found[id_of("0301")] == 2


def test_quarters_are_at_most_three_years_and_end_today():
    assert equal._end(dt.date(2026, 7, 1)) == dt.date(2026, 9, 30)
    assert equal._end(dt.date(2025, 10, 1)) == dt.date(2025, 12, 31)
    assert equal._end(Q4) == dt.date(2026, 11, 20)


def test_a_municipality_is_found_by_the_number_of_today():
    assert place_of("1103").name == "Stavanger"
    assert place_of("2021") is None
    assert len({place.cell for place in everywhere().values()}) == 357
