"""A citizen's rows are the citizen's, a municipality's cases the municipality's; the database holds it too (SP-04).

Children follow their case: a case that is not there for somebody has no documents, decisions or messages either.
A new child may be written to a case that one sees, or to one that the same statement makes: a submission is one
statement, in which the case cannot be seen yet; the foreign key then says that it is made.
"""

from django.db import migrations

from samspill.infra.policies import BY_ME, OWN, isolate, open_again, scope

_CASE = f"""
  {OWN.format(column="applicant_id")}
  OR ((SELECT samspill_persons()) IS NOT NULL AND {BY_ME.format(column="submitted_by_id")})
  OR (
    (municipality_id = (SELECT samspill_municipality())
      OR package_id = ANY ((SELECT samspill_packages())::text[]))
    AND (protection NOT IN ('strengtFortrolig', 'unknown') OR (SELECT samspill_cleared()))
  )
  OR {scope("denied", "figures", "letter", "paper", "passed_on", "receipt")}
"""

_KNOWN = """
CREATE FUNCTION cases_is_made(given uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ BEGIN RETURN EXISTS (SELECT FROM public.cases_case WHERE id = given); END $$;
"""

# Bound by the policies of whoever asks, as a question of their own would be; its plan is kept on the connection.
_SEEN = """
CREATE FUNCTION cases_is_seen(given uuid) RETURNS boolean LANGUAGE plpgsql STABLE COST 20
  AS $$ BEGIN RETURN EXISTS (SELECT FROM cases_case WHERE id = given); END $$;
"""

_OF_CASE = "cases_is_seen(case_id)"
_NEW_OF_CASE = f"{_OF_CASE} OR NOT cases_is_made(case_id)"

_CHILDREN = (
    "cases_application",
    "cases_amendment",
    "cases_task",
    "cases_informationrequest",
    "cases_message",
    "cases_appeal",
    "cases_termentry",
    "cases_decision",
    "cases_payment",
)

_DRAFT = f"""
  {OWN.format(column="person_id")} OR {BY_ME.format(column="written_by_id")} OR {scope("denied")}
"""
_LETTER = f"{_OF_CASE} OR {OWN.format(column='recipient_id')}"
# A draft's files become the case's in the statement that makes it, where the changed row must be seen as well.
_ATTACHMENT = f"""
  (case_id IS NOT NULL AND ({_NEW_OF_CASE}))
  OR (draft_id IS NOT NULL AND EXISTS (SELECT FROM cases_draft d WHERE d.id = draft_id))
  OR (paper_key IS NOT NULL AND {BY_ME.format(column="added_by")})
"""
_STEP_TIME = f"""
  municipality_id = (SELECT samspill_municipality())
  OR package_id = ANY ((SELECT samspill_packages())::text[])
  OR {scope("figures")}
"""

# What employees do outside their queues: the employee, the organisation, and whoever sees the case.
_TIES = BY_ME.format(column="person_id")
_OF_ORGANISATION = "org_no = (SELECT samspill_organisation())"
_OPENING = f"{_OF_CASE} OR {BY_ME.format(column='employee_id')} OR {_OF_ORGANISATION}"
_HAND_OVER = f"{_OF_CASE} OR {_OF_ORGANISATION}"

_TABLES = (
    ("cases_draft", _DRAFT, ""),
    ("cases_case", _CASE, ""),
    *((table, _OF_CASE, _NEW_OF_CASE) for table in _CHILDREN),
    ("cases_letter", _LETTER, _NEW_OF_CASE),
    ("cases_attachment", _ATTACHMENT, ""),
    ("cases_steptime", _STEP_TIME, ""),
    ("cases_employeeties", _TIES, ""),
    ("cases_opening", _OPENING, ""),
    ("cases_handover", _HAND_OVER, ""),
    ("cases_finding", _OF_ORGANISATION, ""),
    ("cases_incident", _OF_ORGANISATION, f"{_OF_ORGANISATION} OR {_OF_CASE}"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_numbers_hidden"),
        ("infra", "0007_roles"),
    ]

    operations = [
        migrations.RunSQL(_KNOWN, "DROP FUNCTION cases_is_made(uuid);"),
        migrations.RunSQL(_SEEN, "DROP FUNCTION cases_is_seen(uuid);"),
        *(
            migrations.RunSQL(isolate(table, rows, new_rows=new_rows), open_again(table))
            for table, rows, new_rows in _TABLES
        ),
    ]
