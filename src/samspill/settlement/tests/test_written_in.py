"""Agreements and gains say which language they are in, and are read in one's own where that is given."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from django.utils import translation

from samspill.impact import service as impact
from samspill.kernel.outcome import RefusedError
from samspill.kernel.wording import Said
from samspill.portfolio.tests.builders import OWNER, lead
from samspill.portfolio.tests.web import a_browser, text_of
from samspill.settlement import service
from samspill.settlement.domain import gain_reading, terms
from samspill.settlement.models import Agreement, Exit, GainItem
from samspill.settlement.tests.builders import (
    LARGE,
    SMALL,
    a_gain,
    a_plan,
    all_sign,
    an_agreement,
    published,
    terms_of,
)

NYNORSK = Said({"nn": "Vi bruker det ikkje.", "en": "We do not use it."}, "nn", "nn")
WORDED: dict[str, Any] = {
    "language": "nb",
    "exit_terms": "Varsel ett år før.",
    "translations": {"nn": {"exit_terms": "Varsel eitt år før."}},
    "lines": [
        {"name": "Drift", "payer": "key", "amount": 100_000, "translations": {"en": {"name": "Operation"}}}
    ],
}  # fmt: skip


def test_terms_and_their_lines_are_read_in_the_reader_s_language_where_it_is_given():
    found = terms.read(terms_of(sharing=None, tariff=None, **WORDED))
    assert [found.said_exit(lang) for lang in ("nb", "nn")] == ["Varsel ett år før.", "Varsel eitt år før."]  # fmt: skip
    assert (found.said_exit("en").lang, found.said_line(0, "en")) == ("nb", "Operation")


@pytest.mark.parametrize(
    ("read", "given", "where"),
    [
        (terms.read, {"translations": {"nn": {"title": "x"}}}, "terms.translations.nn.title"),
        (terms.read, {"language": "se"}, "terms.language"),
        (gain_reading.read, {"translations": {"en": {"line": "x"}}}, "plan.translations.en.line"),
        (gain_reading.read, {"language": 3}, "plan.language"),
    ],
)
def test_wordings_that_cannot_be_kept_are_refused_by_place(
    read: Any, given: dict[str, Any], where: str
):
    whole = terms_of(**given) if read is terms.read else a_plan(**given)
    with pytest.raises(RefusedError) as error:
        read(whole)
    assert error.value.refused.where == where


@pytest.mark.django_db
class TestKept:
    """Rows, pages and files."""

    def test_a_notice_is_in_the_language_of_whoever_gives_it(self):
        view = an_agreement()
        all_sign(view)
        service.withdraw_from(lead(SMALL), agreement_id=view.id, reason=NYNORSK)
        leaver = attrs.evolve(lead(LARGE), language="en")
        service.withdraw_from(leaver, agreement_id=view.id, reason="Too dear.")
        said = {row.reason: (row.language, row.translations) for row in Exit.objects.all()}
        assert said == {
            "Vi bruker det ikkje.": ("nn", {"en": "We do not use it."}),
            "Too dear.": ("en", {}),
        }

    def test_an_agreement_takes_the_words_of_the_effect_lines_it_pays(self):
        initiative = published()
        line = {
            "key": "drift", "name": "Drift av fellesløsning", "quantity": 1, "driver": "one", "language": "nb",
            "translations": {"nn": {"name": "Drift av fellesløysing"}},
        }  # fmt: skip
        impact.save_lines(OWNER, initiative_id=initiative.id, lines=[line], take=0)
        view = an_agreement(initiative)
        with translation.override("nn"):
            shown = service.get(view.id, actor=OWNER)
            assert [(one.line, one.line.lang) for one in shown.payers][:2] == [
                ("Drift av fellesløysing", "nn"),
                ("Opplæring", "nb"),
            ]

    def test_the_form_of_an_agreement_keeps_title_and_exit_terms_in_other_languages(self):
        initiative = published()
        browser = a_browser(OWNER)
        at = f"/avtaler/ny/{initiative.id}/"
        assert 'name="translations.nn.title"' in browser.get(at).content.decode()
        form = {
            "title": "Avtale", "first_year": "2027", "last_year": "2029", "parties": f"{SMALL} {LARGE}", "key": "equal",
            "total": "100000", "withdrawal": "50", "gain_key": "pooled", "compensation": "no", "settle_on": "03-01",
            "exit_notice_months": "12", "exit_terms": "Varsel.", "split_rule": "equal", "language": "nb",
            "translations.nn.title": "Avtale om saka", "translations.en.exit_terms": "Notice.", "translations.nb.title": "x",
        }  # fmt: skip
        assert browser.post(at, form).status_code == 302
        (row,) = Agreement.objects.all()
        assert (row.language, row.translations) == ("nb", {"nn": "Avtale om saka"})
        page = browser.get(f"/avtaler/{row.id}/")
        assert "Notice." in text_of(page)
        assert '<h1 lang="nb">Avtale</h1>' in page.content.decode()

    def test_a_gain_is_shown_in_the_reader_s_language_and_marked_in_another(self):
        initiative = published()
        words = {"nn": {"name": "Kortare saksbehandling"}, "en": {"name": "Shorter case handling"}}
        a_gain(initiative.id, language="nb", translations=words)
        page = a_browser(lead(SMALL), "nn").get(f"/gevinstplan/{initiative.id}/").content.decode()
        assert 'lang="nn">Kortare saksbehandling</h2>' in page
        assert '<span lang="nb">Avdelingsdirektør, bostøtte</span>' in page
        (item,) = GainItem.objects.all()
        assert item.translations == words
