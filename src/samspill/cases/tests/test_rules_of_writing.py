"""What a register said is held against the applicant's answer; what it said nothing about is the applicant's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from samspill.cases.models import Draft
from samspill.cases.service import rules_of_writing
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.packages.domain.reading import load

BOSTOTTE = Path(__file__).resolve().parents[2] / "catalogue" / "bostotte"
REGISTERED, BY_HAND = "01819225830", "25898730800"


@pytest.fixture(scope="module")
def package() -> packages.Package:
    return load(packages.read_folder(BOSTOTTE))


def draft(package: packages.Package, **more: Any) -> Draft:
    """A draft in which the register knows one member, and the applicant has added another."""
    reply = [
        {"person": "applicant", "student": None},
        {"person": REGISTERED, "student": False},
        {"person": BY_HAND, "student": None},
    ]
    members = [
        {"national_id": REGISTERED, "studerer": False},
        {"national_id": BY_HAND, "studerer": True},
    ]
    return Draft(
        answers={"medlemmer": members, "studerer": True, **more},
        facts={"student": {"status": "found", "data": reply}},
        reasons={},
    )


def code_of(package: packages.Package, path: str, *, to: Any) -> str:
    try:
        rules_of_writing._keeps_register_value(package, draft(package), path, to)
    except RefusedError as error:
        return error.refused.code
    return ""


def test_what_the_register_said_needs_a_reason(package):
    assert code_of(package, "medlemmer[0].studerer", to=True) == "reason_needed"


def test_a_row_the_register_knows_nothing_of_is_the_applicants(package):
    assert code_of(package, "medlemmer[1].studerer", to=False) == ""


def test_an_answer_the_register_left_open_may_be_changed(package):
    assert code_of(package, "studerer", to=False) == ""


def test_to_say_the_same_again_is_no_change(package):
    assert code_of(package, "medlemmer[0].studerer", to=False) == ""
