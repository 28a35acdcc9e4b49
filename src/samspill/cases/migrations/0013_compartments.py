"""Rows that lists are made of carry where their case lies, so that the database need not ask for the case of each.

A policy that asks for the case costs a look-up a row; a list of appeals reads thousands that are other people's. So
the application, the tasks and the appeals of a case carry its municipality, its service and whether it is hidden, and
an employee's statement is held against these. They are taken from the case when a row comes, unless the statement that
makes the case gives them itself; and they follow the case when it moves or its grade changes. Who is no employee, and
every wider question, is held against the case as before.
"""

from django.db import migrations

from samspill.infra.policies import isolate, open_again

_TABLES = ("cases_application", "cases_task", "cases_appeal")
_HIDDEN = "protection IN ('strengtFortrolig', 'unknown')"

# What was signed is never changed; where it lies is no part of it, and follows the case.
_FIXED = """
CREATE OR REPLACE FUNCTION cases_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place CONSTANT text[] := ARRAY['of_municipality', 'of_package', 'of_hidden'];
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('samspill.disposal', true) = 'on' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'cases_application'
     AND to_jsonb(NEW) - place = to_jsonb(OLD) - place AND (NEW.of_municipality, NEW.of_package, NEW.of_hidden)
       IS DISTINCT FROM (OLD.of_municipality, OLD.of_package, OLD.of_hidden) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rows of % are never changed: add a new row that replaces this one', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
_FIXED_BEFORE = """
CREATE OR REPLACE FUNCTION cases_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('samspill.disposal', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'rows of % are never changed: add a new row that replaces this one', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

_FUNCTIONS = f"""
CREATE FUNCTION cases_lies_where() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ BEGIN
    SELECT municipality_id, package_id, {_HIDDEN} INTO NEW.of_municipality, NEW.of_package, NEW.of_hidden
      FROM public.cases_case WHERE id = NEW.case_id;
    RETURN NEW;
  END $$;
CREATE FUNCTION cases_takes_along() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ DECLARE hidden CONSTANT boolean := NEW.{_HIDDEN}; BEGIN
    {"".join(
        f'''
    UPDATE public.{table} SET of_municipality = NEW.municipality_id, of_package = NEW.package_id, of_hidden = hidden
      WHERE case_id = NEW.id;''' for table in _TABLES)}
    RETURN NULL;
  END $$;
CREATE TRIGGER cases_case_takes_along AFTER UPDATE OF municipality_id, package_id, protection ON cases_case
  FOR EACH ROW WHEN (
    OLD.municipality_id IS DISTINCT FROM NEW.municipality_id OR OLD.package_id <> NEW.package_id
    OR (OLD.{_HIDDEN}) <> (NEW.{_HIDDEN})
  ) EXECUTE FUNCTION cases_takes_along();
CREATE FUNCTION samspill_asks_by_case() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN
    RETURN samspill_scope() <> '' OR (samspill_municipality() IS NULL AND samspill_packages() IS NULL);
  END $$;
"""
_FUNCTIONS_BACK = """
DROP TRIGGER cases_case_takes_along ON cases_case;
DROP FUNCTION cases_takes_along(), cases_lies_where(), samspill_asks_by_case();
"""

_ROWS = """
  ((of_municipality = (SELECT samspill_municipality()) OR of_package = ANY ((SELECT samspill_packages())::text[]))
    AND (NOT of_hidden OR (SELECT samspill_cleared())))
  OR ((SELECT samspill_asks_by_case()) AND cases_is_seen(case_id))
"""
_BY_CASE = "cases_is_seen(case_id)"
_NEW_ROWS = f"{_BY_CASE} OR NOT cases_is_made(case_id)"


def _columns(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ADD COLUMN of_municipality uuid, ADD COLUMN of_package varchar(64),
          ADD COLUMN of_hidden boolean;
        UPDATE {table} t SET of_municipality = c.municipality_id, of_package = c.package_id, of_hidden = c.{_HIDDEN}
          FROM cases_case c WHERE c.id = t.case_id;
        ALTER TABLE {table} ALTER COLUMN of_package SET NOT NULL, ALTER COLUMN of_hidden SET NOT NULL;
        CREATE TRIGGER {table}_lies_where BEFORE INSERT ON {table} FOR EACH ROW
          WHEN (NEW.of_package IS NULL) EXECUTE FUNCTION cases_lies_where();
        """,
        f"""
        DROP TRIGGER {table}_lies_where ON {table};
        ALTER TABLE {table} DROP COLUMN of_municipality, DROP COLUMN of_package, DROP COLUMN of_hidden;
        """,
    )


def _policy(table: str) -> migrations.RunSQL:
    before = open_again(table) + isolate(table, _BY_CASE, new_rows=_NEW_ROWS)
    return migrations.RunSQL(open_again(table) + isolate(table, _ROWS, new_rows=_NEW_ROWS), before)


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_isolation")]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _FUNCTIONS_BACK),
        migrations.RunSQL(_FIXED, _FIXED_BEFORE),
        *(_columns(table) for table in _TABLES),
        *(_policy(table) for table in _TABLES),
    ]
