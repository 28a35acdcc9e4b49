"""Rows of the log that are to be on the disk before anybody is answered, and need not be there before the next step.

A submission writes the reading of a number and each question to a register before their answers are used, each in a
transaction of its own that no failure later on can take back. Waiting for the disk three times adds nothing to that:
PostgreSQL writes its log in order, so when the application is on the disk, what was committed before it is too. A
process that is killed loses none of it. Only a machine that falls could lose the last half second of such rows, and
then nobody was answered, and nothing that rests on them was stored.

    by_the_end    while it is open, rows written by `soon` wait; when it ends they are on the disk
    soon          what makes a statement's own transaction not wait; nothing where nobody has said that it may
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Final

import attrs
from django.db import connection

from samspill.infra import sql

SOON: Final = "set_config('synchronous_commit', 'off', true)"
"""Part of a statement: its own transaction does not wait for the disk."""
# Writes to PostgreSQL's log and nowhere else, and waits until that is on the disk.
_FLUSH: Final = "SELECT pg_logical_emit_message(true, 'samspill', '')"


@attrs.define
class Waiting:
    """Whether something waits for the disk."""

    owed: bool = False

    def reached(self) -> None:
        """Say that a later transaction on this connection has been on the disk: then so is what came before it."""
        self.owed = False


_open: contextvars.ContextVar[Waiting | None] = contextvars.ContextVar("waiting", default=None)


@contextlib.contextmanager
def by_the_end() -> Iterator[Waiting]:
    """Let rows of the log wait until the end of the block; then they are on the disk, however it ends."""
    waiting = Waiting()
    token = _open.set(waiting)
    try:
        yield waiting
    finally:
        _open.reset(token)
        if waiting.owed:
            sql.run(_FLUSH, ())


def soon() -> bool:
    """Tell whether a statement may hold `SOON`, and remember that it does.

    Never inside a transaction: what else stands in it must last when it ends.
    """
    waiting = _open.get()
    if waiting is None or connection.in_atomic_block:
        return False
    waiting.owed = True
    return True
