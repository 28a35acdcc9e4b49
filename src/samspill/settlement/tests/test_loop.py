"""The whole loop: initiative → consequences → agreement → package → live cases → measured hours → settlement → estimate.

The figures of Sandnes are worked out by hand beside each step.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from typing import Any

import numpy as np
import pytest
from django.db import connections

from samspill.cases.tests.builders import Registers, known
from samspill.cases.tests.term_builders import a_case, ferry
from samspill.impact import service as impact
from samspill.impact.domain import checklist
from samspill.impact.models import Actual
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.packages.service import Package
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.builders import KS_COORDINATOR, OWNER, an_initiative, lead
from samspill.settlement import service
from samspill.settlement.service import returning
from samspill.settlement.tests.builders import (
    LARGE,
    SETTLING_DAY,
    SMALL,
    a_gain,
    all_sign,
    an_agreement,
)
from samspill.settlement.tests.test_settling import observe_all, worked

__all__ = ["ferry", "known"]
pytestmark = pytest.mark.django_db

#: 0.56 hours freed a year in every municipality, and 60 000 kroner a year for the shared solution.
LINES = [
    {"key": "kontroll", "name": "Kortere kontroll", "category": "hours_freed", "role": "caseworker", "driver": "one",
     "quantity": 0.56, "uncertainty": {"reference_class": "hours_freed"}, "grade": "assumption"},
    {"key": "drift", "name": "Drift av fellesløsning", "category": "yearly_cost", "driver": "one",
     "quantity": 60_000, "uncertainty": {"reference_class": "municipal_introduction"}, "grade": "assumption"},
]  # fmt: skip
#: ln 0.8 and 0.4: what the class of freed hours is believed to be before anything is measured.
PRIOR_MU, PRIOR_SPREAD = math.log(0.8), 0.4


def calculated(title: str = "Bostøtte på nett") -> Any:
    """Return a published initiative with frozen figures that begin in 2026."""
    view = an_initiative(
        title=title, window_from=dt.date(2026, 1, 1), window_to=dt.date(2026, 12, 31)
    )
    impact.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    rest = checklist.unanswered({}, [line["key"] for line in LINES])
    given = {key: {"answer": "none", "why": "Tas av eieren."} for key in rest}
    impact.answer_checklist(OWNER, initiative_id=view.id, given=given)
    portfolio.publish(OWNER, initiative_id=view.id)
    made = impact.assess(OWNER, initiative_id=view.id, draws=64)
    impact.consult(OWNER, assessment_id=made.id)
    impact.take_position(KS_COORDINATOR, assessment_id=made.id, position="agreed")
    impact.freeze(OWNER, assessment_id=made.id)
    return view


def planned_agreed_and_measured(known: Registers, ferry: Package, minutes: int = 15) -> Any:
    """Plan the gain, agree, and let six cases of Sandnes be worked on for some minutes each."""
    view = calculated()
    item = a_gain(view.id, name="kortere  Kontroll", package_id=ferry.id)
    agreement = an_agreement(view)
    all_sign(agreement)
    for serial in range(1, 7):
        observe_all(worked(a_case(ferry, known, serial=serial), minutes))
    return view, item, agreement


def settled(agreement: Any) -> None:
    """Settle 2026, and let the subscriber hear of it twice."""
    with clock.frozen(SETTLING_DAY):
        service.settle(OWNER, agreement_id=agreement.id, year=2026)
        told = [e for e in log.story(agreement.id) if e.type == "SettlementClosed"]
        for event in (*told, *told):
            returning.hear(event)


def by_hand(z: float) -> tuple[float, float, float]:
    """Return μ, its standard deviation and mean τ after one observation with error 0.4, on a fine grid.

    τ = 0.4·tan θ makes the half-Cauchy prior flat in θ. Given τ: w = 1/(0.4² + τ²), prior precision 1/0.4².
    """
    theta = (np.arange(200_000) + 0.5) / 200_000 * np.pi / 2
    tau = PRIOR_SPREAD * np.tan(theta)
    w, before = 1 / (0.16 + tau**2), 1 / PRIOR_SPREAD**2
    mean = (w * z + before * PRIOR_MU) / (w + before)
    sd = np.sqrt(0.16 + tau**2 + PRIOR_SPREAD**2)  # of z itself, before it was seen
    weight = np.exp(-0.5 * ((z - PRIOR_MU) / sd) ** 2) / sd
    weight /= weight.sum()
    mu = float(weight @ mean)
    variance = float(weight @ (1 / (w + before) + (mean - mu) ** 2))
    return mu, math.sqrt(variance), float(weight @ tau)


def test_what_live_cases_measure_moves_the_next_estimate(known: Registers, ferry: Package):
    view, item, agreement = planned_agreed_and_measured(known, ferry)
    assert item.line == "kontroll"  # found by its name
    settled(agreement)
    sandnes = municipalities.current(LARGE)
    hours, cost = (
        next(r for r in impact.actuals_of(view.id) if (r.line, r.municipality_id) == (line, sandnes.id))
        for line in ("kontroll", "drift")
    )  # fmt: skip
    # 6 cases × (22 − 15) minutes = 42 minutes = 0.7 hours, where 0.56 were estimated
    assert (hours.value, hours.expected, hours.cases, hours.grade) == (0.7, 0.56, 6, "measured")
    # 100 000: half equally (25 000 each), half by inhabitants (50 000 × 85 785 / 89 141 = 48 117.59)
    assert (cost.value, cost.expected, cost.cases, cost.grade) == (73_117.59, 60_000, None, "measured")  # fmt: skip

    learnt = impact.posterior("hours_freed")
    mu, mu_sd, tau = by_hand(math.log(0.7 / 0.56))
    assert (learnt.actuals, learnt.before.mu) == (1, pytest.approx(PRIOR_MU))
    assert learnt.after.mu == pytest.approx(mu, abs=1e-5)
    assert learnt.after.tau == pytest.approx(math.hypot(mu_sd, tau), abs=1e-3)

    before, after = impact.assessments(view.id)[0], impact.assess(OWNER, initiative_id=view.id, draws=64)  # fmt: skip
    # expected: 0.56 hours × e^(μ + τ²/2) × 10 years, freed and so below zero
    was = -0.56 * math.exp(PRIOR_MU + PRIOR_SPREAD**2 / 2) * 10
    now = -0.56 * math.exp(learnt.after.mu + learnt.after.tau**2 / 2) * 10
    assert before.figures["by_municipality"][LARGE]["hours"]["mean"] == pytest.approx(was)
    assert after.figures["by_municipality"][LARGE]["hours"]["mean"] == pytest.approx(now)
    assert after.figures["learnt"]["hours_freed"]["actuals"] == 1

    # heard of again, and the job of the night: nothing new. The hours of Sandnes; the cost of Sandnes and of Sokndal
    assert Actual.objects.count() == 3
    with clock.frozen(SETTLING_DAY):
        assert service.send_back(view.id, 2026) == 0
        assert returning.send_back_finished_years() == 0
    told = [event.type for event in log.story(view.id)]
    assert told.count("ActualReported") == 3


def test_a_year_that_is_over_teaches_also_without_an_agreement(known: Registers, ferry: Package):
    view = calculated()
    a_gain(view.id, line="kontroll", package_id=ferry.id)
    for serial in range(1, 7):
        observe_all(worked(a_case(ferry, known, serial=serial), 10))
    assert returning.send_back_finished_years() == 0  # the year is not over
    with clock.frozen(dt.date(2027, 1, 2)):
        assert returning.send_back_finished_years() == 1
    # 6 × (22 − 10) / 60
    assert impact.actuals_of(view.id)[0].value == 1.2


def test_fewer_than_five_cases_are_not_kept_for_ever(known: Registers, ferry: Package):
    view = calculated()
    a_gain(view.id, line="kontroll", package_id=ferry.id)
    for serial in range(1, 5):
        observe_all(worked(a_case(ferry, known, serial=serial), 12))
    with clock.frozen(dt.date(2027, 1, 2)):
        assert service.send_back(view.id, 2026) == 0


def test_what_is_measured_is_not_asked_for_and_stands_before_a_report(
    known: Registers, ferry: Package
):
    view, _item, agreement = planned_agreed_and_measured(known, ferry)
    sandnes = municipalities.current(LARGE)
    asked = {one.line for one in impact.asked(sandnes.id, 2026, actor=lead(LARGE))}
    settled(agreement)
    assert asked == {"kontroll", "drift"}
    assert impact.asked(sandnes.id, 2026, actor=lead(LARGE)) == []
    shown = impact.measured_of(sandnes.id, 2026, actor=lead(LARGE))
    assert {one.name for one in shown} == {"Kortere kontroll", "Drift av fellesløsning"}
    impact.report_actual(
        lead(LARGE), initiative_id=view.id, line="kontroll", municipality_id=sandnes.id,
        year=2026, value=99.0, source="Et anslag",
    )  # fmt: skip
    assert {r.value for r in impact.actuals_of(view.id) if r.line == "kontroll"} == {0.7}


def test_slower_than_before_frees_nothing_and_teaches_nothing(known: Registers, ferry: Package):
    view, _item, agreement = planned_agreed_and_measured(known, ferry, minutes=40)
    settled(agreement)
    assert next(r.value for r in impact.actuals_of(view.id) if r.line == "kontroll") == 0
    assert impact.posterior("hours_freed").actuals == 0


def test_a_person_cannot_write_what_comes_by_itself_and_a_strange_line_is_refused():
    view = calculated()
    with pytest.raises(RefusedError) as error:
        impact.report_measured(
            OWNER, initiative_id=view.id, line="kontroll", year=2026, found=[], source="x"
        )
    assert error.value.refused.code == "role_needed"
    with pytest.raises(RefusedError) as error:
        a_gain(view.id, line="hatt")
    assert (error.value.refused.code, error.value.refused.where) == ("unknown_line", "plan.line")


def test_a_trial_before_the_window_is_compared_with_its_own_first_year():
    view, sandnes = calculated(), municipalities.current(LARGE)
    for begun, expected in ((None, 0.0), (2025, 0.56)):
        one = impact.Measured(
            municipality_id=sandnes.id, value=1.0 + expected, cases=9, begun=begun
        )
        impact.report_measured(
            system("test"), initiative_id=view.id, line="kontroll", year=2025, found=[one], source="x"
        )  # fmt: skip
        assert impact.actuals_of(view.id)[0].expected == pytest.approx(expected)
        assert impact.posterior("hours_freed").actuals == bool(begun)


@pytest.mark.django_db(transaction=True)
def test_two_who_send_back_at_once_write_it_once():
    view = calculated()
    sandnes = municipalities.current(LARGE)
    found = [impact.Measured(municipality_id=sandnes.id, value=3.0, cases=9)]

    def send() -> None:
        try:
            impact.report_measured(
                system("test"), initiative_id=view.id, line="kontroll", year=2026, found=found, source="x"
            )  # fmt: skip
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Actual.objects.count() == 1


def test_what_a_merged_municipality_paid_is_the_new_ones(monkeypatch: pytest.MonkeyPatch):
    view = calculated()
    agreement = an_agreement(view)
    all_sign(agreement)
    with clock.frozen(SETTLING_DAY):
        service.settle(OWNER, agreement_id=agreement.id, year=2026)
    sandnes = municipalities.current(LARGE)
    monkeypatch.setattr(returning.parties, "became", lambda *_: {SMALL: [(LARGE, None)]})
    agreements, costs = service.settled_costs(view.id, 2026)["Drift av fellesløsning"]
    assert agreements == ["Avtale om bostøtte"]
    assert costs == {sandnes.id: 100_000_00}
