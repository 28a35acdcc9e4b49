"""Sources beside our own: Enhetsregisteret's roles, estates, and those that nobody asks here."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.domain import sources as known
from samspill.mandates.domain.roles import right_of
from samspill.mandates.models import Grant, Organisation, Role
from samspill.mandates.service import organisations, roles, sources
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    Register,
    a_mandate,
    ask,
    citizen,
    number,
    offer,
    person,
    reason,
)
from samspill.registers import service as registers
from samspill.registers.adapters.directory import REGISTERS

pytestmark = pytest.mark.django_db
OF_OTHER = f"0192:{OTHER_ORG}"


def holds(serial: int, role: str = "DAGL", **changes: Any) -> dict[str, Any]:
    return {
        "national_id": number(serial).value, "role": role, "alone": False, "together": False, "ended": False, **changes,
    }  # fmt: skip


def leads(register: Register, *holders: dict[str, Any], **changes: Any) -> None:
    register.know_organisation(OTHER_ORG, holders=list(holders), **changes)


def of_organisation(action: str = "write", actor: int = 2, **changes: Any) -> service.Decision:
    question = attrs.evolve(ask(actor, action=action), subject=OF_OTHER, **changes)
    return service.decide_fresh(citizen(actor), question)


# ── acting for an organisation by a role ───────────────────────────────────────────────────────


def test_a_general_manager_acts_for_the_organisation_and_nobody_else_does(register: Register):
    person(2)
    leads(register, holds(2))
    assert of_organisation().allowed
    assert of_organisation(scope="kommune:byggOgEiendom").allowed  # the whole of it
    assert of_organisation(actor=3).reason == "NO_GRANT"
    assert of_organisation(eid_level="low").reason == "EID_TOO_LOW"
    assert service.decide(attrs.evolve(ask(), subject="0192:123456785")).reason == "SOURCE_STALE"


@pytest.mark.parametrize(
    ("holder", "state", "why"),
    [
        (holds(2, ended=True), {}, "REVOKED"),
        (holds(2), {"deleted": "2026-05-01"}, "DECEASED"),
        (holds(2), {"bankrupt": True}, "MANUAL_ONLY"),
        (holds(2, "BOBE"), {"bankrupt": True}, "GRANT"),
        (holds(2, "MEDL", together=True), {}, "MANUAL_ONLY"),
        (holds(2, "MEDL", alone=True, together=True), {}, "GRANT"),
        (holds(2, "LEDE"), {}, "LEVEL"),
        (holds(2, "MEDL"), {}, "NO_GRANT"),
    ],
)
def test_each_thing_that_ends_a_role_has_its_reason(
    register: Register, holder: dict[str, Any], state: dict[str, Any], why: str
):
    person(2)
    leads(register, holder, **state)
    assert of_organisation().reason == why


def test_who_signs_with_another_sees_alone_and_acts_by_hand(register: Register):
    person(2)
    leads(register, holds(2, "MEDL", together=True))
    assert of_organisation("read").allowed
    with pytest.raises(RefusedError) as refused:
        service.users(citizen(2), org_no=OTHER_ORG)
    assert refused.value.refused.code == "mandate.manual_only"


def test_a_role_counts_for_a_day_and_is_then_gone(register: Register, monkeypatch: Any):
    person(2)
    leads(register, holds(2))
    assert of_organisation().allowed
    register.down = True
    later = clock.now() + dt.timedelta(hours=23)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert of_organisation(at=later).allowed
    register.down = False
    past = later - dt.timedelta(hours=25)
    Organisation.objects.update(told_at=past, expires_at=past)
    register.down = True
    assert of_organisation(at=later).reason == "SOURCE_STALE"
    register.down = False
    register.organisations.clear()
    assert of_organisation(at=later).reason == "SOURCE_STALE"
    assert Organisation.objects.count() == 0


def test_no_answer_is_held_longer_than_a_day_and_what_is_over_is_deleted(register: Register):
    person(2)
    leads(register, holds(2))
    of_organisation()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.update(expires_at=clock.now() + dt.timedelta(hours=25))
    assert roles.purge() == 0
    past = clock.now() - dt.timedelta(hours=25)
    Organisation.objects.update(told_at=past, expires_at=past + dt.timedelta(hours=24))
    assert roles.purge() == 1
    assert Role.objects.count() == 0


def test_of_holders_whom_we_do_not_know_nothing_is_held(register: Register):
    person(2)
    leads(register, holds(2), holds(5), holds(6, national_id="not a number"))
    assert of_organisation().allowed
    assert list(Role.objects.values_list("person_id", flat=True)) == [person(2)]
    assert organisations.may_lead(citizen(5), OTHER_ORG).allowed  # asked anew: now we know


def test_a_protected_person_has_no_digital_way_for_an_organisation_either(register: Register):
    register.know(2, protection="strengtFortrolig")
    person(2)
    leads(register, holds(2))
    assert of_organisation().reason == "PROTECTED_ROUTE"


def test_rights_are_data_and_signature_gives_what_a_role_does_not():
    assert right_of("DAGL", alone=False, together=True).joint is False
    assert right_of("LEDE", alone=False, together=False).level == "read"
    assert right_of("LEDE", alone=True, together=True).level == "write"
    assert right_of("REVI", alone=False, together=False) is None


# ── a mandate to an organisation ───────────────────────────────────────────────────────────────


def to_organisation() -> uuid.UUID:
    asked = offer(agent_number="", agent_org_no=OTHER_ORG, agent_org_name="Hjelpen")
    text = service.preview(citizen(1), asked)
    return service.give(citizen(1), asked, text_sha256=text.sha256)


def test_a_manager_takes_a_mandate_for_the_organisation_and_names_who_uses_it(register: Register):
    person(4)
    leads(register, holds(4))
    made, manager = to_organisation(), citizen(4)
    assert [one.id for one in service.received(manager, org_no=OTHER_ORG)] == [made]
    service.accept_for_organisation(manager, mandate_id=made, org_no=OTHER_ORG)
    named = service.name_user(manager, number=number(2).value, family="Prøve2", org_no=OTHER_ORG)
    assert [one.id for one in service.users(manager, org_no=OTHER_ORG)] == [named]
    assert service.decide_fresh(citizen(2), ask()).grant_id == str(made)
    service.end_user(manager, user_id=named, org_no=OTHER_ORG)
    assert reason() == "NO_GRANT"
    with pytest.raises(RefusedError):
        service.users(citizen(5), org_no=OTHER_ORG)
    with pytest.raises(RefusedError):
        service.users(manager)


@pytest.mark.parametrize(
    ("state", "why"), [({"deleted": "2026-05-01"}, "DECEASED"), ({"bankrupt": True}, "MANUAL_ONLY")]
)
def test_named_users_stop_with_the_organisation(register: Register, state: Any, why: str):
    person(4)
    leads(register, holds(4))
    made, manager = to_organisation(), citizen(4)
    service.accept_for_organisation(manager, mandate_id=made, org_no=OTHER_ORG)
    service.name_user(manager, number=number(2).value, family="Prøve2", org_no=OTHER_ORG)
    assert service.decide_fresh(citizen(2), ask()).allowed
    leads(register, **state)
    roles.fetch(citizen(2), OTHER_ORG)
    assert reason() == why
    Organisation.objects.all().delete()
    assert reason() == "SOURCE_STALE"


# ── estates and other sources ──────────────────────────────────────────────────────────────────


@pytest.fixture
def court(register: Register, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, Any]]]:
    """Connect Digitalt dødsbo, which says of each dead person what this table says."""
    told: dict[str, list[dict[str, Any]]] = {}

    def fetch(question: Any) -> dict[Any, Any]:
        return {p: {"holders": told.get(p.value, [])} for p in question.persons}

    table = registers.REGISTERS
    entry = attrs.evolve(REGISTERS["doedsbo.roles"], fetch=fetch)
    monkeypatch.setattr(registers, "REGISTERS", {**table, "doedsbo.roles": entry})
    monkeypatch.setitem(
        settings.SAMSPILL["registers"], "doedsbo", {"base_url": "http://127.0.0.1:1"}
    )
    register.know(1, dead=True, died="2026-09-27")
    return told


def heir(serial: int, **changes: Any) -> dict[str, Any]:
    return {
        "national_id": number(serial).value, "level": "write", "joint": False, "from": "2026-11-04", **changes,
    }  # fmt: skip


def test_an_heir_acts_for_the_estate_from_the_courts_date(register: Register, court: Any):
    court[number(1).value] = [heir(2), heir(3, joint=True), heir(4, level="read")]
    assert service.decide_fresh(citizen(2), ask()).allowed
    assert service.decide_fresh(citizen(3), ask(3)).reason == "MANUAL_ONLY"
    assert service.decide_fresh(citizen(4), ask(4)).reason == "LEVEL"
    assert service.decide(ask(4, action="read")).allowed
    assert reason(at=dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)) == "NOT_YET_VALID"
    court.clear()  # a withdrawal: the next look-up sees it
    assert service.decide_fresh(citizen(2), ask()).reason == "NO_GRANT"


def test_an_heir_finds_the_dead_person_and_chooses_to_act_for_the_estate(
    register: Register, court: Any
):
    court[number(1).value] = [heir(2)]
    found = service.find(citizen(2), number=number(1).value, family="Prøve1")
    assert (found.kind, "husbanken:bostoette" in found.scopes) == ("doedsbo", True)
    assert not any("*" in scope for scope in found.scopes), "things to choose among, not patterns"
    chosen = service.choose(citizen(2), mandate_id=found.mandate_id, scope="husbanken:bostoette")
    assert chosen.name == "Kari Prøve1"


def test_what_the_courts_said_counts_for_the_act_alone(register: Register, court: Any):
    court[number(1).value] = [heir(2)]
    assert service.decide_fresh(citizen(2), ask()).allowed
    Grant.objects.filter(source="doedsbo").update(told_at=clock.now() - dt.timedelta(minutes=2))
    assert reason() == "SOURCE_STALE"
    assert sources.purge() == 1


def test_without_the_courts_an_estate_is_not_known_and_goes_by_hand(register: Register):
    register.know(1, dead=True, died="2026-09-27")
    assert service.decide_fresh(citizen(2), ask()).reason == "SOURCE_STALE"


@pytest.mark.parametrize(
    "scope", ["nav:arbeid", "altinn:innbygger-stotte-tilskudd", "helsenorge:resept"]
)
def test_a_source_that_is_not_connected_makes_its_own_scopes_unknown(
    register: Register, scope: str
):
    a_mandate()
    assert service.decide_fresh(citizen(2), ask(scope=scope)).reason == "SOURCE_STALE"
    other = ask(scope="kommune:sosialeTjenester")
    assert service.decide_fresh(citizen(2), other).reason == "SCOPE"
    assert [one.connected for one in sources.states() if one.code in scope] == [False]


def test_an_adapter_that_is_put_behind_the_door_feeds_decisions_within_its_limit(
    register: Register, monkeypatch: pytest.MonkeyPatch
):
    """The contract of the door: what Nav's, Altinn's and Helsenorge's adapters must answer, and what follows."""
    nav = attrs.evolve(
        known.source("nav"), register="nav.mandates", fresh_for=dt.timedelta(hours=2)
    )
    monkeypatch.setattr(sources, "SOURCES", (nav,))
    monkeypatch.setattr(sources, "source", lambda _code: nav)
    monkeypatch.setattr(sources, "hours", lambda _code: 2.0)
    entry = attrs.evolve(
        REGISTERS["doedsbo.roles"],
        name="nav.mandates",
        fetch=lambda q: {
            p: {"holders": [heir(2, scopes=["nav:arbeid"], to="2027-01-01")]} for p in q.persons
        },
    )
    monkeypatch.setattr(registers, "REGISTERS", {**registers.REGISTERS, "nav.mandates": entry})
    monkeypatch.setitem(
        settings.SAMSPILL["registers"], "nav_fullmakt", {"base_url": "http://127.0.0.1:1"}
    )
    a_mandate(accepted=False)
    sources.fetch(citizen(2), "nav", {number(1): person(1)})
    assert service.decide(ask(scope="nav:arbeid")).allowed
    assert reason(scope="nav:familie") == "SCOPE"
    Grant.objects.filter(source="nav").update(told_at=clock.now() - dt.timedelta(hours=3))
    assert reason(scope="nav:arbeid") == "SOURCE_STALE"
    assert sources.purge() == 1


def test_a_source_that_is_silent_changes_nothing(
    register: Register, court: Any, monkeypatch: pytest.MonkeyPatch
):
    court[number(1).value] = [heir(2)]
    assert service.decide_fresh(citizen(2), ask()).allowed
    answer = registers.Unavailable("doedsbo", "unavailable", None, "")
    monkeypatch.setattr(
        registers, "lookup_many", lambda **asked: dict.fromkeys(asked["persons"], answer)
    )
    assert service.decide_fresh(citizen(2), ask()).allowed
    assert Grant.objects.filter(source="doedsbo").count() == 1
