"""docs/run/security.md says what is so: every row of its tables once, every test and setting it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import samspill
from samspill.site import settings as site_settings

SOURCE = Path(samspill.__file__).parent
ROOT = SOURCE.parent.parent
PAGE = (ROOT / "docs" / "run" / "security.md").read_text()
#: The requirements of OWASP ASVS 5.0.0 that are met first, as the page groups them.
REQUIREMENTS = (
    "1.2.1", "1.2.4", "1.3.7", "1.5.1", "2.2.2", "2.2.3", "2.3.1", "2.3.3", "2.3.4", "2.4.1",
    "3.3.1–3.3.4", "3.4.1", "3.4.3", "3.4.4–3.4.6", "3.5.1, 3.5.3", "4.1.1", "5.2.1, 5.2.2", "5.2.3",
    "5.4.3", "7.2.4, 7.3.1–7.3.2, 7.4.1", "8.1.1, 8.1.2", "8.2.1", "8.2.2", "8.2.3", "8.3.1", "8.4.1",
    "9.1.1, 9.1.2", "9.2.3", "10.1.2, 10.2.1", "10.5.1, 10.5.4", "10.5.5", "12.1.1, 12.3.1", "13.2.4",
    "13.3.1", "13.4.1, 13.4.2", "14.2.1", "14.3.1, 14.3.2", "15.3.1, 15.3.3", "16.2.5, 16.3.2",
    "16.4.1, 16.4.2, 16.5.3",
)  # fmt: skip
#: The tables of the page: how the first cell of a row begins, and the rows in order.
TABLES = {
    r"\d": REQUIREMENTS,
    "SP-": tuple(f"SP-{number:02d}" for number in range(1, 44)),
    r"F\d": tuple(f"F{number}" for number in range(1, 18)),
}


def rows_of(beginning: str) -> list[list[str]]:
    """The cells of the rows of one table."""
    lines = (line for line in PAGE.splitlines() if re.match(rf"\| {beginning}", line))
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


ROWS = [row for beginning in TABLES for row in rows_of(beginning)]


@cache
def named_in(path: Path) -> frozenset[str]:
    """Names of the test functions in a file, also those in classes."""
    tree = ast.parse(path.read_text())
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


def told_settings() -> set[str]:
    told = (ROOT / "docs" / "run" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", told, re.MULTILINE))


@pytest.mark.parametrize(("beginning", "count"), [*zip(TABLES, (40, 43, 17), strict=True)])
def test_every_row_stands_there_once_in_order(beginning: str, count: int) -> None:
    assert len(TABLES[beginning]) == count
    assert tuple(row[0] for row in rows_of(beginning)) == TABLES[beginning]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_row_names_exists_and_what_is_missing_is_said(row: list[str]) -> None:
    _, _, stands, shown, missing = row
    names = re.findall(r"`([^`]+)`", shown)
    for name in names:
        path, _, test = name.partition("::")
        if test:
            file = (ROOT if path.startswith("tests/") else SOURCE) / path
            assert file.exists(), path
            assert test in named_in(file), name
        else:
            assert hasattr(site_settings, name) or name in told_settings(), name
    assert stands in {"met", "partly met", "not met"}
    assert bool(names) == (stands != "not met")
    assert missing or stands == "met", "what is missing must be said"
