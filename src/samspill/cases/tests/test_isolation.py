"""The database itself keeps one's rows from others: plain SQL without any WHERE, asked as the web's role."""

from __future__ import annotations

import uuid

import attrs
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from samspill.cases import events, service
from samspill.cases.models import Case
from samspill.cases.service import scope
from samspill.cases.tests.builders import SANDNES, STAVANGER, a_citizen, a_person
from samspill.cases.tests.staff_web import a_browser, a_citizens_browser
from samspill.cases.tests.term_builders import OWNER, municipality_id
from samspill.infra import events as log
from samspill.infra import isolation
from samspill.infra.tests.restricted import as_the_web
from samspill.kernel.actor import ANONYMOUS, Actor
from samspill.kernel.ids import new_id

pytestmark = pytest.mark.django_db

_OF_CASES = (
    "cases_application", "cases_amendment", "cases_attachment", "cases_task", "cases_informationrequest",
    "cases_message", "cases_letter", "cases_appeal", "cases_termentry", "cases_decision", "cases_payment",
)  # fmt: skip


def ids(cursor, table: str, column: str = "case_id") -> set[uuid.UUID]:
    cursor.execute(f"SELECT {column} FROM {table}")
    return {row[0] for row in cursor.fetchall()}


def everything(cursor) -> int:
    isolated = [
        name for (name,) in _asked("SELECT relname FROM pg_class WHERE relforcerowsecurity")
    ]
    assert len(isolated) > 15
    count = 0
    for table in isolated:
        cursor.execute(f"SELECT count(*) FROM {table}")
        count += cursor.fetchone()[0]
    return count


def _asked(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def staff(
    *roles: str, number: str = SANDNES, serial: int = 901, org_no: str = "964965137"
) -> Actor:
    agency = any(role.startswith("agency") for role in roles)
    return Actor(
        kind="employee", person_id=a_person(serial), org_no=OWNER if agency else org_no,
        municipality_id=None if agency else municipality_id(number), roles=frozenset(roles), level="high",
        units=frozenset({"*"}), services=frozenset({"*"}),
    )  # fmt: skip


@pytest.fixture
def three(ferry, known) -> dict[str, Case]:
    """A case in Sandnes, one in Stavanger, and one of somebody strictly protected in Sandnes."""
    found = {}
    for serial, (name, place, grade) in enumerate(
        (("here", SANDNES, "ugradert"), ("there", STAVANGER, "ugradert"), ("hidden", SANDNES, "strengtFortrolig")), 1
    ):  # fmt: skip
        found[name] = filled(ferry, serial, place, grade)
    return found


def filled(package, serial: int, place: str, grade: str) -> Case:
    """Make a case with a row in every table that follows it, past all services: what matters is whose it is."""
    case = Case.objects.create(
        package_id=package.id, package_version=package.version, package_sha256=package.sha256,
        municipality_id=municipality_id(place), applicant_id=a_person(serial), state="received",
        waiting_for="municipality", protection=grade, protection_checked_at="2026-01-01T00:00Z", language="nb",
        situation_on="2026-01-01", submitted_at="2026-01-01T00:00Z", changed_at="2026-01-01T00:00Z",
    )  # fmt: skip
    at, row = "2026-01-01T00:00Z", case.id
    with connection.cursor() as cursor:

        def add(table: str, **values: object) -> uuid.UUID:
            given = {"id": new_id(), **values}
            if table == "cases_application":
                del given["id"]
            names = ", ".join(f'"{name}"' for name in given)
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(given))})",
                list(given.values()),
            )
            return given.get("id", row)

        add("cases_application", case_id=row, applicant_id=case.applicant_id, answers="{}", facts="{}", reasons="{}",
            declaration="{}", body_sha256="0", request_sha256="", idempotency_key=str(row),
            receipt_code=str(row)[-12:], submitted_at=at)  # fmt: skip
        add("cases_amendment", case_id=row, sequence=1, origin="task", role="x", before="{}", after='{"a": 1}',
            reason="", at=at)  # fmt: skip
        add("cases_attachment", case_id=row, document="d", file_id=new_id(), filename="f", media_type="t", size=1,
            added_by=new_id(), role="r", added_at=at)  # fmt: skip
        add(
            "cases_task",
            case_id=row,
            key="island",
            role="r",
            state="open",
            opened_at=at,
            values="{}",
            reason="",
        )
        add("cases_informationrequest", case_id=row, items="[]", text="", role="r", asked_at=at, due_on="2026-02-01",
            state="open")  # fmt: skip
        add("cases_message", case_id=row, sender="applicant", receiver="municipality", text="t", idempotency_key="",
            sent_at=at)  # fmt: skip
        add("cases_termentry", case_id=row, package_id=package.id, term="2026-01-01", sequence=1, origin="new",
            retest=0, state="waiting", held_reason="", made_at=at)  # fmt: skip
        decision = add(
            "cases_decision", case_id=row, package_id=package.id, term="2026-01-01", sequence=1, kind="ordinary",
            code="A", granted=True, amount_ore=1, automatic=True, inputs="{}", trace="{}", facts="{}",
            rulebook_version="1", rulebook_hash="0", decided_at=at,
        )  # fmt: skip
        add("cases_letter", case_id=row, kind="k", language="nb", state="queued", attempts=0, failure="", queued_at=at,
            html="")  # fmt: skip
        add("cases_appeal", case_id=row, decision_id=decision, text="t", received_at=at, deadline_on="2026-02-01",
            late=False, late_reason="", channel="digital", idempotency_key="", state="received", clarification="",
            outcome_reason="")  # fmt: skip
        add("cases_payment", case_id=row, decision_id=decision, kind="ordinary", amount_ore=1, pay_on="2026-01-20",
            account="", state="ordered", ordered_at=at)  # fmt: skip
    return case


def test_with_nobody_acting_there_is_no_row_at_all(three):
    a_citizens_browser(1)  # a session, so that there is one to hide
    service.start_draft  # noqa: B018 - the door that other tests go through
    with as_the_web() as cursor:
        assert everything(cursor) == 0


def test_a_municipality_has_its_own_cases_and_their_rows_and_no_others(three):
    with as_the_web(staff("municipality_caseworker")) as cursor:
        assert ids(cursor, "cases_case", "id") == {three["here"].id}
        for table in _OF_CASES:
            assert ids(cursor, table) == {three["here"].id}, table
    with as_the_web(staff("municipality_leader", number=STAVANGER)) as cursor:
        assert ids(cursor, "cases_case", "id") == {three["there"].id}


def test_the_strictly_protected_are_there_for_the_cleared_alone(three):
    with as_the_web(staff("municipality_leader", "municipality_caseworker", "counter")) as cursor:
        assert three["hidden"].id not in ids(cursor, "cases_case", "id")
    with as_the_web(staff("agency_leader")) as cursor:
        assert ids(cursor, "cases_case", "id") == {three["here"].id, three["there"].id}
    with as_the_web(staff("agency_caseworker", "protected_caseworker")) as cursor:
        assert ids(cursor, "cases_case", "id") == {case.id for case in three.values()}


def test_an_agency_has_the_cases_of_its_own_services(three):
    stranger = attrs.evolve(staff("agency_leader"), org_no="974760673")
    with as_the_web(stranger) as cursor:
        assert ids(cursor, "cases_case", "id") == set()
        assert all(ids(cursor, table) == set() for table in _OF_CASES)


def test_a_citizen_has_the_own_rows_and_those_of_the_one_acted_for(three):
    with as_the_web(a_citizen(1)) as cursor:
        assert ids(cursor, "cases_case", "id") == {three["here"].id}
        for table in _OF_CASES:
            assert ids(cursor, table) == {three["here"].id}, table
    with as_the_web(a_citizen(1, on_behalf_of=a_person(2))) as cursor:
        assert ids(cursor, "cases_case", "id") == {three["here"].id, three["there"].id}


def test_who_decides_together_has_no_case(three):
    with as_the_web(staff("ks_coordinator")) as cursor:
        assert ids(cursor, "cases_case", "id") == set()


@pytest.mark.parametrize("table", _OF_CASES)
def test_what_is_anothers_is_neither_changed_nor_deleted(three, table):
    with as_the_web(staff("municipality_caseworker")) as cursor:
        cursor.execute(
            f"UPDATE {table} SET case_id = case_id WHERE case_id <> %s", [three["here"].id]
        )
        assert cursor.rowcount == 0
        cursor.execute(f"DELETE FROM {table} WHERE case_id <> %s", [three["here"].id])
        assert cursor.rowcount == 0


def test_writing_over_the_border_is_refused(three):
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with as_the_web(staff("municipality_caseworker")) as cursor:
        with refused, transaction.atomic():  # into another municipality's case
            cursor.execute(
                "INSERT INTO cases_message (id, case_id, sender, receiver, text, idempotency_key, sent_at) "
                "VALUES (%s, %s, 'municipality', 'applicant', 't', '', now())",
                [new_id(), three["there"].id],
            )
        with refused, transaction.atomic():  # one's own case away to another
            cursor.execute(
                "UPDATE cases_case SET municipality_id = %s WHERE id = %s",
                [municipality_id(STAVANGER), three["here"].id],
            )
    with (
        as_the_web(a_citizen(1)) as cursor,
        refused,
        transaction.atomic(),
    ):  # a draft in another's name
        cursor.execute(
            "INSERT INTO cases_draft (id, person_id, package_id, package_version, package_sha256, answers, "
            "field_revisions, facts, position, protection, protection_session, reasons, language, revision, "
            "started_at, saved_at, expires_at) VALUES (%s, %s, 'ferry', '1', '0', '{}', '{}', '{}', '{}', 'unknown', "
            "'', '{}', 'nb', 1, now(), now(), now())",
            [new_id(), a_person(2)],
        )


def test_a_job_sees_all_and_still_has_no_way_past_a_policy(three):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE samspill_job")
        try:
            assert ids(cursor, "cases_case", "id") == {case.id for case in three.values()}
            cursor.execute(
                "SET row_security = off"
            )  # "rather fail than filter": a job may, an owner would bypass
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                cursor.execute("SELECT 1 FROM cases_case")
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("RESET row_security")


def test_no_request_finds_what_the_one_before_it_said(three):
    """One connection, kept: an employee, then nobody, then a citizen, then an employee of another municipality."""
    said: list[tuple] = []

    def look(at: str) -> None:
        names = (
            "person",
            "persons",
            "municipality",
            "packages",
            "organisation",
            "cleared",
            "scope",
        )
        values = _asked(
            "SELECT "
            + ", ".join(f"coalesce(current_setting('samspill.{n}', true), '')" for n in names)
        )
        said.append((at, *values[0]))

    here = a_browser("municipality_caseworker", "protected_caseworker")
    there = a_browser("municipality_caseworker", number=STAVANGER, serial=903)
    mine = a_citizens_browser(1)
    from django.test import Client

    for name, browser, path in (
        ("here", here, "/arbeid/"), ("nobody", Client(), "/"), ("mine", mine, "/min-side/"),
        ("nobody", Client(), "/"), ("there", there, "/arbeid/"), ("nobody", Client(), "/"),
    ):  # fmt: skip
        assert browser.get(path).status_code == 200
        look(name)
    empty = ("",) * 7
    assert [tuple(rest) for at, *rest in said if at == "nobody"] == [empty] * 3
    by = {at: rest for at, *rest in said}
    assert by["mine"][1] == f"{{{a_person(1)}}}"
    assert by["mine"][2:] == [""] * 5
    assert by["there"][2] == str(municipality_id(STAVANGER))
    assert by["there"][5] == ""


def test_a_wider_question_is_closed_again_also_when_it_fails(three):
    with as_the_web(a_citizen(1)) as cursor:
        with isolation.wider("denied"):
            assert len(ids(cursor, "cases_case", "id")) == 3
        with pytest.raises(ZeroDivisionError), isolation.wider("denied"):
            _ = 1 / 0
        assert ids(cursor, "cases_case", "id") == {three["here"].id}
        with pytest.raises(ProgrammingError), transaction.atomic(), isolation.wider("denied"):
            cursor.execute("SELECT nonsense FROM cases_case")
        assert ids(cursor, "cases_case", "id") == {three["here"].id}


def test_the_story_of_a_case_is_read_by_who_sees_the_case(three):
    for case in three.values():
        told = events.CaseOpened(
            case_id=case.id, package_id=case.package_id, package_version=case.package_version,
            role="municipality_caseworker", municipality_id=case.municipality_id,
        )  # fmt: skip
        log.append(told, actor=ANONYMOUS)
    for actor, found in (
        (staff("municipality_caseworker"), {"here"}), (a_citizen(2), {"there"}), (ANONYMOUS, set()),
        (staff("agency_caseworker", "protected_caseworker"), set(three)),
    ):  # fmt: skip
        with as_the_web(actor) as cursor:
            assert ids(cursor, "infra_event", "key") == {three[name].id for name in found}
            assert {name for name in three if log.story(three[name].id)} == found


def test_the_frame_of_the_database_holds_all_that_the_services_show(three):
    """What `scope.visible` gives is within what the policies let through: no list is silently cut."""
    for actor in (
        staff("municipality_caseworker"), staff("municipality_leader", number=STAVANGER), staff("agency_leader"),
        staff("agency_caseworker", "protected_caseworker"), staff("municipality_caseworker", "protected_caseworker"),
        staff("protected_caseworker", org_no=OWNER),
    ):  # fmt: skip
        shown = set(scope.visible(actor).values_list("id", flat=True))
        with as_the_web(actor):
            assert set(scope.visible(actor).values_list("id", flat=True)) == shown, actor.roles
