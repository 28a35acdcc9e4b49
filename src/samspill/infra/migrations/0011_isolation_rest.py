"""Events, files and requests for one's own data are kept apart too.

Events are written by everybody and read by those who listen, which is the jobs' work; a room that shows a story adds a
policy of its own. A file is its owner's; to others it is given by its id, which is random and to which
only a row that they see leads.
"""

from django.db import migrations

from samspill.infra.policies import BY_ME, OWN, insert_only, isolate, open_again, scope

_FILE = f"{OWN.format(column='owner_id')} OR {BY_ME.format(column='owner_id')} OR {scope('files')}"
_REQUEST = f"(asked_by IS NULL AND {BY_ME.format(column='subject_id')}) OR {BY_ME.format(column='asked_by')}"

_FILE_OF = """
CREATE FUNCTION infra_file_of(given uuid) RETURNS SETOF infra_file
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public
  AS $$ BEGIN RETURN QUERY SELECT * FROM public.infra_file WHERE id = given AND deleted_at IS NULL; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("infra", "0010_texts_hidden")]

    operations = [
        migrations.RunSQL(_FILE_OF, "DROP FUNCTION infra_file_of(uuid);"),
        migrations.RunSQL(insert_only("infra_event", "false"), open_again("infra_event")),
        migrations.RunSQL(isolate("infra_file", _FILE, new_rows="true"), open_again("infra_file")),
        migrations.RunSQL(isolate("infra_own_data_request", _REQUEST), open_again("infra_own_data_request")),
    ]
