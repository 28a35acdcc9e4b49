"""The work list with 1,000,000 cases beside the same with 1,000: both in one database, in turns.

Rows are generated in the tables themselves; each world lies in a schema of its own, found first while its turn
lasts, with the indexes that our tables have. Measured is the service function as the page calls it, log entry included.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from bench import house
from bench.row import Row

SMALL, LARGE = 1_000, 1_000_000
ROUNDS = 60
_TABLES = ("identity_person", "cases_case", "cases_application", "cases_task")
_FILL = """
CREATE TEMP TABLE made ON COMMIT DROP AS
  SELECT n, gen_random_uuid() AS person, gen_random_uuid() AS id, now() - n % 400 * interval '3 hours' AS at,
    (ARRAY(SELECT id FROM municipalities_municipality ORDER BY id))[1 + n % 357] AS place,
    (ARRAY['municipality', 'municipality', 'agency', 'applicant', 'nobody'])[1 + n / 357 % 5] AS waits
  FROM generate_series(1, {size}) AS n;
INSERT INTO identity_person (id, national_id, created_at) SELECT person, lpad(n::text, 11, '0'), at FROM made;
INSERT INTO cases_case (id, package_id, package_version, package_sha256, municipality_id,
    municipality_no_at_submission, applicant_id, applicant_name, state, unit, waiting_for, due_on, protection,
    protection_checked_at, language, channel, situation_on, submitted_at, amended, stopped_reason, closed_at,
    revision, changed_at)
  SELECT id, 'bostotte', '1.0.0', repeat('0', 64), place, '0301', person, 'Kari Prøve', 'submitted', '',
    waits, CASE WHEN n % 3 = 0 THEN NULL ELSE at::date + 14 END, 'ugradert', at, 'nb', 'digital', at::date, at,
    '{{}}', '', CASE WHEN waits = 'nobody' THEN at END, 1, at FROM made;
INSERT INTO cases_application (case_id, applicant_id, answers, facts, reasons, declaration, body_sha256,
    request_sha256, idempotency_key, receipt_code, submitted_at)
  SELECT id, person, '{{"a": 1}}', '{{}}', '{{}}', '{{}}', repeat('0', 64), '', id::text,
    substr(id::text, 1, 24), at FROM made;
INSERT INTO cases_task (id, case_id, key, role, state, opened_at{more_columns})
  SELECT gen_random_uuid(), id, 'task_' || t, 'municipality_caseworker', 'open', at{more_values}
  FROM made, generate_series(1, 2) AS t;
"""


def run() -> list[Row]:
    """Measure the first page and a page far down, for a municipality and for the agency."""
    from django.db import connections

    with house.database() as address:
        _connect(address)
        try:
            _fill()
            return [_row(name, call) for name, call in _calls()]
        finally:
            connections.close_all()


def _connect(address: str) -> None:
    import os

    os.environ["DATABASE_URL"] = address
    os.environ["DJANGO_SETTINGS_MODULE"] = "samspill.site.settings"
    import django

    django.setup()
    from samspill.site import preparing

    preparing.migrate()
    preparing.publish_catalogue()


def _fill() -> None:
    """Make both worlds, each in a schema of its own: rows first, then the indexes that our tables have."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem TO '512MB'")
        for schema, size in (("small", SMALL), ("large", LARGE)):
            cursor.execute(f"CREATE SCHEMA {schema}")
            for table in _TABLES:
                cursor.execute(
                    f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING DEFAULTS)"
                )
            columns, values = _needed("cases_task")
            with transaction.atomic():
                cursor.execute(f"SET LOCAL search_path TO {schema}, public")
                cursor.execute(_FILL.format(size=size, more_columns=columns, more_values=values))
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)",
                [list(_TABLES)],
            )
            for (definition,) in cursor.fetchall():
                cursor.execute(definition.replace(" ON public.", f" ON {schema}.", 1))
            for table in _TABLES:
                cursor.execute(f"VACUUM (ANALYZE) {schema}.{table}")


def _needed(table: str) -> tuple[str, str]:
    """Give the columns that must have a value and are not in the statement, with an empty one."""
    from django.db import connection

    given = {"id", "case_id", "key", "role", "state", "opened_at"}
    empty = {
        "jsonb": "'{}'",
        "text": "''",
        "character varying": "''",
        "integer": "1",
        "boolean": "false",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL",
            [table],
        )
        found = [(name, empty[kind]) for name, kind in cursor.fetchall() if name not in given]
    return "".join(f", {n}" for n, _ in found), "".join(f", {v}" for _, v in found)


def _calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    from samspill.cases import service
    from samspill.kernel.actor import Actor
    from samspill.municipalities import service as municipalities

    place = municipalities.all_current()[0]
    worker = Actor(
        kind="employee", person_id=uuid.uuid4(), org_no=place.org_no, municipality_id=place.id,
        roles=frozenset({"municipality_caseworker"}), level="high", request_id="bench",
    )  # fmt: skip
    agency = Actor(
        kind="employee", person_id=uuid.uuid4(), org_no=_owner(), roles=frozenset({"agency_caseworker"}),
        level="high", request_id="bench",
    )  # fmt: skip
    filters = service.Filters()
    overdue = service.Filters(overdue=True)
    yield "a municipality, first page", lambda: service.work_list(worker, filters)
    yield "a municipality, overdue", lambda: service.work_list(worker, overdue)
    yield "the agency, first page", lambda: service.work_list(agency, filters)
    yield "the agency, second page", lambda: _second(service, agency, filters)


def _second(service: Any, actor: Any, filters: Any) -> Any:
    first = service.work_list(actor, filters)
    return service.work_list(actor, filters, first.after)


def _owner() -> str:
    """Give the number of the agency that decides bostøtte, as its package says."""
    import yaml

    text = (house.ROOT / "src/samspill/catalogue/bostotte/service.yaml").read_text()
    return str(yaml.safe_load(text)["owner"])


@contextlib.contextmanager
def _world(path: str) -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {path}")
    yield


def _row(name: str, call: Callable[[], Any]) -> Row:
    times: dict[str, list[float]] = {"small, public": [], "large, public": []}
    for path in times:
        with _world(path):
            page = call()
            assert page.lines or "overdue" in name, f"{name}: the list is empty in {path}"
    for _ in range(ROUNDS):
        for path, measured in times.items():
            with _world(path):
                begun = time.perf_counter()
                call()
                measured.append((time.perf_counter() - begun) * 1e3)
    small, large = (statistics.median(values) for values in times.values())
    ends = [f"{min(values):.1f}-{max(values):.1f}" for values in times.values()]
    return Row(
        name=f"work list with {LARGE:,} cases, {name}".replace(",0", " 0"),
        ours=f"{large:.1f} ms",
        peer=f"the same with 1 000 cases {small:.1f} ms",
        limit="-",
        ratio=large / small,
        target="<= 3 x the peer",
        met=large / small <= 3,
        spread=f"lowest-highest in ms: 1 000 cases {ends[0]}, 1 000 000 cases {ends[1]}",
    )


def main() -> None:
    """Print every row."""
    begun = dt.datetime.now(tz=dt.UTC)
    for row in run():
        print(row)
    print(dt.datetime.now(tz=dt.UTC) - begun)


if __name__ == "__main__":
    main()
