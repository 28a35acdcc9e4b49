"""Browsers of those who decide together: real sessions, real pages, no provider between."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

from django.test import Client

from samspill.identity import service as identity
from samspill.identity import sessions
from samspill.identity.domain import Claims, Unit
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId
from samspill.portfolio.tests.builders import KS
from samspill.sandbox.population import STAFF


def a_browser(actor: Actor, language: str = "en") -> Client:
    """Return a browser logged in with the organisation and roles of an actor."""
    kind: Any = "municipality" if actor.municipality_id else "agency"
    unit = Unit(
        org_no=actor.org_no or "",
        name="Prøve",
        kind="association" if actor.org_no == KS else kind,
        roles=actor.roles,
        municipality_id=str(actor.municipality_id or ""),
    )
    claims = Claims(
        issuer="https://login.example", subject="s", sid=str(uuid.uuid4()), level="high", pid=None,
        name="Prøve Ansatt", reportees=(),
    )  # fmt: skip
    number = NationalId.parse(STAFF[0].national_id, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    _session, token = sessions.begin(
        profile="employee",
        person_id=identity.person_for(number),
        claims=claims,
        units=[unit],
        id_token="",
    )
    client = Client()
    client.cookies[identity.session_cookie()] = token
    client.cookies["sprak"] = language
    return client


def text_of(response: Any) -> str:
    """Return the page's words with single spaces."""
    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(bare))
