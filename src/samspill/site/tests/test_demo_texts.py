"""What the demo's initiatives say: the same in bokmål, nynorsk and English, and on the page in the reader's language."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.translation import override

from samspill.insight.service import memory
from samspill.kernel.actor import ANONYMOUS
from samspill.portfolio import service as portfolio
from samspill.portfolio.domain.description import QUESTIONS
from samspill.portfolio.domain.wording import LANGUAGES
from samspill.site import demo_people, demo_reading

#: Words that give a text away as written in another language than it is said to be in; words of both are left out.
_FOREIGN = {
    "nn": "ikke fra noen hvem hva hvor hvilken hvordan bare mye flere egen eget samme kommer vet gjør uten være "
    "kommunene kommuner søker tjeneste sammen skjemaer systemer registrene opplysninger",
    "en": "og ikke ikkje eller som på til av kommunen kommunene søknad felles med uten utan dei de",
}
#: Short titles of laws, which keep their own form in every language.
_LAWS = re.compile(r"\b(?:plan- og )?\w+lov(?:en|a)\b")
_DIGIT_GROUPS = re.compile(r"(?<=\d)[ \u00a0,](?=\d{3}\b)")
_ROWS = {row["slug"]: row for row in demo_reading.written()}


def texts(row: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return every text of an initiative that has languages, by its name."""
    answers = row.get("questions" if language == "nb" else f"questions_{language}", {})
    return {name: row[name].get(language, "") for name in ("title", "summary")} | answers


def figures(text: str) -> list[str]:
    """Return the figures of a text without regard to how thousands are grouped, in order of size."""
    return sorted(re.findall(r"\d+", _DIGIT_GROUPS.sub("", text)))


def words(text: str) -> set[str]:
    """Return the words of a text, the titles of laws left out."""
    return set(re.findall(r"[a-zæøåéò]+", _LAWS.sub("", text).casefold()))


@pytest.mark.parametrize("slug", _ROWS)
def test_an_initiative_of_the_demo_answers_all_six_questions_in_three_languages(slug: str) -> None:
    for language in LANGUAGES:
        said = texts(_ROWS[slug], language)
        missing = [name for name in ("title", "summary", *QUESTIONS) if not said.get(name, "").strip()]  # fmt: skip
        assert missing == [], language
        assert set(said) == {"title", "summary", *QUESTIONS}, language


@pytest.mark.parametrize("slug", _ROWS)
def test_every_language_of_the_demo_has_the_same_figures_and_names_the_same_laws(slug: str) -> None:
    bokmal = texts(_ROWS[slug], "nb")
    for language in ("nn", "en"):
        for name, text in texts(_ROWS[slug], language).items():
            assert figures(text) == figures(bokmal[name]), (language, name)
            named, expected = (set(_LAWS.findall(said.casefold())) for said in (text, bokmal[name]))
            assert named == expected, (language, name)


@pytest.mark.parametrize("slug", _ROWS)
def test_nynorsk_and_english_are_written_and_not_copied(slug: str) -> None:
    for language, foreign in _FOREIGN.items():
        for name, text in texts(_ROWS[slug], language).items():
            assert words(text) & words(foreign) == set(), (language, name)


def test_the_signs_of_another_language_are_found_where_they_are() -> None:
    bokmal = [text for row in _ROWS.values() for text in texts(row, "nb").values()]
    assert len(bokmal) == 8 * len(_ROWS) >= 8 * 25
    for foreign in _FOREIGN.values():
        assert sum(bool(words(text) & words(foreign)) for text in bokmal) > len(bokmal) / 3
    assert figures("29 400 søknader, 25 %") == figures("25% of 29,400") == ["25", "29400"]


def said_by_parties(value: Any) -> Iterator[Mapping[str, str]]:
    """Yield every text with languages in what the parties say, and in the claims."""
    if isinstance(value, Mapping) and set(value) <= set(LANGUAGES) and value:
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from said_by_parties(one)


def test_what_parties_say_knows_its_language_and_is_the_same_in_the_others() -> None:
    found = list(said_by_parties([demo_reading.process(), demo_reading.common()["claims"]]))
    assert len(found) >= 25
    alone = [every for every in found if set(every) != set(LANGUAGES)]
    assert [list(every) for every in alone] == [
        ["nn"]
    ]  # one is left as it was written, to be seen marked
    for every in found:
        said = demo_reading.said(dict(every))
        assert said.lang == next(iter(every))
        for language, text in every.items():
            assert figures(text.replace(".", ",")) == figures(said.replace(".", ",")), text
            assert words(text) & words(_FOREIGN.get(language, "")) == set(), text


@pytest.mark.django_db
def test_effect_lines_and_reasons_are_the_same_in_nynorsk_and_english() -> None:
    wordings = demo_reading.wordings()
    used = {line[name] for one in demo_reading.tiltak() for line in one.lines for name in ("name", "source")}  # fmt: skip
    used |= {str(given["why"]) for one in demo_reading.tiltak() for given in one.no_cost.values()}
    assert set(wordings) == used
    for bokmal, every in wordings.items():
        for language, text in every.items():
            assert figures(text.replace(".", ",")) == figures(bokmal.replace(".", ",")), text
            assert words(text) & words(_FOREIGN[language]) == set(), text


@pytest.mark.django_db
def test_the_public_page_of_every_initiative_is_in_the_reader_s_language() -> None:
    made: dict[str, Any] = {}
    for one in demo_reading.tiltak():
        actor = demo_people.owner(one.owner)
        links = [made[slug] for slug in one.requires]
        made[one.slug] = portfolio.register(
            actor, slug=one.slug, **one.values, **one.dates(2028), requires=links
        ).id
        portfolio.publish(actor, initiative_id=made[one.slug])
    for language in LANGUAGES:
        with override(language):
            found = portfolio.list_initiatives(portfolio.Filters(size=100), actor=ANONYMOUS).items
            assert {one.slug for one in found} == set(made)
            assert [one.slug for one in found if one.only_in_bokmal] == []
    memory.forget()
    try:
        # Each page once, in turn: what the page does with a language is the same for all of them.
        for language, slug in zip(itertools.cycle(LANGUAGES), made, strict=False):
            _reads_in(language, slug)
    finally:
        memory.forget()


def _reads_in(language: str, slug: str) -> None:
    """Ask for the public page of an initiative in a language, and expect every text of it, marked as it."""
    client = Client()
    client.cookies["sprak"] = language
    page = client.get(f"/tiltak/{slug}/").content.decode()
    said = texts(_ROWS[slug], language)
    assert f'<h1 lang="{language}">{escape(said["title"])}</h1>' in page, (language, slug)
    for name in ("summary", *QUESTIONS):
        assert f'lang="{language}">{escape(said[name])}</p>' in page, (language, slug, name)
