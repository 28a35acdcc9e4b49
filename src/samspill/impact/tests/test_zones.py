"""The zone of employer's contribution of each municipality, and how it is known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from samspill.impact import service
from samspill.portfolio.tests.builders import lead


@pytest.mark.django_db
def test_a_zone_is_stated_by_the_municipality_else_listed_by_law_else_assumed():
    before = service.contributions(2026)
    assert (before.assumptions, before.first) == ("2026-1", Fraction("0.141"))
    found = {number: before.of(number) for number in ("5601", "5546", "5501", "0301")}
    assert {n: (c.zone, c.basis, c.share) for n, c in found.items()} == {
        "5601": ("5", "listed", 0),
        "5546": ("5", "listed", 0),
        "5501": ("4a", "listed", Fraction("0.079")),
        "0301": ("1", "assumed", Fraction("0.141")),
    }
    who = lead("5501")
    assert who.municipality_id is not None
    for zone in ("3", "1"):
        service.correct_driver(
            who, municipality_id=who.municipality_id, key="zone", value=zone, source="x"
        )
    after = service.contributions(2099)  # no set is made for it yet: the newest
    assert (after.of("5501").zone, after.of("5501").basis) == ("1", "stated")
    assert after.of("5501").share == after.first
