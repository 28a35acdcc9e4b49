"""The commands `settlement share` and `settlement tariff`, as a script meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samspill.site.cli import main

SHARE = {"key": "equal", "total": 10, "parties": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}


def run(tmp_path: Path, verb: str, text: str) -> int:
    path = tmp_path / "in.json"
    path.write_text(text)
    return main(["settlement", verb, str(path)])


def test_share_answers_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(tmp_path, "share", json.dumps(SHARE)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["shares"] == {"a": 3.34, "b": 3.33, "c": 3.33}
    assert answer["tests"]["closes"] is True


def test_lines_in_give_lines_out_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    tariff = [{"tariff": {"year_fixed": n}, "inhabitants": 1} for n in (3, 1, 2)]
    assert run(tmp_path, "tariff", "\n".join(json.dumps(line) for line in tariff)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["year"] for line in lines] == [3.0, 1.0, 2.0]


def test_bad_input_gives_an_error_object_and_exit_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path, "share", json.dumps(SHARE | {"total": -1})) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "negative"
    assert error["where"] == "total"
    assert error["message"]
    assert error["remedy"]


def test_the_line_of_bad_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = f"{json.dumps(SHARE)}\n{json.dumps(SHARE | {'key': 'fair'})}"
    assert run(tmp_path, "share", text) == 2
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["error"]["where"] == "line 2: key"
