"""The decision point for employees, and whom an employee represents (forvaltningsloven § 6 first paragraph d).

`decide` is pure; `cases` brings the facts. Whoever is an agent or a guardian, or has been one in the year before, must
not prepare or decide that person's case. Wider than the letter of the law on purpose: the law asks whether one was an
agent after the case began.
"""

from __future__ import annotations

import datetime as dt
import uuid

from samspill.infra import clock, sql
from samspill.mandates.domain.employees import (
    ACTIONS,
    CLEARED,
    CLOSED_FOR,
    DISQUALIFIED,
    EVERYTHING,
    HIDDEN,
    LEADERS,
    Action,
    CaseFacts,
    Employee,
    Ground,
    Ruling,
    Side,
    decide,
    decide_report,
)

__all__ = [
    "ACTIONS", "CLEARED", "CLOSED_FOR", "DISQUALIFIED", "EVERYTHING", "HIDDEN", "LEADERS", "Action",
    "CaseFacts", "Employee", "Ground", "Ruling", "Side", "decide", "decide_report",
    "represented_by",
]  # fmt: skip

SINCE = dt.timedelta(days=365)

_REPRESENTED = "SELECT * FROM mandates_represented_by(%s, %s, %s, %s)"


def represented_by(person_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return those whom a person represents now, or has represented in the year before; one statement."""
    now = clock.now()
    today = clock.today()
    rows = sql.rows(_REPRESENTED, [person_id, now - SINCE, today - SINCE, today])
    return frozenset(row[0] for row in rows)
