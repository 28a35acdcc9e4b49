"""What was agreed, signed and settled is never changed or deleted, not even by a bulk update or by hand."""

from django.db import migrations

_FUNCTION = """
CREATE FUNCTION settlement_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted: add a new row', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
_FIXED = (
    "agreementversion",
    "agreementparty",
    "payer",
    "signature",
    "exit",
    "takenout",
    "settlement",
    "settlementline",
    "statement",
)
_KEPT = ("agreement", "gainitem")


def _guard(table: str, acts: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER settlement_{table}_kept BEFORE {acts} ON settlement_{table} "
        "FOR EACH ROW EXECUTE FUNCTION settlement_never_changed();",
        f"DROP TRIGGER settlement_{table}_kept ON settlement_{table};",
    )


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION settlement_never_changed();"),
        *(_guard(table, "UPDATE OR DELETE") for table in _FIXED),
        *(_guard(table, "DELETE") for table in _KEPT),
    ]
