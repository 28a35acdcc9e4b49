"""Whether the database binds this process: production starts for the web only as a role that no policy lets past."""

from __future__ import annotations

import os
from typing import Final

from django.db import Error, connection

from samspill.infra.isolation import APP, JOB
from samspill.kernel.outcome import Refused

_ASKED: Final = """
SELECT current_user::text, session_user::text, r.rolsuper OR r.rolbypassrls, pg_has_role(session_user, %s, 'MEMBER'),
  EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND pg_has_role(session_user, c.relowner, 'MEMBER')),
  EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('public.cases_case') AND c.relforcerowsecurity)
FROM pg_roles r WHERE r.rolname = session_user
"""
_REMEDY: Final = (
    "Make a user: CREATE ROLE … LOGIN NOSUPERUSER NOBYPASSRLS IN ROLE %(role)s, "
    "and set %(variable)s to it."
)


def refusals() -> list[Refused]:
    """Return why this process's connection may not be used in production: where, message, remedy.

    The web must be bound by the policies and have no way out of them: not its user either, which it could become
    again. Jobs see all rows, by a policy of their own, and must not be superuser.
    """
    web = os.environ.get("SAMSPILL_DATABASE_ROLE", "").startswith("app")
    variable = "SAMSPILL_APP_DATABASE_URL" if web else "SAMSPILL_JOB_DATABASE_URL"
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ASKED, [JOB])
            found = cursor.fetchone()
    except Error as error:
        message = "The database does not answer: %(reason)s"
        reason = str(error).splitlines()[0].strip()
        return [
            _refusal("DATABASE_URL", message, "Start it, or correct DATABASE_URL.", reason=reason)
        ]
    current, session, free, member_of_jobs, owner, forced = found
    role = APP if web else JOB
    wrong = [
        (current != role, "The connection acts as %(current)s, not as %(role)s."),
        (free, "The user %(user)s is superuser or has BYPASSRLS: no policy binds it."),
        (owner and web, "The user %(user)s owns tables, and could take their policies away."),
        (member_of_jobs and web, "The user %(user)s could become %(jobs)s, who sees all rows."),
    ]
    said = {"current": current, "role": role, "user": session, "jobs": JOB, "variable": variable}
    refused = [_refusal(variable, message, _REMEDY, **said) for is_so, message in wrong if is_so]
    if not forced:
        message = "The cases are not kept apart by row-level security."
        refused.append(_refusal("samspill migrate", message, "Run samspill migrate."))
    return refused


def _refusal(where: str, message: str, remedy: str, **values: str) -> Refused:
    return Refused("unsafe", message, where=where, remedy=remedy, values={**values})
