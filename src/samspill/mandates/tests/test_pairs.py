"""The usual pair is read by less than the whole: whatever lies between two, both readings give the same answers."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid

import attrs
import pytest

from samspill.infra import clock, sql
from samspill.infra.prepared import Ids
from samspill.mandates import service
from samspill.mandates.domain.deciding import decide
from samspill.mandates.models import Grant
from samspill.mandates.service import deciding
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    Register,
    a_mandate,
    ask,
    citizen,
    employee,
    number,
    offer,
    person,
)

pytestmark = pytest.mark.django_db

SIX = range(1, 7)
SCOPES = ("husbanken:bostoette", "husbanken:startlaan", "kommune:sosialeTjenester")


def _passed_on_to_3() -> None:
    """1 gives to 2, who passes it on to 3, to whom 1 has also given something straight."""
    parent = Grant.objects.get(id=a_mandate(1, 2, may_delegate=True))
    Grant.objects.create(
        kind="fullmakt", grantor_id=person(1), grantee_id=person(3), scopes=parent.scopes, level="read",
        valid_from=parent.valid_from, parent=parent, delegated_by=str(person(2)), accepted_at=clock.now(),
        channel="web", created_at=clock.now(),
    )  # fmt: skip
    a_mandate(1, 3, scopes=("husbanken:startlaan",))


def _to_an_organisation_used_by_5() -> None:
    """6 gives to an organisation that names 5, to whom 1 has given something straight."""
    asked = offer(agent_number="", agent_org_no=OTHER_ORG, agent_org_name="Hjelpen")
    text = service.preview(citizen(6), asked)
    made = service.give(citizen(6), asked, text_sha256=text.sha256)
    leader = employee(4, "municipality_leader", org_no=OTHER_ORG)
    service.accept_for_organisation(leader, mandate_id=made)
    service.name_user(leader, number=number(5).value, family="Prøve5")
    service.decide_fresh(citizen(5), ask(5, 6))  # Enhetsregisteret is asked about the organisation
    a_mandate(1, 5)


def _straight() -> None:
    """One more between the same two, one withdrawn, one not accepted, one who shuts everything, one guardian."""
    a_mandate(1, 2, level="read", scopes=("husbanken:startlaan",))
    service.withdraw(citizen(3), mandate_id=a_mandate(3, 2))
    a_mandate(2, 6, accepted=False)
    a_mandate(4, 1)
    service.block(citizen(4), blocked=True)


@pytest.fixture
def world(register: Register) -> None:
    area = {"vergeTjenestevirksomhet": "husbanken", "vergeTjenesteoppgave": "bostoette"}
    keeper = {"foedselsEllerDNummer": number(2).value, "tjenesteomraade": [area]}
    register.know(4, guardianships=[{"erGjeldende": True, "verge": keeper}])
    for serial in SIX:
        service.decide_fresh(citizen(2), ask(2, serial))
    _passed_on_to_3()
    _straight()
    _to_an_organisation_used_by_5()


def test_what_is_read_of_a_usual_pair_and_the_whole_of_it_give_the_same_answers(
    world: None, django_assert_num_queries
):
    ids = {serial: str(person(serial)) for serial in SIX}
    usual = ask()
    questions = [
        attrs.evolve(usual, actor=ids[actor], subject=ids[subject], scope=scope, action=action)
        for actor, subject, scope, action in itertools.product(SIX, SIX, SCOPES, ("read", "write"))
    ]
    with django_assert_num_queries(2):
        many = service.decide_many(questions)
    whole = deciding._whole_worlds(list(itertools.product(ids.values(), repeat=2)), clock.now())
    assert many == [decide(whole[one.actor, one.subject], one) for one in questions]
    assert many == [service.decide(one) for one in questions]
    allowed = {(q.actor, q.subject) for q, got in zip(questions, many, strict=True) if got.allowed}
    others = {(ids[a], ids[s]) for a, s in ((2, 1), (3, 1), (2, 4), (5, 6), (5, 1))}
    assert allowed == others | {(one, one) for one in ids.values()}
    assert {str(one.reason) for one in many} >= {"REVOKED", "PENDING_CONFIRMATION", "PARTY_BLOCKS", "SCOPE", "LEVEL"}  # fmt: skip


def test_of_two_that_carry_the_same_is_named_in_a_list_as_alone(register: Register):
    service.decide_fresh(citizen(2), ask(2, 1))
    a_mandate(3, 2)
    # The one with the greater id lies first in the table, and was made first.
    ids = [uuid.UUID(int=number) for number in (2, 1)]
    for days, one in enumerate(ids):
        Grant.objects.create(
            id=one, kind="fullmakt", grantor_id=person(1), grantee_id=person(2), scopes=[SCOPES[0]], level="write",
            valid_from=clock.today(), accepted_at=clock.now(), channel="web",
            created_at=clock.now() + dt.timedelta(days=days),
        )  # fmt: skip
    asked = ask(2, 1)
    of_a_list, _other = service.decide_many([asked, ask(2, 3)])
    whole = deciding._whole_worlds([(asked.actor, asked.subject)], clock.now())
    of_the_whole = decide(whole[asked.actor, asked.subject], asked)
    assert service.decide(asked) == of_a_list == of_the_whole
    assert of_a_list.grant_id == str(min(ids))


def test_a_list_is_sent_by_its_actors():
    pairs = [("a", "s"), ("b", "s"), ("a", "t"), ("c", "u"), ("a", "u")]
    sent = (["a", "b", "c"], ["s", "t", "u", "s", "u"], [1, 4, 5], [3, 4, 5])
    assert deciding._by_actor(pairs) == sent


def test_who_is_not_written_as_a_person_is_not_asked_about():
    one, other = (str(uuid.UUID(int=number)) for number in (0xABCDEF0123456789, 2))
    assert deciding._of_persons([(one, other), (other, one)]) == [(one, other), (other, one)]
    for odd in (
        "",
        one.upper(),
        one[:-1],
        one.replace("-", "0"),
        f"{one},{other}",
        f"{one[:-1]}g",
        one[:-1] + "٣",
    ):
        assert deciding._of_persons([(one, odd), (one, other), (odd, other)]) == [(one, other)]


def test_identifiers_are_sent_as_postgresql_keeps_them(db):
    for count in (0, 1, 3):
        ids = [str(uuid.uuid4()) for _ in range(count)]
        ((got,),) = sql.rows("SELECT %s", [Ids.of(ids)])
        assert got == [uuid.UUID(one) for one in ids]


def test_the_organisation_no_longer_counts_when_the_user_is_named_no_more(world: None):
    assert service.decide(ask(5, 6)).allowed
    (named,) = service.users(employee(4, "municipality_leader", org_no=OTHER_ORG))
    service.end_user(employee(4, "municipality_leader", org_no=OTHER_ORG), user_id=named.id)
    assert not service.decide(ask(5, 6)).allowed
    assert service.decide(ask(5, 1)).allowed
