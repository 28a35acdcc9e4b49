"""Where a case lies stands on its application, tasks and appeals too, and is what the case says, however it moves."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from samspill.cases.models import Case, Task
from samspill.cases.tests.builders import SANDNES, STAVANGER, a_citizen
from samspill.cases.tests.term_builders import municipality_id
from samspill.cases.tests.test_isolation import filled, ids, staff
from samspill.infra import isolation
from samspill.infra.tests.restricted import as_the_web

pytestmark = pytest.mark.django_db

_TABLES = ("cases_application", "cases_task", "cases_appeal")


def lies(table: str, case: Case) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT of_municipality, of_package, of_hidden FROM {table} WHERE case_id = %s",
            [case.id],
        )
        (found,) = cursor.fetchall()
    return found


@pytest.mark.parametrize("table", _TABLES)
def test_a_new_row_lies_where_its_case_lies(ferry, known, table):
    case = filled(ferry, 1, SANDNES, "strengtFortrolig")
    assert lies(table, case) == (municipality_id(SANDNES), ferry.id, True)


@pytest.mark.parametrize("table", _TABLES)
def test_the_rows_follow_a_case_that_moves_or_is_hidden(ferry, known, table):
    case = filled(ferry, 1, SANDNES, "ugradert")
    with as_the_web(staff("municipality_caseworker")) as cursor, isolation.wider("passed_on"):
        cursor.execute(
            "UPDATE cases_case SET municipality_id = %s WHERE id = %s",
            [municipality_id(STAVANGER), case.id],
        )
    assert lies(table, case) == (municipality_id(STAVANGER), ferry.id, False)
    with as_the_web(staff("municipality_caseworker")) as cursor:
        assert ids(cursor, table) == set()
    with as_the_web(staff("municipality_caseworker", number=STAVANGER)) as cursor:
        assert ids(cursor, table) == {case.id}
    Case.objects.filter(pk=case.id).update(protection="unknown", municipality_id=None)
    assert lies(table, case) == (None, ferry.id, True)
    with as_the_web(staff("municipality_leader", number=STAVANGER)) as cursor:
        assert ids(cursor, table) == set()
    with as_the_web(staff("agency_leader")) as cursor:
        assert ids(cursor, table) == set()
    with as_the_web(staff("agency_caseworker", "protected_caseworker")) as cursor:
        assert ids(cursor, table) == {case.id}


def test_what_was_signed_is_still_never_changed_not_even_together_with_where_it_lies(ferry, known):
    case = filled(ferry, 1, SANDNES, "ugradert")
    for change in (
        "receipt_code = 'X'",
        "of_hidden = true, receipt_code = 'X'",
        "case_id = case_id",
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            connection.cursor().execute(f"UPDATE cases_application SET {change}")
    assert lies("cases_application", case)[2] is False


def test_a_citizen_and_a_wider_question_are_held_against_the_case_itself(ferry, known):
    mine, other = filled(ferry, 1, SANDNES, "ugradert"), filled(ferry, 2, STAVANGER, "ugradert")
    with as_the_web(a_citizen(1)) as cursor:
        assert {row.case_id for row in Task.objects.all()} == {mine.id}
        with isolation.wider("figures"):
            assert ids(cursor, "cases_task") == {mine.id, other.id}
