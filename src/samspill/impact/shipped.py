"""The data that come with the room: assumption sets and reference classes, read from `data/`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from samspill.impact.domain.assumptions import AssumptionSet, read_set

DATA = Path(__file__).parent / "data"


@functools.cache
def bodies() -> dict[str, dict[str, Any]]:
    """Return the files' contents by version, as JSON has them (days as texts)."""
    found = {}
    for path in sorted(DATA.glob("assumptions-*.yaml")):
        read = yaml.safe_load(path.read_text("utf-8"))
        days = {key: str(read[key]) for key in ("valid_from", "valid_to")}
        found[str(read["version"])] = {**read, **days}
    return found


@functools.cache
def assumption_sets() -> dict[str, AssumptionSet]:
    """Return the shipped sets by version, oldest first."""
    return {version: read_set(body) for version, body in bodies().items()}


def newest() -> AssumptionSet:
    """Return the newest shipped set."""
    return list(assumption_sets().values())[-1]
