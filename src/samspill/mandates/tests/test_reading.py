"""The published shapes: worlds, queries, person documents; and what is refused, with its place."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import pytest

from samspill.kernel.outcome import RefusedError
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


def test_unknown_fields_of_a_query_are_passed_over_and_those_of_a_world_refused():
    world = service.read_world(WORLD)
    assert service.decide_json(world, {**query(), "more": 1}, now=NOW)["decision"]
    with pytest.raises(RefusedError) as refused:
        service.read_world({**WORLD, "grants": [{**WORLD["grants"][0], "revokedat": "x"}]})
    assert refused.value.refused.where == "grants[0].revokedat"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"persons": {"a": {}}}, "persons.a.born"),
        ({"persons": []}, "persons"),
        ({"grants": {}}, "grants"),
        ({"grants": [1]}, "grants[0]"),
        ({"grants": [{"id": "x", "kind": "magi"}]}, "grants[0].kind"),
        ({"grants": [WORLD["grants"][0], WORLD["grants"][0]]}, "grants[1].id"),
        ({"grants": [{**WORLD["grants"][0], "valid_to": "soon"}]}, "grants[0].valid_to"),
        ({"grants": [{**WORLD["grants"][0], "level": "all"}]}, "grants[0].level"),
        ({"grants": [{**WORLD["grants"][0], "source_age_h": -1}]}, "grants[0].source_age_h"),
        ({"grants": [{**WORLD["grants"][0], "in_force": "yes"}]}, "grants[0].in_force"),
        ({"grants": [{**WORLD["grants"][0], "scopes": "all"}]}, "grants[0].scopes"),
        ({"other": 1}, "world.other"),
    ],
)
def test_a_bad_world_is_refused_with_its_place(change, where):
    with pytest.raises(RefusedError) as refused:
        service.read_world({**WORLD, **change})
    assert refused.value.refused.where == where


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("subject", None, "subject"),
        ("subject", {"type": "person"}, "subject.id"),
        ("subject", {"type": "machine", "id": "b"}, "subject.type"),
        ("action", {"name": 3}, "action.name"),
        ("resource", {"type": "case", "id": "x"}, "resource.type"),
        ("resource", {"type": "representation", "id": "x"}, "resource.properties.on_behalf_of"),
        ("context", {"time": "noon"}, "context.time"),
        ("context", {"eid_level": "super"}, "context.eid_level"),
    ],
)
def test_a_bad_query_is_refused_with_its_place(key, value, where):
    with pytest.raises(RefusedError) as refused:
        service.decide_json(service.read_world(WORLD), {**query(), key: value}, now=NOW)
    assert refused.value.refused.where == where


def test_a_grade_nobody_knows_is_the_strictest():
    people = {**WORLD["persons"], "a": {"born": "1940-01-01", "address_protection": "hemmelig"}}
    world = service.read_world({**WORLD, "persons": people})
    answer = service.decide_json(world, query(), now=NOW)
    assert answer["context"]["reason"] == "PROTECTED_ROUTE"


def area(owner: str, task: str) -> dict[str, str]:
    return {"vergeTjenestevirksomhet": owner, "vergeTjenesteoppgave": task}


def element(number: str | None, *areas: dict[str, str], current: bool = True) -> dict[str, Any]:
    verge: dict[str, Any] = {"tjenesteomraade": list(areas)}
    if number:
        verge["foedselsEllerDNummer"] = number
    else:
        verge["navnFoedselsdato"] = {"personnavn": {}, "foedselsdato": "1970-01-01"}
    return {"erGjeldende": current, "vergemaaltype": "voksen", "verge": verge}


def test_what_the_register_sends_is_untidy_and_gives_only_what_holds():
    housing = area("husbanken", "bostoette")
    document = {
        "vergemaalEllerFremtidsfullmakt": [
            element("222", housing, housing, area("bank", "selgeAksjerOgVerdipapirer")),
            element("222", housing),
            element("111", area("namsmannen", "tvangsfullbyrdelseOgForliksrådet"), area("ny", "x")),
            element("333", housing, current=False),
            element(None, housing),
            {"erGjeldende": True, "omfang": "oekonomiskeInteresser", "verge": None},
            "noise",
        ]
    }
    assert service.guardians_json(document) == [
        ["111", "namsmannen:tvangsfullbyrdelseOgForliksraadet"],
        ["222", "husbanken:bostoette"],
    ]
    assert service.guardians_json({}) == []


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
