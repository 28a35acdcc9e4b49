"""The story of a case is read by whoever sees the case."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_texts_hidden"), ("infra", "0011_isolation_rest")]

    operations = [
        migrations.RunSQL(
            "CREATE POLICY infra_event_of_case ON infra_event FOR SELECT TO samspill_app "
            "USING (room = 'cases' AND key IS NOT NULL AND cases_is_seen(key));",
            "DROP POLICY infra_event_of_case ON infra_event;",
        ),
    ]
