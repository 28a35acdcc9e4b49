"""The edges of each rule: the day, the age, the level, the one name in a table on which an answer turns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from samspill.mandates.domain import model
from samspill.mandates.domain.deciding import age_limit, covers, decide, first_failure
from samspill.mandates.domain.model import (
    Decision,
    Grant,
    Obligation,
    Organisation,
    Person,
    Protection,
    Question,
    Reason,
    World,
    ordinary,
)

NOON = dt.datetime(2026, 8, 1, 10, 0, tzinfo=dt.UTC)
TODAY, DAY = NOON.date(), dt.timedelta(days=1)
HOUSING = "husbanken:bostoette"
GIVER = Person("giver", dt.date(1940, 5, 1))
AGENT = Person("agent", dt.date(1980, 5, 1))
OTHER = Person("other", dt.date(1985, 1, 1))
FIRM = Organisation("0192:910", deleted_on=None, bankrupt=False)


def grant(**changes: Any) -> Grant:
    return attrs.evolve(
        Grant("g", "fullmakt", "giver", "agent", frozenset({HOUSING}), "write"), **changes
    )


def world(*grants: Grant, people: Any = (), firms: Any = (), tree: Any = None) -> World:
    persons = {one.id: one for one in (GIVER, AGENT, OTHER, *people)}
    return World(persons, grants, tree or {}, organisations={one.id: one for one in firms})


def ask(given: World, **changes: Any) -> Decision:
    usual = Question("agent", "giver", HOUSING, "write", NOON, "high")
    return decide(given, attrs.evolve(usual, **changes))


def no(reason: Reason) -> Decision:
    return Decision(allowed=False, reason=reason)


YES = Decision(allowed=True, reason=Reason.GRANT, grant_id="g")


# ── before any grant ─────────────────────────────────────────────────────────────────────────────


def test_each_answer_before_grants_is_whole():
    dead = attrs.evolve(AGENT, died=TODAY)
    hidden = attrs.evolve(GIVER, protection=Protection.STRICT)
    assert ask(world(grant()), actor="nobody") == no(Reason.SOURCE_STALE)
    assert ask(world(grant()), subject="nobody") == no(Reason.SOURCE_STALE)
    assert ask(world(grant()), eid_level="low") == no(Reason.EID_TOO_LOW)
    assert ask(world(grant(), people=[dead])) == no(Reason.DECEASED)
    assert ask(world(people=[dead]), subject="agent") == no(Reason.DECEASED)
    assert ask(world(), subject="agent") == Decision(allowed=True, reason=Reason.SELF)
    assert ask(world(grant(), people=[hidden])) == no(Reason.PROTECTED_ROUTE)
    assert ask(world()) == no(Reason.NO_GRANT)
    assert ask(world(grant())) == YES


def test_the_level_that_is_asked_for_is_enough_and_one_below_is_not():
    for at, level in enumerate(model.EID_LEVELS):
        for wanted_at, wanted in enumerate(model.EID_LEVELS):
            answer = ask(world(grant()), eid_level=level, service_min_eid=wanted)
            assert answer == (YES if at >= wanted_at else no(Reason.EID_TOO_LOW))
    assert model.EID_LEVELS == ("none", "low", "substantial", "high")
    plain = Question("agent", "giver", HOUSING, "read", NOON)
    assert (plain.eid_level, plain.service_min_eid) == ("none", "substantial")


def test_the_day_before_the_death_is_a_day():
    agent = attrs.evolve(AGENT, died=TODAY + DAY)
    assert ask(world(grant(), people=[agent])) == YES
    giver = attrs.evolve(GIVER, died=TODAY + DAY)
    assert ask(world(grant(), people=[giver])) == YES


# ── scopes ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scopes", "asked", "tree", "expected"),
    [
        ({"*:*"}, "*:x", {}, False),
        ({"*"}, "*", {}, False),
        ({"*"}, HOUSING, {HOUSING: "*"}, False),
        ({"husbanken:*"}, "husbanken", {}, False),
        ({"husbanken:*"}, "husbanken:x:y", {}, True),
        ({"top"}, HOUSING, {HOUSING: "mid", "mid": "top"}, True),
        ({"top"}, HOUSING, {HOUSING: "*", "*": "top"}, True),
        ({"*", HOUSING}, HOUSING, {}, True),
        ({"husbanken:*"}, "*", {}, False),
        (set(), HOUSING, {}, False),
    ],
)
def test_what_covers_a_scope(scopes: set[str], asked: str, tree: Any, expected: bool):
    assert covers(world(tree=tree), grant(scopes=frozenset(scopes)), asked, TODAY) is expected


def test_a_parents_or_a_roles_own_list_of_scopes_holds_when_there_is_one():
    listed = grant(kind="foreldreansvar", grantor="child", scopes=frozenset({"x:y"}))
    assert not covers(world(), listed, HOUSING, TODAY)
    assert covers(world(), listed, "x:y", TODAY)
    assert covers(world(), attrs.evolve(listed, scopes=frozenset()), HOUSING, TODAY)
    role = grant(kind="virksomhet", grantor=FIRM.id, scopes=frozenset())
    assert covers(world(firms=[FIRM]), role, HOUSING, TODAY)
    assert not covers(world(), role, HOUSING, TODAY)
    assert not covers(world(firms=[FIRM]), attrs.evolve(role, kind="fullmakt"), HOUSING, TODAY)
    assert not covers(world(firms=[FIRM]), attrs.evolve(role, scopes=frozenset({"x:y"})), HOUSING, TODAY)  # fmt: skip
    assert not covers(world(), grant(scopes=frozenset()), HOUSING, TODAY)


def test_a_guardian_needs_the_code_listed_and_current_in_either_spelling():
    new, old = (f"namsmannen:tvangsfullbyrdelseOgForliks{tail}" for tail in ("raadet", "rådet"))
    guardian = grant(kind="vergemaal", scopes=frozenset({old}))
    assert covers(world(), guardian, new, TODAY)
    assert covers(world(), guardian, old, TODAY)
    assert not covers(world(), guardian, HOUSING, TODAY)
    unlisted = attrs.evolve(guardian, scopes=frozenset({"ny:kode"}))
    assert not covers(world(), unlisted, "ny:kode", TODAY)


# ── ages ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scope", "limit"),
    [
        ("helse:x", 16), ("helsenorge:x", 16), ("helfo:x", 16), ("pasientreiser:x", 16),
        ("kommune:helseOgOmsorg", 16), ("kommune:sosialeTjenester", 18), (HOUSING, 18), ("x:helse", 18),
    ],
)  # fmt: skip
def test_health_is_ones_own_from_sixteen_and_the_rest_from_eighteen(scope: str, limit: int):
    assert age_limit(scope) == limit
    giver = Person("giver", dt.date(2026 - limit, 8, 1))
    given = grant(scopes=frozenset({scope}))
    assert ask(world(given, people=[giver]), scope=scope) == YES, "on the birthday itself"
    younger = attrs.evolve(giver, born=giver.born + DAY)
    assert ask(world(given, people=[younger]), scope=scope) == no(Reason.AGE)


def test_an_agent_is_eighteen_also_for_health():
    given = grant(scopes=frozenset({"helfo:x"}))
    agent = Person("agent", dt.date(2008, 8, 1))
    assert ask(world(given, people=[agent]), scope="helfo:x") == YES
    younger = attrs.evolve(agent, born=agent.born + DAY)
    assert ask(world(given, people=[younger]), scope="helfo:x") == no(Reason.AGE)


def test_a_guardian_of_a_child_is_asked_for_no_age():
    child = Person("giver", dt.date(2020, 1, 1))
    assert ask(world(grant(kind="vergemaal"), people=[child])) == YES


@pytest.mark.parametrize("kind", ["felles", "mor", "far", "medmor", "andre", "ukjent", ""])
def test_parental_responsibility_of_a_known_kind_counts(kind: str):
    child = Person("giver", dt.date(2020, 1, 1))
    parental = grant(kind="foreldreansvar", parental_type=kind, scopes=frozenset())
    known = kind in ("felles", "mor", "far", "medmor", "andre")
    assert ask(world(parental, people=[child])) == (YES if known else no(Reason.MANUAL_ONLY))
    eighteen = Person("giver", dt.date(2008, 8, 1))
    assert ask(world(parental, people=[eighteen])) == no(Reason.AGE)
    almost = Person("giver", dt.date(2008, 8, 2))
    assert ask(world(parental, people=[almost])).reason is not Reason.AGE


def test_years_are_whole_on_the_birthday():
    leap = Person("p", dt.date(2008, 2, 29))
    assert [leap.age(dt.date(2026, *day)) for day in ((2, 28), (3, 1))] == [17, 18]
    assert leap.age(dt.date(2028, 2, 29)) == 20
    plain = Person("p", dt.date(2000, 6, 15))
    days = ((5, 20), (6, 14), (6, 15), (7, 1))
    assert [plain.age(dt.date(2020, *day)) for day in days] == [19, 19, 20, 20]


# ── the order of the rules ───────────────────────────────────────────────────────────────────────


def test_the_rules_of_one_grant_are_tried_in_order():
    broken = grant(
        kind="framtidsfullmakt", scopes=frozenset(), level="read", source_current=False, accepted=False,
        valid_from=TODAY + DAY, valid_to=TODAY - DAY, revoked_at=NOON, in_force=False, joint=True,
    )  # fmt: skip
    giver = Person("giver", dt.date(2015, 1, 1), died=TODAY, blocks_voluntary=True)
    told = []
    for repaired in (
        {}, {"scopes": frozenset({HOUSING})}, {"level": "write"}, {"source_current": True}, {"valid_from": TODAY},
        {"valid_to": TODAY}, {"revoked_at": None}, {"accepted": True}, {"in_force": True},
    ):  # fmt: skip
        broken = attrs.evolve(broken, **repaired)
        told.append(ask(world(broken, people=[giver])).reason)
    for repaired in ({"blocks_voluntary": False}, {"died": None}, {"born": GIVER.born}):
        giver = attrs.evolve(giver, **repaired)
        told.append(ask(world(broken, people=[giver])).reason)
    told.append(ask(world(attrs.evolve(broken, joint=False), people=[giver])).reason)
    assert told == [
        Reason.SCOPE, Reason.LEVEL, Reason.SOURCE_STALE, Reason.NOT_YET_VALID, Reason.EXPIRED, Reason.REVOKED,
        Reason.PENDING_CONFIRMATION, Reason.NOT_IN_FORCE, Reason.PARTY_BLOCKS, Reason.DECEASED, Reason.AGE,
        Reason.MANUAL_ONLY, Reason.GRANT,
    ]  # fmt: skip


def test_reasons_stand_in_the_order_of_their_nearness_and_are_spelt_as_they_are_published():
    assert [one.value for one in Reason] == [
        "SELF", "GRANT", "NO_GRANT", "SCOPE", "LEVEL", "SOURCE_STALE", "NOT_YET_VALID", "EXPIRED", "REVOKED",
        "PENDING_CONFIRMATION", "NOT_IN_FORCE", "PARTY_BLOCKS", "DECEASED", "AGE", "MANUAL_ONLY", "EID_TOO_LOW",
        "PROTECTED_ROUTE",
    ]  # fmt: skip
    assert [one.value for one in Obligation] == ["STATSFORVALTER_CONSENT", "HIDE_ADDRESS"]
    assert [one.value for one in Protection] == [
        "ugradert", "klientadresse", "fortrolig", "strengtFortrolig",
    ]  # fmt: skip


def test_the_nearest_of_several_is_told_wherever_it_stands():
    far, near = grant(id="far", scopes=frozenset()), grant(id="near", accepted=False)
    kin = grant(id="kin", kind="naerstaaende")
    for order in ((far, near, kin), (near, kin, far), (kin, far, near)):
        assert ask(world(*order)) == no(Reason.PENDING_CONFIRMATION)
    assert ask(world(kin)) == no(Reason.NO_GRANT)


# ── one rule at a time ───────────────────────────────────────────────────────────────────────────


def test_a_paper_needs_both_names_and_another_grant_none():
    paper = grant(kind="fullmakt_papir", registered_by="ann", confirmed_by="bo")
    assert ask(world(paper)) == YES
    for changes in ({"registered_by": ""}, {"confirmed_by": ""}, {"accepted": False}):
        assert ask(world(attrs.evolve(paper, **changes))) == no(Reason.PENDING_CONFIRMATION)
    assert ask(world(grant(registered_by="ann", confirmed_by="ann"))) == YES


def test_either_side_may_have_shut():
    agent = attrs.evolve(AGENT, blocks_voluntary=True)
    for kind in sorted(model.VOLUNTARY - {"fullmakt_papir"}):
        shut = world(grant(kind=kind, in_force=True), people=[agent])
        assert ask(shut) == no(Reason.PARTY_BLOCKS)


def test_an_estate_and_an_organisation_outlive_the_one_they_are_for():
    giver = attrs.evolve(GIVER, died=TODAY - DAY)
    for kind, expected in (("doedsbo", YES), ("virksomhet", YES), ("vergemaal", no(Reason.DECEASED)), ("fullmakt", no(Reason.DECEASED))):  # fmt: skip
        assert ask(world(grant(kind=kind), people=[giver])) == expected
    today = attrs.evolve(GIVER, died=TODAY)
    assert ask(world(grant(kind="doedsbo"), people=[today])) == YES


@pytest.mark.parametrize("side", ["giver", "agent"])
@pytest.mark.parametrize("grade", [Protection.CONFIDENTIAL, Protection.CLIENT])
def test_an_address_is_hidden_for_either_side_and_consent_comes_first(side: str, grade: Protection):
    person = attrs.evolve({"giver": GIVER, "agent": AGENT}[side], protection=grade)
    code = "kartverket:laaneopptak"
    guardian = grant(kind="vergemaal", scopes=frozenset({code}))
    answer = ask(world(guardian, people=[person]), scope=code)
    assert answer.obligations == (Obligation.STATSFORVALTER_CONSENT, Obligation.HIDE_ADDRESS)
    plain = ask(world(grant(), people=[person]))
    assert plain.obligations == (Obligation.HIDE_ADDRESS,)
    free = ask(world(grant(scopes=frozenset({code}))), scope=code)
    assert free == YES, "consent is a guardian's"


def test_register_data_of_a_day_count_and_older_do_not():
    assert ask(world(grant(source_age_h=24.0))) == YES
    assert ask(world(grant(source_age_h=24.01))) == no(Reason.SOURCE_STALE)


# ── passed on ────────────────────────────────────────────────────────────────────────────────────


def chain(parent: Any = None, child: Any = None, **more: Any) -> World:
    first = grant(id="p", grantee="other", may_delegate=True)
    second = grant(parent="p", delegated_by="other")
    return world(attrs.evolve(first, **(parent or {})), attrs.evolve(second, **(child or {})), **more)  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "child", "allowed"),
    [
        ({}, {}, True),
        ({"valid_from": TODAY}, {"valid_from": TODAY}, True),
        ({"valid_from": TODAY - DAY}, {"valid_from": TODAY}, True),
        ({"valid_from": TODAY}, {"valid_from": TODAY - DAY}, False),
        ({"valid_from": TODAY}, {}, False),
        ({}, {"valid_from": TODAY}, True),
        ({"valid_to": TODAY}, {"valid_to": TODAY}, True),
        ({"valid_to": TODAY + DAY}, {"valid_to": TODAY}, True),
        ({"valid_to": TODAY}, {"valid_to": TODAY + DAY}, False),
        ({"valid_to": TODAY}, {}, False),
        ({}, {"valid_to": TODAY}, True),
    ],
)
def test_what_is_passed_on_lies_within_the_days_of_the_first(parent: Any, child: Any, allowed: bool):  # fmt: skip
    assert ask(chain(parent, child)) == (YES if allowed else no(Reason.NO_GRANT))


def test_what_is_passed_on_must_hold_by_itself_too():
    assert ask(chain({}, {"revoked_at": NOON})) == no(Reason.REVOKED)
    assert ask(chain({}, {"accepted": False})) == no(Reason.PENDING_CONFIRMATION)


def test_a_grant_is_passed_on_one_step_only():
    top = grant(id="top", grantee="other", may_delegate=True)
    middle = grant(id="p", grantee="other", may_delegate=True, parent="top", delegated_by="other")
    third = grant(parent="p", delegated_by="other")
    assert ask(world(top, middle, third)) == no(Reason.NO_GRANT)


def test_the_first_agent_must_live_and_be_known_and_open():
    for changes, expected in (
        ({"died": TODAY}, Reason.DECEASED),
        ({"blocks_voluntary": True}, Reason.PARTY_BLOCKS),
        ({"born": dt.date(2015, 1, 1)}, Reason.AGE),
    ):
        assert ask(chain(people=[attrs.evolve(OTHER, **changes)])) == no(expected)
    stranger = chain({"grantee": "unknown"}, {"delegated_by": "unknown"})
    assert ask(stranger) == no(Reason.PARTY_BLOCKS), "nothing follows from one who is not known"
    legal = chain({"kind": "vergemaal", "grantee": "unknown"}, {"delegated_by": "unknown"})
    assert ask(legal) == no(Reason.DECEASED)


def test_each_condition_of_passing_on_is_needed():
    for parent, child in (
        ({"may_delegate": False}, {}), ({"grantor": "other2"}, {}), ({}, {"delegated_by": "giver"}), ({}, {"parent": "x"}),
    ):  # fmt: skip
        assert ask(chain(parent, child)) == no(Reason.NO_GRANT)
    question = Question("agent", "giver", HOUSING, "write", NOON, "high")
    assert first_failure(world(), grant(parent="gone"), question) is Reason.NO_GRANT
    assert first_failure(world(), grant(), question) is None
    for side in ("grantor", "grantee"):
        stranger = grant(**{side: "nobody"})
        assert first_failure(world(), stranger, question) is Reason.PARTY_BLOCKS


# ── organisations ────────────────────────────────────────────────────────────────────────────────


def role(**changes: Any) -> Grant:
    return grant(kind="virksomhet", grantor=FIRM.id, scopes=frozenset(), **changes)


def for_firm(given: Grant, firm: Organisation = FIRM, **changes: Any) -> Decision:
    return ask(world(given, firms=[firm]), subject=FIRM.id, **changes)


def test_a_role_acts_for_the_organisation_while_it_stands():
    assert for_firm(role()) == YES
    gone = attrs.evolve(FIRM, deleted_on=TODAY)
    assert for_firm(role(), gone) == no(Reason.DECEASED)
    assert for_firm(role(), attrs.evolve(FIRM, deleted_on=TODAY + DAY)) == YES
    assert ask(world(role()), subject=FIRM.id) == no(Reason.SOURCE_STALE)


def test_a_signature_of_two_and_a_bankrupts_estate_go_by_hand():
    assert for_firm(role(joint=True)) == no(Reason.MANUAL_ONLY)
    assert for_firm(role(joint=True), action="read") == YES
    bankrupt = attrs.evolve(FIRM, bankrupt=True)
    assert for_firm(role(), bankrupt) == no(Reason.MANUAL_ONLY)
    assert for_firm(role(), bankrupt, action="read") == no(Reason.MANUAL_ONLY)
    assert for_firm(role(court_appointed=True), bankrupt) == YES


def test_a_mandate_to_an_organisation_counts_while_the_organisation_is_known_and_stands():
    helper = grant(kind="hjelper", grantee_org=FIRM.id)
    assert ask(world(helper, firms=[FIRM])) == YES
    assert ask(world(helper)) == no(Reason.SOURCE_STALE)
    assert ask(world(helper, firms=[attrs.evolve(FIRM, deleted_on=TODAY)])) == no(Reason.DECEASED)
    assert ask(world(helper, firms=[attrs.evolve(FIRM, bankrupt=True)])) == no(Reason.MANUAL_ONLY)


# ── the model's own words ────────────────────────────────────────────────────────────────────────


def test_what_a_grant_a_person_and_a_decision_are_when_nothing_is_said():
    bare = Grant("g", "fullmakt", "a", "b", frozenset(), "read")
    assert (bare.in_force, bare.source_current, bare.source_age_h, bare.may_delegate) == (False, True, 0.0, False)  # fmt: skip
    assert (bare.accepted, bare.joint, bare.court_appointed, bare.parent) == (True, False, False, "")  # fmt: skip
    assert (bare.delegated_by, bare.registered_by, bare.confirmed_by, bare.parental_type) == ("", "", "", "")  # fmt: skip
    assert (GIVER.protection, GIVER.blocks_voluntary, GIVER.died) == (Protection.OPEN, False, None)
    assert (FIRM.is_deleted(TODAY), Organisation("x").bankrupt) == (False, False)
    assert no(Reason.AGE).obligations == ()


def test_an_ordinary_mandate_is_what_it_would_be_told_in_full():
    ends, ended = TODAY + DAY, NOON + DAY
    quick = ordinary("n", "giver", "agent", frozenset({HOUSING}), "read", TODAY, ends, ended, accepted=False)  # fmt: skip
    whole = Grant(
        id="n", kind="fullmakt", grantor="giver", grantee="agent", scopes=frozenset({HOUSING}), level="read",
        valid_from=TODAY, valid_to=ends, revoked_at=ended, accepted=False,
    )  # fmt: skip
    assert (quick, hash(quick), vars(quick)) == (whole, hash(whole), vars(whole))
    other = ordinary("o", "giver", "agent", frozenset(), "write", None, None, None, accepted=True)
    assert other == Grant("o", "fullmakt", "giver", "agent", frozenset(), "write")
    assert quick == whole  # one made later changes nothing of it
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        quick.level = "write"


def test_the_grants_between_two_keep_their_direction_and_stand_in_the_order_of_their_ids():
    second, first = grant(id="2"), grant(id="1")
    back = grant(id="3", grantor="agent", grantee="giver")
    aside = grant(id="4", grantee="other")
    other = grant(id="5", grantor="other")
    found = world(second, back, first, aside, other)
    assert [one.id for one in found.by_pair["giver", "agent"]] == ["1", "2"]
    assert [one.id for one in found.by_pair["agent", "giver"]] == ["3"]
    assert found.by_id["4"] is aside


def test_a_grant_whose_source_demands_a_stronger_login_carries_only_that():
    """R14 for one grant: what its source demands beside what the service does."""
    for demanded, level, answer in (
        ("high", "high", YES),
        ("high", "substantial", no(Reason.EID_TOO_LOW)),
        ("substantial", "substantial", YES),
        ("none", "substantial", YES),
    ):
        assert ask(world(grant(min_eid=demanded)), eid_level=level) == answer
