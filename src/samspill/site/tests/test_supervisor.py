"""`samspill run` as a person uses it: start, start again, stop in every way, and what it says when it cannot."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import attrs
import psutil
import psycopg
import pytest

from samspill.infra import database
from samspill.site import supervisor

READY_S = 240
STOP_S = 30


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user may come to."""
    with tempfile.TemporaryDirectory(prefix="samspill-run-") as name:
        yield Path(name) / "data"


@attrs.define
class Run:
    """One `samspill run`."""

    process: subprocess.Popen[str]
    port: int
    output: list[str]
    took_s: float = 0.0
    family: list[psutil.Process] = attrs.field(factory=list)

    def ask(self) -> None:
        """See that the web and the database answer, and who belongs to the run."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/helse/", timeout=10) as answer:
            assert answer.read() == b"ok"
        self.family = psutil.Process(self.process.pid).children(recursive=True)
        assert len(self.family) >= 5, "web, its workers, worker and sandbox"

    def gone(self) -> list[str]:
        """Wait for everybody of the run to end and return who did not."""
        _, left = psutil.wait_procs(self.family, timeout=STOP_S)
        return [f"{p.pid} {' '.join(p.cmdline())}" for p in left]


def environment(**more: str) -> dict[str, str]:
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("SAMSPILL_", "DATABASE_URL", "DJANGO_"))
    }
    return {**clean, "SAMSPILL_LANGUAGE": "en", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "samspill.site.cli", "run", *arguments]


@contextlib.contextmanager
def started(folder: Path, **more: str) -> Iterator[Run]:
    """Start with no demo data and few people; end it outright if the test did not."""
    port, began = free_port(), time.monotonic()
    arguments = line("--port", str(port), "--data", str(folder), "--no-demo", "--persons", "60")
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**more),
    )
    run = Run(process, port, [])
    threading.Thread(target=lambda: run.output.extend(process.stderr or ()), daemon=True).start()
    try:
        while not any("is ready" in text for text in run.output):
            assert process.poll() is None, "".join(run.output)[-3000:]
            assert time.monotonic() - began < READY_S, "".join(run.output)[-3000:]
            time.sleep(0.05)
        run.took_s = time.monotonic() - began
        run.ask()
        yield run
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_S)


def postgres_of(folder: Path) -> list[int]:
    """The PostgreSQL processes of a data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if str(folder) in " ".join(words) and "postgres" in words[0]:
            found.append(process.pid)
    return found


def wait_without_postgres(folder: Path) -> list[int]:
    deadline = time.monotonic() + STOP_S
    while (left := postgres_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.mark.slow
def test_keeps_data_starts_again_soon_and_stops_whatever_way_it_is_told(folder: Path):
    kept = uuid.uuid4()
    with started(folder) as first:
        assert postgres_of(folder)
        keep = json.loads((folder / "environment.json").read_text())["DATABASE_URL"]
        with psycopg.connect(keep, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO identity_person (id, number, created_at) "
                "VALUES (%s, 'somebody.' || repeat('A', 52), now())",
                [kept],
            )
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(STOP_S) == 0
        assert first.gone() == []
    assert wait_without_postgres(folder) == [], "Ctrl-C left PostgreSQL behind"

    with started(folder) as second:  # ready in a few seconds: nothing is made again
        with psycopg.connect(keep) as connection:
            found = connection.execute("SELECT count(*) FROM identity_person WHERE id = %s", [kept])
            assert found.fetchone() == (1,), "the data were not kept"
        said = "".join(second.output)
        assert "Tables" not in said
        assert "Published" not in said
        assert second.took_s < first.took_s
        os.kill(second.process.pid, signal.SIGKILL)
        second.process.wait()
        assert second.gone() == []
    assert wait_without_postgres(folder) == [], "kill -9 of the supervisor left PostgreSQL behind"

    as_tuned_by_an_earlier_version(folder / "postgres")
    server = database.start(folder / "postgres", cleanup_mode=None)
    try:
        with psycopg.connect(server.get_uri("postgres")) as connection:
            assert connection.execute("SHOW max_wal_size").fetchone() == ("4GB",)
        given = server.get_uri("samspill")
        with started(folder.parent / "other", DATABASE_URL=given) as third:
            kill_the_web(third)
            third.ask()
            third.process.send_signal(signal.SIGTERM)
            assert third.process.wait(STOP_S) == 0
            assert third.gone() == []
        assert not (folder.parent / "other" / "postgres").exists()
        with psycopg.connect(given) as connection:  # what was given is neither emptied nor stopped
            assert connection.execute("SELECT count(*) FROM identity_person").fetchone() == (1,)
    finally:
        database.stop(folder / "postgres")
    assert wait_without_postgres(folder) == []
    assert "Traceback" not in "".join(first.output + second.output + third.output)


def as_tuned_by_an_earlier_version(folder: Path) -> None:
    settings = folder / "postgresql.auto.conf"
    before = settings.read_text()
    assert "max_wal_size = '4GB'" in before
    settings.write_text(before.replace("max_wal_size = '4GB'", "max_wal_size = '2GB'"))


def kill_the_web(run: Run) -> None:
    """`kill -9` of the web server; the supervisor starts it again."""
    web = next(
        p for p in run.family if "granian" in " ".join(p.cmdline()) and str(run.port) in p.cmdline()
    )
    web.kill()
    by = time.monotonic() + STOP_S
    while not any(
        "web ended by itself (code -9); starting it again" in text for text in run.output
    ):
        assert time.monotonic() < by, "".join(run.output)
        time.sleep(0.1)
    while time.monotonic() < by:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{run.port}/helse/", timeout=5).close()
            return
        time.sleep(0.1)
    pytest.fail("the web did not come back")


# ── what it says when it cannot ───────────────────────────────────────────────────────────


def refused(*arguments: str, **more: str) -> dict[str, str]:
    """Run, and return the error object: exit code 2, nothing else on standard output, no traceback."""
    done = subprocess.run(
        line(*arguments),
        capture_output=True,
        text=True,
        env=environment(**more),
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["message"]
    assert error["remedy"], "no remedy"
    assert error["message"] in done.stderr
    assert error["remedy"] in done.stderr
    return dict(error)


def test_a_port_that_is_taken(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        error = refused("--port", str(port), "--data", str(tmp_path))
    assert f"Port {port} cannot be used" in error["message"]
    assert "--port" in error["remedy"]


def test_a_file_where_the_data_folder_should_be(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for data in (tmp_path / "file", tmp_path / "file" / "below"):
        error = refused("--port", str(free_port()), "--data", str(data))
        assert str(data) in error["message"]
        assert "--data" in error["remedy"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_data_folder_of_somebody_else():
    """As an ordinary user, in a folder that only root may write."""
    with tempfile.TemporaryDirectory(prefix="samspill-closed-") as name:
        closed = Path(name)
        closed.chmod(0o755)
        code = (
            "import os, pathlib, sys; os.setgid(65534); os.setuid(65534)\n"
            "from samspill.site.supervisor import StartError, _make_folder\n"
            f"try: _make_folder(pathlib.Path({str(closed / 'data')!r}))\n"
            "except StartError as error: print(error)"
        )
        env = environment(PYTHONPATH=os.pathsep.join(sys.path), PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(
            [sys.executable, "-c", preloaded(code)],
            capture_output=True,
            text=True,
            env=env,
            check=False,
        )
    assert "cannot be written: Permission denied" in done.stdout, done.stderr
    assert "--data" in done.stdout


def preloaded(code: str) -> str:
    """Import before the user is changed, because the code itself may lie in a closed folder."""
    return f"import samspill.site.supervisor\n{code}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:hemmelig@127.0.0.1/x", "does not begin with postgresql://"),
        ("postgresql://u:hemmelig@127.0.0.1:abc/x", "port of DATABASE_URL"),
        ("postgresql://u:hemmelig@127.0.0.1:1/x", "x does not answer"),
        ("postgresql://u:hemmelig@no-such-host.invalid/x", "x does not answer"),
    ],
)
def test_a_database_address_that_does_not_work(tmp_path: Path, url: str, says: str):
    error = refused("--port", str(free_port()), "--data", str(tmp_path), DATABASE_URL=url)
    assert says in error["message"]
    assert "DATABASE_URL" in error["remedy"] or "postgresql://" in error["remedy"]
    assert "hemmelig" not in json.dumps(error)


def test_a_platform_without_a_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from samspill.site.cli import main

    monkeypatch.setattr(database, "_WHEELS", ("a_wheel_that_is_not_there",))
    monkeypatch.delenv("DATABASE_URL")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["run", "--port", str(free_port()), "--data", str(tmp_path)]) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    error = json.loads(capsys.readouterr().out)["error"]
    assert "no PostgreSQL wheel for this platform" in error["message"]
    assert "Install PostgreSQL 15 or later and set DATABASE_URL" in error["remedy"]


def test_an_old_postgresql(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervisor, "_OLDEST", 990000)
    with pytest.raises(supervisor.StartError, match=r"PostgreSQL \d+, and 99 is the oldest"):
        supervisor._refuse_unreachable(os.environ["DATABASE_URL"])


# ── the list of users that the wheel keeps ────────────────────────────────────────────────


def test_the_dead_do_not_keep_the_database_running(tmp_path: Path):
    """A supervisor that was killed is still listed; a number may since belong to another program."""
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    other = subprocess.Popen(["sleep", "30"])
    try:
        (tmp_path / ".handle_pids.json").write_text(json.dumps([dead.pid, other.pid, os.getpid()]))
        (tmp_path / "postmaster.pid").write_text(f"{other.pid}\n{tmp_path}\n")
        database._forget_the_dead(tmp_path)
        assert json.loads((tmp_path / ".handle_pids.json").read_text()) == [os.getpid()]
        assert not (tmp_path / "postmaster.pid").exists()
        assert database.stop(tmp_path) is False
    finally:
        other.kill()
        other.wait()


def test_the_readiness_line_says_where_and_whom(folder: Path):
    """What the terminal shows is enough to begin: see README."""
    from samspill.site.preparing import people_to_try

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMSPILL_BASE_URL", "http://127.0.0.1:8000")
        patch.setenv("SAMSPILL_LANGUAGE", "en")
        lines = people_to_try()
    assert any("citizen" in text for text in lines)
    assert any("employee" in text for text in lines)
    assert not re.search(r"\d{11}", "".join(lines))
