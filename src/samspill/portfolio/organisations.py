"""The organisations besides the municipalities that take part in deciding together: agencies, ministries and KS.

Read once from `data/organisations.yaml`, where the numbers' source stands.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import attrs
import yaml

_FILE = Path(__file__).parent / "data" / "organisations.yaml"


@attrs.frozen
class Organisation:
    """An agency or association by its number; `short` is what people call it."""

    org_no: str
    name: str
    short: str
    kind: Literal["agency", "association"]
    ministry: bool = False


@functools.cache
def everybody() -> dict[str, Organisation]:
    """Return all organisations by number, in the order of the file."""
    listed = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["organisations"]
    found = [Organisation(**row) for row in listed]
    return {one.org_no: one for one in found}


def organisation(org_no: str) -> Organisation | None:
    """Return the organisation with a number, or None when it does not take part."""
    return everybody().get(org_no)


def organisations() -> list[Organisation]:
    """Return all organisations in the order of the file."""
    return list(everybody().values())
