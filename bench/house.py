"""A running Samspill for the benches: durable embedded PostgreSQL, the sandbox, the real web server and worker.

Everything is as `samspill run` starts it (granian with two workers, the stand-ins over HTTP, the real
sessions), except the folder, which is thrown away, and the peers' addresses (`bench.peer_site`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[1]
HOUSEHOLDS = 300
_READY_S = 60.0


@attrs.frozen
class House:
    """The addresses of what runs, and the processes by name."""

    web: str
    sandbox: str
    database: str
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def port(self) -> int:
        """The port of the web."""
        return int(self.web.rsplit(":", 1)[1])


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Start a durable PostgreSQL in a folder of its own and give the address of an empty database."""
    from samspill.infra import database as embedded

    folder = Path(tempfile.mkdtemp(prefix="samspill-bench-"))
    folder.chmod(0o755)
    server = embedded.start(folder / "postgres")
    try:
        yield embedded.ensure_database(server, "bench")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def house(
    *, worker: bool = False, registers: str = "sandbox", web_workers: int = 2
) -> Iterator[House]:
    """Start everything and stop it again.

    Args:
        worker: also the process that drains events and runs jobs.
        registers: `sandbox` (the stand-ins) or `canned` (a register that answers from memory, so that a bench
            of our writes is not one of the stand-ins' Python).
        web_workers: processes of the web server.
    """
    with database() as address, contextlib.ExitStack() as running:
        folder = Path(tempfile.mkdtemp(prefix="samspill-bench-data-"))
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        web, sandbox = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
        _set_environment(folder, address, web, sandbox)
        _prepare()
        processes = {"sandbox": running.enter_context(_process(_registers(registers, sandbox)))}
        _wait(f"{sandbox}/_sandbox/health")
        from samspill.site import serving

        port = int(web.rsplit(":", 1)[1])
        line = serving.command(host="127.0.0.1", port=port, workers=web_workers, log=False)
        processes["web"] = running.enter_context(_process(line))
        if worker:
            command = [sys.executable, "-m", "samspill.site.cli", "worker"]
            processes["worker"] = running.enter_context(_process(command))
        _wait(f"{web}/helse/")
        yield House(web, sandbox, address, processes)
        _close()


def _set_environment(folder: Path, address: str, web: str, sandbox: str) -> None:
    values = {
        "DATABASE_URL": address,
        "SAMSPILL_DATA": str(folder),
        "SAMSPILL_KEYS": str(folder / "keys"),
        "SAMSPILL_FILES": str(folder / "files"),
        "SAMSPILL_BASE_URL": web,
        "SAMSPILL_SANDBOX_URL": sandbox,
        "SAMSPILL_SANDBOX_HOUSEHOLDS": str(HOUSEHOLDS),
        "SAMSPILL_SANDBOX_CLIENT_JWKS_FILE": str(folder / "keys" / "client.jwks.json"),
        "SAMSPILL_SECRET_KEY": "only-for-the-bench" * 4,
        "SAMSPILL_LOG": "WARNING",
        "SAMSPILL_LIMITS": "off",
        "DJANGO_SETTINGS_MODULE": "bench.peer_settings",
        "PYTHONPATH": str(ROOT),
    }
    os.environ.update(values)


def _prepare() -> None:
    import django

    django.setup()
    from django.db import connections

    from samspill.kernel.actor import system
    from samspill.packages import service as packages
    from samspill.site import preparing

    preparing.make_keys()
    preparing.migrate()
    preparing.publish_catalogue()
    with tempfile.TemporaryDirectory() as folder:
        packages.publish(_short_form(Path(folder)), actor=system("bench"))
    connections.close_all()


def _short_form(folder: Path) -> Path:
    """Write a service of three pages that asks Folkeregisteret alone: the tests' allotment, with longer texts."""
    path = folder / "parcel"
    shutil.copytree(ROOT / "src/samspill/cases/tests/allotment", path)
    changes = {
        "service.yaml": [("id: allotment", "id: parcel")],
        "data.yaml": [("type: text, max_length: 500", "type: text, max_length: 5000")],
        "registers.yaml": [("when: start\n", "when: decision\n"), ('"page:costs"', "decision")],
    }
    for name, pairs in changes.items():
        text = (path / name).read_text()
        for old, new in pairs:
            assert old in text, f"{name} no longer has {old!r}"
            text = text.replace(old, new)
        (path / name).write_text(text)
    return path


def _registers(kind: str, address: str) -> list[str]:
    port = int(address.rsplit(":", 1)[1])
    if kind == "canned":
        return [sys.executable, "-m", "bench.canned_register", str(port)]
    from samspill.site import preparing

    return preparing.sandbox_command(port)


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, cwd=ROOT)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.05)
    msg = f"{url} did not answer within {_READY_S:.0f} seconds"
    raise RuntimeError(msg)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def citizen_session(national_id: str) -> str:
    """Log a person in (by the room's own session function) and return the cookie's token."""
    from samspill.identity import service as identity
    from samspill.identity import sessions
    from samspill.identity.domain import Claims
    from samspill.kernel.ids import NationalId

    number = NationalId.parse(national_id, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    claims = Claims("https://bench", national_id[::-1], "", "substantial", None, "Prøve", ())
    _, token = sessions.begin(
        profile="citizen",
        person_id=identity.person_for(number),
        claims=claims,
        units=[],
        id_token="",
    )
    return token


def employee_session(unit: Any) -> str:
    """Log an employee of one organisation in and return the cookie's token."""
    from samspill.identity import service as identity
    from samspill.identity import sessions
    from samspill.identity.domain import Claims
    from samspill.kernel.ids import NationalId
    from samspill.sandbox.population import STAFF

    number = NationalId.parse(STAFF[0].national_id, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    claims = Claims("https://bench", f"staff-{time.monotonic_ns()}", "", "high", None, "Prøve", ())
    _, token = sessions.begin(
        profile="employee",
        person_id=identity.person_for(number),
        claims=claims,
        units=[unit],
        id_token="",
    )
    return token
