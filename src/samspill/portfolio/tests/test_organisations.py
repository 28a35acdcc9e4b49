"""The organisations that decide together: every number is one, and says where it was seen."""

from __future__ import annotations

import pytest

from samspill.kernel.ids import is_org_no
from samspill.portfolio.organisations import Organisation, organisations


@pytest.mark.parametrize("one", organisations(), ids=lambda one: one.short)
def test_every_number_has_its_check_digit_and_a_public_source(one: Organisation) -> None:
    assert is_org_no(one.org_no)
    assert one.is_verified, (
        "name the source and the day, or leave the organisation out of decisions"
    )


def test_no_number_or_name_stands_twice() -> None:
    rows = organisations()
    assert len({one.org_no for one in rows}) == len({one.name for one in rows}) == len(rows)


def test_a_number_without_a_source_says_that_it_is_not_verified() -> None:
    plain = {"org_no": "942114184", "name": "Husbanken", "short": "Husbanken", "kind": "agency"}
    assert not Organisation(**plain).is_verified
    assert not Organisation(**plain, source="Somewhere").is_verified
