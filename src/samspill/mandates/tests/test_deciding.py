"""Rules R1 to R20, each by an example that it turns, and properties over random worlds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.mandates.domain.codes import guardian_codes
from samspill.mandates.domain.deciding import born_by, decide, decide_all
from samspill.mandates.domain.model import (
    Grant,
    Obligation,
    Person,
    Protection,
    Question,
    Reason,
    World,
)

NOON = dt.datetime(2026, 8, 1, 10, 0, tzinfo=dt.UTC)
HOUSING = "husbanken:bostoette"
GIVER = Person("giver", dt.date(1940, 5, 1))
AGENT = Person("agent", dt.date(1980, 5, 1))
OTHER = Person("other", dt.date(1985, 1, 1))
CHILD = Person("child", dt.date(2010, 8, 1))


def a_grant(**changes: Any) -> Grant:
    usual = Grant("g", "fullmakt", "giver", "agent", frozenset({HOUSING}), "write")
    return attrs.evolve(usual, **changes)


def a_world(*grants: Grant, people: tuple[Person, ...] = (), tree: Any = None) -> World:
    persons = {p.id: p for p in (GIVER, AGENT, OTHER, CHILD, *people)}
    return World(persons, grants, tree or {})


def ask(world: World, **changes: Any) -> Any:
    usual = Question("agent", "giver", HOUSING, "write", NOON, "high")
    return decide(world, attrs.evolve(usual, **changes))


def reason(world: World, **changes: Any) -> Reason:
    return ask(world, **changes).reason


def test_one_acts_for_oneself_without_a_grant():
    assert ask(a_world(), subject="agent").reason is Reason.SELF


def test_a_grant_has_a_direction():
    assert ask(a_world(a_grant())).allowed
    assert reason(a_world(a_grant()), actor="giver", subject="agent") is Reason.NO_GRANT


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-07-31T21:59:59+00:00", Reason.NOT_YET_VALID),
        ("2026-07-31T22:00:00+00:00", Reason.GRANT),  # midnight in Norway
        ("2026-08-31T21:59:59+00:00", Reason.GRANT),
        ("2026-08-31T22:00:00+00:00", Reason.EXPIRED),
    ],
)
def test_dates_are_read_in_norway_and_both_count(at: str, expected: Reason):
    world = a_world(a_grant(valid_from=dt.date(2026, 8, 1), valid_to=dt.date(2026, 8, 31)))
    assert reason(world, at=dt.datetime.fromisoformat(at)) is expected


def test_withdrawal_works_from_that_very_second_and_another_grant_still_counts():
    gone = a_grant(revoked_at=NOON)
    assert ask(a_world(gone), at=NOON - dt.timedelta(seconds=1)).allowed
    assert reason(a_world(gone)) is Reason.REVOKED
    assert ask(a_world(gone, a_grant(id="second"))).grant_id == "second"


@pytest.mark.parametrize(
    ("scopes", "asked", "allowed"),
    [
        ({HOUSING}, HOUSING, True),
        ({"husbanken:alt"}, HOUSING, True),  # its declared parent
        ({HOUSING}, "husbanken:alt", False),
        ({"husbanken:*"}, HOUSING, True),
        ({"husbanken:*"}, "kommune:sosialeTjenester", False),
        ({"*"}, HOUSING, False),
        ({"Husbanken:Bostoette"}, HOUSING, False),
        ({"husbanken"}, HOUSING, False),
        ({"nav:sosialeTjenester"}, "kommune:sosialeTjenester", False),
    ],
)
def test_a_scope_is_covered_by_itself_its_parent_or_its_owner(scopes, asked, allowed):
    world = a_world(a_grant(scopes=frozenset(scopes)), tree={HOUSING: "husbanken:alt"})
    assert ask(world, scope=asked).allowed is allowed


def test_a_tree_that_bites_its_tail_ends():
    world = a_world(a_grant(scopes=frozenset({"c"})), tree={"a": "b", "b": "a"})
    assert reason(world, scope="a") is Reason.SCOPE


def test_read_never_gives_write_and_grants_are_not_added_together():
    reading = a_grant(level="read")
    writing = a_grant(id="w", scopes=frozenset({"husbanken:startlaan"}))
    assert ask(a_world(reading, writing), action="read").allowed
    assert reason(a_world(reading, writing)) is Reason.LEVEL
    assert reason(a_world(reading), action="delete") is Reason.LEVEL


def guardian(**changes: Any) -> Grant:
    return a_grant(kind="vergemaal", **changes)


def test_a_guardian_has_the_listed_current_tasks_and_no_more():
    listed = frozenset({HOUSING, "skatteetaten:innkreving", "husbanken:*", "husbanken:alt"})
    world = a_world(guardian(scopes=listed), tree={"husbanken:startlaan": "husbanken:alt"})
    assert ask(world).allowed
    for scope in ("husbanken:startlaan", "skatteetaten:innkreving", "husbanken:alt", "ny:kode"):
        assert reason(world, scope=scope) is Reason.SCOPE


def test_a_code_gives_a_right_from_its_first_day():
    world = a_world(guardian(scopes=frozenset({"skatteetaten:innkrevingOgTvangsfullbyrdelse"})))
    code = "skatteetaten:innkrevingOgTvangsfullbyrdelse"
    assert ask(world, scope=code).allowed
    assert reason(world, scope=code, at=NOON.replace(year=2025)) is Reason.SCOPE


def test_consent_of_statsforvalteren_is_an_obligation():
    code = "kartverket:laaneopptak"
    answer = ask(a_world(guardian(scopes=frozenset({code}))), scope=code)
    assert (answer.allowed, answer.obligations) == (True, (Obligation.STATSFORVALTER_CONSENT,))


def test_there_are_forty_two_current_codes_and_eight_retired():
    rows = guardian_codes().values()
    assert (sum(not r.retired for r in rows), sum(r.retired for r in rows)) == (42, 8)


def parental(**changes: Any) -> Grant:
    return a_grant(
        kind="foreldreansvar", grantor="child", parental_type="felles", scopes=frozenset(), **changes
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "year", "expected"),
    [
        (HOUSING, 2027, Reason.GRANT),
        (HOUSING, 2028, Reason.AGE),  # eighteen on the day itself
        ("helfo:fastlege", 2025, Reason.GRANT),
        ("helfo:fastlege", 2026, Reason.AGE),
    ],
)
def test_parents_act_until_the_birthday_itself(scope, year, expected):
    world = a_world(parental())
    assert reason(world, subject="child", scope=scope, at=NOON.replace(year=year)) is expected


def test_unknown_parental_responsibility_goes_by_hand():
    world = a_world(attrs.evolve(parental(), parental_type="ukjent"))
    assert reason(world, subject="child") is Reason.MANUAL_ONLY
    assert ask(a_world(attrs.evolve(parental(), parental_type="andre")), subject="child").allowed


@pytest.mark.parametrize("side", ["giver", "agent"])
def test_a_strictly_protected_party_is_never_represented_digitally(side: str):
    person = attrs.evolve({"giver": GIVER, "agent": AGENT}[side], protection=Protection.STRICT)
    with_grant, without = a_world(a_grant(), people=(person,)), a_world(people=(person,))
    assert ask(with_grant) == ask(without)
    assert reason(with_grant) is Reason.PROTECTED_ROUTE
    assert reason(with_grant, actor=side, subject=side) is Reason.SELF


def test_a_confidential_address_is_hidden_from_the_agent():
    person = attrs.evolve(GIVER, protection=Protection.CONFIDENTIAL)
    assert ask(a_world(a_grant(), people=(person,))).obligations == (Obligation.HIDE_ADDRESS,)


@pytest.mark.parametrize("kind", ["fullmakt", "vergemaal"])
def test_death_ends_grants_on_its_day(kind: str):
    person = attrs.evolve(GIVER, died=NOON.date())
    world = a_world(a_grant(kind=kind), people=(person,))
    assert reason(world) is Reason.DECEASED
    assert ask(world, at=NOON - dt.timedelta(days=1)).allowed


def test_an_estate_acts_only_after_the_death_and_from_the_courts_date():
    died = attrs.evolve(GIVER, died=dt.date(2026, 7, 1))
    estate = a_grant(kind="doedsbo", valid_from=dt.date(2026, 7, 15))
    assert ask(a_world(estate, people=(died,))).allowed
    assert reason(a_world(estate)) is Reason.NOT_YET_VALID
    early = dt.datetime(2026, 7, 10, tzinfo=dt.UTC)
    assert reason(a_world(estate, people=(died,)), at=early) is Reason.NOT_YET_VALID


def passed_on(**changes: Any) -> tuple[Grant, Grant]:
    parent = a_grant(id="p", grantee="other", may_delegate=True)
    return parent, attrs.evolve(a_grant(parent="p", delegated_by="other"), **changes)


def test_an_agent_passes_on_what_the_grant_allows_one_step():
    parent, child = passed_on()
    assert ask(a_world(parent, child)).allowed
    for broken in (
        a_world(attrs.evolve(parent, may_delegate=False), child),
        a_world(parent, attrs.evolve(child, delegated_by="giver")),
        a_world(child),
        a_world(attrs.evolve(parent, parent="x"), child),
        a_world(attrs.evolve(parent, grantor="child"), child),
    ):
        assert reason(broken) is Reason.NO_GRANT
    narrower = attrs.evolve(parent, level="read")
    assert reason(a_world(narrower, child)) is Reason.LEVEL
    assert reason(a_world(attrs.evolve(parent, revoked_at=NOON), child)) is Reason.REVOKED
    short = attrs.evolve(parent, valid_to=dt.date(2026, 12, 31))
    assert reason(a_world(short, child)) is Reason.NO_GRANT


@pytest.mark.parametrize(
    ("registered", "confirmed", "expected"),
    [
        ("ann", "bo", Reason.GRANT),
        ("ann", "giver", Reason.GRANT),  # the letter code came back
        ("ann", "", Reason.PENDING_CONFIRMATION),
        ("ann", "ann", Reason.PENDING_CONFIRMATION),
        ("agent", "bo", Reason.PENDING_CONFIRMATION),
        ("ann", "agent", Reason.PENDING_CONFIRMATION),
    ],
)
def test_a_paper_needs_two_who_are_not_the_agent(registered, confirmed, expected):
    paper = a_grant(kind="fullmakt_papir", registered_by=registered, confirmed_by=confirmed)
    assert reason(a_world(paper)) is expected


def test_a_future_mandate_counts_when_in_force():
    assert reason(a_world(a_grant(kind="framtidsfullmakt"))) is Reason.NOT_IN_FORCE
    assert ask(a_world(a_grant(kind="framtidsfullmakt", in_force=True))).allowed


def test_the_agents_level_must_reach_the_services():
    assert reason(a_world(a_grant()), eid_level="low") is Reason.EID_TOO_LOW
    high = {"eid_level": "substantial", "service_min_eid": "high"}
    assert reason(a_world(a_grant()), **high) is Reason.EID_TOO_LOW
    assert reason(a_world(), subject="agent", **high) is Reason.EID_TOO_LOW


def test_a_block_stops_voluntary_mandates_and_no_legal_ones():
    person = attrs.evolve(GIVER, blocks_voluntary=True)
    assert reason(a_world(a_grant(), people=(person,))) is Reason.PARTY_BLOCKS
    assert ask(a_world(guardian(), people=(person,))).allowed


def test_what_is_unknown_or_stale_is_no():
    assert reason(a_world(a_grant()), subject="nobody") is Reason.SOURCE_STALE
    assert reason(a_world(a_grant()), actor="nobody") is Reason.SOURCE_STALE
    assert reason(a_world(guardian(source_age_h=24.1))) is Reason.SOURCE_STALE
    assert ask(a_world(guardian(source_age_h=24))).allowed
    assert reason(a_world(guardian(source_age_h=float("nan")))) is Reason.SOURCE_STALE
    assert reason(a_world(guardian(source_current=False))) is Reason.SOURCE_STALE


def test_giver_and_agent_are_of_age():
    young = Person("giver", dt.date(2009, 9, 1))
    assert reason(a_world(a_grant(), people=(young,))) is Reason.AGE
    health = a_grant(scopes=frozenset({"helfo:fastlege"}))
    assert ask(a_world(health, people=(young,)), scope="helfo:fastlege").allowed
    agent = Person("agent", dt.date(2009, 9, 1))
    assert reason(a_world(health, people=(agent,)), scope="helfo:fastlege") is Reason.AGE


def test_next_of_kin_gives_no_right():
    assert reason(a_world(a_grant(kind="naerstaaende"))) is Reason.NO_GRANT


def test_the_failure_nearest_to_success_is_told():
    world = a_world(
        a_grant(id="a", scopes=frozenset()),
        a_grant(id="b", revoked_at=NOON),
        a_grant(id="c", valid_to=dt.date(2026, 1, 1)),
    )
    assert reason(world) is Reason.REVOKED


SCOPES = st.sampled_from([HOUSING, "husbanken:*", "nav:arbeid", "kartverket:laaneopptak", "*"])
DAYS = st.none() | st.dates(dt.date(2026, 7, 28), dt.date(2026, 8, 5))
GRANTS = st.builds(
    Grant,
    id=st.uuids().map(str),
    kind=st.sampled_from(
        ["fullmakt", "fullmakt_papir", "vergemaal", "foreldreansvar", "framtidsfullmakt"]
    ),
    grantor=st.sampled_from(["giver", "child"]),
    grantee=st.sampled_from(["agent", "other"]),
    scopes=st.frozensets(SCOPES),
    level=st.sampled_from(["read", "write"]),
    valid_from=DAYS,
    valid_to=DAYS,
    parental_type=st.sampled_from(["felles", "ukjent"]),
    registered_by=st.sampled_from(["", "ann", "agent"]),
    confirmed_by=st.sampled_from(["", "bo"]),
    in_force=st.booleans(),
    source_age_h=st.sampled_from([0.0, 30.0]),
)
QUESTIONS = st.builds(
    Question,
    actor=st.sampled_from(["agent", "other"]),
    subject=st.sampled_from(["giver", "child"]),
    scope=st.sampled_from([HOUSING, "nav:arbeid", "kartverket:laaneopptak"]),
    action=st.sampled_from(["read", "write"]),
    at=st.just(NOON),
    eid_level=st.sampled_from(["low", "substantial", "high"]),
)


ANY = st.builds(
    Question,
    actor=st.sampled_from(["agent", "other", "nobody"]),
    subject=st.sampled_from(["giver", "child", "agent"]),
    scope=st.sampled_from([HOUSING, "helfo:fastlege", "kartverket:laaneopptak"]),
    action=st.sampled_from(["read", "write"]),
    at=st.sampled_from([NOON, NOON + dt.timedelta(days=3)]),
    eid_level=st.sampled_from(["low", "substantial", "high"]),
    service_min_eid=st.sampled_from(["substantial", "high"]),
)


@settings(max_examples=40)
@given(st.lists(GRANTS, max_size=3), st.lists(ANY, max_size=5))
def test_a_list_is_answered_as_each_of_its_questions_alone(grants, questions):
    world = a_world(*grants)
    assert decide_all(world, questions) == [decide(world, one) for one in questions]


def test_two_questions_of_a_list_that_differ_in_one_thing_alone_are_two_questions():
    """Whatever the answer turns on; none is taken from the question before it."""
    given_to = a_grant(valid_to=NOON.date(), level="read", scopes=frozenset({HOUSING}))
    asked = Question("agent", "giver", HOUSING, "read", NOON, "substantial")
    others = (
        attrs.evolve(asked, scope="nav:arbeid"), attrs.evolve(asked, action="write"),
        attrs.evolve(asked, at=NOON + dt.timedelta(days=1)), attrs.evolve(asked, eid_level="low"),
        attrs.evolve(asked, service_min_eid="high"), attrs.evolve(asked, actor="other"),
    )  # fmt: skip
    reasons = [one.reason for one in decide_all(a_world(given_to), [asked, *others, asked])]
    expected = (Reason.GRANT, Reason.SCOPE, Reason.LEVEL, Reason.EXPIRED, Reason.EID_TOO_LOW,
                Reason.EID_TOO_LOW, Reason.NO_GRANT, Reason.GRANT)  # fmt: skip
    assert reasons == [*expected]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))  # fmt: skip
def test_the_last_birthday_of_those_who_are_old_enough_is_what_their_age_says(born, on):
    for years in (16, 18):
        assert (born <= born_by(on, years)) is (Person("x", born).age(on) >= years)


@pytest.mark.parametrize(
    ("on", "last"),
    [((2028, 2, 29), (2010, 2, 28)), ((2028, 3, 1), (2010, 3, 1)), ((2036, 2, 29), (2018, 2, 28)),
     ((2027, 2, 28), (2009, 2, 28)), ((19, 1, 1), (1, 1, 1)), ((18, 12, 31), (1, 1, 1)), ((2, 2, 2), (1, 1, 1))],
)  # fmt: skip
def test_eighteen_years_before_a_day(on, last):
    assert born_by(dt.date(*on), 18) == dt.date(*last)
    assert born_by(dt.date(2028, 2, 29), 16) == dt.date(2012, 2, 29)


@given(st.lists(GRANTS, max_size=4), QUESTIONS)
def test_more_grants_never_take_a_right_away_and_order_does_not_matter(grants, question):
    whole, fewer = decide(a_world(*grants), question), decide(a_world(*grants[1:]), question)
    assert whole.allowed or not fewer.allowed
    turned = decide(a_world(*reversed(grants)), question)
    assert (turned.allowed, turned.reason) == (whole.allowed, whole.reason)


@given(st.lists(GRANTS, max_size=4), QUESTIONS)
def test_write_includes_read_and_a_withdrawn_grant_carries_nothing(grants, question):
    if decide(a_world(*grants), attrs.evolve(question, action="write")).allowed:
        assert decide(a_world(*grants), attrs.evolve(question, action="read")).allowed
    gone = [attrs.evolve(grant, revoked_at=NOON) for grant in grants]
    assert not decide(a_world(*gone), question).allowed
