"""Letters that tell of no decision: to whom, about which request, and each only once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards"), ("identity", "0001_initial")]

    operations = [
        migrations.AddField(
            "letter",
            "recipient",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
            ),
        ),
        migrations.AddField(
            "letter",
            "request",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.informationrequest",
            ),
        ),
        migrations.AddField(
            "letter",
            "title",
            models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddConstraint(
            "letter",
            models.UniqueConstraint(
                condition=models.Q(decision__isnull=True),
                fields=("case", "kind", "recipient", "request"),
                name="letter_once_a_person",
                nulls_distinct=False,
            ),
        ),
    ]
