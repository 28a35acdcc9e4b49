"""The minutes of single cases are the municipality's own; only their sums are shown to others."""

from django.db import migrations

from samspill.infra.policies import isolate, open_again

_MEASURE = "municipality_id = (SELECT samspill_municipality())"


class Migration(migrations.Migration):
    dependencies = [("settlement", "0004_sample"), ("infra", "0007_roles")]

    operations = [
        migrations.RunSQL(isolate("settlement_casemeasure", _MEASURE), open_again("settlement_casemeasure")),
    ]
