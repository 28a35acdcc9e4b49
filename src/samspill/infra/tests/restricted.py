"""Requests of Django's test client run as the web runs: with the role `samspill_app`, which policies bind."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg.pq import TransactionStatus

from samspill.infra.isolation import APP


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
