"""A provider that lies: it follows the protocol but for one thing, named by `lie`."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

_LIFETIME_S = 120


class Hostile:
    """What the provider knows, and its lie."""

    def __init__(self, pid: str) -> None:
        self.pid, self.lie, self.issuer = pid, "", ""
        self.key, self.other = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.key.ensure_kid()
        self.pushed: dict[str, str] = {}

    def discovery(self) -> dict[str, Any]:
        """The metadata; the lie may be whose they are."""
        issuer = "http://127.0.0.1:1" if self.lie == "issuer of the metadata" else self.issuer
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "pushed_authorization_request_endpoint": "par",
        }
        return {"issuer": issuer, **{k: f"{self.issuer}/{v}" for k, v in names.items()}}

    def answer(self) -> str:
        """The query that the browser brings back: code, state and issuer."""
        parts = {"code": "one", "state": self.pushed["state"], "iss": self.issuer}
        if self.lie == "issuer of the answer":  # mix-up: the answer of another provider (RFC 9207)
            parts["iss"] = "https://other.example"
        if self.lie == "no issuer in the answer":
            del parts["iss"]
        if self.lie == "state":
            parts["state"] = "guessed"
        return urlencode(parts)

    def token(self) -> str:
        """The ID token, right but for the lie."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "samspill", "sub": "pairwise", "pid": self.pid, "acr": "idporten-loa-high",
            "iat": now, "exp": now + _LIFETIME_S, "nonce": self.pushed["nonce"],
        }  # fmt: skip
        wrong: dict[str, dict[str, Any]] = {
            "issuer of the token": {"iss": "https://other.example"},
            "audience": {"aud": "somebody-else"},
            "two audiences, asked by another": {"aud": ["samspill", "x"], "azp": "x"},
            "nonce": {"nonce": "of another login"},
            "expired": {"iat": now - 3600, "exp": now - 3480},
            "from the future": {"iat": now + 3600, "exp": now + 3700},
            "level": {"acr": "idporten-loa-low"},
            "level of another kind": {"acr": "eidas-loa-high"},
            "no subject": {"sub": ""},
        }
        claims |= wrong.get(self.lie, {})
        if self.lie == "alg none":
            return f"{_b64({'alg': 'none', 'kid': self.key.kid})}.{_b64(claims)}."
        signer = self.other if self.lie == "another key" else self.key
        header = {"alg": "RS256", "kid": self.key.kid}
        return jwt.encode(header, claims, signer)

    def redeem(self) -> tuple[int, dict[str, Any]]:
        """What the token endpoint answers."""
        if self.lie == "replayed code":
            return 400, {"error": "invalid_grant"}
        if self.lie == "no token":
            return 200, {"access_token": "x", "token_type": "Bearer"}
        return 200, {"id_token": self.token(), "token_type": "Bearer"}


def _b64(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextlib.contextmanager
def running(pid: str) -> Iterator[Hostile]:
    """Let the provider answer on a free port."""
    hostile = Hostile(pid)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys = KeySet([hostile.key]).as_dict(private=False)
            self._send(200, hostile.discovery() if "openid-configuration" in self.path else keys)

        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            if self.path == "/par":
                hostile.pushed = {name: values[0] for name, values in body.items()}
                return self._send(201, {"request_uri": "urn:request:1", "expires_in": 120})
            return self._send(*hostile.redeem())

        def _send(self, status: int, body: Any) -> None:
            written = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hostile.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hostile
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
