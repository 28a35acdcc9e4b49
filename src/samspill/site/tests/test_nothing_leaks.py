"""No identity number, name or free text in any address, log line, event or job argument (SP-13).

A whole journey is walked through the real pages with marks that are known: what a register calls people, their
numbers, and everything that is written freely. Afterwards all that leaves the pages is searched for the marks.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import uuid
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from samspill.cases.models import Case, StepTime
from samspill.cases.service import letters
from samspill.cases.tests.builders import a_member, a_number, allotment, known
from samspill.cases.tests.staff_web import a_browser, a_citizens_browser
from samspill.cases.tests.term_builders import a_case, earn, ferry, run_day
from samspill.cases.tests.test_web_applicant import begun, form_of, side
from samspill.infra import clock
from samspill.infra.logs import LineFormatter
from samspill.site import wiring

__all__ = ["allotment", "ferry", "known", "run_day"]
pytestmark = pytest.mark.django_db
NAMES = ("Zykkelmark", "Qvistgaardsen")
TEXTS = ("hemmeligmelding", "hemmeligspørsmål", "hemmeliggrunn", "hemmeligklage", "hemmeligfil")
PDF = b"%PDF-1.7\n%%EOF"


def marks() -> list[str]:
    numbers = [a_number(serial).value for serial in (1, 2, 3)]
    return [*numbers, *(f"{n[:6]} {n[6:]}" for n in numbers), *NAMES, *TEXTS]


@pytest.fixture
def seen(monkeypatch) -> list[str]:
    """Collect every address that is asked for or led to."""
    addresses: list[str] = []
    ask = Client.request

    def request(self: Client, **given: object):
        addresses.append(f"{given.get('PATH_INFO', '')}?{given.get('QUERY_STRING', '')}")
        response = ask(self, **given)
        addresses.append(str(response.headers.get("Location", "")))
        return response

    monkeypatch.setattr(Client, "request", request)
    return addresses


@pytest.fixture
def written():
    """Collect every log line, as production writes them, from the finest level up."""
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(LineFormatter())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(before)
    root.removeHandler(handler)


def stored(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return "\n".join(str(row[0]) for row in cursor.fetchall())


def apply(known) -> None:
    """Write and send an application with somebody else in the household, and write about it."""
    known.replies["folkeregisteret.person"][a_number(1).value]["name"] = {"full": NAMES[0]}
    kari = a_citizens_browser(1)
    draft = begun(kari)
    for page in ("home", "members", "shed"):
        address = side(draft, page)
        if kari.get(address).status_code == 200:
            form = form_of(kari, address)
            kari.post(address, {**form, "note": TEXTS[2], "fee": TEXTS[3]})
            kari.post(address, form, headers={"hx-request": "true"})
    kari.get(f"{draft}mangler/")
    kari.get(f"{draft}se-over/")
    kari.post(f"{draft}send/", {"declared": "truth", "key": str(uuid.uuid4())})
    kari.get("/min-side/")


def handle(case: Case) -> None:
    """Let the applicant, the municipality and the agency write to each other about a case."""
    owner, kommune = a_citizens_browser(1), a_browser("municipality_caseworker")
    etat = a_browser("agency_caseworker", serial=901)
    home, desk = f"/min-side/sak/{case.id}/", f"/arbeid/sak/{case.id}/"
    file = SimpleUploadedFile(f"{TEXTS[4]}.pdf", PDF, "application/pdf")
    for address in (home, "/min-side/"):
        owner.get(address)
    owner.post(f"{home}melding/", {"text": TEXTS[0], "key": "one"})
    owner.post(f"{home}vedlegg/", {"document": "tickets", "files": file})
    owner.post(f"{home}klage/{uuid.uuid4()}/", {"text": TEXTS[3]})
    kommune.get("/arbeid/")
    kommune.post("/arbeid/finn/", {"number": f"{NAMES[0]} {a_number(1).value}"})
    kommune.get(desk)
    file = SimpleUploadedFile(f"{TEXTS[4]}.pdf", PDF, "application/pdf")
    added = {"document": "_other", "title": TEXTS[4], "why": TEXTS[2], "files": file}
    kommune.post(f"{desk}dokument/", added)
    kommune.post(f"{desk}melding/", {"text": TEXTS[0], "key": "two"})
    case.refresh_from_db()
    kommune.post(f"{desk}be-om/", {"revision": case.revision, "text": TEXTS[1]})
    kommune.post(f"{desk}kommune/", {"revision": "0", "reason": TEXTS[2], "municipality": "x"})
    etat.get(desk)
    etat.get("/etat/")
    etat.post(f"{desk}avgjor/", {"term": "2026-08", "reason": TEXTS[2]})


def at_the_counter(known) -> None:
    """Register a paper application, and fail to in some ways first."""
    known.know(3)
    known.replies["folkeregisteret.person"][a_number(3).value]["name"] = {"full": NAMES[1]}
    counter = a_browser("counter", serial=908)
    form = {"package": "ferry", "received_on": "2026-08-12", "find": "1"}
    counter.post("/arbeid/papir/", {**form, "national_id": a_number(3).value + "9"})
    page = counter.post("/arbeid/papir/", {**form, "national_id": a_number(3).value})
    body = page.content.decode()
    hidden = dict(re.findall(r'name="(_sealed|_answers)" value="([^"]*)"', body))
    typed = {name: value.replace("&quot;", '"') for name, value in hidden.items()}
    shown = re.findall(r'name="_shown" value="([^"]*)"', body)
    file = SimpleUploadedFile(f"{TEXTS[4]}.pdf", PDF, "application/pdf")
    typed |= {"_shown": shown, "received_on": "2026-08-12", "trips": TEXTS[2]}
    counter.post("/arbeid/papir/", {**typed, "document": "0", "scanned": file, "register": "1"})
    done = counter.post("/arbeid/papir/", {**typed, "trips": "10", "register": "1", "signed": "1"})
    assert done.status_code == 200
    case = Case.objects.get(channel="paper")
    assert case.applicant_name == NAMES[1]
    assert counter.get(f"/arbeid/papir/{case.id}/kvittering/").status_code == 200


@pytest.mark.usefixtures("allotment")
def test_of_what_people_are_called_and_write_nothing_leaves_the_pages(
    ferry, known, seen, written
) -> None:
    with clock.frozen(dt.date(2026, 8, 17)):
        known.know(1, members=(a_member(2, name={"full": NAMES[1]}),))
        apply(known)
        case = a_case(ferry, None, state="submitted", amended={})
        Case.objects.filter(pk=case.pk).update(applicant_name=NAMES[0])
        earn(known, 1, 2000)
        handle(case)
        at_the_counter(known)
        for name in ("cases.notices", "cases.step_times", "cases.draft_notices"):
            assert name in wiring.events.subscribers()
        letters.make_queued()
    # The journey did what it says: the marks are in the cases, so they could have leaked.
    kept = stored("SELECT text FROM cases_message") + stored(
        "SELECT filename FROM cases_attachment"
    )
    assert TEXTS[0] in kept
    assert TEXTS[4] in kept
    assert len(seen) > 40
    places = {
        "addresses": "\n".join(map(unquote, seen)),
        "log": written.getvalue(),
        "events": stored("SELECT body::text FROM infra_event"),
        "jobs": stored("SELECT args::text FROM procrastinate_jobs"),
        "access log": stored("SELECT detail::text || fields::text FROM infra_access_entry"),
    }
    leaked = {
        place: [mark for mark in marks() if mark.lower() in text.lower()]
        for place, text in places.items()
    }
    assert leaked == {place: [] for place in places}
    assert places["events"]


def test_the_figures_that_are_measured_hold_nothing_of_a_person(ferry, known) -> None:
    with clock.frozen(dt.date(2026, 8, 17)):
        case = a_case(ferry, known, state="submitted", amended={})
        Case.objects.filter(pk=case.pk).update(applicant_name=NAMES[0])
        handle(case)
        for case_id in (case.id, *(uuid.uuid4() for _ in range(5))):
            StepTime.objects.create(
                case_id=case_id, package_id="ferry", package_version="1.0.0",
                municipality_id=case.municipality_id, role="municipality", step="case",
                started_at=clock.now(), ended_at=clock.now(), active_seconds=600,
            )  # fmt: skip
        leader = a_browser("municipality_leader", serial=909)
        told = [
            leader.get(address)
            for address in ("/gevinst/", "/gevinst/csv/?tjeneste=ferry", "/helse/")
        ]
        bodies = [answer.getvalue().decode() for answer in told]
    assert [answer.status_code for answer in told] == [200, 200, 200]
    assert len(bodies[1].splitlines()) > 1
    text = "\n".join(bodies)
    assert [mark for mark in marks() if mark.lower() in text.lower()] == []


@pytest.mark.parametrize("cause", ["our own", "the database's"])
def test_a_fault_of_ours_tells_where_it_was_and_not_what_was_sent(
    ferry, known, seen, written, monkeypatch, cause: str
) -> None:
    """The request holds a number, names and a text, and so does the error; the log and the page hold neither."""
    secret = f"{NAMES[0]} {a_number(1).value} {TEXTS[0]}"

    def fails(*_: object, **__: object) -> None:
        if cause == "our own":
            raise ValueError(secret)
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [secret])

    case = a_case(ferry, known, state="submitted", amended={})
    kommune = a_browser("municipality_caseworker")
    kommune.raise_request_exception = False
    monkeypatch.setattr("samspill.cases.service.reply", fails)
    with transaction.atomic():
        answer = kommune.post(
            f"/arbeid/sak/{case.id}/melding/",
            {"text": secret, "key": "one", "to": NAMES[1], "number": a_number(2).value},
        )
        transaction.set_rollback(True)
    assert answer.status_code == 500
    places = {"page": answer.content.decode(), "log": written.getvalue(), "urls": "\n".join(seen)}
    leaked = {
        place: [mark for mark in marks() if mark.lower() in text.lower()]
        for place, text in places.items()
    }
    assert leaked == {place: [] for place in places}
    reference = answer["X-Request-Id"]
    assert max(map(len, reference.split("-"))) < 11, (
        "else it could look like a number, and be masked"
    )
    assert reference in places["page"]
    line = next(line for line in places["log"].splitlines() if "Internal Server Error" in line)
    assert reference in line
    assert ("ValueError" if cause == "our own" else "22P02") in line
    assert "test_nothing_leaks.py" in line


def test_the_formatter_masks_a_number_that_got_so_far(written) -> None:
    logging.getLogger("somewhere").warning("about %s and %s", a_number(1).value, "010190 12345")
    assert a_number(1).value not in written.getvalue()
    assert written.getvalue().count("[number]") == 2
