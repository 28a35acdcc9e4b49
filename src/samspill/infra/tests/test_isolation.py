"""Events, files and requests for one's own data as the database itself gives them to the web's role."""

from __future__ import annotations

import importlib
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from samspill.infra import clock, events, files
from samspill.infra.models import OwnDataRequest, StoredFile
from samspill.infra.tests.restricted import as_the_web, asked
from samspill.infra.tests.test_waiting import BellRung
from samspill.kernel.actor import ANONYMOUS, Actor

pytestmark = pytest.mark.django_db


def citizen(serial: int) -> Actor:
    return Actor(kind="citizen", person_id=uuid.UUID(int=serial), level="high")


def employee(serial: int) -> Actor:
    return Actor(kind="employee", person_id=uuid.UUID(int=serial), org_no="942110464", level="high")


@pytest.mark.parametrize("actor", [ANONYMOUS, citizen(1), employee(1)], ids=["nobody", "citizen", "employee"])  # fmt: skip
def test_events_are_written_by_everybody_and_read_by_the_jobs(actor: Actor):
    key = uuid.uuid4()
    with as_the_web(actor) as cursor:
        events.append(BellRung(case_id=key), actor=actor)
        assert asked(cursor, "SELECT id FROM infra_event") == set()
        assert events.story(key) == []
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("DELETE FROM infra_event")
        cursor.execute("SET ROLE samspill_job")
        assert [event.type for event in events.story(key)] == ["BellRung"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(settings.SAMSPILL, "files", str(tmp_path))
    return tmp_path


def kept(serial: int, content: bytes = b"the same") -> StoredFile:
    owner = uuid.UUID(int=serial)
    return files.keep(content, filename="a.pdf", media_type="application/pdf", owner_id=owner)


def test_files_are_their_owners_and_are_given_by_their_id(folder: Path):
    mine, other = kept(1), kept(2, b"another")
    with as_the_web(citizen(1)) as cursor:
        assert asked(cursor, "SELECT id FROM infra_file") == {mine.id}
        cursor.execute("UPDATE infra_file SET deleted_at = now() WHERE id = %s", [other.id])
        assert cursor.rowcount == 0
    with as_the_web(employee(3)) as cursor:  # led there by a row of a case
        assert asked(cursor, "SELECT id FROM infra_file") == set()
        assert files.read(mine.id, actor=employee(3), purpose="test")[1] == b"the same"
        with pytest.raises(StoredFile.DoesNotExist):
            files.read(uuid.uuid4(), actor=employee(3), purpose="test")


def test_taking_a_file_away_leaves_what_somebody_elses_row_refers_to(folder: Path):
    mine, other = kept(1), kept(2)
    with as_the_web(citizen(1)):
        files.forget(mine.id)
        with pytest.raises(StoredFile.DoesNotExist):
            files.read(mine.id, actor=citizen(1), purpose="test")
    with as_the_web(citizen(2)):
        assert files.read(other.id, actor=citizen(2), purpose="test")[1] == b"the same"
        files.forget(other.id)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_request_for_ones_own_data_is_seen_by_who_made_it():
    def asked_for(serial: int, by: int | None) -> uuid.UUID:
        row = OwnDataRequest.objects.create(
            subject_id=uuid.UUID(int=serial), asked_by=by and uuid.UUID(int=by), reason="no e-ID" if by else "",
            language="nb", asked_at=clock.now(),
        )  # fmt: skip
        return row.id

    own, at_counter, _others = asked_for(1, None), asked_for(1, 3), asked_for(2, None)
    for actor, found in ((citizen(1), {own}), (employee(3), {at_counter}), (ANONYMOUS, set())):
        with as_the_web(actor) as cursor:
            assert asked(cursor, "SELECT id FROM infra_own_data_request") == found


def test_an_owner_who_may_only_give_the_roles_away_gives_them_to_itself():
    """So it is where PostgreSQL 16 or later let an owner who is no superuser make them (docs/run/upgrade.md)."""
    takes = importlib.import_module("samspill.infra.migrations.0010_texts_hidden")._OURS
    with connection.cursor() as cursor:
        if connection.cursor().connection.info.server_version < 160000:
            pytest.skip("before 16 there is no right to give away without being it")
        cursor.execute(
            "CREATE ROLE trial_owner NOLOGIN CREATEROLE; "
            "GRANT samspill_app, samspill_job TO trial_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; "
            "SET LOCAL ROLE trial_owner"
        )
        may = "SELECT pg_has_role('samspill_job', 'SET') AND pg_has_role('samspill_job', 'USAGE')"
        cursor.execute(may)
        assert cursor.fetchone() == (False,)
        for _ in range(2):  # again it changes nothing
            cursor.execute(takes)
            cursor.execute(may)
            assert cursor.fetchone() == (True,)
        cursor.execute("RESET ROLE")


def test_no_migration_uses_a_word_that_postgresql_15_refuses():
    """`SET` as a right of its own came with 16; older servers stop at the word, so it is asked of the newer alone."""
    there = Path(settings.ROOT).parent.glob("*/migrations/*.py")
    asking = [path for path in there if "pg_has_role(" in path.read_text()]
    assert asking
    for path in asking:
        for one in path.read_text().split("THEN pg_has_role(")[0].split("pg_has_role(")[1:]:
            assert "'SET'" not in one.partition(")")[0], path.name
