"""Why the system cannot start, and what help says, in the language of the command; `code` and `where` in all alike."""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import psycopg
import pytest

import samspill
from samspill.infra import database
from samspill.infra.encryption import keyring
from samspill.infra.proof import offline
from samspill.infra.proof.checking import Found, Sign
from samspill.infra.proof.notes import Key, NoteError
from samspill.infra.settings_reader import (
    SettingsError,
    database_of,
    one_of,
    web_address,
    whole_number,
    with_secrets,
)
from samspill.kernel.outcome import ToldError
from samspill.site import supervisor
from samspill.site.cli import _parsed, main
from samspill.site.cli.io import UserError
from samspill.site.production import refusals

SOURCE = Path(samspill.__file__).parent
LANGUAGES = ("nb", "nn", "en")


def told(error: ToldError, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    found = []
    for spoken in LANGUAGES:
        monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
        found.append(UserError.of(error).as_json())
    return found


def is_said_in_all(nb: dict[str, str], nn: dict[str, str], en: dict[str, str]) -> bool:
    """Whether message and remedy are translated, code and where are not, and no placeholder is left."""
    same = all((one["code"], one["where"]) == (en["code"], en["where"]) for one in (nb, nn))
    said = all(nb[key] and nb[key] != en[key] != nn[key] for key in ("message", "remedy"))
    return same and said and "%(" not in json.dumps([nb, nn, en])


SETTINGS = [
    lambda: one_of({"SAMSPILL_ENV": "prod"}, "SAMSPILL_ENV", ("local", "production")),
    lambda: whole_number({"SAMSPILL_PROXIES": "-1"}, "SAMSPILL_PROXIES", 0),
    lambda: whole_number({"SAMSPILL_PROXIES": "9" * 5000}, "SAMSPILL_PROXIES", 0),
    lambda: whole_number({"SAMSPILL_LEFT_ALONE": "٣"}, "SAMSPILL_LEFT_ALONE", 15),
    lambda: web_address({"SAMSPILL_BASE_URL": "http://["}, "SAMSPILL_BASE_URL", ""),
    lambda: web_address({"SAMSPILL_BASE_URL": "samspill.no"}, "SAMSPILL_BASE_URL", ""),
    lambda: database_of({"DATABASE_URL": "mysql://u:hunter2@h/n"}),
    lambda: database_of({"DATABASE_URL": "postgresql://u:hunter2@[h/n"}),
    lambda: database_of({"DATABASE_URL": "postgresql://u:hunter2@h:99999/n"}),
    lambda: database_of({"DATABASE_URL": "postgresql://u:hunter2@h/n?prepare_threshold=x"}),
    lambda: with_secrets({"DATABASE_URL_FILE": "/no/file"}),
    lambda: with_secrets({"DATABASE_URL_FILE": os.devnull}),
    lambda: with_secrets({"DATABASE_URL_FILE": "/x", "DATABASE_URL": "postgresql:///hunter2"}),
]


@pytest.mark.parametrize("read", SETTINGS)
def test_a_setting_that_is_wrong_is_said_by_its_name_and_without_its_secret(read, monkeypatch):
    with pytest.raises(SettingsError) as wrong:
        read()
    said = told(wrong.value, monkeypatch)
    assert is_said_in_all(*said)
    assert said[0]["code"] == "bad_settings"
    assert said[0]["where"] in said[0]["message"]
    assert "hunter2" not in json.dumps(said)


def test_an_address_of_the_webs_own_is_called_by_its_own_name():
    environment = {
        "DATABASE_URL": "postgresql:///a",
        "SAMSPILL_APP_DATABASE_URL": "mysql:///b",
        "SAMSPILL_DATABASE_ROLE": "app",
    }
    with pytest.raises(SettingsError) as wrong:
        database_of(environment)
    assert wrong.value.variable == "SAMSPILL_APP_DATABASE_URL"


def taken_port(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        supervisor._refuse_taken(other.getsockname()[1])


def no_wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WHEELS", ("there_is_no_such_wheel",))
    database.start(folder)


def too_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_OLDEST", 990000)
    settings = database_of(os.environ)
    user, host, name = (settings[key] for key in ("USER", "HOST", "NAME"))
    supervisor._refuse_unreachable(f"postgresql://{user}@/{name}?host={host}")


def silent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("connection refused\nhunter2")

    monkeypatch.setattr(psycopg, "connect", refuse)
    supervisor._refuse_unreachable("postgresql://u:hunter2@h/n")


def not_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    supervisor._make_folder(folder / "file" / "data")


def no_room_for_the_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    database.start(folder / "file" / "data")


def impatient(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSPILL_PATIENCE", "²")
    supervisor._patience()


STARTS = [
    lambda folder, _: taken_port(folder),
    no_wheel, too_old, silent, not_a_folder, no_room_for_the_database, impatient,
]  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_why_it_cannot_start_is_said_with_what_to_do(start, tmp_path, monkeypatch):
    with monkeypatch.context() as changed, pytest.raises(ToldError) as wrong:
        start(tmp_path, changed)
    said = told(wrong.value, monkeypatch)
    assert is_said_in_all(*said)
    assert said[0]["code"] == "cannot_start"
    assert "hunter2" not in json.dumps(said)


@pytest.mark.parametrize("port", ["99999", "0", "x", "8" * 5000])
def test_a_port_that_is_none_is_said_before_anything_starts(port, monkeypatch, capsys):
    for spoken, words in zip(
        LANGUAGES, ("er ikke en port", "er ikkje ein port", "is not a port"), strict=True
    ):
        monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
        for command in ("run", "serve"):
            assert main([command, "--port", port]) == 2
            assert words in json.loads(capsys.readouterr().out)["error"]["message"]


def test_settings_that_cannot_be_read_stop_a_command_with_words_and_no_traceback():
    wrong = {"SAMSPILL_PROXIES": "x", "SAMSPILL_LANGUAGE": "nn"}
    done = subprocess.run(
        [sys.executable, "-m", "samspill.site.cli", "check"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "samspill.site.settings", **wrong},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["where"] == "SAMSPILL_PROXIES"
    assert "ikkje eit heiltal" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_file_that_will_not_do_is_said(tmp_path, monkeypatch):
    path = tmp_path / keyring.FILE
    for kept in ("encrypt 1", "encrypt 00000000 QUJD", "# nothing"):
        path.write_text(kept)
        with pytest.raises(keyring.KeyringError) as wrong:
            keyring.read_file(path)
        said = told(wrong.value, monkeypatch)
        assert is_said_in_all(*said)
        assert "QUJD" not in json.dumps(said)


def test_what_a_production_start_refuses_is_said_by_check(monkeypatch, capsys):
    said = {}
    for spoken in LANGUAGES:
        monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
        assert main(["check"]) == 1
        said[spoken] = json.loads(capsys.readouterr().out)["refusals"]
    assert len(said["nb"]) == len(said["nn"]) == len(said["en"]) == len(refusals())
    for nb, nn, en in zip(*said.values(), strict=True):
        assert nb["where"] == nn["where"] == en["where"]
        assert nb["remedy"] != en["remedy"] or en["remedy"].startswith("chmod")
        assert nn["message"]
        assert "%(" not in json.dumps([nb, nn, en])
    assert any("er ikke satt" in one["message"] for one in said["nb"])
    assert any("SAMSPILL_IDPORTEN_ISSUER" in one["remedy"] for one in said["en"])


def test_the_verifier_of_the_log_is_heard_in_the_language_of_the_command(
    monkeypatch, capsys, tmp_path
):
    (tmp_path / "log.json").write_text('{"keys": []}')
    (tmp_path / "checkpoints.jsonl").write_text('{"note": "x", "through": 0}\n')
    for spoken, words in zip(
        LANGUAGES, ("kan ikke leses", "kan ikkje lesast", "is not readable"), strict=True
    ):
        monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
        assert main(["log", "verify", "--from", str(tmp_path)]) == 1
        fault = json.loads(capsys.readouterr().out)["fault"]
        assert words in fault["message"]
        assert fault["code"] == "unreadable"
    monkeypatch.setenv("SAMSPILL_LANGUAGE", "nb")
    assert main(["log", "verify", "--from", str(tmp_path / "none")]) == 2
    assert "kan ikke leses" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_log_in_the_database_that_has_a_fault_is_told_so(monkeypatch, capsys):
    fault = offline.Fault("truncated", offline._CUT, "checkpoint 5", before=5, now=3)
    found = Found(fault, {}, (Sign("infra_log_node", 2, 1),))
    monkeypatch.setattr("samspill.infra.proof.checking.check", lambda _since: found)
    monkeypatch.setenv("SAMSPILL_LANGUAGE", "nb")
    assert main(["log", "verify"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["fault"]["message"] == "loggen hadde 5 blader og sier nå 3"
    assert said["signs"] == ["infra_log_node: 2 rader endret, 1 slettet"]
    assert found.fault == {
        "code": "truncated",
        "message": "the log had 5 leaves and now says 3",
        "where": "checkpoint 5",
    }


def test_a_key_that_was_copied_wrongly_is_told_so(monkeypatch):
    with pytest.raises(NoteError) as wrong:
        Key.parse("x+00+!")
    nb, nn, en = told(wrong.value, monkeypatch)
    assert (nb["message"], nn["message"]) == ("nøkkelen er ikke base64", "nøkkelen er ikkje base64")
    assert en["message"] == "the key is not base64"


def test_help_is_written_in_the_language_of_the_command(monkeypatch, capsys):
    for spoken, words in zip(
        LANGUAGES, ("bruk: samspill rules", "høgaste inntekta", "the highest income"), strict=True
    ):
        monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
        with pytest.raises(SystemExit):
            _parsed(["rules", "--help"])
        assert words in capsys.readouterr().out


# --- every text of the commands and of a start is there in both forms of Norwegian ----------------

SAYS = {
    "UserError", "SettingsError", "StartError", "DatabaseStartError", "KeyringError", "KeyFileError", "NoteError",
    "NotOpened", "WitnessError", "Fault", "BadInputError", "spoken", "_refusal", "add_parser", "add_argument", "verb",
}  # fmt: skip
SAYING = [
    "site/cli", "site/supervisor.py", "site/production.py", "site/database_roles.py", "infra/settings_reader.py",
    "infra/database.py", "infra/encryption", "infra/proof/notes.py", "infra/proof/witness.py", "infra/proof/offline.py",
    "infra/proof/checking.py", "infra/proof/countersigning.py", "infra/proof/keys.py", "identity/adapters/keys.py",
    "identity/number_keys.py",
]  # fmt: skip
TEXT_NAMES = {"message", "msg", "text", "remedy", "unread", "make"}


@functools.cache
def all_texts() -> frozenset[str]:
    """Every text of the commands and of a start."""
    files = [
        path
        for place in SAYING
        for path in ([SOURCE / place] if place.endswith(".py") else (SOURCE / place).glob("*.py"))
    ]
    return frozenset(text for path in files for text in texts(path.read_text()))


def texts(source: str) -> Iterator[str]:
    """Give the constants that are said: arguments of what says, and what is named as a text."""
    for node in ast.walk(ast.parse(source)):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            name = called.id if isinstance(called, ast.Name) else called
            if name in SAYS:
                given = [
                    *node.args,
                    *(k.value for k in node.keywords if k.arg in ("remedy", "help")),
                ]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in TEXT_NAMES:
            given = [node.value]
        for one in given:
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value:
                yield one.value


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_text_of_a_command_and_of_a_start_is_in_the_catalogue(language: str):
    known = {
        entry.msgid: entry.msgstr
        for path in SOURCE.glob(f"*/locale/{language}/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(path))
    }
    said, names = all_texts() - {"samspill migrate"}, re.compile(r"%\((\w+)\)")
    assert len(said) > 200
    assert said - known.keys() == set()
    assert {
        text for text in said if set(names.findall(text)) != set(names.findall(known[text]))
    } == set()
