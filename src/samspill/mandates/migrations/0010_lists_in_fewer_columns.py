"""A list is told in fewer columns: persons and mandates share them, and an agent is told by its place in the list.

A value that is NULL is sent, taken in and looked at as well, two thousand of them in a list of a hundred.
"""

from importlib import import_module

from django.db import migrations

before = import_module("samspill.mandates.migrations.0009_lists_by_agent")

# The subjects of the first actor stand first, from `begins[1]` to `ends[1]`, then those of the next. Rows of three
# kinds: a person (no agent; born, died, protection, shut to voluntary mandates), a mandate (giver and agent; first and
# last day, level, passed on), and an agent who is a named user of an organisation (nobody else).
_MANY = """
CREATE FUNCTION mandates_usual_of_pairs(
    actors uuid[], subjects uuid[], begins int[], ends int[], oldest timestamptz)
  RETURNS TABLE (
    who text, agent int, since date, until date, grade varchar, marked boolean,
    id text, scopes varchar[], revoked_at timestamptz, accepted boolean, told_at timestamptz, rest varchar[]
  )
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
  SET search_path = pg_catalog, public, pg_temp
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT s.person_id::text, NULL::int, s.born, s.died, s.protection, s.blocks_voluntary,
      NULL::text, NULL::varchar[], NULL::timestamptz, NULL::boolean, NULL::timestamptz, NULL::varchar[]
    FROM public.mandates_party s WHERE s.person_id = ANY (actors || subjects) AND s.told_at > oldest
    UNION ALL
    SELECT m.grantor_id::text, part.n::int, m.valid_from, m.valid_to, m.level, m.parent_id IS NOT NULL,
      m.id::text, m.scopes, m.revoked_at, m.accepted_at IS NOT NULL, m.told_at,
      CASE WHEN m.kind <> 'fullmakt' OR m.source <> 'samspill' OR m.parental_type <> '' OR m.registered_by <> ''
          OR m.confirmed_by <> '' OR m.in_force OR NOT m.source_current OR m.may_delegate OR m.joint
        THEN ARRAY[m.kind, m.source, m.parental_type, m.registered_by, m.confirmed_by,
          m.in_force::text, m.source_current::text, m.may_delegate::text, m.joint::text]
      END
    FROM unnest(begins, ends) WITH ORDINALITY AS part(low, high, n)
    CROSS JOIN LATERAL (
      SELECT g.* FROM public.mandates_grant g
      WHERE g.grantee_id = actors[part.n] AND g.grantor_id = ANY (subjects[part.low:part.high])
    ) AS m
    UNION ALL
    SELECT NULL, array_position(actors, u.person_id), NULL, NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL
    FROM public.mandates_organisationuser u WHERE u.person_id = ANY (actors) AND u.ended_at IS NULL;
  END $$;
"""
_BACK = "DROP FUNCTION mandates_usual_of_pairs(uuid[], uuid[], int[], int[], timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("mandates", "0009_lists_by_agent")]

    operations = [migrations.RunSQL(_BACK + _MANY, _BACK + before._MANY)]
