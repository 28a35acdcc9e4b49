"""How often something may be done: limits as data with dates, counted in memory, and where it matters by all together.

Who is counted is a keyed hash. In memory its key is made when the process starts and dies with it; counting there costs
no statement, so it may stand before anything. What must not be guessed or gathered is `shared`: all web processes count
in one table, which is not logged, not backed up, and emptied when the window is over. When the database does not
answer, the process's own count decides.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs
from django.conf import settings
from django.db import DatabaseError

from samspill.infra import clock, sql
from samspill.kernel.periods import parse_duration

log = logging.getLogger(__name__)
Per = Literal["person", "address", "object"]
_KEPT = 100_000
_DAY_S = 24 * 3600
_NETWORK = 64  # of an IPv6 address: what one customer is given, and may change within at will


@attrs.frozen
class Step:
    """How many within how many seconds, from a day on."""

    since: dt.date
    most: int
    within_s: int


@attrs.frozen
class Limit:
    """What is limited, by whom it is counted, and the steps in order of their days."""

    name: str
    routes: tuple[tuple[str, str], ...]
    per: Per
    steps: tuple[Step, ...]
    shared: bool = False

    def on(self, day: dt.date) -> Step | None:
        """Return the step that counts on a day; None before the first."""
        begun = [step for step in self.steps if step.since <= day]
        return begun[-1] if begun else None


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Limit, ...]:
    """Return limits from data (see `site/data/limits.yaml`).

    Raises:
        KeyError, ValueError: a field is missing or wrong.
    """
    return tuple(_limit(row) for row in rows)


def _limit(row: Mapping[str, Any]) -> Limit:
    per = row["per"]
    if per not in {"person", "address", "object"}:
        msg = f"{row['name']}: per is {per!r}; write person, address or object."
        raise ValueError(msg)
    steps = sorted(map(_step, row["steps"]), key=lambda step: step.since)
    routes = tuple(map(_route, row["routes"]))
    return Limit(str(row["name"]), routes, per, tuple(steps), shared=bool(row.get("shared")))


def _route(text: str) -> tuple[str, str]:
    method, _, name = text.rpartition(" ")
    return method or "POST", name


def _step(row: Mapping[str, Any]) -> Step:
    step = Step(row["from"], int(row["most"]), _seconds(str(row["within"])))
    if step.most < 1 or step.within_s < 1:
        msg = "most and within must be more than nothing."
        raise ValueError(msg)
    return step


def _seconds(text: str) -> int:
    """Read an ISO 8601 duration: days, or a time of hours and minutes.

    >>> _seconds("PT10M"), _seconds("PT1H"), _seconds("P1D")
    (600, 3600, 86400)
    """
    if not text.startswith("PT"):
        return parse_duration(text).days * _DAY_S
    units = {"H": 3600, "M": 60, "S": 1}
    return int(text[2:-1]) * units[text[-1]]


_ADD = (
    "INSERT INTO infra_limit_count (name, subject, window_no, count, ends_at) "
    "VALUES (%s, %s, %s, 1, to_timestamp(%s)) ON CONFLICT (name, subject, window_no) "
    "DO UPDATE SET count = infra_limit_count.count + 1 RETURNING count"
)


def _count_together(name: str, subject: str, window: int, *, ends: int) -> int:
    """Count one more in all web processes; 0 when the database does not answer."""
    key = hashlib.sha256(b"limits " + str(settings.SECRET_KEY).encode()).digest()
    digest = hashlib.blake2b(f"{name} {subject}".encode(), key=key, digest_size=16).digest()
    try:
        row = sql.one(_ADD, [name, digest, window, ends])
    except DatabaseError:
        log.warning("a limit could not be counted together: %s", name)
        return 0
    return int(row[0]) if row is not None else 0


def forget_over() -> int:
    """Delete the counts whose window is over; return how many. No account is kept: they are about nobody."""
    row = sql.one(
        "WITH gone AS (DELETE FROM infra_limit_count WHERE ends_at < %s RETURNING 1) "
        "SELECT count(*) FROM gone",
        [clock.now()],
    )
    return int(row[0]) if row is not None else 0


class Counter:
    """Counts in windows of fixed length. Thread-safe; the oldest windows are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, bytes, int], int] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def wait(self, limit: Limit, subject: str) -> int:
        """Count one more, and return how many seconds to wait: 0 when it may be done now."""
        now = clock.now()
        step = limit.on(now.date())
        if step is None:
            return 0
        seconds = now.timestamp()
        window = int(seconds // step.within_s)
        digest = hashlib.blake2b(subject.encode(), key=self._key, digest_size=16).digest()
        key = (limit.name, digest, window)
        with self._lock:
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
            while len(self._counts) > _KEPT:
                self._counts.popitem(last=False)
        if count <= step.most and limit.shared:
            count = _count_together(limit.name, subject, window, ends=(window + 1) * step.within_s)
        return 0 if count <= step.most else int((window + 1) * step.within_s - seconds) + 1

    def forget(self) -> None:
        """Begin anew; for tests."""
        with self._lock:
            self._counts.clear()


def network_of(address: str) -> str:
    """Return what of an address is counted: an IPv6 customer's network; '' for this machine, and for no address.

    A call from this machine is the front server's when nobody has said how many stand in front (`SAMSPILL_PROXIES`):
    then it says nothing about who calls.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3::4"), network_of("127.0.0.1"), network_of("?")
    ('192.0.2.7', '2001:db8:1:2::/64', '', '')
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback:
        return ""
    if found.version == 4:  # noqa: PLR2004 - IP
        return str(found)
    return str(ipaddress.ip_network((found, _NETWORK), strict=False))
