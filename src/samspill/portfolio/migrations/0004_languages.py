"""Let an initiative be written in nynorsk and English beside bokmål; what is there already is bokmål."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with an empty object where nothing is written."""

    dependencies: ClassVar = [("portfolio", "0003_reminders")]
    operations: ClassVar = [
        migrations.AddField(
            "initiative", "translations", models.JSONField(blank=True, default=dict)
        ),
        migrations.AddField("reminder", "about_in", models.JSONField(blank=True, default=dict)),
    ]
