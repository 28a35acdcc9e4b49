"""The SQL that isolates a table: row-level security, forced, with a policy for the web and one for the jobs.

Used by the migrations of the rooms, which know whose a row is. What is written here once: that it is forced (also on
the owner), that jobs see all rows and still cannot pass by a policy, and how a row follows its case.

    >>> "FORCE ROW LEVEL SECURITY" in isolate("cases_draft", OWN.format(column="person_id"))
    True
"""

from __future__ import annotations

from typing import Final

OWN: Final = "{column} = ANY ((SELECT samspill_persons())::uuid[])"
"""The row is the actor's, or of the one acted for. A template: `column`."""
BY_ME: Final = "{column} = (SELECT samspill_person())"
"""The row was made by the actor, whoever it is about. A template: `column`."""
OF_ORGANISATION: Final = "{column} = (SELECT samspill_organisation())"
"""The row is the organisation's for which an employee acts. A template: `column`."""


def scope(*names: str) -> str:
    """Return the condition that one of the named wider questions is open."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"(SELECT samspill_scope()) IN ({listed})"


def isolate(table: str, rows: str, *, new_rows: str = "") -> str:
    """Return the SQL that gives the web only some rows of a table.

    Args:
        table: the table.
        rows: which rows there are for whoever acts: a condition over its columns.
        new_rows: which rows may be written; the same when not given.
    """
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY {table}_app ON {table} FOR ALL TO samspill_app
      USING ({rows}) WITH CHECK ({new_rows or rows});
    CREATE POLICY {table}_job ON {table} FOR ALL TO samspill_job USING (true) WITH CHECK (true);
    """


def insert_only(table: str, rows: str) -> str:
    """Return the SQL for a log: the web reads some rows and adds any; it can change none."""
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY {table}_app_read ON {table} FOR SELECT TO samspill_app USING ({rows});
    CREATE POLICY {table}_app_add ON {table} FOR INSERT TO samspill_app WITH CHECK (true);
    CREATE POLICY {table}_job ON {table} FOR ALL TO samspill_job USING (true) WITH CHECK (true);
    """


def open_again(table: str) -> str:
    """Return the SQL that takes the isolation of a table away again."""
    return f"""
    DROP POLICY IF EXISTS {table}_app ON {table};
    DROP POLICY IF EXISTS {table}_app_read ON {table};
    DROP POLICY IF EXISTS {table}_app_add ON {table};
    DROP POLICY {table}_job ON {table};
    ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    """
