"""Stops the embedded PostgreSQL when the one who started it is gone, whatever way it went.

PostgreSQL is no child of ours: it goes on when we are killed outright. The guard is a small process that
waits on a pipe from its starter; the pipe closes when the starter ends, also by `kill -9`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from samspill.infra import database


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start a guard of a data folder; close its `stdin` when the server is stopped."""
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", "samspill.infra.database_guard", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def main(folder: Path) -> int:
    """Wait until the starter is gone, and stop the server unless another living process uses it."""
    sys.stdin.buffer.read()
    database.stop(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
