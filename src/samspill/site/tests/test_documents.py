"""What the pages for people say is there: commands, addresses, settings, links, tests, migrations, people to be."""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.urls import Resolver404, resolve

import samspill
from samspill.sandbox.organisations import organisation_number
from samspill.sandbox.population import STAFF, build
from samspill.site import cli

SOURCE = Path(samspill.__file__).parent
ROOT = SOURCE.parent.parent
RUN = sorted((ROOT / "docs" / "run").glob("*.md"))
FRONT = [ROOT / name for name in ("README.md", "CHANGELOG.md", "MAP.md", "GLOSSARY.md")]
PLANS = sorted((ROOT / "docs" / "plans").glob("*.md"))
ALL = [*FRONT, *sorted((ROOT / "docs").rglob("*.md"))]


def named(page: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, page.read_text(), re.MULTILINE))


@cache
def commands() -> dict[str, set[str]]:
    """Give each command with its verbs, as the parser has them."""
    parser = argparse.ArgumentParser()
    top = parser.add_subparsers()
    for group in cli._GROUPS:
        group.register(top)
    return {name: verbs_of(one) for name, one in top.choices.items()}


def verbs_of(parser: Any) -> set[str]:
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return set(groups[0].choices) if groups else set()


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_every_command_that_is_named_is_one(page: Path) -> None:
    written = r"(?:^| · |`|\| |\")samspill ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?"
    for command, verb in named(page, written):
        verbs = commands().get(command)
        assert verbs is not None, f"samspill {command}"
        assert not verbs or not verb or verb in verbs, f"samspill {command} {verb}"


@pytest.mark.parametrize("page", [FRONT[0], *RUN], ids=lambda page: page.name)
def test_every_address_that_is_named_leads_somewhere(page: Path) -> None:
    for address in named(page, r"`(/[a-z-]+/[\w/-]*)`"):
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"{page.name}: {address}")


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_every_link_picture_and_test_that_is_named_is_there(page: Path) -> None:
    for target in named(page, r"\]\(([^):#]+)(?:#[^)]*)?\)"):
        assert (page.parent / target).exists(), target
    for path, test in named(page, r"`([\w/]+\.py)::(test_\w+)`"):
        file = (ROOT if path.startswith("tests/") else SOURCE) / path
        assert f"def {test}(" in file.read_text(), f"{path}::{test}"


@cache
def known_tests() -> frozenset[str]:
    """Give the name of every test there is."""
    files = [*SOURCE.rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    found = (re.findall(r"^ *def (test_\w+)\(", file.read_text(), re.MULTILINE) for file in files)
    return frozenset(name for names in found for name in names)


@pytest.mark.parametrize("page", PLANS, ids=lambda page: page.name)
def test_every_test_and_file_that_a_plan_says_shows_a_sentence_is_there(page: Path) -> None:
    rows = re.findall(r"^\|(?:[^|]*\|){2}([^|]*)\|$", page.read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    assert told <= known_tests()
    files = {str(file.relative_to(ROOT)) for file in ROOT.glob("[!.n]*/**/*.py")}
    for name in named(page, r"(?<=[ |])`([\w/]+\.py)`(?=.*\|$)"):
        assert any(f"/{file}".endswith(f"/{name}") for file in files), name


def test_every_make_target_that_is_named_is_one() -> None:
    targets = named(ROOT / "Makefile", r"^([a-z]+):")
    for page in ALL:
        assert named(page, r"(?:`|^)make ([a-z]+)(?:`|$| +#| ARGS)") <= targets, page.name
    assert {"run", "test", "check", "bench"} <= targets


@pytest.mark.parametrize(
    ("plan", "parts"),
    [
        ("0002-decide-together.md", range(1, 9)),
        ("0003-who-may-act.md", range(1, 7)),
    ],
    ids=["issue 3", "issue 4"],
)
def test_every_sentence_of_the_issue_names_a_test(plan: str, parts: range) -> None:
    """Speed may name the page of figures. That each exists is held above, with those of all other pages."""
    page = (ROOT / "docs" / "plans" / plan).read_text()
    rows = page.split("| sentence | done in | shown by |\n|---|---|---|\n")[1].split("\n\n")[0]
    shows = r"`test_\w+`|`[\w/]+\.py(?:::test_\w+)?`|`bench/RESULTS\.md`"
    shown = {row: re.findall(shows, row.split("|")[3]) for row in rows.strip().splitlines()}
    assert [row for row, tests in shown.items() if not tests] == []
    found = [int(number) for number in re.findall(r"^\| \*\*(\d)\. ?", rows, re.MULTILINE)]
    assert found == list(parts)


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_every_setting_that_is_named_is_told_of(page: Path) -> None:
    told = named(ROOT / "docs" / "run" / "settings.md", r"^\| `([A-Z_]+)` \|")
    used = named(page, r"`((?:SAMSPILL_|DATABASE_URL)[A-Z_]*)`")
    assert used <= told | {"SAMSPILL_SCHEMAS"}


def test_every_migration_that_an_upgrade_names_is_there() -> None:
    found = named(RUN[-1], r"`(\w+)\.(\d{4})`")
    assert found
    for room, number in found:
        assert list((SOURCE / room / "migrations").glob(f"{number}_*.py")), f"{room}.{number}"


def test_a_step_back_goes_to_before_the_first_migration_that_is_named() -> None:
    """What the page takes back is all that it says was done, and nothing from before."""
    page = RUN[-1].read_text().split("## To the fourth round")[0]
    first: dict[str, int] = {}
    for room, number in re.findall(r"`(\w+)\.(\d{4})`", page):
        first[room] = min(first.get(room, 9999), int(number))
    back = {room: int(to) for room, to in re.findall(r'"(\w+) (\d{4})"', page)}
    assert back == {room: number - 1 for room, number in first.items()}


def test_everybody_whom_the_readme_lets_one_be_is_in_the_sandbox() -> None:
    page, there = FRONT[0].read_text(), build(1, 1)
    people = {there.persons[case.applicant].name for case in there.cases.values()}
    people |= {one.name for one in STAFF}
    table = page.split("| who | to see |")[1].split("\n\n")[0]
    for row in table.strip().splitlines()[1:]:
        for name in row.split("|")[1].split(","):
            assert re.sub(r"\(.*\)", "", name).strip() in people, name
    assert organisation_number("help") in page
