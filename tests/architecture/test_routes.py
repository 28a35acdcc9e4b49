"""Every address has a rule, and every form needs its token; who comes to what is tried in `tests/matrix`.

The addresses come from the URL resolver (`tests/routes.py`), the operations from the API's own table, so that a new
one is tried the day it is added.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import attrs
import pytest
from django.test import Client

from samspill.cases import service as cases
from samspill.cases.models import Appeal, Case, Letter, Task
from samspill.cases.tests.builders import Registers, a_citizen, known
from samspill.cases.tests.term_builders import (
    AUGUST,
    a_case,
    a_caseworker,
    an_agency,
    ferry,
    run_day,
)
from samspill.identity.models import Session
from samspill.identity.service import rule_of
from samspill.identity.sessions import hashed
from samspill.infra import clock
from samspill.infra.models import AccessEntry
from samspill.kernel.ids import new_id
from samspill.packages.service import Package
from samspill.site.api import api
from tests.routes import Route, routes

__all__ = ["ferry", "known", "run_day"]

OPEN_API = {
    "/api/v1/municipalities",
    "/api/v1/municipalities/{number}",
    "/api/v1/packages/{package_id}/compute",
}
"""Operations without a login: they hold no personal data, and this is said here aloud."""
SIGNED = {
    "logout-backchannel",
    "log-witness",
    "authzen-evaluation",
    "authzen-evaluations",
    "authzen-search-subject",
    "authzen-search-resource",
    "authzen-search-action",
}
"""Forms without our token: what is sent is signed by a provider or a witness, or comes with a machine's token of its own."""
STAVANGER = "1103"


def operations() -> list[tuple[str, Any]]:
    """Every operation of the JSON API with its address."""
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            found += [(f"/api/v1{prefix}{path}", operation) for operation in view.operations]
    return found


def test_the_walk_sees_the_house():
    names = {route.name for route in routes()}
    assert {"front", "health", "application-send", "my-case", "letter", "login", "jwks"} <= names
    assert len(operations()) >= 4


def test_every_route_has_an_access_rule():
    assert [route.pattern for route in routes() if rule_of(route.view) is None] == []


def test_every_operation_of_the_api_has_a_rule_or_is_open_on_purpose():
    without = {path for path, operation in operations() if rule_of(operation.view_func) is None}
    assert without == OPEN_API


def test_every_name_is_used_once():
    names = [route.name for route in routes()]
    assert "" not in names
    assert sorted(names) == sorted(set(names))


def test_only_signed_messages_come_without_our_token():
    exempt = {r.name for r in routes() if getattr(r.view, "csrf_exempt", False)}
    assert exempt == SIGNED


# ── the people ────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class World:
    """Somebody's things, by the names they have in the addresses."""

    values: dict[str, str]
    case: Case


def browser(actor: Any, *, strict: bool = False) -> Client:
    """A browser in which the actor is logged in (the session is stored as a login stores it)."""
    client = Client(enforce_csrf_checks=strict)
    if actor is None:
        return client
    token, now = secrets.token_urlsafe(32), clock.now()
    units = []
    if actor.org_no:
        unit = {"org_no": actor.org_no, "name": "Et sted", "kind": "agency" if actor.municipality_id is None else "municipality",
                "roles": sorted(actor.roles), "municipality_id": str(actor.municipality_id or "")}  # fmt: skip
        units = [unit]
    Session.objects.create(
        token_hash=hashed(token), person_id=actor.person_id, profile=actor.kind, level="high", name="Prøve",
        units=units, org_no=actor.org_no or "", issuer="test", subject="test", started_at=now, last_seen_at=now,
    )  # fmt: skip
    client.cookies["samspill"] = token
    return client


@pytest.fixture
def world(db: None, known: Registers, ferry: Package, run_day: None) -> World:
    """A case of person 1 with everything a case can have, and a draft of person 5."""
    case = a_case(ferry, known)
    cases.run_term("ferry", AUGUST)
    while cases.make_queued():
        pass
    decision = case.decisions.get()
    added = cases.add_document(
        a_citizen(),
        case_id=case.id,
        document="tickets",
        content=b"%PDF-1.7\n%%EOF",
        filename="a.pdf",
    )
    cases.appeal(
        a_citizen(), case_id=case.id, decision_id=decision.id, text="Feil", idempotency_key="a"
    )
    case.refresh_from_db()
    task = Task.objects.create(
        id=new_id(), case=case, key="island", role="municipality_caseworker", opened_at=clock.now()
    )
    known.know(5)
    draft = cases.start_draft(a_citizen(5), package_id="ferry")
    values = {
        "case_id": case.id, "decision_id": decision.id, "letter_id": Letter.objects.get(case=case).id,
        "attachment_id": added.id, "appeal_id": Appeal.objects.get(case=case).id, "task_id": task.id, "request_id": uuid.uuid4(),
        "draft_id": draft.id, "package_id": "ferry", "term": "2026-08", "page": "travel", "number": "1108",
        "initiative_id": uuid.uuid4(), "slug": "ikke-her", "involvement_id": uuid.uuid4(), "round_id": uuid.uuid4(), "assessment_id": uuid.uuid4(), "key": "problem",
        "agreement_id": uuid.uuid4(), "gain_id": uuid.uuid4(), "settlement_id": uuid.uuid4(), "party": "1108", "org_no": "999999999",
        "name": "tiltak", "kind": "csv", "mandate_id": uuid.uuid4(), "notice_id": uuid.uuid4(), "report_id": uuid.uuid4(),
        "opening_id": uuid.uuid4(), "finding_id": uuid.uuid4(), "incident_id": uuid.uuid4(),
        "entry_id": AccessEntry.objects.filter(subject_id=case.applicant_id).latest("id").id,
    }  # fmt: skip
    return World({name: str(value) for name, value in values.items()}, case)


_OWN = {
    "draft_id",
    "case_id",
    "attachment_id",
    "letter_id",
    "request_id",
    "decision_id",
    "task_id",
    "appeal_id",
    "entry_id",
    "report_id",
    "opening_id",
    "finding_id",
    "incident_id",
}


def personal_routes() -> list[Route]:
    return [
        route
        for route in routes()
        if _OWN & set(route.parts) or route.name.startswith("agency-term-")
    ]


def state_of(world: World) -> tuple[Any, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(c::text, '|' ORDER BY c.id) FROM cases_case c), "
            "(SELECT string_agg(d::text, '|') FROM cases_draft d), (SELECT count(*) FROM cases_message), "
            "(SELECT count(*) FROM cases_attachment), (SELECT string_agg(t::text, '|') FROM cases_task t), "
            "(SELECT string_agg(a::text, '|') FROM cases_appeal a), (SELECT count(*) FROM cases_decision)"
        )
        return tuple(cursor.fetchone())


def test_every_form_refuses_a_missing_token(world: World):
    """Each address, for somebody who may come there: a POST without its token is refused before anything happens."""
    people = {
        "citizen": browser(a_citizen(), strict=True),
        "municipality": browser(a_caseworker(), strict=True),
        "agency": browser(an_agency(), strict=True),
        "nobody": browser(None, strict=True),
    }
    before, accepted = state_of(world), []
    for route in routes():
        if route.name in SIGNED:
            continue
        for who, client in people.items():
            answer = client.post(route.address(world.values))
            if answer.status_code != 403:
                accepted.append(f"{who}: POST {route.name} → {answer.status_code}")
    assert accepted == []
    assert state_of(world) == before


def test_the_api_refuses_a_session_without_the_token(world: World):
    body = '{"package": "ferry", "answers": {}, "declared": ["truth"]}'
    client = browser(a_citizen(), strict=True)
    answer = client.post(
        "/api/v1/applications",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert answer.status_code == 403
    assert (
        browser(None)
        .post("/api/v1/applications", body, content_type="application/json")
        .status_code
        == 401
    )


def test_what_is_not_there_is_not_found(world: World):
    client = browser(a_citizen())
    paths = ["/finnes-ikke/", "/min-side/sak/1/", f"/min-side/sak/{uuid.uuid4()}/", "/soknad/../x/"]
    assert [client.get(path).status_code for path in paths] == [404] * 4
