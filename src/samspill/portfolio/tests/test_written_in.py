"""What one party writes is in one language, said and marked; the writer may give the others."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import wording
from samspill.portfolio.models import Comment, Relevance
from samspill.portfolio.service import Said
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    OWNER,
    an_initiative,
    answers,
    brought_to,
    lead,
)
from samspill.portfolio.tests.test_rounds import a_round, an_entry
from samspill.portfolio.tests.web import a_browser

NYNORSK = Said({"nn": "Vi er samde.", "en": "We agree."}, "nn", "nn")
languages = st.sampled_from(wording.LANGUAGES)
#: Few letters: the table of all of Unicode takes longer to read than the tests.
letters = st.text(alphabet="aåøÆé .\n")


@given(
    others=st.dictionaries(languages, letters.filter(bool)),
    written=st.sampled_from(("", *wording.LANGUAGES)),
    reader=languages,
)
def test_it_is_read_in_one_s_own_language_when_it_is_given_else_as_it_was_written(
    others: dict[str, str], written: str, reader: str
):
    said = wording.written("slik", written, others, reader)
    given_in = {**others, written: "slik"}
    assert said.lang == (reader if reader in given_in else written)
    assert said == given_in[said.lang]


@given(text=letters.filter(bool), others=st.dictionaries(languages, letters), written=languages)
def test_what_is_kept_is_what_was_written(text: str, others: dict[str, str], written: str):
    said = wording.written(text, written, others, written)
    plain, language, rest = wording.parts(said, "en", where="text", most=10**6)
    assert (plain, language) == (text.strip(), written)
    assert rest == {lang: t.strip() for lang, t in others.items() if lang != written and t.strip()}


@pytest.mark.parametrize(
    ("said", "where", "code"),
    [
        (Said({"se": "x"}, "se", "se"), "text", "unknown_language"),
        (Said({"nb": "x", "se": "y"}, "nb"), "text", "unknown_language"),
        (Said({"nb": "x", "en": "y" * 11}, "nb"), "text.en", "bad_translation"),
    ],
)
def test_a_language_we_do_not_write_and_a_text_too_long_are_refused(
    said: Said, where: str, code: str
):
    with pytest.raises(RefusedError) as error:
        wording.parts(said, "nb", where="text", most=10)
    assert (error.value.refused.where, error.value.refused.code) == (where, code)


@pytest.mark.django_db
class TestKept:
    """Each of the texts that parties write."""

    def test_a_plain_text_is_in_the_language_of_whoever_writes(self):
        made = an_initiative()
        service.comment(attrs.evolve(OWNER, language="nn"), initiative_id=made.id, text="Godt.")
        (row,) = Comment.objects.all()
        assert (row.language, row.translations) == ("nn", {})

    def test_statement_dissent_remark_and_reason_know_their_language(self):
        made = brought_to("relevance")
        service.sign_relevance(
            OWNER, initiative_id=made.id, verdict="material", criteria=answers("changes_work"), remark=NYNORSK
        )  # fmt: skip
        service.make_statement(
            KS_COORDINATOR, initiative_id=made.id, position="agree", text=NYNORSK
        )
        service.lodge_dissent(KS_COORDINATOR, initiative_id=made.id, text=NYNORSK)
        held = service.involve(
            OWNER, initiative_id=made.id, phase="idea", form="workshop", held_on=made.changed_at.date(),
            raised=NYNORSK, others="KS",
        )  # fmt: skip
        service.record_influence(OWNER, involvement_id=held.id, changed=True, text=NYNORSK)
        service.move(OWNER, initiative_id=made.id, to="stopped", reason=NYNORSK)
        for here, text, lang in (("nb", "Vi er samde.", "nn"), ("en", "We agree.", "en")):
            with translation.override(here):
                story = service.story(made.id, actor=OWNER)
                said: list[Any] = [
                    story.verdicts[0].remark, story.comments[0].text, story.dissents[0].text,
                    story.involvements[0].raised, story.involvements[0].influences[0].text, story.steps[-1].text,
                ]  # fmt: skip
                assert [(one, one.lang) for one in said] == [(text, lang)] * len(said)

    def test_the_same_words_in_another_language_are_another_signature(self):
        made = brought_to("relevance")
        for remark in ("Samme.", "Samme.", Said({"nn": "Samme."}, "nn", "nn")):
            service.sign_relevance(
                OWNER, initiative_id=made.id, verdict="material", criteria=answers("changes_work"), remark=remark
            )  # fmt: skip
        assert [row.language for row in Relevance.objects.order_by("take")] == ["nb", "nn"]

    def test_a_source_is_called_as_it_calls_itself_and_in_the_reader_s_language_where_it_is_given(self):  # fmt: skip
        titles = {"en": "The yearly report"}
        made = an_initiative(
            references=[
                {"title": "Årsrapporten", "language": "nb", "titles": titles},
                {"title": "Report", "language": "en"},
            ]
        )
        with translation.override("en"):
            assert [(t, t.lang) for t, _url in made.sources] == [
                ("The yearly report", "en"),
                ("Report", "en"),
            ]
        with translation.override("nn"):
            assert [t.lang for t, _url in made.sources] == ["nb", "en"]
        with pytest.raises(RefusedError):
            an_initiative(references=[{"title": "x", "language": "se"}])


@pytest.mark.django_db
class TestPages:
    """The writer says the language; the reader is told of it."""

    def test_a_statement_is_posted_in_nynorsk_and_english_and_marked_for_others(self):
        made = brought_to("relevance")
        service.publish(OWNER, initiative_id=made.id)
        ks = a_browser(KS_COORDINATOR, language="nb")
        at = reverse("initiative-statement", args=[made.id])
        assert 'name="text.language"' in ks.get(at).content.decode()
        ks.post(
            reverse("initiative-state", args=[made.id]),
            {"position": "agree", "text": "Vi er samde.", "text.language": "nn", "text.en": "We agree.", "text.nn": "ikkje lese"},
        )  # fmt: skip
        (row,) = Comment.objects.all()
        assert (row.language, row.translations) == ("nn", {"en": "We agree."})
        page = ks.get(at).content.decode()
        assert '<span lang="nn">Vi er samde.</span>' in page
        assert "(skrevet på nynorsk)" in page
        public = a_browser(lead(), language="en").get(f"/tiltak/{made.slug}/").content.decode()
        assert "We agree." in public
        assert "Vi er samde." not in public
        assert "(written in" not in public

    def test_recommendations_withdrawals_and_moves_are_given_in_more_than_one_language(self):
        running = a_round()
        made = an_entry(running, "A")
        at = f"/samstyring/runder/{running.id}/"
        ks, owner = a_browser(KS_COORDINATOR), a_browser(OWNER)
        assert f'id="tilra-{made.id}-nn" name="text.nn"' in ks.get(at).content.decode()
        assert f'id="trekk-{made.id}-nn" name="reason.nn"' in owner.get(at).content.decode()
        overview = owner.get(reverse("work-initiative", args=[made.id])).content.decode()
        assert 'name="reason.language"' in overview
        said = {"text": "Ja.", "text.language": "nb", "text.en": "Yes.", "position": "agree"}
        assert ks.post(f"{at}{made.id}/tilra/", said).status_code == 302
        why = {"reason": "Ikkje klart.", "reason.language": "nn", "reason.en": "Not ready."}
        assert owner.post(f"{at}{made.id}/trekk/", why).status_code == 302
        rows = {row.text: (row.language, row.translations) for row in Comment.objects.all()}
        assert rows["Ja."] == ("nb", {"en": "Yes."})
        move = {"to": "stopped", **why}
        answer = owner.post(reverse("initiative-move", args=[made.id]), move)
        assert answer.status_code == 302
        with translation.override("en"):
            assert service.story(made.id, actor=OWNER).steps[-1].text == "Not ready."
