"""The employees' pages, through real sessions: what they show, what they do, and what they never tell."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver

import samspill
from samspill.cases.models import (
    Case,
    InformationRequest,
    Message,
    TermRun,
)
from samspill.cases.service import hearing
from samspill.cases.service.values import RequestView
from samspill.cases.tests.builders import STAVANGER, a_number, a_person
from samspill.cases.tests.staff_web import a_browser, a_citizens_browser, a_task, text_of
from samspill.cases.tests.term_builders import a_case, municipality_id
from samspill.cases.web import asked_fields
from samspill.infra import clock
from samspill.packages import service as packages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_day", "ferry")]


@pytest.fixture
def kommune() -> Client:
    return a_browser("municipality_caseworker")


@pytest.fixture
def etat() -> Client:
    return a_browser("agency_caseworker", serial=901)


def address(case: Case, more: str = "") -> str:
    return f"/arbeid/sak/{case.id}/{more}"


def waiting(ferry, known=None, **changes) -> Case:
    return a_case(ferry, known, **{"state": "submitted", "amended": {}, **changes})


def shown(path: str, value: object, **more: object) -> dict[str, object]:
    """Give what a task's form posts for one field."""
    return {"_shown": path, path: value, "_before": json.dumps({path: None}), **more}


class TestWorkList:
    def test_tells_in_words_why_a_case_waits_and_until_when(self, ferry, kommune) -> None:
        case = waiting(ferry, due_on=dt.date(2026, 9, 1))
        a_task(case)
        text = text_of(kommune.get("/arbeid/"))
        assert case.application.receipt_code in text
        assert ferry.text("state.submitted.label", "en") in text
        assert ferry.text("task.island.label", "en") in text
        assert "1.9.2026 Late" in text

    def test_tells_that_the_applicant_has_written_until_somebody_answers(
        self, ferry, kommune
    ) -> None:
        case, told = waiting(ferry), "Message not answered"
        assert told not in text_of(kommune.get("/arbeid/"))
        a_citizens_browser(1).post(f"/min-side/sak/{case.id}/melding/", {"text": "Hei", "key": "m"})
        kommune.get(address(case))
        assert told in text_of(kommune.get("/arbeid/"))
        kommune.post(address(case, "melding/"), {"text": "Hei!", "key": "n"})
        assert told not in text_of(kommune.get("/arbeid/"))

    def test_is_empty_with_words_when_nothing_waits(self, kommune) -> None:
        assert "Nothing waits for you" in text_of(kommune.get("/arbeid/"))

    def test_shows_no_other_municipality_and_no_protected_person(self, ferry, kommune) -> None:
        hidden = [
            waiting(ferry, number=STAVANGER),
            waiting(ferry, serial=2, protection="strengtFortrolig"),
        ]
        text = text_of(kommune.get("/arbeid/"))
        assert [c for c in hidden if c.application.receipt_code in text] == []
        assert [kommune.get(address(c)).status_code for c in hidden] == [404, 404]

    def test_leafs_forwards_and_back_without_losing_a_case(self, ferry, kommune) -> None:
        codes = [waiting(ferry, serial=n).application.receipt_code for n in range(1, 61)]
        seen, url, pages = [], "/arbeid/?kanal=digital", []
        while url:
            body = kommune.get(url).content.decode()
            pages.append(url)
            seen += [code for code in codes if code in body]
            found = re.search(r'href="([^"]+)"\s+rel="next"', body)
            url = found[1].replace("&amp;", "&") if found else ""
        assert len(pages) == 3
        assert sorted(seen) == sorted(codes)
        for here, before in ((pages[2], pages[1]), (pages[1], pages[0])):
            body = kommune.get(here).content.decode()
            back = re.search(r'href="([^"]+)"\s+rel="prev"', body)[1].replace("&amp;", "&")
            assert listed(kommune, back, codes) == listed(kommune, before, codes)

    def test_filters_by_task_state_channel_and_age(self, ferry, kommune) -> None:
        plain = waiting(ferry).application.receipt_code
        other = waiting(ferry, serial=2, channel="paper", submitted=dt.date(2026, 9, 9))
        a_task(other)
        asked = waiting(ferry, serial=3, state="asked").application.receipt_code
        code = other.application.receipt_code
        found = {
            query: {
                c
                for c in (plain, code, asked)
                if c in kommune.get(f"/arbeid/?{query}").content.decode()
            }
            for query in (
                "oppgave=island",
                "kanal=paper",
                "alder=14",
                "tilstand=asked",
                "tilstand=x",
            )
        }
        assert found == {
            "oppgave=island": {code},
            "kanal=paper": {code},
            "alder=14": {plain},
            "tilstand=asked": {asked},
            "tilstand=x": {plain, code},
        }

    def test_finds_a_case_by_a_number_that_is_posted(self, ferry, kommune) -> None:
        case = waiting(ferry)
        found = kommune.post("/arbeid/finn/", {"number": case.application.receipt_code.lower()})
        assert found["Location"] == address(case)
        missed = kommune.post("/arbeid/finn/", {"number": "Kari Prøve"})
        assert missed.status_code == 422
        assert "no case with this number" in text_of(missed)


def listed(browser: Client, url: str, codes: list[str]) -> list[str]:
    body = browser.get(url).content.decode()
    return [code for code in codes if code in body]


class TestWhoMayCome:
    def test_nobody_comes_in_without_the_role(self) -> None:
        """Every address of the employees, for nobody, for a citizen, and for the other side."""
        guest, citizen = Client(), a_citizens_browser()
        for route in staff_routes():
            assert guest.get(route)["Location"].startswith("/logg-inn/"), route
            assert citizen.get(route).status_code == 403, route
        counter = a_browser("counter", serial=905)
        assert counter.get("/arbeid/").status_code == 200
        assert counter.get("/etat/").status_code == 403
        assert counter.get("/gevinst/").status_code == 403

    def test_another_agency_does_not_see_the_run(self, ferry, known) -> None:
        a_case(ferry, known)
        stranger = a_browser("agency_leader", serial=906, org_no="889640782")
        assert stranger.get("/etat/terminer/ferry/2026-08/").status_code == 404
        assert stranger.post("/etat/terminer/ferry/2026-08/kjor/").status_code == 404
        assert not TermRun.objects.exists()


def staff_routes() -> list[str]:
    given = {"uuid": str(uuid.uuid4()), "slug": "ferry", "str": "2026-08"}
    found = []
    for pattern in get_resolver().url_patterns:
        for entry in getattr(pattern, "url_patterns", [pattern]):
            route = str(entry.pattern)
            if route.startswith(("arbeid/", "etat/", "gevinst/")):
                found.append("/" + re.sub(r"<(\w+):\w+>", lambda m: given[m[1]], route))
    assert len(found) > 25
    return found


class TestCase:
    def test_lays_answers_beside_registers_and_sums_up_what_differs(
        self, ferry, known, kommune
    ) -> None:
        home = {"street": "Havnegata 9", "postal_code": "4306", "city": "Sandnes"}
        case = waiting(ferry, known, answers={"home": home})
        text = text_of(kommune.get(address(case)))
        assert "One answer is another than the register's" in text
        assert "Havnegata 9" in text
        assert "Storgata 1" in text

    def test_never_shows_a_protected_address(self, ferry, known, kommune) -> None:
        home = {"street": "Havnegata 9", "postal_code": "4306", "city": "Sandnes"}
        case = waiting(ferry, known, protection="fortrolig", answers={"home": home})
        a_task(case)
        page = kommune.get(address(case))
        assert "The address is protected" in text_of(page)
        assert "Havnegata" not in page.content.decode()
        assert "Storgata" not in page.content.decode()

    def test_hides_what_only_the_agency_may_see(self, ferry, known, kommune, etat) -> None:
        case = a_case(ferry, known)
        account = "8601 11 17947"
        assert account in text_of(etat.get(address(case)))
        assert account not in text_of(kommune.get(address(case)))

    def test_stands_in_a_url_without_names(self, ferry, kommune) -> None:
        case = waiting(ferry)
        page = kommune.get(address(case)).content.decode()
        links = " ".join(re.findall(r'(?:href|action)="([^"]+)"', page))
        assert "Kari" not in links
        assert a_number(1).value not in page

    def test_is_taken_and_let_go(self, ferry, kommune) -> None:
        case = waiting(ferry)
        kommune.post(address(case, "ta/"))
        case.refresh_from_db()
        assert case.handler_id == a_person(900)
        assert "Yours" in text_of(kommune.get("/arbeid/?mine=1"))
        kommune.post(address(case, "ta/"), {"release": "1"})
        case.refresh_from_db()
        assert case.handler_id is None

    def test_tells_what_happened_by_role(self, ferry, kommune) -> None:
        case = waiting(ferry)
        kommune.get(address(case))
        text = text_of(kommune.get(address(case)))
        assert "The case was opened (caseworker in the municipality)" in text

    def test_folds_the_openings_of_a_day_and_keeps_each_time(self, ferry, kommune) -> None:
        case = waiting(ferry)
        for at in ("08:05", "09:10", "10:15"):
            with clock.frozen(dt.datetime.fromisoformat(f"2026-08-18T{at}+00:00")):
                kommune.get(address(case))
                text = text_of(kommune.get(address(case)))
        assert text.count("The case was opened (caseworker in the municipality)") == 1
        assert "times this day" in text
        assert all(time in text for time in ("10:05", "11:10"))


class TestTasks:
    def test_is_judged_with_its_fields(self, ferry, known, kommune) -> None:
        case = waiting(ferry, known)
        task = a_task(case)
        done = kommune.post(
            address(case, f"oppgave/{task.id}/"), shown("island", "true", revision=case.revision)
        )
        assert done["Location"] == address(case) + "?gjort=task"
        case.refresh_from_db()
        task.refresh_from_db()
        assert (case.amended, task.state) == ({"island": True}, "done")
        assert "One task is done" in text_of(kommune.get(done["Location"]))

    def test_says_at_the_field_what_is_missing(self, ferry, kommune) -> None:
        case = waiting(ferry)
        task = a_task(case)
        page = kommune.post(
            address(case, f"oppgave/{task.id}/"), shown("island", "", revision=case.revision)
        )
        assert page.status_code == 422
        assert f"{ferry.text('field.island.label', 'en')}: Fill in this field." in text_of(page)
        task.refresh_from_db()
        assert task.state == "open"

    def test_shows_both_values_when_two_edit_at_once(self, ferry, kommune) -> None:
        case = waiting(ferry)
        task = a_task(case)
        mine = shown("island", "false", revision=case.revision)
        a_browser("municipality_leader", serial=907).post(
            address(case, "endre/"),
            shown("island", "true", revision=case.revision, reason="From the map"),
        )
        clash = kommune.post(address(case, f"oppgave/{task.id}/"), mine)
        assert clash.status_code == 409
        text = text_of(clash)
        label = ferry.text("field.island.label", "en")
        assert f"{label} Not answered Yes No" in text
        assert "leader in the municipality" in text
        case.refresh_from_db()
        assert case.amended == {"island": True}
        kommune.post(
            address(case, f"oppgave/{task.id}/"),
            {**mine, "revision": case.revision, "_before": json.dumps({"island": True})},
        )
        case.refresh_from_db()
        assert case.amended == {"island": False}

    def test_of_another_role_is_told_and_not_drawn(self, ferry, known, etat) -> None:
        case = waiting(ferry, known)
        a_task(case)
        page = etat.get(address(case))
        assert "This task is for another role: caseworker in the municipality." in text_of(page)
        assert "/oppgave/" not in page.content.decode()

    def test_change_outside_a_task_needs_a_reason(self, ferry, kommune) -> None:
        case = waiting(ferry)
        page = kommune.post(
            address(case, "endre/"), shown("island", "true", revision=case.revision, reason=" ")
        )
        assert page.status_code == 422
        assert "must say why" in text_of(page)


class TestAsking:
    def test_asks_for_what_is_on_the_list_with_the_day_shown(self, ferry, kommune) -> None:
        case = waiting(ferry, answers={"trips": 30})
        page = text_of(kommune.get(address(case)))
        assert ferry.text("document.tickets.label", "en") in page
        assert "to answer." in page
        kommune.post(
            address(case, "be-om/"),
            {"items": "document:tickets", "text": "The whole month", "revision": case.revision},
        )
        asked = InformationRequest.objects.get(case=case)
        assert [item["id"] for item in asked.items] == ["tickets"]
        case.refresh_from_db()
        assert case.waiting_for == "applicant"
        assert "The whole month" in text_of(kommune.get(address(case)))

    def test_from_an_old_page_is_refused_on_the_page(self, ferry, kommune) -> None:
        case = waiting(ferry)
        page = kommune.post(address(case, "be-om/"), {"text": "Hello", "revision": 0})
        assert page.status_code == 409
        assert "Somebody else has changed the case" in text_of(page)

    def test_writes_once_for_a_key(self, ferry, kommune) -> None:
        case = waiting(ferry)
        for _ in range(2):
            kommune.post(address(case, "melding/"), {"text": "We look at it.", "key": "k"})
        assert [m.text for m in Message.objects.filter(case=case)] == ["We look at it."]
        empty = kommune.post(address(case, "melding/"), {"text": " ", "key": "n"})
        assert empty.status_code == 422
        assert "The message is empty" in text_of(empty)


class TestOnward:
    def test_is_sent_to_the_agency_when_the_tasks_are_done(self, ferry, kommune) -> None:
        case = waiting(ferry, amended={"island": True})
        page = kommune.get(address(case))
        assert ferry.text("event.approve.label", "en") in text_of(page)
        kommune.post(
            address(case, "steg/"), {"event": "approve", "forward": "1", "revision": case.revision}
        )
        case.refresh_from_db()
        assert (case.state, case.waiting_for) == ("ready", "agency")

    def test_waits_while_a_task_is_open(self, ferry, kommune) -> None:
        case = waiting(ferry)
        a_task(case)
        page = kommune.get(address(case)).content.decode()
        assert 'value="approve"' not in page
        refused = kommune.post(
            address(case, "steg/"), {"event": "approve", "forward": "1", "revision": case.revision}
        )
        assert refused.status_code == 409
        case.refresh_from_db()
        assert case.state == "submitted"

    def test_offers_no_step_that_would_end_without_a_decision(self, ferry, etat) -> None:
        case = a_case(ferry)
        page = etat.get(address(case)).content.decode()
        assert 'value="decide"' not in page
        assert 'value="ask"' not in page
        assert 'value="stop"' in page

    def test_passes_to_the_other_municipality_with_a_reason(self, ferry, kommune) -> None:
        case = waiting(ferry)
        other = str(municipality_id(STAVANGER))
        without = kommune.post(
            address(case, "kommune/"), {"municipality": other, "revision": case.revision}
        )
        assert without.status_code == 422
        moved = kommune.post(
            address(case, "kommune/"),
            {"municipality": other, "revision": case.revision, "reason": "The lease says so"},
        )
        assert moved["Location"] == "/arbeid/?gjort=moved"
        assert kommune.get(address(case)).status_code == 404


class TestDocuments:
    def post(self, browser: Client, case: Case, **changes: object):
        file = SimpleUploadedFile("map.pdf", b"%PDF-1.7\n%%EOF", "application/pdf")
        form = {"document": "_other", "title": "Map of the quay", "why": "Shows the quay",
                "withheld": "", "files": file, **changes}  # fmt: skip
        return browser.post(address(case, "dokument/"), form)

    def test_is_added_with_what_and_why(self, ferry, kommune) -> None:
        case = waiting(ferry)
        assert self.post(kommune, case)["Location"].endswith("?gjort=document")
        shown = text_of(kommune.get(address(case)))
        assert "Map of the quay: map.pdf" in shown
        assert "Shows the quay" in shown

    def test_kept_from_the_applicant_says_so(self, ferry, kommune) -> None:
        case = waiting(ferry)
        self.post(kommune, case, withheld="fvl_19")
        assert "Not shown to the applicant" in text_of(kommune.get(address(case)))

    def test_refused_keeps_what_was_written(self, ferry, kommune) -> None:
        page = self.post(kommune, waiting(ferry), title="")
        assert page.status_code == 422
        assert "must have a name" in text_of(page)
        assert "Shows the quay" in page.content.decode()
        assert self.post(kommune, waiting(ferry, serial=2), files="").status_code == 422


@pytest.mark.usefixtures("known")
class TestPaper:
    def begin(self, browser: Client, **changes: str):
        form = {
            "package": "ferry", "national_id": a_number(1).value, "received_on": "2026-08-12",
            "find": "1",
        }  # fmt: skip
        return browser.post("/arbeid/papir/", {**form, **changes})

    def filled(self, page, **changes: str) -> dict[str, object]:
        body = page.content.decode()
        hidden = dict(re.findall(r'name="(_sealed|_answers)" value="([^"]*)"', body))
        shown = re.findall(r'name="_shown" value="([^"]*)"', body)
        form = {name: value.replace("&quot;", '"') for name, value in hidden.items()}
        return {**form, "_shown": shown, "received_on": "2026-08-12", "trips": "10", **changes}

    def test_ends_in_the_same_kind_of_case_with_a_receipt(self) -> None:
        counter = a_browser("counter", serial=908)
        page = self.begin(counter)
        assert "Kari Prøve1" in text_of(page)
        done = counter.post(
            "/arbeid/papir/", self.filled(page, register="1", signed="1", language="nn")
        )
        case = Case.objects.get()
        assert (case.channel, case.language, case.state) == ("paper", "nn", "submitted")
        assert case.application.answers["trips"] == 10
        assert case.application.receipt_code in text_of(done)
        again = counter.post(
            "/arbeid/papir/", self.filled(page, register="1", signed="1", language="nn")
        )
        assert case.application.receipt_code in text_of(again)
        assert Case.objects.count() == 1

    def test_of_a_protected_person_has_no_field_for_the_address(self, known, kommune) -> None:
        assert 'name="home.street"' in self.begin(kommune).content.decode()
        known.know(1, protection="fortrolig")
        page = self.begin(kommune)
        assert "The address is protected" in text_of(page)
        assert 'name="home.' not in page.content.decode()
        done = kommune.post(
            "/arbeid/papir/", self.filled(page, register="1", signed="1", language="nb")
        )
        assert Case.objects.get().application.receipt_code in text_of(done)

    def test_help_at_the_counter_is_agreed_to_and_stands_on_the_receipt(self) -> None:
        counter = a_browser("counter", serial=908)
        page = self.begin(counter)
        assert "The person is here, and has agreed" in text_of(page)
        done = counter.post(
            "/arbeid/papir/", self.filled(page, register="1", signed="1", helped="1", language="nn")
        )
        assert "You were helped at the counter" in text_of(done)
        assert "agreed_to_be_helped" in Case.objects.get().application.declaration
        case = text_of(counter.get(f"/arbeid/sak/{Case.objects.get().id}/"))
        assert "The applicant was there, and agreed that an employee filled in the form" in case

    def test_scanned_documents_follow_the_form_and_the_receipt_can_be_printed(self) -> None:
        counter = a_browser("counter", serial=908)
        page = self.begin(counter)
        scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7\n%%EOF", "application/pdf")
        page = counter.post(
            "/arbeid/papir/", self.filled(page, document="0", scanned=scan, trips="30", update="1")
        )
        assert "scan.pdf" in text_of(page)
        wrong = SimpleUploadedFile("notes.txt", b"hello", "text/plain")
        refused = counter.post("/arbeid/papir/", self.filled(page, document="0", scanned=wrong))
        assert refused.status_code == 422
        assert "scan.pdf" in text_of(refused)
        again = SimpleUploadedFile("more.pdf", b"%PDF-1.7\n1\n%%EOF", "application/pdf")
        form = self.filled(
            refused, trips="30", document="0", scanned=again, register="1", signed="1"
        )
        done = counter.post("/arbeid/papir/", form)
        case = Case.objects.get()
        assert sorted(a.filename for a in case.attachments.all()) == ["more.pdf", "scan.pdf"]
        assert "What we still need" not in text_of(done)
        receipt = counter.get(f"/arbeid/papir/{case.id}/kvittering/")
        assert receipt["Content-Type"] == "application/pdf"
        assert receipt.content.startswith(b"%PDF")

    def test_a_scanned_document_can_be_taken_away(self, kommune) -> None:
        scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7\n%%EOF", "application/pdf")
        page = kommune.post(
            "/arbeid/papir/", self.filled(self.begin(kommune), document="0", scanned=scan)
        )
        [file_id] = re.findall(r'name="remove" value="([^"]*)"', page.content.decode())
        page = kommune.post("/arbeid/papir/", self.filled(page, remove=file_id))
        assert "scan.pdf" not in text_of(page)

    def test_keeps_what_was_typed_when_it_is_not_signed(self, kommune) -> None:
        page = kommune.post("/arbeid/papir/", self.filled(self.begin(kommune), register="1"))
        assert page.status_code == 422
        assert "must be signed" in text_of(page)
        form = re.search(r'<form[^>]* id="papir"[^>]*>', page.content.decode())
        assert form
        assert 'action="/arbeid/papir/"' in form[0], (
            "no anchor of before takes the eye past what is wrong"
        )
        assert re.search(r'name="trips"[^>]*value="10"', page.content.decode(), re.DOTALL)
        assert not Case.objects.exists()

    def test_says_what_is_wrong_with_the_number_and_the_day(self, kommune) -> None:
        wrong = self.begin(kommune, national_id="12345678901")
        assert wrong.status_code == 422
        assert "not a valid national identity number" in text_of(wrong)
        late = self.begin(kommune, received_on="2026-10-01")
        assert late.status_code == 422
        assert "not later than today" in text_of(late)

    def test_of_another_municipality_is_refused(self, known, kommune) -> None:
        known.know(1, municipality_no=STAVANGER)
        assert "not in your municipality" in text_of(self.begin(kommune))

    def test_somebody_elses_form_is_not_taken(self, kommune) -> None:
        form = self.filled(self.begin(kommune), register="1", signed="1")
        other = a_browser("municipality_caseworker", serial=909).post("/arbeid/papir/", form)
        assert other.status_code == 422
        tampered = kommune.post("/arbeid/papir/", {**form, "_sealed": form["_sealed"][:-2]})
        assert tampered.status_code == 422
        assert not Case.objects.exists()

    def test_unreadable_answers_stand_with_an_error(self, kommune) -> None:
        page = kommune.post(
            "/arbeid/papir/",
            self.filled(self.begin(kommune), trips="many", register="1", signed="1"),
        )
        assert page.status_code == 422
        assert 'value="many"' in page.content.decode()
        assert not Case.objects.exists()


class TestAskedFields:
    def test_the_applicant_answers_on_the_page_of_the_case(self, ferry) -> None:
        case = a_case(ferry, None, state="asked")
        request = InformationRequest.objects.create(
            case=case, role="system", asked_at=case.submitted_at, due_on=dt.date(2026, 10, 1),
            items=[{"kind": "field", "id": "trips", "why_key": "field.trips.why", "note": ""}],
        )  # fmt: skip
        browser = a_citizens_browser(1)
        home = f"/min-side/sak/{case.id}/"
        page = browser.get(home).content.decode()
        assert re.search(r'name="trips"[^>]*value="10"', page, re.DOTALL)
        wrong = browser.post(f"{home}svar/{request.id}/", {"_shown": "trips", "trips": "many"})
        assert wrong.status_code == 422
        assert 'value="many"' in wrong.content.decode()
        browser.post(f"{home}svar/{request.id}/", {"_shown": "trips", "trips": "12"})
        case.refresh_from_db()
        request.refresh_from_db()
        assert (case.amended["trips"], request.state, case.state) == (12, "answered", "submitted")

    def test_of_a_row_that_no_register_knows_any_more_names_whose_it_is(self) -> None:
        report = packages.check(Path(samspill.__file__).parent / "catalogue" / "bostotte")
        rows = [
            {"navn": "Gone", "fodt": "1991-01-01", "bor_her": True},
            {"navn": "Here", "fodt": "1992-01-01", "registrert_fra": "2020-01-01"},
        ]
        found = list(hearing._places(report.package, "medlemmer.bor_her", {"medlemmer": rows}))
        assert found == ["medlemmer[0].bor_her"]
        request = RequestView(
            id=uuid.uuid4(), items=({"kind": "field", "id": found[0]},), text="",
            asked_at=dt.datetime.now(dt.UTC), due_on=dt.date(2026, 10, 1), open=True,
        )  # fmt: skip
        page = asked_fields.page_of(report.package, {"medlemmer": rows}, request)
        [block] = asked_fields.blocks(page, report.package)
        assert block["label"].startswith("Gone: ")
