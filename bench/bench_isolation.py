"""The work list with row-level security beside the same without: one database, two connections, in turns.

`python -m bench.bench_isolation [--cases N] [--rounds N]`. With: a connection of the role `samspill_app`, on which an
employee has been entered as each request does, so that every statement is held against the policies. Without: the
owner's, a superuser whom no policy binds. Both ask the same service function, with what it writes to the log.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import bench_worklist, house
from bench.row import Row
from bench.worklist_worlds import World, restricted, worlds

CASES, ROUNDS = 200_000, 200
_MOST = 1.3
_LISTS = (
    "a municipality, first page",
    "a municipality, with a task of one in ten",
    "a municipality, one by its number",
    "a municipality, open appeals",
    "the agency, first page",
    "the agency, open appeals",
    "the cleared, first page",
)


def run(cases: int = CASES, rounds: int = ROUNDS) -> list[Row]:
    """Measure the lists that are opened most, of a municipality, of the agency and of the cleared."""
    with house.database() as address:
        bench_worklist.connect(address)
        with worlds(address, cases) as made:
            free = made[0]
            bound = restricted(free)
            with free.entered():
                found = {name: (actor, ask) for name, actor, ask in bench_worklist.calls()}
            try:
                return [_row(name, *found[name], free, bound, rounds) for name in _LISTS]
            finally:
                bound.connection.close()


def _row(
    name: str, actor: Any, ask: Callable[[], Any], free: World, bound: World, rounds: int
) -> Row:
    from samspill.infra import isolation

    times: dict[str, list[float]] = {"free": [], "bound": []}
    with free.entered():
        lines = bench_worklist.lines(ask())
    with bound.entered():
        isolation.enter(actor)
        assert bench_worklist.lines(ask()) == lines, f"{name}: the policies hide what is to be seen"
    for _ in range(rounds):
        for kind, world in (("free", free), ("bound", bound)):
            with world.entered():
                begun = time.perf_counter()
                ask()
                times[kind].append((time.perf_counter() - begun) * 1e3)
    without, with_it = (statistics.median(values) for values in times.values())
    ends = [f"{min(values):.1f}-{max(values):.1f}" for values in times.values()]
    return Row(
        name=f"{name}, {free.size:,} cases".replace(",", " ").replace("  ", ", "),
        ours=f"{with_it:.2f} ms",
        peer=f"the same without policies {without:.2f} ms",
        limit="-",
        ratio=with_it / without,
        target="<= 1.3 x the peer",
        met=with_it / without <= _MOST,
        spread=f"lowest-highest in ms: without {ends[0]}, with {ends[1]}; lines {lines}",
    )


def main() -> None:
    """Print every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    for row in run(given.cases, given.rounds):
        print(row)


if __name__ == "__main__":
    main()
