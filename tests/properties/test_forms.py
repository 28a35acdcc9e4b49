"""Whatever is posted to a form, by somebody who may: an answer, never a fault of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samspill.cases.tests.builders import a_citizen, known
from samspill.cases.tests.term_builders import (
    a_caseworker,
    an_agency,
    an_employee,
    ferry,
    run_day,
)
from samspill.identity.service import rule_of
from tests.architecture.test_routes import SIGNED, World, browser, world
from tests.routes import Route, routes

__all__ = ["ferry", "known", "run_day", "world"]

NAMES = (
    "revision", "key", "text", "reason", "late_reason", "page", "field", "remove", "add_row", "remove_row", "_shown",
    "trips", "account", "home.street", "declared", "document", "code", "number", "items", "event", "step", "unit", "next",
    "language", "outcome", "to", "municipality", "term", "month", "before", "national_id", "package", "island", "fare",
    "q", "amount", "kind", "logout_token", "values", "on", "etter", "fra", "tjeneste",
    "tilstand", "oppgave", "alder", "kanal", "venter", "gjort", "side", "nivaa", "som", "state", "iss", "sid", "kommune",
    "siden", "endre", "mangler", "mine", "forfalt",
)  # fmt: skip
VALUES = {
    "letters": "x'\"; -- {{ 7 * 7 }}%s%(x)s<script>", "a number nobody counts to": "9" * 40, "a nil": "a\x00b",
    "half a character": "\ud800", "JSON": '{"a": [1, {"b": -1}]}', "a page of text": "å\r\n" * 400,
}  # fmt: skip


FAULTS = {500, 501, 502, 504}
ENDING = {"application-discard", "application-send", "my-case-stop"}
"""These come last: after them there is less to try."""


DECIDING = ("initiative_owner", "ks_coordinator", "municipal_lead", "ministry", "secretariat")


def people() -> dict[str, Any]:
    return {
        "citizen": a_citizen(), "who writes a draft": a_citizen(5), "municipality": a_caseworker(),
        "leader": an_employee("municipality_leader", serial=905), "agency": an_agency(),
        "cleared": an_employee("protected_caseworker", serial=906),
        **{role: an_employee(role, serial=910 + at) for at, role in enumerate(DECIDING)},
    }  # fmt: skip


def those_who_may(route: Route, everybody: dict[str, Any]) -> list[str]:
    """Give whom the rule lets in: of citizens both, of employees the first; to an open page the first of all.

    Others are turned away before anything is read of what they sent (`tests/architecture`, `tests/matrix`).
    """
    rule = rule_of(route.view)
    assert rule is not None
    if rule.is_open:
        return ["citizen"]
    roles = {who: {actor.kind, *actor.roles} for who, actor in everybody.items()}
    allowed = [who for who, has in roles.items() if has & rule.roles]
    citizens = [who for who in allowed if everybody[who].kind == "citizen"]
    return [*citizens, *[who for who in allowed if who not in citizens][:1]]


def encoded(fields: dict[str, str]) -> str:
    """As a browser (or somebody who is none) encodes a form; what is no text comes as bytes that are none."""
    return urlencode(
        {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
    )


def post(client: Client, address: str, fields: dict[str, str]) -> Any:
    return client.post(address, encoded(fields), content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_nothing_falls_over_whatever_is_asked_and_posted(world: World, value: str) -> None:
    fell = []
    sent = dict.fromkeys(NAMES, value)
    query = encoded(dict.fromkeys(NAMES, value[:200]))
    everybody = people()
    clients = {who: browser(actor) for who, actor in everybody.items()}
    for route in sorted(routes(), key=lambda route: route.name in ENDING):
        if route.name in SIGNED | {"logout"}:
            continue
        address = route.address(world.values)
        for who in those_who_may(route, everybody):
            client = clients[who]
            client.raise_request_exception = False
            answers = {"GET": client.get(f"{address}?{query}"), "POST": post(client, address, sent)}
            fell += [
                f"{who}: {method} {route.name} → {answer.status_code}"
                for method, answer in answers.items()
                if answer.status_code in FAULTS
            ]
    assert fell == []


@pytest.mark.django_db
def test_each_closed_page_is_tried_by_somebody() -> None:
    everybody = people()
    alone = [route.name for route in routes() if not those_who_may(route, everybody)]
    assert set(alone) <= SIGNED  # machines: tests of their own


def test_no_file_falls_over(world: World) -> None:
    client = browser(a_citizen())
    client.raise_request_exception = False
    address = f"/min-side/sak/{world.values['case_id']}/vedlegg/"
    for name, content in (
        ("a\x00.pdf", b"%PDF-1.7"),
        ("b.exe", b"MZ"),
        ("../../c.png", b"\x89PNG"),
        ("d.jpg", b""),
        ("é" * 300, b"%PDF-"),
    ):
        file = SimpleUploadedFile(name, content)
        for document in ("tickets", "unknown", "tickets\x00", ""):
            assert (
                client.post(address, {"files": file, "document": document}).status_code
                not in FAULTS
            ), (name, document)


def test_a_draft_takes_nothing_it_cannot_keep(world: World) -> None:
    """The fields themselves: what cannot be stored is said beside the field, and the page comes back."""
    client = browser(a_citizen(5))
    client.raise_request_exception = False
    page = f"/soknad/{world.values['draft_id']}/side/travel/"
    for value in VALUES.values():
        for name in ("trips", "account", "home.street", "ticket", "unknown[0].x"):
            for revision in ("1", "x", "", "-5", "9" * 30):
                posted = {"_shown": name, name: value, "revision": revision, "remove": "x"}
                assert post(client, page, posted).status_code not in FAULTS, (
                    name,
                    value[:20],
                    revision,
                )
