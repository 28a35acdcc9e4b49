"""The limits of co-financing and of the state's project model: the borders, what is read, and where it is said."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.portfolio import service
from samspill.portfolio.domain import limits
from samspill.portfolio.domain.limits import Project
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    OWNER,
    a_candidate,
    an_assessment,
    brought_to,
)
from samspill.portfolio.tests.test_rounds import a_round
from samspill.portfolio.tests.web import a_browser, text_of

M = 1e6


def codes(cost: float, years: int = 2, paid: tuple[float, ...] = ()) -> list[str]:
    return [
        one.code
        for one in limits.cautions(Project(cost_nok=cost, years=years, co_financing=paid))
        if one.code != "triggering"
    ]


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ((10 * M - 1,), ["too_small"]),
        ((10 * M,), []),
        ((100 * M,), []),
        ((100 * M + 1,), ["too_large"]),
        ((300 * M,), ["too_large"]),
        ((300 * M + 1,), ["too_large", "quality_assurance"]),
        ((50 * M, 4), []),
        ((50 * M, 5), ["too_long"]),
        ((80 * M, 2, (40 * M,)), []),
        ((80 * M, 2, (40 * M, 1)), ["share"]),
        ((100 * M, 2, (25 * M, 25 * M)), []),
        ((100 * M, 2, (25 * M, 25 * M + 1)), ["share", "amount"]),
        ((90 * M, 4, (10 * M, 10 * M, 10 * M, 0)), []),
        ((90 * M, 4, (10 * M, 10 * M, 10 * M, 1)), ["budget_years"]),
    ],
)
def test_the_borders_of_each_scheme_are_inside_and_the_next_krone_is_outside(
    project: tuple[Any, ...], expected: list[str]
) -> None:
    assert codes(*project) == expected


@given(st.floats(1, 1e9), st.integers(1, 12), st.lists(st.floats(0, 1e9), max_size=6))
def test_every_caution_holds_a_value_beyond_its_limit_and_names_a_rule_with_a_source(
    cost: float, years: int, paid: list[float]
) -> None:
    found = limits.cautions(Project(cost_nok=cost, years=years, co_financing=tuple(paid)))
    for one in found:
        assert one.rule in limits.rules()
        assert one.remedy
        if one.code == "triggering":
            assert one.value is None
            assert sum(paid) > 0
        else:
            assert one.value is not None
            assert one.limit is not None
            assert (one.value < one.limit) is (one.code == "too_small")
            assert one.value != one.limit


def test_every_rule_has_names_source_status_and_the_day_it_was_noted() -> None:
    for rule in limits.rules():
        assert set(rule.names) == set(rule.sources) == {"nb", "nn", "en"}
        assert rule.status in {"published", "assumption"}
        assert rule.noted_on <= dt.date(2026, 11, 23)
        assert all(limit > 0 for limit in rule.limits.values())


@pytest.mark.parametrize(
    "told",
    [
        None,
        "much",
        {},
        {"cost_nok": {"p50": 0}, "years": 0},
        {"cost_nok": {"p50": "10"}, "years": 2},
        {"cost_nok": {"p50": -1.0}, "years": 2},
        {"cost_nok": {"p50": float("nan")}, "years": 2},
        {"cost_nok": {"p50": 1e7}, "years": True},
    ],
)
def test_what_tells_of_no_project_of_the_state_has_no_limits(told: object) -> None:
    assert limits.read_project({"introduction": told}) is None


def assessed(**introduction: Any) -> service.InitiativeView:
    made = brought_to("assessed")
    plan = {"state": [60e6, 60e6], "co_financing": [40e6, 30e6], "municipal": [2e6]}
    body = an_assessment(
        candidate=a_candidate(plan=plan),
        introduction={"cost_nok": {"p50": 120e6, "p85": 150e6}, "years": 2, **introduction},
    )
    service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=body)
    return made


@pytest.mark.django_db
def test_the_owner_reads_what_is_outside_on_the_work_page_and_where_it_enters_a_round() -> None:
    made = assessed()
    running = a_round()
    found = [one.code for one in service.limits_of(made.id, actor=OWNER)]
    assert found == ["too_large", "share", "amount", "triggering"]
    said = {
        "nb": (
            "Medfinansieringsordningen (Digdir): Staten betaler 120,0 millioner kroner én gang (P50).",
            "Ordningen tar prosjekter opp til 100,0 millioner kroner.",
            "Medfinansieringen skal betale 58,3 % av kostnaden. Den kan betale høyst 50,0 %.",
        ),
        "nn": ("Ordninga tek prosjekt opp til 100,0 millionar kroner.", "høgst 50,0 %."),
        "en": ("The scheme takes projects up to 100.0 million kroner.", "at most 50.0%."),
    }
    for language, sentences in said.items():
        for address in (f"/samstyring/tiltak/{made.id}/", f"/samstyring/runder/{running.id}/"):
            page = text_of(a_browser(OWNER, language).get(address)).replace("\xa0", " ")
            for sentence in sentences:
                assert sentence in page, (language, address)
    service.make_statement(KS_COORDINATOR, initiative_id=made.id, position="agree", text="Good.")
    service.enter_round(OWNER, round_id=running.id, initiative_id=made.id)
    kept = text_of(a_browser(OWNER).get(f"/samstyring/runder/{running.id}/"))
    assert "Limits you must know" in kept or "Grenser du må kjenne til" in kept


@pytest.mark.django_db
def test_inside_all_limits_nothing_is_said() -> None:
    made = brought_to("assessed")
    told = {"cost_nok": {"p50": 20e6, "p85": 30e6}, "years": 2}
    service.deposit(
        OWNER, initiative_id=made.id, kind="assessment", body=an_assessment(introduction=told)
    )
    assert service.limits_of(made.id, actor=OWNER) == []
    page = text_of(a_browser(OWNER, "nb").get(f"/samstyring/tiltak/{made.id}/"))
    assert "Grenser du må kjenne til" not in page
