"""The worker: hands events to their listeners, runs jobs and the jobs of the clock.

Stops after the piece of work it is on when told to (SIGTERM, SIGINT); what was not done is taken up by the next.
"""

from __future__ import annotations

import logging
import threading

from django.db import connections
from procrastinate.contrib.django import app

from samspill.infra import events

_IDLE_S = 0.5
log = logging.getLogger(__name__)


def work() -> int:
    """Work until told to stop; return 0."""
    stop = threading.Event()
    listeners = threading.Thread(target=_listen, args=(stop,), name="events")
    listeners.start()
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as jobs:  # type: ignore[attr-defined]
            jobs.run_worker(concurrency=1, shutdown_graceful_timeout=20, listen_notify=True)
    finally:
        stop.set()
        listeners.join()
    return 0


def drain_all() -> int:
    """Hand out one batch to every listener that there is something for; return how many events were read."""
    return sum(events.drain(name) for name in events.waiting())


def _listen(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            read = drain_all()
        except Exception:
            log.exception("events could not be handed out; trying again")
            connections.close_all()
            read = 0
        if not read:
            stop.wait(_IDLE_S)
    connections.close_all()
