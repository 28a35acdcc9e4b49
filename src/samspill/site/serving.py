"""The web server: granian over WSGI."""

from __future__ import annotations

import os
import sys

from samspill.site import sparing


def command(*, host: str, port: int, workers: int, log: bool = True) -> list[str]:
    """Return the command line of the web server; it is started with this process's environment."""
    sparing.tell_children()
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "4", "--backpressure", "64", "--no-ws", "--respawn-failed-workers",
        "--workers-kill-timeout", "10",
        *(() if log else ("--log-level", "warning")),
        "samspill.site.wsgi:application",
    ]  # fmt: skip


def serve(*, host: str, port: int, workers: int) -> int:
    """Become the web server. Does not return."""
    line = command(host=host, port=port, workers=workers)
    os.execv(line[0], line)  # noqa: S606 - our own command line
