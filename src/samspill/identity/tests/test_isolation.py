"""Persons, their numbers and employees as the database itself gives them to the web's role."""

from __future__ import annotations

import os
import uuid

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from samspill.identity import service
from samspill.identity.domain import Unit
from samspill.identity.employees import seen
from samspill.identity.tests.test_persons import numbers
from samspill.infra import isolation
from samspill.infra.models import AccessEntry
from samspill.infra.tests.restricted import as_the_web, asked
from samspill.kernel.actor import ANONYMOUS, Actor

pytestmark = pytest.mark.django_db

HERE, THERE = "942110464", "964338531"


def citizen(person_id: uuid.UUID) -> Actor:
    return Actor(kind="citizen", person_id=person_id, level="high")


def employee(person_id: uuid.UUID, org_no: str) -> Actor:
    return Actor(kind="employee", person_id=person_id, org_no=org_no, level="high")


def works(person_id: uuid.UUID, org_no: str) -> None:
    unit = Unit(
        org_no=org_no, name="Her", kind="agency", roles=frozenset({"agency_leader"}), municipality_id="",
        units=frozenset(), services=frozenset(),
    )  # fmt: skip
    seen(person_id, f"Kari {org_no}", [unit])


def test_everybody_has_their_own_row_and_nobody_has_none():
    mine, _other = service.person_ids_for(numbers(2)).values()
    for actor, found in ((citizen(mine), {mine}), (ANONYMOUS, set())):
        with as_the_web(actor) as cursor:
            assert asked(cursor, "SELECT id FROM identity_person") == found
            assert asked(cursor, "SELECT person_id FROM identity_number_hash") == found


@pytest.mark.parametrize("table", ["identity_person", "identity_number_hash"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "INSERT INTO {} DEFAULT VALUES"])  # fmt: skip
def test_the_web_changes_no_person_itself(table: str, change: str):
    mine = service.person_for(numbers(1)[0])
    column = "id" if table == "identity_person" else "key"
    with (
        as_the_web(citizen(mine)) as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(change.format(table, column, column))


def test_a_person_is_found_made_and_named_through_the_doors_and_the_reading_is_logged():
    known, new, third = numbers(3)
    person = service.person_for(known)
    with as_the_web(citizen(uuid.uuid4())) as cursor:
        assert service.known_person_ids([known, new]) == {known: person}
        made = service.person_ids_for([known, new, third])
        assert made[known] == person
        assert service.person_ids_for([new, third]) == {new: made[new], third: made[third]}
        reader = citizen(uuid.uuid4())
        assert service.national_id_of(made[new], actor=reader, purpose="test") == new
        assert asked(cursor, "SELECT id FROM identity_person") == set()
    assert AccessEntry.objects.filter(subject_id=made[new], purpose="test").count() == 1


def test_a_hash_that_was_guessed_finds_nobody():
    service.person_for(numbers(1)[0])
    with as_the_web() as cursor:
        guess = "SELECT person_id FROM identity_persons_of(%s)"
        assert asked(cursor, guess, [os.urandom(32)]) == set()


def test_an_organisation_has_its_own_employees_and_no_others():
    first, second = service.person_ids_for(numbers(2)).values()
    works(first, HERE)
    works(second, THERE)
    with as_the_web(employee(first, HERE)) as cursor:
        assert asked(cursor, "SELECT person_id FROM identity_employee") == {first}
        assert [one.person_id for one in service.colleagues(employee(first, HERE))] == [first]
        assert service.names_for_incident([second]) == {second: f"Kari {THERE}"}
        cursor.execute("UPDATE identity_employee SET name = 'X' WHERE person_id = %s", [second])
        assert cursor.rowcount == 0
    with as_the_web(citizen(second)) as cursor:  # what is said of oneself, wherever one works
        assert asked(cursor, "SELECT person_id FROM identity_employee") == {second}
    with as_the_web() as cursor:  # a machine says no person: it is answered by name
        assert asked(cursor, "SELECT person_id FROM identity_employee") == set()
        found = service.as_actor(first, org_no=HERE)
        assert found is not None
        assert found.roles == {"agency_leader"}
        assert service.as_actor(first, org_no=THERE) is None
        assert [one.person_id for one in service.sure_of(THERE)] == [second]


def test_who_are_employees_is_asked_by_name_only():
    first = service.person_for(numbers(1)[0])
    works(first, HERE)
    with as_the_web() as cursor:
        with isolation.wider("employees"):
            assert asked(cursor, "SELECT person_id FROM identity_employee") == {first}
        assert asked(cursor, "SELECT person_id FROM identity_employee") == set()
    assert connection.needs_rollback is False
