"""Requests for everything that is stored about oneself."""

import uuid

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("infra", "0004_provable_log")]

    operations = [
        migrations.CreateModel(
            name="OwnDataRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField()),
                ("asked_by", models.UUIDField(null=True)),
                ("org_no", models.CharField(blank=True, default="", max_length=9)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("language", models.CharField(max_length=5)),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("done", models.PositiveSmallIntegerField(default=0)),
                ("total", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("json", models.BinaryField(null=True)),
                ("pdf", models.BinaryField(null=True)),
                ("json_sha256", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "db_table": "infra_own_data_request",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(state="waiting"),
                        fields=("subject_id", "asked_by"),
                        name="infra_own_data_one_waiting",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(state="ready", json__isnull=False, pdf__isnull=False)
                        | Q(state__in=("waiting", "gone"), json=None, pdf=None),
                        name="infra_own_data_content",
                    ),
                    models.CheckConstraint(
                        condition=Q(asked_by=None) | ~Q(reason=""),
                        name="infra_own_data_counter_reason",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["subject_id", "-asked_at"], name="infra_own_data_of"),
                    models.Index(
                        condition=Q(state="ready"), fields=["expires_at"], name="infra_own_data_ends"
                    ),
                ],
            },
        ),
    ]
