"""The present value at other spans of years is kept beside an assessment's figures, and changes as little as they."""

import importlib

from django.db import migrations, models

_years = importlib.import_module("samspill.impact.migrations.0003_measured_and_years")
_AS_BEFORE = _years._MOVES % _years._WITH_YEARS
_WITH_WORTHS = _AS_BEFORE.replace("NEW.yearly,", "NEW.yearly, NEW.worths,").replace(
    "OLD.yearly,", "OLD.yearly, OLD.worths,"
)


class Migration(migrations.Migration):
    dependencies = [("impact", "0006_own_sources")]

    operations = [
        migrations.AddField("assessment", "worths", models.JSONField(default=dict)),
        migrations.RunSQL(_WITH_WORTHS, _AS_BEFORE),
    ]
