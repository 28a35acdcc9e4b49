"""The accessibility statement says what was walked and what does not hold, and no more than that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from samspill.site import statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    statement.statement.cache_clear()
    yield
    statement.statement.cache_clear()


def shown(language: str = "en") -> str:
    client = Client()
    client.cookies["sprak"] = language
    return client.get("/tilgjengelighet/").content.decode()


def test_says_when_with_what_and_how_much_was_walked():
    made, page = statement.statement(), shown()
    for word in (
        made.axe,
        f">{len(made.routes)}</dd>",
        f">{made.looks}</dd>",
        "citizen",
        "uutilsynet",
    ):
        assert word in page


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_each_known_fault_is_said_in_every_language(language: str):
    page = shown(language)
    for one in statement.statement().faults:
        assert one.text(language) in page
    assert len({one.text(each) for one in statement.statement().faults for each in ("nb", "nn", "en")}) == 3 * len(
        statement.statement().faults
    )  # fmt: skip


def test_machines_read_the_same():
    told = json.loads(Client().get("/tilgjengelighet.json").content)
    made = statement.statement()
    assert told["conformance"] == "partial"
    assert (told["pages"], told["looks"]) == (len(made.routes), made.looks)
    assert len(told["known_faults"]) == len(made.faults)


def test_other_facts_make_another_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    facts = {"walked_from": "2027-03-01", "walked_to": "2027-03-02", "axe": "9.9", "routes": ["front"], "looks": 7,
             "roles": ["anyone"], "languages": ["nb"], "faults": 0}  # fmt: skip
    (tmp_path / "accessibility.json").write_text(json.dumps(facts), "utf-8")
    (tmp_path / "accessibility.yaml").write_text("faults: []\n", "utf-8")
    monkeypatch.setattr(statement, "_DATA", tmp_path)
    page = shown()
    assert "9.9" in page
    assert "Nothing that we know of." in page
    assert "meets the demands, as far as we know" in page


def test_the_facts_say_no_more_than_the_walk_walks_and_little_less():
    """When pages or roles have come or gone, the walk is walked again."""
    from tests.a11y import visits

    made, pages = statement.statement(), visits.all_pages()
    roles = {
        role for chosen in pages.values() for one in chosen for role in visits.WHO[one.who].roles
    }
    assert set(made.routes) <= set(pages), "run tests/a11y and scripts/accessibility_facts"
    assert len(made.routes) >= 0.9 * len(pages), "run tests/a11y and scripts/accessibility_facts"
    assert roles <= set(made.roles)
    assert set(made.languages) == {"nb", "nn", "en"}
    assert made.found == 0
