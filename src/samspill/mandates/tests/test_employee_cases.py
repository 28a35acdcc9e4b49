"""The decision point for employees: the order of refusals, the relations, the reason."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samspill.mandates.domain.employees import (
    ACTIONS,
    CLOSED_FOR,
    DISQUALIFIED,
    CaseFacts,
    Employee,
    Ground,
    decide,
)

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
KARI = Employee(
    id="kari",
    side="municipality",
    roles=frozenset({"municipality_caseworker"}),
    municipality="sandnes",
    units=frozenset({"boligkontor"}),
    services=frozenset({"bostotte"}),
    family=frozenset({"ola"}),
    represents=frozenset({"far"}),
)
CASE = CaseFacts(
    service="bostotte",
    municipality="sandnes",
    unit="boligkontor",
    persons=frozenset({"per"}),
)
OUTSIDE = attrs.evolve(CASE, unit="nav_kontor")


def ground(employee: Employee = KARI, case: CaseFacts = CASE, action: str = "read") -> Ground:
    return decide(employee, case, action, at=NOW).ground  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"roles": frozenset()}, Ground.NO_ROLE),
        ({"side": "none"}, Ground.NO_ROLE),
        ({"municipality": "stavanger"}, Ground.OTHER_ORGANISATION),
        ({"municipality": ""}, Ground.OTHER_ORGANISATION),
        ({"id": "per"}, Ground.OWN_CASE),
        ({"family": frozenset({"per"})}, Ground.FAMILY),
        ({"represents": frozenset({"per"})}, Ground.REPRESENTS),
        ({"family": None}, Ground.FAMILY_UNKNOWN),
        ({"services": frozenset()}, Ground.REASON_NEEDED),
        ({"services": frozenset({"barnehage"})}, Ground.REASON_NEEDED),
        ({"units": frozenset({"nav_kontor"})}, Ground.REASON_NEEDED),
        ({"units": frozenset({"*"}), "services": frozenset({"*"})}, Ground.QUEUE),
        ({}, Ground.QUEUE),
    ],
)
def test_who_the_employee_is_decides(changes: dict[str, object], why: Ground) -> None:
    assert ground(attrs.evolve(KARI, **changes)) is why


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"hidden": True}, Ground.PROTECTED),
        ({"handler": "kari", "unit": "nav_kontor"}, Ground.HANDLER),
        ({"handler": "per-erik", "unit": "nav_kontor"}, Ground.REASON_NEEDED),
        ({"open_for": frozenset({"municipality_caseworker"})}, Ground.TASK),
        ({"open_for": frozenset({"agency_caseworker"})}, Ground.QUEUE),
        ({"handed_to": frozenset({"kari"}), "unit": "nav_kontor"}, Ground.HANDED_OVER),
        ({"closed_at": NOW - CLOSED_FOR + dt.timedelta(seconds=1)}, Ground.QUEUE),
        ({"closed_at": NOW - CLOSED_FOR}, Ground.REASON_NEEDED),
        ({"unit": ""}, Ground.QUEUE),
    ],
)
def test_what_the_case_is_decides(changes: dict[str, object], why: Ground) -> None:
    assert ground(case=attrs.evolve(CASE, **changes)) is why


def test_a_leader_comes_to_the_old_cases_of_the_own_queues_only() -> None:
    leader = attrs.evolve(KARI, roles=frozenset({"municipality_leader"}))
    old = attrs.evolve(CASE, closed_at=NOW - dt.timedelta(days=900))
    assert ground(leader, old) is Ground.LEADS
    assert ground(leader, attrs.evolve(old, unit="nav_kontor")) is Ground.REASON_NEEDED


def test_a_reason_opens_for_reading_for_a_while() -> None:
    assert decide(KARI, OUTSIDE, "open", at=NOW).ground is Ground.MAY_GIVE_REASON
    opened = attrs.evolve(OUTSIDE, opened_until=NOW + dt.timedelta(hours=2))
    assert ground(case=opened) is Ground.OPENED
    assert ground(case=opened, action="write") is Ground.READ_ONLY
    assert not decide(KARI, opened, "write", at=NOW).allowed
    over = attrs.evolve(opened, opened_until=NOW)
    assert ground(case=over) is Ground.REASON_NEEDED


def test_an_agency_has_the_cases_of_the_services_it_owns_whatever_unit_they_lie_in() -> None:
    agency = attrs.evolve(
        KARI, side="agency", municipality="", owns=frozenset({"bostotte"}), units=frozenset()
    )
    assert ground(agency) is Ground.QUEUE
    assert ground(attrs.evolve(agency, owns=frozenset())) is Ground.OTHER_ORGANISATION


def test_the_cleared_come_to_the_hidden_and_jobs_to_everything() -> None:
    cleared = attrs.evolve(
        KARI, side="agency", roles=frozenset({"protected_caseworker"}), owns=frozenset({"bostotte"})
    )
    hidden = attrs.evolve(CASE, hidden=True, municipality="", unit="skjermet")
    assert ground(cleared, hidden) is Ground.QUEUE
    assert ground(Employee(id="", side="system"), hidden) is Ground.SYSTEM


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = st.frozensets(st.sampled_from(["a", "b", "c"]))
employees = st.builds(
    Employee,
    id=st.sampled_from("abc"),
    side=st.sampled_from(["municipality", "agency", "none"]),
    roles=st.frozensets(
        st.sampled_from(["municipality_caseworker", "agency_leader", "protected_caseworker"])
    ),
    municipality=st.sampled_from(["", "m", "n"]),
    owns=few,
    units=few,
    services=few,
    family=st.none() | few,
    represents=few,
)
cases = st.builds(
    CaseFacts,
    service=st.sampled_from("abc"),
    municipality=st.sampled_from(["", "m", "n"]),
    unit=st.sampled_from(["", "a", "b"]),
    hidden=st.booleans(),
    handler=st.sampled_from(["", "a", "b"]),
    persons=few,
    handed_to=few,
    opened_until=st.none() | st.just(NOW + dt.timedelta(minutes=1)),
)


@QUICK
@given(employees, cases, st.sampled_from(ACTIONS))
def test_no_relation_and_no_reason_ever_opens_ones_own_or_anothers_hidden_case(
    employee: Employee, case: CaseFacts, action: str
) -> None:
    ruled = decide(employee, case, action, at=NOW)  # type: ignore[arg-type]
    near = {employee.id, *(employee.family or ()), *employee.represents}
    if ruled.allowed:
        assert employee.family is not None
        assert near.isdisjoint(case.persons)
        assert not case.hidden or "protected_caseworker" in employee.roles
        elsewhere = (
            case.service not in employee.owns
            if employee.side == "agency"
            else case.municipality != employee.municipality
        )
        assert not elsewhere
    if ruled.ground in DISQUALIFIED:
        assert not ruled.allowed


@QUICK
@given(employees, cases)
def test_whoever_may_write_may_read_and_whoever_may_read_may_say_why(
    employee: Employee, case: CaseFacts
) -> None:
    may = {action: decide(employee, case, action, at=NOW).allowed for action in ACTIONS}
    assert may["read"] or not may["write"]
    assert may["open"] or not may["read"]
