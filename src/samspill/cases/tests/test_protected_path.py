"""People whose address is strictly confidential: they apply where the service's owner approves it, else nothing is kept.

SP-28. The imagined service approves it; here its owner says no.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import attrs
import pytest
from django.conf import settings
from django.db import connection

from samspill.cases import service as cases
from samspill.cases.models import Attachment, Case, Deletion, Draft
from samspill.cases.service import paper
from samspill.cases.tests.builders import (
    ALLOTMENT,
    ANSWERS,
    a_citizen,
    a_member,
    a_number,
)
from samspill.cases.tests.staff_web import a_citizens_browser, text_of
from samspill.cases.tests.term_builders import an_employee
from samspill.infra import clock
from samspill.infra.models import DeadEnd
from samspill.kernel.actor import system
from samspill.kernel.outcome import Refused, RefusedError
from samspill.packages import service as packages

pytestmark = pytest.mark.django_db
STRICT = "strengtFortrolig"
_SAID = 'protected: {digital: true, phone: "00 00 00 01"}'


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(dt.date(2026, 8, 10)):
        yield


def publish(folder: Path, *, version: str, says: str) -> None:
    """Publish the imagined service with another word about protected people."""
    shutil.copytree(ALLOTMENT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    service = folder / "service.yaml"
    text = service.read_text().replace("version: 1.0.0", f"version: {version}")
    assert _SAID in text
    if version == "2.0.0":  # a step so large that drafts stay on the version they were begun with
        text = text.replace("Behandle søknad", "Avgjøre søknad")
    service.write_text(text.replace(_SAID, says))
    if not says:
        for words in (folder / "texts").iterdir():
            words.write_text(re.sub(r"(?m)^protected: .*\n", "", words.read_text()))
    packages.publish(folder, actor=system("test"))


NO = 'protected: {digital: false, phone: "00 00 00 09", address: "Torget 1"}'


@pytest.fixture
def shut(tmp_path: Path) -> None:
    """Publish the service whose owner has not approved the digital path."""
    publish(tmp_path / "allotment", version="1.0.0", says=NO)


def refusal(call, *args, **kwargs) -> Refused:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused


def told(code: str, refused: Refused) -> None:
    assert refused.code == code
    assert "00 00 00 09" in refused.as_error()["remedy"]
    assert "The safe contact" in refused.as_error()["remedy"]


def happened() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM infra_event WHERE type IN ('DraftStarted', 'DraftSaved')")
        return [row[0] for row in cursor.fetchall()]


class TestBegin:
    @pytest.mark.usefixtures("shut")
    def test_nothing_is_saved_and_the_contact_is_named(self, known) -> None:
        known.know(1, protection=STRICT)
        citizen = a_citizen(language="en")
        refused = refusal(cases.start_draft, citizen, package_id="allotment")
        told("safe_contact", refused)
        assert refused.status == 409
        assert not Draft.objects.exists()
        assert happened() == []

    @pytest.mark.usefixtures("shut")
    @pytest.mark.parametrize("grade", ["ugradert", "klientadresse", "fortrolig"])
    def test_other_grades_begin_as_always(self, known, grade) -> None:
        known.know(1, protection=grade)
        assert cases.start_draft(a_citizen(), package_id="allotment").id

    @pytest.mark.usefixtures("allotment")
    def test_where_the_owner_approves_it_they_apply_here(self, known) -> None:
        known.know(1, protection=STRICT)
        assert cases.start_draft(a_citizen(), package_id="allotment").address_hidden

    @pytest.mark.usefixtures("shut")
    def test_a_child_with_protection_shuts_it_too(self, known) -> None:
        known.know(1, members=(a_member(2, protection=STRICT),))
        told(
            "safe_contact",
            refusal(cases.start_draft, a_citizen(language="en"), package_id="allotment"),
        )

    @pytest.mark.usefixtures("shut")
    def test_a_silent_register_is_told_in_words_of_its_own(self, known) -> None:
        known.down = {"folkeregisteret.person"}
        citizen = a_citizen(language="en")
        refused = refusal(cases.start_draft, citizen, package_id="allotment")
        told("safe_contact", refused)
        assert refused.status == 503
        assert "Try again" in refused.remedy
        assert not Draft.objects.exists()
        known.down = set()
        assert cases.start_draft(citizen, package_id="allotment").id

    def test_a_version_that_says_nothing_takes_nobody_and_names_the_ordinary_contact(
        self, known, tmp_path
    ) -> None:
        publish(tmp_path / "allotment", version="1.0.0", says="")
        known.know(1, protection=STRICT)
        refused = refusal(cases.start_draft, a_citizen(), package_id="allotment")
        assert (refused.values["name"], refused.values["phone"]) == (
            "Parselltilsynet",
            "00 00 00 00",
        )


class TestBegunBefore:
    @pytest.mark.usefixtures("shut")
    @pytest.mark.parametrize("by", ["opening", "sending"])
    def test_a_grade_that_arrives_deletes_it_with_an_account(self, known, by) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        pdf = b"%PDF-1.7\n1 0 obj\n%%EOF"
        cases.attach(
            a_citizen(), draft_id=view.id, document="invoice", content=pdf, filename="a.pdf"
        )
        known.know(1, protection=STRICT)
        again = a_citizen(session_id="new login", language="en")
        if by == "opening":
            refused = refusal(cases.open_draft, again, draft_id=view.id)
        else:
            refused = refusal(
                cases.submit, again, draft_id=view.id, idempotency_key="k", values=ANSWERS
            )
        told("safe_contact", refused)
        assert not Draft.objects.exists()
        assert not Case.objects.exists()
        assert not Attachment.objects.exists()
        account = Deletion.objects.get()
        assert (account.kind, account.package_id, account.count) == ("draft", "allotment", 1)
        assert refusal(cases.open_draft, again, draft_id=view.id).code == "not_found"

    @pytest.mark.usefixtures("shut")
    def test_a_silent_register_keeps_it_shut_and_destroys_nothing(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        known.down = {"folkeregisteret.person"}
        again = a_citizen(session_id="new login")
        assert refusal(cases.open_draft, again, draft_id=view.id).status == 503
        assert Draft.objects.filter(id=view.id).exists()
        known.down = set()
        opened = cases.open_draft(a_citizen(session_id="third login"), draft_id=view.id)
        assert opened.answers["home"]["street"] == "Storgata 1"

    @pytest.mark.usefixtures("allotment")
    def test_an_owner_who_takes_the_yes_back_is_heard_for_drafts_on_the_old_version(
        self, known, tmp_path
    ) -> None:
        known.know(1, protection=STRICT)
        view = cases.start_draft(a_citizen(), package_id="allotment")
        publish(tmp_path / "allotment", version="2.0.0", says=NO)
        refused = refusal(cases.check, a_citizen(language="en"), draft_id=view.id)
        told("safe_contact", refused)
        assert not Draft.objects.exists()

    def test_an_owner_who_says_yes_is_heard_for_drafts_on_the_old_version(
        self, known, tmp_path
    ) -> None:
        publish(tmp_path / "before", version="1.0.0", says="")
        view = cases.start_draft(a_citizen(), package_id="allotment")
        publish(tmp_path / "after", version="2.0.0", says=_SAID)
        known.know(1, protection=STRICT)
        opened = cases.open_draft(a_citizen(session_id="new login"), draft_id=view.id)
        assert (opened.package.version, opened.address_hidden) == ("1.0.0", True)


@pytest.mark.usefixtures("shut")
def test_an_application_by_machine_is_refused_and_leaves_nothing(known) -> None:
    known.know(1, protection=STRICT)
    browser = a_citizens_browser(1)
    answer = browser.post(
        "/api/v1/applications",
        {"package": "allotment", "answers": ANSWERS, "declared": ["truth"]},
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "safe_contact"
    assert "00 00 00 09" in error["remedy"]
    assert not Case.objects.exists()
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("shut")
class TestOnPaper:
    def test_the_counter_registers_nothing(self, known) -> None:
        known.know(1, protection=STRICT)
        refused = refusal(
            paper.paper_form,
            attrs.evolve(an_employee("counter"), language="en"),
            package_id="allotment",
            national_id=a_number(1).value,
        )
        told("protected_on_paper", refused)

    def test_the_cleared_caseworker_may(self, known) -> None:
        known.know(1, protection=STRICT)
        cleared = an_employee("municipality_caseworker", "protected_caseworker")
        form = paper.paper_form(cleared, package_id="allotment", national_id=a_number(1).value)
        assert form.address_hidden


@pytest.mark.usefixtures("shut")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("Du kan søke på en trygg måte", "Ingenting av søknaden er lagret", "Den trygge kontakten")),
        ("nn", ("Du kan søkje på ein trygg måte", "Ingenting av søknaden er lagra", "Den trygge kontakten")),
        ("en", ("You can apply in a safe way", "Nothing of it is saved", "The safe contact")),
    ],
)  # fmt: skip
def test_the_page_names_the_contact_and_is_counted(known, language, words) -> None:
    known.know(1, protection=STRICT)
    browser = a_citizens_browser(1)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = browser.post("/tjenester/allotment/start/")
    assert page.status_code == 409
    shown = text_of(page)
    assert [word for word in (*words, "00 00 00 09", "Torget 1") if word not in shown] == []
    assert 'href="tel:00000009"' in page.content.decode()
    assert page.content.decode().count("<h1") == 1
    assert "kommune-naas" not in page.content.decode()  # no municipality is asked for
    assert "/uten-e-id/" in page.content.decode()
    assert DeadEnd.objects.get(kind="safe_contact").count == 1


@pytest.mark.usefixtures("shut")
def test_whoever_goes_on_in_a_new_login_reads_that_what_was_begun_is_deleted(known) -> None:
    begun = a_citizens_browser(1).post("/tjenester/allotment/start/")["Location"]
    assert Draft.objects.count() == 1
    known.know(1, protection=STRICT)
    browser = a_citizens_browser(1)
    page = browser.get(begun)
    assert page.status_code == 409
    assert page["HX-Retarget"] == "body"
    assert "what was begun is deleted" in text_of(page)
    assert (Draft.objects.count(), Deletion.objects.get().count) == (0, 1)
    assert browser.get(begun).status_code == 404
