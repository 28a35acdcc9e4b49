"""Why somebody was shut for mandates hides the national numbers in it."""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import hiding

_COLUMNS = {"mandates_block": ("reason",)}


def hide(apps, schema_editor):
    """Hide every number in the rows that are there."""
    hiding.hide_texts(schema_editor.connection, _COLUMNS)


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
