"""Patterns in the log: each rule asks when there is something to ask about, and only then."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import attrs
import pytest

import samspill
from samspill.cases.domain.snooping import RULES, Day, Look, Traits, findings, read_limits
from samspill.kernel.periods import OSLO

DAY = dt.date(2026, 11, 18)  # a Wednesday
KARI, OLA, PER = (uuid.UUID(int=n) for n in (1, 2, 3))
FILE = Path(samspill.__file__).parent / "cases" / "data" / "snooping_rules.csv"
LIMITS = read_limits(FILE.read_text(encoding="utf-8").splitlines())


def a_look(n: int = 0, **changes: object) -> Look:
    look = Look(
        at=dt.datetime.combine(DAY, dt.time(10, n % 60, n // 60), tzinfo=OSLO),
        employee=KARI,
        org_no="964965137",
        subject=PER,
        case=uuid.UUID(int=1000 + n),
    )
    return attrs.evolve(look, **changes)


def rules_of(looks: list[Look], **known: object) -> list[str]:
    return [one.rule for one in findings(Day(day=DAY, looks=looks, **known), LIMITS)]


def test_every_rule_has_a_limit_with_dates_and_a_ground() -> None:
    assert {limit.rule for limit in LIMITS} == set(RULES)
    assert all(len(limit.ground) > 20 for limit in LIMITS)


def test_an_ordinary_day_is_no_finding() -> None:
    assert rules_of([a_look(n, subject=uuid.UUID(int=50 + n)) for n in range(30)]) == []


@pytest.mark.parametrize(
    ("rule", "mine", "theirs"),
    [
        ("family", Traits(family=frozenset({PER})), Traits()),
        ("same_home", Traits(home="h"), Traits(home="h")),
        ("same_surname", Traits(surname="s"), Traits(surname="s")),
        ("neighbour", Traits(street="g", home="h"), Traits(street="g", home="i")),
    ],
)
def test_somebody_near_is_asked_about(rule: str, mine: Traits, theirs: Traits) -> None:
    assert rules_of([a_look()], employees={KARI: mine}, persons={PER: theirs}) == [rule]
    assert rules_of([a_look()], employees={OLA: mine}, persons={PER: theirs}) == []


def test_what_is_not_known_is_not_alike() -> None:
    assert rules_of([a_look()], employees={KARI: Traits()}, persons={PER: Traits()}) == []


def test_a_colleague_of_the_same_organisation_is_asked_about() -> None:
    assert rules_of([a_look()], staff={"964965137": frozenset({PER})}) == ["own_colleague"]
    assert rules_of([a_look()], staff={"942114184": frozenset({PER})}) == []


def test_many_cases_without_doing_anything_in_them() -> None:
    looks = [a_look(n, subject=uuid.UUID(int=50 + n)) for n in range(41)]
    assert rules_of(looks) == ["many_cases"]
    worked = [attrs.evolve(one, action="write") for one in looks]
    assert rules_of([*looks, *worked]) == []


def test_many_refusals_and_many_without_a_case() -> None:
    assert rules_of([a_look(n, permitted=False) for n in range(5)]) == ["many_refused"]
    looks = [a_look(n, case=None, subject=uuid.UUID(int=50 + n)) for n in range(16)]
    assert rules_of(looks) == ["without_case"]


def test_work_at_night_is_asked_about_the_third_time() -> None:
    night = dt.datetime.combine(DAY, dt.time(22), tzinfo=OSLO)
    looks = [a_look(n, at=night + dt.timedelta(minutes=n)) for n in range(3)]
    assert rules_of(looks[:2]) == []
    assert rules_of(looks) == ["outside_hours"]
    christmas = dt.datetime(2026, 12, 25, 11, tzinfo=OSLO)
    looks = [a_look(n, at=christmas + dt.timedelta(minutes=n)) for n in range(3)]
    assert rules_of(looks) == ["outside_hours"]


def test_one_person_whom_many_look_at_is_one_finding_about_nobody() -> None:
    looks = [a_look(n, employee=uuid.UUID(int=70 + n)) for n in range(7)]
    [found] = findings(Day(day=DAY, looks=looks), LIMITS)
    assert (found.rule, found.employee, found.count) == ("many_lookers", None, 7)


def test_the_same_day_gives_the_same_keys_whatever_the_order() -> None:
    looks = [a_look(n, permitted=False) for n in range(9)]
    keys = {one.key for one in findings(Day(day=DAY, looks=looks), LIMITS)}
    assert {one.key for one in findings(Day(day=DAY, looks=looks[::-1]), LIMITS)} == keys


def test_a_limit_counts_from_its_first_day_to_its_last() -> None:
    looks = [a_look(n, permitted=False) for n in range(9)]
    before = Day(day=dt.date(2025, 12, 31), looks=looks)
    assert findings(before, LIMITS) == []
    ended = [attrs.evolve(one, ends=DAY - dt.timedelta(days=1)) for one in LIMITS]
    assert findings(Day(day=DAY, looks=looks), ended) == []


@pytest.mark.parametrize("line", ["gossip,2026-01-01,,1,because", "family,2026-01-01,,0, "])
def test_a_limit_without_a_rule_or_a_ground_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"gossip|family"):
        read_limits(["rule,from,to,most,ground", line])
