"""Housekeeping: login attempts that were never finished, sessions long ended, employees long gone."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from samspill.identity import employees
from samspill.identity.domain import LONGEST
from samspill.identity.models import LoginAttempt, Session
from samspill.infra import clock, deletions
from samspill.infra.jobs import job
from samspill.kernel.actor import system

ATTEMPTS, SESSIONS = "login attempts", "sessions"
KEEP_ENDED = dt.timedelta(days=1)


@job("identity.tidy", cron="17 * * * *")
def tidy() -> tuple[int, int]:
    """Delete attempts past their time and sessions over for a day; who logged in stays in the event log."""
    actor = system("identity.tidy")
    attempts = deletions.delete(_attempts(), actor=actor, what=ATTEMPTS)
    ended = deletions.delete(_sessions(), actor=actor, what=SESSIONS)
    employees.forget_gone()
    return attempts, ended


def _attempts() -> QuerySet[LoginAttempt]:
    return LoginAttempt.objects.filter(expires_at__lt=clock.now())


def _sessions() -> QuerySet[Session]:
    return Session.objects.filter(started_at__lt=clock.now() - KEEP_ENDED - max(LONGEST.values()))


deletions.keep(ATTEMPTS, "until it has ended or run out", field="expires_at", due=_attempts)
deletions.keep(SESSIONS, "a day after it can last no longer", field="started_at", due=_sessions)
