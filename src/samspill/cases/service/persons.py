"""Everybody who is named in a case, by our own ids: whoever is close to one of them keeps away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samspill.cases.service import prefill
from samspill.identity import service as identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from samspill.cases.models import Case
    from samspill.packages.service import Package


def named(package: Package, answers: Mapping[str, Any]) -> list[UUID]:
    """Give our own ids of the persons in the answers; no question to the database when nobody is named."""
    numbers = prefill.named_in(package, answers)
    return sorted(identity.person_ids_for(numbers).values()) if numbers else []


def follow(case: Case, package: Package) -> None:
    """Let a case that is about to be saved name those whom its answers name now; nobody is ever left out again."""
    now = named(package, {**case.application.answers, **case.amended})
    case.persons = sorted({*case.persons, *now})
