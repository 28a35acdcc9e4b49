"""The same hour costs less where employer's contribution is lower: what a gain is worth in each zone."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.portfolio.tests.builders import OWNER, lead
from samspill.settlement import service
from samspill.settlement.domain import yearly
from samspill.settlement.domain.yearly import price_in_zone
from samspill.settlement.models import Settlement
from samspill.settlement.service import expected, parties
from samspill.settlement.tests.builders import (
    SETTLING_DAY,
    a_gain,
    a_plan,
    all_sign,
    an_agreement,
    published,
    terms_of,
)

FINNMARK, ROGALAND = "5603", "1111"  # Hammerfest, zone 5, and Sokndal, of which no zone is known
FIRST = Fraction("0.141")
share = st.sampled_from(["0.141", "0.106", "0.079", "0.064", "0.051", "0"]).map(Fraction)
price = st.integers(1, 200_000)


@given(price, share)
def test_an_hour_is_priced_to_the_nearest_ore_and_zone_1_is_the_plans_own_price(
    plan: int, own: Fraction
):
    found = price_in_zone(plan, first=FIRST, own=own)
    assert abs(found - plan * (1 + own) / (1 + FIRST)) <= Fraction(1, 2)
    assert found <= plan
    assert price_in_zone(plan, first=FIRST, own=FIRST) == plan


@given(price, share, st.integers(0, 500), st.integers(0, 40), st.integers(1, 12))
@settings(max_examples=50)
def test_planned_and_measured_are_priced_alike_so_the_difference_still_sums(
    plan: int, own: Fraction, cases: int, minutes: int, months: int
):
    year = yearly.GainYear(
        planned_cases=Fraction(400),
        planned_minutes_saved=Fraction(10),
        planned_timing=Fraction(1),
        baseline_minutes=Fraction(22),
        cases=cases,
        measured_minutes=Fraction(minutes),
        timing=Fraction(months, 12),
        hour_price=price_in_zone(plan, first=FIRST, own=own),
    )
    found = year.deviation()
    assert found.volume + found.rate + found.timing == found.realised - found.planned
    as_planned = attrs.evolve(year, cases=400, measured_minutes=Fraction(12), timing=Fraction(1))
    assert as_planned.deviation().realised == as_planned.deviation().planned


def settled(*, zone: str = "") -> Settlement:
    """Settle a year in which both parties freed ten hours; Sokndal states its zone first, if one is given."""
    shared = {"key": "equal", "total": 100, "parties": [FINNMARK, ROGALAND]}
    view = an_agreement(sharing=shared, tariff=None, lines=[], others=[])
    item = a_gain(view.initiative_id)
    all_sign(view)
    with clock.frozen(dt.date(2026, 12, 1)):
        for party in (FINNMARK, ROGALAND):
            service.report_observation(lead(party), item_id=item.id, year=2026, cases=60, value=Decimal(12))  # fmt: skip
    if zone:
        state_zone(lead(ROGALAND), zone)
    with clock.frozen(SETTLING_DAY):
        return service.settle(OWNER, agreement_id=view.id, year=2026)


def state_zone(actor: Actor, zone: str) -> None:
    assert actor.municipality_id is not None
    impact.correct_driver(
        actor, municipality_id=actor.municipality_id, key="zone", value=zone, source="Vedtaket"
    )


@pytest.mark.django_db
def test_an_hour_in_finnmark_is_worth_the_plans_price_without_the_contribution():
    made = settled()
    north, south = (
        service.statement(party, 2026, agreement_id=made.agreement_id)
        for party in (FINNMARK, ROGALAND)
    )
    # Ten hours each. 600 kroner / 1.141 = 525.85 in zone 5, and the plan's own price in zone 1.
    assert north.gains[0]["hour_price_ore"] == round(Fraction(600_00) / Fraction("1.141"))
    assert (north.ore("gain_realised"), south.ore("gain_realised")) == (5258_50, 6000_00)
    causes = north.ore("by_volume") + north.ore("by_rate") + north.ore("by_timing")
    assert causes == north.ore("gain_realised") - north.ore("gain_planned")
    (row,) = [r for r in csv.DictReader(service.statement_csv(north).splitlines()) if r["zone"]]
    assert (row["hour_price"], row["plan_hour_price"], row["zone"]) == ("525.85", "600", "5")
    with translation.override("nb"):
        assert "priset i sone 5 for arbeidsgiveravgift (0,0\xa0%)" in north.priced
        assert "sonen er antatt" in south.priced
    page = Client().get(f"/avregning/{made.id}/{FINNMARK}/oppgjor/").content.decode()
    assert "sone 5 for arbeidsgiveravgift" in page
    assert service.statement_pdf(north, "nn").startswith(b"%PDF-")


@pytest.mark.django_db
def test_what_the_municipality_states_is_used_and_a_settled_year_keeps_it():
    made = settled(zone="2")
    state_zone(lead(ROGALAND), "5")
    kept = service.statement(ROGALAND, 2026, agreement_id=made.agreement_id)
    assert kept.gains[0]["hour_price_ore"] == round(600_00 * Fraction("1.106") / Fraction("1.141"))
    with translation.override("nn"):
        assert "sone 2 for arbeidsgjevaravgift (10,6\xa0%), slik kommunen sjølv oppgir" in kept.priced  # fmt: skip
    assert impact.contributions(2026).of(ROGALAND).zone == "5"


@pytest.mark.django_db
def test_expected_gains_and_the_states_own_hours_are_priced_by_zone_too():
    initiative = published()
    a_gain(initiative.id)
    a_gain(initiative.id, **a_plan(group="agency", name="Kortere klagesak"))
    rows = [{"id": FINNMARK, "inhabitants": 100}, {"id": ROGALAND, "inhabitants": 100}]
    terms = terms_of(first_year=2026, last_year=2026)
    given_ = {**terms, "sharing": {**terms["sharing"], "parties": rows}}
    north, south = expected.with_gains(initiative.id, given_)["sharing"]["parties"]
    assert north["gain"] / south["gain"] == pytest.approx(525.85 / 600, abs=1e-4)
    state = parties.zones([OWNER.org_no or ""], 2026)[OWNER.org_no or ""]
    assert (state.price(600_00), state.basis) == (600_00, "state")
