"""The data that come with the room: assumption sets and reference classes, read from `data/`."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml

from samspill.impact.domain.assumptions import AssumptionSet, read_set

DATA = Path(__file__).parent / "data"


@functools.cache
def assumption_sets() -> dict[str, AssumptionSet]:
    """Return the shipped sets by version, oldest first."""
    found = [read_set(yaml.safe_load(path.read_text("utf-8"))) for path in _files()]
    return {item.version: item for item in found}


def newest() -> AssumptionSet:
    """Return the newest shipped set."""
    return list(assumption_sets().values())[-1]


def _files() -> list[Path]:
    return sorted(DATA.glob("assumptions-*.yaml"))
