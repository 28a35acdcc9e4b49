"""The mutation tool itself: it finds what a test does not hold, and nothing more once a test holds it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROWN = '''"""A rule."""


def grown(age: int) -> bool:
    """Tell whether somebody is of age."""
    return age >= 18
'''
TESTS = """from rule_of_age import grown


def test_far_from_the_limit():
    assert grown(30) is True
    assert grown(3) is False
"""


@pytest.mark.parametrize(
    ("more", "survived"),
    [
        ("", ["grown: age >= 18 → age > 18", "grown: 18 → 19", "grown: 18 → 17"]),
        ("    assert (grown(18), grown(17)) == (True, False)\n", []),
    ],
)
def test_a_planted_survivor_is_found_until_a_test_holds_the_limit(
    tmp_path: Path, more: str, survived: list[str]
) -> None:
    (tmp_path / "rule_of_age.py").write_text(GROWN)
    (tmp_path / "test_rule.py").write_text(TESTS + more)
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "mutate.py"),
         "--module", f"{tmp_path / 'rule_of_age.py'}=rule_of_age", "--tests", str(tmp_path / "test_rule.py"), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["found"] == 5
    assert sorted(told["survived"]) == sorted(survived)
