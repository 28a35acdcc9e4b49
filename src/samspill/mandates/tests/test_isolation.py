"""Mandates as the database itself gives them: plain SQL without any WHERE, asked as the web's role."""

from __future__ import annotations

import contextlib
import uuid

import attrs
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from samspill.infra import isolation
from samspill.infra.tests.restricted import as_the_web, asked
from samspill.kernel.actor import ANONYMOUS, system
from samspill.kernel.ids import new_id
from samspill.mandates import service
from samspill.mandates.models import Grant, Role
from samspill.mandates.service import employees, roles
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    TRONDHEIM_ORG,
    Register,
    a_mandate,
    ask,
    citizen,
    employee,
    number,
    offer,
    person,
)  # fmt: skip

pytestmark = pytest.mark.django_db

_TABLES = (
    "mandates_grant", "mandates_granttext", "mandates_step", "mandates_party", "mandates_codeletter", "mandates_notice",
    "mandates_block", "mandates_role", "mandates_organisationuser", "mandates_acting",
)  # fmt: skip


@attrs.frozen
class Told:
    """What there is: a mandate between 1 and 2, one between 3 and 4, one on paper, one to an organisation."""

    ours: uuid.UUID
    theirs: uuid.UUID
    paper: uuid.UUID
    to_organisation: uuid.UUID


@pytest.fixture
def told(register: Register) -> Told:
    person(6)  # of those who lead an organisation, only whom we know is held
    register.know_organisation(OTHER_ORG, holders=[_manager(6)])
    roles.fetch(citizen(6), OTHER_ORG)
    ours, theirs = a_mandate(1, 2), a_mandate(3, 4)
    paper = service.register_paper(
        employee(5), giver_number=number(3).value, giver_family="Prøve3", offer=offer(4, level="read")
    )  # fmt: skip
    service.print_letter(employee(6), mandate_id=paper)
    asked_for = offer(agent_number="", agent_family="", agent_org_no=OTHER_ORG, agent_org_name="Hjelpen")  # fmt: skip
    text = service.preview(citizen(3), asked_for)
    given = service.give(citizen(3), asked_for, text_sha256=text.sha256)
    service.block(citizen(3), blocked=True)
    service.block(citizen(3), blocked=False)
    service.choose(citizen(2), mandate_id=ours, scope="husbanken:bostoette")
    leader = employee(5, "municipality_leader")
    service.name_user(leader, number=number(4).value, family="Prøve4")
    return Told(ours, theirs, paper, given)


def _manager(serial: int) -> dict[str, object]:
    return {"national_id": number(serial).value, "role": "DAGL", "ended": False, "alone": False, "together": False}  # fmt: skip


def count(cursor, table: str) -> int:
    return len(asked(cursor, f"SELECT ctid::text FROM {table}"))


def test_with_nobody_acting_there_is_no_mandate_at_all(told: Told):
    with as_the_web() as cursor:
        assert {table: count(cursor, table) for table in _TABLES} == dict.fromkeys(_TABLES, 0)


def test_the_two_sides_have_their_mandate_and_what_follows_it_and_no_other(told: Told):
    for serial in (1, 2):
        with as_the_web(citizen(serial)) as cursor:
            assert asked(cursor, "SELECT id FROM mandates_grant") == {told.ours}
            assert asked(cursor, "SELECT grant_id FROM mandates_step") == {told.ours}
            assert count(cursor, "mandates_granttext") == 1
            assert asked(cursor, "SELECT person_id FROM mandates_party") == {person(serial)}
            assert count(cursor, "mandates_acting") == 1
            assert count(cursor, "mandates_codeletter") == count(cursor, "mandates_block") == 0
    with as_the_web(citizen(3)) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.theirs, told.paper, told.to_organisation}  # fmt: skip
        assert count(cursor, "mandates_block") == 2
        assert count(cursor, "mandates_acting") == 0
    with as_the_web(citizen(5)) as cursor:
        assert count(cursor, "mandates_grant") == 0


def test_a_counter_has_the_papers_that_it_registered(told: Told):
    with as_the_web(employee(5)) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.paper}
        assert asked(cursor, "SELECT grant_id FROM mandates_codeletter") == {told.paper}
        assert count(cursor, "mandates_organisationuser") == 1
        assert {one.mandate.id for one in service.waiting_papers(employee(5))} == {told.paper}
    with as_the_web(employee(5, org_no="991825827")) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == set()
        assert count(cursor, "mandates_organisationuser") == count(cursor, "mandates_codeletter") == 0  # fmt: skip


def test_an_organisation_its_leader_and_its_named_users_have_what_it_was_given(told: Told):
    leader = employee(5, "agency_leader", org_no=OTHER_ORG)
    with as_the_web(leader) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.to_organisation}
    service.name_user(leader, number=number(5).value, family="Prøve5")
    with as_the_web(citizen(5)) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.to_organisation}
    assert Role.objects.filter(person_id=person(6), organisation_id=OTHER_ORG).exists()
    with as_the_web(citizen(6)) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.to_organisation}
        assert count(cursor, "mandates_role") == 1
        assert count(cursor, "mandates_organisationuser") == 1


def test_what_is_anothers_is_not_written(told: Told):
    with as_the_web(citizen(5)) as cursor:
        cursor.execute("UPDATE mandates_grant SET revoked_at = now()")
        assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO mandates_block (id, person_id, blocked, at, by_org_no, reason) "
                "VALUES (%s, %s, true, now(), '', '')",
                [new_id(), person(1)],
            )
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Grant.objects.create(
                kind="fullmakt", grantor_id=person(1), grantee_id=person(2), scopes=["a:b"], level="read",
                channel="web", created_at="2026-01-01T00:00Z", created_by=person(1),
            )  # fmt: skip


@pytest.mark.parametrize("actor", [ANONYMOUS, system("a machine")], ids=["nobody", "a machine"])
def test_the_decision_point_answers_about_the_pairs_asked_about_and_gives_no_list(
    told: Told, actor
):
    questions = [ask(2, 1), ask(4, 3), ask(1, 3)]
    answers = service.decide_many(questions)
    assert [one.allowed for one in answers] == [True, True, False]
    with as_the_web(actor) as cursor:
        assert service.decide_many(questions) == answers
        assert count(cursor, "mandates_grant") == 0
        cursor.execute(
            "SELECT id FROM mandates_of_pairs(%s, %s, '2026-01-01')", [[person(1)], [person(3)]]
        )
        assert cursor.fetchall() == [(None,)]


def test_whom_a_colleague_represents_is_known_to_whoever_hands_them_a_case(told: Told):
    with as_the_web(employee(5)):
        assert employees.represented_by(person(2)) == {person(1)}


@pytest.mark.django_db(transaction=True)
def test_holding_a_mandate_keeps_the_one_it_was_passed_on_from_though_it_is_not_seen(
    register: Register,
):
    parent, other = a_mandate(1, 2), a_mandate(3, 4)
    child = Grant.objects.create(
        kind="fullmakt", grantor_id=person(1), grantee_id=person(5), scopes=["husbanken:bostoette"], level="write",
        channel="web", created_at="2026-01-01T00:00Z", accepted_at="2026-01-01T00:00Z", parent_id=parent,
    )  # fmt: skip
    free = "SELECT id FROM mandates_grant FOR UPDATE SKIP LOCKED"
    with transaction.atomic(), as_the_web(citizen(5)) as cursor, another() as beside:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {child.id}
        assert {row[0] for row in beside.execute(free)} == {parent, other, child.id}
        beside.rollback()
        cursor.execute("SELECT mandates_keep(%s)", [child.id])
        assert {row[0] for row in beside.execute(free)} == {other}


@contextlib.contextmanager
def another():
    """Open a second session with the same database."""
    beside = connection.copy()
    try:
        with beside.cursor():
            pass
        beside.connection.autocommit = False
        yield beside.connection
    finally:
        beside.close()


def test_a_citizens_own_doings_go_through_as_the_webs_role(register: Register):
    """Give, accept, choose, block, withdraw: what must be seen of the other side is fetched under its name."""
    with as_the_web(citizen(1)):
        asked_for = offer(2)
        text = service.preview(citizen(1), asked_for)
        made = service.give(citizen(1), asked_for, text_sha256=text.sha256)
    with as_the_web(citizen(2)):
        service.accept(citizen(2), mandate_id=made)
        assert [one.mandate_id for one in service.may_act_for(citizen(2))] == [made]
        service.choose(citizen(2), mandate_id=made, scope="husbanken:bostoette")
        assert service.current(citizen(2)) is not None
    with as_the_web(employee(5)):
        service.block_at_counter(
            employee(5), number=number(3).value, family="Prøve3", blocked=True, reason="asked for it"
        )  # fmt: skip
    with as_the_web(citizen(1)):
        service.withdraw(citizen(1), mandate_id=made)
        assert {use.what for use in service.uses_of(citizen(1))} >= {"given", "accepted", "used"}
    with as_the_web(citizen(2)):
        assert service.current(citizen(2)) is None


def test_the_named_question_sees_what_registers_say_and_is_closed_again(told: Told):
    with as_the_web(citizen(5)) as cursor:
        with isolation.wider("representation"):
            assert count(cursor, "mandates_party") > 1
        assert count(cursor, "mandates_party") <= 1


def test_a_mandate_of_the_counters_own_organisation_alone(told: Told):
    assert TRONDHEIM_ORG != OTHER_ORG
    with as_the_web(employee(5, org_no=OTHER_ORG)) as cursor:
        assert asked(cursor, "SELECT id FROM mandates_grant") == {told.to_organisation}
