"""The lists with 1,000,000 cases beside the same with 1,000: two databases of one server, in turns.

`python -m bench.bench_worklist [--cases N] [--rounds N]`. Measured is the service function as the page calls it, with
what it writes to the log, for the municipality with most people, where a list is longest. `--plans FILE` writes the
plans of every query in the large world.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import house
from bench.row import Row
from bench.worklist_worlds import TAKEN_BY, World, worlds

SMALL, LARGE = 1_000, 1_000_000
ROUNDS = 60
_PAGE = 25  # as many as the page shows
_MOST = 3.0

Call = tuple[str, Callable[[], Any]]


def run(large: int = LARGE, rounds: int = ROUNDS, plans: Path | None = None) -> list[Row]:
    """Measure every list that municipality and agency open, with its filters, and the pages further down."""
    with house.database() as address:
        connect(address)
        begun = time.perf_counter()
        with worlds(address, SMALL, large) as made:
            print(f"filled in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
            with made[0].entered():
                found = list(calls())
            with made[1].entered():
                for _, actor, _ in found:
                    _close_to_nobody(actor.person_id)
            made_calls = [(name, ask) for name, _, ask in found]
            if plans is not None:
                plans.write_text("\n\n".join(_plans(made[1], call) for call in made_calls))
            return [_row(call, made, rounds) for call in made_calls]


def connect(address: str) -> None:
    os.environ["DATABASE_URL"] = address
    os.environ["DJANGO_SETTINGS_MODULE"] = "samspill.site.settings"
    import django

    django.setup()
    from samspill.site import preparing

    preparing.migrate()
    preparing.publish_catalogue()


def calls() -> Iterator[tuple[str, Any, Callable[[], Any]]]:
    """Give each list with the one who opens it."""
    from samspill.cases import service
    from samspill.cases.domain.worklist import BY_DEADLINE, Cursor
    from samspill.cases.service import agency_lists
    from samspill.municipalities import service as municipalities

    oslo = next(m for m in municipalities.all_current() if m.name == "Oslo")
    worker = _employee(
        "municipality_caseworker",
        oslo.org_no,
        municipality_id=oslo.id,
        person_id=uuid.UUID(TAKEN_BY),
    )
    agency = _employee("agency_caseworker", _owner())
    cleared = _employee("protected_caseworker", _owner())
    today = dt.datetime.now(tz=dt.UTC).date()
    middle = Cursor(order=BY_DEADLINE, at=today.isoformat(), case_id=uuid.UUID(int=0)).encode()
    undated = Cursor(order=BY_DEADLINE, at=None, case_id=uuid.UUID(int=0)).encode()
    filters: dict[str, dict[str, Any]] = {
        "first page": {},
        "overdue": {"overdue": True},
        "taken by oneself": {"mine": True},
        "older than 90 days": {"older_than_days": 90},
        "on paper": {"channel": "paper"},
        "with a task of one in ten": {"task": "bofellesskap"},
        "with a task that twenty have": {"task": "student"},
        "in one state": {"state": "appealed"},
        "waiting for the applicant": {"waiting_for": "applicant"},
        "one by its number": {"number": _number_in(oslo.id)},
    }
    for name, chosen in filters.items():
        yield f"a municipality, {name}", worker, _list(worker, **chosen)
    yield "a municipality, from today on", worker, _list(worker, middle)
    yield "a municipality, those without a day", worker, _list(worker, undated)
    yield "a municipality, open appeals", worker, lambda: agency_lists.appeals(worker)
    filters |= {"in one state": {"state": "exceptional", "waiting_for": "agency"}}
    for name in (
        "first page",
        "overdue",
        "older than 90 days",
        "on paper",
        "in one state",
        "one by its number",
    ):
        yield f"the agency, {name}", agency, _list(agency, **filters[name])
    yield "the agency, from today on", agency, _list(agency, middle)
    yield (
        "the agency, put aside by the month's run",
        agency,
        lambda: service.exceptional(agency, dt.date(2026, 8, 1), package_id="bostotte", size=_PAGE),
    )
    yield "the agency, open appeals", agency, lambda: agency_lists.appeals(agency)
    yield "the agency, letters that wait", agency, lambda: agency_lists.letter_queue(agency)
    yield "the cleared, first page", cleared, _list(cleared)


def _number_in(place: uuid.UUID) -> str:
    """Give the number of a case that both worlds have: their first thousand are the same."""
    from samspill.cases.models import Application

    found = Application.objects.filter(case__municipality=place, case__waiting_for="municipality")
    return str(found.order_by("case_id")[0].receipt_code)


def _employee(role: str, org_no: str | None, **rest: Any) -> Any:
    from samspill.kernel.actor import Actor

    person = rest.pop("person_id", None) or uuid.uuid4()
    _close_to_nobody(person)
    return Actor(
        person_id=person, **rest, kind="employee", org_no=org_no, roles=frozenset({role}),
        level="high", request_id="bench",
    )  # fmt: skip


def _close_to_nobody(person: uuid.UUID) -> None:
    """Say in the world at hand that an employee has no relatives, so that no list asks a register about it."""
    from samspill.cases.service import ties

    ties.remember(person, ())


def _list(actor: Any, after: str | None = None, **filters: Any) -> Callable[[], Any]:
    from samspill.cases import service

    chosen = service.Filters(size=_PAGE, **filters)
    return lambda: service.work_list(actor, chosen, after)


def _owner() -> str:
    """Give the number of the agency that decides bostøtte, as its package says."""
    import yaml

    text = (house.ROOT / "src/samspill/catalogue/bostotte/service.yaml").read_text()
    return str(yaml.safe_load(text)["owner"])


def _row(call: Call, made: list[World], rounds: int) -> Row:
    name, ask = call
    times: dict[int, list[float]] = {world.size: [] for world in made}
    shown: dict[int, int] = {}
    for world in made:
        with world.entered():
            shown[world.size] = lines(ask())
    assert all(shown.values()), f"{name}: a list is empty: {shown}"
    for _ in range(rounds):
        for world in made:
            with world.entered():
                begun = time.perf_counter()
                ask()
                times[world.size].append((time.perf_counter() - begun) * 1e3)
    small, large = (statistics.median(values) for values in times.values())
    ends = [f"{min(values):.1f}-{max(values):.1f}" for values in times.values()]
    rows = "/".join(str(n) for n in shown.values())
    return Row(
        name=f"{name}, {_spaced(made[1].size)} cases",
        ours=f"{large:.1f} ms",
        peer=f"the same with {_spaced(made[0].size)} cases {small:.1f} ms",
        limit="-",
        ratio=large / small,
        target="<= 3 x the peer",
        met=large / small <= _MOST,
        spread=f"lowest-highest in ms: small {ends[0]}, large {ends[1]}; lines {rows}",
    )


def lines(found: Any) -> int:
    """Count what a list shows, whichever list it is."""
    for name in ("lines", "failed", "held"):
        found = getattr(found, name, found)
    return len(found)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _plans(world: World, call: Call) -> str:
    """Give the plans of what a list asks the database, as PostgreSQL carries them out."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    name, ask = call
    texts = [f"=== {name}"]
    with world.entered():
        ask()
        with CaptureQueriesContext(connection) as asked:
            ask()
        with connection.cursor() as cursor:
            for query in asked.captured_queries:
                if query["sql"].startswith("SELECT"):
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + query["sql"].replace("%", "%%"))
                    plan = "\n".join(row[0] for row in cursor.fetchall())
                    texts.append(f"{query['sql'][:1500]}\n{plan}")
    return "\n\n".join(texts)


def main() -> None:
    """Print every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=LARGE, help="how many the large world has")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--plans", type=Path)
    given = parser.parse_args()
    for row in run(given.cases, given.rounds, given.plans):
        print(row)


if __name__ == "__main__":
    main()
