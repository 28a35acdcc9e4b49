"""Sending a whole application as JSON: once, by who is logged in, with what is missing told at once."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from samspill.cases.models import Application, Case
from samspill.cases.tests.builders import ANSWERS, a_person
from samspill.identity import sessions
from samspill.identity.domain import Claims
from samspill.infra import clock
from samspill.site.api import api

URL = "/api/v1/applications"
TODAY = "2026-08-10"
BODY = {"package": "allotment", "answers": ANSWERS, "declared": ["truth"]}


@pytest.fixture(autouse=True)
def _world(allotment, known):
    import datetime as dt

    with clock.frozen(dt.date.fromisoformat(TODAY)):
        yield


def a_browser(serial: int = 1, **options) -> Client:
    client = Client(**options)
    claims = Claims("https://issuer", f"subject-{serial}", "", "substantial", None, "Kari", ())
    _, token = sessions.begin(
        profile="citizen", person_id=a_person(serial), claims=claims, units=[], id_token=""
    )
    client.cookies["samspill"] = token
    return client


def send(client: Client, body=BODY, key: str | None = "key-1", **headers):
    if key is not None:
        headers["Idempotency-Key"] = key
    return client.post(URL, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.django_db
class TestSend:
    def test_stores_the_application_and_answers_with_the_receipt(self) -> None:
        answer = send(a_browser())
        assert answer.status_code == 201, answer.content
        body = answer.json()
        case = Case.objects.get(id=body["case_id"])
        assert body["receipt_code"] == case.application.receipt_code
        assert (body["package"], body["term"], body["repeated"]) == ("allotment", "2026-08", False)
        assert case.application.answers["shed_size"] == 4

    def test_gives_the_same_receipt_for_the_same_request_again(self) -> None:
        client = a_browser()
        first, second = send(client), send(client)
        assert (first.status_code, second.status_code) == (201, 200)
        assert second.json()["case_id"] == first.json()["case_id"]
        assert second.json()["repeated"] is True
        assert Case.objects.count() == 1

    def test_refuses_the_key_with_another_body(self) -> None:
        client = a_browser()
        send(client)
        answer = send(client, {**BODY, "answers": {**ANSWERS, "fee": 500}})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "key_reused"
        assert Case.objects.count() == 1

    def test_tells_what_is_missing_and_stores_nothing(self) -> None:
        answer = send(a_browser(), {**BODY, "answers": {"has_shed": True}})
        assert answer.status_code == 422
        body = answer.json()
        assert body["error"]["code"] == "incomplete"
        assert "shed_size" in {item["id"] for item in body["missing"]}
        assert all(item["label"] and item["who"] for item in body["missing"])
        assert not Application.objects.exists()

    def test_tells_what_is_wrong(self) -> None:
        answer = send(a_browser(), {**BODY, "answers": {**ANSWERS, "fee": -1}})
        wrong = answer.json()["errors"]
        assert answer.status_code == 422
        assert [(item["path"], item["level"]) for item in wrong] == [("fee", "error")]
        assert wrong[0]["text"]

    def test_refuses_without_the_declaration(self) -> None:
        answer = send(a_browser(), {**BODY, "declared": []})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "not_declared"


@pytest.mark.django_db
class TestRefuses:
    def test_who_is_not_logged_in(self) -> None:
        answer = send(Client())
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "login_required"

    def test_a_session_without_the_csrf_token(self) -> None:
        answer = send(a_browser(enforce_csrf_checks=True))
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "csrf"
        assert not Application.objects.exists()

    def test_a_request_without_a_key(self) -> None:
        answer = send(a_browser(), key=None)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "bad_body"

    @pytest.mark.parametrize(
        ("answers", "status"),
        [
            ({"unheard_of": 1}, 400),
            ({"note": "nul \u0000"}, 400),
            ({"note": "half \ud800"}, 400),
            ({"note": 7}, 422),
            ({"members": {"a": []}}, 422),
            ({"fee": 10**400}, 422),
            ({"members[3].name": "x"}, 400),
            ({"home": {"street": "Elsewhere 1"}}, 403),
        ],
    )
    def test_answers_that_cannot_be_used_in_words(self, answers, status) -> None:
        answer = send(a_browser(), {**BODY, "answers": {**ANSWERS, **answers}})
        assert answer.status_code == status, answer.content
        assert answer.json()["error"]["message"]
        assert not Application.objects.exists()

    def test_a_service_that_is_not_there(self) -> None:
        assert send(a_browser(), {**BODY, "package": str(uuid.uuid4())}).status_code == 404

    def test_a_body_that_is_not_json(self) -> None:
        answer = a_browser().post(
            URL, b"{", content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_request"


def test_is_described_in_openapi() -> None:
    described = api.get_openapi_schema()["paths"]["/api/v1/applications"]["post"]
    assert {"201", "200", "409", "422"} <= {str(code) for code in described["responses"]}
    assert described["security"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in described["parameters"]}
