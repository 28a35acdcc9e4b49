"""The public register and the story in the reader's language, with the language marked and the fallback said."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from samspill.insight import service
from samspill.insight.service import memory
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.builders import OWNER, an_initiative

pytestmark = pytest.mark.django_db


@pytest.fixture
def public():
    """A public initiative that is written in bokmål, and partly in English."""
    memory.forget()
    made = an_initiative(
        title="Åpen dør", translations={"en": {"title": "Open door", "questions": {"problem": "It is shut."}}}
    )  # fmt: skip
    portfolio.publish(OWNER, initiative_id=made.id)
    yield made
    memory.forget()


def read(url: str, language: str) -> str:
    client = Client()
    client.cookies["sprak"] = language
    return client.get(url).content.decode()


def test_the_story_is_in_the_reader_s_language_and_says_what_is_not(public) -> None:
    english = read(f"/tiltak/{public.slug}/", "en")
    assert '<h1 lang="en">Open door</h1>' in english
    assert '<p lang="en">It is shut.</p>' in english
    assert '<p lang="nb">Answer on effects.</p>' in english
    assert "Some of it only in bokmål" in english
    assert "bare på bokmål" not in read(f"/tiltak/{public.slug}/", "nb")


def test_one_list_serves_readers_of_all_languages_though_it_is_kept(public) -> None:
    for language, title in (("nb", "Åpen dør"), ("en", "Open door"), ("nn", "Åpen dør")):
        assert f">{title}</a>" in read("/tiltak/", language)
    for words in ("open", "åpen"):
        assert "Open door" in read(f"/tiltak/?q={words}", "en"), words


def test_the_open_data_has_every_language_and_no_reader_s(public) -> None:
    text, _type = service.open_data("tiltak", "json")
    (row,) = [r for r in json.loads(text)["rows"] if r["slug"] == public.slug]
    assert [row[name] for name in ("title", "title_nn", "title_en")] == [
        "Åpen dør",
        "",
        "Open door",
    ]
