"""Hide the national numbers that stand in texts stored before their column hid them: for the rooms' migrations.

The owner of a table is bound by its row-level security too, and sees no row of it. So the rows are read and written as
the role of the jobs, which the owner is a member of and which sees all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from samspill.infra.encryption import numbers
from samspill.infra.isolation import JOB

_AT_A_TIME = 1000
_DIGITS = "[0-9]{6}.?[0-9]{5}"


def hide_texts(connection: Any, columns: Mapping[str, Iterable[str]]) -> int:
    """Hide every number in columns of text; return how many rows were changed. Run again it changes nothing.

    Args:
        connection: a migration's, inside its transaction.
        columns: names of columns by table; each table has its key in `id`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL ROLE {JOB}"
        )  # a statement that fails takes it back with everything else
        changed = sum(
            _hide(cursor, table, column) for table, names in columns.items() for column in names
        )
        cursor.execute("RESET ROLE")
    return changed


def _hide(cursor: Any, table: str, column: str) -> int:
    changed, last = 0, None
    while True:
        cursor.execute(
            f'SELECT id, "{column}" FROM {table} WHERE (%s::uuid IS NULL OR id > %s) '  # noqa: S608 - our own names
            f'AND "{column}" ~ %s ORDER BY id LIMIT %s',
            [last, last, _DIGITS, _AT_A_TIME],
        )
        rows = cursor.fetchall()
        if not rows:
            return changed
        last = rows[-1][0]
        for key, value in rows:
            if (hidden := numbers.hide(value)) != value:
                cursor.execute(
                    f'UPDATE {table} SET "{column}" = %s WHERE id = %s',  # noqa: S608 - our own names
                    [hidden, key],
                )
                changed += 1
