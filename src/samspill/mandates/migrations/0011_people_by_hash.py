"""People of a list are fetched by their hash: two blocks each in place of four."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mandates", "0010_lists_in_fewer_columns")]

    operations = [
        migrations.AddIndex(
            model_name="party",
            index=django.contrib.postgres.indexes.HashIndex(
                fields=["person"], name="mandates_party_by_hash"
            ),
        )
    ]
