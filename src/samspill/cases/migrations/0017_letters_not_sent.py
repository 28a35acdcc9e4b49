"""Letters that are not sent are found by their state: those given up no longer lie before those that wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_doors")]

    operations = [
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("state", "sent"), _negated=True),
                fields=["state", "queued_at", "id"],
                name="letter_not_sent",
            ),
        ),
        migrations.RemoveIndex(model_name="letter", name="letter_waiting"),
    ]
