"""Sending and checking over HTTP: the real server with two workers, durable PostgreSQL, 16 clients.

What the targets leave room for is measured too: a POST on the same server that stores pgbench's three rows in one
statement and does nothing else (the floor). No submission and no saving check can be cheaper than that.

Sending is beside pgbench (the same three rows in one transaction) and beside ORM creates on our own server; the
check of a page is beside an empty POST through the same middleware, session and CSRF.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import statistics
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import attrs

from bench import house, load, people, pgbench, spent
from bench.row import Row

CLIENTS = 16
ROUNDS = 5
SECONDS = 3.0
_NOTE = "Vi ønsker oss en parsell ved elva. " * 105
ANSWERS = {"has_shed": True, "shed_size": 4, "members": [], "fee": 400, "note": _NOTE}


def run() -> list[Row]:
    """Measure sending and checking in turns."""
    with house.house(registers="canned") as running:
        persons = people.applicants(CLIENTS)
        tokens = [house.citizen_session(person) for person in persons]
        costs = _Costs(running)
        return [*_sending(running, tokens, costs), *_checking(running, tokens, costs)]


# --- sending -------------------------------------------------------------------------------------


def _sending(running: house.House, tokens: list[str], costs: _Costs) -> list[Row]:
    pgbench.make_tables()
    body = json.dumps(
        {"package": "parcel", "answers": ANSWERS, "declared": ["truth"]}, ensure_ascii=False
    ).encode()

    def clients(path: str) -> list[Callable[[], bytes]]:
        return [
            lambda token=token: load.request(
                "POST", path, port=running.port, cookies={"samspill": token, "csrf": people.CSRF},
                body=body, Content_Type="application/json", X_CSRFToken=people.CSRF,
                Idempotency_Key=str(uuid.uuid4()),
            )
            for token in tokens
        ]  # fmt: skip

    ours, orm, floor = (
        clients(path) for path in ("/api/v1/applications", "/bench/orm/", "/bench/floor/")
    )
    for warm in (ours, orm, floor):
        load.run(running.port, warm, seconds=1)
    sent, by_orm, bare = [], [], []
    for _ in range(ROUNDS):
        with costs.of("ours"):
            sent.append(load.run(running.port, ours, seconds=SECONDS))
            costs.count = sum(sent[-1].statuses.values())
        with costs.of("pgbench"):
            bare.append(
                pgbench.run(running.database, ANSWERS, clients=CLIENTS, seconds=int(SECONDS))
            )
            costs.count = round(bare[-1].tps * SECONDS)
        with costs.of("ORM"):
            by_orm.append(load.run(running.port, orm, seconds=SECONDS))
            costs.count = sum(by_orm[-1].statuses.values())
        with costs.of("floor"):
            least = load.run(running.port, floor, seconds=SECONDS)
            costs.count = sum(least.statuses.values())
        assert set(least.statuses) == {201}, least.statuses
    for one in (*sent, *by_orm):
        assert set(one.statuses) == {201}, one.statuses
    _assert_stored(sum(sum(one.statuses.values()) for one in (*sent, *by_orm)))
    rows = _rows_of_sending(sent, by_orm, [one.tps for one in bare], len(body))
    return [*rows, *_costs_of_sending(costs)]


def _costs_of_sending(costs: _Costs) -> list[Row]:
    ours, bare, orm, floor = (costs.each(name) for name in ("ours", "pgbench", "ORM", "floor"))
    shown = {
        "ours": f"{ours:.2f} CPU ms",
        "peer": f"ORM creates {orm:.2f} CPU ms",
        "limit": f"pgbench {bare:.2f} CPU ms",
        "spread": "web and PostgreSQL, all rounds together; the load clients are left out",
    }
    return [
        Row(name="submit over HTTP, by CPU spent, beside pgbench", ratio=bare / ours,
            target=">= 0.25 of the limit", met=bare / ours >= 0.25, **shown),
        Row(name="submit over HTTP, by CPU spent, beside ORM creates", ratio=orm / ours,
            target=">= 2 x the peer", met=orm / ours >= 2, **shown),
        Row(name="the floor, by CPU spent: a POST of the same server that stores pgbench's rows and does nothing else",
            ratio=bare / floor, target=">= 0.25 of the limit, of which nothing is then left for submitting",
            met=bare / floor >= 0.25, **{**shown, "ours": f"{floor:.2f} CPU ms"}),
    ]  # fmt: skip


class _Costs:
    """Adds up what web and PostgreSQL spend on each kind of turn."""

    def __init__(self, running: house.House) -> None:
        self._running, self._postmaster = running, spent.postmaster(running.database)
        self._seconds: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self.count = 0

    @contextlib.contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count a turn; whoever runs it says in `count` how much was done."""
        before = self._now()
        yield
        self._seconds[name] = self._seconds.get(name, 0.0) + self._now() - before
        self._counts[name] = self._counts.get(name, 0) + self.count

    def each(self, name: str) -> float:
        """Give the milliseconds of CPU for one."""
        return self._seconds[name] / self._counts[name] * 1e3

    def _now(self) -> float:
        return sum(spent.cpu(self._running, self._postmaster).values())


def _assert_stored(acknowledged: int) -> None:
    """Hold the acknowledged applications against the rows."""
    from samspill.cases.models import Application

    stored = Application.objects.count()
    assert stored >= acknowledged, f"{acknowledged} were acknowledged and {stored} are stored"


def _rows_of_sending(
    sent: list[load.Load], by_orm: list[load.Load], bare: list[float], size: int
) -> list[Row]:
    rate, orm_rate, limit = (
        statistics.median(values)
        for values in ([one.rate for one in sent], [one.rate for one in by_orm], bare)
    )
    p50, p99 = (
        statistics.median(one.p50 for one in sent),
        statistics.median(one.p99 for one in sent),
    )
    ends = (
        f"lowest-highest a second: ours {_ends([one.rate for one in sent])}, "
        f"pgbench {_ends(bare)}, ORM {_ends([one.rate for one in by_orm])}"
    )
    shown = {
        "ours": f"{rate:.0f}/s, {size / 1000:.1f} KB each",
        "peer": f"ORM creates {orm_rate:.0f}/s",
        "limit": f"pgbench, the three rows alone {limit:.0f}/s",
        "spread": ends,
    }
    name = f"submit over HTTP, {CLIENTS} clients"
    return [
        Row(name=f"{name}, beside pgbench", ratio=rate / limit, target=">= 0.25 of the limit",
            met=rate / limit >= 0.25, **shown),
        Row(name=f"{name}, beside ORM creates", ratio=rate / orm_rate, target=">= 2 x the peer",
            met=rate / orm_rate >= 2, **shown),
        Row(name=f"{name}, p99 beside p50", ours=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms", peer="-", limit="-",
            ratio=p99 / p50, target="<= 5 x p50", met=p99 / p50 <= 5, spread=ends),
    ]  # fmt: skip


# --- checking ------------------------------------------------------------------------------------


@attrs.define
class _Writer:
    """One person who writes on one page of a draft; each POST saves another answer than the last."""

    port: int
    cookies: dict[str, str]
    path: str
    fields: list[tuple[str, str]]
    changing: str
    choices: tuple[str, str]
    turn: int = 0

    def write(self, path: str | None = None) -> bytes:
        self.turn += 1
        answers = {self.changing: self.choices[self.turn % 2]}
        fields = people.filled(self.fields, answers)
        return load.request(
            "POST", path or self.path, port=self.port, cookies=self.cookies, body=urlencode(fields).encode(),
            Content_Type="application/x-www-form-urlencoded", X_CSRFToken=people.CSRF, HX_Request="true",
        )  # fmt: skip

    def saved(self, answer: bytes) -> None:
        """Take over what the page remembers (revision, what it began with), as the browser does."""
        hidden = [(name, html.unescape(value)) for name, value in _HIDDEN.findall(answer.decode())]
        if hidden:
            names = {name for name, _ in hidden}
            self.fields = [pair for pair in self.fields if pair[0] not in names] + hidden


def _checking(running: house.House, tokens: list[str], costs: _Costs) -> list[Row]:
    short = [_writer(running, t, "parcel", *_SHORT_PAGE) for t in tokens]
    long = [_writer(running, t, "bostotte", *_LONG_PAGE) for t in tokens]
    rows = []
    for name, writers in (("a form of three pages", short), ("bostøtte, eleven pages", long)):
        checked, empty = [], []
        ours, peers = f"check: {name}", f"empty: {name}"
        write, saved = [w.write for w in writers], [w.saved for w in writers]
        load.run(running.port, write, seconds=1, answered=saved)
        for _ in range(ROUNDS):
            with costs.of(ours):
                checked.append(load.run(running.port, write, seconds=SECONDS, answered=saved))
                costs.count = sum(checked[-1].statuses.values())
            peer = [lambda w=w: w.write("/bench/empty/") for w in writers]
            with costs.of(peers):
                empty.append(load.run(running.port, peer, seconds=SECONDS))
                costs.count = sum(empty[-1].statuses.values())
        for one in (*checked, *empty):
            assert set(one.statuses) == {200}, one.statuses
        rows += [_row_of_checking(name, checked, empty), _cost_of_checking(name, costs)]
    return rows


_SHORT_PAGE = ("home", "shed_size", ("4", "5"), {"has_shed": "true"})
_LONG_PAGE = ("bolig", "boligtype", ("leilighet", "hybel"))
_HIDDEN = re.compile(r'name="(revision|_was|_shown|_aside)"[^>]*value="([^"]*)"')


def _writer(
    running: house.House,
    token: str,
    package: str,
    page: str,
    changing: str,
    choices: tuple[str, str],
    before: dict[str, str] | None = None,
) -> _Writer:
    """Begin a draft and open a page of it; `before` are answers that bring the changing field to show."""
    browser = people.Browser(running.port, token)
    address, _ = browser.post(f"/tjenester/{package}/start/", [])
    draft = address.split("/soknad/")[1].split("/")[0]
    path = f"/soknad/{draft}/side/{page}/"
    _, shown = browser.get(path)
    if before:
        action, fields = people.form_of(shown, f"/side/{page}/")
        _, shown = browser.post(action, [*people.filled(fields, before), ("save", "")])
        assert f'name="{changing}"' in shown, f"{changing} does not come to show"
    action, fields = people.form_of(shown, f"/side/{page}/")
    return _Writer(running.port, browser.cookies, action, fields, changing, choices)


def _row_of_checking(name: str, checked: list[load.Load], empty: list[load.Load]) -> Row:
    rate = statistics.median(one.rate for one in checked)
    peer = statistics.median(one.rate for one in empty)
    return Row(
        name=f"check of a page, {name}",
        ours=f"{rate:.0f}/s, p50 {statistics.median(one.p50 for one in checked):.1f} ms",
        peer=f"empty POST {peer:.0f}/s",
        limit="-",
        ratio=rate / peer,
        target=">= 0.6 of the peer",
        met=rate / peer >= 0.6,
        spread=f"lowest-highest a second: ours {_ends([one.rate for one in checked])}, "
        f"empty {_ends([one.rate for one in empty])}",
    )


def _cost_of_checking(name: str, costs: _Costs) -> Row:
    ours, empty = costs.each(f"check: {name}"), costs.each(f"empty: {name}")
    floor = costs.each("floor")
    return Row(
        name=f"check of a page, by CPU spent, {name}",
        ours=f"{ours:.2f} CPU ms",
        peer=f"empty POST {empty:.2f} CPU ms",
        limit=f"a POST that stores three rows {floor:.2f} CPU ms ({empty / floor:.2f})",
        ratio=empty / ours,
        target=">= 0.6 of the peer",
        met=empty / ours >= 0.6,
        spread="web and PostgreSQL, all rounds together; the load client is left out",
    )


def _ends(values: list[float]) -> str:
    return f"{min(values):.0f}-{max(values):.0f}"
