"""The month's run: its writes beside a bare COPY of the same rows, and what the rules take of it.

`python -m bench.bench_term_run [--cases N] [--rounds N] [--answer-after SECONDS]`; with `python -m bench term_run` the
environment says it: BENCH_CASES=115000 BENCH_ROUNDS=1 is a whole month, and needs some gigabytes of disk in TMPDIR.

Terms are run after each other, each writing on two connections; after each, the very rows it wrote are copied into bare
tables without a key, index or constraint (the peer: one COPY after the other), and written to a file (the limit).
`--answer-after` lets each register take so long for a question of at most 1,000 people.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import cases_population
from bench.row import Row

CASES = int(os.environ.get("BENCH_CASES", "11500"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
_BLOCK = 1 << 20
_OURS = {
    "cases_decision": "run_id = '{run}'",
    "cases_payment": "run_id = '{run}'",
    "cases_letter": "decision_id IN (SELECT id FROM cases_decision WHERE run_id = '{run}')",
    "cases_termentry": "term = (SELECT (term + interval '1 month')::date FROM cases_termrun WHERE id = '{run}')",
    "infra_event": "id > {event}",
    "infra_access_entry": "id > {entry} AND purpose = 'decide the term' AND action = 'write'",
}


def run(cases: int = CASES, rounds: int = ROUNDS, answer_after: float = 0.0) -> list[Row]:
    """Measure the month's run."""
    stop = cases_population.start()
    try:
        people = cases_population.load(cases)
        people.answer_after = answer_after
        cases_population.connect_registers(people)
        return _rows(cases, [_round(number, cases) for number in range(rounds)])
    finally:
        stop()


def _round(number: int, cases: int) -> dict[str, float]:
    from samspill.cases import service
    from samspill.infra import clock
    from samspill.kernel.periods import Month

    term = Month(2026, 8) + number
    before = {"event": _newest("infra_event"), "entry": _newest("infra_access_entry")}
    with clock.frozen(dt.datetime.combine((term + 1).day(10), dt.time(9), tzinfo=dt.UTC)):
        begun, cpu = time.perf_counter(), time.process_time()
        batches = _Batches()
        summary = service.run_term("bostotte", term, progress=batches)
        whole, cpu = time.perf_counter() - begun, time.process_time() - cpu
    assert summary.decided == cases, f"{summary.decided} of {cases} were decided: {summary}"
    with tempfile.TemporaryDirectory(prefix="samspill-bench-rows-") as folder:
        blocks = _dump(Path(folder), run=summary.run_id, **before)
        size = sum(path.stat().st_size for path in blocks.values())
        measured = {"whole": whole, "cpu": cpu, **summary.seconds, "bytes": size}
        measured["copy"] = _copy(blocks)
        measured["file"] = _file(blocks)
        measured["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**measured, **batches.quarters()}


class _Batches:
    """The CPU seconds of each batch: whether the last ones cost more than the first."""

    def __init__(self) -> None:
        self._at, self._spent = time.process_time(), list[float]()

    def __call__(self, progress: Any) -> None:
        now = time.process_time()
        self._at, spent = now, now - self._at
        self._spent.append(spent)
        text = f"\r  {progress.done} of {progress.total} in {progress.seconds:.0f} s"
        print(text, end="", file=sys.stderr, flush=True)

    def quarters(self) -> dict[str, float]:
        """Give the middle of the first and of the last quarter; the very first batch also fills memories."""
        whole = self._spent[1:-1] or self._spent  # the last may be small
        quarter = max(1, len(whole) // 4)
        return {
            "first": statistics.median(whole[:quarter]),
            "last": statistics.median(whole[-quarter:]),
        }


def _newest(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])


def _dump(folder: Path, **names: Any) -> dict[str, Path]:
    """Read the rows that the run wrote, as COPY wants them, into a file for each table."""
    from django.db import connection

    blocks = {}
    with connection.cursor() as cursor:
        for table, where in _OURS.items():
            query = f"COPY (SELECT * FROM {table} WHERE {where.format(**names)}) TO STDOUT"
            blocks[table] = folder / table
            with cursor.copy(query) as copy, blocks[table].open("wb") as file:
                for part in copy:
                    file.write(part)
    return blocks


def _copy(blocks: dict[str, Path]) -> float:
    """Copy the rows into tables without key, index or constraint."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        for table in blocks:
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
        cursor.execute("CHECKPOINT")
        begun = time.perf_counter()
        with transaction.atomic():
            for table, path in blocks.items():
                with (
                    cursor.copy(f"COPY bare_{table} FROM STDIN") as copy,
                    path.open("rb") as file,
                ):
                    while part := file.read(_BLOCK):
                        copy.write(part)
        taken = time.perf_counter() - begun
        for table in blocks:
            cursor.execute(f"DROP TABLE bare_{table}")
        return taken


def _file(blocks: dict[str, Path]) -> float:
    with tempfile.NamedTemporaryFile(prefix="samspill-bench-") as file:
        begun = time.perf_counter()
        for path in blocks.values():
            with path.open("rb") as rows:
                shutil.copyfileobj(rows, file, _BLOCK)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter() - begun


def _rows(cases: int, rounds: list[dict[str, float]]) -> list[Row]:
    median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    ratios = sorted(one["copy"] / one["write"] for one in rounds)
    shares = sorted(one["rules"] / one["whole"] for one in rounds)
    megabytes = median["bytes"] / 1e6
    growth = median["last"] / median["first"]
    return [
        Row(
            name=f"month's run of {cases} cases: writes",
            ours=f"{median['write']:.2f} s for {megabytes:.0f} MB, on two connections at once",
            peer=f"{median['copy']:.2f} s bare COPY of the same rows, on one",
            limit=f"{median['file']:.2f} s to a file with fsync",
            ratio=statistics.median(ratios),
            target="≥ 0.3",
            met=statistics.median(ratios) >= 0.3,
            spread=f"{ratios[0]:.3f}–{ratios[-1]:.3f} in {len(rounds)} rounds",
        ),
        Row(
            name=f"month's run of {cases} cases: the rule step",
            ours=f"{median['rules']:.2f} s of {median['whole']:.1f} s ({cases / median['whole']:.0f} cases/s, "
            f"{median['cpu'] / cases * 1e3:.1f} CPU ms a case, {median['peak']:.0f} MB at most)",
            peer=f"{median['inputs']:.2f} s to gather and evaluate (registers in memory)",
            limit="5 % of the run",
            ratio=statistics.median(shares),
            target="< 0.05",
            met=statistics.median(shares) < 0.05,
            spread=f"{shares[0]:.4f}–{shares[-1]:.4f} in {len(rounds)} rounds",
        ),
        Row(
            name=f"month's run of {cases} cases: the last batches beside the first",
            ours=f"last quarter {median['last']:.2f} CPU s a batch of 2 000",
            peer=f"first quarter {median['first']:.2f} CPU s",
            limit="1: the run takes as much longer as it has more cases",
            ratio=growth,
            target="≤ 1.2 x the first",
            met=growth <= 1.2,
            spread=f"{len(rounds)} rounds",
        ),
    ]


def main() -> None:
    """Print every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--answer-after", type=float, default=0.0)
    given = parser.parse_args()
    for row in run(given.cases, given.rounds, given.answer_after):
        print(row)


if __name__ == "__main__":
    main()
