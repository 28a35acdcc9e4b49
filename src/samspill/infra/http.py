"""Calls to other systems: a time budget, retries with jitter, and a circuit that opens.

    Client            one for each component and process
    ComponentError    the only error that leaves here: component, operation, kind, retry_after, ref

Only calls that may be repeated are retried (GET, and POST marked `idempotent`). When a component has failed
five times running, its circuit opens: calls fail at once for a while, so that people are told at once and
the component gets rest. No identity number of a person is ever put in a log line here.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode, urlsplit

import attrs
import urllib3

from samspill.infra import clock

Kind = Literal["denied", "invalid", "notfound", "throttled", "unavailable", "expired"]
AuthHeaders = Callable[[], Mapping[str, str]]

_OPEN_AFTER = 5
LEFT_ALONE_S: Final = 15.0
"""How long a component that did not answer several times in a row is not called."""
_FIRST_WAIT_S = 0.1
_NO_RETRY: Final = urllib3.Retry(total=False, redirect=False)  # we try again ourselves
_CONNECT_S = 2.0
_KEPT: Final = 8  # connections kept open to a component, as many as threads may call at once
_BAD_REQUEST, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _GONE = 400, 401, 403, 404, 410
_THROTTLED, _SERVER_ERROR = 429, 500


Pairs = Mapping[str, Any] | Sequence[tuple[str, Any]]


@attrs.frozen
class Response:
    """An answer: status, headers (found by name in any case), the bytes, and the id that the call was sent with."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    ref: str

    @property
    def text(self) -> str:
        """Give the bytes as text; what is not UTF-8 is replaced."""
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Give the value of a JSON body; ValueError when it is none."""
        return json.loads(self.content)


class ComponentError(Exception):
    """A component did not give what was asked."""

    def __init__(
        self,
        component: str,
        operation: str,
        kind: Kind,
        *,
        retry_after: float | None = None,
        ref: str = "",
    ) -> None:
        super().__init__(f"{component}: {operation} {kind} (ref {ref})")
        self.component, self.operation, self.kind = component, operation, kind
        self.retry_after, self.ref = retry_after, ref


@attrs.define
class _Circuit:
    """Counts failures in a row; open means: do not call."""

    failures: int = 0
    open_until: float = 0.0
    lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def wait(self, now: float) -> float:
        with self.lock:
            return max(0.0, self.open_until - now)

    def failed(self, now: float, left_alone_s: float) -> None:
        with self.lock:
            self.failures += 1
            if self.failures >= _OPEN_AFTER:
                self.open_until = now + left_alone_s

    def worked(self) -> None:
        with self.lock:
            self.failures, self.open_until = 0, 0.0


_circuits: dict[str, _Circuit] = {}
_circuits_lock = threading.Lock()


def circuit_states() -> dict[str, str]:
    """Return `closed`, or how long each component's circuit stays open, for the operators' page."""
    now = time.monotonic()
    return {
        name: f"open {left:.0f} s" if (left := circuit.wait(now)) else "closed"
        for name, circuit in _circuits.items()
    }


def reset_circuits() -> None:
    """Close every circuit; for operators and tests."""
    with _circuits_lock:
        _circuits.clear()


class Client:
    """Calls one component. Thread-safe; keeps connections open."""

    def __init__(
        self,
        component: str,
        base_url: str,
        *,
        budget_s: float = 8.0,
        retries: int = 2,
        auth: AuthHeaders | None = None,
        headers: Mapping[str, str] | None = None,
        waits_in: Literal["s", "ms"] = "s",
        left_alone_s: float = LEFT_ALONE_S,
    ) -> None:
        """Make a client.

        Args:
            component: as it is called in errors, logs and settings.
            base_url: where it is; empty when it is not set.
            budget_s: seconds for a call with all its attempts.
            retries: how many times an idempotent call is tried again.
            auth: gives the headers of a call.
            headers: of every call.
            waits_in: the unit in which the component counts `Retry-After`; RFC 9110 says seconds.
            left_alone_s: seconds in which it is not called after it failed several times in a row.
        """
        self._unit_s = 0.001 if waits_in == "ms" else 1.0
        self.component, self.base_url = component, base_url.rstrip("/")
        self._budget_s, self._retries, self._auth = budget_s, retries, auth
        self._left_alone_s = left_alone_s
        self._headers = {"user-agent": "samspill", **(headers or {})}
        self._http, self._before = _pool_of(self.base_url)

    def close(self) -> None:
        """Close the connections."""
        if isinstance(self._http, urllib3.PoolManager):
            self._http.clear()
        else:
            self._http.close()

    def get(self, path: str, *, operation: str, **options: Any) -> Response:
        """Return the answer of a GET. `operation` names the call in errors and logs."""
        return self.request("GET", path, operation=operation, idempotent=True, **options)

    def post(
        self, path: str, *, operation: str, idempotent: bool = False, **options: Any
    ) -> Response:
        """Return the answer of a POST; say `idempotent` when repeating it does no harm."""
        return self.request("POST", path, operation=operation, idempotent=idempotent, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        idempotent: bool,
        budget_s: float | None = None,
        accept: tuple[int, ...] = (),
        **options: Any,
    ) -> Response:
        """Return the answer of a call within its time budget.

        Args:
            accept: status codes of 400 and above that are answers to the caller, not errors.
            options: `headers`; `params` of the address; and one body: `json`, `data` (a form) or `content`.

        Raises:
            ComponentError: everything else that went wrong, also an address that is not set.
        """
        ref = uuid.uuid4().hex
        self._refuse_unset(operation, ref)
        circuit = self._circuit()
        deadline = time.monotonic() + (budget_s or self._budget_s)
        attempt = 0
        while True:
            wait = circuit.wait(time.monotonic())
            if wait:
                raise self._error(operation, "unavailable", ref, retry_after=wait)
            outcome = self._once(method, path, ref, deadline, options)
            error = self._judge(outcome, operation, ref, accept)
            self._count(circuit, error)
            if error is None:
                assert isinstance(outcome, Response)
                return outcome
            pause = _pause(attempt, error)
            attempt += 1
            hopeless = error.kind not in {"unavailable", "throttled"} or not idempotent
            if hopeless or attempt > self._retries or time.monotonic() + pause >= deadline:
                raise error
            time.sleep(pause)

    def _once(
        self,
        method: str,
        path: str,
        ref: str,
        deadline: float,
        options: Mapping[str, Any],
    ) -> Response | Exception:
        left = max(0.05, deadline - time.monotonic())
        try:
            auth = self._auth() if self._auth else {}
        except ComponentError as error:
            return error
        given, body = _body(options)
        headers = {
            **self._headers,
            **given,
            "x-request-id": ref,
            **options.get("headers", {}),
            **auth,
        }
        try:
            answer = self._http.urlopen(
                method,
                f"{self._before}{path}{_query(options.get('params'))}",
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(_CONNECT_S, left), read=left),
                retries=_NO_RETRY,
                redirect=False,
                assert_same_host=False,
            )
        except urllib3.exceptions.HTTPError as error:
            return error
        return Response(answer.status, answer.headers, answer.data, ref)

    def _judge(
        self,
        outcome: Response | Exception,
        operation: str,
        ref: str,
        accept: tuple[int, ...],
    ) -> ComponentError | None:
        if isinstance(outcome, ComponentError):
            return outcome
        if isinstance(outcome, Exception):
            return self._error(operation, "unavailable", ref)
        status = outcome.status_code
        if status < _BAD_REQUEST or status in accept:
            return None
        if status == _THROTTLED:
            after = _seconds(outcome.headers.get("retry-after"), self._unit_s)
            return self._error(operation, "throttled", ref, retry_after=after)
        if status >= _SERVER_ERROR:
            return self._error(operation, "unavailable", ref)
        kinds: dict[int, Kind] = {
            _UNAUTHORISED: "denied",
            _FORBIDDEN: "denied",
            _NOT_FOUND: "notfound",
            _GONE: "expired",
        }
        return self._error(operation, kinds.get(status, "invalid"), ref)

    def _count(self, circuit: _Circuit, error: ComponentError | None) -> None:
        if error is None or error.kind != "unavailable":
            circuit.worked()
        else:
            circuit.failed(time.monotonic(), self._left_alone_s)

    def _circuit(self) -> _Circuit:
        with _circuits_lock:
            return _circuits.setdefault(self.component, _Circuit())

    def _refuse_unset(self, operation: str, ref: str) -> None:
        if not self.base_url:
            unset = f"{operation} (its address is not set)"
            raise self._error(unset, "unavailable", ref)

    def _error(
        self, operation: str, kind: Kind, ref: str, *, retry_after: float | None = None
    ) -> ComponentError:
        return ComponentError(self.component, operation, kind, retry_after=retry_after, ref=ref)


def _query(params: Pairs | None) -> str:
    return f"?{urlencode(params, doseq=True)}" if params else ""


def _body(options: Mapping[str, Any]) -> tuple[dict[str, str], bytes | None]:
    """Return the headers that tell what the body is, and the body."""
    if "json" in options:
        return {"content-type": "application/json"}, json.dumps(
            options["json"], ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
    if "data" in options:
        form = urlencode(options["data"], doseq=True).encode()
        return {"content-type": "application/x-www-form-urlencoded"}, form
    return {}, options.get("content")


def _pool_of(base_url: str) -> tuple[urllib3.HTTPConnectionPool | urllib3.PoolManager, str]:
    """Make the connections to a component: through the proxy that the environment names, if any.

    Returns:
        The connections, and what stands before the path of each call: the address's own path, or all of it.
    """
    parts = urlsplit(base_url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, maxsize=_KEPT), base_url
    if not parts.hostname:  # it is not set: every call is refused before it is made
        return urllib3.PoolManager(), base_url
    # One component is one host: its pool is asked, and not each time the manager which pool it would be.
    return urllib3.connection_from_url(base_url, maxsize=_KEPT), parts.path


def _pause(attempt: int, error: ComponentError) -> float:
    """Return how long to wait: full jitter on a doubling span, never less than was asked for."""
    span = _FIRST_WAIT_S * 2**attempt
    return max(error.retry_after or 0.0, random.uniform(span / 2, span))  # noqa: S311 - no secret


def _seconds(header: str | None, unit_s: float) -> float | None:
    """Return the wait that `Retry-After` asks for: a number in the component's unit, or a date (RFC 9110)."""
    if not header:
        return None
    try:
        return max(0.0, float(header) * unit_s)
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    at = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(0.0, (at - clock.now()).total_seconds())
