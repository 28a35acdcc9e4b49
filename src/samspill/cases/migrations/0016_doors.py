"""Functions that see more than who asks are for the web and the jobs, and for no other user of the server.

PostgreSQL lets everybody run a new function. So each that sees more is closed to PUBLIC and opened to the two roles,
and what is made later is made so. Their path names `pg_temp` last: a path that does not name it begins with it, and a
type or table of the caller's own would then stand for one of ours. It stands here because the rooms below have made
theirs when this room's come.
"""

from django.db import migrations

_EACH = """
DO $$
DECLARE door regprocedure;
BEGIN
  FOR door IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
    AND pg_has_role(proowner, 'USAGE') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', door);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', door);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO samspill_app, samspill_job', door);
  END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO samspill_app, samspill_job;
"""
_BACK = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM samspill_app, samspill_job;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_isolation_of_events"),
        ("identity", "0006_isolation"),
        ("infra", "0012_limits_together"),
        ("mandates", "0006_isolation"),
    ]

    operations = [migrations.RunSQL(_EACH, _BACK)]
