"""A load client that costs little: one thread, keep-alive sockets, requests written beforehand.

About 30 µs a request, so that on two cores it is the server that is measured.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

import attrs


@attrs.frozen
class Load:
    """What a run gave: answers a second, times of each answer in ms, statuses."""

    rate: float
    times_ms: list[float]
    statuses: Counter[int]

    @property
    def p50(self) -> float:
        """The median time in ms."""
        return statistics.median(self.times_ms)

    @property
    def p99(self) -> float:
        """The time that one of a hundred exceeds, in ms."""
        return statistics.quantiles(self.times_ms, n=100)[98]


def request(
    method: str, path: str, *, port: int, cookies: dict[str, str], body: bytes = b"", **headers: str
) -> bytes:
    """Write a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(
    port: int,
    clients: Sequence[Callable[[], bytes]],
    *,
    seconds: float,
    answered: Sequence[Callable[[bytes], None]] = (),
) -> Load:
    """Let each client send its next request as soon as the last is answered, for some seconds.

    `answered` tells each client what it was answered (headers and body), when it must know.
    """
    chooser = selectors.DefaultSelector()
    state: dict[socket.socket, list[object]] = {}
    for number, client in enumerate(clients):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(sock, selectors.EVENT_READ)
        state[sock] = [client, 0.0, b"", answered[number] if answered else None]
    times: list[float] = []
    statuses: Counter[int] = Counter()
    begun = time.perf_counter()
    for sock, one in state.items():
        _send(sock, one)
    while state:
        for key, _ in chooser.select(30):
            sock = key.fileobj
            one = state[sock]  # type: ignore[index]
            one[2] += sock.recv(262144)  # type: ignore[operator, union-attr]
            status = _complete(one[2])  # type: ignore[arg-type]
            if status is None:
                continue
            now = time.perf_counter()
            times.append((now - one[1]) * 1e3)  # type: ignore[operator]
            statuses[status] += 1
            if one[3] is not None:
                one[3](one[2])  # type: ignore[operator]
            if now - begun < seconds:
                _send(sock, one)  # type: ignore[arg-type]
            else:
                chooser.unregister(sock)
                sock.close()  # type: ignore[union-attr]
                del state[sock]  # type: ignore[arg-type]
    return Load(len(times) / (time.perf_counter() - begun), times, statuses)


def _send(sock: socket.socket, one: list[object]) -> None:
    one[2] = b""
    text = one[0]()  # type: ignore[operator]
    one[1] = time.perf_counter()
    sock.sendall(text)


def _complete(received: bytes) -> int | None:
    """Give the status when the whole answer has come."""
    head, gap, body = received.partition(b"\r\n\r\n")
    if not gap:
        return None
    at = head.lower().find(b"content-length:")
    assert at >= 0, head
    length = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None])
    return int(head[9:12]) if len(body) >= length else None
