"""The month's run: its writes beside a bare COPY of the same rows, and what the rules take of it.

`python -m bench.bench_term_run [CASES]`. Three terms are run after each other; after each, the very rows it
wrote are copied into bare tables without a key, index or constraint (the peer), and written to a file (the limit).
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from typing import Any

from bench import cases_population
from bench.row import Row

CASES = int(os.environ.get("BENCH_CASES", "11500"))
ROUNDS = 3
_OURS = {
    "cases_decision": "run_id = '{run}'",
    "cases_payment": "run_id = '{run}'",
    "cases_letter": "decision_id IN (SELECT id FROM cases_decision WHERE run_id = '{run}')",
    "cases_termentry": "term = (SELECT (term + interval '1 month')::date FROM cases_termrun WHERE id = '{run}')",
    "infra_event": "id > {event}",
    "infra_access_entry": "id > {entry} AND purpose = 'decide the term' AND action = 'write'",
}


def run(cases: int = CASES) -> list[Row]:
    """Measure the month's run."""
    stop = cases_population.start()
    try:
        people = cases_population.load(cases)
        cases_population.connect_registers(people)
        return _rows(cases, [_round(number, cases) for number in range(ROUNDS)])
    finally:
        stop()


def _round(number: int, cases: int) -> dict[str, float]:
    from samspill.cases import service
    from samspill.infra import clock
    from samspill.kernel.periods import Month

    term = Month(2026, 8) + number
    before = {"event": _newest("infra_event"), "entry": _newest("infra_access_entry")}
    with clock.frozen(dt.datetime.combine((term + 1).day(10), dt.time(9), tzinfo=dt.UTC)):
        begun = time.perf_counter()
        summary = service.run_term("bostotte", term, progress=_show)
        whole = time.perf_counter() - begun
    assert summary.decided == cases, f"{summary.decided} of {cases} were decided: {summary}"
    blocks = _dump(run=summary.run_id, **before)
    measured = {"whole": whole, **summary.seconds, "bytes": sum(map(len, blocks.values()))}
    measured["copy"] = _copy(blocks)
    measured["file"] = _file(blocks)
    return measured


def _show(progress: Any) -> None:
    print(
        f"\r  {progress.done} of {progress.total} in {progress.seconds:.0f} s",
        end="",
        file=sys.stderr,
    )


def _newest(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])


def _dump(**names: Any) -> dict[str, bytes]:
    """Read the rows that the run wrote, as COPY wants them."""
    from django.db import connection

    blocks = {}
    with connection.cursor() as cursor:
        for table, where in _OURS.items():
            query = f"COPY (SELECT * FROM {table} WHERE {where.format(**names)}) TO STDOUT"
            with cursor.copy(query) as copy:
                blocks[table] = b"".join(bytes(part) for part in copy)
    return blocks


def _copy(blocks: dict[str, bytes]) -> float:
    """Copy the rows into tables without key, index or constraint."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        for table in blocks:
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
        cursor.execute("CHECKPOINT")
        begun = time.perf_counter()
        with transaction.atomic():
            for table, block in blocks.items():
                with cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                    copy.write(block)
        return time.perf_counter() - begun


def _file(blocks: dict[str, bytes]) -> float:
    with tempfile.NamedTemporaryFile(prefix="samspill-bench-") as file:
        begun = time.perf_counter()
        for block in blocks.values():
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter() - begun


def _rows(cases: int, rounds: list[dict[str, float]]) -> list[Row]:
    median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    ratios = sorted(one["copy"] / one["write"] for one in rounds)
    shares = sorted(one["rules"] / one["whole"] for one in rounds)
    megabytes = median["bytes"] / 1e6
    return [
        Row(
            name=f"month's run of {cases} cases: writes",
            ours=f"{median['write']:.2f} s for {megabytes:.0f} MB",
            peer=f"{median['copy']:.2f} s bare COPY of the same rows",
            limit=f"{median['file']:.2f} s to a file with fsync",
            ratio=statistics.median(ratios),
            target="≥ 0.3",
            met=statistics.median(ratios) >= 0.3,
            spread=f"{ratios[0]:.3f}–{ratios[-1]:.3f} in {len(rounds)} rounds",
        ),
        Row(
            name=f"month's run of {cases} cases: the rule step",
            ours=f"{median['rules']:.2f} s of {median['whole']:.1f} s ({cases / median['whole']:.0f} cases/s)",
            peer=f"{median['inputs']:.2f} s to gather and evaluate (registers in memory)",
            limit="5 % of the run",
            ratio=statistics.median(shares),
            target="< 0.05",
            met=statistics.median(shares) < 0.05,
            spread=f"{shares[0]:.4f}–{shares[-1]:.4f} in {len(rounds)} rounds",
        ),
    ]


def main() -> None:
    """Print every row."""
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else CASES):
        print(row)


if __name__ == "__main__":
    main()
