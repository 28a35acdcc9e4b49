"""Two versions compared, and answers moved from one to the other."""

from __future__ import annotations

import pytest

from samspill.packages.domain.differing import diff
from samspill.packages.domain.moving import move_answers
from samspill.packages.domain.reading import load
from samspill.packages.tests.builders import a_folder, edited

OLD = a_folder(
    settings_yaml="settings:\n  days: {type: integer, default: 3, min: 1, max: 9}\n",
    parameters_yaml="sources: {L: lov}\nrate:\n  - {from: 2026-01-01, value: 1, unit: kr, status: verbatim, source: [L]}\n",
)

STEPS = [
    ("patch", "texts/nb.yaml", "Ny tjeneste", "Ny og bedre tjeneste"),
    ("patch", "letters/decision.nb.md", "Du skrev:", "Du fortalte:"),
    ("patch", "parameters.yaml", "source: [L]}\n", "source: [L]}\n  - {from: 2027-01-01, value: 2, unit: kr, status: verbatim, source: [L]}\n"),
    ("patch", "parameters.yaml", "{from: 2026-01-01,", "{from: 2026-01-01, to: 2026-12-31,"),
    ("major", "parameters.yaml", "value: 1", "value: 2"),
    ("minor", "data.yaml", "  approved:", '  note: {type: text, optional: true, purpose: "Annet"}\n  approved:'),
    ("major", "data.yaml", "  approved:", '  note: {type: text, purpose: "Annet"}\n  approved:'),
    ("major", "data.yaml", '  helper_name: {type: text, max_length: 200, purpose: "Kontakte den som hjelper"}\n', ""),
    ("major", "data.yaml", "{type: text, max_length: 1000", "{type: integer"),
    ("minor", "data.yaml", "max_length: 1000", "max_length: 2000"),
    ("major", "data.yaml", "max_length: 1000", "max_length: 500"),
    ("minor", "data.yaml", "max_length: 1000", "max_length: 1000, optional: true"),
    ("minor", "form.yaml", "  - id: helper", "  - id: more\n    fields: []\n  - id: helper"),
    ("major", "form.yaml", "declaration: [truth]", "declaration: [truth, duty]"),
    ("major", "conditions.yaml", "< 14", "< 21"),
    ("major", "conditions.yaml", "level: warning", "level: error"),
    ("minor", "conditions.yaml", "{unit: service_desk}", "{unit: town_hall}"),
    ("major", "conditions.yaml", "routing:", "eligible: 'has_helper'\nrouting:"),
    ("major", "conditions.yaml", "routing:", "inputs: {x: '1'}\nrouting:"),
    ("minor", "settings.yaml", "max: 9", "max: 12"),
    ("major", "settings.yaml", "max: 9", "max: 5"),
    ("minor", "settings.yaml", "default: 3", "default: 4"),
    ("major", "process.yaml", "  - {from: submitted, to: missing, event: ask, by: [municipality]}\n", ""),
    ("minor", "process.yaml", "deadline: P14D", "deadline: P7D"),
    ("major", "service.yaml", 'purpose: "Behandle søknad"', 'purpose: "Noe annet"'),
    ("minor", "service.yaml", "protected: {digital: false", "protected: {digital: true"),
    ("patch", "service.yaml", 'phone: "00 00 00 00"}', 'phone: "00 00 00 01", address: "Torget 1"}'),
    ("patch", "examples/ordinary.yaml", "An ordinary application", "Another title"),
    ("minor", "gains.yaml", "minutes_citizen: 45", "minutes_citizen: 30"),
]  # fmt: skip


@pytest.mark.parametrize(("level", "file", "old", "new"), STEPS)
def test_one_change_asks_for_its_step(level: str, file: str, old: str, new: str) -> None:
    found = diff(load(OLD), load(edited(OLD, file, old, new)))
    assert found.level == level, found.entries
    assert found.entries
    assert any(
        entry.file.startswith(file.split("/", maxsplit=1)[0].removesuffix(".yaml"))
        for entry in found.entries
    )


def test_a_path_that_is_shut_for_protected_people_is_a_major_step() -> None:
    taken = load(
        edited(OLD, "service.yaml", "protected: {digital: false", "protected: {digital: true")
    )
    found = diff(taken, load(OLD))
    assert [(entry.level, entry.key) for entry in found.entries] == [("major", "protected.digital")]


def test_the_same_package_has_no_differences() -> None:
    same = diff(load(OLD), load(OLD))
    assert same.entries == ()
    assert same.step is None


@pytest.mark.parametrize(
    ("number", "enough"),
    [("0.1.1", False), ("0.2.0", True), ("1.0.0", True), ("0.1.0", False), ("0.0.9", False)],
)
def test_the_version_number_must_rise_as_much_as_the_differences(number: str, enough: bool) -> None:
    files = edited(
        edited(OLD, "data.yaml", "max_length: 1000", "max_length: 2000"),
        "service.yaml",
        "version: 0.1.0",
        f"version: {number}",
    )
    assert diff(load(OLD), load(files)).step_is_enough is enough


def test_rules_that_mean_the_same_are_a_patch() -> None:
    before = {**OLD, "rules.py": b'"""Rules."""\n\nX = 1\n'}
    words = {**OLD, "rules.py": b'"""The rules, in other words."""\n\nX = 1  # one\n'}
    meaning = {**OLD, "rules.py": b'"""Rules."""\n\nX = 2\n'}
    assert diff(load(before), load(words)).level == "patch"
    assert diff(load(before), load(meaning)).level == "major"


def test_answers_follow_the_id_and_the_rest_is_told() -> None:
    files = edited(
        OLD,
        "data.yaml",
        "  helper_name: {type: text, max_length: 200",
        "  helper_phone: {type: text, max_length: 20",
    )
    files = edited(files, "data.yaml", "has_helper: {type: boolean", "has_helper: {type: text")
    files = edited(files, "form.yaml", "{field: helper_name,", "{field: helper_phone,")
    files = edited(files, "service.yaml", "version: 0.1.0", "version: 1.0.0")
    answers = {"reason": "x", "has_helper": True, "helper_name": "Kari", "start_on": None}
    moved = move_answers(load(OLD), load(files), answers)
    assert moved.answers == {"reason": "x"}
    assert {(change.what, change.path) for change in moved.changes} == {
        ("retyped", "has_helper"),
        ("removed", "helper_name"),
        ("new_question", "helper_phone"),
    }
    assert moved.needs_consent


def test_a_choice_that_is_gone_is_left_out_and_rows_keep_what_fits() -> None:
    fields = '  way: {type: choice, options: [bus, boat], purpose: "x"}\n  stops: {type: list, key: name, optional: true, purpose: "x", fields: {name: {type: text}, km: {type: integer}}}\n  approved:'
    old = edited(OLD, "data.yaml", "  approved:", fields)
    new = edited(
        edited(old, "data.yaml", "[bus, boat]", "[bus, train]"),
        "data.yaml",
        "km: {type: integer}",
        "miles: {type: integer}",
    )
    moved = move_answers(load(old), load(new), {"way": "boat", "stops": [{"name": "A", "km": 3}]})
    assert moved.answers == {"stops": [{"name": "A"}]}
    assert {(change.what, change.path, change.old_value) for change in moved.changes} == {
        ("not_accepted", "way", "boat"),
        ("removed", "stops[0].km", 3),
        ("new_question", "stops.miles", None),
    }
    assert not moved.needs_consent
