"""The keys of national numbers are changed while people log in, and stopping anywhere does no harm."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from samspill.identity import service
from samspill.identity.models import NumberHash, Person, Session
from samspill.identity.tests.test_persons import numbers
from samspill.infra import clock
from samspill.infra.encryption import keyring, values
from samspill.infra.encryption.keyring import KeyringError
from samspill.kernel.actor import system
from samspill.registers.models import RegisterReply
from samspill.site.cli import main

NOW = dt.timedelta(0)
MIGRATION = importlib.import_module("samspill.identity.migrations.0002_numbers_encrypted")


@pytest.fixture(autouse=True)
def keys(tmp_path, settings):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path}
    keyring.ring()
    return tmp_path


def step(**how) -> str:
    return service.rotate_number_keys(wait=NOW, **how).step


def read_all(people) -> list[str]:
    found = service.national_ids_of(people.values(), actor=system("test"), purpose="test")
    return sorted(number.value for number in found.values())


def a_reply(person_id) -> None:
    now = clock.now()
    RegisterReply.objects.create(
        person_id=person_id, package_id="p", register="nav.benefits", asked="x", data={"a": 1},
        source="NAV", sha256="0" * 64, fetched_at=now, expires_at=now + dt.timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.django_db
class TestRotation:
    def test_three_steps_change_both_keys_and_everybody_is_found_all_the_way(self) -> None:
        people = service.person_ids_for(numbers(20))
        a_reply(next(iter(people.values())))
        old = keyring.ring()
        for done in ("published", "signing", "retired"):
            assert step() == done
            assert service.person_ids_for(people) == people
            assert read_all(people) == sorted(number.value for number in people)
            assert RegisterReply.objects.get().data == {"a": 1}
        new = keyring.ring()
        assert not set(new.keys) & set(old.keys)
        assert {values.key_of(one.number) for one in Person.objects.all()} == {new.writes.id}
        assert set(NumberHash.objects.values_list("key", flat=True)) == {new.hashing[0].id}
        assert NumberHash.objects.count() == Person.objects.count() == 20
        assert not (keyring.key_file().parent / "numbers.keys.rotation.json").exists()

    def test_the_next_step_waits_until_everybody_has_read_the_file(self) -> None:
        waits = [service.rotate_number_keys().step for _ in range(2)]
        assert waits == ["published", "waiting"]
        assert len(keyring.ring().encrypting) == 2

    def test_a_person_whom_a_process_with_the_old_file_made_is_found_and_filled_in(self) -> None:
        old = keyring.ring()
        step()
        both = keyring.ring()
        keyring.use_source(_Fixed(old))
        try:
            people = service.person_ids_for(numbers(5))
        finally:
            keyring.use_source(None)
        assert service.person_ids_for(people) == people
        assert Person.objects.count() == 5
        step()
        assert NumberHash.objects.filter(key=both.hashing[1].id).count() == 5

    def test_status_counts_rows_under_each_key_and_names_one_that_is_missing(self) -> None:
        service.person_ids_for(numbers(3))
        found = {(one.use, one.state): one.rows for one in service.key_status()}
        assert found == {
            ("encrypt", "writes"): {"identity_person.number": 3},
            ("hash", "writes"): {"identity_number_hash.hash": 3},
        }
        keyring.key_file().unlink()
        states = {(one.use, one.state): sum(one.rows.values()) for one in service.key_status()}
        assert states[("encrypt", "missing")] == states[("hash", "missing")] == 3

    def test_a_file_that_a_key_service_mounts_is_followed_and_not_written(self) -> None:
        people = service.person_ids_for(numbers(4))
        old = keyring.ring()
        new = [keyring.new_key("encrypt"), keyring.new_key("hash")]
        keyring.replace_file(keyring.key_file(), [*new, *old.keys])
        assert service.bring_rows() == 8
        assert service.bring_rows() == 0
        keyring.replace_file(keyring.key_file(), new)
        assert service.person_ids_for(people) == people
        assert read_all(people) == sorted(number.value for number in people)

    def test_the_command_tells_the_step_and_the_rows(self, capsys) -> None:
        service.person_ids_for(numbers(2))
        assert main(["keys", "status"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["state"] for line in lines] == ["writes", "writes"]
        assert lines[0]["rows"] == {"identity_person.number": 2}
        keyring.key_file().write_text("nothing\n")
        assert main(["keys", "status"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "key_file"
        assert main(["keys", "make"]) == 2


class _Fixed:
    def __init__(self, ring) -> None:
        self._ring = ring

    def ring(self):
        return self._ring


@pytest.mark.django_db
class TestRows:
    def test_a_number_that_was_copied_to_another_row_does_not_open(self) -> None:
        one, other = service.person_ids_for(numbers(2)).values()
        copied = Person.objects.get(pk=one).number
        Person.objects.filter(pk=other).update(number=copied)
        with pytest.raises(values.NotOpened):
            service.national_id_of(other, actor=system("test"), purpose="test")

    def test_the_migration_encrypts_what_stands(self) -> None:
        people = service.person_ids_for(numbers(3))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE identity_person DROP CONSTRAINT identity_person_encrypted")
            cursor.execute("ALTER TABLE identity_person ADD national_id varchar(11)")
            for number, person_id in people.items():
                cursor.execute(
                    "UPDATE identity_person SET number = '', national_id = %s WHERE id = %s",
                    [number.value, person_id],
                )
            cursor.execute("DELETE FROM identity_number_hash")
        MIGRATION._AT_A_TIME, before = 2, MIGRATION._AT_A_TIME
        try:
            with connection.schema_editor() as editor:
                MIGRATION.encrypt(None, editor)
        finally:
            MIGRATION._AT_A_TIME = before
        assert service.person_ids_for(people) == people
        assert read_all(people) == sorted(number.value for number in people)

    def test_the_id_token_is_kept_for_log_out_and_not_as_it_is(self) -> None:
        session = Session.objects.create(
            token_hash="x", person_id=service.person_for(numbers(1)[0]), profile="citizen", level="high",
            issuer="i", subject="s", id_token="header.body.sign", started_at=clock.now(), last_seen_at=clock.now(),
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT id_token FROM identity_session")
            assert "body" not in cursor.fetchone()[0]
        session.refresh_from_db()
        assert session.id_token == "header.body.sign"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_people_log_in_for_the_first_time_through_all_of_a_rotation(self) -> None:
        many, made, faults = numbers(40), [], []
        stop = threading.Event()

        def log_in(shift: int) -> None:
            try:
                while not stop.is_set():
                    for at in range(40):
                        number = many[(at + shift) % 40]
                        made.append((number.value, service.person_for(number)))
            except Exception as error:  # noqa: BLE001 - looked at below
                faults.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=log_in, args=(shift,)) for shift in (0, 3)]
        for thread in threads:
            thread.start()
        try:
            steps = [step() for _ in range(3)]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert faults == []
        assert steps == ["published", "signing", "retired"]
        assert len(set(made)) == len({number for number, _ in made}), "one person for each number"
        assert service.bring_rows() == 0

    def test_kill_9_in_the_middle_and_run_again(self, keys) -> None:
        people = service.person_ids_for(numbers(60))
        _multiply(2500)
        step()
        line = [sys.executable, "-m", "samspill.site.cli", "keys", "rotate", "--wait-hours", "0"]
        with subprocess.Popen(
            line, env=_environment(keys), stderr=subprocess.PIPE, text=True
        ) as process:
            for told in process.stderr:
                if told.startswith("identity_person.number"):
                    process.send_signal(signal.SIGKILL)
                    break
        under = {values.key_of(one.number) for one in Person.objects.all()}
        assert len(under) == 2, "it was stopped in the middle"
        assert service.person_ids_for(people) == people
        assert step() == "retired"
        assert service.bring_rows() == 0
        assert {values.key_of(one.number) for one in Person.objects.all()} == {
            keyring.ring().writes.id
        }
        assert read_all(people) == sorted(number.value for number in people)

    def test_one_rotation_goes_on_at_a_time(self) -> None:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtext('samspill number keys'))")
                held.set()
                done.wait(20)
            connection.close()

        thread = threading.Thread(target=hold)
        thread.start()
        try:
            assert held.wait(20)
            with pytest.raises(KeyringError, match="Somebody else"):
                step()
        finally:
            done.set()
            thread.join()


def _multiply(count: int) -> None:
    """Store more persons, quickly, with made-up numbers of their own."""
    ring, made = keyring.ring(), []
    for at in range(count):
        person = Person(number="", created_at=clock.now())
        number = f"{10000000000 + at}"
        person.number = values.encrypt(number, bound_to=Person.bound_to(person.id))
        made.append((person, values.keyed_hash(number, key=ring.hashing[0])))
    Person.objects.bulk_create(person for person, _ in made)
    NumberHash.objects.bulk_create(
        NumberHash(hash=hashed, key=ring.hashing[0].id, person=person) for person, hashed in made
    )


def _environment(keys) -> dict[str, str]:
    database = connection.settings_dict
    options = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    if database.get("PORT"):
        options += f"&port={database['PORT']}"
    return {
        **os.environ, "DATABASE_URL": options, "SAMSPILL_KEYS": str(keys), "SAMSPILL_ENV": "local",
        "DJANGO_SETTINGS_MODULE": "samspill.site.settings",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_plain_number_in_the_table_of_hashes_is_refused() -> None:
    person_id = service.person_for(numbers(1)[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        NumberHash.objects.create(hash=b"01810112345", key="x", person_id=person_id)
