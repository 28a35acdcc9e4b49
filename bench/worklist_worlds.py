"""Two databases for the bench of the lists: one with 1,000 cases and one with 1,000,000, made in the server itself.

Both are copies of one database with our tables as migrated: constraints, foreign keys and triggers are kept, and
every row is held against all of them. Keys, foreign keys and indexes are made anew when the rows are there, which
tests each row once more quickly than one by one; and while the server is filled it does not wait for the disk
(`fsync` off). Before anything is measured it is durable again.

Cases lie in the municipalities as people do (Oslo has one of eight), over 400 days. More of them wait than would in
a real year: four of ten for a municipality, two for the agency. So the lists that are read are as long as they get.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import attrs
import psycopg
from psycopg import sql

#: What a caseworker has taken; the same in both worlds, as it is in an office of any size.
TAKEN_BY = "00000000-0000-4000-8000-000000000001"
_TAKEN = 40
_QUICK = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'16GB'"}
_TABLES = (
    "identity_person",
    "cases_case",
    "cases_application",
    "cases_task",
    "cases_termentry",
    "cases_decision",
    "cases_appeal",
    "cases_letter",
)
#: state: (who must act, the share of the cases up to and with this)
_STATES = {
    "submitted": ("municipality", 0.36),
    "appealed": ("municipality", 0.40),
    "ready": ("agency", 0.57),
    "appeal_review": ("agency", 0.58),
    "exceptional": ("agency", 0.60),
    "missing_information": ("applicant", 0.75),
    "decided": ("system", 0.90),
    "stopped": ("nobody", 1.0),
}
_MADE = """
CREATE TEMP TABLE made ON COMMIT DROP AS
WITH drawn AS MATERIALIZED (
  SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e
  FROM generate_series(1, {size}) n
), chosen AS (
  SELECT *, width_bucket(a, %(ends)s::float8[]) + 1 AS at_place, width_bucket(b, %(shares)s::float8[]) + 1 AS s
  FROM drawn
)
SELECT n, md5('case' || n)::uuid AS id, md5('person' || n)::uuid AS person, (%(places)s::uuid[])[at_place] AS place,
  (%(states)s::text[])[s] AS state, (%(waits)s::text[])[s] AS waits,
  now() - c * interval '400 days' AS at,
  CASE WHEN d >= .3 THEN (now() + (d - c) * interval '400 days')::date END AS due,
  CASE WHEN e < .90 THEN 'digital' WHEN e < .98 THEN 'paper' ELSE 'counter' END AS channel,
  CASE WHEN e > .4985 AND e < .5 THEN 'strengtFortrolig' ELSE 'ugradert' END AS grade, e
FROM chosen
"""
#: Where a case lies, as its rows carry it: given here, for the trigger that finds it would ask for every case.
_LIES = "place, 'bostotte', grade = 'strengtFortrolig'"
_ROWS = """
INSERT INTO identity_person (id, number, created_at)
  SELECT person, 'somebody.' || rpad(md5(n::text), 52, 'A'), at FROM made;
INSERT INTO cases_case (id, package_id, package_version, package_sha256, municipality_id,
    municipality_no_at_submission, applicant_id, applicant_name, state, unit, waiting_for, due_on, handler_id,
    protection, protection_checked_at, language, channel, situation_on, submitted_at, amended, stopped_reason,
    closed_at, revision, changed_at)
  SELECT id, 'bostotte', '1.0.0', repeat('0', 64), place, '0301', person, 'Kari Prøve', state, '', waits, due,
    CASE WHEN n IN (SELECT n FROM made WHERE waits = 'municipality' AND place = '{largest}' ORDER BY n LIMIT {taken})
      THEN '{taken_by}'::uuid END,
    grade, at, 'nb', channel, at::date, at, '{{}}', '', CASE WHEN waits = 'nobody' THEN at END, 1, at FROM made;
INSERT INTO cases_application (case_id, applicant_id, answers, facts, reasons, declaration, body_sha256,
    request_sha256, idempotency_key, receipt_code, submitted_at, of_municipality, of_package, of_hidden)
  SELECT id, person, '{{"a": 1}}', '{{}}', '{{}}', '{{}}', repeat('0', 64), '', id::text, 'BENCH' || n, at,
    {lies} FROM made;
INSERT INTO cases_task (id, case_id, key, role, state, opened_at, "values", reason, of_municipality,
    of_package, of_hidden)
  SELECT gen_random_uuid(), id, 'kontroll', 'municipality_caseworker', 'open', at, '{{}}'::jsonb, '', {lies}
  FROM made WHERE waits = 'municipality'
  UNION ALL SELECT gen_random_uuid(), id, 'bofellesskap', 'municipality_caseworker', 'open', at, '{{}}'::jsonb, '',
    {lies}
  FROM made WHERE waits = 'municipality' AND e < .1
  UNION ALL SELECT gen_random_uuid(), id, 'student', 'municipality_caseworker', 'open', at, '{{}}'::jsonb, '', {lies}
  FROM made WHERE n IN (SELECT n FROM made WHERE waits = 'municipality' AND place = '{largest}' ORDER BY n LIMIT 20);
INSERT INTO cases_termentry (id, case_id, package_id, term, sequence, origin, retest, state, held_reason, made_at)
  SELECT gen_random_uuid(), id, 'bostotte', '2026-08-01', 1, 'new', 0, CASE WHEN e < .06 THEN 'held' ELSE 'decided' END,
    CASE WHEN e < .06 THEN 'open_tasks' ELSE '' END, at FROM made;
INSERT INTO cases_decision (id, case_id, package_id, term, sequence, kind, code, granted, amount_ore, automatic, inputs,
    trace, facts, rulebook_version, rulebook_hash, decided_at)
  SELECT id, id, 'bostotte', '2026-08-01', 1, 'ordinary', 'V03', false, 0, true, '{{}}', '{{}}', '{{}}', '1', '0', at
  FROM made WHERE state = 'decided' OR state LIKE 'appeal%';
INSERT INTO cases_appeal (id, case_id, decision_id, text, received_at, deadline_on, late, late_reason, channel,
    idempotency_key, state, clarification, outcome_reason, of_municipality, of_package, of_hidden)
  SELECT gen_random_uuid(), id, id, 'bench', at, at::date, false, '', 'digital', '',
    CASE WHEN state = 'appealed' THEN 'received' WHEN state = 'appeal_review' THEN 'forwarded' ELSE 'upheld' END,
    '', '', {lies}
  FROM made WHERE state LIKE 'appeal%' OR (state = 'decided' AND e < .05);
INSERT INTO cases_letter (id, case_id, decision_id, kind, language, html, state, attempts, failure, queued_at, sent_at)
  SELECT gen_random_uuid(), id, id, 'refused', 'nb', '', CASE WHEN e < .1 THEN 'failed' ELSE 'sent' END, 0, '', at,
    CASE WHEN e >= .1 THEN at END FROM made WHERE state = 'decided';
"""


#: What stands on the tables beside CHECK constraints and triggers: how to take it away and how to put it back.
_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint
WHERE contype IN ('p', 'u', 'f') AND (conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[]))
ORDER BY contype = 'f', contype
"""
_INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname
WHERE i.tablename = ANY(%(tables)s) AND c.oid IS NULL
"""


@attrs.frozen
class World:
    """One database with so many cases, and the connection that finds it."""

    size: int
    connection: Any

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let the services find this database for a while."""
        from django.db import connections

        before = connections["default"]
        connections["default"] = self.connection
        try:
            yield
        finally:
            connections["default"] = before


@contextlib.contextmanager
def worlds(address: str, *sizes: int) -> Iterator[list[World]]:
    """Make a database of each size from the prepared one at an address, which nobody else may use meanwhile."""
    from django.db import connections

    shares = _shares()
    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    name = str(psycopg.conninfo.conninfo_to_dict(address)["dbname"])
    found = []
    with _without_waiting(address):
        for size in sizes:
            with psycopg.connect(_other(address, "postgres"), autocommit=True) as server:
                made = sql.Identifier(f"{name}_{size}")
                server.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, sql.Identifier(name))
                )
            _fill(_other(address, f"{name}_{size}"), size, shares)
            found.append(World(size, _wrapper(f"{name}_{size}")))
    try:
        yield found
    finally:
        for world in found:
            world.connection.close()


def _other(address: str, name: str) -> str:
    return psycopg.conninfo.make_conninfo(address, dbname=name)


def restricted(world: World) -> World:
    """Give the same database over a connection of the web's role, which the policies bind."""
    name = world.connection.settings_dict["NAME"]
    return World(world.size, _wrapper(name, options="-c role=samspill_app"))


def _wrapper(name: str, **more: str) -> Any:
    """Give a connection of Django's of its own, without the pool that all of one alias share."""
    from django.db import connections

    settings = connections.databases["default"]
    options = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    options |= more
    wrapper = connections.create_connection("default")
    wrapper.settings_dict = {**settings, "NAME": name, "OPTIONS": options}
    return wrapper


def _shares() -> dict[str, Any]:
    """Give the municipalities and where each one's share of the people ends, from 0 to 1."""
    from samspill.municipalities import service as municipalities

    people = {m.id: _people(m.id) for m in municipalities.all_current()}
    total, ends, sum_ = sum(people.values()), [], 0.0
    for count in people.values():
        sum_ += count
        ends.append(sum_ / total)
    return {
        "places": list(people),
        "ends": ends[:-1],
        "largest": max(people, key=people.__getitem__),
        "states": list(_STATES),
        "waits": [waits for waits, _ in _STATES.values()],
        "shares": [share for _, share in _STATES.values()][:-1],
    }


def _people(place: Any) -> float:
    from samspill.municipalities import service as municipalities

    return max(
        (
            float(f.value)
            for f in municipalities.figures(place)
            if f.key == "population" and f.value
        ),
        default=1.0,
    )


@contextlib.contextmanager
def _without_waiting(address: str) -> Iterator[None]:
    """Fill without waiting for the disk; whoever measures finds a durable server with everything written."""
    with psycopg.connect(_other(address, "postgres"), autocommit=True) as server:
        before = {name: server.execute(f"SHOW {name}").fetchone() for name in _QUICK}
        _set(server, _QUICK)
        yield
        _set(server, {name: f"'{row[0]}'" for name, row in before.items() if row})
        server.execute("CHECKPOINT")


def _set(server: psycopg.Connection[Any], values: dict[str, str]) -> None:
    for name, value in values.items():
        server.execute(f"ALTER SYSTEM SET {name} = {value}")
    server.execute("SELECT pg_reload_conf()")


def _fill(address: str, size: int, shares: dict[str, Any]) -> None:
    """Put the rows in, then keys and indexes, which look at every row; all in one transaction."""
    rows = _ROWS.format(lies=_LIES, largest=shares["largest"], taken=_TAKEN, taken_by=TAKEN_BY)
    with psycopg.connect(address) as database:
        for setting in ("maintenance_work_mem = '512MB'", "work_mem = '128MB'"):
            database.execute(f"SET {setting}")
        database.execute("SELECT setseed(0.5)")
        put_back = _take_away(database)
        database.execute(_MADE.format(size=size), shares)
        database.execute("ANALYZE made")
        for statement in rows.split(";\n")[:-1]:
            database.execute(statement)
        for statement in put_back:
            database.execute(statement)
    with psycopg.connect(address, autocommit=True) as database:
        for table in _TABLES:
            database.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def _take_away(database: psycopg.Connection[Any]) -> list[str]:
    """Drop keys, foreign keys and indexes; give the statements that make the same anew, foreign keys last."""
    tables = {"tables": list(_TABLES)}
    keys = database.execute(_KEYS, tables).fetchall()
    indexes = database.execute(_INDEXES, tables).fetchall()
    for table, name, _, _ in reversed(keys):
        database.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        database.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    made = [
        (kind, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}')
        for table, name, text, kind in keys
    ]
    return [
        *(text for kind, text in made if kind != "f"),
        *(definition for _, definition in indexes),
        *(text for kind, text in made if kind == "f"),
    ]
