"""The whole system for browser tests: `samspill run` as a person starts it, on a free port."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

READY_S = 180
LEFT_ALONE_S = 3
"""How long a register that did not answer is left alone here; whoever waits for it waits no longer."""
HOUSEHOLDS = 900
"""How many live in the sandbox: every named case, and enough neighbours for a list of several pages."""
ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen
class System:
    """A running system: where it answers, where its data are, and its stand-ins."""

    address: str
    data: Path
    process: subprocess.Popen[str]
    output: list[str]

    @property
    def sandbox(self) -> str:
        """Address of the stand-ins."""
        found = next(
            m for line in self.output if (m := re.search(r"sandbox: (http\S+?)/_sandbox", line))
        )
        return found[1].rstrip("/")

    def switch(self, component: str, mode: str, **more: Any) -> None:
        """Make a component of the sandbox slow, down, wrong or normal again."""
        send(f"{self.sandbox}/_sandbox/switches/{component}", {"mode": mode, **more}, "PUT")

    def change(self, **what: Any) -> None:
        """Change something about a person in the sandbox's registers."""
        send(f"{self.sandbox}/_sandbox/changes", what, "POST")

    def command(self, *arguments: str) -> str:
        """Run a command of ours against this system and return what it wrote."""
        result = subprocess.run(
            [sys.executable, "-m", "samspill.site.cli", *arguments],
            env={**os.environ, **self.environment()}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return result.stdout

    def work(self, *arguments: str) -> None:
        """Let employees do something with a case, in a process of its own (see `casework`)."""
        subprocess.run(
            [sys.executable, "-m", "tests.browser.casework", *arguments],
            env={**os.environ, **self.environment()}, cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip

    def scene(self, name: str, **arguments: Any) -> Any:
        """Make what a test begins with, in a process of its own (see `scenes`); return what it answers."""
        result = subprocess.run(
            [sys.executable, "-m", "tests.browser.scenes", name, json.dumps(arguments)],
            env={**os.environ, **self.environment()}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, (
            f"the scene {name} could not be made:\n{result.stderr[-4000:]}"
        )
        return json.loads(result.stdout)

    def environment(self) -> dict[str, str]:
        """What a command needs to work on the same data: written by the system when it starts."""
        return dict(json.loads((self.data / "environment.json").read_text()))


def send(url: str, body: dict[str, Any], method: str) -> None:
    """Send JSON."""
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method=method,
    )
    urllib.request.urlopen(request, timeout=10).close()


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(data: Path, *arguments: str) -> Iterator[System]:
    """Start the system, wait until it says that it is ready, and stop it as Ctrl-C does."""
    port = free_port()
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("SAMSPILL_", "DATABASE_URL", "DJANGO_"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "samspill.site.cli", "run", "--port", str(port), "--data", str(data), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**clean, "SAMSPILL_LEFT_ALONE": str(LEFT_ALONE_S), "SAMSPILL_LANGUAGE": "en"},
    )  # fmt: skip
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stderr or ()), daemon=True)
    reader.start()
    deadline = time.monotonic() + READY_S
    while not any("is ready" in line for line in output):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            reader.join(2)
            raise RuntimeError("the system did not start:\n" + "".join(output)[-4000:])
        time.sleep(0.1)
    try:
        yield System(f"http://127.0.0.1:{port}", data, process, output)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        reader.join(5)
        if process.stderr:
            process.stderr.close()
