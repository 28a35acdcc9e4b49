"""Minutes of single cases as the database itself gives them to the web's role."""

from __future__ import annotations

import pytest

from samspill.cases.tests.builders import STAVANGER, Registers, known
from samspill.cases.tests.term_builders import a_case, ferry
from samspill.cases.tests.test_isolation import staff
from samspill.infra.tests.restricted import as_the_web, asked
from samspill.packages.service import Package
from samspill.settlement.models import CaseMeasure
from samspill.settlement.tests.test_settling import a_case_gain, observe_all, published, worked

pytestmark = pytest.mark.django_db
__all__ = ["ferry", "known"]


def test_a_municipality_has_the_minutes_of_its_own_cases_and_nobody_else_has_any(
    known: Registers, ferry: Package
):
    a_case_gain(published(), ferry)
    case = a_case(ferry, known)
    observe_all(worked(case, 10))
    assert CaseMeasure.objects.count() == 1
    for actor, found in (
        (staff("municipality_leader"), {case.id}),
        (staff("municipality_leader", number=STAVANGER), set()),
        (staff("agency_leader"), set()),
    ):
        with as_the_web(actor) as cursor:
            assert asked(cursor, "SELECT case_id FROM settlement_casemeasure") == found
    with as_the_web() as cursor:
        assert asked(cursor, "SELECT case_id FROM settlement_casemeasure") == set()
