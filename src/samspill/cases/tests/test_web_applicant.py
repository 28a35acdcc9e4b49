"""The applicant's pages through real sessions: what they show, what they save, and what they never tell."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from samspill.cases import service as cases
from samspill.cases.models import Message
from samspill.cases.service import wording
from samspill.cases.tests.builders import a_citizen, a_member, a_number
from samspill.cases.tests.staff_web import a_citizens_browser, text_of
from samspill.cases.web import form_reading
from samspill.cases.web.presenting import missing_items
from samspill.infra import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allotment")]
NOW = dt.date(2026, 8, 10)


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def kari(known) -> Client:
    known.know(1, members=(a_member(2),))
    return a_citizens_browser(1)


def begun(browser: Client) -> str:
    """Start an application and give its address."""
    response = browser.post("/tjenester/allotment/start/")
    assert response.status_code == 302
    return response["Location"]


def side(draft: str, page: str) -> str:
    return f"{draft}side/{page}/"


def form_of(browser: Client, address: str) -> dict[str, list[str]]:
    """Read the form of a page as a browser would post it, untouched."""
    html = browser.get(address).content.decode()
    form = html[html.index('id="skjema"') :]
    posted: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        choice = given.get("type") in ("radio", "checkbox")
        if given.get("name") and given.get("type") != "file" and (not choice or "checked" in tag):
            posted.setdefault(given["name"], []).append(given.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)', form):
        posted.setdefault(name, []).append(text)
    return posted


def answers_of(draft: str) -> dict:
    view = cases.open_draft(a_citizen(session_id="other"), draft_id=uuid.UUID(draft.split("/")[2]))
    return dict(view.answers)


def autosave(browser: Client, address: str, form: dict, field: str):
    return browser.post(address, form, headers={"hx-request": "true", "hx-trigger-name": field})


class TestForm:
    def test_shows_what_a_register_said_in_words_with_its_source(self, kari) -> None:
        page = kari.get(side(begun(kari), "home"))
        text = text_of(page)
        assert "Storgata 1, H0101, 4306 Sandnes" in text
        assert "Fetched from" in text
        assert 'name="home.street"' not in page.content.decode()

    def test_calls_a_row_by_its_name_and_never_tells_the_last_digits(self, kari) -> None:
        page = kari.get(side(begun(kari), "people"))
        assert "Per Prøve2" in text_of(page)
        assert "3 February 1991" in text_of(page)
        assert a_number(2).value not in page.content.decode()

    def test_an_answer_that_asks_more_keeps_one_on_the_page(self, kari) -> None:
        draft = begun(kari)
        form = form_of(kari, side(draft, "home"))
        first = kari.post(side(draft, "home"), {**form, "has_shed": "true", "next": ""})
        assert first["Location"] == f"{side(draft, 'home')}#f-shed_size"
        form = form_of(kari, side(draft, "home"))
        second = kari.post(side(draft, "home"), {**form, "shed_size": "7", "next": ""})
        assert second["Location"] == side(draft, "people")
        assert answers_of(draft)["shed_size"] == 7

    def test_what_cannot_be_read_stands_as_written_and_the_rest_is_saved(self, kari) -> None:
        draft = begun(kari)
        form = form_of(kari, side(draft, "costs"))
        page = kari.post(
            side(draft, "costs"), {**form, "fee": "a lot", "note": "Thanks", "next": ""}
        )
        assert page.status_code == 422
        assert 'value="a lot"' in page.content.decode()
        assert "Write a number, for example 8200." in text_of(page)
        assert answers_of(draft)["note"] == "Thanks"

    def test_rows_are_added_and_taken_away_but_not_the_registers_own(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "people")
        assert kari.post(here, {**form_of(kari, here), "add_row": "members"}).status_code == 302
        form = {**form_of(kari, here), "members[1].name": "Ny Nabo"}
        assert kari.post(here, {**form, "save": ""}).status_code == 302
        page = kari.get(here).content.decode()
        assert 'name="remove_row" value="members[1]"' in page
        assert 'name="remove_row" value="members[0]"' not in page
        kari.post(here, {**form_of(kari, here), "remove_row": "members[1]"})
        assert [row["name"] for row in answers_of(draft)["members"]] == ["Per Prøve2"]

    def test_a_registers_word_is_changed_with_a_reason_only(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "people")
        wrong = {**form_of(kari, here), "members[0].born": "1992-02-03", "save": ""}
        page = kari.post(here, wrong)
        assert page.status_code == 422
        assert "Say why it is wrong to change it." in text_of(page)
        right = {**wrong, "reason.members[0].born": "The year was mistyped."}
        assert kari.post(here, right).status_code == 302
        assert answers_of(draft)["members"][0]["born"] == "1992-02-03"

    def test_what_is_missing_says_whose_it_is(self, known) -> None:
        known.know(1, members=(a_member(2), a_member(3)))
        draft = begun(a_citizens_browser(1))
        view = cases.open_draft(a_citizen(), draft_id=uuid.UUID(draft.split("/")[2]))
        checked = cases.check(a_citizen(), draft_id=view.id)
        titles = [one["title"] for one in missing_items(view, checked.missing)]
        asked = view.package.text("field.members.gardens.label", "nb")
        assert {f"Per Prøve2: {asked}", f"Per Prøve3: {asked}"} <= set(titles)
        assert len(titles) == len(set(titles))

    @pytest.mark.parametrize(
        ("language", "said"),
        [("nb", "program.pdf: Vi tar ikke imot denne filtypen."), ("nn", "Vi tek ikkje imot denne filtypen."),
         ("en", "program.pdf: This kind of file is not taken. Add a file of type PDF")],
    )  # fmt: skip
    def test_a_file_that_is_not_taken_is_told_by_name_in_the_language_of_the_page(
        self, kari, language, said
    ) -> None:
        draft = begun(kari)
        here = side(draft, "costs")
        kari.post(here, {**form_of(kari, here), "fee": "600", "save": ""})
        kari.cookies["sprak"] = language
        form = form_of(kari, here)
        (field,) = re.findall(r'name="(file-\d+)"', kari.get(here).content.decode())
        file = SimpleUploadedFile("program.pdf", b"MZ" + bytes(100))
        page = kari.post(here, {**form, field: file, "upload": ""})
        assert page.status_code == 422
        assert said in text_of(page)


class TestTwoWindows:
    def test_other_fields_go_together_from_the_same_old_page(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "costs")
        old = form_of(kari, here)
        assert autosave(kari, here, {**old, "fee": "300"}, "fee").status_code == 200
        assert autosave(kari, here, {**old, "note": "Later"}, "note").status_code == 200
        assert (answers_of(draft)["fee"], answers_of(draft)["note"]) == (300, "Later")

    def test_the_same_value_never_clashes(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "costs")
        old = form_of(kari, here)
        for _ in range(2):
            assert autosave(kari, here, {**old, "fee": "300"}, "fee").status_code == 200

    def test_the_same_field_shows_both_and_the_writer_chooses(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "costs")
        old = form_of(kari, here)
        autosave(kari, here, {**old, "fee": "300"}, "fee")
        clash = autosave(kari, here, {**old, "fee": "450"}, "fee")
        assert clash.status_code == 409
        assert clash["HX-Retarget"] == "#skjema"
        assert "Here: NOK\xa0450" in re.sub(r"[ \n]+", " ", text_of(clash)).replace(
            "NOK 450", "NOK\xa0450"
        )
        assert answers_of(draft)["fee"] == 300
        again = QueryDict(mutable=True)
        for name, value in re.findall(r'name="([^"]+)"\s+value="([^"]*)"', clash.content.decode()):
            again.appendlist(name, value)
        again["fee"] = "450"
        assert kari.post(here, dict(again.lists())).status_code == 302
        assert answers_of(draft)["fee"] == 450

    def test_a_background_save_tells_what_is_wrong_at_the_field(self, kari) -> None:
        draft = begun(kari)
        here = side(draft, "costs")
        said = autosave(kari, here, {**form_of(kari, here), "fee": "20000"}, "fee")
        assert said.status_code == 200
        assert "This must be at most 10000." in text_of(said)


class TestLanguage:
    def test_the_page_decides_what_is_read(self, kari) -> None:
        draft = begun(kari)
        for language in ("nb", "nn", "en"):
            kari.cookies["sprak"] = language
            page = kari.get(side(draft, "home"))
            view = cases.open_draft(a_citizen(), draft_id=uuid.UUID(draft.split("/")[2]))
            assert view.package.text("field.has_shed.label", language) in text_of(page)


class TestSent:
    def sent(self, kari: Client) -> tuple[str, str]:
        draft = begun(kari)
        for page, answers in (
            ("home", {"has_shed": "false"}),
            ("people", {"members[0].gardens": "true"}),
            ("costs", {"fee": "300"}),
        ):
            kari.post(
                side(draft, page), {**form_of(kari, side(draft, page)), **answers, "next": ""}
            )
        response = kari.post(f"{draft}send/", {"key": "one", "declared": ["truth"]})
        assert response.status_code == 302, text_of(response)
        return draft, response["Location"]

    def test_every_old_page_leads_to_the_receipt(self, kari) -> None:
        draft, receipt = self.sent(kari)
        for address in (
            draft,
            side(draft, "home"),
            f"{draft}mangler/",
            f"{draft}se-over/",
            f"{draft}slett/",
        ):
            assert kari.get(address)["Location"] == receipt
        assert (
            kari.post(f"{draft}send/", {"key": "two", "declared": ["truth"]})["Location"] == receipt
        )
        late = autosave(
            kari, side(draft, "home"), {"_shown": "has_shed", "has_shed": "true"}, "has_shed"
        )
        assert (late.status_code, late["HX-Redirect"]) == (204, receipt)

    def test_without_the_declaration_nothing_is_lost(self, kari) -> None:
        draft = begun(kari)
        page = kari.post(f"{draft}send/", {"key": "one"})
        assert page.status_code == 422
        assert "The application is not sent" in text_of(page)

    def test_what_one_comes_back_to_does_no_harm_and_loses_nothing(self, kari) -> None:
        _, receipt = self.sent(kari)
        case = receipt.replace("/kvittering/", "/min-side/sak/")
        old = {"key": "of the page", "text": "Hei"}
        for _ in range(2):
            assert kari.post(f"{case}melding/", old)["Location"].endswith("?gjort=melding")
        page = kari.post(f"{case}melding/", {**old, "text": "Noe annet"})
        assert page.status_code == 422
        assert "Another message was sent from this page before" in text_of(page)
        again = dict(re.findall(r'name="(key)" value="([^"]+)"', page.content.decode()))
        assert "Noe annet</textarea>" in page.content.decode()
        kari.post(f"{case}melding/", {**again, "text": "Noe annet"})
        assert [row.text for row in Message.objects.order_by("sent_at")] == ["Hei", "Noe annet"]
        assert "End this case?" in text_of(kari.get(f"{case}stopp/"))
        for _ in range(2):
            assert kari.post(f"{case}stopp/")["Location"].endswith("?gjort=stopp")
        assert kari.get(f"{case}stopp/")["Location"].endswith("?gjort=stopp")

    def test_the_case_is_nobody_elses(self, kari, known) -> None:
        _, receipt = self.sent(kari)
        known.know(5)
        other = a_citizens_browser(5)
        assert other.get(receipt).status_code == 404
        assert other.get(receipt.replace("/kvittering/", "/min-side/sak/")).status_code == 404

    def test_shows_answers_with_masked_numbers(self, kari) -> None:
        _, receipt = self.sent(kari)
        page = kari.get(receipt.replace("/kvittering/", "/min-side/sak/"))
        assert f"{a_number(2).value[:6]} *****" in text_of(page)
        assert a_number(2).value not in page.content.decode()


class TestProtected:
    def test_no_address_in_any_page(self, known) -> None:
        known.know(1, protection="strengtFortrolig")
        known.replies["folkeregisteret.person"][a_number(1).value]["address"] = {
            "street": "Hemmelig 9", "municipality_no": "1108",
        }  # fmt: skip
        browser = a_citizens_browser(1)
        draft = begun(browser)
        pages = [browser.get(side(draft, key)) for key in ("home", "people", "costs")]
        pages += [browser.get(f"{draft}{more}/") for more in ("mangler", "se-over")]
        assert [p.status_code for p in pages] == [200] * 5
        assert [p for p in pages if "Hemmelig" in p.content.decode()] == []
        assert "neither shown nor stored" in text_of(pages[0])
        assert "a picture can show where you live" in text_of(pages[0])


class TestReading:
    @pytest.mark.parametrize(
        ("written", "read"),
        [("14 500", 14500), ("14.500", 14500), ("14,500", 14500), ("8200,-", 8200), ("NOK 300", 300),
         ("12,5", 12.5), ("-20", -20), ("\N{MINUS SIGN}20", -20), ("1.234.567", 1234567)],
    )  # fmt: skip
    def test_amounts_as_people_write_them(self, allotment, written, read) -> None:
        assert form_reading._read_number(allotment.fields["fee"], written) == read

    @pytest.mark.parametrize(
        ("written", "number"), [("Sandnes", "1108"), ("sandnes kommune", "1108"), ("1108", "1108")]
    )
    def test_a_municipality_by_its_name(self, written, number) -> None:
        assert form_reading._municipality(written) == number

    @pytest.mark.parametrize("written", ["Herøy", "Atlantis"])
    def test_a_name_that_is_none_or_several_is_told(self, written) -> None:
        with pytest.raises(form_reading.Unreadable):
            form_reading._municipality(written)


class TestWords:
    @pytest.mark.parametrize(
        ("language", "amount", "day"),
        [("nb", "6\xa0130\xa0kr", "1. august 2026"), ("en", "NOK\xa06,130", "1 August 2026")],
    )
    def test_amounts_and_days_in_the_local_form(self, language, amount, day) -> None:
        with translation.override(language):
            assert wording.amount_text(6130) == amount
            assert wording.day_text("2026-08-01") == day

    def test_an_address_as_a_person_writes_it(self) -> None:
        address = {"street": "Viddeveien 1", "unit_no": "H0101", "postal_code": "8610", "city": "MO I RANA", "address_id": "77"}  # fmt: skip
        assert wording.address_text(address) == "Viddeveien 1, H0101, 8610 Mo i Rana"

    def test_numbers_of_others_show_the_date_of_birth_only(self) -> None:
        assert wording.identity_text("12861783330", masked=True) == "128617 *****"
        assert wording.account_text("97100123456") == "9710\xa001\xa023456"


class TestAPageThatSavesByItself:
    """It is answered with what its window does not show already."""

    @pytest.fixture
    def page(self, kari) -> tuple[Client, str, dict[str, list[str]]]:
        address = side(begun(kari), "home")
        return kari, address, form_of(kari, address)

    @staticmethod
    def save(page, **changed: str) -> str:
        browser, address, form = page
        form |= {name: [value] for name, value in changed.items()}
        answer = browser.post(address, form, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        html = answer.content.decode()
        for name in ("_shown", "_was", "_aside"):
            form[name] = re.findall(f'name="{name}" value="([^"]*)"', html)
        return html

    def test_the_overview_comes_with_it_only_when_it_has_changed(self, page) -> None:
        first = self.save(page, has_shed="true")
        assert 'id="skjema"' in first
        assert first.count('id="mangler-ramme"') == 1
        again = self.save(page, shed_size="5")
        assert 'id="vist"' in again
        assert 'id="skjema"' not in again
        assert "mangler-ramme" not in again

    def test_a_window_that_shows_an_old_overview_is_given_the_new_one(self, page) -> None:
        self.save(page, has_shed="true")
        self.save(page, shed_size="4")
        page[2]["_aside"] = ["another"]
        assert 'hx-swap-oob="true"' in self.save(page, shed_size="5").split("mangler-ramme")[1]

    def test_what_is_wrong_with_the_field_is_told(self, page) -> None:
        self.save(page, has_shed="true")
        browser, address, form = page
        wrong = browser.post(
            address,
            {**form, "shed_size": ["many"]},
            headers={"HX-Request": "true", "HX-Trigger-Name": "shed_size"},
        )
        assert "s-wrong" in wrong.content.decode()
