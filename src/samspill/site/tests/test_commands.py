"""Whatever is wrong with a command is answered alike: an error object, what to do, and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
