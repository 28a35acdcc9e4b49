"""What time alone does: notice before a mandate ends, the event when it has ended, old facts emptied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.mandates import events
from samspill.mandates.domain.history import NOTICE_DAYS
from samspill.mandates.models import Grant, Step
from samspill.mandates.service import telling

_ACTOR = system("mandates")


def look_after() -> tuple[int, int]:
    """Tell of mandates that end within 30 days, and of those that have ended; each once. Return how many of each."""
    today = clock.today()
    standing = Grant.objects.filter(source="samspill", revoked_at__isnull=True)
    soon = standing.filter(valid_to__range=(today, today + dt.timedelta(days=NOTICE_DAYS)))
    return _tell(soon, "notice"), _tell(standing.filter(valid_to__lt=today), "expired")


@transaction.atomic
def _tell(rows: Iterable[Grant], what: str) -> int:
    told = 0
    for row in rows:
        if Step.objects.filter(grant_id=row.id, what=what).exists():
            continue
        about: dict[str, Any] = telling.about(row)
        happened = events.MandateExpired if what == "expired" else events.MandateEndsSoon
        telling.tell(_ACTOR, row, what, happened(**about))
        told += 1
    return told
