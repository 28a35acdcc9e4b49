"""What changes seldom and is asked by every request: kept in memory for as long as its generation holds.

Which version of a service is in force, and what a municipality has set, is the same for thousands of requests. A
trigger gives the table `infra_generation` a new random value in the transaction that changes any of it; a request
reads the value together with its session, and what was kept under that very value is still true. So nothing is ever
older than the beginning of the request, in whatever process the change was made, and nobody has to be told.

    EXPRESSION     the value, as a part of a statement that is asked anyway
    hold, forget   the request's value, from its first statement to its end; `held` gives it
    kept           a function whose answers depend on its arguments and on what the generation covers

Outside requests (jobs, commands, tests of services) nothing is held, and every question goes to the database.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, Final, ParamSpec, TypeVar, cast
from uuid import UUID

P = ParamSpec("P")
R = TypeVar("R")

EXPRESSION: Final = "(SELECT value FROM infra_generation)"
_MOST: Final = 4096
_held: ContextVar[UUID | None] = ContextVar("generation", default=None)
_lock = threading.Lock()


def hold(value: UUID | None) -> None:
    """Let what was kept under this value be used until `forget`."""
    _held.set(value)


def forget() -> None:
    """Ask the database again from now on: the request has ended, or has itself changed what is kept."""
    _held.set(None)


def held() -> UUID | None:
    """Give the request's value; None outside requests."""
    return _held.get()


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep a function's answers, by its (hashable) arguments, while the generation is the same.

    The answers are shared between requests: they must not be changed.
    """
    answers: dict[Hashable, Any] = {}
    of: list[UUID | None] = [None]

    @functools.wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        generation = _held.get()
        if generation is None:
            return function(*args, **kwargs)
        key = (generation, args, tuple(sorted(kwargs.items())))
        found = answers.get(key)
        if found is None:
            found = (function(*args, **kwargs),)
            with _lock:
                if of[0] != generation or len(answers) >= _MOST:
                    answers.clear()
                of[0] = generation
                answers[key] = found
        return cast("R", found[0])

    return remembering
