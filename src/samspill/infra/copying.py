"""Many rows at once into one of our own tables.

PostgreSQL takes no COPY straight into a table with row-level security. So the rows come into a table of the
connection's own and are moved from there by one INSERT, which the table's policies see like any other. What is the
same in all of them is said once, by that INSERT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction


def copy_rows(
    table: str,
    columns: str,
    rows: Iterable[Sequence[Any]],
    *,
    alike: Mapping[str, Any] | None = None,
) -> int:
    """Write rows and return how many, all or none.

    Args:
        table: one of our own tables.
        columns: their names with commas between, in the order of each row's values.
        rows: must not ask the database while they are made: the connection is busy.
        alike: other columns, with the value that they have in every row.
    """
    incoming = f"pg_temp.incoming_{table}"
    same = alike or {}
    count = 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_MAKE.format(incoming=incoming, columns=columns, table=table))
        with cursor.copy(f"COPY {incoming} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(
            _MOVE.format(
                table=table,
                columns=", ".join([columns, *same]),
                values=", ".join([columns, *["%s"] * len(same)]),
                incoming=incoming,
            ),
            list(same.values()),
        )
        cursor.execute(f"DROP TABLE {incoming}")
    return count


# Gone when the rows are moved, so that it is never another role's. The real table has the defaults and checks, and is
# where long values are compressed and put aside: not twice.
_MAKE = (
    "CREATE TEMPORARY TABLE {incoming} WITH (toast_tuple_target = 8160) ON COMMIT DROP "
    "AS SELECT {columns} FROM {table} WITH NO DATA"
)
_MOVE = "INSERT INTO {table} ({columns}) SELECT {values} FROM {incoming}"
