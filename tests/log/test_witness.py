"""A second instance asks the log over HTTP, checks that it has only grown, and countersigns."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest
from django.db import connection
from django.test import Client as Browser

from samspill.infra import access_log, clock
from samspill.infra.http import Client, reset_circuits
from samspill.infra.proof import countersigning, keys, notes, offline, sealing, tree
from samspill.infra.proof.notes import LOG, WITNESS, Checkpoint, Key, NoteError
from samspill.infra.proof.witness import Witness, WitnessError
from samspill.kernel.actor import Actor

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@attrs.define
class Served:
    """What the log answers: the answers of the site itself, but for those that a dishonest operator replaced."""

    address: str = ""
    instead: dict[str, str] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)


@pytest.fixture
def served(db: None) -> Iterator[Served]:
    """The site behind a real port; each request is answered in the test's own transaction."""
    state, lock = Served(), threading.Lock()
    here = connection.connection

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, method: str) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            state.asked.append(self.path)
            with lock:
                connection.inc_thread_sharing()
                status, given = self._ask(method, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(given)

        def _ask(self, method: str, body: bytes) -> tuple[int, bytes]:
            if self.path in state.instead:
                return 200, state.instead[self.path].encode()
            return answers(method, self.path, body)

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    def answers(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        from django.db import connections

        connections["default"] = shared  # the thread's own name for the test's connection
        answer = Browser().generic(method, path, body, content_type="text/plain")
        return answer.status_code, answer.content

    from django.db import connections

    shared = connections["default"]
    shared.inc_thread_sharing()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
    assert here is connection.connection
    reset_circuits()


@pytest.fixture(autouse=True)
def _known(settings, tmp_path: Path) -> None:
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "keys"}
    signer = second(tmp_path).signer
    settings.SAMSPILL = {**settings.SAMSPILL, "log_witnesses": [signer.key.as_text()]}


def second(tmp_path: Path, address: str = "") -> Witness:
    """Another municipality's instance, with a key and a memory of its own."""
    signer = notes.signer(
        tmp_path / "second" / "witness.pem", name="stavanger.example/witness", kind=WITNESS
    )
    client = Client("log", address, retries=0)
    return Witness(signer, keys.log_signer().key, client, tmp_path / "second" / "seen")


def happen(minute: int, count: int = 3) -> None:
    actor = Actor(kind="citizen", person_id=uuid.uuid4())
    with clock.frozen(START + dt.timedelta(minutes=minute)):
        for _ in range(count):
            access_log.record(actor=actor, action="read", purpose="show my case")
        sealing.seal_all()


def test_the_witness_countersigns_a_log_that_grows(served, tmp_path):
    witness = second(tmp_path, served.address)
    happen(0)
    first = witness.look()
    assert (first.checkpoint.size, first.new) == (3, True)
    assert not witness.look().new
    happen(1, 5)
    assert witness.look().checkpoint.size == 8
    assert "/log/proof/consistency?from=3&to=8" in served.asked
    found = countersigning.of_size(8)
    assert [one.witness for one in found] == ["stavanger.example/witness"]
    note = Browser().get("/log/checkpoint").content.decode()
    text, lines = notes.split(note)
    assert notes.signed_at(text, lines, witness.signer.key) is not None
    assert Browser().get("/log/witness?size=8").json()["signatures"][0]["signature"] in lines


def test_a_clock_that_is_put_back_makes_no_checkpoint_older_and_the_witness_goes_on(
    served, tmp_path
):
    witness = second(tmp_path, served.address)
    happen(60)
    before = witness.look().checkpoint
    happen(0, 2)
    now = witness.look().checkpoint
    assert (now.size, now.at) == (5, before.at)
    happen(61)
    assert witness.look().checkpoint.at == START + dt.timedelta(minutes=61)


def cut(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "DELETE FROM infra_log_cosignature WHERE checkpoint_id IN "
            "(SELECT id FROM infra_log_checkpoint WHERE size > %s)",
            [size],
        )
        cursor.execute("DELETE FROM infra_log_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM infra_log_leaf WHERE position >= %s", [size])
        cursor.execute("SET session_replication_role = origin")


def test_a_truncated_log_is_refused(served, tmp_path):
    witness = second(tmp_path, served.address)
    happen(0)
    happen(1, 5)
    witness.look()
    cut(3)
    with pytest.raises(WitnessError, match="8 entries and now says 3") as refused:
        witness.look()
    assert refused.value.code == "truncated"


def test_a_forked_log_is_refused_whatever_proof_it_shows(served, tmp_path):
    witness = second(tmp_path, served.address)
    happen(0)
    happen(1, 5)
    witness.look()
    cut(3)
    happen(2, 9)
    with pytest.raises(WitnessError, match="forked") as refused:
        witness.look()
    assert refused.value.code == "forked"
    honest = tree.consistency(3, 12)
    served.instead["/log/proof/consistency?from=8&to=12"] = json.dumps(
        {"proof": [step.hex() for step in honest.steps]}
    )
    with pytest.raises(WitnessError, match="forked"):
        witness.look()
    assert countersigning.of_size(12) == []


def test_two_roots_for_one_size_are_refused(served, tmp_path):
    witness = second(tmp_path, served.address)
    happen(0)
    witness.look()
    cut(0)
    happen(1)
    with pytest.raises(WitnessError, match="forked"):
        witness.look()


def test_a_checkpoint_of_another_key_or_older_is_refused(served, tmp_path):
    witness = second(tmp_path, served.address)
    happen(0)
    old = Browser().get("/log/checkpoint").content.decode()
    happen(5, 0)
    happen(70, 0)
    witness.look()
    served.instead["/log/checkpoint"] = old
    with pytest.raises(WitnessError, match="older than one seen before"):
        witness.look()
    other = notes.signer(tmp_path / "o.pem", name=keys.origin(), kind=LOG)
    text = notes.split(old)[0]
    for note in (notes.joined(text, [other.sign(text)]), "no note", "\n\n— x y\n"):
        served.instead["/log/checkpoint"] = note
        with pytest.raises(WitnessError) as refused:
            witness.look()
        assert refused.value.code == "not_signed"


def test_only_a_known_witness_may_countersign_and_only_what_is_ours(tmp_path, settings):
    happen(0)
    witness, note = second(tmp_path), sealing.last().note
    text, _ = notes.split(note)
    now = clock.now()

    def sent(body: str) -> tuple[int, Any]:
        answer = Browser().post("/log/witness", body, content_type="text/plain")
        return answer.status_code, answer.json()

    line = witness.signer.sign(text, at=now)
    assert sent(notes.joined(text, [line])) == (200, {"taken": True, "new": True})
    assert sent(notes.joined(text, [line])) == (200, {"taken": True, "new": False})
    stranger = notes.signer(tmp_path / "s.pem", name="stranger.example/w", kind=WITNESS)
    named = notes.signer(tmp_path / "s.pem", name=witness.signer.key.name, kind=WITNESS)
    made_up = Checkpoint(keys.origin(), 3, b"x" * 32, now.replace(microsecond=0)).as_text()
    elsewhere = Checkpoint("other.example/log", 3, b"x" * 32, now).as_text()
    for refused in (
        notes.joined(text, [stranger.sign(text, at=now)]),
        notes.joined(text, [named.sign(text, at=now)]),
        notes.joined(made_up, [witness.signer.sign(made_up, at=now)]),
        notes.joined(elsewhere, [witness.signer.sign(elsewhere, at=now)]),
        note,
        "",
        "x" * 30_000,
    ):
        status, said = sent(refused)
        assert (status, said["error"]["where"]) == (400, "body")
    assert len(countersigning.of_size(3)) == 1


def test_the_stand_alone_verifier_asks_over_http(served, tmp_path, capsys):
    happen(0)
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.last().note)
    happen(1, 5)
    key = keys.log_signer().key.as_text()
    asked = ["log", served.address, "--key", key, "--since", str(kept)]
    assert offline.main(asked) == 0
    assert json.loads(capsys.readouterr().out)["leaves"] == 8
    cut(0)
    happen(2, 9)
    assert offline.main(asked) == 1
    assert json.loads(capsys.readouterr().out)["fault"]["code"] == "forked"


def test_proofs_over_http_hold_and_may_be_kept(served):
    happen(0, 11)
    root = sealing.last().checkpoint.root.hex()
    answer = Browser().get("/log/proof/inclusion?leaf=4&size=11")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    given = answer.json()
    steps = [bytes.fromhex(step) for step in given["proof"]]
    leaf = bytes.fromhex(given["leaf_hash"])
    assert given["root"] == root
    assert offline.holds_inclusion(leaf, 4, 11, steps, bytes.fromhex(root))
    assert Browser().get("/log/proof/inclusion?leaf=4").json() == given
    assert Browser().get("/log/checkpoint")["Cache-Control"] == "public, max-age=10"
    assert Browser().get("/log/key").json()["keys"] == [keys.log_signer().key.as_text()]


@pytest.mark.parametrize(
    ("path", "status", "where"),
    [
        ("/log/proof/inclusion", 400, "leaf"),
        ("/log/proof/inclusion?leaf=-1&size=3", 400, "leaf"),
        ("/log/proof/inclusion?leaf=3&size=3", 404, "leaf"),
        ("/log/proof/inclusion?leaf=0&size=4", 404, "size"),
        ("/log/proof/inclusion?leaf=0&size=0", 404, "leaf"),
        ("/log/proof/consistency?from=3&to=2", 404, "from"),
        ("/log/proof/consistency?from=%C2%B2&to=3", 400, "from"),
        ("/log/proof/consistency?from=1&to=99999999999999999999", 400, "to"),
        ("/log/witness?size=9", 404, "size"),
    ],
)
def test_a_wrong_question_is_answered_with_its_place(path, status, where):
    happen(0)
    answer = Browser().get(path)
    assert (answer.status_code, answer.json()["error"]["where"]) == (status, where)


def test_before_the_first_checkpoint_there_is_nothing_to_prove():
    for path in ("/log/checkpoint", "/log/proof/inclusion?leaf=0", "/log/witness"):
        assert Browser().get(path).status_code == 404
    assert Browser().get("/log/checkpoints").json() == {"checkpoints": []}


def test_a_key_is_read_as_it_was_written(tmp_path):
    key = keys.log_signer().key
    assert Key.parse(key.as_text()) == key
    wrong = key.as_text().replace("+", "x+", 1)
    for text in ("", "a+b+c", wrong, key.as_text()[:-8]):
        with pytest.raises(NoteError):
            Key.parse(text)
    (tmp_path / "no.pem").write_text("nothing")
    with pytest.raises(NoteError, match="not an Ed25519"):
        notes.signer(tmp_path / "no.pem", name="a", kind=LOG)
    with pytest.raises(NoteError, match="cannot be a name"):
        notes.signer(tmp_path / "b.pem", name="a b", kind=LOG)


def test_the_own_signature_check_agrees_with_the_library(tmp_path):
    """RFC 8032 written out in the verifier, against the library, also on signatures that are not true."""
    signer = notes.signer(tmp_path / "k.pem", name="k", kind=LOG)
    for size in (0, 1, 64, 300):
        message = b"\xf0" * size
        signature = signer.private.sign(message)
        public = signer.key.public
        assert offline.holds_signature(public, message, signature)
        assert not offline.holds_signature(public, message + b"x", signature)
        for at in (0, 31, 32, 63):
            wrong = bytearray(signature)
            wrong[at] ^= 1
            assert not offline.holds_signature(public, message, bytes(wrong))
    assert not offline.holds_signature(public, b"", b"\xff" * 64)
    assert not offline.holds_signature(b"\xff" * 32, b"", signature)
