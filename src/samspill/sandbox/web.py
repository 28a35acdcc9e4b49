"""Small pieces of HTTP for the stand-ins: replies, errors, reading what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

Handler = Callable[..., Response]
Route = tuple[Rule, Handler]
MAX_BATCH = 1000
BODY_LIMIT = 2_000_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


class Reply(Exception):  # noqa: N818
    """An answer given from deep inside a handler; not only for errors."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def reply_json(data: Any, status: int = 200, **headers: str) -> Response:
    """Give a JSON reply that nobody stores."""
    response = Response(
        _ENCODER.encode(data), status=status, content_type="application/json; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def reply_page(
    html: Markup, status: int = 200, *, forms_to: str = "", frames: str = ""
) -> Response:
    """Give an HTML page with a strict content security policy."""
    response = Response(str(html), status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {forms_to}; frame-src {frames or chr(39) + 'none' + chr(39)}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def redirect(address: str) -> Response:
    """Send the browser on with GET."""
    response = Response(status=303)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-store"
    return response


def error_of(component: str, status: int, code: str, message: str) -> Response:
    """Give an error in the shape that the component publishes."""
    if component in ("folkeregisteret", "skatteetaten"):
        return reply_json({"kode": code, "melding": message}, status)
    return reply_json({"feil": {"kode": code, "melding": message}}, status)


def component_of(path: str) -> str:
    """Give the component of a path: its first part."""
    return path.split("/", 2)[1] if path.startswith("/") else ""


def read_json(request: Request) -> dict[str, Any]:
    """Read a JSON object from the body.

    Raises:
        Reply: 400 when the body is not a JSON object.

    """
    try:
        data = json.loads(request.get_data())
    except ValueError:
        data = None
    if isinstance(data, dict):
        return data
    raise Reply(
        error_of(
            component_of(request.path),
            400,
            _BAD.get(component_of(request.path), "400"),
            "The body must be a JSON object. Send Content-Type: application/json.",
        )
    )


_BAD = {"folkeregisteret": "FREG-007", "skatteetaten": "IM-006"}


def read_batch(request: Request, *names: str) -> tuple[dict[str, Any], list[str]]:
    """Read a list of at most 1000 identity numbers from the body, by the first name that is there.

    Raises:
        Reply: 400 when there is no such list or it is too long.

    """
    data = read_json(request)
    for name in names:
        numbers = data.get(name)
        if isinstance(numbers, list) and all(isinstance(n, str) for n in numbers):
            if len(numbers) <= MAX_BATCH:
                return data, numbers
            break
    component = component_of(request.path)
    message = f"Send '{names[0]}': a list of at most {MAX_BATCH} identity numbers as text."
    raise Reply(error_of(component, 400, _BAD.get(component, "400"), message))


def broken_body() -> Iterator[bytes]:
    """Begin an answer and break off, as when a connection is lost."""
    yield b"{"
    msg = "The switch of this component says: close the connection."
    raise ConnectionAbortedError(msg)
