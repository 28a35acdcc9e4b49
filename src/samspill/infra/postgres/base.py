"""The connection of a thread: borrowed from the process's pool, and given back with nothing said on it.

The pool could unsay it too, but does so in a thread of its own and for every connection: a statement and two changes of
thread for each request, also where nobody had said anything (`infra.isolation`).
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from samspill.infra import prepared


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, which unsays who acts when it gives a connection back."""

    connection: Any
    samspill_said: Any = None  # what `infra.isolation` remembers of the present connection

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Borrow a connection; one that came back with something said all the same has it unsaid before it is used."""
        connection = super().get_new_connection(conn_params)
        if self.pool:
            prepared.forget_who_acts(connection)
        return connection

    def _close(self) -> Any:
        if self.connection is not None and self.pool:
            prepared.forget_who_acts(self.connection)
        self.samspill_said = None
        return super()._close()  # type: ignore[misc]  # not in the stubs

    def _set_autocommit(self, autocommit: bool) -> None:
        if (
            self.connection.autocommit != autocommit
        ):  # psycopg takes its lock even when it is the same
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs
