"""What was signed and what was decided is never changed, not even by a bulk update or by hand.

A row may be deleted only by disposal under the archive plan, which says so in its transaction:
`SET LOCAL samspill.disposal = 'on'`.
"""

from django.db import migrations

_FUNCTION = """
CREATE FUNCTION cases_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('samspill.disposal', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'rows of % are never changed: add a new row that replaces this one', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def _guard(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION cases_never_changed();",
        f"DROP TRIGGER {table}_fixed ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION cases_never_changed();"),
        _guard("cases_application"),
        _guard("cases_amendment"),
        _guard("cases_decision"),
        _guard("cases_deletion"),
    ]
