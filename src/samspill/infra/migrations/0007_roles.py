"""The roles of the web and of the jobs, what they may do, and what a connection says of who acts.

A role belongs to the whole server, and several databases may be brought up to date at once: each step is done only
when it is not done yet, and somebody else's doing it first is no error. See docs/decisions/0007-row-level-security.md.
"""

from django.db import migrations

_ROLES = """
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['samspill_app', 'samspill_job'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database was quicker
      END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = wanted AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'the role % must be neither superuser nor BYPASSRLS', wanted
        USING HINT = format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS', wanted);
    END IF;
    -- Who makes a role may give it away and no more (PostgreSQL 16): its rights and SET ROLE are given here.
    -- PostgreSQL 15 knows no SET apart from membership, and refuses the word.
    IF NOT (pg_has_role(current_user, wanted, 'USAGE') AND CASE
      WHEN current_setting('server_version_num')::int >= 160000 THEN pg_has_role(current_user, wanted, 'SET')
      ELSE pg_has_role(current_user, wanted, 'MEMBER') END) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
END $$;

-- Tables, sequences and functions: what there is, and what this owner makes later.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO samspill_app, samspill_job;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO samspill_app, samspill_job;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO samspill_app, samspill_job;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO samspill_app, samspill_job;

-- The logs grow and do nothing else; only the job that forgets takes away what is past its time.
REVOKE UPDATE, DELETE ON infra_event, infra_log_node, infra_log_checkpoint, infra_log_cosignature
  FROM samspill_app, samspill_job;
REVOKE UPDATE, DELETE ON infra_access_entry, infra_log_leaf FROM samspill_app;
REVOKE UPDATE ON infra_access_entry FROM samspill_job;
REVOKE DELETE ON infra_log_leaf FROM samspill_job;
"""

_CONTEXT = """
-- What the connection says of who acts; nothing said is nobody. In policies always as (SELECT …): asked once a
-- statement. Not in the language sql: such a function is written into every statement anew when that is planned.
CREATE FUNCTION samspill_person() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN nullif(current_setting('samspill.person', true), '')::uuid; END $$;
CREATE FUNCTION samspill_persons() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN nullif(current_setting('samspill.persons', true), '')::uuid[]; END $$;
CREATE FUNCTION samspill_municipality() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN nullif(current_setting('samspill.municipality', true), '')::uuid; END $$;
CREATE FUNCTION samspill_packages() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN nullif(current_setting('samspill.packages', true), '')::text[]; END $$;
CREATE FUNCTION samspill_organisation() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN nullif(current_setting('samspill.organisation', true), ''); END $$;
CREATE FUNCTION samspill_cleared() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN coalesce(current_setting('samspill.cleared', true), '') = 'yes'; END $$;
CREATE FUNCTION samspill_scope() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$ BEGIN RETURN coalesce(current_setting('samspill.scope', true), ''); END $$;
"""

_BACK = """
DROP FUNCTION samspill_person(), samspill_persons(), samspill_municipality(), samspill_packages(),
  samspill_organisation(), samspill_cleared(), samspill_scope();
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM samspill_app, samspill_job;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM samspill_app, samspill_job;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM samspill_app, samspill_job;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM samspill_app, samspill_job;
"""


class Migration(migrations.Migration):
    dependencies = [("infra", "0006_dead_ends")]

    operations = [migrations.RunSQL(_ROLES, _BACK), migrations.RunSQL(_CONTEXT, "")]
