"""A browser of an employee: a real session, the real pages, no provider between."""

from __future__ import annotations

import uuid

from django.test import Client

from samspill.cases.models import Case, Task
from samspill.cases.service import ties
from samspill.cases.tests.builders import SANDNES, a_person
from samspill.cases.tests.term_builders import OWNER, municipality_id
from samspill.identity import service as identity
from samspill.identity import sessions
from samspill.identity.domain import Claims, Unit
from samspill.infra import clock
from samspill.kernel.actor import WHOLE
from samspill.kernel.ids import new_id


def a_browser(
    *roles: str,
    number: str = SANDNES,
    serial: int = 900,
    org_no: str = "",
    services: frozenset[str] = WHOLE,
) -> Client:
    """Give a browser logged in as an employee: of the municipality unless a role says agency."""
    agency = any(role.startswith("agency") for role in roles)
    ties.remember(a_person(serial), ())
    unit = Unit(
        org_no=org_no or (OWNER if agency else "964965137"),
        name="Ferjetilsynet" if agency else "Sandnes kommune",
        kind="agency" if agency else "municipality",
        roles=frozenset(roles),
        municipality_id="" if agency else str(municipality_id(number)),
        services=services,
    )
    return _with_session("employee", serial, [unit])


def a_citizens_browser(serial: int = 1) -> Client:
    return _with_session("citizen", serial, [])


def _with_session(profile: str, serial: int, units: list[Unit]) -> Client:
    claims = Claims(
        issuer="https://login.example", subject=str(serial), sid=str(uuid.uuid4()), level="high",
        pid=None, name="Prøve Ansatt", reportees=(),
    )  # fmt: skip
    _, token = sessions.begin(
        profile=profile, person_id=a_person(serial), claims=claims, units=units, id_token=""
    )
    client = Client()
    client.cookies[identity.session_cookie()] = token
    client.cookies["sprak"] = "en"
    return client


def text_of(response) -> str:
    """Give the page's words, single spaces."""
    import html
    import re

    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(bare))


def a_task(case: Case, key: str = "island") -> Task:
    return Task.objects.create(
        id=new_id(), case=case, key=key, role="municipality_caseworker", opened_at=clock.now()
    )
