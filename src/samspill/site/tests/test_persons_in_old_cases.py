"""Cases from before the column name those in their answers, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samspill.cases import service as cases
from samspill.cases.models import Case
from samspill.cases.service import persons
from samspill.cases.tests.builders import (
    ANSWERS,
    Registers,
    a_citizen,
    a_member,
    a_person,
    allotment,
    known,
)
from samspill.cases.tests.term_builders import a_case, ferry, run_day
from samspill.packages.service import Package
from samspill.site.cli import main

__all__ = ["allotment", "ferry", "known", "run_day"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def old(allotment: Package, ferry: Package, known: Registers) -> list[Case]:
    """Two cases that name nobody any more, of which one holds others' numbers in its answers."""
    known.know(1, members=(a_member(2), a_member(5)))
    view = cases.start_draft(a_citizen(1), package_id="allotment")
    members = [{**one, "gardens": False} for one in view.answers["members"]]
    cases.save_fields(
        a_citizen(1), draft_id=view.id, revision=view.revision, values={**ANSWERS, "members": members}
    )  # fmt: skip
    sent = cases.submit(
        a_citizen(1), draft_id=view.id, idempotency_key="k", declared={"truth": True}
    )
    assert isinstance(sent, cases.Receipt)
    alone = a_case(ferry, known, serial=7)
    Case.objects.update(persons=[])
    return [Case.objects.get(id=view.id), alone]


def test_those_in_the_answers_are_named_and_running_it_again_changes_nothing(
    old: list[Case], capsys: Any
):
    assert main(["cases", "name-persons"]) == 0
    assert json.loads(capsys.readouterr().out) == {"looked_at": 2, "changed": 1}
    named = [set(Case.objects.get(id=one.id).persons) for one in old]
    assert named[0] >= {a_person(2), a_person(5)}
    assert named[1] == set()
    assert persons.name_in_old_cases() == (1, 0)


def test_goes_on_in_batches(old: list[Case], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(persons, "_AT_A_TIME", 1)
    told: list[int] = []
    assert persons.name_in_old_cases(say=told.append) == (2, 1)
    assert told == [1, 2]
