"""An initiative in bokmål, nynorsk and English: the reader's language where it is written, else bokmål, said as such."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from samspill.infra.canonical import canonical_json
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import description, wording
from samspill.portfolio.tests.builders import OWNER, an_initiative
from samspill.portfolio.tests.web import a_browser, text_of

TEXTS = {
    "nn": {"title": "Bustøtte på nett", "questions": {"problem": "Kva er gale?"}},
    "en": {"title": "Housing support online", "summary": "One application."},
}


@given(
    every=st.dictionaries(st.sampled_from(wording.LANGUAGES), st.text(min_size=1), min_size=1),
    here=st.sampled_from(wording.LANGUAGES),
)
def test_a_text_is_in_the_reader_s_language_when_it_is_written_else_in_bokmal(every, here) -> None:
    said = wording.Said({"nb": "på bokmål", **every}, here)
    assert said.lang == (here if here in every else "nb")
    assert said == {"nb": "på bokmål", **every}[said.lang]
    assert canonical_json({"said": said})


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ([], "translations"),
        ({"se": {"title": "x"}}, "translations.se"),
        ({"nn": {"owner": "x"}}, "translations.nn.owner"),
        ({"nn": {"title": "x" * 161}}, "translations.nn.title"),
        ({"en": {"title": 1}}, "translations.en.title"),
        ({"en": {"questions": {"whatever": "x"}}}, "translations.en.questions.whatever"),
    ],
)
def test_a_wrong_translation_is_refused_with_its_place(given, where) -> None:
    found = description.faults({"title": "Tittel", "translations": given or [0]})
    assert [one.where for one in found] == [where]


def test_blanks_and_what_is_empty_are_not_kept() -> None:
    read = description.read(
        {
            "title": "Tittel",
            "translations": {
                "nn": {"title": "  To  ord ", "summary": " ", "questions": {"problem": ""}},
                "en": {"title": ""},
            },
        }
    )
    assert read.translations == {"nn": {"title": "To ord"}}


@pytest.mark.django_db
class TestReading:
    def test_each_reads_in_their_own_language_and_each_text_knows_its_own(self) -> None:
        made = an_initiative(title="Bostøtte på nett", translations=TEXTS)
        said = {}
        for here in wording.LANGUAGES:
            with translation.override(here):
                said[here] = [
                    (str(text), text.lang)
                    for text in (made.title, made.summary, made.questions["problem"])
                ]
                assert made.only_in_bokmal == (here != "nb")
        problem, summary = "Answer on problem.", "One application, reused facts."
        assert said == {
            "nb": [("Bostøtte på nett", "nb"), (summary, "nb"), (problem, "nb")],
            "nn": [("Bustøtte på nett", "nn"), (summary, "nb"), ("Kva er gale?", "nn")],
            "en": [("Housing support online", "en"), ("One application.", "en"), (problem, "nb")],
        }

    def test_every_version_keeps_the_texts_in_all_languages(self) -> None:
        made = an_initiative(translations=TEXTS)
        changed = {"nn": {"title": "Ny tittel"}}
        service.edit(OWNER, initiative_id=made.id, values={"translations": changed})
        first, second = service.story(made.id, actor=OWNER).versions
        assert first.body["translations"] == TEXTS
        assert second.body["translations"] == changed

    def test_it_is_found_by_words_of_any_language(self) -> None:
        an_initiative(title="Bostøtte på nett", translations=TEXTS)
        an_initiative(title="Noe annet", summary="")
        for words in ("bustøtte", "HOUSING", "One application", "bostøtte"):
            found = service.list_initiatives(service.Filters(text=words), actor=OWNER).items
            assert [one.titles["nb"] for one in found] == ["Bostøtte på nett"], words

    def test_the_list_goes_on_where_it_stopped_in_the_order_of_the_reader_s_titles(self) -> None:
        for nb, en in (("A", "Zebra"), ("B", ""), ("C", "Apple")):
            an_initiative(title=nb, translations={"en": {"title": en}} if en else {})
        for here, wanted in (("nb", ["A", "B", "C"]), ("en", ["Apple", "B", "Zebra"])):
            with translation.override(here):
                found, after = [], None
                while True:
                    page = service.list_initiatives(
                        service.Filters(size=1), after=after, actor=OWNER
                    )
                    found += [str(one.title) for one in page.items]
                    after = page.after
                    if after is None:
                        break
                assert found == wanted

    def test_a_cycle_is_told_in_the_reader_s_language(self) -> None:
        one = an_initiative(title="En", translations={"en": {"title": "One"}})
        two = an_initiative(title="To", requires=[one.id])
        with translation.override("en"), pytest.raises(RefusedError) as error:
            service.edit(OWNER, initiative_id=one.id, values={"requires": [two.id]})
        assert error.value.refused.values["chain"] == "One → To → One"


@pytest.mark.django_db
class TestPages:
    def test_the_texts_are_written_side_by_side_and_only_what_differs_changes(self) -> None:
        made = an_initiative(translations=TEXTS)
        browser = a_browser(OWNER)
        url = f"/samstyring/tiltak/{made.id}/om/"
        assert 'lang="nn"' in browser.get(url).content.decode()
        posted = {
            "revision": made.revision, "title": made.titles["nb"], "summary": made.summaries["nb"], "legal": "voluntary",
            "sector": "housing", "translations.nn.title": "Ny", "translations.en.summary": "",
        }  # fmt: skip
        assert browser.post(url, posted).status_code == 302
        now = service.get(made.id, actor=OWNER)
        assert now.translations == {
            "nn": {"title": "Ny", "questions": {"problem": "Kva er gale?"}},
            "en": {"title": "Housing support online"},
        }
        assert now.version == 2

    def test_an_answer_is_written_in_each_language_without_losing_the_others(self) -> None:
        made = an_initiative(translations=TEXTS)
        browser = a_browser(OWNER)
        url = f"/samstyring/tiltak/{made.id}/sporsmal/effects/"
        posted = {"answer": "Virkninger.", "translations.en.questions.effects": "Effects."}
        assert browser.post(url, posted).status_code == 302
        now = service.get(made.id, actor=OWNER)
        assert now.answers["effects"] == {"nb": "Virkninger.", "en": "Effects."}
        assert now.answers["problem"] == {"nb": "Answer on problem.", "nn": "Kva er gale?"}

    def test_a_page_says_what_is_only_in_bokmal_and_marks_the_language(self) -> None:
        made = an_initiative(translations=TEXTS)
        browser = a_browser(OWNER, "en")
        page = browser.get(f"/samstyring/tiltak/{made.id}/sporsmal/")
        assert "Only in bokmål" in text_of(page)
        html = page.content.decode()
        assert '<strong lang="en">Housing support online</strong>' in html
        assert '<div lang="nb"><p>Answer on problem.</p></div>' in html

    def test_the_page_of_links_asks_for_no_texts(self) -> None:
        made = an_initiative(translations=TEXTS)
        page = a_browser(OWNER, "en").get(f"/samstyring/tiltak/{made.id}/koblinger/")
        assert "In other languages" not in text_of(page)
