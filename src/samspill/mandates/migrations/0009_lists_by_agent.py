"""A list is read by what it is about, not pair by pair: each person once, and of each agent all the mandates at once.

The mandates that one agent has from many stand together in the index of pairs, so that they are found by one walk of
it and not by one for each. What an ordinary mandate (given here, digitally, by the one it is for, to act alone) has in
common with others is packed in one column that is NULL, for one pair too.
"""

from importlib import import_module

from django.db import migrations

before = import_module("samspill.mandates.migrations.0008_plain_pairs")

# What the rules need of a mandate, in the order that `mandates.service.deciding` reads it.
_TOLD = (
    "id text, scopes varchar[], level varchar, valid_from date, valid_to date, revoked_at timestamptz, "
    "accepted boolean, told_at timestamptz, rest varchar[]"
)
_GRANT = """
      m.id::text, m.scopes, m.level, m.valid_from, m.valid_to, m.revoked_at, m.accepted_at IS NOT NULL, m.told_at,
      CASE WHEN m.kind <> 'fullmakt' OR m.source <> 'samspill' OR m.parental_type <> '' OR m.registered_by <> ''
          OR m.confirmed_by <> '' OR m.in_force OR NOT m.source_current OR m.may_delegate OR m.joint
        THEN ARRAY[m.kind, m.source, m.parental_type, m.registered_by, m.confirmed_by,
          m.in_force::text, m.source_current::text, m.may_delegate::text, m.joint::text]
      END"""
_MADE = (
    "LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS {rows} "
    "SET search_path = pg_catalog, public, pg_temp AS $$ #variable_conflict use_column"
)
_ONE = f"""
CREATE FUNCTION mandates_usual_of_pair(an_actor uuid, a_subject uuid, oldest timestamptz)
  RETURNS TABLE (
    more boolean, a_born date, a_died date, a_protection varchar, a_blocks boolean,
    s_born date, s_died date, s_protection varchar, s_blocks boolean, {_TOLD}
  )
  {_MADE.format(rows=1)}
  BEGIN RETURN QUERY
    SELECT
      m.parent_id IS NOT NULL OR EXISTS (
        SELECT FROM public.mandates_organisationuser u WHERE u.person_id = an_actor AND u.ended_at IS NULL),
      a.born, a.died, a.protection, a.blocks_voluntary, s.born, s.died, s.protection, s.blocks_voluntary,{_GRANT}
    FROM (SELECT an_actor AS actor, a_subject AS subject) AS q
    LEFT JOIN public.mandates_party a ON a.person_id = q.actor AND a.told_at > oldest
    LEFT JOIN public.mandates_party s ON s.person_id = q.subject AND s.told_at > oldest
    LEFT JOIN public.mandates_grant m ON m.grantor_id = q.subject AND m.grantee_id = q.actor;
  END $$;
"""
# The subjects of the first actor stand first, from `begins[1]` to `ends[1]`, then those of the next. Rows of three
# kinds: a person (no agent), a mandate (both), and an agent who is a named user of an organisation (no person).
_MANY = f"""
CREATE FUNCTION mandates_usual_of_pairs(
    actors uuid[], subjects uuid[], begins int[], ends int[], oldest timestamptz)
  RETURNS TABLE (
    person text, agent text, more boolean, born date, died date, protection varchar, blocks boolean, {_TOLD}
  )
  {_MADE.format(rows=200)}
  BEGIN RETURN QUERY
    SELECT s.person_id::text, NULL::text, false, s.born, s.died, s.protection, s.blocks_voluntary,
      NULL::text, NULL::varchar[], NULL::varchar, NULL::date, NULL::date, NULL::timestamptz, NULL::boolean,
      NULL::timestamptz, NULL::varchar[]
    FROM public.mandates_party s WHERE s.person_id = ANY (actors || subjects) AND s.told_at > oldest
    UNION ALL
    SELECT m.grantor_id::text, m.grantee_id::text, m.parent_id IS NOT NULL, NULL, NULL, NULL, NULL,{_GRANT}
    FROM unnest(begins, ends) WITH ORDINALITY AS part(low, high, n)
    CROSS JOIN LATERAL (
      SELECT g.* FROM public.mandates_grant g
      WHERE g.grantee_id = actors[part.n] AND g.grantor_id = ANY (subjects[part.low:part.high])
    ) AS m
    UNION ALL
    SELECT NULL, u.person_id::text, true, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM public.mandates_organisationuser u WHERE u.person_id = ANY (actors) AND u.ended_at IS NULL;
  END $$;
"""
_BACK = """
DROP FUNCTION mandates_usual_of_pair(uuid, uuid, timestamptz);
DROP FUNCTION mandates_usual_of_pairs(uuid[], uuid[], int[], int[], timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("mandates", "0008_plain_pairs")]

    operations = [
        migrations.RunSQL(before._BACK + _ONE + _MANY, _BACK + before._ONE + before._MANY),
    ]
