"""The citizen sees who has looked, says that it looks wrong, is answered, and takes a receipt home."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import attrs
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from samspill.cases.tests.builders import SANDNES, STAVANGER, Registers, a_citizen, known
from samspill.cases.tests.term_builders import a_caseworker
from samspill.infra import access_log, clock, looks
from samspill.infra.models import AccessEntry
from samspill.infra.proof import offline, sealing
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError
from samspill.mandates.models import Grant
from tests.architecture.test_routes import browser

__all__ = ["known"]
pytestmark = pytest.mark.django_db
ORGANISATIONS = {SANDNES: "964965137", STAVANGER: "964965226"}


@pytest.fixture(autouse=True)
def _keys(settings: Any, tmp_path: Any, known: Registers) -> None:
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "keys"}


def employed(
    role: str = "municipality_caseworker", serial: int = 810, number: str = SANDNES
) -> Actor:
    org_no = ORGANISATIONS[number]
    employee = a_caseworker(number=number, serial=serial)
    return attrs.evolve(employee, roles=frozenset({role}), org_no=org_no)


def looked(actor: Actor | None = None, **changes: Any) -> int:
    """Somebody looks at citizen 1's data; the entry's number."""
    told = {"action": "read", "purpose": "handle the case", "subject_id": a_citizen().person_id}
    access_log.record(actor=actor or employed(), **{**told, **changes})
    return AccessEntry.objects.latest("id").id


def page(client: Client, address: str = "/min-side/innsyn/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:300]
    return answer.content.decode()


def test_the_person_sees_organisation_role_purpose_what_and_when():
    looked()
    looked(
        system("term"), action="lookup", purpose="Finne kommunen", legal_basis="bustøttelova § 8"
    )
    shown = page(browser(a_citizen()))
    for text in ("Sandnes kommune", "saksbehandler", "Behandle saken", "Leste", "Samspill, automatisk",
                 "Slo opp i et register", "Finne kommunen", "bustøttelova § 8"):  # fmt: skip
        assert text in shown


def test_refused_looks_are_shown_and_ones_own_only_when_asked_for():
    looked(outcome="deny")
    looked(a_citizen(), purpose="show my case")
    client = browser(a_citizen())
    assert "Ble nektet" in page(client)
    assert "Vise saken" not in page(client)
    assert "Vise saken" in page(client, "/min-side/innsyn/?egne=1")


def test_who_reads_and_writes_by_turns_fills_two_lines():
    for _ in range(4):
        looked(purpose="write an application")
        looked(purpose="write an application", action="write")
    found, _more = looks.looks_at(a_citizen())
    assert [(one.action, one.count) for one in found] == [("write", 4), ("read", 4)]
    assert found[0].since <= found[0].at


def test_who_has_had_a_mandate_is_named_to_the_giver_and_to_no_other():
    agent = a_citizen(2)
    Grant.objects.create(
        id=new_id(), kind="fullmakt", grantor_id=a_citizen().person_id, grantee_id=agent.person_id,
        grantee_name="Kari Prøve2", scopes=["husbanken:bostoette"], level="read", channel="web",
        created_at=clock.now(), revoked_at=clock.now(), revoke_reason="withdrawn",
    )  # fmt: skip
    looked(agent, purpose="write an application")
    looked(a_citizen(3), purpose="write an application")
    shown = page(browser(a_citizen()))
    assert "Kari Prøve2, som har hatt fullmakt fra deg" in shown
    assert "En annen person" in shown
    assert "Skrive en søknad" in shown


def test_looks_that_are_alike_are_one_line_and_a_long_list_has_pages():
    for _ in range(3):
        looked()
    found, more = looks.looks_at(a_citizen())
    assert ([one.count for one in found], more) == ([3], None)
    looks.report(a_citizen(), entry_id=found[0].id - 1, text="Feil", protected=False)
    assert [one.count for one in looks.looks_at(a_citizen())[0]] == [2, 1], "a reported one is seen"
    for n in range(looks.PAGE + 5):
        looked(case_id=uuid.UUID(int=n))
    first, more = looks.looks_at(a_citizen())
    rest, end = looks.looks_at(a_citizen(), before=more)
    assert sum(one.count for one in first) == looks.PAGE
    assert (sum(one.count for one in rest), end) == (8, None)


def test_reading_the_page_is_itself_in_the_log():
    looked()
    before = AccessEntry.objects.count()
    page(browser(a_citizen()))
    assert AccessEntry.objects.filter(purpose="see who has looked").count() == 1
    assert AccessEntry.objects.count() > before


@pytest.mark.parametrize("why", ["fortrolig", "strengtFortrolig", "register down"])
def test_a_protected_person_sees_the_organisation_only(known: Registers, why: str):
    if why == "register down":
        known.down.add("folkeregisteret.person")
    else:
        known.know(1, protection=why)
    number = looked()
    sealing.seal_all()
    client = browser(a_citizen())
    for address in ("/min-side/innsyn/", f"/min-side/innsyn/{number}/"):
        shown = page(client, address)
        assert "Sandnes kommune" in shown
        assert "saksbehandler" not in shown
    given = client.get(f"/min-side/innsyn/{number}/kvittering.json").json()
    assert set(given["event"]["parts"]) == {"what"}
    assert offline.check_receipt(given)["ok"]


def test_anothers_line_is_not_there():
    number = looked(subject_id=a_citizen(2).person_id)
    client = browser(a_citizen())
    for address in (f"/min-side/innsyn/{number}/", f"/min-side/innsyn/{number}/kvittering.json"):
        assert client.get(address).status_code == 404
    assert client.post(f"/min-side/innsyn/{number}/", {"text": "Feil"}).status_code == 404
    denied = AccessEntry.objects.filter(outcome="deny", purpose="see one look")
    assert denied.count() == 3


def test_the_receipt_is_given_when_it_is_sealed_and_holds_without_us():
    employee = employed()
    number = looked(employee, fields=("income", "address"))
    client = browser(a_citizen())
    address = f"/min-side/innsyn/{number}/kvittering.json"
    assert client.get(address).status_code == 409
    sealing.seal_all()
    answer = client.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="samspill-logg-{number}.json"'
    given = answer.json()
    assert offline.check_receipt(given)["event"] == number
    assert given["event"]["parts"]["what"]["fields"] == ["address", "income"]
    assert str(employee.person_id) not in json.dumps(given)


def test_a_report_is_answered_by_the_leader_and_the_answer_comes_back():
    number = looked()
    client, leader = browser(a_citizen()), employed("municipality_leader", 811)
    line = f"/min-side/innsyn/{number}/"
    assert client.post(line, {"text": "  "}).status_code == 422
    assert client.post(line, {"text": "Jeg kjenner ikke Sandnes."}).status_code == 302
    assert "Ikke besvart ennå" in page(client, line)
    assert "kjenner ikke" in page(browser(leader), "/arbeid/innsyn/")
    report = looks.reports_to(leader)[0]
    answering = f"/arbeid/innsyn/{report.id}/"
    assert browser(leader).post(answering, {"text": ""}).status_code == 422
    assert browser(leader).post(answering, {"text": "Vi rettet det."}).status_code == 302
    assert "Vi rettet det." in page(client, line)
    again = browser(leader).post(answering, {"text": "Noe annet"})
    assert (again.status_code, looks.reports_of(a_citizen())[number].answer) == (
        422,
        "Vi rettet det.",
    )
    assert AccessEntry.objects.filter(purpose="read reports of looks").exists()


def test_a_second_report_changes_nothing():
    number = looked()
    first = looks.report(a_citizen(), entry_id=number, text="Feil", protected=False)
    again = looks.report(a_citizen(), entry_id=number, text="Noe annet", protected=True)
    assert again == first


def test_who_may_answer():
    normal, automatic, hidden = looked(), looked(system("x")), looked(purpose="other")
    for number in (normal, automatic):
        looks.report(a_citizen(), entry_id=number, text="Feil", protected=False)
    looks.report(a_citizen(), entry_id=hidden, text="Feil", protected=True)

    def sees(actor: Actor) -> set[int]:
        assert looks.waiting(actor) == len(looks.reports_to(actor))
        return {one.entry_id for one in looks.reports_to(actor)}

    assert sees(employed("municipality_leader", 811)) == {normal}
    assert sees(employed("protected_caseworker", 812)) == {hidden}
    assert sees(attrs.evolve(employed("secretariat", 813), municipality_id=None)) == {automatic}
    assert sees(employed("municipality_leader", 811, STAVANGER)) == set()
    assert sees(employed("municipality_caseworker", 814)) == set()
    assert sees(employed("municipality_leader", 810)) == set(), "nobody answers for their own look"
    own = attrs.evolve(employed("municipality_leader"), person_id=a_citizen().person_id)
    assert sees(own) == set(), "nor about themselves"
    report = looks.reports_to(employed("municipality_leader", 811))[0]
    with pytest.raises(RefusedError, match="not_found"):
        looks.answer(
            employed("municipality_leader", 811, STAVANGER), report_id=report.id, text="Nei"
        )


def test_the_page_of_the_log_is_for_everybody_and_tells_of_nobody():
    looked()
    assert "Ingenting er forseglet" in page(Client(), "/logg/")
    sealing.seal_all()
    shown = page(Client(), "/logg/")
    assert sealing.last().short_root in shown
    assert str(a_citizen().person_id) not in shown
    given = re.search(r'href="/static/(site/verify_log[^"]*)" download="verify_log.py"', shown)
    assert given, "the program can be had where it is told of"
    script = Path(__file__).resolve().parents[2] / "scripts" / "verify_log.py"
    assert Path(str(finders.find(given[1]))).read_bytes() == script.read_bytes()
    for language, title in (("nn", "Loggen som alle"), ("en", "The log that anyone can check")):
        client = Client()
        client.cookies["sprak"] = language
        assert title in page(client, "/logg/")
