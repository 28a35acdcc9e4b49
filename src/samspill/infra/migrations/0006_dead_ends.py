"""Counts of pages that lead no further."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("infra", "0005_own_data")]

    operations = [
        migrations.CreateModel(
            name="DeadEnd",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=60)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table": "infra_dead_end",
                "constraints": [
                    models.UniqueConstraint(fields=("day", "kind"), name="infra_dead_end_one")
                ],
            },
        ),
    ]
