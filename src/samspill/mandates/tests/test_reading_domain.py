"""The published shapes, read strictly: worlds, queries, person documents; what is refused, with its place."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import Any

import attrs
import pytest

from samspill.kernel.outcome import RefusedError
from samspill.mandates.domain import guardians as freg
from samspill.mandates.domain.deciding import decide
from samspill.mandates.domain.model import (
    KINDS,
    Decision,
    Grant,
    Obligation,
    Person,
    Protection,
    Reason,
    World,
)
from samspill.mandates.domain.reading import (
    as_json,
    read_grant,
    read_parent,
    read_person,
    read_question,
    read_world,
)

NOW = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
GRANT: dict[str, Any] = {
    "id": "g1", "kind": "fullmakt", "from": "a", "to": "b", "scopes": ["husbanken:alt"], "level": "write",
    "valid_from": "2026-01-01", "valid_to": None,
}  # fmt: skip
WORLD: dict[str, Any] = {
    "persons": {"a": {"born": "1940-01-01"}, "b": {"born": "1980-01-01"}},
    "scope_parent": {"husbanken:bostoette": "husbanken:alt"},
    "grants": [GRANT],
}


def query(**context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "person", "id": "b"},
        "action": {"name": "write"},
        "resource": {
            "type": "representation", "id": "husbanken:bostoette", "properties": {"on_behalf_of": "a"},
        },
        "context": {"time": "2026-08-01T10:00:00Z", "eid_level": "high", **context},
    }  # fmt: skip


def answer(world: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    return as_json(decide(read_world(world), read_question(asked, now=NOW)))


def one(**changes: Any) -> Grant:
    return read_world({**WORLD, "grants": [{**GRANT, **changes}]}).grants[0]


def place(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)
    assert refused.value.refused.code == "bad_input"
    return refused.value.refused.where


def test_a_world_is_read_whole():
    world = read_world(WORLD)
    assert world == World(
        {"a": Person("a", dt.date(1940, 1, 1)), "b": Person("b", dt.date(1980, 1, 1))},
        (Grant("g1", "fullmakt", "a", "b", frozenset({"husbanken:alt"}), "write", dt.date(2026, 1, 1)),),
        {"husbanken:bostoette": "husbanken:alt"},
    )  # fmt: skip
    assert read_world({}) == World({}, (), {})


def test_a_world_can_be_read_piece_by_piece_and_each_fault_has_its_place():
    whole = read_world(WORLD)
    assert read_person("a", WORLD["persons"]["a"]) == whole.persons["a"]
    assert read_grant(WORLD["grants"][0], "grants[0]") == whole.grants[0]
    assert read_parent("husbanken:bostoette", "husbanken:alt") == "husbanken:alt"
    assert place(read_parent, "x:y", 1) == "scope_parent.x:y"


def test_each_field_of_a_grant_is_read_into_its_own():
    told = {
        "id": "g", "kind": "fullmakt_papir", "from": "a", "to": "b", "scopes": ["x:1", "y:2"], "level": "read",
        "valid_from": "2026-01-02", "valid_to": "2026-03-04T00:00:00", "type": "felles",
        "revoked_at": "2026-02-03T04:05:06+01:00", "confirmed_by": "bo", "registered_by": "ann", "in_force": True,
        "source_current": False, "source_age_h": 3, "may_delegate": True, "parent": "p", "delegated_by": "q",
    }  # fmt: skip
    assert read_world({"grants": [told]}).grants == (
        Grant(
            "g", "fullmakt_papir", "a", "b", frozenset({"x:1", "y:2"}), "read",
            valid_from=dt.date(2026, 1, 2), valid_to=dt.date(2026, 3, 4),
            revoked_at=dt.datetime(2026, 2, 3, 3, 5, 6, tzinfo=dt.UTC), parental_type="felles", registered_by="ann",
            confirmed_by="bo", in_force=True, source_current=False, source_age_h=3.0, may_delegate=True, parent="p",
            delegated_by="q",
        ),
    )  # fmt: skip


def test_what_a_grant_does_not_say_is_the_cautious_thing():
    bare = {"id": "g", "kind": "fullmakt", "from": "a", "to": "b"}
    (found,) = read_world({"grants": [bare]}).grants
    assert found == Grant("g", "fullmakt", "a", "b", frozenset(), "read")
    assert (found.in_force, found.may_delegate, found.source_current) == (False, False, True)
    assert (found.source_age_h, found.accepted) == (0.0, True)
    assert one(in_force=None).in_force is False
    assert one(source_current=None).source_current is False
    assert one(source_age_h=None).source_age_h == math.inf
    assert one(source_age_h=0.5).source_age_h == 0.5
    assert one(source_age_h=0).source_age_h == 0.0
    assert one(source_age_h=10**400).source_age_h == 1e9


def test_the_kinds_and_those_of_them_that_a_citizen_gives():
    assert sorted(KINDS) == [
        "doedsbo", "foreldreansvar", "framtidsfullmakt", "fullmakt", "fullmakt_papir", "hjelper", "naerstaaende",
        "vergemaal", "virksomhet",
    ]  # fmt: skip
    voluntary = {kind for kind in KINDS if one(kind=kind).is_voluntary}
    assert voluntary == {"fullmakt", "fullmakt_papir", "framtidsfullmakt", "hjelper"}


def test_a_person_is_read_with_death_grade_and_block():
    told = {
        "born": "1940-01-01T12:00", "died": "2026-01-01", "address_protection": "fortrolig", "blocks_voluntary": True,
    }  # fmt: skip
    (found,) = read_world({"persons": {"a": told}}).persons.values()
    assert found == Person(
        "a", dt.date(1940, 1, 1), dt.date(2026, 1, 1), Protection.CONFIDENTIAL, blocks_voluntary=True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        (None, Protection.OPEN), (False, Protection.OPEN), ("", Protection.OPEN), ("ugradert", Protection.OPEN),
        ("ingen", Protection.OPEN), ("none", Protection.OPEN), (" Ugradert ", Protection.OPEN),
        ("fortrolig", Protection.CONFIDENTIAL), ("kode7", Protection.CONFIDENTIAL), ("KODE_7", Protection.CONFIDENTIAL),
        (7, Protection.CONFIDENTIAL), ("klientadresse", Protection.CLIENT), ("strengtFortrolig", Protection.STRICT),
        ("kode6", Protection.STRICT), ("6", Protection.STRICT), ("kode19", Protection.STRICT),
        ("strengt_fortrolig_utland", Protection.STRICT), (19, Protection.STRICT), ("hemmelig", Protection.STRICT), (True, Protection.STRICT),
        (0, Protection.STRICT),
    ],
)  # fmt: skip
def test_a_grade_nobody_knows_is_the_strictest(grade: Any, expected: Protection):
    world = read_world({"persons": {"a": {"born": "1940-01-01", "address_protection": grade}}})
    assert world.persons["a"].protection is expected


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"persons": {"a": {}}}, "persons.a.born"),
        ({"persons": {"a": {"born": 1940}}}, "persons.a.born"),
        ({"persons": {"a": 1}}, "persons.a"),
        ({"persons": {"a": {"born": "1940-01-01", "dead": True}}}, "persons.a.dead"),
        ({"persons": {"a": {"born": "1940-01-01", "died": "soon"}}}, "persons.a.died"),
        ({"persons": {"a": {"born": "1940-01-01", "blocks_voluntary": 1}}}, "persons.a.blocks_voluntary"),
        ({"persons": []}, "persons"),
        ({"scope_parent": []}, "scope_parent"),
        ({"scope_parent": {"x": 1}}, "scope_parent.x"),
        ({"grants": {}}, "grants"),
        ({"grants": [1]}, "grants[0]"),
        ({"grants": [{"id": "x", "kind": "magi"}]}, "grants[0].kind"),
        ({"grants": [{"id": "x"}]}, "grants[0].kind"),
        ({"grants": [GRANT, GRANT]}, "grants[1].id"),
        ({"other": 1}, "world.other"),
    ],
)  # fmt: skip
def test_a_bad_world_is_refused_with_its_place(change, where):
    assert place(read_world, {**WORLD, **change}) == where
    assert place(read_world, None) == "world"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", ""), ("id", 1), ("from", None), ("to", 2), ("scopes", "all"), ("level", "all"), ("valid_from", 2026),
        ("valid_to", "soon"), ("type", 1), ("revoked_at", "noon"), ("revoked_at", 7), ("registered_by", 1),
        ("confirmed_by", ""), ("in_force", "yes"), ("source_current", 1), ("source_age_h", -1), ("source_age_h", True),
        ("source_age_h", "1"), ("source_age_h", math.nan), ("may_delegate", "no"), ("parent", 1), ("delegated_by", 1),
        ("revokedat", "2026-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_bad_field_of_a_grant_is_refused_with_its_place(key: str, value: Any):
    bad = {**WORLD, "grants": [GRANT, {**GRANT, "id": "g2", key: value}]}
    assert place(read_world, bad) == f"grants[1].{key}"


def test_a_scope_must_be_a_text():
    bad = {**WORLD, "grants": [{**GRANT, "scopes": ["x:1", ""]}]}
    assert place(read_world, bad) == "grants[0].scopes[1]"


def test_a_query_is_read_whole_and_answered_in_authzens_shape():
    asked = read_question(query(service_min_eid="low"), now=NOW)
    assert attrs.astuple(asked) == (
        "b", "a", "husbanken:bostoette", "write", dt.datetime(2026, 8, 1, 10, tzinfo=dt.UTC), "high", "low",
    )  # fmt: skip
    assert answer(WORLD, query()) == {
        "decision": True,
        "context": {"reason": "GRANT", "grant": "g1", "obligations": []},
    }
    denied = answer(WORLD, query(time="2025-12-31T10:00:00Z"))
    assert denied == {"decision": False, "context": {"reason": "NOT_YET_VALID", "obligations": []}}
    owed = Decision(allowed=True, reason=Reason.GRANT, grant_id="", obligations=tuple(Obligation))
    assert as_json(owed) == {
        "decision": True,
        "context": {
            "reason": "GRANT", "grant": "", "obligations": ["STATSFORVALTER_CONSENT", "HIDE_ADDRESS"],
        },
    }  # fmt: skip


def test_a_query_without_context_is_about_now_by_somebody_without_e_id():
    bare = {key: value for key, value in query().items() if key != "context"}
    asked = read_question(bare, now=NOW)
    assert (asked.at, asked.eid_level, asked.service_min_eid) == (NOW, "none", "substantial")
    assert read_question({**query(), "more": 1}, now=NOW).actor == "b"


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("subject", None, "subject"),
        ("subject", {"type": "person"}, "subject.id"),
        ("subject", {"id": "b"}, "subject.type"),
        ("subject", {"type": "machine", "id": "b"}, "subject.type"),
        ("action", None, "action"),
        ("action", {"name": 3}, "action.name"),
        ("action", {}, "action.name"),
        ("resource", None, "resource"),
        ("resource", {"id": "x"}, "resource.type"),
        ("resource", {"type": "case", "id": "x"}, "resource.type"),
        (
            "resource",
            {"type": "representation", "properties": {"on_behalf_of": "a"}},
            "resource.id",
        ),
        ("resource", {"type": "representation", "id": "x"}, "resource.properties.on_behalf_of"),
        ("resource", {"type": "representation", "id": "x", "properties": 1}, "resource.properties"),
        ("context", 1, "context"),
        ("context", {"time": "noon"}, "context.time"),
        ("context", {"time": None}, "context.time"),
        ("context", {"time": "0001-01-01T00:00:00Z"}, "context.time"),
        ("context", {"time": "9999-12-31T23:59:59Z"}, "context.time"),
        ("context", {"time": "0001-01-01T00:00:00+10:00"}, "context.time"),
        ("context", {"eid_level": "super"}, "context.eid_level"),
        ("context", {"service_min_eid": "super"}, "context.service_min_eid"),
    ],
)
def test_a_bad_query_is_refused_with_its_place(key, value, where):
    assert place(read_question, {**query(), key: value}, now=NOW) == where
    assert place(read_question, [], now=NOW) == "request"


def test_an_instant_without_a_zone_is_utc_wherever_the_machine_stands(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read_question(query(time="2026-08-01T10:00:00"), now=NOW).at.hour == 10
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_years_of_an_instant_go_from_two_to_9998():
    for text, year in (("2026-08-01T10:00:00", 2026), ("0002-01-01T00:00:00Z", 2), ("9998-12-31T12:00:00Z", 9998)):  # fmt: skip
        at = read_question(query(time=text), now=NOW).at
        assert (at.year, at.utcoffset()) == (year, dt.timedelta(0))


def area(owner: Any, task: Any) -> dict[str, Any]:
    return {"vergeTjenestevirksomhet": owner, "vergeTjenesteoppgave": task}


HOUSING = area("husbanken", "bostoette")


def element(number: Any, *areas: Any, current: Any = True) -> dict[str, Any]:
    verge: dict[str, Any] = {"tjenesteomraade": list(areas)}
    if number is not None:
        verge["foedselsEllerDNummer"] = number
    else:
        verge["navnFoedselsdato"] = {"personnavn": {}, "foedselsdato": "1970-01-01"}
    return {"erGjeldende": current, "vergemaaltype": "voksen", "verge": verge}


def told(*elements: Any) -> list[tuple[str, str]]:
    return freg.guardians({freg.ELEMENT: list(elements)})


def test_what_the_register_sends_is_untidy_and_gives_only_what_holds():
    assert freg.ELEMENT == "vergemaalEllerFremtidsfullmakt"
    assert told(
        element("222", HOUSING, HOUSING, area("bank", "selgeAksjerOgVerdipapirer")),
        element("222", HOUSING),
        element("111", area("namsmannen", "tvangsfullbyrdelseOgForliksrådet"), area("ny", "x")),
        element("333", HOUSING, current=False),
        element(None, HOUSING),
        {"erGjeldende": True, "omfang": "oekonomiskeInteresser", "verge": None},
        "noise",
    ) == [
        ("111", "namsmannen:tvangsfullbyrdelseOgForliksraadet"),
        ("222", "husbanken:bostoette"),
    ]
    assert freg.guardians({}) == []


@pytest.mark.parametrize(
    "bad",
    [
        element("", HOUSING), element(111, HOUSING), element("111", HOUSING, current="true"), element("111", "x"),
        element("111", area("husbanken", 1)), element("111", area(1, "bostoette")), element("111", area("bostoette", "husbanken")),
        element("111", {}), element("111"), {"erGjeldende": True}, {"verge": element("1", HOUSING)["verge"]}, None, 7,
        element("111", HOUSING, current=1),
    ],
)  # fmt: skip
def test_what_is_not_of_the_right_kind_gives_nothing(bad: Any):
    assert told(bad) == []
    assert told(bad, element("222", HOUSING)) == [("222", "husbanken:bostoette")], "nor stops it"


def test_one_object_may_stand_where_a_list_may():
    lone = element("222")
    lone["verge"]["tjenesteomraade"] = HOUSING
    assert freg.guardians({freg.ELEMENT: lone}) == [("222", "husbanken:bostoette")]
    several = element("1")
    several["verge"] = [element("111", HOUSING)["verge"], element("222", HOUSING)["verge"]]
    assert [pair[0] for pair in told(several)] == ["111", "222"]
