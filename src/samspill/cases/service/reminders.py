"""Remind of tasks that the month's run waits for, so that a held case is nobody's secret.

A task is reminded of once a week at most: the case then stands as overdue in the lists of whom the task
belongs to, the case's page says why, and the event log has it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection

from samspill.cases import events
from samspill.cases.service import decisions
from samspill.infra import clock
from samspill.infra import events as log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from samspill.cases.service.decisions import CaseFacts
    from samspill.kernel.actor import Actor

AGAIN_AFTER = dt.timedelta(days=7)


def remind(cases: Sequence[CaseFacts], actor: Actor) -> int:
    """Mark the open tasks of cases that a run holds for them, in the present transaction.

    Args:
        cases: those that are held because a task is open.
        actor: the run.

    Returns:
        How many cases were reminded of; those reminded of within a week are left alone.
    """
    if not cases:
        return 0
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_task SET reminded_at = %s, due_on = LEAST(due_on, %s) "
            "WHERE state = 'open' AND case_id = ANY(%s) "
            "AND (reminded_at IS NULL OR reminded_at <= %s) RETURNING case_id",
            [now, clock.today(), [case.case_id for case in cases], now - AGAIN_AFTER],
        )
        reminded = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "UPDATE cases_case SET due_on = LEAST(due_on, %s) WHERE id = ANY(%s)",
            [clock.today(), list(reminded)],
        )
    log.append_many(
        (
            events.TaskReminded(**decisions.about(case, role="system"))
            for case in cases
            if case.case_id in reminded
        ),
        actor=actor,
    )
    return len(reminded)
