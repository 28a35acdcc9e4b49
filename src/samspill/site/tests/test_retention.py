"""What is deleted when its time is over leaves a count and a hash, and everybody can ask how it stands."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest

from samspill.identity.models import LoginAttempt
from samspill.infra import clock, deletions
from samspill.infra.jobs import jobs
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import system
from samspill.mandates.jobs import purge
from samspill.mandates.models import Organisation
from samspill.site.cli import main

pytestmark = pytest.mark.django_db


def attempt(name: str, *, ended: dt.timedelta) -> str:
    LoginAttempt.objects.create(
        state_hash=name, browser_hash="b", profile="citizen", nonce="n", code_verifier="v", level="high",
        next_url="/", expires_at=clock.now() - ended,
    )  # fmt: skip
    return name


def said(capsys: Any, *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["retention", *words])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, answer


def kind(rows: list[dict[str, Any]], what: str) -> dict[str, Any]:
    return next(one for one in rows if one["what"] == what)


def test_status_tells_what_is_due_and_what_was_deleted_with_its_hash(capsys: Any):
    ids = [
        attempt("a" * 64, ended=dt.timedelta(hours=2)),
        attempt("b" * 64, ended=dt.timedelta(hours=1)),
    ]
    attempt("c" * 64, ended=-dt.timedelta(minutes=5))
    code, answer = said(capsys, "status")
    assert (code, kind(answer["due"], "login attempts")["count"]) == (0, 2)
    jobs()["identity.tidy"].handler()
    _code, answer = said(capsys, "status")
    assert kind(answer["due"], "login attempts")["count"] == 0
    done = kind(answer["deleted"], "login attempts")
    assert (done["times"], done["count"]) == (1, 2)
    assert answer["latest"][0]["sha256"] == deletions.proof_of(ids)
    assert LoginAttempt.objects.count() == 1


def test_every_kind_that_a_job_deletes_is_told_of_by_name(capsys: Any):
    _code, answer = said(capsys, "status")
    assert {one["what"] for one in answer["due"]} == {
        "login attempts", "sessions", "register replies", "answers about persons", "answers about organisations",
        "answers of other sources of mandates", "draft", "paper_document", "copies for access requests",
        "entries of the access log",
    }  # fmt: skip
    assert all(one["kept"] for one in answer["due"])


def test_answers_of_registers_about_mandates_leave_their_account_too():
    now = clock.now()
    Organisation.objects.create(
        org_no="974760673", name="Hjelpen", bankrupt=False, told_at=now - dt.timedelta(hours=24),
        expires_at=now - dt.timedelta(minutes=1),
    )  # fmt: skip
    purge()
    told = AccessEntry.objects.get(purpose=deletions.PURPOSE)
    assert told.detail == {
        "what": "answers about organisations", "count": 1, "sha256": deletions.proof_of(["974760673"]),
    }  # fmt: skip
    assert [one.what for one in deletions.latest(5)] == ["answers about organisations"]


def test_a_copy_from_before_shows_what_was_deleted(capsys: Any, monkeypatch: Any):
    deletions.tell(system("t"), what="sessions", ids=["2", "1"])
    for told, expected in ((["1", "2"], 0), (["1", "2", "3"], 1)):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(told)))
        code, answer = said(capsys, "check", "-")
        assert (code, len(answer["deletions"])) == (expected, 1 - expected)
    monkeypatch.setattr("sys.stdin", io.StringIO('{"a": 1}'))
    code, answer = said(capsys, "check")
    assert (code, answer["error"]["where"]) == (2, "FILE")
