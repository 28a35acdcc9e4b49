"""One narrow door to the sessions: by the hash of a token that nobody can guess, one open session."""

from django.db import migrations

from samspill.infra.policies import BY_ME, isolate, open_again, scope

_MAKE = """
CREATE FUNCTION identity_session_of(given text) RETURNS SETOF identity_session
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public
  AS $$ BEGIN
    RETURN QUERY SELECT * FROM public.identity_session WHERE token_hash = given AND ended_at IS NULL;
  END $$;
"""

_SESSION = f"{BY_ME.format(column='person_id')} OR {scope('sessions')}"


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_numbers_hidden"), ("infra", "0007_roles")]

    operations = [
        migrations.RunSQL(_MAKE, "DROP FUNCTION identity_session_of(text);"),
        migrations.RunSQL(isolate("identity_session", _SESSION), open_again("identity_session")),
    ]
