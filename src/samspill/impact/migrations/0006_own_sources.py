"""Where a municipality's own figure and an actual are from knows its language, and may stand in the others."""

from django.db import migrations, models

_ROWS = {"drivervalue": "impact_driver", "actual": "impact_actual"}


class Migration(migrations.Migration):
    dependencies = [("impact", "0005_written_in")]

    operations = [
        *(
            migrations.AddField(
                model_name=row,
                name="language",
                field=models.CharField(blank=True, default="", max_length=2),
            )
            for row in _ROWS
        ),
        *(
            migrations.AddField(
                model_name=row,
                name="translations",
                field=models.JSONField(blank=True, default=dict),
            )
            for row in _ROWS
        ),
        *(
            migrations.AddConstraint(
                model_name=row,
                constraint=models.CheckConstraint(
                    condition=models.Q(("language__in", ("", "nb", "nn", "en"))),
                    name=f"{name}_language_known",
                ),
            )
            for row, name in _ROWS.items()
        ),
    ]
