"""Reasons for openings, questions and notes about them hide the national numbers in them."""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import hiding

_COLUMNS = {
    "cases_opening": ("reason", "question", "answer"),
    "cases_handover": ("why",),
    "cases_finding": ("reason",),
    "cases_incident": ("note",),
}


def hide(apps, schema_editor):
    """Hide every number in the rows that are there."""
    hiding.hide_texts(schema_editor.connection, _COLUMNS)


class Migration(migrations.Migration):

    dependencies = [("cases", "0013_compartments"), ("infra", "0009_deletion_accounts")]

    operations = [
        migrations.AlterField(
            model_name="opening",
            name="reason",
            field=samspill.infra.encryption.fields.ProseField(),
        ),
        migrations.AlterField(
            model_name="opening",
            name="question",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="opening",
            name="answer",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="handover",
            name="why",
            field=samspill.infra.encryption.fields.ProseField(),
        ),
        migrations.AlterField(
            model_name="finding",
            name="reason",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="incident",
            name="note",
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=""),
        ),
        migrations.RunPython(hide, migrations.RunPython.noop),
    ]
