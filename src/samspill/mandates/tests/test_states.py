"""A grant's life, the guardians' codes and the scopes: the pure tables, each line of them held by a test."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import attrs
import pytest

from samspill.mandates.domain import codes, history, scopes

ON = dt.date(2026, 9, 1)
DAY = dt.timedelta(days=1)
FACTS = history.Facts(
    accepted=True, vouched=True, valid_from=ON - DAY, valid_to=ON + DAY, ended=False
)
CASES = {
    "active": FACTS,
    "ended": attrs.evolve(FACTS, ended=True),
    "expired": attrs.evolve(FACTS, valid_to=ON - DAY),
    "pending": attrs.evolve(FACTS, vouched=False),
    "offered": attrs.evolve(FACTS, accepted=False),
    "future": attrs.evolve(FACTS, valid_from=ON + DAY),
}


def test_each_state_follows_from_the_facts_and_the_day():
    assert {name: history.state_of(one, ON) for name, one in CASES.items()} == {
        name: name for name in CASES
    }


def test_both_the_first_and_the_last_day_count():
    assert history.state_of(attrs.evolve(FACTS, valid_from=ON), ON) == "active"
    assert history.state_of(attrs.evolve(FACTS, valid_to=ON), ON) == "active"
    open_ended = attrs.evolve(FACTS, valid_from=None, valid_to=None)
    assert history.state_of(open_ended, ON) == "active"


def test_an_end_hides_a_date_and_a_date_hides_a_missing_signature():
    everything = attrs.evolve(
        FACTS, ended=True, valid_to=ON - DAY, vouched=False, accepted=False, valid_from=ON + DAY
    )
    told = []
    for mended in ({}, {"ended": False}, {"valid_to": None}, {"vouched": True}, {"accepted": True}):
        everything = attrs.evolve(everything, **mended)
        told.append(history.state_of(everything, ON))
    assert told == ["ended", "expired", "pending", "offered", "future"]


ALLOWED = {
    "offered": {"agent": {"accept", "decline"}, "giver": {"withdraw", "change"}},
    "pending": {"employee": {"confirm"}, "giver": {"withdraw", "change"}},
    "future": {"agent": {"renounce"}, "giver": {"withdraw", "change"}},
    "active": {"agent": {"renounce"}, "giver": {"withdraw", "change", "renew"}},
    "expired": {"giver": {"renew"}},
    "ended": {},
}


@pytest.mark.parametrize("state", get_args(history.State))
@pytest.mark.parametrize("side", get_args(history.Side))
def test_a_side_does_its_own_acts_in_their_own_states_and_no_others(side, state):
    may = {act for act in get_args(history.Act) if history.may(act, side, state)}
    assert may == ALLOWED[state].get(side, set())


def test_a_grant_is_renewed_in_its_last_thirty_days_and_after_them_but_not_after_an_end():
    last = attrs.evolve(FACTS, valid_to=ON + 30 * DAY)
    assert history.renewable(last, ON)
    assert not history.renewable(last, ON - DAY)
    assert history.renewable(last, ON + 90 * DAY)
    assert history.renewable(attrs.evolve(last, ended=True), ON) is False
    assert history.renewable(attrs.evolve(last, valid_to=None), ON) is False


def test_there_are_forty_two_current_codes_and_eight_retired():
    rows = codes.guardian_codes().values()
    assert (sum(not r.retired for r in rows), sum(r.retired for r in rows)) == (42, 8)
    assert sum(r.needs_consent for r in rows) > 0
    assert not any(r.code.startswith("#") for r in rows)


def test_a_code_has_its_own_facts():
    row = codes.guardian_codes()["kartverket:laaneopptak"]
    assert (row.code, row.altinn_id, row.needs_consent, row.retired) == (
        "kartverket:laaneopptak", "kartverket-laneopptak", True, False,
    )  # fmt: skip
    assert not codes.guardian_codes()["husbanken:bostoette"].needs_consent


def test_a_code_counts_from_its_first_day_and_a_retired_one_never():
    name = "skatteetaten:innkrevingOgTvangsfullbyrdelse"
    row = codes.guardian_codes()[name]
    assert codes.current(name, row.valid_from) is row
    assert codes.current(name, row.valid_from - DAY) is None
    assert codes.current("skatteetaten:innkreving", ON) is None
    assert codes.current("ny:kode", ON) is None


def test_both_spellings_are_one_code():
    ours = codes.current("namsmannen:tvangsfullbyrdelseOgForliksrådet", ON)
    assert ours is not None
    assert ours.code == "namsmannen:tvangsfullbyrdelseOgForliksraadet"
    assert codes.normal("Ukjent:ting") == "Ukjent:ting"


def test_the_scopes_that_may_be_given_are_named_in_three_languages():
    rows = scopes.offered(ON)
    assert [one.code for one in rows] == [c for c, one in scopes.scopes().items() if one.life]
    assert rows[0].titles.keys() == {"nb", "nn", "en"}
    first = min(one.valid_from for one in rows)
    assert scopes.offered(first)
    assert not scopes.offered(first - DAY)
    assert [scopes.title("husbanken:bostoette", one) for one in ("nb", "nn", "en", "se")] == [
        "Bostøtte", "Bustøtte", scopes.scopes()["husbanken:bostoette"].titles["en"], "Bostøtte",
    ]  # fmt: skip
    assert scopes.title("ny:ting", "nb") == "ny:ting"


def test_the_tree_holds_what_has_a_parent_and_nothing_else():
    parents = scopes.scope_parents()
    assert parents == {c: one.parent for c, one in scopes.scopes().items() if one.parent}
    assert parents["husbanken:bostoette"] in scopes.scopes()
    assert all(parents.values())


def test_a_scope_opens_a_service_from_its_first_day_and_a_retired_or_unknown_one_never(monkeypatch):
    first, earlier = dt.date(2026, 1, 1), dt.date(2025, 1, 1)

    def ours(code: str, begins: dt.date) -> scopes.Scope:
        return attrs.evolve(scopes.scopes()["samspill:bolig"], code=code, valid_from=begins)

    def guardians(code: str, begins: dt.date, *, retired: bool) -> codes.GuardianCode:
        known = next(iter(codes.guardian_codes().values()))
        return attrs.evolve(known, code=code, valid_from=begins, retired=retired)

    here = {
        one.code: one for one in (ours("a:own", first), ours("a:both", first), ours("a:old", first))
    }
    there = {
        codes.normal(one.code): one
        for one in (
            guardians("a:both", earlier, retired=False),
            guardians("a:theirs", first, retired=False),
            guardians("a:gone", earlier, retired=True),
            guardians("a:old", first, retired=True),
        )
    }  # fmt: skip
    monkeypatch.setattr(scopes, "scopes", lambda: here)
    monkeypatch.setattr(scopes, "guardian_codes", lambda: there)
    said = {
        code: [scopes.fault_of(code, on) for on in (first - DAY, first)]
        for code in ("a:own", "a:both", "a:theirs", "a:gone", "a:old", "a:none")
    }
    assert said == {
        "a:own": ["not_yet", ""],
        "a:both": ["", ""],
        "a:theirs": ["not_yet", ""],
        "a:gone": ["retired", "retired"],
        "a:old": ["not_yet", ""],
        "a:none": ["unknown", "unknown"],
    }
