"""A right given in Altinn: asked about two persons, held for minutes, and never more than Altinn says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import attrs
import pytest
from django.conf import settings

from samspill.identity.machine_claims import Machine
from samspill.infra import clock
from samspill.infra.http import ComponentError
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.domain import altinn as domain
from samspill.mandates.domain import deciding
from samspill.mandates.domain.model import Grant as Right
from samspill.mandates.domain.model import Person, World
from samspill.mandates.models import Grant
from samspill.mandates.service import altinn, asking, clients, sources
from samspill.mandates.tests.builders import (
    Register,
    a_mandate,
    ask,
    citizen,
    employee,
    number,
    person,
)
from samspill.registers import service as registers
from samspill.registers.adapters.directory import REGISTERS

pytestmark = pytest.mark.django_db
BOSTOTTE = "samspill-demo-bostotte"
SCOPE = "husbanken:bostoette"


@attrs.define
class Altinn:
    """An Altinn that permits what a table says, or is down; counts how often it is asked."""

    rights: dict[tuple[str, str], list[tuple[str, str, str]]] = attrs.field(factory=dict)
    down: bool = False
    asked: int = 0

    def let(self, agent: int, giver: int, level: str = "write", eid: str = "substantial") -> None:
        key = (number(agent).value, number(giver).value)
        self.rights.setdefault(key, []).append((BOSTOTTE, level, eid))

    def fetch(self, question: Any) -> dict[Any, Any]:
        self.asked += 1
        if self.down:
            raise ComponentError("altinn", "authorize", "unavailable")
        agent = question.params["agent"].value
        return {
            party: {
                "holders": [
                    {"national_id": agent, "resource": resource, "level": level, "eid": eid}
                    for resource, level, eid in self.rights.get((agent, party.value), [])
                    if resource in question.params["resources"]
                ]
            }
            for party in question.persons
        }


@pytest.fixture
def said(register: Register, monkeypatch: pytest.MonkeyPatch) -> Altinn:
    fake = Altinn()
    entry = attrs.evolve(REGISTERS["altinn.rights"], fetch=fake.fetch)
    monkeypatch.setattr(registers, "REGISTERS", {**registers.REGISTERS, "altinn.rights": entry})
    address = {"base_url": "http://127.0.0.1:1", "resources": ""}
    monkeypatch.setitem(settings.SAMSPILL["registers"], "altinn", address)
    return fake


def may(serial: int = 2, **changes: Any) -> service.Decision:
    return service.decide_fresh(citizen(serial), ask(serial, **changes))


def find(serial: int = 2, giver: int = 1) -> service.Choice:
    return service.find(citizen(serial), number=number(giver).value, family=f"prøve{giver}")


def grow_old(by: dt.timedelta) -> None:
    Grant.objects.filter(source__startswith="altinn").update(told_at=clock.now() - by)


# ── yes and no ─────────────────────────────────────────────────────────────────────────────────


def test_what_altinn_permits_is_a_yes_for_that_scope_and_that_level_alone(said: Altinn) -> None:
    said.let(2, 1)
    answer = may()
    assert (answer.allowed, answer.reason) == (True, "GRANT")
    assert may(scope="husbanken:startlaan").reason == "SCOPE"
    assert may(3).reason == "NO_GRANT"
    assert service.decide_fresh(citizen(1), ask(1, 2)).reason == "NO_GRANT"  # never the reverse
    said.let(3, 1, level="read")
    assert may(3, action="read").allowed
    assert may(3).reason == "LEVEL"


def test_the_login_that_altinn_demands_is_demanded_here(said: Altinn) -> None:
    said.let(2, 1, level="read")
    said.let(2, 1, level="write", eid="high")
    assert may(eid_level="substantial", action="read").allowed
    assert may(eid_level="substantial").reason == "EID_TOO_LOW"
    assert may(eid_level="high").allowed
    assert (
        service.decide(ask(eid_level="substantial")).reason == "EID_TOO_LOW"
    )  # held, and remembered


def test_a_stronger_login_is_the_only_thing_that_one_right_may_lack() -> None:
    people = {key: Person(key, dt.date(1985, 1, 1)) for key in "ab"}
    right = Right("g", "fullmakt", "a", "b", frozenset({SCOPE}), "write", min_eid="high")
    question = service.Question("b", "a", SCOPE, "write", clock.now(), "substantial")
    answers = {
        level: deciding.decide(
            World(people, (right,), {}), attrs.evolve(question, eid_level=level)
        ).reason
        for level in ("substantial", "high")
    }
    assert answers == {"substantial": "EID_TOO_LOW", "high": "GRANT"}
    other = attrs.evolve(question, scope="nav:arbeid")
    assert deciding.decide(World(people, (right,), {}), other).reason == "SCOPE"


def test_when_altinn_is_silent_it_is_not_known_and_that_is_no(said: Altinn) -> None:
    said.let(2, 1)
    said.down = True
    assert may().reason == "SOURCE_STALE"
    assert may(scope="kommune:sosialeTjenester").reason == "NO_GRANT"  # Altinn has nothing of it
    a_mandate()
    asked = said.asked
    assert may().allowed  # one's own mandate carries, and Altinn is not asked
    assert said.asked == asked


def test_who_is_strictly_protected_is_never_asked_about(said: Altinn, register: Register) -> None:
    said.let(2, 1)
    register.know(1, protection="strengtFortrolig")
    assert may().reason == "PROTECTED_ROUTE"
    assert said.asked == 0


def test_who_is_shut_for_mandates_is_shut_for_those_given_in_altinn_too(said: Altinn) -> None:
    said.let(2, 1)
    assert may().allowed
    service.block(citizen(1), blocked=True)
    assert may().reason == "PARTY_BLOCKS"


# ── never a copy ───────────────────────────────────────────────────────────────────────────────


def test_an_answer_counts_for_a_quarter_of_an_hour_and_is_then_deleted(said: Altinn) -> None:
    said.let(2, 1)
    assert may().allowed
    grow_old(dt.timedelta(minutes=14))
    assert service.decide(ask()).allowed
    grow_old(dt.timedelta(minutes=16))
    assert service.decide(ask()).reason == "SOURCE_STALE"
    assert sources.purge() == 1
    assert service.decide(ask()).reason == "NO_GRANT"


def test_a_right_that_is_taken_back_is_gone_at_the_next_act(said: Altinn) -> None:
    said.let(2, 1)
    chosen = find()
    service.choose(citizen(2), mandate_id=chosen.mandate_id, scope=SCOPE)
    assert service.current(citizen(2)) is not None
    said.rights.clear()
    grow_old(dt.timedelta(minutes=2))
    service.make_ready(citizen(2), person(1))  # before something is sent
    held = service.hold(citizen(2), subject_id=person(1), scopes=[SCOPE])
    assert held.decision.reason == "NO_GRANT"
    assert service.current(citizen(2)) is None


def test_who_acts_goes_on_as_long_as_altinn_still_says_yes(said: Altinn) -> None:
    said.let(2, 1)
    service.choose(citizen(2), mandate_id=find().mandate_id, scope=SCOPE)
    grow_old(dt.timedelta(minutes=16))
    assert service.current(citizen(2)) is not None
    grow_old(dt.timedelta(minutes=16))
    sources.purge()
    assert service.current(citizen(2)) is not None
    said.down = True
    grow_old(dt.timedelta(minutes=16))
    assert service.current(citizen(2)) is None


def test_what_is_held_of_one_pair_is_not_touched_by_another(said: Altinn) -> None:
    said.let(2, 1)
    said.let(3, 1)
    assert may(2).allowed
    assert may(3).allowed
    said.rights.pop((number(3).value, number(1).value))
    altinn.fetch(citizen(3), agent=person(3), giver=person(1))
    assert service.decide(ask(2)).allowed
    assert not service.decide(ask(3)).allowed


# ── the ways in ────────────────────────────────────────────────────────────────────────────────


def test_it_is_found_by_number_and_surname_and_says_where_it_was_given(said: Altinn) -> None:
    with pytest.raises(RefusedError):
        find()
    said.let(2, 1)
    found = find()
    assert (found.name, found.source) == ("Kari Prøve1", "altinn")
    assert set(found.scopes) == {SCOPE, "altinn:innbygger-stotte-tilskudd"}
    said.down = True
    with pytest.raises(RefusedError):
        find(giver=3)


def test_the_check_on_the_phone_asks_altinn_too(said: Altinn) -> None:
    said.let(2, 1)
    answer = service.phone_check(
        employee(5), agent_number=number(2).value, subject_number=number(1).value, scope=SCOPE,
        action="write",
    )  # fmt: skip
    assert answer.allowed
    assert [one.name for one in service.may_act_for(citizen(2))] == ["Kari Prøve1"]


def test_a_machine_that_asks_is_answered_by_what_altinn_says_now(said: Altinn) -> None:
    clients.register_client(
        org_no="942114184", name="Etat", owners=["husbanken"], legal_basis="lov", may_use_numbers=True,
        sees_reasons=True,
    )  # fmt: skip
    caller = clients.caller_of(
        Machine("942114184", scopes=frozenset({"samspill:representation.read"}))
    )

    def answer() -> dict[str, Any]:
        resource = {
            "type": "representation", "id": SCOPE, "properties": {"on_behalf_of": number(1).value},
        }  # fmt: skip
        asked = {
            "subject": {"type": "person", "id": number(2).value},
            "action": {"name": "write"},
            "resource": resource,
            "context": {"eid_level": "high", "purpose": "søknad"},
        }
        return asking.evaluate(caller, asked)

    service.decide_fresh(citizen(2), ask())  # both parties are known
    assert answer()["decision"] is False
    said.down = True
    assert answer()["context"]["reason"] == "SOURCE_STALE"
    said.down = False
    said.let(2, 1)
    assert answer()["decision"] is True


# ── which resource carries what ────────────────────────────────────────────────────────────────


def test_made_up_resources_count_nowhere_in_production(
    said: Altinn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sources.altinn_may_know(SCOPE)
    monkeypatch.setitem(settings.SAMSPILL, "environment", "production")
    assert not sources.altinn_may_know(SCOPE)
    assert not altinn.is_asked()
    names = [one.code for one in sources.not_asked("altinn:innbygger-stotte-tilskudd")]
    assert names == ["altinn"]  # what nobody can be asked about is not known


def test_an_installations_own_file_says_which_resources_it_has(
    said: Altinn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "resources.csv"
    own.write_text(f"scope,resource,made_up\n{SCOPE},hb-bostotte,no\n")
    address = {"base_url": "http://127.0.0.1:1", "resources": str(own)}
    monkeypatch.setitem(settings.SAMSPILL["registers"], "altinn", address)
    monkeypatch.setitem(settings.SAMSPILL, "environment", "production")
    assert dict(sources.resources()) == {SCOPE: "hb-bostotte"}
    address["resources"] = str(tmp_path / "none.csv")
    with pytest.raises(domain.ResourcesError, match="SAMSPILL_ALTINN_RESOURCES"):
        sources.resources()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("scope,resource\n", "first line"),
        ("scope,resource,made_up\n*,hb-x,no\n", "owner:task"),
        ("scope,resource,made_up\na:b,HB X,no\n", "id of the registry"),
        ("scope,resource,made_up\na:b,hb-x,perhaps\n", "made_up"),
        ("scope,resource,made_up\na:b,hb-x,no\na:b,hb-y,no\n", "once"),
        ("scope,resource,made_up\na:b\n", "id of the registry"),
    ],
)
def test_a_file_of_resources_that_is_wrong_says_where(text: str, rule: str) -> None:
    with pytest.raises(domain.ResourcesError, match=rule):
        domain.read(text, made_up=True)


def test_every_shipped_resource_is_marked_as_made_up_and_carries_a_known_scope() -> None:
    assert not domain.read(_shipped(), made_up=False)
    today = dt.date(2026, 11, 1)
    assert [service.scope_fault(one, today) for one in domain.read(_shipped(), made_up=True)] == [
        ""
    ] * 4


def _shipped() -> str:
    from importlib.resources import files

    return (files("samspill.mandates") / "data" / "altinn_resources.csv").read_text("utf-8")
