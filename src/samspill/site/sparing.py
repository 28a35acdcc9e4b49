"""What a process that serves does not need is not read, and what loading left behind is let go.

Called by the web (`site.wsgi`) and the worker, each in this order: `read_less` before anything else is imported, and
`settle` when everything is.
"""

from __future__ import annotations

import gc
import linecache
import os
from typing import Final

from django.core.cache import close_caches
from django.core.signals import request_finished
from psycopg import sql

from samspill.kernel.later import read_later, read_parts

_SEARCH_AFTER: Final = (5_000, 20, 20)
"""How many more are made than let go before the young ones are searched; those of a request let each other go."""


def tell_children() -> None:
    """Say in the environment of the processes that are started how they are to treat memory.

    glibc gives each thread a heap of its own unless it is told not to; memory that one thread has freed is then there
    for the next. Python keeps the columns of every instruction, to underline them in a traceback; lines are enough.
    """
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")
    os.environ.setdefault("PYTHONNODEBUGRANGES", "1")


def read_less() -> None:
    """Let the libraries that few requests or none use be read when they are first used.

    psycopg looks once, when it first writes a whole number, whether numpy has been imported, and then asks it for its
    numbers. So it writes one before numpy seems to be there: otherwise the first request reads all of numpy. The JSON
    API imports one part of Django's tools for tests, and conditions are answered in Python unless they are unusual.
    """
    sql.Literal(0).as_string(None)
    read_later("numpy", "scipy", "cel")
    read_parts("django.test")


def settle() -> None:
    """Let go of what only loading needed, and keep the rest out of the searches for what is not used any more.

    attrs keeps the text of every method that it wrote, for debuggers; that is 2 MB. Django's caches are closed after
    every request, and nothing of ours is kept in them.
    """
    request_finished.disconnect(close_caches)
    linecache.clearcache()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SEARCH_AFTER)
