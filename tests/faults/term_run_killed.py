"""Decide a month again and again, each time in a process that is killed in the middle; run by a test.

`python -m tests.faults.term_run_killed KILLS`, in the environment of an installation. Each attempt is a fork of this
process that sends itself SIGKILL just before its n-th statement to the database, wherever in a batch that is; the last
attempt is let through. Writes what happened as JSON: `killed`, `decided`, `cases`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import django

CASES = 21
BATCH = 4
_MOST_STATEMENTS = 60
_PATIENCE_S = 30


def main(kills: int) -> None:
    """Make the cases, be killed, and run to the end."""
    django.setup()
    from samspill.cases.tests import term_builders
    from samspill.infra import clock

    package = term_builders.publish_ferry()
    known = _known()
    with clock.frozen(term_builders.RUN_DAY):
        for serial in range(1, CASES + 1):
            term_builders.a_case(package, known, serial=serial)
        chance, killed = random.Random(7), 0
        for _ in range(kills):
            killed += _attempt(chance.randint(1, _MOST_STATEMENTS)) == -signal.SIGKILL
        assert _attempt(None) == 0, "the last run, which nobody killed, failed"
        decided = _run().decided
    print(json.dumps({"killed": killed, "decided": decided, "cases": CASES}))


def _known() -> Any:
    """Let the registers answer from a table, also in the forks."""
    from samspill.cases.tests.builders import Registers
    from samspill.registers import service
    from samspill.registers.adapters.directory import REGISTERS

    known = Registers()
    service.REGISTERS = {
        name: attrs.evolve(register, fetch=lambda ask, name=name: known.fetch(name, ask))
        for name, register in REGISTERS.items()
    }
    return known


def _attempt(dies_at: int | None) -> int:
    """Run the term in a fork; return its exit code, negative for the signal that ended it."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the fork opens its own
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException), _dying(dies_at):
            _run()
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run() -> Any:
    """Run the term; a lock that PostgreSQL has not yet taken from a dead process is waited for."""
    from samspill.cases.service import run_term
    from samspill.cases.tests.term_builders import AUGUST
    from samspill.kernel.outcome import RefusedError

    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return run_term("ferry", AUGUST, batch=BATCH)
        except RefusedError as error:
            if error.refused.code != "run_going_on" or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def _dying(at: int | None) -> Iterator[None]:
    """Die before the n-th statement, whether the ORM or we send it, and on whichever connection of the run."""
    from django.db.backends.signals import connection_created

    from samspill.infra import sql

    statements, rows = itertools.count(1), sql.rows

    def one_more() -> None:
        if next(statements) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(statement: str, values: Any) -> Any:
        one_more()
        return rows(statement, values)

    def wrapped(execute: Callable[..., Any], *arguments: Any) -> Any:
        one_more()
        return execute(*arguments)

    def watch(connection: Any, **_: Any) -> None:
        if wrapped not in connection.execute_wrappers:
            connection.execute_wrappers.append(wrapped)

    sql.rows = counted
    connection_created.connect(watch)
    yield


if __name__ == "__main__":
    main(int(sys.argv[1]))
