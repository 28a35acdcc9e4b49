"""The one clock. Services ask here, so that tests and the demo can decide what time it is.

Instants are UTC; `today` is the calendar day in Norway (SP-42: store UTC, decide in Europe/Oslo).
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
from collections.abc import Iterator

from samspill.kernel.periods import OSLO

_frozen: contextvars.ContextVar[dt.datetime | None] = contextvars.ContextVar("frozen", default=None)


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the calendar day in Norway."""
    return now().astimezone(OSLO).date()


@contextlib.contextmanager
def frozen(at: dt.datetime | dt.date) -> Iterator[None]:
    """Hold the clock at an instant (a date: noon in Norway) inside the block."""
    instant = (
        at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time(12), tzinfo=OSLO)
    )
    token = _frozen.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
