"""Notices to the two sides of a mandate."""

import django.db.models.deletion
from django.db import migrations, models

import samspill.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("mandates", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=samspill.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=120)),
                ("mandate_id", models.UUIDField()),
                ("kind", models.CharField(max_length=20)),
                ("names", models.JSONField(default=dict)),
                ("posted_by_org", models.CharField(blank=True, default="", max_length=9)),
                ("channel", models.CharField(blank=True, default="", max_length=8)),
                ("language", models.CharField(blank=True, default="", max_length=5)),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                ("text", models.TextField(blank=True, default="")),
                ("file_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="queued", max_length=8)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("queued_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.person")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-queued_at"], name="mandates_notice_of"),
                    models.Index(fields=["mandate_id"], name="mandates_notice_about"),
                    models.Index(condition=models.Q(("state", "queued")), fields=["queued_at"], name="mandates_notice_queue"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "key"), name="mandates_notice_once"),
                    models.CheckConstraint(condition=models.Q(("channel__in", ("", "digital", "paper"))), name="mandates_notice_channel"),
                    models.CheckConstraint(condition=models.Q(("state__in", ("queued", "sent"))), name="mandates_notice_state"),
                    models.CheckConstraint(
                        condition=models.Q(("state", "queued"), models.Q(models.Q(("channel", ""), _negated=True), models.Q(("text", ""), _negated=True)), _connector="OR"),
                        name="mandates_notice_sent_whole",
                    ),
                ],
            },
        ),
    ]
