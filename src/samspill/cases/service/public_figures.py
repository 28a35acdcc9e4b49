"""Figures of all cases together, without persons: how many days from application to the first decision.

For rooms that show the country. Counts by municipality, quarter and days come out as they are; whoever shows
them hides the small ones. Cases whose address is hidden are not counted, whether or not a municipality is known.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import attrs
from django.db import connection

from samspill.cases.models import ADDRESS_HIDDEN
from samspill.infra import isolation

_FIRST = """
    SELECT package_id, municipality_id, quarter, days, count(*)
    FROM (
        SELECT DISTINCT ON (d.case_id)
            d.package_id, c.municipality_id,
            date_trunc('quarter', d.decided_at AT TIME ZONE 'Europe/Oslo')::date AS quarter,
            greatest(0, extract(day FROM d.decided_at - c.submitted_at))::int AS days
        FROM cases_decision d JOIN cases_case c ON c.id = d.case_id
        WHERE c.municipality_id IS NOT NULL AND c.protection <> ALL(%s)
        ORDER BY d.case_id, d.decided_at
    ) AS first
    GROUP BY package_id, municipality_id, quarter, days
    ORDER BY package_id, municipality_id, quarter, days
"""


@attrs.frozen
class DecisionDays:
    """How many cases of a service in a municipality got their first decision in a quarter after so many days."""

    package_id: str
    municipality_id: UUID
    quarter: dt.date
    days: int
    cases: int


def decision_days() -> list[DecisionDays]:
    """Return the counts of all services, municipalities and quarters; `quarter` is its first day."""
    with isolation.wider("figures"), connection.cursor() as cursor:
        cursor.execute(_FIRST, [list(ADDRESS_HIDDEN)])
        return [DecisionDays(*row) for row in cursor.fetchall()]
