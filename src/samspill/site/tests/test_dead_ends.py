"""Where a page leads no further: telephone, counter and the form on paper stand there, and it is counted."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from django.test import Client, RequestFactory

from samspill.cases import service as cases
from samspill.cases.models import Draft
from samspill.cases.tests.builders import Registers, a_citizen, known
from samspill.cases.tests.term_builders import a_caseworker, ferry, run_day
from samspill.infra import clock, dead_ends
from samspill.infra.models import DeadEnd, Event
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
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
    Client().get("/finnes-ikke/")
    leader = attrs.evolve(a_caseworker(), roles=frozenset({"municipality_leader"}))
    assert "A page that is not there" in browser(leader).get("/arbeid/stoppet/").content.decode()
    assert browser(a_citizen(1)).get("/arbeid/stoppet/").status_code != 200


def test_few_with_a_protected_address_are_not_told_apart(ferry: Package):
    leader = attrs.evolve(a_caseworker(), roles=frozenset({"municipality_leader"}))
    for _ in range(4):
        dead_ends.count("safe_contact", actor=a_citizen(1))
    few = browser(leader).get("/arbeid/stoppet/").content.decode()
    assert few.count("&lt; 5") == 2
    dead_ends.count("safe_contact", actor=a_citizen(1))
    assert "&lt; 5" not in browser(leader).get("/arbeid/stoppet/").content.decode()


def test_the_page_of_a_fault_remembers_them_without_a_database(
    ferry: Package, django_assert_num_queries: object
):
    blank_forms.ways()
    with django_assert_num_queries(0):  # type: ignore[operator]
        shown = pages.server_error(RequestFactory().get("/"))
    assert "/skjema/ferry.pdf" in shown.content.decode()


def tells(actor: Actor, **changes: object) -> None:
    told = {
        "phone": "73 00 00 00",
        "address": "Munkegata 1, 7011 Trondheim",
        "hours": "9–15",
        "valid_from": None,
    }
    municipalities.set_contact(actor, **{**told, **changes})  # type: ignore[arg-type]


def test_a_municipality_tells_how_it_is_reached_and_the_box_shows_it(ferry: Package):
    lead = a_caseworker()
    lead = attrs.evolve(lead, roles=frozenset({"municipal_lead"}))
    assert lead.municipality_id is not None
    here = municipalities.by_id(lead.municipality_id)
    assert here is not None
    before = browser().get(f"/uten-e-id/?kommune={here.name}").content.decode()
    assert "has not told its visiting address" in before
    client = browser(lead)
    bad = client.post("/arbeid/kommunen/", {"phone": "ring oss", "address": "Munkegata 1, 7011"})
    assert bad.status_code == 422
    assert "This is not a telephone number." in bad.content.decode()
    typed = {"phone": "73 00 00 00", "address": "Munkegata 1, 7011 Trondheim", "hours": "9–15"}
    done = client.post("/arbeid/kommunen/", typed, follow=True).content.decode()
    assert "It is stored." in done
    for wanted in (here.name, f"{here.name} kommune", here.number):
        shown = browser().get("/uten-e-id/", {"kommune": wanted}).content.decode()
        assert 'href="tel:73000000"' in shown
        assert "Munkegata 1, 7011 Trondheim" in shown
    unknown = browser().get("/uten-e-id/?kommune=<b>Atlantis").content.decode()
    assert "We know no municipality called &lt;b&gt;Atlantis" in unknown


def test_what_is_told_for_a_later_day_counts_from_that_day(ferry: Package):
    lead = attrs.evolve(a_caseworker(), roles=frozenset({"municipality_leader"}))
    assert lead.municipality_id is not None
    today = clock.today()
    tells(lead)
    tells(lead)  # told twice is told once
    tells(lead, phone="74 00 00 00", valid_from=today + dt.timedelta(days=10))
    tells(lead, phone="75 00 00 00", valid_from=today + dt.timedelta(days=5))
    assert [one.phone for one in municipalities.planned(lead.municipality_id)] == ["75 00 00 00"]
    for days, phone in (
        (0, "73 00 00 00"),
        (4, "73 00 00 00"),
        (5, "75 00 00 00"),
        (30, "75 00 00 00"),
    ):
        found = municipalities.contact(lead.municipality_id, on=today + dt.timedelta(days=days))
        assert found is not None
        assert found.phone == phone
    assert Event.objects.filter(type="ContactSet").count() == 3
    for wrong, where in (({"valid_from": today - dt.timedelta(days=1)}, "valid_from"), ({"address": "Her"}, "address"),
                         ({"hours": "x" * 301}, "hours")):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            tells(lead, **wrong)
        assert refused.value.refused.where == where
    with pytest.raises(RefusedError):
        tells(a_caseworker())


@pytest.mark.parametrize(
    ("grade", "shown"), [("ugradert", True), ("fortrolig", False), ("unknown", False)]
)
def test_a_citizen_is_shown_the_counter_of_the_own_application_but_never_of_a_hidden_one(
    ferry: Package, known: Registers, grade: str, shown: bool
):
    lead = attrs.evolve(a_caseworker(), roles=frozenset({"municipal_lead"}))
    tells(lead)
    me = a_citizen(1)
    cases.start_draft(me, package_id="ferry")
    Draft.objects.update(municipality_id=lead.municipality_id, protection=grade)
    page = browser(me).get("/finnes-ikke/").content.decode()
    assert ("Munkegata 1" in page) is shown
    assert ("Which municipality will you reach?" in page) is not shown


def test_a_login_that_is_too_weak_shows_the_way_on_and_is_counted(ferry: Package):
    shown = browser(a_citizen(1)).get("/logg-inn/?som=citizen&nivaa=high").content.decode()
    assert "/skjema/ferry.pdf" in shown
    Client().get("/uten-e-id/")
    Client().get("/uten-e-id/?kommune=Bergen")
    assert {one.kind: one.in_all for one in dead_ends.table()} == {"login_level": 1, "no_e_id": 1}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_form_on_paper_is_made_from_the_service(ferry: Package, language: str):
    found = browser(None, language).get("/skjema/ferry.pdf")
    assert found["Content-Type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")
    assert b"pdfaid" in found.content
    assert browser().get("/skjema/unknown.pdf").status_code == 404
