"""Counts of what is limited, of all web processes together: not logged, and empty after a crash."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("infra", "0011_isolation_rest")]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE infra_limit_count (
              name text NOT NULL,
              subject bytea NOT NULL,
              window_no bigint NOT NULL,
              count integer NOT NULL,
              ends_at timestamptz NOT NULL,
              PRIMARY KEY (name, subject, window_no)
            );
            CREATE INDEX infra_limit_ends ON infra_limit_count (ends_at);
            """,
            "DROP TABLE infra_limit_count;",
        )
    ]
