"""Persons and their numbers are reached through three narrow doors; employees are seen by their organisation.

The web has no way to list persons: one is found by the keyed hash of a number, which nobody can guess; the encrypted
numbers of named persons are given to who logs that they were read; and new persons are made with all their hashes.
"""

from django.db import migrations

from samspill.infra.policies import BY_ME, OF_ORGANISATION, isolate, open_again, scope

_DOORS = """
CREATE FUNCTION identity_persons_of(given bytea[]) RETURNS TABLE (hash bytea, person_id uuid)
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT h.hash, h.person_id FROM public.identity_number_hash h WHERE h.hash = ANY(given);
  END $$;
CREATE FUNCTION identity_numbers_of(given uuid[]) RETURNS TABLE (id uuid, number varchar)
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT p.id, p.number FROM public.identity_person p WHERE p.id = ANY(given);
  END $$;
CREATE FUNCTION identity_make_persons(
    hashes bytea[], keys text[], of_persons uuid[], at timestamptz, persons uuid[], numbers text[]
  ) RETURNS SETOF bytea
  LANGUAGE plpgsql SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    WITH kept AS (
      INSERT INTO public.identity_number_hash (hash, key, person_id)
      SELECT * FROM unnest(hashes, keys, of_persons) ON CONFLICT (hash) DO NOTHING
      RETURNING hash, person_id
    ), made AS (
      INSERT INTO public.identity_person (id, number, created_at)
      SELECT one.id, one.number, at FROM unnest(persons, numbers) one(id, number)
      WHERE one.id IN (SELECT person_id FROM kept)
    )
    SELECT hash FROM kept;
  END $$;
"""
_DOORS_BACK = """
DROP FUNCTION identity_persons_of(bytea[]);
DROP FUNCTION identity_numbers_of(uuid[]);
DROP FUNCTION identity_make_persons(bytea[], text[], uuid[], timestamptz, uuid[], text[]);
"""
# The web neither makes, changes nor deletes a row here itself.
_GRANTS = "REVOKE INSERT, UPDATE, DELETE ON identity_person, identity_number_hash FROM samspill_app;"
_GRANTS_BACK = "GRANT INSERT, UPDATE, DELETE ON identity_person, identity_number_hash TO samspill_app;"

_EMPLOYEE = f"""
  {BY_ME.format(column="person_id")} OR {OF_ORGANISATION.format(column="org_no")}
  OR {scope("employees", "sessions")}
"""
_TABLES = (
    ("identity_person", BY_ME.format(column="id")),
    ("identity_number_hash", BY_ME.format(column="person_id")),
    ("identity_employee", _EMPLOYEE),
)


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_isolation")]

    operations = [
        migrations.RunSQL(_DOORS, _DOORS_BACK),
        *(migrations.RunSQL(isolate(table, rows), open_again(table)) for table, rows in _TABLES),
        migrations.RunSQL(_GRANTS, _GRANTS_BACK),
    ]
