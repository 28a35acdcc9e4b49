"""Scheduled and long jobs, on procrastinate (PostgreSQL). No broker.

A job is a function with a name and JSON arguments; it may run twice and must then do no harm. It is
deferred in the transaction of the change that wants it, so that it exists exactly when the change does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

Handler = Callable[..., Any]


@attrs.frozen
class Job:
    """A registered job: its task, and the cron line when it runs by itself (Europe/Oslo)."""

    name: str
    handler: Handler
    cron: str | None


_jobs: dict[str, Job] = {}
_DEFAULT_RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


def job(
    name: str, *, cron: str | None = None, queue: str = "default"
) -> Callable[[Handler], Handler]:
    """Register a function as a job. `cron` (five fields, UTC) makes it run by itself."""

    def register(handler: Handler) -> Handler:
        run: Handler = handler
        if cron is not None:

            def run(timestamp: int, **kwargs: Any) -> Any:  # noqa: ARG001 - the clock passes it
                return handler(**kwargs)

        task = app.task(name=name, queue=queue, retry=_DEFAULT_RETRY)(run)
        if cron is not None:
            app.periodic(cron=cron, periodic_id=name)(task)
        _jobs[name] = Job(name, handler, cron)
        return handler

    return register


def defer(name: str, *, key: str | None = None, at: dt.datetime | None = None, **args: Any) -> bool:
    """Put a job in the queue within the present transaction; tell whether it was added.

    `key`: at most one waiting job with that key; a second request is then no work and returns False.
    """
    try:
        with (
            transaction.atomic()
        ):  # a refused second request must not spoil the caller's transaction
            app.configure_task(name, queueing_lock=key, schedule_at=at).defer(**args)
    except AlreadyEnqueued:
        return False
    return True


def jobs() -> dict[str, Job]:
    """Return every registered job by name."""
    return dict(_jobs)
