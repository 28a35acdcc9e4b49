"""The record of processing says what the package declares, no more and no less."""

from __future__ import annotations

from pathlib import Path

import pytest

from samspill.packages.domain.model import Package
from samspill.packages.domain.reading import load
from samspill.packages.service import read_folder, record_of

BOSTOTTE = Path(__file__).resolve().parents[2] / "catalogue" / "bostotte"


@pytest.fixture(scope="module")
def package() -> Package:
    return load(read_folder(BOSTOTTE))


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_field_that_is_asked_or_fetched_is_in_the_record(package, language):
    record = record_of(package, language)
    leaves = {
        leaf.path
        for field in package.fields.values()
        for leaf in (field.fields.values() or (field,))
        if leaf.source != "computed" and not leaf.retired
    }
    assert {item.field for item in record.items} == leaves
    assert all(item.label and item.why for item in record.items)


def test_every_register_has_its_law_and_purpose(package):
    record = record_of(package, "nb")
    assert {one.register for one in record.sources} == {
        look.register for look in package.lookups.values()
    }
    assert all(one.legal_basis and one.purpose for one in record.sources)


def test_what_the_law_asks_for_is_there(package):
    """Personvernforordningen artikkel 30 nr. 1 letter a to f."""
    record = record_of(package, "nb")
    assert record.owner == package.service.owner
    assert record.purpose
    assert record.processing_basis
    assert record.controllers == ("municipality", "agency")
    assert {one.to for one in record.recipients} == {"workspace", "svarut", "archive"}
    assert record.retention == {"draft": "P30D", "case": "P10Y", "log": "P5Y"}
    assert record.automatic


def test_protected_information_is_marked(package):
    marked = {
        item.field for item in record_of(package, "nb").items if item.sensitivity != "ordinary"
    }
    assert {"bostedsadresse", "medlemmer.national_id"} <= marked
