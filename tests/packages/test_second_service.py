"""A service that has nothing in common with the catalogue's: no household, no months, decided by the municipality.

What works for it works for services nobody has thought of yet; a word of a named service in a room would break it.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import samspill
from samspill.packages.service import (
    Evaluation,
    Package,
    check,
    due_tasks,
    evaluate,
    json_schema,
    persons_to_ask,
    prefill,
    relevant_answers,
    render_letter,
)
from samspill.rules import load_files

FOLDER = Path(__file__).parent / "cargo_bike"
ON = dt.date(2026, 5, 1)
WHOLE: dict[str, Any] = {
    "wheels": "two", "electric": False, "from_day": "2026-05-10", "to_day": "2026-05-11",
    "purpose_of_loan": "children", "low_income": False, "phone": "40000000",
}  # fmt: skip


@pytest.fixture(scope="module")
def bike() -> Package:
    report = check(FOLDER)
    assert report.package is not None, [str(error) for error in report.errors]
    return report.package


def asked(package: Package, answers: dict[str, Any], **rest: Any) -> Evaluation:
    return evaluate(package, answers, {}, on=ON, language="nb", **rest)


def missing(found: Evaluation) -> dict[str, Any]:
    return {item.id: item for item in found.missing}


def test_passes_check_with_its_examples() -> None:
    report = check(FOLDER)
    assert report.errors == ()
    assert len(report.examples) == 3
    assert all(one.passed for one in report.examples)
    assert report.as_json()["examples"] == {"passed": 3, "of": 3}


def test_a_rate_that_is_no_number_is_told_alone_and_not_by_what_hangs_on_it(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "cargo_bike")
    rates = folder / "parameters.yaml"
    rates.write_text(
        rates.read_text(encoding="utf-8").replace("value: 40", "value: forty"), "utf-8"
    )
    (fault,) = check(folder).errors
    assert (fault.file, fault.line, fault.key) == ("parameters.yaml", 4, "rent_two")
    assert fault.remedy


def test_nothing_in_the_rooms_knows_a_named_service() -> None:
    root = Path(samspill.__file__).parent
    named = re.compile(
        r"bostotte|bostøtte|bustøtte|husbank(?!en\.loans|en/v1|en_loans)|cargo_bike", re.IGNORECASE
    )
    lines = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in sorted((root / "packages").rglob("*.py"))
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if named.search(line)
    ]
    assert lines == []


def test_an_empty_application_is_told_all_that_is_missing_at_once(bike: Package) -> None:
    found = asked(bike, {})
    assert list(missing(found)) == [
        "wheels",
        "electric",
        "from_day",
        "to_day",
        "purpose_of_loan",
        "low_income",
        "phone",
    ]
    first = found.missing[0]
    assert (first.page_id, first.label, first.who, first.until) == (
        "bike",
        "Hvor mange hjul?",
        "applicant",
        None,
    )
    assert first.why == "Vi må vite hvilken sykkel vi skal sette av."
    assert not found.may_submit
    assert found.routing == "bike_shed"


def test_a_whole_application_may_be_sent(bike: Package) -> None:
    found = asked(bike, WHOLE)
    assert found.missing == ()
    assert found.errors == ()
    assert found.may_submit
    assert found.computed == {"days_wanted": 2}


def test_a_page_shows_only_when_its_condition_is_surely_met(bike: Package) -> None:
    pages = {page.key: page.visible for page in asked(bike, {}).pages}
    assert pages["route"] is None
    assert {page.key: page.visible for page in asked(bike, WHOLE).pages}["route"] is False
    assert "purpose_of_loan" in asked(bike, {}).could_change


def test_an_answer_that_is_no_longer_relevant_is_kept_but_does_not_count(bike: Package) -> None:
    answers = {
        **WHOLE,
        "other_purpose": "Utflukt",
        "stops": [{"name": "A", "heavy": True, "weight_kg": 250}],
    }
    found = asked(bike, answers)
    assert "stops" not in found.relevant
    assert found.errors == ()
    assert set(relevant_answers(bike, answers, found)) == {*WHOLE, "days_wanted"}
    again = asked(bike, {**answers, "purpose_of_loan": "moving"})
    assert [item.id for item in again.errors] == ["heavy_two_wheeler"]
    assert (
        relevant_answers(bike, {**answers, "purpose_of_loan": "moving"}, again)["stops"]
        == answers["stops"]
    )


def test_rows_have_their_own_page_and_their_own_missing_answers(bike: Package) -> None:
    stops = [
        {"name": "A", "heavy": True},
        {"name": "B", "heavy": False, "weight_kg": 9},
        {"heavy": True, "weight_kg": 3},
    ]
    found = asked(bike, {**WHOLE, "purpose_of_loan": "moving", "stops": stops})
    assert [page.key for page in found.pages if page.id == "load" and page.visible] == [
        "load[0]",
        "load[2]",
    ]
    assert list(missing(found)) == ["stops[2].name", "stops[0].weight_kg"]
    assert found.page("load[0]").row_key == "A"
    assert found.relevant["stops"][1] == {"name": "B", "heavy": False}


def test_a_wrong_answer_is_said_at_its_place_and_counts_as_unanswered(bike: Package) -> None:
    answers = {**WHOLE, "from_day": "2026-04-01", "phone": "ring meg", "wheels": "four", "purpose_of_loan": "moving",
               "stops": [{"name": "A", "heavy": True, "weight_kg": 999}], "helmet": True}  # fmt: skip
    found = asked(bike, answers)
    assert {(item.path, item.id) for item in found.errors} == {
        ("from_day", "too_early"), ("phone", "pattern"), ("wheels", "enum"), ("stops[0].weight_kg", "maximum"), ("helmet", "unknown_field"),
    }  # fmt: skip
    assert "days" not in found.rule_inputs
    assert {item.id: item.text for item in found.errors}[
        "pattern"
    ] == "Skriv telefonnummeret med åtte sifre."
    assert not found.may_submit


def test_a_demanded_document_may_come_later_and_says_until_when(bike: Package) -> None:
    answers = {**WHOLE, "low_income": True, "to_day": "2026-05-16"}
    found = asked(bike, answers, today=dt.date(2026, 5, 2))
    item = missing(found)["income_proof"]
    assert (item.kind, item.page_id, item.who, item.until) == (
        "document",
        "fee",
        "applicant",
        dt.date(2026, 5, 9),
    )
    assert str(item.law) == "Forskrift om utlån av lastesykler § 4"
    assert found.may_submit
    assert asked(bike, answers, documents=["income_proof"]).missing == ()


def test_the_municipality_settings_change_what_is_demanded(bike: Package) -> None:
    answers = {**WHOLE, "low_income": True}
    assert "income_proof" not in missing(asked(bike, answers))
    assert "income_proof" in missing(asked(bike, answers, settings={"free_days": 0}))
    assert asked(bike, WHOLE, settings={"lends_out": False}).eligible is False
    assert not asked(bike, WHOLE, settings={"lends_out": False}).may_submit


def test_tasks_follow_the_state_and_the_rows(bike: Package) -> None:
    answers = {
        **WHOLE,
        "purpose_of_loan": "moving",
        "stops": [{"name": "A", "heavy": True}, {"name": "B", "heavy": False}, {"name": "C"}],
    }
    assert [key for key, _ in due_tasks(bike, "asked_for", answers, {}, on=ON)] == [
        "find_bike",
        "check_load:A",
        "check_load:C",
    ]
    assert due_tasks(bike, "lent_out", answers, {}, on=ON) == []


def test_the_schema_of_the_answers_is_whole(bike: Package) -> None:
    schema = json_schema(bike, "en")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["wheels"] == {
        "title": "How many wheels?",
        "type": "string",
        "enum": ["two", "three"],
    }
    assert "old_helmet" not in schema["properties"]
    assert schema["additionalProperties"] is False


def test_the_letter_is_filled_from_the_case(bike: Package) -> None:
    answers = {
        **WHOLE,
        "purpose_of_loan": "moving",
        "wheels": "three",
        "bike_no": "L7",
        "stops": [{"name": "A | B", "heavy": True, "weight_kg": 12}],
    }
    found = asked(bike, answers)
    values = load_files(bike.files).on(ON).compute({**found.rule_inputs, "free_days": 0}).values
    data = {"answers": answers, "facts": {}, "on": "2026-05-01", "values": values, "inputs": {**found.rule_inputs, "free_days": 0},
            "service": {"contact": {"name": "Verkstedet"}}}  # fmt: skip
    letter = render_letter(bike, "lent", data, "nb")
    assert letter.title == "Du får låne sykkel nummer L7"
    assert "<strong>120\u00a0kr</strong>" in letter.html
    assert "<td>A | B</td>" in letter.html
    assert "Husk at tre hjul" in letter.html


def test_no_register_is_asked(bike: Package) -> None:
    assert bike.lookups == {}
    assert prefill(bike, WHOLE, {}, on=ON) == WHOLE
    with pytest.raises(KeyError):
        persons_to_ask(bike, "person", WHOLE, {}, on=ON)


_VALUES = {
    "wheels": st.sampled_from(["two", "three"]),
    "electric": st.booleans(),
    "from_day": st.dates(dt.date(2026, 5, 1), dt.date(2026, 5, 9)).map(str),
    "to_day": st.dates(dt.date(2026, 5, 10), dt.date(2026, 5, 14)).map(str),
    "purpose_of_loan": st.sampled_from(["moving", "shopping", "children", "other"]),
    "other_purpose": st.just("Utflukt"),
    "low_income": st.booleans(),
    "phone": st.just("40000000"),
    "stops": st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from("ABC")},
            optional={"heavy": st.booleans(), "weight_kg": st.integers(1, 300)},
        ),
        max_size=3,
    ),
}
_SOME = st.fixed_dictionaries({}, optional=_VALUES)


@settings(max_examples=150, deadline=None)
@given(some=_SOME, name=st.sampled_from(sorted(_VALUES)), data=st.data())
def test_answering_a_question_takes_exactly_it_off_the_list(
    some: dict[str, Any], name: str, data: st.DataObject
) -> None:
    package = _bike()
    before = missing(asked(package, some))
    if name not in before:
        return
    after = missing(asked(package, {**some, name: data.draw(_VALUES[name])}))
    assert name not in after
    fields = {key for key, item in before.items() if item.kind == "field"}
    if name != "purpose_of_loan":
        assert fields - set(after) == {name}


@settings(max_examples=150, deadline=None)
@given(some=_SOME, more=_SOME)
def test_what_could_not_change_does_not_change(some: dict[str, Any], more: dict[str, Any]) -> None:
    package = _bike()
    before = asked(package, some)
    hidden = {name for name in some if name not in before.relevant}
    harmless = {
        name: value
        for name, value in more.items()
        if name not in some and name not in before.could_change and name not in hidden
    }
    harmless.pop("stops", None)  # rows bring questions of their own
    after = asked(package, {**some, **harmless})
    known = {page.key: page.visible for page in before.pages if page.visible is not None}
    assert {
        key: visible
        for key, visible in ((page.key, page.visible) for page in after.pages)
        if key in known
    } == known
    assert {
        name: value for name, value in after.rule_inputs.items() if name in before.rule_inputs
    } == before.rule_inputs


def _bike() -> Package:
    if not _kept:
        _kept.append(check(FOLDER).package)
    return _kept[0]


_kept: list[Any] = []


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_VALUES, "name", "heavy", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    answers=st.dictionaries(
        st.sampled_from([*_VALUES, "bike_no", "old_helmet", "x"]), _ANYTHING, max_size=6
    )
)
def test_no_answer_makes_it_fall_over(answers: dict[str, Any]) -> None:
    found = asked(_bike(), answers)
    known = {"bike_no", "old_helmet", *_VALUES}
    assert {item.path for item in found.errors if item.id == "unknown_field"} >= {
        name for name, value in answers.items() if name not in known and value not in (None, "")
    }
    relevant_answers(_bike(), answers, found)
