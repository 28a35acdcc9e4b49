"""Record what a round asks for; the rounds there are asked for kroner."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; an empty object means kroner alone."""

    dependencies: ClassVar = [("portfolio", "0004_languages")]
    operations: ClassVar = [
        migrations.AddField("round", "objective", models.JSONField(blank=True, default=dict)),
    ]
