"""The country as the calculation sees it: facts of each municipality from the reference files.

Needs no database, so that the commands run anywhere; `service.drivers` lays corrections over it.
"""

from __future__ import annotations

import functools
from typing import Any

import yaml

from samspill.impact.domain.facts import Facts
from samspill.impact.shipped import DATA
from samspill.municipalities import service as municipalities

#: What is assumed where nothing is known: the zone of most of the country.
FIRST_ZONE = "1"


@functools.cache
def facts() -> tuple[Facts, ...]:
    """Return the municipalities of today, by number."""
    counties = municipalities.county_names()
    return tuple(
        _facts(item, counties)
        for item in sorted(municipalities.listed(), key=lambda listed: listed.number)
    )


def listed_zone(number: str) -> str | None:
    """Return the zone of employer's contribution that the reference file knows for a municipality, or None."""
    zones = _zones()
    found: str | None = zones["municipalities"].get(number) or zones["counties"].get(number[:2])
    return found


def _facts(item: municipalities.Listed, counties: dict[str, str]) -> Facts:
    latest: dict[str, Any] = {}
    for figure in sorted(item.figures, key=lambda one: one.year):
        latest[figure.key] = figure.value
    number = item.number
    return Facts(
        number=number,
        inhabitants=float(latest["population"]),
        name=item.name,
        county=counties[number[:2]],
        centrality=str(latest["centrality_class"]),
        zone=listed_zone(number) or FIRST_ZONE,
    )


@functools.cache
def _zones() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "contribution_zones.yaml").read_text("utf-8"))
    return found
