"""The usual pair is answered by less again: what an ordinary mandate has in common with others is not sent.

Of an ordinary mandate (given here, digitally, by the one it is for, to act alone) the kind is NULL, and so is all that
follows from it. In a list an actor's own facts are told the first time that it is named.
"""

from importlib import import_module

from django.db import migrations

before = import_module("samspill.mandates.migrations.0007_usual_pairs")

_USUAL = """
CREATE FUNCTION {function}
  RETURNS TABLE (
    n bigint, more boolean, a_born date, a_died date, a_protection varchar, a_blocks boolean,
    s_born date, s_died date, s_protection varchar, s_blocks boolean,
    id text, scopes varchar[], level varchar, valid_from date, valid_to date, revoked_at timestamptz, accepted boolean,
    kind varchar, source varchar, parental_type varchar, registered_by varchar, confirmed_by varchar,
    in_force boolean, source_current boolean, told_at timestamptz, may_delegate boolean, joint boolean
  )
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS {rows} SET search_path = pg_catalog, public, pg_temp
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT q.n, m.parent_id IS NOT NULL OR {named},
      a.born, a.died, a.protection, a.blocks_voluntary, s.born, s.died, s.protection, s.blocks_voluntary,
      m.id::text, m.scopes, m.level, m.valid_from, m.valid_to, m.revoked_at, m.accepted_at IS NOT NULL,
      r.kind, r.source, r.parental_type, r.registered_by, r.confirmed_by, r.in_force, r.source_current, r.told_at,
      r.may_delegate, r.joint
    FROM {pairs}
    LEFT JOIN public.mandates_party a ON a.person_id = {told} AND a.told_at > oldest
    LEFT JOIN public.mandates_party s ON s.person_id = q.subject AND s.told_at > oldest
    LEFT JOIN public.mandates_grant m ON m.grantor_id = q.subject AND m.grantee_id = q.actor
    LEFT JOIN LATERAL (
      SELECT m.kind, m.source, m.parental_type, m.registered_by, m.confirmed_by, m.in_force, m.source_current,
        m.told_at, m.may_delegate, m.joint
      WHERE m.kind <> 'fullmakt' OR m.source <> 'samspill' OR m.parental_type <> '' OR m.registered_by <> ''
        OR m.confirmed_by <> '' OR m.in_force OR NOT m.source_current OR m.may_delegate OR m.joint
    ) r ON true;
  END $$;
"""
# Whether the actor is a named user of any organisation; of a list it is looked up once for all its actors.
_ONE = _USUAL.format(
    function="mandates_usual_of_pair(an_actor uuid, a_subject uuid, oldest timestamptz)",
    pairs="(SELECT an_actor AS actor, a_subject AS subject, 1::bigint AS n) AS q",
    named="EXISTS (SELECT FROM public.mandates_organisationuser u WHERE u.person_id = an_actor AND u.ended_at IS NULL)",
    told="q.actor",
    rows=1,
)
_MANY = _USUAL.format(
    function="mandates_usual_of_pairs(actors uuid[], subjects uuid[], firsts boolean[], oldest timestamptz)",
    pairs="unnest(actors, subjects, firsts) WITH ORDINALITY AS q(actor, subject, first, n)",
    named="coalesce(q.actor IN (SELECT u.person_id FROM public.mandates_organisationuser u "
    "WHERE u.person_id = ANY (actors) AND u.ended_at IS NULL), false)",
    told="CASE WHEN q.first THEN q.actor END",
    rows=100,
)
_BACK = """
DROP FUNCTION mandates_usual_of_pair(uuid, uuid, timestamptz);
DROP FUNCTION mandates_usual_of_pairs(uuid[], uuid[], boolean[], timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("mandates", "0007_usual_pairs")]

    operations = [
        migrations.RunSQL(before._BACK + _ONE + _MANY, _BACK + before._ONE + before._MANY),
    ]
