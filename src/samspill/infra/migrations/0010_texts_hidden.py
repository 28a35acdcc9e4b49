"""What is written about a look, and why an employee asked for a copy, hides the national numbers in it."""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import hiding

_COLUMNS = {"infra_look_report": ("text", "answer"), "infra_own_data_request": ("reason",)}


# The owner reads and writes these rows as the role of the jobs. Where the fourth round's `migrate` made the roles and the
# owner is no superuser (PostgreSQL 16), the owner may give them away and not yet be them: it gives them to itself.
_OURS = """
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['samspill_app', 'samspill_job'] LOOP
    IF NOT (pg_has_role(current_user, wanted, 'USAGE') AND CASE
      WHEN current_setting('server_version_num')::int >= 160000 THEN pg_has_role(current_user, wanted, 'SET')
      ELSE pg_has_role(current_user, wanted, 'MEMBER') END) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
END $$;
"""


def hide(apps, schema_editor):
    """Hide every number in the rows that are there."""
    hiding.hide_texts(schema_editor.connection, _COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("infra", "0009_deletion_accounts")]

    operations = [
        migrations.AlterField(
            model_name="lookreport",
            name="text",
            field=samspill.infra.encryption.fields.ProseField(),
        ),
        migrations.AlterField(
            model_name="lookreport",
            name="answer",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="owndatarequest",
            name="reason",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.RunSQL(_OURS, migrations.RunSQL.noop),
        migrations.RunPython(hide, migrations.RunPython.noop),
    ]
