"""The published shapes: worlds, queries, person documents; and what is refused, with its place."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

from samspill.mandates import service

NOW = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
WORLD: dict[str, Any] = {
    "persons": {"a": {"born": "1940-01-01"}, "b": {"born": "1980-01-01"}},
    "scope_parent": {"husbanken:bostoette": "husbanken:alt"},
    "grants": [
        {"id": "g1", "kind": "fullmakt", "from": "a", "to": "b", "scopes": ["husbanken:alt"], "level": "write",
         "valid_from": "2026-01-01", "valid_to": None},
    ],
}  # fmt: skip


def query(**context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "person", "id": "b"},
        "action": {"name": "write"},
        "resource": {
            "type": "representation", "id": "husbanken:bostoette", "properties": {"on_behalf_of": "a"},
        },
        "context": {"time": "2026-08-01T10:00:00Z", "eid_level": "high", **context},
    }  # fmt: skip


def test_a_query_is_answered_in_authzens_shape():
    world = service.read_world(WORLD)
    assert service.decide_json(world, query(), now=NOW) == {
        "decision": True,
        "context": {"reason": "GRANT", "grant": "g1", "obligations": []},
    }
    denied = service.decide_json(world, query(time="2025-12-31T10:00:00Z"), now=NOW)
    assert denied == {"decision": False, "context": {"reason": "NOT_YET_VALID", "obligations": []}}


def run(*arguments: str, given: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "samspill.site.cli", *arguments], input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_commands_answer_line_by_line_and_refuse_with_an_error_object(tmp_path):
    world = tmp_path / "world.json"
    world.write_text(json.dumps(WORLD))
    lines = "\n".join(json.dumps(query(eid_level=level)) for level in ("high", "none"))
    code, out = run("mandates", "decide", "--world", str(world), given=lines)
    reasons = [json.loads(line)["context"]["reason"] for line in out.splitlines()]
    assert (code, reasons) == (0, ["GRANT", "EID_TOO_LOW"])
    code, out = run("mandates", "decide", "--world", str(world), given='{"subject": {}}')
    assert code == 2
    assert json.loads(out)["error"]["where"] == "action"
    code, out = run("mandates", "import-freg", "-", given="[]")
    assert (code, json.loads(out)["error"]["where"]) == (2, "document")
