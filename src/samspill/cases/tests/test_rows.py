"""Rows of an application are called by our own ids of persons wherever their names go."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from samspill.cases import service as cases
from samspill.cases.models import Attachment, InformationRequest
from samspill.cases.service import case_answers, handling, pins, rows
from samspill.cases.tests.builders import ANSWERS, a_citizen, a_member, a_number, a_person
from samspill.cases.tests.term_builders import a_case, a_caseworker
from samspill.infra import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allotment")]
PDF = b"%PDF-1.7\n%%EOF"
MIGRATION = importlib.import_module("samspill.cases.migrations.0007_rows_by_our_own_ids")


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(dt.date(2026, 8, 10)):
        yield


@pytest.fixture
def gardener(known) -> cases.DraftView:
    """Give a draft in which somebody else in the household owes a plan."""
    known.know(1, members=(a_member(2),))
    view = cases.start_draft(a_citizen(), package_id="allotment")
    row = {**view.answers["members"][0], "gardens": True}
    saved = cases.save_fields(
        a_citizen(), draft_id=view.id, revision=view.revision, values={**ANSWERS, "members": [row]}
    )
    assert isinstance(saved, cases.DraftView)
    return saved


def owed(view: cases.DraftView) -> list[str]:
    return [item.id for item in view.evaluation.missing if item.kind == "document"]


def test_a_document_of_a_row_is_asked_for_and_kept_by_our_own_id(gardener) -> None:
    name = f"plan:{a_person(2)}"
    assert owed(gardener) == [name]
    cases.attach(a_citizen(), draft_id=gardener.id, document=name, content=PDF, filename="a.pdf")
    assert Attachment.objects.get().document == name
    seen = cases.open_draft(a_citizen(), draft_id=gardener.id)
    assert owed(seen) == []
    assert a_number(2).value not in str(seen.evaluation.documents)


def test_what_is_asked_of_the_applicant_names_the_row_by_our_own_id(allotment, known) -> None:
    known.know(1, members=(a_member(2),))
    member = {"national_id": a_number(2).value, "name": "Per", "gardens": True}
    case = a_case(allotment, known, state="submitted", amended={"members": [member]})
    [item] = [
        m
        for m in case_answers.evaluate(case, pins.pinned(case)).missing
        if m.row == 0 and m.kind == "document"
    ]
    asked = handling.request_missing(
        a_caseworker(), case_id=case.id, revision=case.revision, items=[f"document:{item.id}"]
    )
    assert [one["id"] for one in asked.items] == [f"plan:{a_person(2)}"]


def test_a_package_without_ids_of_rows_asks_the_database_nothing(
    ferry, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        assert rows.names_of(ferry, {"members": [{"national_id": a_number(2).value}]}) == {}


@pytest.mark.parametrize("text", ["", "x", None, 7, "12345678901"])
def test_a_row_without_a_number_is_named_by_its_place(allotment, text: Any) -> None:
    assert rows.names_of(allotment, {"members": [{"national_id": text}, "not a row"]}) == {}


def test_the_table_takes_no_number_in_a_name(gardener) -> None:
    cases.attach(
        a_citizen(), draft_id=gardener.id, document="plan:0", content=PDF, filename="a.pdf"
    )
    with pytest.raises(IntegrityError, match="attachment_names_no_number"), transaction.atomic():
        Attachment.objects.update(document=f"plan:{a_number(2).value}")


def test_the_migration_renames_what_stands_also_of_people_we_did_not_know(
    gardener, allotment
) -> None:
    case = a_case(allotment, None, state="submitted", amended={})
    known, unknown = a_number(2).value, a_number(27).value
    ids = [f"plan:{known}", "invoice", f"plan:{unknown}"]
    request = InformationRequest.objects.create(
        case=case, items=[], role="municipality_caseworker", asked_at=clock.now(), due_on=dt.date(2026, 9, 1)
    )  # fmt: skip
    cases.attach(a_citizen(), draft_id=gardener.id, document="plan:0", content=PDF, filename="a")
    items = json.dumps([{"kind": "document", "id": one, "note": ""} for one in ids])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_attachment DROP CONSTRAINT attachment_names_no_number")
        cursor.execute("UPDATE cases_informationrequest SET items = %s::jsonb", [items])
        # The table of persons as it was then: numbers stood as they are.
        cursor.execute(
            "ALTER TABLE identity_person ADD national_id varchar(11) UNIQUE, ALTER number DROP NOT NULL"
        )
        cursor.execute(
            "UPDATE identity_person SET national_id = %s WHERE id = %s", [known, a_person(2)]
        )
        Attachment.objects.update(document=f"plan:{unknown}")
        for _ in range(2):  # once more does no harm
            for statement in (MIGRATION._MAKE_KNOWN, MIGRATION._ATTACHMENTS, MIGRATION._REQUESTS):
                cursor.execute(statement)
        cursor.execute("SELECT id FROM identity_person WHERE national_id = %s", [unknown])
        (made,) = cursor.fetchone()
    request.refresh_from_db()
    names = [f"plan:{a_person(2)}", "invoice", f"plan:{made}"]
    assert [item["id"] for item in request.items] == names
    assert {item["kind"] for item in request.items} == {"document"}
    assert Attachment.objects.get().document == names[2]
