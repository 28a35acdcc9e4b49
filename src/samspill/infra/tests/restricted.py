"""Requests of Django's test client run as the web runs: with the role `samspill_app`, which policies bind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg.pq import TransactionStatus

from samspill.infra.isolation import APP, acting_as
from samspill.kernel.actor import ANONYMOUS, Actor


class RestrictedMiddleware:
    """Takes on the web's role for each request and lays it down after it; what a test prepares is not bound."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _take(f"SET ROLE {APP}")
        try:
            return self._next(request)
        finally:
            _take("RESET ROLE")


def _take(statement: str) -> None:
    # Past Django's cursors: tests count what a page asks, and this is no question of the page.
    try:
        connection.ensure_connection()
    except (
        RuntimeError
    ):  # a test without a database; a page that asks one is told so by the question itself
        return
    if connection.connection.info.transaction_status != TransactionStatus.INERROR:
        connection.connection.execute(statement)


@contextlib.contextmanager
def as_the_web(actor: Actor = ANONYMOUS) -> Iterator[CursorWrapper]:
    """Ask as the web's role, with somebody acting or nobody."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP}")
        try:
            with acting_as(actor):
                yield cursor
        finally:
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                cursor.execute("RESET ROLE")


def asked(cursor: CursorWrapper, statement: str, *values: object) -> set[object]:
    """Return the first column of what a statement finds."""
    cursor.execute(statement, values)
    return {row[0] for row in cursor.fetchall()}
