"""`samspill run`: the whole system on one machine, and all of it stopped again.

Order: look that it can work, database, migrations, catalogue, sandbox, demo data, web and worker. Children live
in their own process groups and die with their parent, whatever way it goes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

_PR_SET_PDEATHSIG = 1
_READY_S = 30.0
_STOP_S = 12.0
Say = Callable[[str], None]


class StartError(Exception):
    """The system cannot start; the message says why and what to do."""


@attrs.frozen
class Plan:
    """What to run: the port of the web, the data folder, with or without demo, households in the sandbox."""

    port: int
    data: Path
    demo: bool
    households: int

    @property
    def address(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.port}"


@attrs.define
class _Child:
    name: str
    process: subprocess.Popen[bytes]


class _Stopped(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked us to stop."""


def run(plan: Plan) -> int:
    """Run everything until Ctrl-C or SIGTERM; return 0 when it was asked to stop, 1 when a part died."""
    _refuse_taken(plan.port)
    children: list[_Child] = []
    server: Any = None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        server = _database(plan)
        sandbox_port = _free_port()
        _environment(plan, sandbox_port)
        _prepare(plan, children, sandbox_port)
        children.append(_spawn("web", _web(plan)))
        children.append(_spawn("worker", [sys.executable, "-m", "samspill.site.cli", "worker"]))
        _wait_until_ready(f"{plan.address}/helse/", children)
        _announce(plan)
        return _watch(children)
    except _Stopped:
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
        if server is not None:
            server.cleanup()


def _database(plan: Plan) -> Any:
    if os.environ.get("DATABASE_URL"):
        plan.data.mkdir(parents=True, exist_ok=True)
        return None
    from samspill.infra import database

    _say("Database …")
    server = database.start(plan.data / "postgres")
    os.environ["DATABASE_URL"] = database.ensure_database(server, "samspill")
    return server


def _environment(plan: Plan, sandbox_port: int) -> None:
    values = {
        "SAMSPILL_DATA": str(plan.data),
        "SAMSPILL_KEYS": str(plan.data / "keys"),
        "SAMSPILL_FILES": str(plan.data / "files"),
        "SAMSPILL_BASE_URL": plan.address,
        "SAMSPILL_SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "SAMSPILL_SANDBOX_HOUSEHOLDS": str(plan.households),
        "SAMSPILL_SANDBOX_CLIENT_JWKS_FILE": str(plan.data / "keys" / "client.jwks.json"),
        "SAMSPILL_SANDBOX_REDIRECT_URIS": " ".join(
            f"{plan.address}/logg-inn/{who}/retur/" for who in ("person", "ansatt")
        ),
        "SAMSPILL_SANDBOX_POST_LOGOUT_REDIRECT_URIS": f"{plan.address}/logget-ut/",
        "SAMSPILL_SANDBOX_FRONTCHANNEL_LOGOUT_URI": f"{plan.address}/logg-ut/front/",
        "SAMSPILL_SANDBOX_BACKCHANNEL_LOGOUT_URI": f"{plan.address}/logg-ut/bak/",
        "SAMSPILL_SECRET_KEY": _kept_secret(plan.data),
        "DJANGO_SETTINGS_MODULE": "samspill.site.settings",
    }
    for key, value in values.items():
        os.environ.setdefault(key, value)
    path = plan.data / "environment.json"
    path.touch(mode=0o600)
    kept = {key: os.environ[key] for key in (*values, "DATABASE_URL")}
    path.write_text(json.dumps(kept, indent=1))


def _prepare(plan: Plan, children: list[_Child], sandbox_port: int) -> None:
    import django

    django.setup()
    from django.db import connections

    from samspill.site import preparing

    preparing.make_keys()
    preparing.migrate(say=_say)
    preparing.publish_catalogue(say=_say)
    children.append(_spawn("sandbox", preparing.sandbox_command(sandbox_port)))
    _wait_until_ready(f"http://127.0.0.1:{sandbox_port}/_sandbox/health", children)
    if plan.demo:
        preparing.load_demo_if_empty(say=_say)
    connections.close_all()


def _web(plan: Plan) -> list[str]:
    from samspill.site import serving

    return serving.command(host="127.0.0.1", port=plan.port, workers=2, log=False)


def _spawn(name: str, command: list[str]) -> _Child:
    process = subprocess.Popen(  # noqa: S603 - our own command lines
        command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent
    )
    return _Child(name, process)


def _die_with_parent() -> None:
    """Ask Linux to end the child when we are killed outright; elsewhere there is no such wish."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(children: list[_Child]) -> int:
    while True:
        for child in children:
            if child.process.poll() is not None:
                _say(f"{child.name} ended by itself (code {child.process.returncode}); stopping.")
                return 1
        time.sleep(0.5)


def _stop_all(children: list[_Child]) -> None:
    for child in reversed(children):
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.process.wait()


def _signal(child: _Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)


def _stop(*_: object) -> None:
    raise _Stopped


def _wait_until_ready(url: str, children: list[_Child]) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        dead = next((child for child in children if child.process.poll() is not None), None)
        if dead is not None:
            msg = f"{dead.name} ended while starting (code {dead.process.returncode})"
            raise StartError(msg)
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(url, timeout=2),  # noqa: S310 - loopback
        ):
            return
        time.sleep(0.05)
    msg = f"{url} did not answer within {_READY_S:.0f} seconds"
    raise StartError(msg)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            msg = (
                f"port {port} is taken ({error.strerror}). "
                f"Stop what uses it, or choose another: samspill run --port {port + 1}"
            )
            raise StartError(msg) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kept_secret(data: Path) -> str:
    """Return the secret of this data folder, made once, so that sessions live through a restart."""
    path = data / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def _announce(plan: Plan) -> None:
    from samspill.site.preparing import people_to_try

    _say(f"\nSamspill is ready: {plan.address}\n")
    for line in people_to_try():
        _say(line)
    _say(f"\nThe stand-ins answer at the sandbox: {os.environ['SAMSPILL_SANDBOX_URL']}/_sandbox/")
    _say("Stop with Ctrl-C. Data stay in " + str(plan.data))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
