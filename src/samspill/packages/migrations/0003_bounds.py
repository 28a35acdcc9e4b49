"""A frozen version cannot be emptied away either, and a setting ends after it begins."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("packages", "0002_frozen")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER packages_published_whole BEFORE TRUNCATE ON packages_published
              FOR EACH STATEMENT EXECUTE FUNCTION samspill_insert_only();
            """,
            "DROP TRIGGER packages_published_whole ON packages_published;",
        ),
        migrations.AddConstraint(
            model_name="municipalsettings",
            constraint=models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="packages_settings_ends_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="municipalsettings",
            constraint=models.CheckConstraint(
                condition=Q(open=True) | ~Q(closed_reason=""),
                name="packages_closed_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="publishedpackage",
            constraint=models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
                name="packages_hash_shape",
            ),
        ),
    ]
