"""Whatever is posted to a form, by somebody who may: an answer, never a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from samspill.cases.tests.builders import a_citizen, known
from samspill.cases.tests.term_builders import a_caseworker, an_agency, ferry, run_day
from tests.architecture.test_routes import SIGNED, World, browser, routes, world

__all__ = ["ferry", "known", "run_day", "world"]

NAMES = (
    "revision", "key", "text", "reason", "late_reason", "page", "field", "remove", "add_row", "remove_row", "_shown",
    "trips", "account", "home.street", "declared", "document", "code", "number", "items", "event", "step", "unit", "next",
    "language", "outcome", "to", "municipality", "term", "month", "before", "national_id", "package", "island", "fare",
    "q", "amount", "kind", "logout_token", "values", "on",
)  # fmt: skip
VALUES = {
    "a letter": "x", "a minus": "-1", "a number nobody counts to": "9" * 40, "a nil": "\x00", "half a character": "\ud800",
    "markup": "<script>alert(1)</script>", "quotes": "'\"; --", "JSON": '{"a": [1', "a list": '["a"]', "an id": "0" * 32,
    "a page of text": "å" * 5000, "no break": "\r\n\r\n", "a template": "{{ 7 * 7 }}%s%(x)s",
}  # fmt: skip


def people() -> dict[str, Any]:
    return {
        "citizen": a_citizen(), "who writes a draft": a_citizen(5), "municipality": a_caseworker(),
        "leader": a_caseworker(serial=905), "agency": an_agency(),
    }  # fmt: skip


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_no_form_falls_over_whatever_is_posted(world: World, value: str) -> None:
    fell = []
    posted = {name: value.encode("utf-8", "surrogatepass") for name in NAMES}
    for who, actor in people().items():
        client = browser(actor)
        client.raise_request_exception = False
        for route in routes():
            if route.name in SIGNED | {"logout"}:
                continue
            files = {
                "files": SimpleUploadedFile("a\x00.pdf", b"%PDF-1.7"),
                "file-0": SimpleUploadedFile("b.exe", b"MZ"),
            }
            answer = client.post(route.address(world.values), {**posted, **files})
            if answer.status_code >= 500 and answer.status_code != 503:
                fell.append(f"{who}: POST {route.name} → {answer.status_code}")
    assert fell == []


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_no_page_falls_over_whatever_is_asked(world: World, value: str) -> None:
    fell = []
    query = {name: value.encode("utf-8", "surrogatepass") for name in (*NAMES, *FILTERS)}
    for who, actor in {**people(), "nobody": None}.items():
        client = browser(actor)
        client.raise_request_exception = False
        for route in routes():
            answer = client.get(route.address(world.values), query)
            if answer.status_code >= 500 and answer.status_code != 503:
                fell.append(f"{who}: GET {route.name} → {answer.status_code}")
    assert fell == []


FILTERS = ("etter", "fra", "tjeneste", "tilstand", "oppgave", "alder", "kanal", "venter", "gjort", "fra_dag", "side", "nivaa", "som",
           "state", "iss", "sid", "code", "on", "kommune", "siden", "endre", "mangler")  # fmt: skip
