"""Many rows at once into one of our own tables.

PostgreSQL takes no COPY straight into a table with row-level security. So the rows come into a table of the
connection's own and are moved from there by one INSERT, which the table's policies see like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction


def copy_rows(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> int:
    """Write rows and return how many, all or none.

    Args:
        table: one of our own tables.
        columns: their names with commas between, in the order of each row's values.
        rows: must not ask the database while they are made: the connection is busy.
    """
    incoming = f"pg_temp.incoming_{table}"
    count = 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_MAKE.format(incoming=incoming, table=table))
        with cursor.copy(f"COPY {incoming} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {incoming}"  # noqa: S608 - our own names
        )
        cursor.execute(f"DROP TABLE {incoming}")
    return count


# Gone when the rows are moved, so that it is never another role's. The real table has the defaults and checks.
_MAKE = "CREATE TEMPORARY TABLE {incoming} ON COMMIT DROP AS SELECT * FROM {table} WITH NO DATA"
