"""Employees read their own words where a text speaks to the applicant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

import samspill.catalogue
from samspill.packages.domain import texting
from samspill.packages.domain.checking import check_files
from samspill.packages.domain.evaluation import evaluate
from samspill.packages.domain.model import plain_key
from samspill.packages.domain.reading import read
from samspill.packages.service.store import read_folder
from samspill.packages.tests.builders import a_folder, checked, faults

LANGUAGES = ("nb", "nn", "en")
FIELD = "start_on"
CATALOGUE = sorted(p.parent for p in Path(samspill.catalogue.__path__[0]).glob("*/service.yaml"))


def with_texts(**said: str) -> dict[str, bytes]:
    """Give the small package with these texts of its first field, in all its languages."""
    files = a_folder()
    for language in LANGUAGES:
        path = f"texts/{language}.yaml"
        texts = yaml.safe_load(files[path])
        texts["field"][FIELD] |= said
        files[path] = yaml.safe_dump(texts, allow_unicode=True).encode()
    return files


def test_the_staffs_words_stand_in_the_place_of_the_applicants_and_fall_back() -> None:
    package = checked(with_texts(label="Hva heter du?", staff_label="Navnet til søkeren"))
    key = f"field.{FIELD}.label"
    seen = package.for_staff()
    assert package.text(key, "nb") == "Hva heter du?"
    assert seen.text(key, "nb") == "Navnet til søkeren"
    assert seen.text("service.title", "nb") == package.text("service.title", "nb")
    assert seen.text("no.such.text", "nb") == "no.such.text"
    assert seen.for_staff() is seen is package.for_staff()
    assert (seen == package, seen.sha256 == package.sha256) == (True, True)


def test_an_evaluation_speaks_to_whom_it_is_made_for() -> None:
    package = checked(with_texts(label="Hva heter du?", staff_label="Navnet til søkeren"))
    for _ in range(2):  # the one does not stand in the other's way
        told, seen = (
            {
                f.label
                for page in evaluate(one, {}, {}, on=dt.date(2026, 8, 1)).pages
                for f in page.fields
            }
            for one in (package, package.for_staff())
        )
        assert "Hva heter du?" in told - seen
        assert "Navnet til søkeren" in seen - told


@pytest.mark.parametrize("text", ["Hva heter du?", "Navnet ditt", "Navnet dykkar eller deres"])
def test_check_warns_of_what_speaks_to_the_applicant_and_still_passes(text: str) -> None:
    report = check_files(with_texts(label=text))
    assert report.ok
    told = [w for w in report.warnings if w.message.startswith("The text speaks to the applicant")]
    assert {w.file for w in told} == {"texts/nb.yaml", "texts/nn.yaml"}
    assert all(w.line and "staff_label" in w.remedy for w in told)
    assert report.as_json()["warnings"]
    assert check_files(with_texts(label=text, staff_label="Navnet")).warnings == ()


def test_words_for_employees_alone_belong_to_nothing() -> None:
    report = check_files(with_texts(staff_hint="Se på datoen"))
    assert ("texts/nb.yaml", f"field.{FIELD}.staff_hint") in faults(report)


def test_plain_keys_are_left_alone() -> None:
    assert [plain_key(k) for k in ("staff_x", "a.staff", "a.staff_label", "a.b")] == [
        "staff_x", "a.staff", "a.label", "a.b",
    ]  # fmt: skip


@pytest.mark.parametrize("folder", CATALOGUE, ids=lambda path: path.name)
def test_no_service_of_ours_speaks_to_the_applicant_where_employees_read(folder) -> None:
    package = read(read_folder(folder)).package
    assert package is not None
    assert [found.key for found in texting.warnings(package)] == []
    plain = [k for texts in package.texts.languages.values() for k in texts if plain_key(k) != k]
    assert len(plain) == len(package.texts.languages) * len(set(plain)), "in every language"
