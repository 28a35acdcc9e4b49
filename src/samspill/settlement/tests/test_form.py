"""The form of a proposal: every key and tariff without a line of JSON, and a new version that begins with the old."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from samspill.kernel.outcome import RefusedError
from samspill.portfolio.tests.builders import OWNER
from samspill.portfolio.tests.web import a_browser
from samspill.settlement import service
from samspill.settlement.models import AgreementVersion
from samspill.settlement.tests.builders import LARGE, SMALL, an_agreement, published
from samspill.settlement.web import pairs, stored

FORM = {
    "title": "Avtale", "first_year": "2027", "last_year": "2029", "parties": f"{SMALL} {LARGE}", "key": "equal",
    "total": "100000", "withdrawal": "50", "gain_key": "pooled", "compensation": "no", "settle_on": "03-01",
    "exit_notice_months": "12", "exit_terms": "Varsel.", "split_rule": "equal", "language": "nb",
}  # fmt: skip


def shares(browser: Any, at: str, **typed: str) -> dict[str, float]:
    """Write what is typed; return what each party pays by the key, in kroner."""
    answer = browser.post(at, {**FORM, **typed})
    assert answer.status_code == 302, re.findall(
        r'class="ds-alert.*?</div>', answer.content.decode(), re.DOTALL
    )
    (version,) = AgreementVersion.objects.filter(agreement_id=answer["Location"].split("/")[2])
    view = service.get(version.agreement_id, actor=OWNER)
    return {one.party: one.share / 100 for one in view.parties}


@pytest.mark.django_db
def test_every_key_is_proposed_without_a_line_of_json():
    browser, at = a_browser(OWNER), f"/avtaler/ny/{published().id}/"
    assert shares(browser, at) == {SMALL: 50_000, LARGE: 50_000}
    table = shares(browser, at, key="table", total="", each=f"{SMALL}: 10 000\n{LARGE}: 90 000,50")
    assert table == {SMALL: 10_000, LARGE: 90_000.5}
    cases = shares(browser, at, key="cases", each=f"{SMALL}: 1\n{LARGE}: 3")
    assert cases == {SMALL: 25_000, LARGE: 75_000}
    steps = shares(browser, at, key="size_steps", size_steps="under 5 000: 1\nresten: 4")
    assert steps == {SMALL: 20_000, LARGE: 80_000}
    alone = {"total": "", "fixed": "90 000", "own": "1"}
    for key in ("scrb", "shapley"):
        found = shares(browser, at, key=key, **alone)
        assert found[LARGE] - found[SMALL] > 1_000, key  # own use, by inhabitants
    for key in ("inhabitants", "size_adjusted", "mixed"):
        found = shares(browser, at, key=key, exponent="0,6", equal_share="30")
        assert sum(found.values()) == pytest.approx(100_000)
        assert found[LARGE] > found[SMALL], key


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"key": "table", "each": f"{SMALL}: 10"}, "each"),
        ({"key": "table", "each": f"{SMALL}: 10\n{LARGE}: 10\n9999: 1"}, "each"),
        ({"key": "size_steps", "size_steps": "5000 20000"}, "size_steps"),
        ({"key": "shapley"}, "fixed"),
        ({"join": "mange: 20"}, "join"),
        ({"line-0": "Drift", "translations.nn.lines": "Lys: ljos"}, "translations.nn.lines"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_own_field(typed: dict[str, str], field: str):
    answer = a_browser(OWNER).post(f"/avtaler/ny/{published().id}/", {**FORM, **typed})
    assert answer.status_code in {400, 422}
    assert f'id="feil-{field}"' in answer.content.decode()


@pytest.mark.django_db
def test_a_new_version_begins_with_all_that_was_agreed_and_no_json():
    browser, initiative = a_browser(OWNER), published()
    typed = {
        **FORM, "key": "size_steps", "size_steps": "5000: 1\nrest: 4,5", "own": "0,5",
        "join": "5000: 20000\nrest: 40000", "month_fixed": "100", "year_steps": "rest: 1000", "line-0": "Drift",
        "payer-0": "nøkkel", "kroner-0": "100000", "translations.nn.lines": "drift: Drift av løysinga",
    }  # fmt: skip
    made = browser.post(f"/avtaler/ny/{initiative.id}/", typed)["Location"].split("/")[2]
    page = browser.get(f"/avtaler/ny/{initiative.id}/?avtale={made}").content.decode()
    assert re.search(r'<textarea[^>]*name="json"[^>]*></textarea>', page, re.DOTALL)
    first = AgreementVersion.objects.get(agreement_id=made)
    held = stored.form_of(first.terms)
    assert held is not None
    lines = {"line-0": "Drift", "payer-0": "nøkkel", "kroner-0": "100000"}
    again = {**FORM, **lines, **{name: str(value) for name, value in held.items()}}
    answer = browser.post(
        f"/avtaler/ny/{initiative.id}/", {**again, "avtale": made, "reason": "Ny pris."}
    )
    assert answer.status_code == 302
    second = AgreementVersion.objects.get(agreement_id=made, number=2)
    assert second.terms == first.terms
    assert second.terms["lines"][0]["translations"] == {"nn": {"name": "Drift av løysinga"}}


@pytest.mark.django_db
def test_terms_that_the_form_cannot_say_stand_as_json_and_the_page_says_that_it_counts():
    sharing = {
        "key": "equal", "total": 100_000, "fixed": 50_000,
        "parties": [{"id": SMALL, "vendor": "A"}, {"id": LARGE, "vendor": "B"}], "adapters": {"A": 5, "B": 7},
    }  # fmt: skip
    view = an_agreement(sharing=sharing)
    page = (
        a_browser(OWNER).get(f"/avtaler/ny/{view.initiative_id}/?avtale={view.id}").content.decode()
    )
    box = re.search(r'<textarea[^>]*name="json"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert box is not None
    assert json.loads(html.unescape(box.group(1)))["sharing"]["adapters"] == {"A": 5, "B": 7}
    assert "They stand as JSON at the end of the page" in page


def test_what_is_written_in_lines_comes_back_as_it_was():
    rows = [{"below": 5000.0, "fee": 20.5}, {"below": None, "fee": 3.0}]
    assert pairs.steps(pairs.stepped(rows, "fee"), "join", "fee") == rows
    with pytest.raises(RefusedError) as error:
        pairs.numbers("5001: 1\n5001: 2", "each")
    assert (error.value.refused.code, error.value.refused.where) == ("duplicate_line", "each")
