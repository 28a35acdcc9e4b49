"""No identity number stands as it is in any column of any table, nor in a stored file of text.

A whole scenario is walked: a draft with a household, sent, amended, a paper form, messages in which somebody writes a
number, a mandate, the month's run, letters, a login. Then every column of every table is looked through, those of the
job queue too, and every file.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from samspill.cases import service as cases
from samspill.cases.models import (
    Amendment,
    Application,
    Case,
    Decision,
    Draft,
    Finding,
    HandOver,
    Incident,
    Letter,
    Message,
    Opening,
)
from samspill.cases.service import letters
from samspill.cases.tests.builders import ANSWERS, a_citizen, a_member, a_number, allotment, known
from samspill.cases.tests.term_builders import AUGUST, a_case, earn, ferry, run_day
from samspill.identity import sessions
from samspill.identity.domain import Claims
from samspill.identity.models import Session
from samspill.infra import clock
from samspill.infra.encryption import hiding
from samspill.infra.models import LookReport, OwnDataRequest, StoredFile
from samspill.mandates.models import Block
from samspill.mandates.tests import builders as mandates
from samspill.registers.models import RegisterReply
from samspill.site.tests import test_nothing_leaks as journey

__all__ = ["allotment", "ferry", "known", "run_day"]
pytestmark = pytest.mark.django_db
PEOPLE = range(1, 31)
STAFF = (900, 901, 908, 909)
#: Columns in which a number may stand as it is. There are none.
DECLARED: frozenset[str] = frozenset()


def seeded() -> list[str]:
    both = [*(a_number(n).value for n in (*PEOPLE, *STAFF))]
    return both + [mandates.number(n).value for n in PEOPLE]


def looks_like_one_of(numbers: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"{n[:6]} ?{n[6:]}" for n in numbers))


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        )
        return [row[0] for row in cursor.fetchall()]


def plain_columns(numbers: list[str]) -> set[str]:
    """Give `table.column` wherever one of the numbers can be read, in bytes as well."""
    sought, found = looks_like_one_of(numbers), set()
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            for (row,) in cursor.fetchall():
                if "\\\\x" not in row and not sought.search(row):
                    continue
                for column, value in json.loads(row).items():
                    text = json.dumps(value, ensure_ascii=False)
                    if isinstance(value, str) and value.startswith("\\x"):
                        text = bytes.fromhex(value[2:]).decode("latin-1")
                    if sought.search(text):
                        found.add(f"{table}.{column}")
    return found


def plain_files(numbers: list[str]) -> list[str]:
    sought, found = looks_like_one_of(numbers), []
    for stored in StoredFile.objects.filter(deleted_at__isnull=True):
        path = Path(settings.SAMSPILL["files"]) / stored.sha256[:2] / stored.sha256
        if sought.search(path.read_bytes().decode("latin-1")):
            found.append(stored.media_type)
    return found


def a_household(known) -> Case:
    """Write a draft with others in the household, send it, and change it afterwards."""
    number = a_number(2).value
    known.know(1, members=(a_member(2), a_member(5)))
    view = cases.start_draft(a_citizen(1), package_id="allotment")
    members = [{**one, "gardens": False} for one in view.answers["members"]]
    saved = cases.save_fields(
        a_citizen(1), draft_id=view.id, revision=view.revision,
        values={**ANSWERS, "members": members, "note": f"Per er {number[:6]} {number[6:]}"},
    )  # fmt: skip
    assert isinstance(saved, cases.DraftView)
    assert number in str(Draft.objects.get().answers), "shown to those who may see it"
    assert plain_columns(seeded()) == DECLARED
    sent = cases.submit(
        a_citizen(1), draft_id=view.id, idempotency_key="k", declared={"truth": True}
    )
    assert isinstance(sent, cases.Receipt)
    cases.change_answers(
        a_citizen(1), case_id=view.id, values={"note": f"Per er {a_number(5).value}"}, reason=number
    )
    return Case.objects.get(id=view.id)


def a_month(ferry, known) -> None:
    """Decide a month's cases, and make their letters."""
    case = a_case(ferry, known, serial=7, answers={"note": a_number(8).value})
    earn(known, 7, 2000)
    known.replies["skatteetaten.income"][a_number(7).value]["asked"] = a_number(7).value
    summary = cases.run_term("ferry", AUGUST)
    assert summary.decided
    letters.make_queued()
    assert a_number(7).value in str(Decision.objects.get(case=case).facts)


def a_login() -> None:
    number = a_number(9).value
    claims = Claims("https://id", "somebody", "", "high", None, "Kari", ())
    sessions.begin(
        profile="citizen", person_id=a_citizen(9).person_id, claims=claims, units=[], id_token=f"h.{number}.s"
    )  # fmt: skip
    assert number in Session.objects.get(subject="somebody").id_token


def what_is_written_about_looks(case: Case) -> None:
    """Let people write a number wherever a text about a look, a copy or a mandate can be written."""
    text, now, me = f"det gjelder {a_number(3).value} her", clock.now(), uuid.uuid4()
    Opening.objects.create(
        case=case, employee_id=me, org_no="964338531", reason=text, question=text, answer=text,
        opened_at=now, until=now,
    )  # fmt: skip
    HandOver.objects.create(
        case=case, to_employee=me, by_employee=me, org_no="964338531", why=text, at=now
    )
    Finding.objects.create(
        rule="r", org_no="964338531", day=now.date(), key="k", made_at=now, state="acted",
        reason=text, looked_by=me, looked_at=now,
    )  # fmt: skip
    Incident.objects.create(
        case=case, org_no="964338531", at=now, state="done", note=text, done_by=me, done_at=now
    )
    LookReport.objects.create(
        entry_id=1, subject_id=me, protected=False, text=text, reported_at=now, answer=text,
        answered_by=me, answered_at=now,
    )  # fmt: skip
    OwnDataRequest.objects.create(
        subject_id=me, reason=text, language="nb", asked_at=now, state="gone"
    )
    Block.objects.create(person_id=a_citizen(9).person_id, blocked=True, at=now, reason=text)
    assert Opening.objects.get().question == Block.objects.get().reason == text


def a_reply() -> None:
    """Keep what a register said, which may name others."""
    RegisterReply.objects.create(
        person_id=a_citizen(9).person_id, package_id="ferry", register="nav.benefits", asked="x",
        data={"partner": a_number(10).value}, source="NAV", sha256="0" * 64,
        fetched_at=clock.now(), expires_at=clock.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    assert RegisterReply.objects.get().data == {"partner": a_number(10).value}


@pytest.mark.usefixtures("allotment", "run_day")
def test_no_column_and_no_file_holds_an_identity_number(ferry, known) -> None:
    case = a_household(known)
    journey.at_the_counter(known)
    kari = journey.a_citizens_browser(1)
    kari.post(f"/min-side/sak/{case.id}/melding/", {"text": f"om {a_number(2).value}", "key": "m"})
    a_month(ferry, known)
    people = mandates.Register()
    for serial in (1, 2):
        people.know(serial)
    known.replies[mandates.NAME] = people.replies
    mandates.a_mandate()
    what_is_written_about_looks(case)
    a_login()
    a_reply()
    # The scenario did what it says: the numbers are there, for those who may see them.
    assert a_number(2).value in str(Application.objects.get(case=case).answers)
    assert a_number(5).value in str(Amendment.objects.get(case=case).after)
    assert a_number(2).value in Message.objects.get(case=case).text
    assert Letter.objects.exclude(html="").exists()
    assert StoredFile.objects.exists()
    assert plain_columns(seeded()) == DECLARED
    assert plain_files(seeded()) == []


def test_the_search_finds_a_number_in_text_in_json_in_bytes_and_in_the_queue() -> None:
    number = a_number(1).value
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE marked (a text, b jsonb, c bytea, d text)")
        cursor.execute(
            "INSERT INTO marked VALUES (%s, %s::jsonb, %s, 'nothing')",
            [f"x{number[:6]} {number[6:]}", json.dumps({"n": [number]}), number.encode()],
        )
    found = plain_columns([number])
    assert found == {"marked.a", "marked.b", "marked.c"}
    assert {"procrastinate_jobs", "infra_event", "infra_access_entry"} <= set(tables())


def test_texts_from_before_a_column_hid_numbers_are_hidden_once() -> None:
    number, now = a_number(1).value, clock.now()
    for n, text in enumerate((f"om {number}", "om 17", f"{number[:6]} {number[6:]} og {number}")):
        row = LookReport.objects.create(
            entry_id=n, subject_id=uuid.uuid4(), protected=False, text="", reported_at=now
        )
        with connection.cursor() as cursor:
            cursor.execute("UPDATE infra_look_report SET text = %s WHERE id = %s", [text, row.id])
    columns = {"infra_look_report": ("text", "answer")}
    assert plain_columns([number]) == {"infra_look_report.text"}
    assert hiding.hide_texts(connection, columns) == 2
    assert plain_columns([number]) == set()
    assert f"om {number}" in set(LookReport.objects.values_list("text", flat=True))
    assert hiding.hide_texts(connection, columns) == 0


def test_why_somebody_was_shut_is_hidden_too_although_the_row_is_kept_unchanged() -> None:
    number, person = a_number(1).value, mandates.person(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mandates_block (id, person_id, blocked, at, by_org_no, reason) VALUES (%s, %s, true, %s, '', %s)",
            [uuid.uuid4(), person, clock.now(), f"om {number}"],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    migration = importlib.import_module("samspill.mandates.migrations.0005_texts_hidden")
    migration.hide(None, SimpleNamespace(connection=connection))
    assert plain_columns([number]) == set()
    assert Block.objects.get(person_id=person).reason == f"om {number}"
    with pytest.raises(IntegrityError, match="never changed"):
        Block.objects.update(reason="")
