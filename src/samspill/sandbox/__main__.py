"""Run the sandbox alone: `python -m samspill.sandbox --port 8090`. One process, several threads."""

from __future__ import annotations

import argparse

from granian import Granian
from granian.constants import Interfaces

THREADS = 8


def main() -> None:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m samspill.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    asked = parser.parse_args()
    Granian(
        "samspill.sandbox.app:application",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
