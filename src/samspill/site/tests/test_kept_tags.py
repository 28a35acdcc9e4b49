"""Texts and addresses that a template writes out are kept; what depends on anything else is not."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.templatetags.static import static
from django.utils import translation

LANGUAGES = ("nb", "nn", "en")


def test_a_written_out_text_is_given_in_the_language_of_each_page():
    page = Template('{% load i18n %}{% translate "Log out" %}|{% trans "My page" %}')
    for _ in range(2):  # the second time from what is kept
        said = []
        for language in LANGUAGES:
            with translation.override(language):
                said.append(page.render(Context()))
        assert said == ["Logg ut|Min side", "Logg ut|Mi side", "Log out|My page"]


@pytest.mark.parametrize(
    ("source", "first", "second"),
    [
        ("{% translate words %}", "Logg ut", "Min side"),
        ('{% translate "Log out" as said %}{{ said }} {{ words }}', "Logg ut Log out", "Logg ut My page"),
        ("{% blocktranslate %}Step {{ number }} of {{ total }}{% endblocktranslate %}", "Steg 1 av 2", "Steg 2 av 3"),
    ],
)  # fmt: skip
def test_a_text_with_something_of_the_page_in_it_is_made_each_time(source, first, second):
    page = Template("{% load i18n %}" + source)
    with translation.override("nb"):
        assert page.render(Context({"words": "Log out", "number": 1, "total": 2})) == first
        assert page.render(Context({"words": "My page", "number": 2, "total": 3})) == second


def test_the_address_of_a_file_is_djangos_and_is_escaped_as_the_template_is():
    page = Template("{% load static %}{% static 'site/logo.svg' %} {% static which %}")
    for name in ("site/theme.css", "site/charts.css"):
        wanted = f"{static('site/logo.svg')} {static(name)}"
        assert page.render(Context({"which": name})) == wanted
        assert page.render(Context({"which": name}, autoescape=False)) == wanted
