"""What is written about an estimate says which language it is in, and is read in one's own where it is given."""

from __future__ import annotations

import attrs
import pytest
from django.urls import reverse
from django.utils import translation

from samspill.impact import models, service
from samspill.impact.domain.lines import read_line
from samspill.impact.tests.builders import (
    KS,
    OWNER,
    a_lead,
    a_municipality,
    an_initiative,
    described,
    frozen,
)
from samspill.kernel.outcome import RefusedError
from samspill.kernel.wording import Said
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.web import a_browser

LINE = {
    "key": "drift", "name": "Drift", "quantity": 10, "source": "Avtalen", "language": "nb", "grade": "expert",
    "driver": "one", "translations": {"nn": {"name": "Drifta"}, "en": {"name": "Operation", "source": "The contract"}},
}  # fmt: skip


def test_a_line_is_called_in_the_reader_s_language_where_that_is_given():
    line = read_line(LINE, "line")
    assert [line.said("name", lang) for lang in ("nb", "nn", "en")] == [
        "Drift",
        "Drifta",
        "Operation",
    ]
    assert (line.said("source", "nn"), line.said("source", "nn").lang) == ("Avtalen", "nb")


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"language": "se"}, "line.language"),
        ({"translations": {"se": {"name": "x"}}}, "line.translations.se"),
        ({"translations": {"nb": {"name": "x"}}}, "line.translations.nb"),
        ({"translations": {"nn": {"quantity": "x"}}}, "line.translations.nn.quantity"),
        ({"translations": {"nn": {"name": "x" * 201}}}, "line.translations.nn.name"),
    ],
)
def test_wordings_that_cannot_be_kept_are_refused_by_place(changed: dict[str, object], where: str):
    with pytest.raises(RefusedError) as error:
        read_line({**LINE, **changed}, "line")
    assert error.value.refused.where == where


@pytest.mark.django_db
class TestKept:
    """Rows and pages."""

    def test_a_line_without_a_language_is_in_that_of_whoever_saves(self):
        made = an_initiative()
        plain = {key: LINE[key] for key in ("key", "name", "quantity")}
        writer = attrs.evolve(OWNER, language="nn")
        saved = service.save_lines(writer, initiative_id=made.id, lines=[plain], take=0)
        assert saved.raw[0]["language"] == "nn"
        again = service.save_lines(OWNER, initiative_id=made.id, lines=saved.raw, take=saved.take)
        assert again.take == saved.take

    def test_ks_remark_and_a_reason_for_no_cost_are_kept_with_their_wordings(self):
        view = described()
        portfolio.publish(OWNER, initiative_id=view.id)
        made = service.assess(OWNER, initiative_id=view.id, draws=256)
        service.consult(OWNER, assessment_id=made.id)
        remark = Said({"nn": "For lågt.", "en": "Too low."}, "nn", "nn")
        service.take_position(KS, assessment_id=made.id, position="dissent", remark=remark)
        why = Said({"nn": "Eigaren tek det.", "en": "The owner does it."}, "nn", "nn")
        service.answer_checklist(
            OWNER, initiative_id=view.id, given={"archive": {"answer": "none", "why": why}}
        )
        before = models.ChecklistAnswer.objects.count()
        service.answer_checklist(
            OWNER, initiative_id=view.id, given={"archive": {"answer": "none", "why": why}}
        )
        assert models.ChecklistAnswer.objects.count() == before
        for here, told, because, lang in (
            ("nb", "For lågt.", "Eigaren tek det.", "nn"),
            ("en", "Too low.", "The owner does it.", "en"),
        ):
            with translation.override(here):
                seen = service.figures(made.id, actor=OWNER).remark
                said = next(
                    one.why
                    for one in service.answers(view.id, actor=OWNER)
                    if one.question.key == "archive"
                )
                assert [(seen, seen.lang), (said, said.lang)] == [(told, lang), (because, lang)]

    def test_the_form_of_a_line_asks_for_its_wordings_and_keeps_them(self):
        made = an_initiative()
        browser = a_browser(OWNER)
        at = reverse("impact-line", args=[made.id, "ny"])
        assert 'name="translations.nn.name"' in browser.get(at).content.decode()
        posted = {
            "take": "0", "do": "save", "key": "drift", "name": "Drift", "category": "yearly_cost", "bearer": "municipality",
            "quantity": "10", "driver": "one", "grade": "expert", "language": "nb",
            "translations.nb.name": "ikke lest", "translations.nn.name": "Drifta",
        }  # fmt: skip
        assert browser.post(at, posted).status_code == 302
        raw = service.lines_of(made.id, actor=OWNER).raw[0]
        assert (raw["language"], raw["translations"]) == ("nb", {"nn": {"name": "Drifta"}})

    def test_where_a_municipality_s_figure_is_from_is_kept_with_its_wordings(self):
        place = a_municipality()
        posted = {
            "kind": "employees", "value": "4000", "grade": "measured", "source": "Lønssystemet",
            "source.language": "nn", "source.en": "The payroll",
        }  # fmt: skip
        lead = a_browser(a_lead(place.number))
        assert lead.post(reverse("impact-correct"), posted).status_code == 302
        for here, told, lang in (("nb", "Lønssystemet", "nn"), ("en", "The payroll", "en")):
            with translation.override(here):
                source = service.history(place.id)[0].source
                assert (source, source.lang) == (told, lang)

    def test_where_an_actual_is_from_is_kept_with_its_wordings(self):
        view, _ = frozen()
        place = a_municipality()
        said = Said({"nn": "Timelista", "nb": "Timelisten"}, "nn", "nn")
        made = service.report_actual(
            a_lead(place.number), initiative_id=view.id, line="saved", municipality_id=place.id,
            year=2030, value=10, source=said,
        )  # fmt: skip
        assert (made.source, made.language) == ("Timelista", "nn")
        assert made.translations == {"nb": "Timelisten"}
