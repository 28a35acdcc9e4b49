"""`samspill run`: the whole system on one machine, and all of it stopped again.

Order: look that it can work, database, migrations, catalogue, sandbox, demo data, web and worker. Children live
in their own process groups and die with their parent, whatever way it goes; a guard stops the database then.
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

import attrs

from samspill.kernel.outcome import ToldError
from samspill.site import sparing
from samspill.site.cli.language import spoken

_PR_SET_PDEATHSIG = 1
_PATIENCE_S = 300
_TELL_S = 10.0
_STOP_S = 12.0
_LOOK_S = 0.5
_CALM_S = 60.0
_MOST_STARTS = 3
_CONNECT_S = 5
_OLDEST = 150000
_FIRST_FREE, _USUAL_PORT, _LAST_PORT = 1024, 8000, 65535
Say = Callable[[str], None]


class StartError(ToldError):
    """The system cannot start: why, and what to do."""

    code = "cannot_start"


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
    command: list[str]
    process: subprocess.Popen[bytes]
    ended: list[float] = attrs.field(factory=list)


class _Stopped(BaseException):
    """Somebody asked us to stop: a wish, not an error, so that no `except Exception` holds it back."""


def run(plan: Plan) -> int:
    """Run everything until Ctrl-C or SIGTERM; return 0 when asked to stop, 1 when a part will not stay up."""
    _refuse_taken(plan.port)
    children: list[_Child] = []
    guard: subprocess.Popen[bytes] | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        guard = _database(plan)
        sandbox_port = _free_port()
        _environment(plan, sandbox_port)
        patience = _patience()
        _prepare(plan, children, sandbox_port, patience)
        children.append(_spawn("worker", [sys.executable, "-m", "samspill.site.cli", "worker"]))
        children.append(_spawn("web", _web(plan)))
        _wait_until_ready(f"{plan.address}/helse/", children, patience)
        _announce(plan)
        return _watch(children)
    except _Stopped:
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
        if guard is not None:
            _stop_database(plan, guard)


def _database(plan: Plan) -> subprocess.Popen[bytes] | None:
    """Find the database given, or start our own and return its guard."""
    from samspill.infra.settings_reader import with_secrets

    _make_folder(plan.data)
    given = with_secrets(os.environ).get("DATABASE_URL")
    if given:
        _refuse_unreachable(given)
        return None
    from samspill.infra import database, database_guard

    _say(spoken("Database …"))
    guard = database_guard.start(plan.data / "postgres")
    try:
        server = database.start(plan.data / "postgres")
    except BaseException:
        _stop_database(plan, guard)
        raise
    os.environ["DATABASE_URL"] = database.ensure_database(server, "samspill")
    return guard


def _stop_database(plan: Plan, guard: subprocess.Popen[bytes]) -> None:
    from samspill.infra import database

    database.stop(plan.data / "postgres")
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait(_STOP_S)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            "The data folder %(folder)s cannot be written: %(reason)s",
            "Choose another with --data DIR, or change its owner.",
            folder=str(folder),
            reason=error.strerror,
        ) from error


def _refuse_unreachable(url: str) -> None:
    """Look that the database given answers and is new enough; the address is never shown, it holds a password."""
    import psycopg

    from samspill.infra.settings_reader import database

    found = database(url)
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_S) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise StartError(
            "The database %(name)s does not answer: %(reason)s",
            "Start it or correct DATABASE_URL; without DATABASE_URL an embedded database is used.",
            name=found["NAME"],
            reason=str(error).splitlines()[0].strip(),
        ) from error
    if version < _OLDEST:
        raise StartError(
            "The database is PostgreSQL %(version)s, and %(oldest)s is the oldest that works.",
            "Upgrade it, or remove DATABASE_URL to use the embedded database.",
            version=version // 10000,
            oldest=_OLDEST // 10000,
        )


def _environment(plan: Plan, sandbox_port: int) -> None:
    from samspill.infra.settings_reader import SECRETS

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
        if not os.environ.get(SECRETS.get(key, key)):  # a secret may be kept in a file
            os.environ.setdefault(key, value)
    sparing.tell_children()
    path = plan.data / "environment.json"
    path.touch(mode=0o600)
    told = (*values, "DATABASE_URL", *SECRETS.values())
    kept = {key: os.environ[key] for key in told if key in os.environ}
    path.write_text(json.dumps(kept, indent=1))


def _prepare(plan: Plan, children: list[_Child], sandbox_port: int, patience: int) -> None:
    import django

    django.setup()
    from django.db import connections

    from samspill.site import preparing

    _collect_static()
    preparing.make_keys()
    preparing.migrate(say=_say)
    preparing.publish_catalogue(say=_say)
    children.append(_spawn("sandbox", preparing.sandbox_command(sandbox_port)))
    _wait_until_ready(f"http://127.0.0.1:{sandbox_port}/_sandbox/health", children, patience)
    if plan.demo:
        preparing.load_demo_if_empty(say=_say)
    connections.close_all()


def _collect_static() -> None:
    """Bring the collected static files up to date, so that no page is shown with an old style or script."""
    from samspill.site import preparing

    try:
        preparing.collect_static_if_changed(say=_say)
    except OSError as error:
        raise StartError(
            "Static files have changed, and their copies cannot be written: %(reason)s",
            "Set SAMSPILL_STATIC to a folder that can be written, or run make setup as its owner.",
            reason=error.strerror,
        ) from error


def _web(plan: Plan) -> list[str]:
    from samspill.site import serving

    return serving.command(host="127.0.0.1", port=plan.port, workers=2, log=False)


def _spawn(name: str, command: list[str]) -> _Child:
    return _Child(name, command, _process(command))


def _process(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command lines
        command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent
    )


def _die_with_parent() -> None:
    """Ask Linux to end the child when we are killed outright; elsewhere there is no such wish."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(children: list[_Child]) -> int:
    while True:
        for child in children:
            if child.process.poll() is not None and not _started_again(child):
                return 1
        time.sleep(_LOOK_S)


def _started_again(child: _Child) -> bool:
    """Start a part that ended by itself again; not when it ends over and over."""
    ended = {"part": child.name, "ended": child.process.returncode}
    _signal(child, signal.SIGKILL)  # what it started may live on and hold its port
    now = time.monotonic()
    child.ended = [at for at in child.ended if now - at < _CALM_S] + [now]
    if len(child.ended) > _MOST_STARTS:
        text = "%(part)s ended by itself %(times)s times in a minute (code %(ended)s); stopping. Read what it wrote."
        _say(spoken(text, **ended, times=len(child.ended)))
        return False
    _say(spoken("%(part)s ended by itself (code %(ended)s); starting it again.", **ended))
    child.process = _process(child.command)
    return True


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


def _patience() -> int:
    """Return how many seconds a part may use to be ready."""
    given = os.environ.get("SAMSPILL_PATIENCE", str(_PATIENCE_S))
    if not given.isascii() or not given.isdecimal() or not int(given):
        raise StartError(
            "SAMSPILL_PATIENCE is %(given)s, which is no number of seconds.",
            "Set it to a whole number from 1, or remove it; then it is %(usual)s.",
            given=repr(given),
            usual=_PATIENCE_S,
        )
    return int(given)


def _wait_until_ready(url: str, children: list[_Child], patience: int) -> None:
    """Wait for the newest part to answer, and tell now and then that we do."""
    began = told = time.monotonic()
    while (now := time.monotonic()) - began < patience:
        if now - told >= _TELL_S:
            told = now
            values = {"part": children[-1].name, "waited": f"{now - began:.0f}", "most": patience}
            _say(spoken("Waiting for the %(part)s … %(waited)s s of at most %(most)s", **values))
        dead = next((child for child in children if child.process.poll() is not None), None)
        if dead is not None:
            raise StartError(
                "%(part)s ended while starting (code %(ended)s).",
                "Read what it wrote above.",
                part=dead.name,
                ended=dead.process.returncode,
            )
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(url, timeout=2),  # noqa: S310 - loopback
        ):
            return
        time.sleep(0.05)
    raise StartError(
        "%(address)s did not answer within %(patience)s seconds.",
        "Read what was written above, and start again when the machine is less busy, or set SAMSPILL_PATIENCE higher.",
        address=url,
        patience=patience,
    )


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                "Port %(port)s cannot be used: %(reason)s",
                "Stop what uses it, or choose another: samspill run --port %(other)s",
                port=port,
                reason=error.strerror,
                other=port + 1 if port >= _FIRST_FREE and port < _LAST_PORT else _USUAL_PORT,
            ) from error


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

    _say("\n" + spoken("Samspill is ready: %(address)s", address=plan.address) + "\n")
    for line in people_to_try():
        _say(line)
    sandbox = f"{os.environ['SAMSPILL_SANDBOX_URL']}/_sandbox/"
    _say("\n" + spoken("The stand-ins answer at the sandbox: %(address)s", address=sandbox))
    _say(spoken("Stop with Ctrl-C. Data stay in %(folder)s", folder=str(plan.data)))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
