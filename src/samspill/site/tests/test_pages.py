"""The frame, the pieces and the site's own pages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import attrs
import polib
import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

import samspill
from samspill.identity import urls as identity_urls
from samspill.identity.service import Who, rule_of
from samspill.kernel.outcome import Refused
from samspill.site import pages
from samspill.site.front_end.navigation import navigation_for
from samspill.site.templatetags import samspill as ui

SITE = Path(samspill.__file__).parent / "site"
OWN = ["/", "/om/", "/tilgjengelighet/", "/uten-e-id/"]


class Urls:
    urlpatterns = [*pages.urlpatterns, *identity_urls.urlpatterns]
    handler404 = "samspill.site.pages.not_found"


@pytest.fixture(autouse=True)
def _own_addresses(settings):
    settings.ROOT_URLCONF = Urls
    settings.ALLOWED_HOSTS = ["testserver"]


def get(path: str, language: str = "nb") -> str:
    client = Client()
    client.cookies["sprak"] = language
    return client.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*OWN, "/logg-inn/", "/logget-ut/"])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_has_one_heading_a_title_and_a_skip_link(path, language):
    page = get(path, language)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert re.search(r"<title>[^<]+ – Samspill</title>", page)
    assert page.index('href="#innhold"') < page.index('id="innhold"')
    assert f'<html lang="{language}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", OWN)
def test_nothing_is_inline(path):
    page = get(path)
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_every_page_has_a_rule():
    assert [p.pattern for p in pages.urlpatterns if rule_of(p.callback) is None] == []


@pytest.mark.django_db
def test_the_language_is_remembered_and_the_page_kept():
    client = Client()
    answer = client.post("/sprak/", {"language": "nn", "next": "/om/"})
    assert (answer["Location"], answer.cookies["sprak"].value) == ("/om/", "nn")
    assert "behandlingsansvarleg" in client.get("/om/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["se", "", "xx"])
def test_an_unknown_language_changes_nothing(choice):
    answer = Client().post("/sprak/", {"language": choice, "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert "sprak" not in answer.cookies


@pytest.mark.django_db
def test_a_missing_page_says_so_and_leads_on():
    answer = Client().get("/finnes-ikke/")
    assert answer.status_code == 404
    assert "Min side" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_token_is_explained():
    answer = Client(enforce_csrf_checks=True).post("/sprak/", {"language": "nb"})
    assert answer.status_code == 403
    assert "informasjonskapsler" in answer.content.decode()


def test_the_page_of_our_own_failure_needs_nothing():
    answer = pages.server_error(HttpRequest())
    assert answer.status_code == 500
    assert b"<h1>" in answer.content


def test_a_failure_shows_its_reference():
    request = HttpRequest()
    request.request_id = "abc123"
    assert b"abc123" in pages.server_error(request).content


# --- pieces -----------------------------------------------------------------------------------------


def field(**of) -> str:
    base = {"name": "f", "label": "Etikett", "required": True}
    return render_to_string("site/_field.html", {"field": base | of})


KINDS = [
    "text",
    "longtext",
    "integer",
    "decimal",
    "amount",
    "date",
    "account",
    "national_id",
    "file",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_has_its_label_help_and_error_tied_to_it(kind):
    html = field(type=kind, help="Hjelp", error="Feil")
    control = re.search(r'<(?:input|textarea)[^>]*id="f"[^>]*>', html).group()
    assert '<label for="f">' in html
    assert 'aria-invalid="true"' in control
    for part in re.search(r'aria-describedby="([^"]*)"', control).group(1).split():
        assert f'id="{part}"' in html


@pytest.mark.parametrize("kind", ["choice", "choices", "boolean", "address"])
def test_a_group_has_a_legend_and_can_be_gone_to_from_the_summary(kind):
    options = [{"value": "a", "label": "A"}]
    parts = [{"name": "gate", "label": "Gate", "required": True}]
    html = field(type=kind, options=options if kind != "boolean" else [], parts=parts, error="Feil")
    assert '<fieldset id="f" tabindex="-1"' in html
    assert "<legend>" in html
    assert 'aria-describedby="feil-f"' in html


def test_what_a_person_wrote_is_never_markup():
    html = field(type="text", value='"><script>x</script>', label="<b>")
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_chosen_answer_is_shown_as_chosen():
    options = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
    assert re.search(r'value="b" checked', field(type="choice", options=options, value="b"))
    assert re.search(r'value="true" checked', field(type="boolean", value=True))
    assert not re.search(r" checked", field(type="boolean", value=None))
    both = field(type="choices", options=options, values=["a", "b"])
    assert both.count(" checked") == 2


def test_the_missing_list_counts_and_ends():
    def shown(items):
        return render_to_string("site/_missing.html", {"items": items})

    with translation.override("nb"):
        assert "Én ting mangler" in shown([{"title": "x"}])
        assert "2 ting mangler" in shown([{"title": "x"}, {"title": "y"}])
        assert "Ingenting mangler" in shown([])


@pytest.mark.parametrize(
    ("amount", "nb", "en"),
    [
        (1234567, "1\u00a0234\u00a0567\u00a0kr", "NOK\u00a01,234,567"),
        (0, "0\u00a0kr", "NOK\u00a00"),
        (-5, "\u22125\u00a0kr", "NOK\u00a0\u22125"),
        (12.5, "12,50\u00a0kr", "NOK\u00a012.50"),
        (-0.5, "\u22120,50\u00a0kr", "NOK\u00a0\u22120.50"),
        (None, "", ""),
    ],
)
def test_amounts_read_as_people_write_them(amount, nb, en):
    with translation.override("nb"):
        assert ui.kr(amount) == nb
    with translation.override("en"):
        assert ui.kr(amount) == en


def test_dates_read_as_people_write_them():
    with translation.override("nb"):
        assert ui.day(dt.date(2026, 8, 1)) == "1. august 2026"
        assert ui.day("2026-08-01T10:00:00Z") == "1. august 2026"
    with translation.override("en"):
        assert ui.day("2026-08-01") == "1 August 2026"
    assert ui.day(None) == ui.day("") == ""


def test_a_number_is_edited_as_it_is_written():
    with translation.override("nb"):
        assert ui.plain_number(1.5) == "1,5"
        assert ui.plain_number(2.0) == "2"
        assert ui.plain_number("1.5x") == "1.5x"


def test_a_refusal_is_filled_in():
    refused = Refused("x", "Too big: %(size)s", values={"size": "11 MB"})
    assert ui.refusal_text(refused) == "Too big: 11 MB"
    assert ui.refusal_remedy(refused) == ""


# --- menu -------------------------------------------------------------------------------------------


def someone(kind="citizen", *roles) -> Who:
    return Who(kind, "", "", frozenset(roles), several=False, level="high")


def test_the_menu_is_that_of_the_role():
    assert navigation_for(None, "/") == []
    assert [i.url for i in navigation_for(someone("employee", "agency_caseworker"), "/")] == [
        "/etat/",
        "/etat/terminer/",
        "/arbeid/fullmakter/telefon/",
        "/arbeid/personvern/",
    ]
    assert navigation_for(someone("employee"), "/") == []


@pytest.mark.parametrize(("kind", "home"), [("agency", "/etat/"), ("municipality", "/arbeid/")])
def test_the_cleared_find_their_list_and_what_people_report(kind, home):
    cleared = attrs.evolve(someone("employee", "protected_caseworker"), unit_kind=kind)
    urls = [i.url for i in navigation_for(cleared, "/")]
    assert home in urls
    assert "/arbeid/innsyn/" in urls
    assert not {"/etat/", "/arbeid/"} - {home} & set(urls)


def test_one_entry_is_marked_the_nearest():
    items = navigation_for(someone("employee", "agency_leader"), "/etat/terminer/2026-11/")
    assert [i.url for i in items if i.current] == ["/etat/terminer/"]


# --- texts and files --------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ["site", "identity"])
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_translations_are_whole_and_keep_their_placeholders(room, language):
    po = polib.pofile(str(SITE.parent / room / "locale" / language / "LC_MESSAGES" / "django.po"))
    assert len(po) > 20
    for entry in po:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if entry.msgid_plural and text == entry.msgstr:
                continue
            assert text, entry.msgid
            wanted = set(re.findall(r"%\((\w+)\)s", entry.msgid_plural or entry.msgid))
            assert set(re.findall(r"%\((\w+)\)s", text)) <= wanted


def test_our_own_files_hold_nothing_inline():
    for path in SITE.parent.glob("*/templates/**/*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son(click|change|submit|load)=", text), path


def test_the_own_picture_and_logo_hold_no_script():
    for path in (SITE / "static" / "site").glob("*.svg"):
        assert not re.search(r"<script|on\w+=|href=|<foreignObject", path.read_text()), path


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_front_page_says_it_in_one_picture(language: str) -> None:
    """One drawing with its words for who does not see it, and the same five steps as a list."""
    client = Client()
    client.cookies["sprak"] = language
    page = client.get("/").content.decode()
    told = re.findall(r'<img class="s-picture[^>]*alt="([^"]{100,})"', page)
    assert len(told) == 1
    steps = re.findall(r"<ol class=\"s-story\">(.*?)</ol>", page, re.DOTALL)
    assert [one.count("<li>") for one in steps] == [5]
