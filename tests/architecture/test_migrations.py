"""The database grows first and is tidied in a later version: old and new code run side by side while it is rolled out.

A migration that comes after the last round which had to stop everything (docs/run/upgrade.md) may add, and may loosen.
What old code reads must stay, and what old code writes must still be taken (SP-39).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

#: The newest migration of each room in the fifth round, which stops everything and says so. Never raised but by a
#: round that stops everything again.
BEFORE = {
    "cases": 18, "identity": 6, "impact": 7, "infra": 12, "mandates": 10, "municipalities": 2, "packages": 5,
    "portfolio": 6, "registers": 4, "settlement": 6,
}  # fmt: skip
#: Migrations that take away what no code has used since the version before: name -> what, and since when.
TIDIES: dict[str, str] = {}
_TAKES_AWAY = (
    migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel,
    migrations.AlterModelTable,
)  # fmt: skip
_SQL = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN|FUNCTION)|RENAME\s+(TO|COLUMN)|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE)\b",
    re.IGNORECASE,
)


def faults(operation: Operation) -> Iterator[str]:
    """Say what old code could not live with in one step of a migration."""
    if isinstance(operation, _TAKES_AWAY):
        yield operation.describe()
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not (field.null or field.many_to_many or field.has_db_default()):
            yield f"{operation.describe()}: old code gives it no value; let it be null, or give it a db_default"
    if isinstance(operation, migrations.RunSQL):
        words = operation.sql if isinstance(operation.sql, str) else str(operation.sql)
        yield from (found[0] for found in _SQL.finditer(words))
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from faults(inner)


def newer() -> Iterator[migrations.Migration]:
    """The migrations of our rooms that came after the round that stopped everything."""
    loader = MigrationLoader(None)
    for (room, name), migration in sorted(loader.disk_migrations.items()):
        if room in BEFORE and int(name[:4]) > BEFORE[room]:
            yield migration


def test_no_newer_migration_takes_away_what_the_version_before_uses() -> None:
    found = {
        f"{one.app_label}.{one.name}": said
        for one in newer()
        if (said := [fault for operation in one.operations for fault in faults(operation)])
    }
    assert {name: said for name, said in found.items() if name not in TIDIES} == {}
    assert set(TIDIES) <= set(found), "what is no longer there needs no reason"


def test_every_room_with_tables_is_looked_at() -> None:
    loader = MigrationLoader(None)
    ours = {
        app for app, _ in loader.disk_migrations if loader.migrations_module(app)[0] is not None
    }
    assert set(BEFORE) == {app for app in ours if app not in ("contenttypes", "procrastinate")}


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("case", "unit"),
        migrations.RenameField("case", "unit", "section"),
        migrations.DeleteModel("Case"),
        migrations.AddField("case", "colour", models.CharField(max_length=9)),
        migrations.AddField("case", "colour", models.CharField(max_length=9, default="blue")),
        migrations.RunSQL("ALTER TABLE cases_case ALTER COLUMN unit SET NOT NULL"),
        migrations.SeparateDatabaseAndState([migrations.RunSQL("DROP TABLE cases_case")]),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_old_code_cannot_live_with_is_found(operation: Operation) -> None:
    assert list(faults(operation))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("case", "colour", models.CharField(max_length=9, null=True)),
        migrations.AddField("case", "colour", models.CharField(max_length=9, db_default="")),
        migrations.RemoveIndex("case", "cases_by_colour"),
        migrations.RunSQL("CREATE INDEX cases_by_colour ON cases_case (colour)"),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_grows_is_let_through(operation: Operation) -> None:
    assert list(faults(operation)) == []
