"""Both logs can only be added to: a trigger refuses UPDATE, DELETE and TRUNCATE (SP-29)."""

from django.db import migrations

_FUNCTION = """
CREATE FUNCTION samspill_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is a log: rows can only be added', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
"""


def _guard(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION samspill_insert_only();
        CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION samspill_insert_only();
        """,
        f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_whole ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("infra", "0001_initial")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION samspill_insert_only();"),
        _guard("infra_event"),
        _guard("infra_access_entry"),
    ]
