"""What a role in Enhetsregisteret lets its holder do for the organisation. The roles are data: organisation_roles.csv.

Who signs alone, or holds prokura alone, acts; who signs together with others sees, and acts together with them by hand
only; a role without either gives what the table says, and most give nothing.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import attrs

from samspill.mandates.domain.model import Level

PREFIX = "0192:"
"""Before an organisation's number, where a party may be a person too (ISO 6523)."""


@attrs.frozen
class Right:
    """How far a role reaches. `joint`: together with others only; `court_appointed`: also for a bankrupt's estate."""

    level: Level
    joint: bool = False
    court_appointed: bool = False


@cache
def _own_rights() -> MappingProxyType[str, Right]:
    text = (files("samspill.mandates") / "data" / "organisation_roles.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType(
        {
            row["code"]: Right(
                "write" if row["level"] == "write" else "read",
                court_appointed=row["court"] == "yes",
            )
            for row in csv.DictReader(lines)
        }
    )


def right_of(code: str, *, alone: bool, together: bool) -> Right | None:
    """Return what a role gives, None when it gives nothing.

    >>> right_of("MEDL", alone=False, together=True)
    Right(level='write', joint=True, court_appointed=False)
    >>> right_of("VARA", alone=False, together=False) is None
    True
    """
    own = _own_rights().get(code)
    if own is not None and own.level == "write":
        return own
    if alone:
        return Right("write")
    return Right("write", joint=True) if together else own
