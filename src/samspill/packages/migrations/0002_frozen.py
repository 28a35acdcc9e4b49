"""What is published cannot be changed or deleted (publishing freezes)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("packages", "0001_initial"), ("infra", "0002_insert_only")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER packages_published_rows BEFORE UPDATE OR DELETE ON packages_published
              FOR EACH ROW EXECUTE FUNCTION samspill_insert_only();
            """,
            "DROP TRIGGER packages_published_rows ON packages_published;",
        )
    ]
