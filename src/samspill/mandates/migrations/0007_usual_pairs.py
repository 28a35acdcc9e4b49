"""The usual pair is answered by less: both persons, and the mandates straight between them.

Few pairs have more than that: a mandate that was passed on, or one to an organisation whose named user asks. Such a
pair is marked, and `mandates_of_pair(s)` is then asked about it. These give nothing that those do not.
"""

from django.db import migrations

_COLUMNS = (
    "m.id::text, m.kind, m.source, m.scopes, m.level, m.valid_from, m.valid_to, m.revoked_at, m.parental_type, "
    "m.registered_by, m.confirmed_by, m.in_force, m.source_current, m.told_at, m.may_delegate, "
    "m.accepted_at IS NOT NULL, m.joint"
)
_USUAL = """
CREATE FUNCTION {function}
  RETURNS TABLE (
    n bigint, more boolean, a_born date, a_died date, a_protection varchar, a_blocks boolean,
    s_born date, s_died date, s_protection varchar, s_blocks boolean,
    id text, kind varchar, source varchar, scopes varchar[], level varchar, valid_from date, valid_to date,
    revoked_at timestamptz, parental_type varchar, registered_by varchar, confirmed_by varchar, in_force boolean,
    source_current boolean, told_at timestamptz, may_delegate boolean, accepted boolean, joint boolean
  )
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS {rows} SET search_path = pg_catalog, public, pg_temp
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT q.n, m.parent_id IS NOT NULL OR {named},
      a.born, a.died, a.protection, a.blocks_voluntary, s.born, s.died, s.protection, s.blocks_voluntary,
      {columns}
    FROM {pairs}
    LEFT JOIN public.mandates_party a ON a.person_id = q.actor AND a.told_at > oldest
    LEFT JOIN public.mandates_party s ON s.person_id = q.subject AND s.told_at > oldest
    LEFT JOIN public.mandates_grant m ON m.grantor_id = q.subject AND m.grantee_id = q.actor;
  END $$;
"""
# Whether the actor is a named user of any organisation; of a list it is looked up once for all its actors.
_ONE = _USUAL.format(
    function="mandates_usual_of_pair(an_actor uuid, a_subject uuid, oldest timestamptz)",
    pairs="(SELECT an_actor AS actor, a_subject AS subject, 1::bigint AS n) AS q",
    named="EXISTS (SELECT FROM public.mandates_organisationuser u WHERE u.person_id = an_actor AND u.ended_at IS NULL)",
    columns=_COLUMNS,
    rows=1,
)
_MANY = _USUAL.format(
    function="mandates_usual_of_pairs(actors uuid[], subjects uuid[], oldest timestamptz)",
    pairs="unnest(actors, subjects) WITH ORDINALITY AS q(actor, subject, n)",
    named="coalesce(q.actor IN (SELECT u.person_id FROM public.mandates_organisationuser u "
    "WHERE u.person_id = ANY (actors) AND u.ended_at IS NULL), false)",
    columns=_COLUMNS,
    rows=100,
)
_BACK = """
DROP FUNCTION mandates_usual_of_pair(uuid, uuid, timestamptz);
DROP FUNCTION mandates_usual_of_pairs(uuid[], uuid[], timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("mandates", "0006_isolation")]

    operations = [migrations.RunSQL(_ONE + _MANY, _BACK)]
