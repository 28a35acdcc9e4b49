"""The guardians' service areas of Folkeregisteret: data with dates, not an enum.

Unknown and retired codes give no right and stop nothing: codes come and go with two months' notice (R7).
"""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import attrs

_SPELLINGS = {
    "namsmannen:tvangsfullbyrdelseOgForliksrådet": "namsmannen:tvangsfullbyrdelseOgForliksraadet",
}
"""The register's notice and its mapping spell one code differently; both are taken."""


@attrs.frozen
class GuardianCode:
    """One service area: `virksomhet:oppgave`, Altinn's id of the same, and whether consent is needed."""

    code: str
    altinn_id: str
    needs_consent: bool
    valid_from: dt.date
    retired: bool

    def is_current(self, on: dt.date) -> bool:
        """Tell whether the code gives a right on a date."""
        return not self.retired and on >= self.valid_from


@cache
def guardian_codes() -> MappingProxyType[str, GuardianCode]:
    """Return all codes, current and retired, by code."""
    text = (files("samspill.mandates") / "data" / "guardian_codes.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType(
        {
            row["code"]: GuardianCode(
                row["code"],
                row["altinn_id"],
                row["consent"] == "yes",
                dt.date.fromisoformat(row["valid_from"]),
                row["status"] == "retired",
            )
            for row in csv.DictReader(lines)
        }
    )


def normal(code: str) -> str:
    """Return the code as the register's mapping spells it.

    >>> normal("namsmannen:tvangsfullbyrdelseOgForliksrådet")
    'namsmannen:tvangsfullbyrdelseOgForliksraadet'
    """
    return _SPELLINGS.get(code, code)


def current(code: str, on: dt.date) -> GuardianCode | None:
    """Return the code when it gives a right on a date, else None."""
    known = guardian_codes().get(normal(code))
    return known if known is not None and known.is_current(on) else None
