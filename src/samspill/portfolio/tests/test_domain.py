"""The pure rules: links without circles, relevance and its clock, quotas and samples, guards that hide nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.urls import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.kernel.outcome import RefusedError
from samspill.portfolio.domain import guards, links, relevance, states
from samspill.portfolio.domain import representativeness as likeness
from samspill.portfolio.service import steps

DAY = dt.date(2026, 3, 2)
graphs = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3), max_size=8)


@given(graphs)
def test_a_chain_is_found_exactly_when_something_requires_itself(graph) -> None:
    reaches_itself = any(
        one in {m for n in graph.get(one, ()) for m in {n, *links.everything_required(n, graph)}}
        for one in graph
    )
    found = links.cycle(graph)
    assert bool(found) == reaches_itself
    assert all(b in graph[a] for a, b in itertools.pairwise(found))
    assert not found or found[0] == found[-1]


verdicts = st.sampled_from(relevance.VERDICTS)
signatures = st.lists(
    st.builds(
        lambda side, verdict, days: relevance.Signature(
            side, verdict, DAY + dt.timedelta(days=days), DAY + dt.timedelta(days=days + 14)
        ),
        st.sampled_from(relevance.SIDES),
        verdicts,
        st.integers(0, 30),
    ),
    max_size=4,
)


@given(signatures, st.integers(0, 60))
def test_relevance_is_settled_only_by_two_or_by_one_and_a_silence(given_signatures, days) -> None:
    today = DAY + dt.timedelta(days=days)
    now = relevance.standing(given_signatures, today=today)
    sides = {one.side for one in given_signatures}
    last = {one.side: one for one in given_signatures}
    if len(sides) == 2:
        both = {one.verdict for one in last.values()}
        assert now.state == ("agreed" if len(both) == 1 else "disagreement")
        assert now.verdict in both
    elif sides:
        (one,) = last.values()
        assert (now.state == "silence") == (today > one.answer_by)
        assert now.is_settled == (now.state == "silence")
    else:
        assert now.state == "unsigned"


def test_every_state_but_the_last_leads_on_and_every_state_is_reached() -> None:
    for state in states.STATES:
        assert (state in states.FINAL) == (not states.steps_from(state))
    assert {one.to for one in states.STEPS} == set(states.STATES) - {"registered"}


def test_every_guarded_place_has_steps_that_lead_there() -> None:
    assert set(guards.GUARDS) <= {one.to for one in states.STEPS}


def a_whole(**changes) -> guards.Facts:
    values = {
        "today": DAY,
        "problem_answered": True,
        "relevance": relevance.Standing("agreed", "material"),
        "assessment": guards.AssessmentFacts(
            version=1,
            lines=3,
            municipalities=357,
            consulted_on=DAY - dt.timedelta(days=14),
            assumption_set="2026-1",
            assumptions_valid_to=DAY,
        ),
        "ks_stated": True,
        "entered": True,
        "chosen": True,
        "agreement": guards.AgreementFacts(closes=True, signed=True),
        "confirmed_windows": 1,
        **changes,
    }
    return guards.Facts(**values)


@pytest.mark.parametrize("to", [s for s in states.WAY if s != "registered"])
def test_nothing_is_missing_when_all_is_there(to) -> None:
    assert guards.missing(to, a_whole()) == []


#: An initiative of which everything is half done, and what each step then says is missing.
HALF_DONE = {
    "duty": True,
    "problem_answered": False,
    "relevance": relevance.Standing("waiting", "material", "ks", DAY),
    "assessment": guards.AssessmentFacts(
        version=1,
        lines=3,
        unfinished=(guards.LineLack("Test", ("driver",)), guards.LineLack("Archive", ("grade",))),
        municipalities=357,
        consulted_on=DAY,
        assumption_set="2026-1",
        assumptions_valid_to=DAY - dt.timedelta(days=1),
    ),
    "ks_stated": False,
    "entered": False,
    "departs_without_reason": True,
    "agreement": guards.AgreementFacts(
        lines_without_payer=("Licence",), gains_without_owner=("Hours",), unsigned=("0301",)
    ),
    "confirmed_windows": 0,
}
LACKS = {
    "relevance": ["problem_missing", "legal_reference_missing"],
    "involved": ["verdict_waits"],
    "not_relevant": ["verdict_waits"],
    "assessed": ["line_unfinished", "line_unfinished", "ks_has_time"],
    "prioritised": ["assumptions_expired", "window_closed"],
    "decided": ["ks_statement_missing", "assumptions_expired", "reason_missing"],
    "agreed": ["payer_missing", "gain_owner_missing", "sums_open"],
    "introducing": ["signature_missing", "legal_reference_missing"],
}


@pytest.mark.parametrize("to", LACKS)
def test_every_guard_says_all_that_is_missing_at_once_each_with_its_place(to) -> None:
    assert set(LACKS) == set(guards.GUARDS)
    found = guards.missing(to, a_whole(**HALF_DONE))
    assert [one.code for one in found] == LACKS[to]
    for one in found:
        assert one.text, one.code
        assert one.remedy, one.code
        assert resolve(urlsplit(steps._PLACES[one.place].format(id=uuid4())).path), one.code


def test_a_decision_without_figures_statement_or_valid_assumptions_names_each() -> None:
    expired = a_whole(today=DAY + dt.timedelta(days=1), ks_stated=False)
    assert [one.code for one in guards.missing("decided", expired)] == [
        "ks_statement_missing",
        "assumptions_expired",
    ]
    none = a_whole(assessment=None)
    assert [one.code for one in guards.missing("decided", none)] == ["figures_missing"]


def test_an_agreement_lists_every_line_without_payer_and_gain_without_owner() -> None:
    open_ends = guards.AgreementFacts(
        lines_without_payer=("Training", "Licence"), gains_without_owner=("Hours",), closes=False
    )
    found = guards.missing("agreed", a_whole(agreement=open_ends))
    assert [one.values.get("line") or one.values.get("gain") for one in found] == [
        "Training",
        "Licence",
        "Hours",
        None,
    ]


def test_a_duty_goes_on_by_its_law_and_a_voluntary_one_by_a_confirmed_window() -> None:
    free = a_whole(confirmed_windows=0)
    assert [one.code for one in guards.missing("introducing", free)] == ["window_unconfirmed"]
    duty = a_whole(confirmed_windows=0, duty=True, legal_reference="bustøttelova § 9")
    assert guards.missing("introducing", duty) == []


def a_country(count: int = 60) -> list[likeness.Place]:
    return [
        likeness.Place(
            id=str(n),
            name=f"Place {n:02}",
            inhabitants=500 + n * n * 60,
            classes={
                "size": likeness.size_class(500 + n * n * 60),
                "centrality": str(n % 6),
                "county": "ABCDE"[n % 5],
                "language": "nynorsk" if n % 4 == 0 else "bokmål",
                "vendor": "",
            },
        )
        for n in range(count)
    ]


COUNTRY = a_country()


@settings(max_examples=40)
@given(
    st.dictionaries(st.text("abcdefg", min_size=1, max_size=1), st.integers(0, 40), min_size=1),
    st.integers(0, 60),
)
def test_quotas_add_up_and_hear_every_class_there_is_room_for(sizes, wanted) -> None:
    given_quotas = likeness.quotas(sizes, wanted)
    assert sum(given_quotas.values()) == min(wanted, sum(sizes.values()))
    assert all(0 <= given_quotas[key] <= sizes[key] for key in given_quotas)
    if wanted >= len(given_quotas):
        assert all(given_quotas.values())


@settings(max_examples=25)
@given(st.integers(1, 30), st.sets(st.integers(0, 59), max_size=8), st.text(max_size=3))
def test_a_sample_has_its_size_keeps_whom_it_must_and_is_the_same_again(size, keep, seed) -> None:
    kept = {str(n) for n in keep}
    if size < len(kept):
        with pytest.raises(RefusedError):
            likeness.propose(COUNTRY, wanted=size, keep=kept, seed=seed)
        return
    chosen = likeness.propose(COUNTRY, wanted=size, keep=kept, seed=seed)
    ids = [one.id for one in chosen]
    assert len(ids) == len(set(ids)) == size
    assert kept <= set(ids)
    assert likeness.propose(COUNTRY, wanted=size, keep=kept, seed=seed) == chosen


def test_a_proposed_sample_is_nearer_to_the_country_than_chance_in_every_known_dimension() -> None:
    chosen = likeness.propose(COUNTRY, wanted=15)
    found = likeness.compare(COUNTRY, {one.id for one in chosen})
    known = [one for one in found.dimensions if one.known]
    assert len(known) == 4
    assert all(one.distance <= one.by_chance for one in known)
    assert not any(one.is_skewed for one in known)


def test_the_whole_country_is_the_country_and_an_unknown_vendor_says_so() -> None:
    found = likeness.compare(COUNTRY, {one.id for one in COUNTRY})
    assert [round(one.distance, 9) for one in found.dimensions] == [0.0] * 5
    vendor = found.dimensions[-1]
    assert (vendor.known, vendor.missing) == (False, ())
    assert found.people_share == 1.0


@settings(max_examples=20)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(1, 12))
def test_the_distance_by_chance_is_the_mean_over_every_choice(sizes, chosen) -> None:
    if chosen > sum(sizes):
        return
    value = likeness.by_chance(sizes, chosen)
    assert -1e-12 <= value <= 1
    if chosen == sum(sizes) or len(sizes) == 1:
        assert value == pytest.approx(0, abs=1e-12)


def test_the_classes_of_the_sample_follow_the_quotas() -> None:
    chosen = likeness.propose(COUNTRY, wanted=20)
    have = Counter(one.classes["size"] for one in chosen)
    wanted = likeness.quotas(Counter(one.classes["size"] for one in COUNTRY), 20)
    assert have == Counter(wanted)


@settings(max_examples=25)
@given(st.sets(st.integers(0, 59), max_size=7), st.integers(14, 20))
def test_every_size_is_heard_also_when_those_kept_crowd_one_class(keep, size) -> None:
    chosen = likeness.propose(COUNTRY, wanted=size, keep={str(n) for n in keep})
    assert {one.classes["size"] for one in chosen} == {one.classes["size"] for one in COUNTRY}
