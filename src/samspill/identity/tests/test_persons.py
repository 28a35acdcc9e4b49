"""The person behind a number."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction

from samspill.identity import service
from samspill.identity.models import Person
from samspill.infra import clock
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import system
from samspill.kernel.ids import NationalId
from samspill.sandbox.population import build

pytestmark = pytest.mark.django_db


def numbers(count: int) -> list[NationalId]:
    people = build(3, 40).persons[:count]
    found = [
        NationalId.parse(p.national_id, allow_synthetic=True, allow_real=False) for p in people
    ]
    return [number for number in found if isinstance(number, NationalId)]


def test_one_person_has_one_identifier():
    number = numbers(1)[0]
    assert service.person_for(number) == service.person_for(number)


def test_many_persons_take_two_statements_and_one_when_known(django_assert_num_queries):
    many = numbers(30)
    with django_assert_num_queries(4):  # the two, and the savepoint around the second
        first = service.person_ids_for(many)
    assert len(first) == 30
    with django_assert_num_queries(1):
        assert service.person_ids_for(many) == first


def test_the_number_is_given_only_with_a_log_entry():
    number = numbers(1)[0]
    person_id = service.person_for(number)
    given = service.national_id_of(person_id, actor=system("test"), purpose="look up income")
    assert given == number
    entry = AccessEntry.objects.get()
    assert (entry.subject_id, entry.purpose) == (person_id, "look up income")
    assert number.value not in repr(given) + str(Person.objects.get())


def test_an_unknown_person_is_an_error_not_a_number():
    with pytest.raises(Person.DoesNotExist):
        service.national_id_of(uuid.uuid4(), actor=system("test"), purpose="x")


@pytest.mark.parametrize("text", ["123", "abcdefghijk", "01810112345"])
def test_the_database_refuses_what_is_not_encrypted(text):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(number=text, created_at=clock.now())
