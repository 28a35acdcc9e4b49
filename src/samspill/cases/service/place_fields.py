"""Which fields of a package hold a place, found once for each version of it."""

from __future__ import annotations

import functools

from samspill.cases.domain import places
from samspill.packages.service import Package


@functools.lru_cache(maxsize=64)
def of(package: Package) -> frozenset[str]:
    """Give the paths of the fields of a package that tell where somebody is (SP-24)."""
    return places.place_fields(package.fields, package.lookups.values())
