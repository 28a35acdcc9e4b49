"""Enhetsregisteret's roles and the courts' estates, over HTTP against the stand-ins."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from django.db import connection

from samspill.identity import service as identity
from samspill.kernel.actor import system
from samspill.kernel.ids import NationalId
from samspill.kernel.outcome import RefusedError
from samspill.registers import service
from samspill.registers.adapters import estates, organisations
from samspill.registers.domain.reading import WireError
from samspill.registers.service import Declaration, Found, NotFound, Unavailable
from samspill.sandbox.estates import deceased
from samspill.sandbox.organisations import organisation_number
from samspill.sandbox.testing import Running

DECLARED = Declaration("mandates", "1", "roles", "enhetsregisteret.roles", "law", "purpose")


def ask(key: str, **changes: Any) -> Any:
    org_no = organisation_number(key) if not key.isdigit() else key
    declared = attrs.evolve(DECLARED, **changes)
    return service.organisation(actor=system("test"), declaration=declared, org_no=org_no)


def holder(sandbox: Running, found: Any, case: str) -> dict[str, Any]:
    number = sandbox.population.applicant(case).national_id
    one: dict[str, Any] = next(h for h in found.data["holders"] if h["national_id"] == number)
    return {key: one[key] for key in ("role", "alone", "together", "ended")}


@pytest.mark.django_db
def test_roles_tell_who_binds_alone_and_who_together_with_others(sandbox: Running) -> None:
    found = ask("help")
    assert (found.data["form"], found.data["deleted"], found.data["bankrupt"]) == (
        "AS",
        None,
        False,
    )
    chair = {"role": "LEDE", "alone": True, "together": True, "ended": False}
    member = {"role": "MEDL", "alone": False, "together": True, "ended": False}
    assert holder(sandbox, found, "owner_with_loan") == chair
    assert holder(sandbox, found, "cooperative_owner") == member
    assert holder(sandbox, found, "adapted_dwelling")["alone"]  # by prokura
    assert not holder(sandbox, found, "couple_baerum")["alone"]
    assert len(found.data["holders"]) == 4  # the fifth has no Norwegian number


@pytest.mark.django_db
def test_a_role_that_ended_a_bankrupt_and_a_deleted_organisation_are_told(sandbox: Running) -> None:
    assert holder(sandbox, ask("new_leader"), "couple_baerum")["ended"]
    assert ask("bankrupt").data["bankrupt"]
    gone = ask("deleted").data
    assert (gone["deleted"], gone["holders"]) == ("2026-05-01", [])
    assert isinstance(ask("123456785"), NotFound)


@pytest.mark.django_db
@pytest.mark.parametrize("component", ["enhetsregisteret", "fullmakt"])
@pytest.mark.parametrize("mode", ["down", "wrong_schema"])
def test_a_register_that_is_down_or_unreadable_is_no_answer(
    sandbox: Running, component: str, mode: str
) -> None:
    sandbox.switches.set(component, mode)
    assert isinstance(ask("help"), Unavailable)


@pytest.mark.django_db
def test_the_look_up_of_roles_is_in_the_log_of_those_we_know(sandbox: Running) -> None:
    number = NationalId.parse(
        sandbox.population.applicant("couple_baerum").national_id,
        allow_synthetic=True,
        allow_real=False,
    )
    assert isinstance(number, NationalId)
    known = identity.person_for(number)
    ask("help")
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject_id FROM infra_access_entry WHERE action = 'lookup'")
        assert cursor.fetchall() == [(known,)]
    with pytest.raises(RefusedError):
        ask("help", legal_basis="")
    with pytest.raises(RefusedError):
        ask("help", register="folkeregisteret.person")


def role(number: str | None, name: str = "Ola Li", code: str = "MEDL") -> dict[str, Any]:
    given, family = name.split(" ")
    person = {"fodselsdato": "1980-01-02", "navn": {"fornavn": given, "etternavn": family}}
    return {
        "type": {"kode": code},
        "person": {**person, "fodselsnummer": number} if number else person,
    }


def roles(*held: dict[str, Any]) -> dict[str, Any]:
    return {"rollegrupper": [{"type": {"kode": "STYR"}, "roller": list(held)}]}


def signs(*names: str) -> list[frozenset[tuple[str, str, str]]]:
    people = [
        {"fodselsdato": "02.01.1980", "navn": name, "rolle": {"kode": "MEDL"}} for name in names
    ]
    return organisations.read_authority(
        {
            "status": {},
            "signeringsKombinasjon": {"kombinasjon": [{"personRolleKombinasjon": people}]},
        }
    )


def test_two_holders_of_one_name_and_birthday_are_not_told_apart() -> None:
    (one,) = organisations.read_holders(roles(role("1")), signs("OLA  LI"))
    assert one["alone"]
    twins = organisations.read_holders(roles(role("1"), role("2")), signs("Ola Li"))
    assert [(t["alone"], t["together"]) for t in twins] == [(False, True)] * 2
    stranger = organisations.read_holders(roles(role("1"), role(None)), signs("Ola Li"))
    assert [t["alone"] for t in stranger] == [False]


def test_a_role_held_by_an_organisation_and_a_free_text_rule_give_nothing() -> None:
    assert organisations.read_holders(roles({"type": {"kode": "REGN"}, "enhet": {}}), []) == []
    assert organisations.read_authority({"status": {}, "signeringsGrunnlag": {}}) == []


@pytest.mark.parametrize("written", ["1980-01-02", "32.01.1980", ""])
def test_a_date_of_another_form_is_refused(written: str) -> None:
    person = {"fodselsdato": written, "navn": "A", "rolle": {"kode": "MEDL"}}
    combinations = {"kombinasjon": [{"personRolleKombinasjon": [person]}]}
    document = {"status": {}, "signeringsKombinasjon": combinations}
    with pytest.raises(WireError):
        organisations.read_authority(document)


# -- estates ------------------------------------------------------------------------------------------

COURT, PROXY = "urn:domstolene:digitaltdodsbo", "urn:altinn:digitaltdodsbo:skiftefullmakt"


def assigned(
    recipient: str, role: str, heir: str = "", *, restricted: bool = False
) -> dict[str, Any]:
    return {
        "estateSsn": "0", "recipientSsn": recipient, "role": role, "isRestricted": restricted,
        "created": "2026-03-19T13:16:50.571733+00:00", **({"heirSsn": heir} if heir else {}),
    }  # fmt: skip


def levels(*assignments: dict[str, Any]) -> dict[str, str]:
    found = estates.holders(assignments)
    return {one["national_id"]: "joint" if one["joint"] else one["level"] for one in found}


A, B, C = (assigned(one, f"{COURT}:skifteattest") for one in "ABC")
TO_C = [assigned("C", f"{PROXY}:individuell", heir) for heir in "AB"]


def test_heirs_act_together_one_alone_when_all_have_given_a_proxy() -> None:
    assert levels(A) == {"A": "write"}
    assert levels(A, B, C) == dict.fromkeys("ABC", "joint")
    assert levels(A, B, C, *TO_C) == {"A": "joint", "B": "joint", "C": "write"}
    assert levels(A, B, *[{**one, "recipientSsn": "D"} for one in TO_C])["D"] == "write"


def test_one_withdrawal_ends_the_collective_proxy_whatever_still_stands() -> None:
    collective = assigned("C", f"{PROXY}:kollektiv")
    assert levels(A, B, C, TO_C[0], collective)["C"] == "joint"
    assert levels(collective) == {}


def test_a_right_over_assets_gives_sight_and_a_restricted_or_unknown_one_nothing() -> None:
    assets = f"{COURT}:formuesfullmakt"
    assert levels(A, assigned("D", assets)) == {"A": "write", "D": "read"}
    assert levels(assigned("D", assets, restricted=True), assigned("E", "urn:new")) == {}


@pytest.mark.django_db
def test_an_estate_is_asked_for_by_the_number_of_the_dead_alone(sandbox: Running) -> None:
    population = sandbox.population
    dead = deceased(population, "dead_spouse")
    number = NationalId.parse(dead, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    declared = attrs.evolve(DECLARED, register="doedsbo.roles")
    found = service.lookup(
        actor=system("test"), declaration=declared, person=number, on=population.persons[0].born
    )
    assert isinstance(found, Found)
    heir = population.applicant("dead_spouse").national_id
    assert {h["national_id"]: h["level"] for h in found.data["holders"]}[heir] == "write"
    assert len(found.data["holders"]) == 2
