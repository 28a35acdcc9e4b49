"""A package is read whole or not at all, and every fault says file, line, key and remedy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.packages.domain.checking import check_files
from samspill.packages.domain.reading import content_hash, load, load_published, read
from samspill.packages.domain.source import PackageError, read_yaml
from samspill.packages.tests.builders import a_folder, checked, edited, faults


def test_a_new_package_passes_check_as_it_is() -> None:
    report = check_files(a_folder())
    assert report.errors == ()
    assert [one.passed for one in report.examples] == [True]
    assert {language: one.share for language, one in report.coverage.items()} == {
        "nb": 1,
        "nn": 1,
        "en": 1,
    }


BROKEN = [
    # file, passage, replacement, line, key, words of the message, words of the remedy
    ("data.yaml", "type: boolean, purpose", "typ: boolean, purpose", 4, "fields.has_helper.typ", "not known", "Did you mean 'type'?"),
    ("data.yaml", "max_length: 1000", "max_length: long", 2, "fields.reason.max_length", "not a whole number", "whole number"),
    ("data.yaml", "type: date", "type: day", 3, "fields.start_on.type", "not one of", "Write text, integer"),
    ("data.yaml", "  helper_name:", "  has_helper:", 5, "fields.has_helper", "stands twice", "Keep one"),
    ("data.yaml", "  reason:", "  Reason:", 2, "fields.Reason", "cannot be an id", "small letters"),
    ("data.yaml", "law: act", "law: lov", 2, "fields.reason.law", "no law", "Did you mean|act"),
    ("service.yaml", "version: 0.1.0", "version: 0.1", 3, "version", "the number 0.1", 'Put it in quotes: "0.1"'),
    ("service.yaml", "audience: person", "audience: people", 10, "audience", "'people'", "person, organisation or anonymous"),
    ("service.yaml", "draft_lifetime: P30D", "draft_lifetime: 30 days", 14, "draft_lifetime", "wrong form", "P30D"),
    ("service.yaml", "format: samspill/1", "format: samspill/2", 1, "format", "not one of", "samspill/1"),
    ("service.yaml", 'protected: {digital: false, phone: "00 00 00 00"}\n', "", 1, "protected", "Nobody is named", "Add protected"),
    ("service.yaml", "protected: {digital: false, phone", "protected: {digital: false, telephone", 16, "protected", "is missing", "Add `phone:`"),
    ("texts/nn.yaml", "protected: {contact: ", "protected: {hours: ", 25, "protected.contact", "is missing", "Add it"),
    ("form.yaml", "[reason, start_on]", "[reason, start_no]", 3, "pages[0].fields[1]", "no field 'start_no'", "Did you mean 'start_on'?"),
    ("form.yaml", 'visible_when: "has_helper"', 'visible_when: "has_helper =="', 5, "pages[1].fields[1].visible_when", "was expected", "brackets"),
    ("form.yaml", 'visible_when: "has_helper"', 'visible_when: "has_helpr"', 5, "pages[1].fields[1].visible_when", "neither a field", "Did you mean 'has_helper'?"),
    ("form.yaml", 'visible_when: "has_helper"', 'visible_when: "reason"', 5, "pages[1].fields[1].visible_when", "true or false", "Compare"),
    ("conditions.yaml", "days(on, start_on) < 14", "start_on < 14", 2, "conditions.starts_soon", "no order", "two dates"),
    ("conditions.yaml", "field: start_on", "field: begin_on", 4, "checks[0].field", "no field", "Did you mean|Declare"),
    ("conditions.yaml", "{unit: service_desk}", '{unit: service_desk, when: "true"}', 6, "routing[0]", "last route", "Let the last one"),
    ("process.yaml", "to: decided, event", "to: done, event", 9, "transitions[2].to", "no state 'done'", "Declare it|Did you mean"),
    ("process.yaml", "letter: decision, appeal_within: P3W, state: decided}\nappeal", "letter: decison, appeal_within: P3W, state: decided}\nappeal", 15, "decisions[1].letter", "no letter", "Did you mean 'decision'?"),
    ("process.yaml", "decided: {final: true}", "decided: {}", 5, "states.decided", "Nothing leads out", "final: true"),
    ("texts/nn.yaml", 'helper: {title: "Hjelp med søknaden"}', 'helper: {lead: "Hjelp med søknaden"}', 4, "page.helper.title", "is missing", "Add it"),
    ("texts/nb.yaml", 'truth: "Oppl', 'thruth: "Oppl', 23, "declaration.thruth", "belongs to nothing", "Correct the key"),
    ("examples/ordinary.yaml", "unit: service_desk", "unit: other_desk", 10, "expect", "expected 'other_desk', found 'service_desk'", "Correct the example"),
    ("examples/ordinary.yaml", "has_helper: false", "has_hepler: false", 4, "answers", "no field 'has_hepler'", "Did you mean 'has_helper'?"),
    ("letters/decision.nb.md", "answers.reason", "answers.grunn", 5, "", "no answers.grunn", "Correct the name"),
    ("letters/decision.nb.md", "| date", "| dato", 9, "", "no format 'dato'", "Use one of: kr"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "key", "message", "remedy"), BROKEN)
def test_says_file_line_key_and_remedy(
    file: str, old: str, new: str, line: int, key: str, message: str, remedy: str
) -> None:
    report = check_files(edited(a_folder(), file, old, new))
    assert report.package is None
    found = [error for error in report.errors if error.file == file and error.key == key]
    assert found, [str(error) for error in report.errors]
    assert found[0].line == line
    assert message in found[0].message
    assert any(words in found[0].remedy for words in remedy.split("|")), found[0].remedy


@pytest.mark.parametrize(
    "path", ["service.yaml", "data.yaml", "form.yaml", "process.yaml", "texts/nb.yaml"]
)
def test_refuses_a_folder_without_a_required_file(path: str) -> None:
    files = a_folder()
    del files[path]
    report = check_files(files)
    assert (path, "") in faults(report)
    assert report.package is None


def test_refuses_files_that_are_not_part_of_the_format() -> None:
    report = check_files({**a_folder(), "notes.txt": b"hello"})
    assert ("notes.txt", "") in faults(report)


def test_refuses_a_package_without_an_example() -> None:
    files = a_folder()
    del files["examples/ordinary.yaml"]
    assert [error.message for error in check_files(files).errors] == ["The package has no example."]


def test_reads_yaml_1_2_and_refuses_aliases() -> None:
    errors: list = []
    document = read_yaml(
        "a.yaml", b"on: no\ndate: 2026-01-01\nnumber: 0301\nfloat: 1e3\nyes: true\n", errors
    )
    assert document is not None
    assert document.value == {
        "on": "no",
        "date": "2026-01-01",
        "number": "0301",
        "float": 1000.0,
        "yes": True,
    }
    assert read_yaml("a.yaml", b"a: &x 1\nb: *x\n", errors) is None
    assert {error.line for error in errors} == {1, 2}


def test_a_circle_of_conditions_is_told_not_followed() -> None:
    files = edited(
        a_folder(),
        "conditions.yaml",
        'starts_soon: "days(on, start_on) < 14"',
        'starts_soon: "b"\n  b: "starts_soon || has_helper"',
    )
    messages = [error.message for error in check_files(files).errors]
    assert any(
        "goes in a circle: b → starts_soon → b" in message
        or "goes in a circle: starts_soon → b → starts_soon" in message
        for message in messages
    )


def test_pages_that_hang_on_each_other_are_refused() -> None:
    files = edited(
        a_folder(),
        "form.yaml",
        "- id: about\n",
        '- id: about\n    visible_when: "helper_name != null"\n',
    )
    files = edited(
        files, "form.yaml", 'visible_when: "has_helper"', 'visible_when: "reason != null"'
    )
    assert any("Showing goes in a circle" in error.message for error in check_files(files).errors)


def test_a_page_that_can_never_be_shown_is_refused() -> None:
    files = edited(
        a_folder(),
        "form.yaml",
        "- id: helper\n",
        '- id: helper\n    visible_when: "approved && !approved"\n',
    )
    found = [error for error in check_files(files).errors if error.key == "pages[1].visible_when"]
    assert [error.message for error in found] == ["The page 'helper' can never be shown."]


def test_a_state_form_must_be_in_both_norwegian_languages() -> None:
    files = edited(a_folder(), "service.yaml", "decided_by: municipality", "decided_by: agency")
    files = edited(files, "service.yaml", "languages: [nb, nn, en]", "languages: [nb, en]")
    messages = [error.message for error in check_files(files).errors]
    assert "A state form must be in both nb and nn." in messages


def test_the_hash_is_of_names_and_content_and_not_of_the_lock() -> None:
    files = a_folder()
    same = {**dict(reversed(list(files.items()))), "package.lock": b"anything"}
    assert content_hash(files) == content_hash(same)
    assert content_hash(files) != content_hash({**files, "data.yaml": files["data.yaml"] + b"\n"})
    assert content_hash(files) != content_hash(
        edited(files, "texts/en.yaml", "New service", "Old service")
    )


def test_a_published_package_is_the_checked_one_without_its_examples() -> None:
    files = a_folder()
    whole, published = checked(files), load_published(files)
    assert published == whole
    assert published.examples == ()
    assert published.process == whole.process


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_damaged_package_is_never_half_read(data: st.DataObject) -> None:
    files = a_folder()
    path = data.draw(st.sampled_from(sorted(files)))
    content = files[path]
    at = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(0, 12))
    junk = data.draw(st.binary(max_size=6))
    damaged = {**files, path: content[:at] + junk + content[at + length :]}
    result = read(damaged)
    assert (result.package is None) == bool(result.errors)
    for error in result.errors:
        assert error.file
        assert error.line >= 1
        assert error.message
        assert error.remedy
    report = check_files(damaged)
    assert (report.package is None) == bool(report.errors)


def test_loading_a_broken_package_lists_every_fault() -> None:
    files = edited(
        edited(a_folder(), "service.yaml", "audience: person", "audience: x"),
        "data.yaml",
        "type: date",
        "type: x",
    )
    with pytest.raises(PackageError) as caught:
        load(files)
    assert {error.file for error in caught.value.errors} == {"service.yaml", "data.yaml"}
