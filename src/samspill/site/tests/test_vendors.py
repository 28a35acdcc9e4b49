"""The vendor dimension: what municipalities state of their own systems reaches the comparison of who speaks."""

from __future__ import annotations

import pytest

from samspill.impact import service as impact
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.builders import OWNER, an_initiative, lead
from samspill.site import vendors

pytestmark = pytest.mark.django_db


def state(number: str, area: str, vendor: str) -> None:
    actor = lead(number)
    impact.correct_driver(
        actor, municipality_id=actor.municipality_id, key=f"vendor:{area}", value=vendor, source="Avtalen vår"
    )  # fmt: skip


def test_the_vendor_of_the_package_counts_before_that_of_the_area_and_the_last_word_holds() -> None:
    made = an_initiative(packages=[{"package_id": "bostotte", "change": "creates"}])
    state("1108", "housing", "Gammel")
    state("1108", "Bolig", "Alfa")
    state("0301", "Bolig", "Alfa")
    state("0301", "bostotte", "Beta")
    state("4601", "health", "Gamma")
    assert vendors.of_initiative(made.id) == {
        lead("1108").municipality_id: "Alfa",
        lead("0301").municipality_id: "Beta",
    }


def test_an_area_is_known_by_its_key_and_its_name_in_each_language() -> None:
    assert {vendors.area_of(name) for name in ("housing", " Bolig", "BUSTAD", "Housing")} == {
        "housing"
    }
    assert vendors.area_of("Eget  system") == "eget system"


def test_what_is_stated_makes_the_comparison_possible() -> None:
    made = an_initiative()

    def vendor() -> object:
        found = portfolio.representativeness(made.id, actor=OWNER).dimensions
        return next(one for one in found if one.name == "vendor")

    assert not vendor().known
    state("1108", "housing", "Alfa")
    assert (vendor().known, vendor().known_places) == (True, 1)
    assert [one.name for one in vendor().missing] == ["Alfa"]
