"""Everybody who is named in a case, by our own ids: whoever is close to one of them keeps away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.cases.models import Case
from samspill.cases.service import pins, prefill
from samspill.identity import service as identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from samspill.packages.service import Package


_AT_A_TIME = 500


def named(package: Package, answers: Mapping[str, Any]) -> list[UUID]:
    """Give our own ids of the persons in the answers; no question to the database when nobody is named."""
    numbers = prefill.named_in(package, answers)
    return sorted(identity.person_ids_for(numbers).values()) if numbers else []


def follow(case: Case, package: Package) -> None:
    """Let a case that is about to be saved name those whom its answers name now; nobody is ever left out again."""
    now = named(package, {**case.application.answers, **case.amended})
    case.persons = sorted({*case.persons, *now})


def name_in_old_cases(*, say: Callable[[int], None] = lambda _done: None) -> tuple[int, int]:
    """Let cases from before the column name those in their answers; return how many were looked at and changed.

    In batches of a transaction each; begun again, or run twice, it does no harm. `say` is told how many are done.
    """
    looked, changed, last = 0, 0, None
    while True:
        with transaction.atomic():
            found = Case.objects.filter(persons=[]).order_by("id")
            found = found.filter(id__gt=last) if last is not None else found
            rows = list(found.select_for_update(of=("self",))[:_AT_A_TIME])
            changed += sum(map(_name, rows))
        if not rows:
            return looked, changed
        looked, last = looked + len(rows), rows[-1].id
        say(looked)


def _name(case: Case) -> bool:
    follow(case, pins.pinned(case))
    if not case.persons:
        return False
    case.save(update_fields=["persons"])
    return True
