"""What is written about a look, and why an employee asked for a copy, hides the national numbers in it."""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import hiding

_COLUMNS = {"infra_look_report": ("text", "answer"), "infra_own_data_request": ("reason",)}


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
        migrations.RunPython(hide, migrations.RunPython.noop),
    ]
