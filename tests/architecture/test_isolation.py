"""Which tables the database itself keeps apart (SP-04), read from its own catalogue.

Every table is isolated, or is listed here as free of personal data with a reason.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from samspill.infra import isolation

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "samspill"
ROLES = (isolation.APP, isolation.JOB)

#: No row is about a citizen: beginning of the name → why.
FREE = {
    "django_": "Django's own",
    "procrastinate_": "the queue: names of jobs, and identifiers that say nothing without the rows they name",
    "municipalities_": "public facts",
    "packages_": "services as they are published",
    "portfolio_": "official acts in the open register of initiatives",
    "impact_": "consequences for municipalities",
    "infra_event_cursor": "how far a listener has read",
    "infra_event_dead": "numbers of events and kinds of faults",
    "infra_dead_end": "counts by day and kind",
    "infra_deletion_account": "counts and hashes of what was deleted",
    "infra_limit_count": "keyed hashes of who did something that is limited, for some minutes",
    "infra_generation": "one random value",
    "infra_log_": "hashes, salts and signatures: of no use without the access log, which is isolated",
    "identity_login_attempt": "before a login has ended nobody knows whose it is",
    "registers_feed_pointer": "a number",
    "registers_health": "when a component last answered, and nothing of whom it was asked about",
    "mandates_client": "organisations whose machines may ask",
    "mandates_imported": "names of an invented world's persons: only in installations for tests",
    "mandates_organisation": "what Enhetsregisteret says of organisations: public",
    "cases_termrun": "sums of a month",
    "cases_deletion": "counts and hashes of what was deleted",
    "settlement_": "sums between public bodies; the one table of single cases is isolated",
}
#: Begins like what is free, and is bound all the same.
BOUND_AMONG_FREE = {"settlement_casemeasure"}
#: Rows are added and never changed by the web: table → what the web may do.
ONLY_ADDED = (
    "infra_access_entry",
    "infra_event",
    "infra_log_leaf",
    "infra_log_node",
    "infra_log_checkpoint",
    "infra_deletion_account",
)

#: Functions that see more than who asks, each narrow, with a fixed path: what for.
SEES_MORE = {
    "identity_persons_of": "the persons of keyed hashes of numbers, which nobody can guess",
    "identity_numbers_of": "the encrypted numbers of named persons, for who logs that they are read",
    "identity_make_persons": "new persons with all their hashes, or none",
    "infra_file_of": "one file by its random id",
    "identity_session_of": "the one open session of a token that nobody can guess",
    "mandates_of_pair": "what a decision about the one pair asked about rests on",
    "mandates_of_pairs": "the same of each pair asked about",
    "mandates_usual_of_pair": "less of the same: both persons, and what lies straight between them",
    "mandates_usual_of_pairs": "the same of each pair asked about",
    "mandates_roles_of_pairs": "the same of a person and an organisation",
    "mandates_represented_by": "whom one person represents, so that they keep away from those cases",
    "mandates_keep": "keeps one grant as it is until the transaction ends, and says nothing",
    "cases_is_made": "whether there is a case with a number: a yes or a no",
    "cases_lies_where": "a trigger: where a new row's case lies",
    "cases_takes_along": "a trigger: a case's rows lie where the case does",
}

pytestmark = pytest.mark.django_db


def asked(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def tables() -> dict[str, tuple[bool, bool]]:
    rows = asked(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return {name: (on, forced) for name, on, forced in rows}


def listed(name: str, reasons: dict[str, str]) -> bool:
    return any(name == key or (key.endswith("_") and name.startswith(key)) for key in reasons)


def test_every_table_is_isolated_or_listed_with_a_reason():
    policies = {(table, role) for table, role in asked(
        "SELECT tablename, unnest(roles)::text FROM pg_policies WHERE schemaname = 'public'"
    )}  # fmt: skip
    wrong = []
    for name, (on, forced) in tables().items():
        isolated = on and forced and all((name, role) in policies for role in ROLES)
        if listed(name, FREE):
            if name not in BOUND_AMONG_FREE:
                wrong += [f"{name} is listed and has row security"] if on else []
            elif not isolated:
                wrong.append(f"{name} is not isolated")
        elif not isolated:
            wrong.append(f"{name} is neither isolated nor listed")
    assert wrong == []


def test_what_is_listed_is_there_and_the_heart_is_isolated():
    there = tables()
    for key in FREE:
        assert any(listed(name, {key: ""}) for name in there), f"{key} is listed and not there"
    for name in ("cases_case", "cases_draft", "cases_application", "cases_decision", "identity_session",
                 "infra_access_entry"):  # fmt: skip
        assert there[name] == (True, True)


def test_no_policy_lets_anybody_but_the_roles_in():
    others = asked(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND NOT roles <@ %s::name[]",
        list(ROLES),
    )
    assert others == []
    open_to_all = asked(
        "SELECT tablename FROM pg_policies WHERE 'samspill_app' = ANY(roles) AND cmd IN ('ALL', 'SELECT') "
        "AND qual = 'true'"
    )
    assert open_to_all == []


def test_the_roles_bypass_nothing_own_nothing_and_cannot_log_in():
    for role in ROLES:
        ((super_, bypass, login, creates, makes_roles),) = asked(
            "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s",
            role,
        )
        assert not any((super_, bypass, login, creates, makes_roles)), role
        assert (
            asked(
                "SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE rolname = %s",
                role,
            )
            == []
        )
        member_of = asked(
            "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s",
            role,
        )
        assert member_of == [], f"{role} is a member of another role"


def test_the_web_adds_to_the_logs_and_changes_nothing_in_them():
    for table in ONLY_ADDED:
        ((select, insert, update, delete),) = asked(
            "SELECT " + ", ".join(f"has_table_privilege('samspill_app', '{table}', '{what}')"
                                  for what in ("SELECT", "INSERT", "UPDATE", "DELETE"))
        )  # fmt: skip
        assert (select, insert, update, delete) == (True, True, False, False), table
    for role in ROLES:
        truncates = asked(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            f"AND has_table_privilege('{role}', oid, 'TRUNCATE')"
        )
        assert truncates == []


def test_functions_that_see_more_than_who_asks_have_a_fixed_path_and_are_known():
    found = asked(
        "SELECT proname, coalesce(array_to_string(proconfig, ','), '') FROM pg_proc "
        "WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert {name for name, _ in found} == set(SEES_MORE)
    assert all("search_path=pg_catalog, public" in config for _, config in found)


#: Every opening beyond the own rows, by name: the files that may open it.
OPENINGS = {
    "denied": {"cases/service/access.py", "cases/service/attachments.py"},
    "employees": {"identity/employees.py"},
    "figures": {"cases/service/gains.py", "cases/service/public_figures.py"},
    "files": {"infra/files.py"},
    "letter": {"cases/service/letters.py"},
    "operator": {"infra/looks.py"},
    "paper": {"cases/service/paper.py", "cases/service/receipts.py"},
    "passed_on": {"cases/service/handling.py"},
    "receipt": {"cases/service/receipts.py"},
    "replies": {"registers/service.py"},
    "representation": {
        f"mandates/service/{name}.py"
        for name in ("altinn", "asking", "facts", "giving", "roles", "sources")
    },
    "sessions": {"identity/service.py"},
}


def test_each_wider_question_is_opened_where_it_is_allowed_and_nowhere_else():
    opened: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts or path.name == "isolation.py":
            continue
        text = path.read_text()
        for scope in re.findall(r'isolation\.wide(?:r|ly)\(\s*"([a-z_]+)"', text):
            opened.setdefault(scope, set()).add(str(path.relative_to(SOURCE)))
        assert len(re.findall(r"\bwide(?:r|ly)\(", text)) == len(
            re.findall(r'isolation\.wide(?:r|ly)\(\s*"[a-z_]+"', text)
        ), f"{path} opens a question that is not named"
        if "migrations" not in path.parts and "identity/sessions.py" not in str(path):
            assert "samspill.scope" not in text or path.name == "settings_reader.py", path
    assert opened == OPENINGS
    assert set(isolation.SCOPES) == set(OPENINGS)
