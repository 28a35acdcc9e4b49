"""From the live cases of a trial to an estimate for the country: worked by hand, and by drawing whole countries."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.tests.builders import Registers, known
from samspill.cases.tests.term_builders import a_case, ferry
from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.packages.service import Package
from samspill.settlement import service
from samspill.settlement.domain.scaling import Cluster, scaled
from samspill.settlement.tests import test_loop
from samspill.settlement.tests.builders import LARGE, a_gain
from samspill.settlement.tests.test_loop import calculated
from samspill.settlement.tests.test_settling import observe_all, worked

__all__ = ["ferry", "known"]
SAMPLED = {"country": {"cases": 100_000, "source": "Årsrapporten"}}
clusters = st.lists(
    st.builds(
        Cluster,
        cases=st.integers(0, 40),
        saved_minutes=st.integers(-400, 900).map(Fraction),
    ),
    max_size=8,
)


def test_two_municipalities_by_hand():
    # 30 cases saved 360 minutes: 12 each, so 60 000 cases save 12 000 hours. Off by 10·(10 − 12) and 20·(13 − 12):
    # √(2/1 · (20² + 20²)) / 30 = 40/30 minutes a case; t of 0.9 with one degree of freedom is tan(0.4·π) = 3.0777
    found = scaled(
        [
            Cluster(cases=10, saved_minutes=Fraction(100)),
            Cluster(cases=20, saved_minutes=Fraction(260)),
        ],
        60_000,
    )
    assert found is not None
    assert (found.cases, found.municipalities, found.minutes_per_case) == (30, 2, 12.0)
    assert found.hours == 12_000
    assert found.p90 == pytest.approx(12_000 + 3.077684 * 40 / 30 * 1000)
    assert found.p10 == pytest.approx(12_000 - 3.077684 * 40 / 30 * 1000)


def test_one_municipality_shows_no_spread_and_none_shows_nothing():
    alone = scaled([Cluster(cases=9, saved_minutes=Fraction(90))], 6)
    assert alone is not None
    assert (alone.hours, alone.p10, alone.p90) == (1.0, None, None)
    assert scaled([], 6) is None


@given(clusters, st.integers(1, 10**6))
def test_a_sample_that_is_the_whole_country_is_a_count_and_the_order_does_not_matter(
    found: list[Cluster], factor: int
):
    every = sum(one.cases for one in found)
    outcome = scaled(found, every)
    if outcome is None:
        assert every == 0
        return
    saved = sum((one.saved_minutes for one in found if one.cases), Fraction(0))
    assert outcome.hours == pytest.approx(float(saved / 60))
    assert scaled(found[::-1], every) == outcome
    larger = scaled(found, every * factor)
    assert larger is not None
    assert larger.hours == pytest.approx(outcome.hours * factor)
    if outcome.p10 is not None and outcome.p90 is not None:
        assert outcome.p10 <= outcome.hours <= outcome.p90


def test_eight_of_ten_samples_hold_the_country_between_their_bounds():
    chance = random.Random(7)
    held, off = 0, []
    for _ in range(400):
        sample = []
        for _place in range(6):
            mean, cases = chance.gauss(10, 3), chance.randint(5, 15)
            minutes = sum(chance.gauss(mean, 4) for _case in range(cases))
            sample.append(Cluster(cases=cases, saved_minutes=Fraction(minutes)))
        found = scaled(sample, 6000)
        assert found is not None
        assert found.p10 is not None
        assert found.p90 is not None
        held += found.p10 <= 1000 <= found.p90
        off.append(found.hours - 1000)
    assert 0.74 <= held / 400 <= 0.86
    assert abs(statistics.mean(off)) < 4 * statistics.stdev(off) / 20


@pytest.mark.django_db
class TestSamples:
    """A trial in one municipality, with six cases that saved 12 minutes each."""

    @pytest.fixture
    def tried(self, known: Registers, ferry: Package) -> Any:
        view = calculated()
        a_gain(view.id, line="kontroll", package_id=ferry.id, **SAMPLED)
        for serial in range(1, 7):
            observe_all(worked(a_case(ferry, known, serial=serial), 10))
        return view

    def test_the_country_is_an_estimate_beside_the_count(self, tried: Any):
        (one,) = service.national(tried.id)
        assert (one.year, one.found.cases, one.found.municipalities) == (2026, 6, 1)
        assert one.found.hours == pytest.approx(100_000 * 12 / 60)
        assert one.found.p10 is None
        assert one.source == "Årsrapporten"
        assert service.hours(tried.id).total.measured == Fraction(72, 60)

    def test_too_few_cases_are_in_no_estimate(self, known: Registers, ferry: Package):
        view = calculated()
        a_gain(view.id, line="kontroll", package_id=ferry.id, **SAMPLED)
        for serial in range(1, 5):
            observe_all(worked(a_case(ferry, known, serial=serial), 10))
        assert service.national(view.id) == ()

    def test_what_goes_back_speaks_of_all_cases_and_says_from_how_many(self, tried: Any):
        with clock.frozen(dt.date(2027, 1, 2)):
            assert service.send_back(tried.id, 2026) == 1
            assert service.send_back(tried.id, 2026) == 0
        (actual,) = impact.actuals_of(tried.id)
        sandnes = municipalities.current(LARGE)
        people = {
            place.id: municipalities.figure(place.id, "population", 2026).value
            for place in municipalities.all_current()
        }
        part = round(100_000 * people[sandnes.id] / sum(people.values()))
        assert (actual.cases, actual.scaled_to, actual.grade) == (6, part, "measured")
        assert actual.value == pytest.approx(part * 12 / 60)
        assert "skalert opp" in actual.source


@pytest.mark.django_db
@pytest.mark.parametrize(("sample", "expected"), [(SAMPLED, 0.56), ({}, 0.14)])
def test_a_sample_is_held_against_the_estimate_in_full_use_and_a_count_against_its_first_year(
    known: Registers, ferry: Package, monkeypatch: pytest.MonkeyPatch, sample: Any, expected: float
):
    monkeypatch.setitem(test_loop.LINES[0], "ramp", [0.25, 1.0])
    view = calculated()
    a_gain(view.id, line="kontroll", package_id=ferry.id, **sample)
    for serial in range(1, 7):
        observe_all(worked(a_case(ferry, known, serial=serial), 10))
    with clock.frozen(dt.date(2027, 1, 2)):
        service.send_back(view.id, 2026)
    assert impact.actuals_of(view.id)[0].expected == pytest.approx(expected)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"country": {"cases": 0, "source": "x"}}, "not_whole", "plan.country.cases"),
        ({"country": {"cases": 9}}, "wrong_kind", "plan.country.source"),
        ({"country": {"cases": 9, "source": "x"}, "package_id": ""}, "nothing_to_scale", "plan.country"),
    ],
)  # fmt: skip
def test_a_sample_needs_a_whole_number_a_source_and_cases(
    ferry: Package, changes: Any, code: str, where: str
):
    view = calculated()
    with pytest.raises(RefusedError) as error:
        a_gain(view.id, **{"package_id": ferry.id, **changes})
    assert (error.value.refused.code, error.value.refused.where) == (code, where)
