"""A value that is new whenever something that requests keep in memory has changed."""

from django.db import migrations

_MAKE = """
CREATE TABLE infra_generation (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  value uuid NOT NULL
);
INSERT INTO infra_generation (value) VALUES (gen_random_uuid());
CREATE FUNCTION samspill_new_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE infra_generation SET value = gen_random_uuid();
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("infra", "0002_insert_only")]

    operations = [
        migrations.RunSQL(
            _MAKE, "DROP TABLE infra_generation; DROP FUNCTION samspill_new_generation();"
        )
    ]
