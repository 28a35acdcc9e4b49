"""The JSON API against its own description: whatever is sent, no fault of ours and no answer it does not promise."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.config import SchemathesisConfig

from samspill.cases.tests.builders import Registers, a_citizen
from samspill.identity.models import Session
from samspill.identity.sessions import hashed
from samspill.infra import clock

EXAMPLES = int(os.environ.get("SAMSPILL_API_EXAMPLES", "60"))
CSRF = "t" * 32
checks.load_all_checks()
PROMISES = [
    checks.not_a_server_error,
    *checks.CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
            "response_headers_conformance",
        ]
    ),
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's transaction: the end of a request is not the end of its connection here."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def description(db: None, allotment: Any, known: Registers) -> Any:
    """The description as the API publishes it, with the application in this process."""
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", get_wsgi_application(), config=SchemathesisConfig()
    )


many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def addresses(description: Any) -> dict[str, Any]:
    return {result.ok().label: result.ok() for result in description.get_all_operations()}


def try_all(
    operation: Any, mode: GenerationMode, check: Callable[[schemathesis.Case], None]
) -> None:
    """Send many requests to one operation, of the described shape or not."""

    @many
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case) -> None:
        check(case)

    run()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_strangers_get_an_answer_that_is_described(description: Any, mode: GenerationMode) -> None:
    found = addresses(description)
    assert len(found) >= 4
    for operation in found.values():
        try_all(operation, mode, lambda case: case.call_and_validate(checks=PROMISES))


QUESTIONS = {
    "kommunenummer": st.sampled_from(["0301", "1108", "9999", "", 301]),
    "husleie_mnd": st.floats() | st.integers() | st.text(max_size=5),
    "andre_voksne": st.integers() | st.none(),
    "barn": st.integers(-3, 40),
    "inntekt_aordning_mnd": st.floats(allow_nan=True),
    "kapitalinntekt_aar": st.lists(st.integers() | st.none(), max_size=3),
    "eieform": st.sampled_from(["leie", "selveier", "telt"]),
}
TERMS = st.sampled_from(["2026-08", "2021-06", "2019-01", "2026-13", "august", "9999-12"])


@many
@given(
    body=st.fixed_dictionaries(
        {"term": TERMS, "input": st.fixed_dictionaries({}, optional=QUESTIONS)}
    )
)
def test_the_rules_answer_every_household_or_say_what_is_wrong(body: dict[str, Any]) -> None:
    """Households near the real ones, with amounts that nobody has."""
    answer = Client().post(
        "/api/v1/packages/bostotte/compute", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in {200, 400, 422}, answer.content[:500]
    told = json.loads(
        answer.content, parse_constant=lambda name: pytest.fail(f"{name} is not JSON")
    )
    if answer.status_code == 200:
        assert 0 <= told["belop_mnd"] < 20_000
    else:
        assert all(told["error"][key] for key in ("code", "message", "remedy")), told


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"input": {}}, "body.term"),
        ({"term": "2026-08", "input": {}, "forklar": True}, "body.forklar"),
    ],
)
def test_what_is_missing_or_unknown_is_named_as_it_was_sent(
    body: dict[str, Any], where: str
) -> None:
    answer = Client().post(
        "/api/v1/packages/bostotte/compute", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == where


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_an_applicant_gets_an_answer_that_is_described(
    description: Any, mode: GenerationMode
) -> None:
    """Logged in, with the form token; half of the bodies are for a service that exists."""
    cookies = logged_in()

    def check(case: schemathesis.Case) -> None:
        if isinstance(case.body, dict) and len(str(case.body)) % 2:
            case.body["package"] = "allotment"
        case.call_and_validate(checks=PROMISES, headers={"X-CSRFToken": CSRF}, cookies=cookies)

    try_all(addresses(description)["POST /api/v1/applications"], mode, check)


def logged_in() -> dict[str, str]:
    token, now = secrets.token_urlsafe(32), clock.now()
    Session.objects.create(
        token_hash=hashed(token), person_id=a_citizen().person_id, profile="citizen", level="high", name="Prøve",
        issuer="test", subject="test", started_at=now, last_seen_at=now,
    )  # fmt: skip
    return {"samspill": token, "csrf": CSRF}
