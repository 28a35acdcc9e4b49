"""The pages of access requests and of the assessment of privacy, as people meet them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import attrs
import pytest
from django.test import Client

from samspill.cases.tests.builders import Registers, a_citizen, a_number, known
from samspill.cases.tests.term_builders import a_case, a_caseworker, an_agency, ferry, run_day
from samspill.identity.models import Session
from samspill.identity.service import session_cookie
from samspill.identity.sessions import hashed
from samspill.infra import clock
from samspill.infra.models import OwnDataRequest
from samspill.kernel.ids import new_id
from samspill.packages import service as packages
from samspill.packages.service import Package
from samspill.packages.tests.test_privacy_assessing import full, prepared
from samspill.site import own_data

__all__ = ["ferry", "known", "run_day"]
pytestmark = [pytest.mark.django_db]


def browser(actor: Any = None, language: str = "en") -> Client:
    client = Client()
    client.cookies["sprak"] = language
    if actor is None:
        return client
    token = f"token {new_id()}"
    unit = {
        "org_no": actor.org_no or "", "name": "Prøve", "kind": "municipality" if actor.municipality_id else "agency",
        "roles": sorted(actor.roles), "municipality_id": str(actor.municipality_id or ""),
    }  # fmt: skip
    Session.objects.create(
        token_hash=hashed(token), person_id=actor.person_id, profile=actor.kind, level="high", name="Prøve",
        units=[unit] if actor.kind == "employee" else [], org_no=actor.org_no or "", issuer="test", subject=token,
        started_at=clock.now(), last_seen_at=clock.now(),
    )  # fmt: skip
    client.cookies[session_cookie()] = token
    return client


def address_of(made: packages.AssessmentView) -> str:
    return f"/arbeid/personvern/{made.id}/"


def leader(serial: int) -> Any:
    return attrs.evolve(an_agency(serial=serial), org_no="942114184", roles=frozenset({"agency_leader"}))  # fmt: skip


@pytest.fixture
def mine(ferry: Package, known: Registers, run_day: None) -> Package:
    a_case(ferry, known)
    return ferry


def test_one_button_then_the_files(mine: Package):
    client = browser(a_citizen(1))
    assert client.post("/min-side/alt-om-meg/").status_code == 302
    waiting = client.get("/min-side/alt-om-meg/")
    assert b"It is being made now" in waiting.content
    row = OwnDataRequest.objects.get()
    own_data.make(row.pk)
    ready = client.get("/min-side/alt-om-meg/")
    assert b"It is being made now" not in ready.content
    file = client.get(f"/min-side/alt-om-meg/{row.pk}/fil.json")
    assert json.loads(file.content)["format"] == "samspill-own-data/1"
    assert "no-store" in file["Cache-Control"]
    assert client.get(f"/min-side/alt-om-meg/{row.pk}/fil.pdf")["Content-Type"] == "application/pdf"
    assert client.get(f"/min-side/alt-om-meg/{row.pk}/fil.exe").status_code == 404
    assert browser(a_citizen(5)).get(f"/min-side/alt-om-meg/{row.pk}/fil.json").status_code == 404


def test_the_counter_is_told_what_is_missing_and_prints(mine: Package):
    client = browser(a_caseworker())
    told = client.post("/arbeid/innsynskrav/", {"number": a_number(1).value, "reason": "Har ikke e-ID"})  # fmt: skip
    assert told.status_code == 422
    assert b"must be there" in told.content
    assert client.post(
        "/arbeid/innsynskrav/", {"number": a_number(1).value, "reason": "Har ikke e-ID", "present": "1"}
    ).status_code == 302  # fmt: skip
    row = OwnDataRequest.objects.get()
    own_data.make(row.pk)
    assert client.get(f"/arbeid/innsynskrav/{row.pk}/fil.pdf").content.startswith(b"%PDF")
    assert browser(a_citizen(1)).get(f"/min-side/alt-om-meg/{row.pk}/fil.pdf").status_code == 404


def test_everybody_reads_how_far_the_assessment_has_come(ferry: Package):
    for language, words in (("nb", "Utkast, ikke godkjent"), ("nn", "Utkast, ikkje godkjent"), ("en", "for demonstration only")):  # fmt: skip
        shown = browser(None, language).get("/personvern/ferry/vurdering/")
        assert words in shown.content.decode()
    assert browser().get("/personvern/ferry/vurdering.json").json()[0]["state"] == "draft"
    table = list(csv.reader(io.StringIO(browser().get("/personvern/ferry/vurdering.csv").content.decode())))  # fmt: skip
    assert {row[3] for row in table[1:]} == {one.key for one in packages.assessments("ferry")[0].risks}  # fmt: skip
    assert browser().get("/personvern/unknown/vurdering/").status_code == 404


def test_one_writes_and_another_approves(ferry: Package):
    (made,) = packages.assessments("ferry")
    writer, other = browser(leader(811)), browser(leader(812))
    assert address_of(made) in writer.get("/arbeid/personvern/").content.decode()
    given = full(made)
    form = {f"text.{key}": text for key, text in given["texts"].items()}
    for key, risk in given["risks"].items():
        form |= {f"{name}.{key}": str(value) for name, value in risk.items()}
    address = address_of(made)
    assert writer.post(address, {"revision": "1"}).status_code == 302
    assert writer.post(address, {**form, "revision": "1"}).status_code == 409
    assert writer.post(address, {"revision": "2", "send": "1"}).status_code == 422
    assert writer.post(address, {**form, "revision": "3", "send": "1"}).status_code == 302
    assert writer.post(f"{address}avgjor/", {"decision": "approve"}).status_code == 403
    assert other.post(f"{address}avgjor/", {"decision": "return", "note": " "}).status_code == 422
    assert other.post(f"{address}avgjor/", {"decision": "approve"}).status_code == 302
    shown = browser().get("/personvern/ferry/vurdering/").content.decode()
    assert "Approved" in shown
    assert "for demonstration only" not in shown
    assert writer.post(address, {**form, "revision": "4"}).status_code == 409


def test_strangers_and_bad_forms_are_sent_away(ferry: Package):
    (made,) = packages.assessments("ferry")
    address = address_of(made)
    stranger = browser(attrs.evolve(leader(813), org_no="974761076"))
    assert stranger.get(address).status_code == 403
    assert browser(leader(814)).post(address, {"revision": "x"}).status_code == 404
    long = {"revision": "1", "text.necessity": "x" * 5001}
    assert browser(leader(814)).post(address, long).status_code == 422


def test_a_service_that_was_never_published_is_found_and_answered():
    made = prepared()
    writer, public = browser(leader(31)), browser()
    assert address_of(made).encode() in writer.get("/arbeid/personvern/").content
    page = writer.get(address_of(made))
    assert page.status_code == 200
    assert b"/personvern/trial/" not in page.content  # nobody sees it yet, so no link leads there
    assert public.get("/personvern/trial/vurdering/").status_code == 404
