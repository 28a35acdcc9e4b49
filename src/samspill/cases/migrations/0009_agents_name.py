"""The name of who sent an application for somebody else stands with the case: records and letters carry both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_list_indexes")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="submitted_by_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="message",
            name="by_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
