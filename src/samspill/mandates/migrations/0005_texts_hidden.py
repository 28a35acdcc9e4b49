"""Why somebody was shut for mandates hides the national numbers in it."""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import hiding

_COLUMNS = {"mandates_block": ("reason",)}


def hide(apps, schema_editor):
    """Hide every number in the rows that are there; what keeps them unchanged is lifted for this alone."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mandates_block DISABLE TRIGGER mandates_block_kept")
        hiding.hide_texts(schema_editor.connection, _COLUMNS)
        cursor.execute("ALTER TABLE mandates_block ENABLE TRIGGER mandates_block_kept")


class Migration(migrations.Migration):

    dependencies = [("mandates", "0004_organisations"), ("infra", "0009_deletion_accounts")]

    operations = [
        migrations.AlterField(
            model_name="block",
            name="reason",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.RunPython(hide, migrations.RunPython.noop),
    ]
