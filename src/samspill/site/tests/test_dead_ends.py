"""Where a page leads no further: telephone, counter and the form on paper stand there, and it is counted."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client, RequestFactory

from samspill.cases.tests.builders import a_citizen, known
from samspill.cases.tests.term_builders import a_caseworker, ferry, run_day
from samspill.infra import clock, dead_ends
from samspill.infra.models import DeadEnd
from samspill.packages.service import Package
from samspill.site import blank_forms, pages
from samspill.site.tests.test_privacy_pages import browser

__all__ = ["ferry", "known", "run_day"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/finnes-ikke/", "/uten-e-id/"])
def test_shows_telephone_counter_and_form(ferry: Package, address: str):
    shown = browser().get(address).content.decode()
    for word in ("tel:", ferry.service.contact["phone"], "counter of the municipality", "/skjema/ferry.pdf"):  # fmt: skip
        assert word in shown


def test_what_is_anothers_shows_them_too_and_is_counted(ferry: Package):
    client = browser(a_citizen(1))
    shown = client.get("/min-side/sak/0b8f6f0e-6f0e-4f0e-8f0e-0b8f6f0e6f0e/")
    assert shown.status_code == 404
    assert "/skjema/ferry.pdf" in shown.content.decode()
    assert [one.kind for one in dead_ends.table()] == ["page_404"]


def test_what_is_counted_is_day_kind_and_number(ferry: Package):
    for _ in range(3):
        Client().get("/finnes-ikke/")
    with clock.frozen(clock.now() + dt.timedelta(days=40)):
        Client().get("/finnes-ikke/")
        assert [(one.kind, one.lately, one.in_all) for one in dead_ends.table()] == [("page_404", 1, 4)]  # fmt: skip
    assert {field.name for field in DeadEnd._meta.fields} == {"id", "day", "kind", "count"}


def test_employees_are_not_counted(ferry: Package):
    dead_ends.count("page_404", actor=a_caseworker())
    assert dead_ends.table() == []


def test_the_owner_sees_how_many(ferry: Package):
    import attrs

    Client().get("/finnes-ikke/")
    leader = attrs.evolve(a_caseworker(), roles=frozenset({"municipality_leader"}))
    assert "A page that is not there" in browser(leader).get("/arbeid/stoppet/").content.decode()
    assert browser(a_citizen(1)).get("/arbeid/stoppet/").status_code != 200


def test_the_page_of_a_fault_remembers_them_without_a_database(
    ferry: Package, django_assert_num_queries: object
):
    blank_forms.ways()
    with django_assert_num_queries(0):  # type: ignore[operator]
        shown = pages.server_error(RequestFactory().get("/"))
    assert "/skjema/ferry.pdf" in shown.content.decode()


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_form_on_paper_is_made_from_the_service(ferry: Package, language: str):
    found = browser(None, language).get("/skjema/ferry.pdf")
    assert found["Content-Type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")
    assert b"pdfaid" in found.content
    assert browser().get("/skjema/unknown.pdf").status_code == 404
