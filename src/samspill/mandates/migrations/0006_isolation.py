"""Mandates are seen by the persons in them, by the organisations they are given to, and by the counter that keeps them.

The decision point judges pairs of persons, also for machines. It asks through three narrow doors, which give what
concerns the pairs asked about and nothing else, so that no request must say that it sees more. What registers say of
others is fetched and held under a named question (`representation`).
"""

from django.db import migrations

from samspill.infra.policies import BY_ME, OF_ORGANISATION, OWN, isolate, open_again, scope

_WIDER = scope("representation")


def _mine(*columns: str) -> str:
    return " OR ".join(BY_ME.format(column=column) for column in columns)


# Whoever is named to use an organisation's mandates, or leads it by a role in Enhetsregisteret.
_LED = "SELECT r.organisation_id FROM mandates_role r WHERE r.person_id = (SELECT samspill_person())"
_USED = """SELECT u.org_no FROM mandates_organisationuser u
      WHERE u.person_id = (SELECT samspill_person()) AND u.ended_at IS NULL"""
_GRANT = f"""
  {_mine("grantee_id", "grantor_id")} OR {OWN.format(column="grantor_id")}
  OR {OF_ORGANISATION.format(column="registered_org")} OR {_WIDER}
  OR (grantee_org <> '' AND (
    {OF_ORGANISATION.format(column="grantee_org")} OR grantee_org IN ({_USED}) OR grantee_org IN ({_LED})))
"""
_OF_GRANT = "EXISTS (SELECT FROM mandates_grant g WHERE g.id = grant_id)"
_STEP = f"{_mine('by_person_id', 'grantor_id')} OR {OWN.format(column='grantor_id')} OR {_OF_GRANT}"
_TEXT = "EXISTS (SELECT FROM mandates_grant g WHERE g.text_id = sha256)"
_PARTY = f"{_mine('person_id')} OR {OWN.format(column='person_id')} OR {_WIDER}"
_BLOCK = f"{_mine('person_id', 'by_person_id')} OR {OF_ORGANISATION.format(column='by_org_no')}"
_NOTICE = f"{_mine('person_id')} OR {OF_ORGANISATION.format(column='posted_by_org')}"
_USER = f"""
  {_mine("person_id")} OR {OF_ORGANISATION.format(column="org_no")} OR org_no IN ({_LED})
"""
_ROLE = f"{_mine('person_id')} OR {_WIDER}"
_ACTING = f"{_mine('person_id', 'subject_id')}"

# What a decision about each pair (actor, subject) rests on; rows older than `oldest` do not count.
# One pair has a function of its own: PostgreSQL need not guess how long a list is.
_PAIRS = """
CREATE FUNCTION {function}
  RETURNS TABLE (
    n bigint, a_born date, a_died date, a_protection varchar, a_blocks boolean,
    s_born date, s_died date, s_protection varchar, s_blocks boolean,
    id text, kind varchar, source varchar, scopes varchar[], level varchar, valid_from date, valid_to date,
    revoked_at timestamptz, parental_type varchar, registered_by varchar, confirmed_by varchar, in_force boolean,
    source_current boolean, told_at timestamptz, may_delegate boolean, parent_id text, delegated_by varchar,
    accepted boolean, joint boolean,
    h text, h_born date, h_died date, h_protection varchar, h_blocks boolean,
    org varchar, org_known boolean, org_deleted date, org_bankrupt boolean
  )
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT q.n, a.born, a.died, a.protection, a.blocks_voluntary, s.born, s.died, s.protection, s.blocks_voluntary, g.*
    FROM {pairs}
    LEFT JOIN public.mandates_party a ON a.person_id = q.actor AND a.told_at > oldest
    LEFT JOIN public.mandates_party s ON s.person_id = q.subject AND s.told_at > oldest
    LEFT JOIN LATERAL (
      SELECT {m}, NULL AS h, NULL::date, NULL::date, NULL::varchar, NULL::bool,
        NULL::varchar AS org, NULL::bool, NULL::date, NULL::bool
        FROM public.mandates_grant m WHERE m.grantor_id = q.subject AND m.grantee_id = q.actor
      UNION ALL
      SELECT {m}, NULL, NULL, NULL, NULL, NULL,
        u.org_no, o.org_no IS NOT NULL, o.deleted_on, o.bankrupt
        FROM public.mandates_organisationuser u
        JOIN public.mandates_grant m ON m.grantor_id = q.subject AND m.grantee_org = u.org_no
        LEFT JOIN public.mandates_organisation o ON o.org_no = u.org_no AND o.told_at > oldest
        WHERE u.person_id = q.actor AND u.ended_at IS NULL AND m.grantee_org <> ''
      UNION ALL
      SELECT {p}, p.grantee_id::text, h.born, h.died, h.protection, h.blocks_voluntary,
        NULL, NULL, NULL, NULL
        FROM public.mandates_grant c
        JOIN public.mandates_grant p ON p.id = c.parent_id
        LEFT JOIN public.mandates_party h ON h.person_id = p.grantee_id AND h.told_at > oldest
        WHERE c.grantor_id = q.subject AND c.grantee_id = q.actor
    ) g ON true;
  END $$;
"""
_GRANT_COLUMNS = (
    "id, kind, source, scopes, level, valid_from, valid_to, revoked_at, parental_type, registered_by, confirmed_by, "
    "in_force, source_current, told_at, may_delegate, parent_id, delegated_by, accepted_at, joint"
).split(", ")


_TOLD_AS = {"id": "{}::text", "parent_id": "{}::text", "accepted_at": "{} IS NOT NULL"}
_MANY = (
    "mandates_of_pairs(actors uuid[], subjects uuid[], oldest timestamptz)",
    "unnest(actors, subjects) WITH ORDINALITY AS q(actor, subject, n)",
)
_ONE = (
    "mandates_of_pair(an_actor uuid, a_subject uuid, oldest timestamptz)",
    "(SELECT an_actor AS actor, a_subject AS subject, 1::bigint AS n) AS q",
)


def _columns(table: str) -> str:
    return ", ".join(_TOLD_AS.get(one, "{}").format(f"{table}.{one}") for one in _GRANT_COLUMNS)


def _pairs(function: str, pairs: str) -> str:
    return _PAIRS.format(function=function, pairs=pairs, m=_columns("m"), p=_columns("p"))


# The same of a person and an organisation: the person's roles in it.
_ROLES = """
CREATE FUNCTION mandates_roles_of_pairs(actors uuid[], org_nos text[], oldest timestamptz)
  RETURNS TABLE (
    n bigint, a_born date, a_died date, a_protection varchar, a_blocks boolean,
    org_no varchar, deleted_on date, bankrupt boolean,
    id text, level varchar, joint boolean, court_appointed boolean, ended boolean
  )
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public
  AS $$ #variable_conflict use_column
  BEGIN RETURN QUERY
    SELECT q.n, a.born, a.died, a.protection, a.blocks_voluntary, o.org_no, o.deleted_on, o.bankrupt,
      r.id::text, r.level, r.joint, r.court_appointed, r.ended
    FROM unnest(actors, org_nos) WITH ORDINALITY AS q(actor, org_no, n)
    LEFT JOIN public.mandates_party a ON a.person_id = q.actor AND a.told_at > oldest
    LEFT JOIN public.mandates_organisation o ON o.org_no = q.org_no AND o.told_at > oldest
    LEFT JOIN public.mandates_role r ON r.organisation_id = o.org_no AND r.person_id = q.actor;
  END $$;
"""
# Whom a person represents, or has since; asked also about a colleague, and must not be silent then.
_REPRESENTED = """
CREATE FUNCTION mandates_represented_by(person uuid, since timestamptz, since_day date, today date)
  RETURNS SETOF uuid
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public
  AS $$ BEGIN RETURN QUERY
    SELECT m.grantor_id FROM public.mandates_grant m
     WHERE (m.grantee_id = person OR (m.grantee_org <> '' AND EXISTS (
             SELECT 1 FROM public.mandates_organisationuser u
              WHERE u.person_id = person AND u.org_no = m.grantee_org AND u.ended_at IS NULL)))
       AND (m.source <> 'samspill' OR m.accepted_at IS NOT NULL)
       AND (m.revoked_at IS NULL OR m.revoked_at > since)
       AND (m.valid_to IS NULL OR m.valid_to >= since_day)
       AND (m.valid_from IS NULL OR m.valid_from <= today);
  END $$;
"""
# Keeps a grant, and the one it was passed on from, as they are until the transaction ends.
_KEPT = """
CREATE FUNCTION mandates_keep(given uuid) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ BEGIN
    PERFORM 1 FROM public.mandates_grant
      WHERE id = given OR id = (SELECT c.parent_id FROM public.mandates_grant c WHERE c.id = given)
      ORDER BY id FOR SHARE;
  END $$;
"""
_DOORS_BACK = """
DROP FUNCTION mandates_of_pair(uuid, uuid, timestamptz);
DROP FUNCTION mandates_of_pairs(uuid[], uuid[], timestamptz);
DROP FUNCTION mandates_roles_of_pairs(uuid[], text[], timestamptz);
DROP FUNCTION mandates_represented_by(uuid, timestamptz, date, date);
DROP FUNCTION mandates_keep(uuid);
"""

_TABLES = (
    ("mandates_role", _ROLE, ""),
    ("mandates_organisationuser", _USER, ""),
    ("mandates_party", _PARTY, ""),
    ("mandates_grant", _GRANT, ""),
    # A text is signed before the mandate that leads to it is stored.
    ("mandates_granttext", _TEXT, "true"),
    ("mandates_step", _STEP, ""),
    ("mandates_codeletter", _OF_GRANT, ""),
    ("mandates_notice", _NOTICE, ""),
    ("mandates_block", _BLOCK, ""),
    ("mandates_acting", _ACTING, ""),
)


class Migration(migrations.Migration):
    dependencies = [("mandates", "0005_texts_hidden"), ("infra", "0007_roles")]

    operations = [
        migrations.RunSQL(
            _pairs(*_ONE) + _pairs(*_MANY) + _ROLES + _REPRESENTED + _KEPT,
            _DOORS_BACK,
        ),
        *(
            migrations.RunSQL(isolate(table, rows, new_rows=new_rows), open_again(table))
            for table, rows, new_rows in _TABLES
        ),
    ]
