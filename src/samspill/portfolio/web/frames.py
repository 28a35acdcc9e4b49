"""The frames of a round as they are typed on the page: money by payer and year, hours by size of municipality.

A cell that is left open has no frame. One that is filled in with what is no amount is told by its name, never left out:
a frame that somebody believes is there, and is not, would let a round decide over money that nobody has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from samspill.portfolio.domain.entering import PAYERS
from samspill.portfolio.domain.representativeness import SIZE_CLASSES
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.service import words
from samspill.portfolio.web import page

#: Budget years that a round has frames for, its own the first.
YEARS = 4
_MILLION = 1e6


def budgets(posted: Mapping[str, str], year: int) -> list[dict[str, Any]]:
    """Return the frames in money as a round takes them; million kroner on the page, kroner in the round.

    Raises:
        RefusedError: `unreadable`, `where` the name of the cell: no amount, or a promise without a plan beside it.
    """
    rows = []
    for payer in PAYERS:
        for at in range(year, year + YEARS):
            named = f"{words.PAYERS[payer]} {at}"
            cell = f"plan-{payer}-{at}"
            plan = _amount(posted, cell, named)
            promised = _amount(posted, f"commitment-{payer}-{at}", named)
            if promised is not None and plan is None:
                raise page.fault(
                    cell,
                    _("%(frame)s: an amount is promised (P85), but none is planned (P50)."),
                    _("Fill in both, or neither."),
                    frame=named,
                )
            if plan is None:
                continue
            row = {"payer": payer, "year": at, "plan_nok": plan * _MILLION}
            if promised is not None:
                row["commitment_nok"] = promised * _MILLION
            rows.append(row)
    return rows


def loads(posted: Mapping[str, str], year: int) -> list[dict[str, Any]]:
    """Return the free hours of one municipality by size and year; the same in each year of the round.

    Raises:
        RefusedError: `unreadable`, `where` the name of the cell.
    """
    found = []
    for at, name in enumerate(SIZE_CLASSES):
        hours = _amount(posted, f"hours-{at}", str(words.SIZES[name]))
        if hours is not None:
            found += [
                {"size_class": name, "year": ahead, "hours": hours}
                for ahead in range(year, year + YEARS)
            ]
    return found


def _amount(posted: Mapping[str, str], cell: str, named: str) -> float | None:
    """Return what is typed in a cell, or None when it is left open."""
    text = posted.get(cell, "").strip()
    if not text:
        return None
    amount = page.number_of(text)
    if amount is None or not math.isfinite(amount) or amount < 0:
        raise page.fault(
            cell,
            _("%(frame)s: “%(text)s” is not an amount of zero or more."),
            _("Write digits, with a comma before decimals."),
            frame=named,
            text=text[:40],
        )
    return amount
