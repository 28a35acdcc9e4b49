"""Whatever is wrong with a command is answered alike: an error object, what to do, and exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from samspill.infra.settings_reader import database_of
from samspill.site.cli import main


def refusal(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the error object; standard output holds nothing else."""
    said = capsys.readouterr().out
    assert list(json.loads(said)) == ["error"]
    found: dict[str, str] = json.loads(said)["error"]
    assert set(found) == {"code", "message", "where", "remedy"}
    assert all(found.values())
    return found


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ([], "samspill"),
        (["nonsense"], "samspill"),
        (["rules", "compute", "bostotte"], "samspill rules compute"),
        (["package", "list", "--nonsense"], "samspill"),
        (["settlement", "tariff", "one", "two"], "samspill"),
        (["demo", "load", "--persons", "-1"], "samspill demo load"),
        (["run", "--port", "0"], "samspill run"),
    ],
)
def test_a_wrong_or_missing_word_is_an_error_object(
    arguments: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = refusal(capsys)
    assert error["code"] == "bad_usage"
    assert error["where"] == where
    assert error["remedy"].startswith("Use: samspill ")


@pytest.mark.parametrize(
    "command",
    [
        ["rules", "compute", "bostotte", "--term", "2026-08"],
        ["rules", "compute", "bostotte", "--term", "2026-08", "--csv"],
        ["mandates", "import-freg"],
        ["impact", "npv"],
    ],
)
def test_a_file_that_is_not_utf8_is_an_error_object(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "latin1.json"
    file.write_bytes('{"kommunenummer": "Tromsø"}'.encode("latin-1"))
    assert main([*command, str(file)]) == 2
    error = refusal(capsys)
    assert error["code"] == "not_utf8"
    assert error["where"] == "byte 25"


COMPUTE = ["rules", "compute", "bostotte", "--term", "2026-08"]
OSLO = '{"kommunenummer": "0301", "husleie_mnd": %s}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 50_000, "nested_too_deep"),
        (OSLO % ("1" * 5_000), "number_too_long"),
        (OSLO % ("1" * 400), "not_finite"),
        ('{"kommunenummer": "0301", "\\ud800": 1}', "unknown_key"),
        ("", "not_json"),
    ],
)
def test_what_no_figure_can_be_is_an_error_object(
    text: str, code: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "input.json"
    file.write_text(text, encoding="utf-8")
    assert main([*COMPUTE, str(file)]) == 2
    assert json.loads(capfdbinary.readouterr().out)["error"]["code"] == code


def test_a_line_ends_at_a_line_feed_and_at_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lines.jsonl"
    inside = json.dumps({"kommunenummer": "03\u2028\x8501"}, ensure_ascii=False)
    file.write_bytes(f"\ufeff{OSLO % 9000}\r\n\r\n{inside}\n".encode())
    assert main([*COMPUTE, str(file)]) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first)["boutgifter_aar"] == 108_000
    assert json.loads(second)["error"]["where"] == "line 3: kommunenummer"


def test_without_a_database_a_command_says_so_at_once() -> None:
    """It connects without a pool, which would try anew until its time is out and then not say why."""
    done = subprocess.run(
        [sys.executable, "-m", "samspill.site.cli", "package", "list"],
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "no_database"
    assert "Connection refused" in error["message"]


@pytest.mark.parametrize(
    ("said", "user", "pooled"),
    [("app", "samspill_app", True), ("job-once", "samspill_job", False), ("-once", "", False)],
)
def test_what_stays_has_a_pool_and_what_ends_soon_has_none(
    said: str, user: str, pooled: bool
) -> None:
    options = database_of({"SAMSPILL_DATABASE_ROLE": said})["OPTIONS"]
    assert ("pool" in options) is pooled
    assert ("connect_timeout" in options) is not pooled
    assert (f"role={user}" in options["options"]) is bool(user)


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        ("inntekt_aordning_mnd\n0301,1_000", "line 2, inntekt_aordning_mnd"),
        ("inntekt_aordning_mnd\n0301,１０００", "line 2, inntekt_aordning_mnd"),
        ("kapitalinntekt_aar\n0301,1_0", "line 2, kapitalinntekt_aar"),
        (f"id\n0301,{'x' * 200_000}", "line 2"),
    ],
)
def test_a_cell_that_no_one_else_reads_as_a_number_is_refused(
    cells: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "population.csv"
    file.write_text(f"kommunenummer,{cells}\n", encoding="utf-8")
    assert main([*COMPUTE, "--csv", str(file)]) == 2
    assert refusal(capsys)["where"] == where


def test_a_folder_that_cannot_be_written_is_an_error_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    assert main(["package", "new", "service", "--path", str(file / "inside")]) == 2
    assert refusal(capsys)["where"].startswith(str(file))


def test_a_command_that_only_computes_wires_no_events_and_loads_no_jobs(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text('{"base_year": 2026, "cashflow": [{"year": 2027, "amount": 104}]}', "utf-8")
    program = (
        "import sys; from samspill.site.cli import main; code = main(sys.argv[1:]); "
        "sys.exit(code or any(name in sys.modules for name in ('samspill.site.wiring', 'samspill.cases.jobs')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "impact", "npv", str(file)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["npv"] == pytest.approx(100)
