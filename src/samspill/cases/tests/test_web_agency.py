"""The agency's run and lists, the measured gain, and the calculator, through real sessions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client

from samspill.cases import jobs
from samspill.cases.models import (
    Appeal,
    Case,
    Decision,
    Letter,
    StepTime,
    TermEntry,
    TermRun,
)
from samspill.cases.tests.builders import SANDNES, a_number
from samspill.cases.tests.staff_web import a_browser, text_of
from samspill.cases.tests.term_builders import AUGUST, a_case, earn, municipality_id
from samspill.cases.web import agency
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.kernel.ids import new_id
from samspill.kernel.periods import Month
from samspill.packages import service as packages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_day", "ferry")]
BOSTOTTE = Path(packages.__file__).parents[2] / "catalogue" / "bostotte"


@pytest.fixture
def kommune() -> Client:
    return a_browser("municipality_caseworker")


@pytest.fixture
def etat() -> Client:
    return a_browser("agency_caseworker", serial=901)


def address(case: Case, more: str = "") -> str:
    return f"/arbeid/sak/{case.id}/{more}"


class TestTheRun:
    def test_is_ordered_followed_and_summed_up(self, ferry, known, etat) -> None:
        for serial in range(1, 7):
            a_case(ferry, known, serial=serial, income=2000)
        assert "Ready to be run" in text_of(etat.get("/etat/terminer/"))
        ordered = etat.post("/etat/terminer/ferry/2026-08/kjor/")
        assert ordered["Location"] == "/etat/terminer/ferry/2026-08/"
        page = etat.get(ordered["Location"])
        assert "Ordered, starts in a moment" in text_of(page)
        assert 'hx-trigger="every 2s"' in page.content.decode()
        assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
        fragment = etat.get("/etat/terminer/ferry/2026-08/fremdrift/")
        assert "0 of 6 cases are through" in text_of(fragment)
        assert "HX-Refresh" not in fragment
        jobs.run_ordered_term("ferry", "2026-08")
        assert etat.get("/etat/terminer/ferry/2026-08/fremdrift/")["HX-Refresh"] == "true"
        text = text_of(etat.get("/etat/terminer/ferry/2026-08/"))
        assert "6 of 6 cases are through" in text
        assert "NOK 4,800" in text
        assert "Sandnes" in text

    def test_ordered_twice_is_done_once(self, ferry, known, etat) -> None:
        a_case(ferry, known, income=2000)
        for _ in range(2):
            etat.post("/etat/terminer/ferry/2026-08/kjor/")
        for _ in range(2):
            jobs.run_ordered_term("ferry", "2026-08")
        assert Decision.objects.count() == 1
        assert TermRun.objects.count() == 1

    def test_last_day_is_said_for_both_ways_of_applying_where_they_differ(
        self, ferry, known, etat
    ) -> None:
        a_case(ferry, known, term=Month(2026, 10))  # the 25th is a Sunday
        told = text_of(etat.get("/etat/terminer/"))
        assert "25.10.2026 (on paper 26.10.2026)" in told
        a_month = text_of(etat.get("/etat/terminer/ferry/2026-10/"))
        assert "25 October 2026 (on paper 26 October 2026)" in a_month
        a_case(ferry, known, serial=2)  # the 25th of August is a Tuesday
        assert "on paper" not in text_of(etat.get("/etat/terminer/ferry/2026-08/"))

    def test_may_not_be_ordered_while_applications_come(self, ferry, known) -> None:
        a_case(ferry, known)
        with clock.frozen(dt.date(2026, 8, 20)):
            early = a_browser("agency_leader", serial=910)
            page = early.post("/etat/terminer/ferry/2026-08/kjor/")
        assert page.status_code == 422
        assert "may still come in until" in text_of(page)
        assert not TermRun.objects.exists()

    def test_says_why_it_stopped_and_goes_on(self, ferry, known, etat) -> None:
        a_case(ferry, known, income=2000)
        etat.post("/etat/terminer/ferry/2026-08/kjor/")
        known.down.add("skatteetaten.income")
        jobs.run_ordered_term("ferry", "2026-08")
        page = etat.get("/etat/terminer/ferry/2026-08/")
        assert "The registers did not answer" in text_of(page)
        assert "Go on with the run" in text_of(page)
        known.down.clear()
        etat.post("/etat/terminer/ferry/2026-08/kjor/")
        jobs.run_ordered_term("ferry", "2026-08")
        assert Decision.objects.count() == 1

    def test_gives_the_payment_list(self, ferry, known, etat) -> None:
        a_case(ferry, known, income=2000)
        etat.post("/etat/terminer/ferry/2026-08/kjor/")
        jobs.run_ordered_term("ferry", "2026-08")
        listed = etat.get("/etat/terminer/ferry/2026-08/utbetaling.csv")
        rows = b"".join(listed.streaming_content).decode().splitlines()
        assert len(rows) == 2
        assert a_number(1).value in rows[1]
        assert ",800," in rows[1]
        assert etat.get("/etat/terminer/ferry/2026-07/utbetaling.csv").status_code == 404
        assert etat.get("/etat/terminer/ferry/nonsense/").status_code == 404


class TestExceptional:
    def test_tells_why_each_was_put_aside_and_decides_one(self, ferry, known, etat) -> None:
        case = a_case(ferry, known, income=2000)
        entry = TermEntry.objects.get(case=case)
        TermEntry.objects.filter(pk=entry.pk).update(state="held", held_reason="register:income")
        TermRun.objects.create(
            package_id="ferry", term=AUGUST.first, state="done", situation_on=AUGUST.first,
            deadline_on=AUGUST.last, pay_on=AUGUST.last, started_at=clock.now(),
        )  # fmt: skip
        text = text_of(etat.get("/etat/unntak/"))
        assert f"{ferry.text('register.income.label', 'en')} gave no answer" in text
        assert "Try again when the register answers." in text
        done = etat.post(address(case, "avgjor/"), {"term": "2026-08"})
        assert "Decided: A0, NOK 800." in text_of(done)
        assert "None: the run decided every case." in text_of(etat.get("/etat/unntak/"))

    def test_shows_every_case_put_aside_page_by_page(self, ferry, etat, monkeypatch) -> None:
        monkeypatch.setattr(agency, "_MOST", 2)
        cases = [a_case(ferry, serial=n) for n in range(1, 6)]
        TermEntry.objects.update(state="held", held_reason="register:income")
        TermRun.objects.create(
            package_id="ferry", term=AUGUST.first, state="done", situation_on=AUGUST.first,
            deadline_on=AUGUST.last, pay_on=AUGUST.last, started_at=clock.now(),
        )  # fmt: skip
        seen, address_of_page = [], "/etat/unntak/?maned=2026-08"
        while address_of_page:
            answer = etat.get(address_of_page)
            seen.append([item["held"].case_id for item in answer.context["held"]])
            address_of_page = answer.context["next_url"]
        assert [len(page) for page in seen] == [2, 2, 1]
        assert [one for page in seen for one in page] == sorted(case.id for case in cases)
        assert "maned=2026-08" in answer.context["previous_url"]

    def test_lists_what_needs_a_person(self, ferry, etat) -> None:
        case = a_case(ferry, state="review", term=None)
        TermRun.objects.create(
            package_id="ferry", term=AUGUST.first, state="done", situation_on=AUGUST.first,
            deadline_on=AUGUST.last, pay_on=AUGUST.last, started_at=clock.now(),
        )  # fmt: skip
        text = text_of(etat.get("/etat/unntak/"))
        assert ferry.text("state.review.label", "en") in text
        assert case.application.receipt_code in text

    def test_reviews_by_a_person_with_a_reason(self, ferry, known, etat) -> None:
        case = a_case(ferry, known, income=2000)
        etat.post(address(case, "avgjor/"), {"term": "2026-08"})
        first = Decision.objects.get()
        without = etat.post(address(case, f"vedtak/{first.id}/"), {"reason": " "})
        assert without.status_code == 422
        assert "must say why" in text_of(without)
        earn(known, 1, 1000)
        etat.post(address(case, f"vedtak/{first.id}/"), {"reason": "The income was wrong."})
        assert [d.kind for d in Decision.objects.order_by("sequence")] == ["ordinary", "manual"]

    def test_counts_chosen_months_again(self, ferry, known, etat) -> None:
        case = a_case(ferry, known, income=2000)
        etat.post(address(case, "avgjor/"), {"term": "2026-08"})
        none = etat.post(address(case, "regn-om/"))
        assert none.status_code == 422
        same = etat.post(address(case, "regn-om/"), {"terms": "2026-08"})
        assert "Counted again: nothing changes." in text_of(same)

    def test_appeal_is_clarified_and_settled(self, ferry, known, kommune, etat) -> None:
        case = a_case(ferry, known, income=2000)
        etat.post(address(case, "avgjor/"), {"term": "2026-08"})
        row = Appeal.objects.create(
            case=case, decision=Decision.objects.get(), text="Too little", received_at=clock.now(),
            deadline_on=dt.date(2026, 10, 1),
        )  # fmt: skip
        Case.objects.filter(pk=case.pk).update(state="appealed", waiting_for="municipality")
        assert case.application.receipt_code in text_of(etat.get("/etat/klager/"))
        kommune.post(
            address(case, f"klage/{row.id}/"), {"clarify": "1", "text": "We checked the fare."}
        )
        row.refresh_from_db()
        assert (row.state, row.clarification) == ("forwarded", "We checked the fare.")
        etat.post(
            address(case, f"klage/{row.id}/"), {"outcome": "upheld", "text": "The fare was right."}
        )
        row.refresh_from_db()
        assert row.state == "upheld"
        assert "No open appeals" in text_of(etat.get("/etat/klager/"))

    def test_letters_that_failed_are_tried_again(self, ferry, etat) -> None:
        case = a_case(ferry)
        row = Letter.objects.create(
            case=case, kind="granted", language="nb", state="failed", attempts=5,
            failure="TypeError", queued_at=clock.now(),
        )  # fmt: skip
        assert "TypeError" in text_of(etat.get("/etat/brev/"))
        etat.post("/etat/brev/igjen/")
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("queued", 0)
        assert "One letter waits" in text_of(etat.get("/etat/brev/"))


class TestGains:
    def measured(self, count: int, number: str = SANDNES) -> None:
        for _ in range(count):
            StepTime.objects.create(
                case_id=new_id(), package_id="ferry", package_version="1.0.0",
                municipality_id=municipality_id(number), role="municipality", step="case",
                started_at=clock.now(), ended_at=clock.now(), active_seconds=600,
            )  # fmt: skip

    def test_stand_beside_the_claim_with_its_source(self) -> None:
        self.measured(5)
        leader = a_browser("municipality_leader", serial=911)
        text = text_of(leader.get("/gevinst/"))
        assert "A pause longer than 10 minutes is not work" in text
        assert "Ferjetilsynets anslag" in text
        assert "Sandnes The whole case The municipality 1.0.0 5 10 min 30 min 0.8 1.7" in text

    def test_few_cases_show_no_figures(self) -> None:
        self.measured(4)
        text = text_of(a_browser("agency_leader", serial=912).get("/gevinst/"))
        assert "One line with too few cases" in text
        assert "The whole case The municipality 1.0.0" not in text

    def test_as_csv_carry_rule_and_source(self) -> None:
        self.measured(5)
        given = a_browser("agency_leader", serial=912).get("/gevinst/csv/?tjeneste=ferry")
        rows = b"".join(given.streaming_content).decode().splitlines()
        assert "idle_rule" in rows[0]
        assert "Ferjetilsynets anslag" in rows[1]


class TestCalculator:
    def test_answers_anybody_with_the_steps_and_the_limit(self) -> None:
        packages.publish(BOSTOTTE, actor=system("test"))
        guest = Client(headers={"accept-language": "en"})
        assert "Leave empty" in text_of(guest.get("/kalkulator/bostotte/"))
        page = guest.post(
            "/kalkulator/bostotte/",
            {"_term": "2026-08", "kommunenummer": "0301", "inntekt_aordning_mnd": "14 000",
             "husleie_mnd": "9000", "barn": "1", "oppvarming_inkludert": "1"},
        )  # fmt: skip
        from samspill.rules import calculator

        said = calculator("bostotte").compute_json(
            "2026-08",
            {
                "kommunenummer": "0301",
                "inntekt_aordning_mnd": 14000.0,
                "husleie_mnd": 9000.0,
                "barn": 1,
            },
        )
        assert said["belop_mnd"] > 0
        text = text_of(page)
        assert f"NOK {said['belop_mnd']:,}" in text.replace("\u00a0", " ")
        assert "the income may be at most" in text
        assert "bustøttelova" in text
        assert page.wsgi_request.get_full_path() == "/kalkulator/bostotte/"

    def test_says_at_the_field_what_cannot_be_right(self) -> None:
        packages.publish(BOSTOTTE, actor=system("test"))
        guest = Client(headers={"accept-language": "en"})
        page = guest.post(
            "/kalkulator/bostotte/",
            {"inntekt_aordning_mnd": "much", "barn": "200", "kommunenummer": "0301"},
        )
        assert page.status_code == 422
        assert "Write a number, for example 8200." in text_of(page)
        other = guest.post("/kalkulator/bostotte/", {"barn": "200", "kommunenummer": "0301"})
        assert "This must be from 0 to 30." in text_of(other)
        missing = guest.post("/kalkulator/bostotte/", {})
        assert "Fill in this field." in text_of(missing)

    def test_is_made_from_any_rule_book(self) -> None:
        guest = Client(headers={"accept-language": "en"})
        page = guest.post(
            "/kalkulator/ferry/",
            {
                "_term": "2026-08",
                "trips_month": "10",
                "income_month": "2000",
                "fare_trip": "100",
                "here": "1",
            },
        )
        assert page.status_code == 200
        assert "NOK 800" in text_of(page).replace("\u00a0", " ")

    def test_is_not_there_for_a_service_that_calculates_nothing(self) -> None:
        assert Client().get("/kalkulator/nothing/").status_code == 404
