"""What a walk of all pages has found, kept for the accessibility statement.

Each part of a walk leaves a file in `.cache/a11y` (or where `SAMSPILL_WALK` says). `scripts/accessibility_facts` joins
them into `src/samspill/site/data/accessibility.json`, from which the statement is made.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import attrs

from samspill.infra import clock

ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen
class Part:
    """What was looked at as one person."""

    who: str
    roles: tuple[str, ...]
    on: str
    routes: tuple[str, ...]
    looks: int
    languages: tuple[str, ...]
    axe: str
    faults: int


def folder() -> Path:
    """Where the parts lie."""
    return Path(os.environ.get("SAMSPILL_WALK") or ROOT / ".cache" / "a11y")


def tell(
    *, who: str, roles: Iterable[str], routes: Iterable[str], looks: int, languages: Iterable[str], axe: str, faults: int
) -> None:  # fmt: skip
    """Leave what was found; a later walk writes over it."""
    part = Part(
        who, tuple(sorted(roles)), clock.today().isoformat(), tuple(sorted(set(routes))), looks,
        tuple(languages), axe, faults,
    )  # fmt: skip
    folder().mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", who)
    (folder() / f"{name}.json").write_text(json.dumps(attrs.asdict(part)), "utf-8")


def parts() -> list[Part]:
    """Read what the last walk left."""
    read = (json.loads(path.read_text("utf-8")) for path in sorted(folder().glob("*.json")))
    return [
        Part(**{name: tuple(v) if isinstance(v, list) else v for name, v in one.items()})
        for one in read
    ]
