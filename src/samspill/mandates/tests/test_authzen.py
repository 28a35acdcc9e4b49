"""AuthZEN 1.0 over HTTP: the shapes of the interface, who may ask, what a third party learns, and no 5xx."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samspill.identity.adapters import machine_tokens
from samspill.identity.machine_claims import Machine, invalid
from samspill.infra.models import AccessEntry
from samspill.mandates import service
from samspill.mandates.service import clients
from samspill.mandates.tests.builders import Register, a_mandate, citizen, number, person
from samspill.mandates.web.authzen import SCOPE

HUSBANKEN, OTHER = "942114184", "974761076"


MACHINES = {
    "good": Machine(HUSBANKEN, scopes=frozenset({SCOPE})),
    "vendor": Machine(HUSBANKEN, "999888777", scopes=frozenset({SCOPE})),
    "other": Machine(OTHER, scopes=frozenset({SCOPE})),
    "nobody": Machine("999999999", scopes=frozenset({SCOPE})),
    "unscoped": Machine(HUSBANKEN, scopes=frozenset({"samspill:another"})),
}


class Tokens:
    """A reader that knows a token for each machine."""

    def read(self, token: str) -> Machine:
        if token not in MACHINES:
            raise invalid("Unknown.")
        return MACHINES[token]


@pytest.fixture
def asked(db: None, register: Register, monkeypatch: pytest.MonkeyPatch) -> Register:
    monkeypatch.setattr(machine_tokens, "reader", Tokens)
    for org_no, owners, numbers in ((HUSBANKEN, ["husbanken"], True), (OTHER, ["nav"], False)):
        clients.register_client(
            org_no=org_no, name="Etat", owners=owners, legal_basis="lov", may_use_numbers=numbers
        )  # fmt: skip
    return register


def post(path: str, body: Any, token: str = "good", **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body)
    kind = headers.pop("kind", "application/json")
    return Client().post(
        f"/access/v1/{path}", content, content_type=kind,
        headers={"Authorization": f"Bearer {token}", **headers},
    )  # fmt: skip


def query(actor: int | str = 2, subject: int | str = 1, **changes: Any) -> dict[str, Any]:
    def name(one: int | str) -> str:
        return number(one).value if isinstance(one, int) else one

    return {
        "subject": {"type": "person", "id": name(actor)},
        "action": {"name": "write"},
        "resource": {
            "type": "representation", "id": "husbanken:bostoette",
            "properties": {"on_behalf_of": name(subject)},
        },
        "context": {"eid_level": "high", "purpose": "søknad"},
        **changes,
    }  # fmt: skip


def test_an_evaluation_answers_in_the_shape_of_the_interface(asked: Register):
    made = a_mandate()
    answer = post("evaluation", query(), **{"X-Request-ID": "abc-1"})
    assert answer.status_code == 200
    assert answer.json() == {
        "decision": True,
        "context": {"reason": "GRANT", "grant": str(made), "obligations": []},
    }
    assert answer["X-Request-ID"] == "abc-1"
    entry = AccessEntry.objects.filter(purpose="representation: søknad").get()
    assert (entry.actor_org_no, entry.outcome, entry.channel) == (HUSBANKEN, "permit", "api")


def test_a_refused_caller_finds_the_own_request_id_too(client: Client):
    answer = client.post(
        "/access/v1/evaluation", "{}", "application/json", headers={"X-Request-ID": "abc-2"}
    )
    assert (answer.status_code, answer["X-Request-ID"]) == (401, "abc-2")


def test_a_stranger_learns_nothing_from_a_refusal(asked: Register):
    made = a_mandate(level="read")
    asked.know(3, protection="strengtFortrolig")
    said = [post("evaluation", query(*pair)).json() for pair in ((2, 1), (1, 2), (2, 3), (2, 40))]
    service.withdraw(citizen(1), mandate_id=made)
    said.append(post("evaluation", query()).json())
    refusal = {"decision": False, "context": {"reason": "NO_GRANT", "obligations": []}}
    assert said == [refusal] * 5


def test_a_client_whose_caseworkers_may_know_is_told_the_fine_reason(asked: Register):
    a_mandate(level="read")
    clients.register_client(
        org_no=HUSBANKEN, name="Etat", owners=["husbanken"], legal_basis="lov", may_use_numbers=True, sees_reasons=True,
    )  # fmt: skip
    assert post("evaluation", query()).json()["context"]["reason"] == "LEVEL"
    asked.know(3, protection="strengtFortrolig")
    hidden, unknown = (post("evaluation", query(2, one)).json() for one in (3, 40))
    assert hidden == unknown


def test_a_client_asks_about_its_own_scopes_only_and_by_its_own_names(asked: Register):
    a_mandate()
    assert not post("evaluation", query(), "other").json()["decision"]
    found = post("search/subject", query()).json()["results"]
    agent = found[0]["id"]
    assert agent.startswith("p-")
    assert post("evaluation", query(agent)).json()["decision"]
    other = attrs.evolve(clients.caller_of(MACHINES["good"]), key=b"1" * 32)
    assert other.person(agent) not in ("", clients_person(agent))


def clients_person(text: str) -> str:
    return clients.caller_of(MACHINES["good"]).person(text)


@pytest.mark.parametrize(
    ("token", "status", "challenge"),
    [
        ("", 401, 'Bearer realm="samspill", scope="samspill:representation.read"'),
        ("bad", 401, 'error="invalid_token"'),
        ("unscoped", 403, 'error="insufficient_scope"'),
        ("nobody", 403, ""),
        ("good", 200, ""),
    ],
)
def test_who_may_ask(asked: Register, token: str, status: int, challenge: str):
    answer = post("evaluation", query(), token)
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()["error"]) == {"code", "message", "where", "remedy"}
    told = answer.get("WWW-Authenticate", "")
    assert challenge in told
    assert bool(told) == bool(challenge)


def test_both_the_consumer_and_its_supplier_stand_in_the_log(asked: Register):
    post("evaluation", query(), "vendor")
    entry = AccessEntry.objects.filter(purpose="representation: søknad").get()
    assert (entry.actor_org_no, entry.detail["supplier"]) == (HUSBANKEN, "999888777")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "Content-Type"),
        (b"{", "body"),
        (b"[]", "request"),
        (b"[" * 100_000, "body"),
        ({}, "subject"),
        ({**query(), "subject": {"type": "person"}}, "subject.id"),
        ({**query(), "subject": {"type": "robot", "id": "x"}}, "subject.type"),
        (query(action={"name": 1}), "action.name"),
        (query(resource={"type": "representation", "id": "x"}), "resource.properties.on_behalf_of"),
        (query(context={"time": "yesterday"}), "context.time"),
        (query(context={"time": "0001-01-01T00:00:00+14:00"}), "context.time"),
        (query(context={"time": "9999-12-31T23:59:59Z"}), "context.time"),
        (query(context={"eid_level": ["high"]}), "context.eid_level"),
    ],
)
def test_a_bad_request_is_400_and_says_where(asked: Register, body: Any, where: str):
    answer = post("evaluation", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["where"] == where


def test_only_json_by_post_is_read_and_unknown_fields_are_passed_over(asked: Register):
    assert post("evaluation", query(), kind="text/plain").status_code == 400
    got = Client().get("/access/v1/evaluation", headers={"Authorization": "Bearer good"})
    assert got.status_code == 405
    assert post("evaluation", query(extra={"a": 1})).status_code == 200


def test_evaluations_inherit_whole_entities_and_answer_in_order(asked: Register):
    a_mandate(level="read")
    body = {
        **query(),
        "evaluations": [
            {"action": {"name": "read"}},
            {},
            {"resource": {"type": "representation", "id": "husbanken:bostoette"}},
        ],
    }
    answers = post("evaluations", body).json()["evaluations"]
    assert [one["decision"] for one in answers] == [True, False, False]
    assert answers[2]["context"]["error"]["where"] == "resource.properties.on_behalf_of", (
        "not merged inside"
    )


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        (None, [True, False, True]),
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_three_semantics(asked: Register, semantic: str | None, expected: list[bool]):
    a_mandate(level="read")
    read, write = {"action": {"name": "read"}}, {"action": {"name": "write"}}
    body = {**query(), "evaluations": [read, write, read]}
    if semantic:
        body["options"] = {"evaluations_semantic": semantic}
    answers = post("evaluations", body).json()["evaluations"]
    assert [one["decision"] for one in answers] == expected


def test_evaluations_without_a_list_is_one_evaluation(asked: Register):
    a_mandate()
    assert post("evaluations", query()).json()["decision"] is True
    assert post("evaluations", {**query(), "evaluations": []}).json()["decision"] is True
    wrong = {**query(), "options": {"evaluations_semantic": "first"}, "evaluations": [{}]}
    assert post("evaluations", wrong).status_code == 400
    assert post("evaluations", {**query(), "evaluations": {}}).status_code == 400


def test_searches_find_what_an_evaluation_would_allow(asked: Register):
    a_mandate(level="read", scopes=("samspill:bolig",))
    a_mandate(3, 2)
    assert post("search/subject", query()).json()["results"] == [], "none may write"
    read = query(action={"name": "read"})
    agents = post("search/subject", read).json()["results"]
    assert [clients_person(one["id"]) for one in agents] == [clients_person(number(2).value)]
    everything = query(action={"name": "read"}, resource={"type": "representation"})
    found = post("search/resource", everything).json()["results"]
    scopes = {(one["id"], clients_person(one["properties"]["on_behalf_of"])) for one in found}
    first, third = clients_person(number(1).value), clients_person(number(3).value)
    assert scopes == {
        ("husbanken:bostoette", first), ("husbanken:startlaan", first), ("husbanken:bostoette", third),
    }  # fmt: skip
    actions = post("search/action", query()).json()["results"]
    assert actions == [{"name": "read"}]


def test_a_search_comes_in_pages(asked: Register):
    a_mandate(level="read", scopes=("samspill:bolig",))
    everything = query(action={"name": "read"}, resource={"type": "representation"})
    first = post("search/resource", {**everything, "page": {"limit": 1}}).json()
    token = first["page"]["next_token"]
    second = post("search/resource", {**everything, "page": {"limit": 1, "token": token}}).json()
    assert second["page"]["next_token"] == ""
    assert len({one["results"][0]["id"] for one in (first, second)}) == 2
    for page in ({"limit": 0}, {"limit": "x"}, {"token": 1}, {"token": "å"}, []):
        assert post("search/resource", {**everything, "page": page}).status_code == 400


def test_a_search_about_nobody_is_an_empty_list(asked: Register):
    for what in ("subject", "resource", "action"):
        assert post(f"search/{what}", query("p-AAAA", "who")).json()["results"] == []


def test_a_hidden_person_is_in_no_search(asked: Register):
    a_mandate()
    asked.know(1, protection="strengtFortrolig")
    service.person_changed(
        attrs.make_class("E", ["body"])({"person_id": str(citizen(1).person_id)})
    )
    everything = query(action={"name": "read"}, resource={"type": "representation"})
    assert post("search/resource", everything).json()["results"] == []
    assert post("search/subject", query()).json()["results"] == []


def test_discovery_names_every_endpoint(db: None):
    told = Client().get("/.well-known/authzen-configuration").json()
    assert told["access_evaluations_endpoint"].endswith("/access/v1/evaluations")
    assert {key for key in told if key.startswith("search_")} == {
        f"search_{one}_endpoint" for one in ("subject", "resource", "action")
    }


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_PLACES = (
    ("subject",), ("subject", "id"), ("subject", "type"), ("action",), ("action", "name"), ("resource",),
    ("resource", "id"), ("resource", "properties"), ("resource", "properties", "on_behalf_of"), ("context",),
    ("context", "time"), ("context", "purpose"), ("context", "service_min_eid"), ("page",), ("page", "limit"),
    ("page", "token"), ("evaluations",), ("options",),
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    place=st.sampled_from(_PLACES),
    value=_JSON,
    path=st.sampled_from(
        ["evaluation", "evaluations", "search/subject", "search/resource", "search/action"]
    ),
)
def test_no_body_makes_it_fall_over_or_say_yes(
    asked: Register, place: tuple[str, ...], value: Any, path: str
):
    body: dict[str, Any] = json.loads(json.dumps({**query(), "evaluations": [{}], "page": {}}))
    inner = body
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    answer = post(path, body)
    assert answer.status_code in (200, 400)
    assert answer.headers["Content-Type"] == "application/json"
    assert b'"decision": true' not in answer.content, "nobody has a mandate here"
    assert not answer.json().get("results")


def test_what_is_changed_about_a_client_counts_from_its_next_question(asked: Register):
    a_mandate()
    assert post("evaluation", query()).json()["decision"] is True
    assert clients.remembered(MACHINES["good"]) is not None
    clients.register_client(
        org_no=HUSBANKEN, name="Etat", owners=["nav"], legal_basis="lov", may_use_numbers=True
    )
    before = AccessEntry.objects.count()
    assert post("evaluation", query()).json()["decision"] is False
    assert AccessEntry.objects.count() == before + 1
    clients.Client.objects.filter(org_no=HUSBANKEN).delete()
    assert post("evaluation", query()).status_code == 403
    assert AccessEntry.objects.count() == before + 1


def test_a_client_that_asks_again_is_answered_and_logged_by_two_statements(
    asked: Register, django_assert_num_queries: Any
):
    a_mandate()
    caller = clients.caller_of(MACHINES["good"])
    body = query(*(caller.pseudonym(person(one)) for one in (2, 1)))
    assert post("evaluation", body).json()["decision"] is True
    before = AccessEntry.objects.count()
    with django_assert_num_queries(2):
        assert post("evaluation", body).json()["decision"] is True
    assert AccessEntry.objects.count() == before + 1


def test_a_supplier_that_comes_for_a_client_we_remember_stands_in_the_log(asked: Register):
    a_mandate()
    for token in ("good", "vendor"):
        assert post("evaluation", query(), token).json()["decision"] is True
    found = AccessEntry.objects.filter(purpose="representation: søknad").order_by("id")
    assert [one.detail.get("supplier", "") for one in found] == ["", "999888777"]
