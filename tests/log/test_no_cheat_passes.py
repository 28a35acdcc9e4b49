"""What an administrator could do to the log, done to it: in the real database, with the triggers off.

Each is found by the verifier that everybody has, on the exported files, and by `samspill log check`.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import InternalError, connection, connections, transaction
from django.db.utils import IntegrityError

from samspill.infra import access_log, clock
from samspill.infra.proof import (
    checking,
    export,
    forgetting,
    keys,
    offline,
    receipt,
    sealing,
    tree,
)
from samspill.kernel.actor import Actor, system

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
ME, CASEWORKER = uuid.uuid4(), uuid.uuid4()


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "keys"}


def look(purpose: str = "handle the case", **rest: object) -> None:
    employee = Actor(
        kind="employee", person_id=CASEWORKER, org_no="942110464",
        roles=frozenset({"municipality_caseworker"}), request_id="abc",
    )  # fmt: skip
    access_log.record(actor=employee, action="read", purpose=purpose, subject_id=ME, **rest)


@pytest.fixture
def log() -> list[int]:
    """Twenty events under three checkpoints; returns their numbers."""
    for minute, count in enumerate((7, 1, 12)):
        with clock.frozen(START + dt.timedelta(minutes=minute)):
            for _ in range(count):
                look(detail={"n": 'a "quote",\ta tab and \\'})
            assert sealing.seal_all() == count
    return numbers()


def numbers() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id FROM infra_log_leaf ORDER BY position")
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def somebody_writes() -> Iterator[None]:
    """Hold the lock of one that writes to the log, on another connection."""
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE infra_access_entry IN ROW EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def drawn_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('infra_access_entry_id_seq')")
        return cursor.fetchone()[0]


def put_in(number: int) -> None:
    """Add an event of this number: the last one there is, with another number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_access_entry SELECT (jsonb_populate_record(e, "
            "jsonb_build_object('id', %s))).* FROM infra_access_entry e ORDER BY id DESC LIMIT 1",
            [number],
        )


@contextmanager
def as_administrator() -> Iterator[Callable[..., None]]:
    """A superuser for whom no trigger and no foreign key holds."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor.execute
        cursor.execute("SET session_replication_role = origin")


def verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What the stand-alone verifier says of the exported log: "ok", or the fault's code and place."""
    export.to_folder(tmp_path / "log")
    capsys.readouterr()
    code = offline.main(["log", str(tmp_path / "log"), *options])
    said = json.loads(capsys.readouterr().out)
    found = checking.check()
    if code == 0:
        assert found.fault is None or options
        return "ok"
    assert code == 1
    if not options:
        assert found.fault == said["fault"]
    return f"{said['fault']['code']}: {said['fault']['where']}"


def test_any_text_is_sealed_as_it_is_opened(tmp_path, capsys):
    """PostgreSQL writes the sealer's texts, Python those that are exported: both are the same bytes."""
    for at, odd in enumerate(
        ('"', "\\", "\x04\x1f\x7f\t\n\b\f\r", "</a>&'", "æøå 𝔸\u2028\ufeff", "%s{}")
    ):
        look(purpose=f"why {odd}", fields=(odd, "income"), detail={odd: [at, 1.5, None]})
    assert sealing.seal_all() == 6
    assert verdict(tmp_path, capsys) == "ok"


def test_a_text_that_holds_what_stands_between_the_sealer_s_texts_is_sealed_as_it_is(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sealing, "_PORTION", 2)
    for mark in ("\x01", "\x02", "\x03", "\x01\x02\x03"):
        look(purpose=f"before{mark}after", legal_basis=mark)
        look()
        look(case_id=uuid.uuid4())
    assert sealing.seal_all() == 12
    assert numbers() == sorted(numbers())
    assert verdict(tmp_path, capsys) == "ok"


def test_portions_and_blocks_make_one_tree(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sealing, "_PORTION", 3)
    monkeypatch.setattr(sealing, "BLOCK", 7)
    for count in (5, 34):
        for _ in range(count):
            look()
        assert sealing.seal_all() == count
    sizes = [one.checkpoint.size for one in sealing.latest(9)]
    assert sizes == [39, 33, 26, 19, 12, 5]
    assert verdict(tmp_path, capsys) == "ok"


def test_what_is_finished_is_sealed_beside_a_slow_writer_whose_number_is_taken_last(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sealing, "_WAIT_S", 0.0)
    look()
    sealing.seal_all()
    before = sealing.last()
    with somebody_writes():
        late = drawn_number()
        for _ in range(3):
            look()
        assert sealing.seal_all() == 3
        assert sealing.seal_all() == 0
        held = sealing.last()
        assert (held.through, held.absent) == (before.through, before.absent)
        put_in(late)
    drawn_number()  # of one that is rolled back
    look()
    assert sealing.seal_all() == 2
    assert numbers() == [late - 1, *range(late + 1, late + 4), late, late + 5]
    assert (sealing.last().through, sealing.last().absent) == (late + 5, before.absent + 1)
    assert verdict(tmp_path, capsys) == "ok"


def test_an_honest_log_holds(log, tmp_path, capsys):
    assert verdict(tmp_path, capsys) == "ok"
    assert checking.check().holds == {
        "ok": True, "leaves": 20, "checkpoints": 3, "deleted": 0, "signed_at": "2026-11-22T12:02:00Z",
        "not_yet_signed": 0, "absent": sealing.last().absent,
    }  # fmt: skip
    look()
    assert verdict(tmp_path, capsys) == "ok", "what is not sealed yet is no fault"


@pytest.mark.parametrize(
    "change",
    ["purpose = 'something else'", "at = at - interval '1 second'", "outcome = 'deny'",
     "actor_id = gen_random_uuid()", "actor_roles = '[]'", "subject_id = NULL", "detail = '{}'"],
)  # fmt: skip
def test_a_changed_field_is_found(log, tmp_path, capsys, change):
    with as_administrator() as run:
        run(f"UPDATE infra_access_entry SET {change} WHERE id = %s", [log[4]])
    assert verdict(tmp_path, capsys) == f"changed: event {log[4]}"


def test_a_removed_row_is_found(log, tmp_path, capsys):
    with as_administrator() as run:
        run("DELETE FROM infra_access_entry WHERE id = %s", [log[4]])
    assert verdict(tmp_path, capsys) == f"removed: event {log[4]}"
    with as_administrator() as run:
        run("UPDATE infra_log_leaf SET salt = NULL WHERE entry_id = %s", [log[4]])
    assert verdict(tmp_path, capsys) == f"removed: event {log[4]}"
    with as_administrator() as run:
        run("DELETE FROM infra_log_leaf WHERE entry_id = %s", [log[4]])
    assert verdict(tmp_path, capsys) == "removed: leaf 4"


def test_swapped_rows_are_found(log, tmp_path, capsys):
    with as_administrator() as run:
        run("UPDATE infra_log_leaf SET position = -1 WHERE position = 8")
        run("UPDATE infra_log_leaf SET position = 8 WHERE position = 9")
        run("UPDATE infra_log_leaf SET position = 9 WHERE position = -1")
    assert verdict(tmp_path, capsys) == "forked: checkpoint 20 of 2026-11-22T12:02:00Z"


def test_a_row_put_in_by_hand_is_found(tmp_path, capsys):
    with clock.frozen(START):
        look()
        with transaction.atomic():
            look()
            transaction.set_rollback(True)
        look()
        sealing.seal_all()
    first, last = numbers()
    assert (last - first, sealing.last().absent - first + 1) == (2, 1), "a number without a row"
    assert verdict(tmp_path, capsys) == "ok"
    with as_administrator():
        put_in(first + 1)
    assert verdict(tmp_path, capsys) == f"inserted: event {first + 1}"
    sealing.seal_all()
    assert verdict(tmp_path, capsys) == f"inserted: event {first + 1}", "nor is it sealed later"


def test_a_leaf_put_between_is_found(log, tmp_path, capsys):
    with as_administrator() as run:
        run("UPDATE infra_log_leaf SET position = -position - 1 WHERE position >= 5")
        run("UPDATE infra_log_leaf SET position = -position WHERE position < 0")
        look()
        run(
            "INSERT INTO infra_log_leaf SELECT 5, (SELECT max(id) FROM infra_access_entry), hash, salt "
            "FROM infra_log_leaf WHERE position = 4"
        )
    assert verdict(tmp_path, capsys).startswith("changed: event")


def test_a_back_dated_row_is_found(log, tmp_path, capsys):
    with clock.frozen(START - dt.timedelta(hours=3)):
        look()
    with clock.frozen(START + dt.timedelta(minutes=9)):
        sealing.seal_all()
    assert verdict(tmp_path, capsys) == f"back_dated: event {numbers()[-1]}"


def test_a_log_made_anew_with_its_own_key_is_found_by_a_kept_checkpoint(log, tmp_path, capsys):
    """The administrator has the key, changes the past and signs it all again: only what was kept outside tells."""
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.last().note)
    with as_administrator() as run:
        run("UPDATE infra_access_entry SET purpose = 'nothing at all' WHERE id = %s", [log[4]])
        run("TRUNCATE infra_log_leaf, infra_log_node, infra_log_checkpoint CASCADE")
    with clock.frozen(START + dt.timedelta(minutes=9)):
        look()
        sealing.seal_all()
    assert verdict(tmp_path, capsys) == "ok", "in itself it is in order"
    expected = "forked: checkpoint 20 of 2026-11-22T12:02:00Z"
    assert verdict(tmp_path, capsys, "--since", str(kept)) == expected
    assert checking.check(kept).fault["code"] == "forked"


def test_two_roots_for_one_size_are_found(log, tmp_path, capsys):
    signer = keys.log_signer()
    other = sealing.last().checkpoint
    text = sealing.Checkpoint(other.origin, other.size, b"x" * 32, other.at).as_text()
    note = sealing.joined(text, [signer.sign(text)])
    with as_administrator() as run:
        run(
            "INSERT INTO infra_log_checkpoint (size, root, at, through, absent, note) "
            "SELECT size, root, at, through, absent, %s FROM infra_log_checkpoint WHERE size = 20",
            [note],
        )
    assert verdict(tmp_path, capsys) == "forked: checkpoint 20 of 2026-11-22T12:02:00Z"


def test_a_truncated_log_is_found(log, tmp_path, capsys):
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.last().note)
    with as_administrator() as run:
        run("DELETE FROM infra_access_entry WHERE id > %s", [log[7]])
        run("DELETE FROM infra_log_leaf WHERE position > 7")
    expected = "truncated: checkpoint 20 of 2026-11-22T12:02:00Z"
    assert verdict(tmp_path, capsys) == expected
    with as_administrator() as run:
        run("DELETE FROM infra_log_checkpoint WHERE size > 8")
    assert verdict(tmp_path, capsys) == "ok", "in itself it is in order"
    assert verdict(tmp_path, capsys, "--since", str(kept)) == expected


def test_a_checkpoint_signed_with_another_key_is_found(log, tmp_path, capsys, settings):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "others"}
    assert verdict(tmp_path, capsys).startswith("not_signed: ")


def test_damaged_nodes_are_found(log):
    with as_administrator() as run:
        run("UPDATE infra_log_node SET hash = sha256('x') WHERE level = 4 AND index = 0")
    assert checking.check().fault["code"] == "node"


@pytest.mark.parametrize(
    "table",
    ["infra_access_entry", "infra_log_leaf", "infra_log_node", "infra_log_checkpoint"],
)
@pytest.mark.parametrize(
    "act", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {0} SET {1} = {1}"]
)
def test_the_triggers_refuse_whoever_is_no_superuser_with_a_purpose(log, table, act):
    column = "position" if table == "infra_log_leaf" else "hash" if "node" in table else "id"
    with (
        pytest.raises((InternalError, IntegrityError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table, column))


def test_deletion_by_the_book_leaves_every_proof_whole(log, tmp_path, capsys):
    before = receipt.receipt(log[8], opened=("what", "role"))
    with clock.frozen(START + dt.timedelta(minutes=5)):
        look("not sealed yet")
        unsealed = log[-1] + 1
        gone = forgetting.forget(system("retention"), entry_ids=[log[2], log[3], log[11], unsealed])
        assert gone == 3
        sealing.seal_all()
    assert verdict(tmp_path, capsys) == "ok"
    assert checking.check().holds["deleted"] == 3
    assert offline.check_receipt(before)["ok"], "a receipt from before holds"
    assert offline.check_receipt(receipt.receipt(log[8], opened=("what",)))["ok"]
    assert receipt.receipt(log[2], opened=("what",)) is None
    with as_administrator() as run:
        run("DELETE FROM infra_access_entry WHERE purpose = %s", [offline.FORGET])
    assert verdict(tmp_path, capsys).startswith("removed: ")


def test_what_is_past_its_time_is_deleted(log):
    with clock.frozen(START + forgetting.KEPT - dt.timedelta(days=1)):
        assert forgetting.forget_old(system("retention")) == 0
    with clock.frozen(START + forgetting.KEPT + dt.timedelta(days=1)):
        assert forgetting.forget_old(system("retention")) == 20


def test_a_receipt_opens_what_it_may_and_holds_alone(log, tmp_path, capsys):
    made = receipt.receipt(log[5], opened=("what", "role"))
    assert made["event"]["parts"]["what"]["purpose"] == "handle the case"
    assert str(CASEWORKER) not in json.dumps(made)
    kept = tmp_path / "receipt.json"
    kept.write_text(json.dumps(made))
    key = keys.log_signer().key.as_text()
    assert offline.main(["receipt", str(kept), "--key", key]) == 0
    assert json.loads(capsys.readouterr().out)["key_from"] == "you"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("event", "parts", "what", "purpose"), "another purpose"),
        (("event", "at"), "2026-11-22T12:00:00.000001Z"),
        (("event", "id"), 1),
        (("salts", "what"), "00" * 16),
        (("held_back", "who"), "00" * 32),
        (("proof", "index"), 6),
        (("proof", "size"), 19),
        (("proof", "path", 0), "00" * 32),
    ],
)
def test_a_receipt_with_a_word_changed_does_not_hold(log, where, value):
    made = receipt.receipt(log[5], opened=("what", "role"))
    *way, last = where
    inner = made
    for step in way:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(offline.Fault):
        offline.check_receipt(made)


def test_a_receipt_with_a_checkpoint_of_somebody_else_does_not_hold(log, settings, tmp_path):
    made = receipt.receipt(log[5], opened=("what",))
    key = made["key"]
    made["checkpoint"] = made["checkpoint"].replace("12:02:00Z", "12:03:00Z")
    with pytest.raises(offline.Fault, match="not true"):
        offline.check_receipt(made)
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "others"}
    with pytest.raises(offline.Fault, match="has not signed"):
        offline.check_receipt({**made, "key": keys.log_signer().key.as_text()})
    assert key != keys.log_signer().key.as_text()


def test_there_is_no_receipt_before_the_seal(log):
    look()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM infra_access_entry")
        assert receipt.receipt(cursor.fetchone()[0], opened=("what",)) is None


def test_proofs_hold_between_all_sizes(log):
    top = {size: tree.root(size) for size in range(21)}
    for new in range(1, 21):
        for old in range(new + 1):
            proof = tree.consistency(old, new)
            assert proof.roots == (top[old], top[new])
            assert offline.holds_consistency(old, new, proof.steps, *proof.roots)
        for index in range(new):
            steps = tree.inclusion(index, new).steps
            assert offline.holds_inclusion(tree.leaf_at(index), index, new, steps, top[new])


def test_a_log_where_nothing_happens_says_so_each_hour():
    with clock.frozen(START):
        assert sealing.seal_all() == 0
        sealing.seal_all()
    assert len(sealing.latest(9)) == 1
    with clock.frozen(START + dt.timedelta(hours=1)):
        sealing.seal_all()
    assert [one.checkpoint.size for one in sealing.latest(9)] == [0, 0]


def test_cef_lines_hold_what_was_done_and_no_line_breaks(log):
    look("a=b\nCEF:0|forged", outcome="deny")
    lines = list(export.cef(log[-1]))
    assert len(lines) == 1
    assert lines[0].startswith("CEF:0|Samspill|access log|1|audit:read|employee read|7|")
    assert "\n" not in lines[0]
    assert "cs1=a\\=b\\nCEF:0|forged" in lines[0]
    assert f"suid={CASEWORKER} duid={ME} sproc=abc" in lines[0]
    assert "outcome=Deny" in lines[0]
    assert len(list(export.cef())) == 21
