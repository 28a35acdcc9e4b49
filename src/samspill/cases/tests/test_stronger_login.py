"""A service says in its package which login it needs: whoever has a weaker one is led to it and back."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from samspill.cases.tests.builders import ALLOTMENT, Registers
from samspill.cases.tests.staff_web import a_citizens_browser
from samspill.identity.models import Session
from samspill.kernel.actor import system
from samspill.packages import service as packages

pytestmark = pytest.mark.django_db
PAGE, START = "/tjenester/allotment/", "/tjenester/allotment/start/"


@pytest.fixture
def demanding(known: Registers, tmp_path: Path) -> Client:
    """A service that needs the high level, and the browser of somebody who logged in with MinID."""
    folder = tmp_path / "allotment"
    shutil.copytree(ALLOTMENT, folder)
    manifest = folder / "service.yaml"
    text = manifest.read_text()
    assert "level: substantial" in text
    manifest.write_text(text.replace("level: substantial", "level: high"))
    packages.publish(folder, actor=system("test"))
    browser = a_citizens_browser(1)
    Session.objects.update(level="substantial")
    return browser


def led_to(answer: object) -> dict[str, list[str]]:
    address = urlsplit(answer["Location"])  # type: ignore[index]
    assert address.path == "/logg-inn/"
    return parse_qs(address.query)


def test_who_begins_is_led_to_the_level_of_the_package_and_back(demanding: Client) -> None:
    answer = demanding.post(START, headers={"referer": f"http://testserver{PAGE}"})
    assert answer.status_code == 302
    assert led_to(answer) == {"next": [PAGE], "nivaa": ["high"], "som": ["citizen"]}
    Session.objects.update(level="high")
    assert demanding.post(START)["Location"].startswith("/soknad/")


def test_what_was_begun_with_a_stronger_login_asks_for_it_again(demanding: Client) -> None:
    Session.objects.update(level="high")
    begun = demanding.post(START)["Location"]
    Session.objects.update(level="substantial")
    answer = demanding.get(begun, follow=False)
    assert led_to(answer)["nivaa"] == ["high"]
    assert led_to(answer)["next"] == [begun]


def test_substantial_opens_what_needs_no_more(
    known: Registers, allotment: packages.Package
) -> None:
    browser = a_citizens_browser(1)
    Session.objects.update(level="substantial")
    assert browser.post(START)["Location"].startswith("/soknad/")
