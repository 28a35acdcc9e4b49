"""A sandbox inside a test: a real HTTP server in a thread, on a free port of this machine.

>>> # running = start(households=50); …; running.stop()
"""

from __future__ import annotations

import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from functools import lru_cache
from http.cookiejar import CookieJar
from typing import IO, Any

import attrs
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from samspill.sandbox.app import App, create_app
from samspill.sandbox.clients import Client, client_from_json
from samspill.sandbox.context import Config
from samspill.sandbox.maskinporten import GRANT_TYPE
from samspill.sandbox.population import Population, build
from samspill.sandbox.switches import Switches
from samspill.sandbox.world import World

MACHINE_CLIENT = "sandbox-test-machine"


class _Quiet(WSGIRequestHandler):
    """Keeps connections open and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Write nothing: paths hold identity numbers."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@attrs.define
class Running:
    """A running sandbox."""

    base_url: str
    app: App
    _server: BaseWSGIServer
    _thread: threading.Thread
    _key: RSAKey

    @property
    def population(self) -> Population:
        """Give the people."""
        return self.app.sandbox.population

    @property
    def switches(self) -> Switches:
        """Give the switches: `running.switches.set("nav", "down")`."""
        return self.app.sandbox.switches

    @property
    def changes(self) -> World:
        """Give the world, to change a person: `running.changes.set_income(…)`."""
        return self.app.sandbox.world

    def register_client(self, **registration: Any) -> None:
        """Register a client, with the names of the registration JSON."""
        self.app.sandbox.clients.register(client_from_json(registration))

    def reset(self) -> None:
        """Make everything normal again."""
        self.switches.reset()
        self.changes.reset()

    def token(self, scope: str) -> str:
        """Give an access token of Maskinporten for the test's own machine client."""
        now = int(time.time())
        issuer = f"{self.base_url}/maskinporten/"
        claims = {
            "iss": MACHINE_CLIENT,
            "aud": issuer,
            "scope": scope,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
        }
        assertion = jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, self._key)
        form = {"grant_type": GRANT_TYPE, "assertion": assertion}
        found = self.app.sandbox.maskinporten.token(form, issuer)
        return str(found["access_token"])

    def sign_in(self, url: str, national_id: str, level: str = "high", **more: str) -> str:
        """Choose a person at an authorize address; give the address it sends the browser back to."""
        opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPCookieProcessor(CookieJar())
        )
        page = _body(opener.open, url)
        interaction = re.search(r'name="interaction" value="([^"]+)"', page)
        action = re.search(r'<form method="post" action="([^"]+)"', page)
        if interaction is None or action is None:
            msg = f"{url} did not show the page to choose a person, but says: {_said(page)}"
            raise AssertionError(msg)
        form = {
            "interaction": interaction.group(1),
            "person": national_id,
            "level": level,
            **more,
        }
        data = urllib.parse.urlencode(form).encode()
        try:
            with opener.open(self.base_url + action.group(1), data) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as answer_error:
            location = answer_error.headers.get("Location")
            text = answer_error.read().decode()
            answer_error.close()
            if location:
                return str(location)
        msg = f"the choice was not accepted; the page says: {_said(text)}"
        raise AssertionError(msg)

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _said(page: str) -> str:
    """Give the heading and the alert of a page, or its beginning."""
    found = re.findall(r'<h1>(.*?)</h1>|role="alert">(.*?)</p>|<code>(.*?)</p>', page)
    return " / ".join(part for one in found for part in one if part) or page[:200]


def _body(open_it: Callable[[str], IO[bytes]], url: str) -> str:
    try:
        with open_it(url) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


@lru_cache(maxsize=4)
def _population(seed: int, households: int) -> Population:
    return build(seed, households)


@lru_cache(maxsize=1)
def _machine_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "machine"})


def start(
    *, households: int = 300, seed: int = 1, clients: tuple[Client, ...] = (), port: int = 0
) -> Running:
    """Start a sandbox on a free port. The people are made once for each seed and size."""
    key = _machine_key()
    machine = Client(MACHINE_CLIENT, jwks={"keys": [key.as_dict(private=False)]})
    config = Config(seed=seed, households=households, clients=(machine, *clients))
    app = create_app(config, _population(seed, households))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)
    thread.start()
    return Running(
        base_url=f"http://127.0.0.1:{server.server_port}",
        app=app,
        server=server,
        thread=thread,
        key=key,
    )
