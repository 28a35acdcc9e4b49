"""The command `portfolio optimise`: JSON in, JSON and nothing else out, errors as objects."""

import json
import subprocess
import sys

import pytest

from samspill.site.cli import main

SMALL = {
    "initiatives": [
        {"id": "a", "value": 10, "cost": [3, 2]},
        {"id": "b", "value": 8, "cost": [3, 3], "requires": ["a"]},
        {"id": "c", "value": 7, "cost": [2, 2], "excludes": ["a"]},
    ],
    "budgets": [6, 6],
}


@pytest.fixture
def asked(tmp_path, capsys):
    """Run the command on a text and return exit code and the lines it wrote."""

    def run(text):
        path = tmp_path / "in.json"
        path.write_text(text)
        code = main(["portfolio", "optimise", str(path)])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_answers_with_value_gap_and_what_is_left_out(asked):
    code, (said,) = asked(json.dumps(SMALL))
    assert code == 0
    assert (said["value"], said["chosen"], said["gap"], said["bound"]) == (18, ["a", "b"], 0, 18)
    assert said["excluded"].keys() == {"c"}
    assert len(said["shadow_prices"]) == 2


def test_json_lines_give_json_lines(asked):
    code, said = asked(f"{json.dumps(SMALL)}\n{json.dumps(SMALL)}\n")
    assert code == 0
    assert [one["value"] for one in said] == [18, 18]


def test_an_error_names_the_line_and_the_place(asked):
    wrong = {**SMALL, "budgets": [6]}
    code, said = asked(f"{json.dumps(SMALL)}\n{json.dumps(wrong)}\n")
    assert code == 2
    assert said[-1]["error"]["code"] == "unequal_length"
    assert said[-1]["error"]["where"] == "line 2: initiatives[0].cost"
    assert said[-1]["error"]["remedy"]


def test_not_a_number_is_refused(asked):
    code, (said,) = asked('{"initiatives": [{"id": "a", "value": NaN, "cost": 1}], "budgets": [1]}')
    assert (code, said["error"]["code"]) == (2, "not_finite")


def test_what_the_solver_prints_does_not_come_among_the_answers():
    """The solver's C++ writes past Python: only a process of its own shows whether it is kept away."""
    items = [
        {"id": f"t{n}", "value": 10 + n * 7 % 23, "cost": [1 + n * 5 % 11, 1 + n * 3 % 7]}
        for n in range(70)
    ]
    data = {"initiatives": items, "budgets": [100, 90], "time_limit_s": 2}
    done = subprocess.run(
        [sys.executable, "-m", "samspill.site.cli", "portfolio", "optimise", "-"],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["value"] > 0
