"""When each component last answered a look-up, and whether it fails now: for everybody, with nothing about anybody.

Written by the look-ups, at once when a component begins or ends to fail and else at most once a minute by each process:
a row that every look-up wrote would be waited for by all. No statement here waits for another.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable

import attrs

from samspill.infra import clock, sql
from samspill.registers.models import ComponentHealth

_AGAIN_AFTER_S = 60.0
_WRITE = """
INSERT INTO registers_health (component, answered_at, failed_at, failing_since, kind)
SELECT %s, %s::timestamptz, %s::timestamptz, %s::timestamptz, %s
WHERE pg_try_advisory_xact_lock(hashtextextended(%s, 0))
ON CONFLICT (component) DO UPDATE SET
  answered_at = coalesce(EXCLUDED.answered_at, registers_health.answered_at),
  failed_at = coalesce(EXCLUDED.failed_at, registers_health.failed_at),
  failing_since = CASE WHEN EXCLUDED.kind <> ''
    THEN coalesce(registers_health.failing_since, EXCLUDED.failing_since) END,
  kind = EXCLUDED.kind
"""
_noted: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


@attrs.frozen
class Health:
    """How a component has answered. `kind` is '' when it answered last, else how it failed (`Unavailable.kind`).

    answered_at, failed_at: the last of each, to the minute. failing_since: when the failures that still go on began.
    """

    answered_at: dt.datetime | None = None
    failed_at: dt.datetime | None = None
    failing_since: dt.datetime | None = None
    kind: str = ""


def note(component: str, kind: str = "") -> None:
    """Remember that a component answered, or how it failed; one short statement, and mostly none."""
    now = time.monotonic()
    with _lock:
        before = _noted.get(component)
        if before is not None and before[0] == kind and now - before[1] < _AGAIN_AFTER_S:
            return
        _noted[component] = (kind, now)
    at = clock.now()
    answered, failed = (at, None) if not kind else (None, at)
    sql.run(_WRITE, [component, answered, failed, failed, kind, f"registers.health {component}"])


def of(components: Iterable[str]) -> dict[str, Health]:
    """Return how components have answered; one that was never asked is not among them."""
    rows = ComponentHealth.objects.filter(component__in=set(components))
    return {
        row.component: Health(row.answered_at, row.failed_at, row.failing_since, row.kind)
        for row in rows
    }


def forget() -> None:
    """Forget what this process has noted, so that the next look-up writes (tests)."""
    with _lock:
        _noted.clear()
