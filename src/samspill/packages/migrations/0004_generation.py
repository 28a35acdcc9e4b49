"""What is in force is kept in memory by requests until it changes: see `infra.generation`."""

from django.db import migrations

_TABLES = ("packages_published", "packages_municipal_settings")


def _told(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_generation AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION samspill_new_generation();",
        f"DROP TRIGGER {table}_generation ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("packages", "0003_bounds"), ("infra", "0003_generation")]

    operations = [_told(table) for table in _TABLES]
