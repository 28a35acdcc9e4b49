"""The organisations besides the municipalities that take part in deciding together: agencies, ministries and KS.

Read once from `data/organisations.yaml`, where the numbers' source stands.
"""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import Literal

import attrs
import yaml

_FILE = Path(__file__).parent / "data" / "organisations.yaml"


@attrs.frozen
class Organisation:
    """An agency or association by its number; `short` is what people call it.

    source: where number and name were seen together, outside this project, and on which day; empty where nobody has.
    """

    org_no: str
    name: str
    short: str
    kind: Literal["agency", "association"]
    ministry: bool = False
    source: str = ""
    seen: dt.date | None = None

    @property
    def is_verified(self) -> bool:
        """Tell whether the number was seen in a public source."""
        return bool(self.source) and self.seen is not None


@functools.cache
def everybody() -> dict[str, Organisation]:
    """Return all organisations by number, in the order of the file."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    found = [
        Organisation(**{**row, "source": read["sources"].get(row.get("source"), "")})
        for row in read["organisations"]
    ]
    return {one.org_no: one for one in found}


def organisation(org_no: str) -> Organisation | None:
    """Return the organisation with a number, or None when it does not take part."""
    return everybody().get(org_no)


def organisations() -> list[Organisation]:
    """Return all organisations in the order of the file."""
    return list(everybody().values())
