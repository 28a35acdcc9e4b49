"""Housekeeping: login attempts that were never finished, sessions long ended, employees long gone."""

from __future__ import annotations

import datetime as dt

from samspill.identity import employees
from samspill.identity.domain import LONGEST
from samspill.identity.models import LoginAttempt, Session
from samspill.infra import clock, deletions
from samspill.infra.jobs import job
from samspill.kernel.actor import system

KEEP_ENDED = dt.timedelta(days=1)


@job("identity.tidy", cron="17 * * * *")
def tidy() -> tuple[int, int]:
    """Delete attempts past their time and sessions over for a day; who logged in stays in the event log."""
    now = clock.now()
    attempts, _ = LoginAttempt.objects.filter(expires_at__lt=now).delete()
    over = now - KEEP_ENDED - max(LONGEST.values())
    old = Session.objects.filter(started_at__lt=over)
    ended = deletions.delete(old, actor=system("identity.tidy"), what="sessions")
    employees.forget_gone()
    return attempts, ended
