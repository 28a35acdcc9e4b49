"""The pages as people meet them: everybody, the owner, and the lead of a municipality."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from samspill.cases.tests.builders import a_person
from samspill.identity import service as identity
from samspill.identity import sessions
from samspill.identity.domain import Claims, Unit
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.portfolio.tests.builders import HUSBANKEN, KS_COORDINATOR, OWNER, lead
from samspill.settlement import service
from samspill.settlement.models import Agreement, GainItem, Observation, Settlement, TakenOut
from samspill.settlement.tests.builders import (
    LARGE,
    SETTLING_DAY,
    SMALL,
    a_gain,
    all_sign,
    an_agreement,
    published,
)

pytestmark = pytest.mark.django_db


def browser(actor: Actor | None = None, language: str = "en") -> Client:
    """Return a browser in which the actor is logged in."""
    client = Client()
    client.cookies["sprak"] = language
    if actor is None:
        return client
    unit = Unit(
        org_no=actor.org_no or "",
        name="Et sted",
        kind="agency" if actor.municipality_id is None else "municipality",
        roles=actor.roles,
        municipality_id=str(actor.municipality_id or ""),
    )
    claims = Claims(issuer="x", subject="1", sid="1", level="high", pid=None, name="Prøve", reportees=())  # fmt: skip
    _row, token = sessions.begin(
        profile="employee", person_id=a_person(), claims=claims, units=[unit], id_token=""
    )
    client.cookies[identity.session_cookie()] = token
    return client


def text_of(answer: Any) -> str:
    bare = re.sub(r"<svg.*?</svg>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", bare)))


FORM = {
    "title": "Drift av felles løsning",
    "first_year": "2027",
    "last_year": "2029",
    "parties": f"{SMALL} {LARGE}",
    "line-0": "Drift",
    "payer-0": "nøkkel",
    "kroner-0": "100 000",
    "line-1": "Utvikling",
    "payer-1": HUSBANKEN,
    "kroner-1": "50 000,50",
    "line-2": "",
    "payer-2": "",
    "kroner-2": "",
    "line-3": "Opplæring",
    "payer-3": "egen",
    "kroner-3": "",
    "key": "mixed",
    "total": "100 000",
    "equal_share": "30",
    "fixed": "60 000",
    "own": "2,5",
    "per_inhabitant_once": "2",
    "withdrawal": "50",
    "gain_key": "where_it_arises",
    "compensation": "no",
    "settle_on": "03-01",
    "exit_notice_months": "12",
    "split_rule": "inhabitants",
}


def test_the_owner_tests_a_key_and_then_writes_it():
    initiative = published()
    client = browser(OWNER)
    address = f"/avtaler/ny/{initiative.id}/"
    assert client.get(address).status_code == 200
    tried = client.post(address, {**FORM, "test": "1"})
    assert tried.status_code == 200
    assert "The shares add up to the øre" in text_of(tried)
    assert "Nothing is stored yet." in text_of(tried)
    assert not Agreement.objects.exists()
    made = client.post(address, FORM)
    assert made.status_code == 302
    view = service.list_agreements(OWNER)[0]
    shown = service.get(view.id, actor=OWNER)
    assert {one.party: one.borne for one in shown.parties if one.borne} == {HUSBANKEN: 50_000_50}
    assert shown.tests["pays_more_than_alone"] is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": "mye"}, "is not a number"),
        ({"kroner-1": "mye"}, "Line 2: Kroner a year"),
        ({"payer-3": "9998"}, "Line 4: Who pays it"),
        (
            {"total": "", "fixed": "", "own": ""},
            "“To be shared, kroner a year” is not filled in. Fill it in.",
        ),
        ({"first_year": "inf"}, "is not a number"),
        ({"exit_notice_months": "1e400"}, "is not a number"),
        ({"equal_share": "130"}, "more than the whole"),
        ({"parties": "9999"}, "neither a municipality"),
        ({"json": "{"}, "not a JSON object"),
        ({"last_year": "2020"}, "The period"),
        ({"title": " "}, "no title"),
    ],
)
def test_what_cannot_be_read_comes_back_with_the_reason(changes: dict[str, str], said: str):
    answer = browser(OWNER).post(f"/avtaler/ny/{published().id}/", {**FORM, **changes})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert FORM["settle_on"] in answer.content.decode()
    assert not Agreement.objects.exists()


def test_more_rows_for_lines_of_cost_keep_what_is_typed_and_store_nothing():
    address = f"/avtaler/ny/{published().id}/"
    client = browser(OWNER)
    assert client.get(address).content.decode().count('name="payer-') == 5
    answer = client.post(address, {**FORM, "more": "1"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count('name="payer-') == 4 + 5
    assert 'value="50 000,50"' in page
    assert 'value="Opplæring"' in page
    assert not Agreement.objects.exists()


def test_a_new_version_begins_with_the_lines_of_the_old():
    initiative = published()
    client = browser(OWNER)
    client.post(f"/avtaler/ny/{initiative.id}/", FORM)
    old = service.list_agreements(OWNER)[0]
    page = client.get(f"/avtaler/ny/{initiative.id}/?avtale={old.id}").content.decode()
    for typed in ('value="Drift"', 'value="key"', 'value="50000.5"', 'value="own"'):
        assert typed in page


def test_every_key_can_be_proposed_as_json():
    json = '{"first_year": 2027, "last_year": 2027, "sharing": {"key": "shapley", "parties": [{"id": "1111"}, {"id": "1108"}], "stand_alone_costs": [100, 300], "rule": "max"}}'
    answer = browser(OWNER).post(f"/avtaler/ny/{published().id}/", {**FORM, "json": json})
    assert answer.status_code == 302
    shown = service.get(service.list_agreements(OWNER)[0].id, actor=OWNER)
    assert {one.party: one.share for one in shown.parties} == {SMALL: 50_00, LARGE: 250_00}


def test_everybody_reads_an_agreement_that_is_put_forward():
    view = an_agreement()
    everybody = browser()
    assert view.title in text_of(everybody.get("/avtaler/"))
    page = text_of(everybody.get(f"/avtaler/{view.id}/"))
    assert "The tests of the key" in page
    assert "Kroner per inhabitant a year, by size of municipality" in page
    assert "Sign version" not in page


def test_the_agreements_of_one_initiative_are_where_its_owner_proposes_another():
    view = an_agreement()
    of_it, of_another = (f"/avtaler/?tiltak={one}" for one in (view.initiative_id, published().id))
    assert view.title in text_of(browser(OWNER).get(of_it))
    assert view.title not in text_of(browser(OWNER).get(of_another))
    proposing = f"/avtaler/ny/{view.initiative_id}/"
    assert proposing in browser(OWNER).get(of_it).content.decode()
    assert proposing not in browser().get(of_it).content.decode()
    assert view.title in text_of(browser().get("/avtaler/?tiltak=nothing"))
    assert browser().get(f"/avtaler/?tiltak={uuid.uuid4()}").status_code == 404


def test_nobody_without_a_role_reads_a_draft():
    made = service.propose(
        OWNER, initiative_id=published().id, title="x", terms_json=service.get(an_agreement().id).terms_json
    )  # fmt: skip
    assert browser().get(f"/avtaler/{made.id}/").status_code == 404
    assert browser(KS_COORDINATOR).get(f"/avtaler/{made.id}/").status_code == 200


def test_a_lead_reads_what_it_comes_to_and_signs():
    view = an_agreement()
    client = browser(lead(SMALL))
    page = text_of(client.get(f"/avtaler/{view.id}/"))
    assert "What it comes to for Sokndal" in page
    assert "Sign version 1" in page
    answer = client.post(f"/avtaler/{view.id}/signer/", {"version": "1"}, follow=True)
    assert "You have signed." in text_of(answer)
    stale = client.post(f"/avtaler/{view.id}/signer/", {"version": "2"})
    assert stale.status_code == 409
    assert "is not the one that stands" in text_of(stale)
    left = client.post(f"/avtaler/{view.id}/tre-ut/", {"reason": "Eget"}, follow=True)
    assert "Your notice is recorded." in text_of(left)
    assert "leaves 31 December" in text_of(left)


def test_the_owner_puts_forward_and_settles():
    view = an_agreement()
    a_gain(view.initiative_id)
    all_sign(view)
    client = browser(OWNER)
    early = client.post(f"/avtaler/{view.id}/avregn/", {"year": "2026"})
    assert early.status_code == 422
    with clock.frozen(SETTLING_DAY):
        client = browser(OWNER)
        assert "Settle 2026" in text_of(client.get(f"/avtaler/{view.id}/"))
        done = client.post(f"/avtaler/{view.id}/avregn/", {"year": "2026"}, follow=True)
        assert "The year is settled." in text_of(done)
    assert Settlement.objects.count() == 1


def settled() -> Settlement:
    view = an_agreement()
    item = a_gain(view.initiative_id)
    all_sign(view)
    with clock.frozen(SETTLING_DAY):
        service.report_observation(
            lead(SMALL), item_id=item.id, year=2026, cases=60, value=Decimal(12)
        )
        return service.settle(OWNER, agreement_id=view.id, year=2026)


def test_a_settled_year_and_a_statement_are_read_by_everybody():
    made = settled()
    everybody = browser()
    assert "Avtale om bostøtte" in text_of(everybody.get("/avregning/"))
    assert "Sokndal" in text_of(everybody.get(f"/avregning/{made.id}/"))
    page = text_of(everybody.get(f"/avregning/{made.id}/{SMALL}/oppgjor/"))
    assert "Settlement of 2026: Sokndal" in page
    assert "NOK\xa06,000" in unescape(
        everybody.get(f"/avregning/{made.id}/{SMALL}/oppgjor/").content.decode()
    )
    paper = everybody.get(f"/avregning/{made.id}/{SMALL}/pdf/")
    assert paper.content.startswith(b"%PDF-")
    assert paper["Content-Type"] == "application/pdf"
    table = everybody.get(f"/avregning/{made.id}/{SMALL}/csv/").content.decode()
    assert "gain_realised" in table
    assert everybody.get(f"/avregning/{made.id}/csv/").status_code == 200
    assert everybody.get(f"/avregning/{made.id}/4601/oppgjor/").status_code == 404


PLAN = {
    "name": "Kortere saksbehandling",
    "owner_org_no": HUSBANKEN,
    "owner_title": "Avdelingsdirektør",
    "line_authority": "yes",
    "indicator": "minutes_per_case",
    "package_id": "",
    "step": "case",
    "group": "municipality",
    "effect_from": "2025-07-01",
    "targets": "2026; 1200; 12; 100%\n2027; 1200; 10,5; 50",
    "baseline_value": "22",
    "baseline_from": "2024-01-01",
    "baseline_to": "2024-12-31",
    "baseline_source": "Tidsmåling",
    "baseline_status": "measured",
    "realised_as": "cash",
    "hour_price": "600",
    "hour_price_source": "Sett 2026-1",
}


def test_the_owner_plans_a_gain_and_everybody_reads_it():
    initiative = published()
    answer = browser(OWNER).post(f"/gevinstplan/{initiative.id}/ny/", PLAN, follow=True)
    assert "The gain is in the plan." in text_of(answer)
    assert [str(t.ramp) for t in GainItem.objects.get().targets.order_by("year")] == ["1.0000", "0.5000"]  # fmt: skip
    page = text_of(browser().get(f"/gevinstplan/{initiative.id}/"))
    assert "Avdelingsdirektør" in page
    assert "Every hour in one state" in page
    wrong = browser(OWNER).post(
        f"/gevinstplan/{initiative.id}/ny/", {**PLAN, "effect_from": "2024-06-01"}
    )
    assert wrong.status_code == 422
    assert "The baseline is not measured before the effect begins." in text_of(wrong)


def test_a_lead_reports_and_takes_hours_out():
    initiative = published()
    item = a_gain(initiative.id)
    base = f"/gevinstplan/{initiative.id}/{item.id}"
    with clock.frozen(SETTLING_DAY):
        client = browser(lead(SMALL))
        assert "Our municipality" in text_of(client.get(f"/gevinstplan/{initiative.id}/"))
        client.post(f"{base}/meld/", {"year": "2026", "cases": "60", "value": "12"})
        assert Observation.objects.get().total == 720
        too_many = client.post(f"{base}/ta-ut/", {"year": "2026", "hours": "11"})
        assert too_many.status_code == 422
        assert "10.0 hours are measured" in text_of(too_many)
        client.post(f"{base}/ta-ut/", {"year": "2026", "hours": "7,5"})
    assert TakenOut.objects.get().hours_thousandths == 7500


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_pages_are_norwegian(language: str):
    made = settled()
    client = browser(OWNER, language)
    pages = [
        f"/avtaler/{made.agreement_id}/",
        f"/gevinstplan/{made.agreement.initiative_id}/",
        f"/avregning/{made.id}/{SMALL}/oppgjor/",
        f"/avtaler/ny/{made.agreement.initiative_id}/",
    ]
    for page in pages:
        shown = text_of(client.get(page))
        assert not re.search(r"\b(the|of|by|and|hours|year)\b", shown), page


@pytest.mark.parametrize("actor", [None, KS_COORDINATOR])
def test_those_who_may_not_act_are_turned_away(actor: Actor | None):
    view = an_agreement()
    client = browser(actor)
    for address in (
        f"/avtaler/ny/{view.initiative_id}/",
        f"/gevinstplan/{view.initiative_id}/ny/",
    ):
        assert client.get(address).status_code in {302, 403}
    assert client.post(f"/avtaler/{view.id}/signer/", {"version": "1"}).status_code in {302, 403}


def test_the_owner_ends_an_agreement_and_a_gain():
    view = an_agreement()
    item = a_gain(view.initiative_id)
    client = browser(OWNER)
    assert "Yes, end it" in text_of(client.get(f"/avtaler/{view.id}/"))
    done = client.post(f"/avtaler/{view.id}/avslutt/", follow=True)
    assert "It is ended." in text_of(done)
    gone = client.post(f"/gevinstplan/{view.initiative_id}/{item.id}/avslutt/", follow=True)
    assert "No gain is planned yet" in text_of(gone)
