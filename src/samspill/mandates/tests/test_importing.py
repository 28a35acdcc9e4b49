"""Loading a world: the same answers as over the file, bad rows with their line, a second run that goes on."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.adapters import world_file
from samspill.mandates.adapters.world_file import WorldFile
from samspill.mandates.models import Grant, Imported
from samspill.mandates.service import importing
from samspill.mandates.service.importing import Loaded

ADULT = {"born": "1980-01-01"}


def grant(ref: str, *, giver: str = "a", agent: str = "b", **changes: Any) -> dict[str, Any]:
    return {
        "id": ref, "kind": "fullmakt", "from": giver, "to": agent, "scopes": ["x:1"], "level": "write", **changes,
    }  # fmt: skip


def load(world: Any) -> Loaded:
    text = world if isinstance(world, str) else json.dumps(world)
    return service.load_world(io.StringIO(text), progress=lambda _loaded: None)


WORLD = {
    "persons": {
        **dict.fromkeys("abcde", ADULT),
        "hidden": {**ADULT, "address_protection": "strengtFortrolig"},
        "closed": {**ADULT, "blocks_voluntary": True},
        "dead": {**ADULT, "died": "2020-01-01"},
        "child": {"born": "2020-01-01"},
    },
    "scope_parent": {"x:1": "x:all", "x:all": "x:top", "y:*": "x:top"},
    "grants": [
        grant("plain"),
        grant("read", agent="c", level="read", may_delegate=True),
        grant("further", agent="d", level="read", parent="read", delegated_by="c"),
        grant("tree", agent="e", scopes=["x:top"]),
        grant("star", giver="b", agent="a", scopes=["*"]),
        grant("owner", giver="b", agent="c", scopes=["x:*"]),
        grant("over", giver="b", agent="d", valid_to="2020-01-01"),
        grant("later", giver="b", agent="e", valid_from="2999-01-01"),
        grant("ended", giver="c", agent="a", revoked_at="2026-01-01T00:00:00Z"),
        grant("paper", giver="c", agent="b", kind="fullmakt_papir", registered_by="x"),
        grant(
            "two", giver="c", agent="d", kind="fullmakt_papir", registered_by="x", confirmed_by="y"
        ),
        grant(
            "self-made",
            giver="c",
            agent="e",
            kind="fullmakt_papir",
            registered_by="e",
            confirmed_by="y",
        ),
        grant("old", giver="d", agent="a", source_age_h=25),
        grant("unknown age", giver="d", agent="b", source_age_h=None),
        grant("young", giver="d", agent="c", source_age_h=3),
        grant("not held", giver="d", agent="e", source_current=False),
        grant("future", giver="e", agent="a", kind="framtidsfullmakt"),
        grant("in force", giver="e", agent="b", kind="framtidsfullmakt", in_force=True),
        grant("guardian", giver="e", agent="c", kind="vergemaal", scopes=["husbanken:bostoette"]),
        grant("parent", giver="child", agent="a", kind="foreldreansvar", scopes=[], type="felles"),
        grant("unsaid", giver="child", agent="b", kind="foreldreansvar", scopes=[], type="ukjent"),
        grant("estate", giver="dead", agent="a", kind="doedsbo"),
        grant("voluntary", giver="dead", agent="b"),
        grant("secret", giver="hidden", agent="a"),
        grant("shut", giver="closed", agent="a"),
    ],
}


def asked(actor: str, subject: str, scope: str, action: str) -> dict[str, Any]:
    return {
        "subject": {"type": "person", "id": actor},
        "action": {"name": action},
        "resource": {
            "type": "representation",
            "id": scope,
            "properties": {"on_behalf_of": subject},
        },
        "context": {"eid_level": "high"},
    }


@pytest.mark.django_db
def test_an_imported_world_answers_as_the_file_does():
    loaded = load(WORLD)
    assert (loaded.persons, loaded.grants, loaded.faults) == (9, 25, [])
    world, now = service.read_world(WORLD), clock.now()
    people = [*WORLD["persons"], "nobody"]
    seen = set()
    for actor in people:
        for subject in people:
            for scope, action in (
                ("x:1", "write"),
                ("x:1", "read"),
                ("husbanken:bostoette", "read"),
                ("y:2", "read"),
            ):
                query = asked(actor, subject, scope, action)
                ours = service.decide_stored_json(query, now=now)
                theirs = service.decide_json(world, query, now=now)
                assert ours["decision"] == theirs["decision"], query
                assert ours["context"]["reason"] == theirs["context"]["reason"], query
                seen.add(ours["context"]["reason"])
    assert seen >= {
        "GRANT",
        "SCOPE",
        "EXPIRED",
        "REVOKED",
        "PENDING_CONFIRMATION",
        "MANUAL_ONLY",
        "PROTECTED_ROUTE",
    }


@pytest.mark.django_db
def test_bad_rows_are_told_with_their_line_and_the_rest_is_loaded_once():
    text = (
        '{"persons": {"a": {"born": "1980-01-01"},\n "b": {"born": "1980"}},\n "grants": [\n'
        + ",\n".join(
            json.dumps(one)
            for one in [
                grant("good"), grant("to itself", agent="a"), grant("good"), {"id": "short"},
                grant("backwards", valid_from="2026-02-01", valid_to="2026-01-01"),
                grant("orphan", parent="none"), grant("typo", revoked="2026-01-01"),
            ]
        )
        + "]}"
    )  # fmt: skip
    loaded = load(text)
    assert (loaded.grants, loaded.rejected) == (1, 7)
    assert {fault.where for fault in loaded.faults} == {
        "line 2: persons.b.born", "line 5: grants[1].to", "line 6: grants[2].id", "line 7: grants[3].kind",
        "line 8: grants[4].valid_to", "line 9: grants[5].parent", "line 10: grants[6].revoked",
    }  # fmt: skip
    assert all(fault.remedy for fault in loaded.faults)
    again = load(text)
    assert (again.persons, again.grants, again.known) == (0, 0, 1)
    assert (Grant.objects.count(), Imported.objects.count()) == (1, 2)


@pytest.mark.django_db
def test_a_run_that_broke_off_goes_on_where_it_was():
    whole = json.dumps(
        {"persons": {}, "grants": [grant(f"g{n}", agent=f"p{n}") for n in range(12)]}
    )
    with pytest.raises(RefusedError) as refused:
        load(whole[: whole.index('"g8"')])
    assert refused.value.refused.code == "not_json"
    loaded = load(whole)
    assert loaded.grants + loaded.known == 12
    assert Grant.objects.count() == 12


@pytest.mark.django_db
def test_nothing_is_loaded_into_production_or_beside_mandates_of_our_own(
    monkeypatch: pytest.MonkeyPatch,
):
    load({"grants": [grant("one")]})
    Grant.objects.update(source="freg")
    with pytest.raises(RefusedError) as refused:
        load(WORLD)
    assert refused.value.refused.code == "not_empty"
    monkeypatch.setitem(settings.SAMSPILL, "environment", "production")
    with pytest.raises(RefusedError) as refused:
        load(WORLD)
    assert refused.value.refused.code == "not_here"


@pytest.mark.django_db
def test_a_tree_that_comes_after_its_grants_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "_BLOCK", 1)
    loaded = load({"grants": [grant("one")], "scope_parent": {"x:1": "x:all"}})
    assert [fault.where for fault in loaded.faults] == ["line 1: scope_parent.x:1"]


@pytest.mark.parametrize("text", ["", "[]", '{"people": {}}', '{"grants": {}}', '{"persons": [1]}', '{"grants": []} x', '{"grants": [1'])  # fmt: skip
def test_what_is_no_world_is_refused_with_its_line(text: str):
    with pytest.raises(RefusedError) as refused:
        list(WorldFile(io.StringIO(text)).pieces())
    assert refused.value.refused.where.startswith("line 1")


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=5),
    st.lists(
        st.integers() | st.text(max_size=9) | st.lists(st.floats(allow_nan=False), max_size=3),
        max_size=6,
    ),
    st.sampled_from([None, 1, "\t"]),
    st.integers(1, 9),
)
def test_a_file_in_pieces_of_any_size_is_read_as_the_whole(
    persons: Any, grants: Any, indent: Any, size: int
):
    text = json.dumps({"persons": persons, "grants": grants}, indent=indent)
    before, world_file._CHUNK = world_file._CHUNK, size
    try:
        found = list(WorldFile(io.StringIO(text)).pieces())
    finally:
        world_file._CHUNK = before
    assert {one.key: one.value for one in found if one.part == "persons"} == persons
    assert [one.value for one in found if one.part == "grants"] == grants
    lines = text.splitlines() or [""]
    assert all(1 <= one.line <= text.count("\n") + 1 for one in found), lines
