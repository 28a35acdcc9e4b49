"""The accounts of deletions: counts and hashes, added to and never changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("infra", "0008_isolation")]

    operations = [
        migrations.CreateModel(
            name="DeletionAccount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=40)),
                ("count", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "infra_deletion_account",
                "indexes": [models.Index(fields=["sha256"], name="infra_deletion_hash")],
            },
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON infra_deletion_account FROM samspill_app, samspill_job;",
            migrations.RunSQL.noop,
        ),
    ]
