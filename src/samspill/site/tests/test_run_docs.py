"""What docs/run says of the settings is what the code reads; the map has every room."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import samspill
from samspill.infra.settings_reader import components
from samspill.sandbox.context import Config
from samspill.site import house

SOURCE = Path(samspill.__file__).parent
ROOT = SOURCE.parent.parent
#: Read by tests alone.
_OF_TESTS = ("SAMSPILL_TEST_",)
_NAME = re.compile(r"""["'](SAMSPILL_[A-Z_]*[A-Z]|DATABASE_URL(?:_FILE)?)["']""")


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def read_by_the_code() -> set[str]:
    asked = Asked()
    components(asked)
    Config.from_environment(asked)
    found = set(asked.names)
    for path in SOURCE.rglob("*.py"):
        if "tests" not in path.parts and path.name != "settings_test.py":
            found |= set(_NAME.findall(path.read_text()))
    return {name for name in found if not name.startswith(_OF_TESTS)}


def test_every_variable_that_is_read_is_told_of_and_no_other() -> None:
    page = (ROOT / "docs" / "run" / "settings.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert told == read_by_the_code()


def test_the_pages_of_docs_run_lead_to_each_other() -> None:
    folder = ROOT / "docs" / "run"
    for page in folder.glob("*.md"):
        for target in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} leads to {target}"


def test_every_job_with_a_time_is_in_operations() -> None:
    page = (ROOT / "docs" / "run" / "operations.md").read_text()
    jobs = {
        name
        for path in SOURCE.glob("*/jobs.py")
        for name in re.findall(r'@job\("([\w.]+)", cron=', path.read_text())
    }
    assert {name for name in jobs if f"`{name}`" not in page} == set()


def test_the_map_has_every_room_on_its_floor_and_only_doors_that_exist() -> None:
    page = (ROOT / "MAP.md").read_text()
    rows = re.findall(r"^\| [a-z ]*\| (`[^|]*(?:\\\| `[^|]*)*) \|", page, re.MULTILINE)
    told = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = [
        {n.strip() for n in floor.split("|")} for floor in contracts["contracts"][0]["layers"]
    ]
    assert told == floors
    drawn = house.describe()
    for room, function in re.findall(r"`(\w+)\.service\.(\w+)`", page):
        assert function in house.doors(room), f"{room}.service.{function}"
        assert f"- `{function}`:" in drawn
