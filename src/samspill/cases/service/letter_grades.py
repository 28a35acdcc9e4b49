"""The grade of address protection asked anew right before a letter is made or printed (SP-22).

What a case says of its grade is from when it was sent, decided or last heard of. A letter tells where somebody
belongs, so Folkeregisteret is asked once more about everybody in the case; when it does not answer, the strictest
grade holds for that letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from samspill.cases.domain import protection
from samspill.cases.service import grading, pins, prefill
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.jobs import defer
from samspill.kernel.outcome import RefusedError, refuse
from samspill.registers import service as registers

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.cases.models import Case
    from samspill.kernel.actor import Actor

REGRADE = "cases.regrade"


def ask(actor: Actor, cases: Iterable[Case]) -> dict[UUID, str]:
    """Give the grade that holds now for each case, and move those where it has become stricter.

    One question a service, about everybody in its cases; not to be asked while a row is locked. A case that is
    already handled by the strictest rules is not asked about: its letter is made by them.
    """
    found: dict[UUID, str] = {}
    by_package: dict[tuple[str, str, str], list[Case]] = {}
    for case in {one.id: one for one in cases}.values():
        if protection.needs_compartment(case.protection):
            found[case.id] = case.protection
        else:
            pinned = (case.package_id, case.package_version, case.package_sha256)
            by_package.setdefault(pinned, []).append(case)
    for those in by_package.values():
        grades = _now(actor, those)
        for case in those:
            grade = grades[case.id]
            if grade != protection.UNKNOWN and protection.is_stricter(grade, case.protection):
                grade = grading.regrade(actor, case_id=case.id)
            found[case.id] = protection.strictest([grade, case.protection])
    return found


def before_print(actor: Actor, case: Case) -> str:
    """Give the grade that what an employee is about to print must be made by.

    Raises:
        RefusedError: `protected_now`, when the grade has just become stricter than the case says. A job moves it.
    """
    if protection.needs_compartment(case.protection):
        return case.protection
    grade = _now(actor, [case])[case.id]
    if grade != protection.UNKNOWN and protection.is_stricter(grade, case.protection):
        defer(REGRADE, key=f"{REGRADE} {case.id}", case_id=str(case.id))
        raise _protected_now()
    return protection.strictest([grade, case.protection])


def _protected_now() -> RefusedError:
    return refuse(
        "protected_now",
        "The address in this case has just become protected, so nothing is printed now.",
        remedy="Wait a minute and open the case again. If you no longer see it, others handle it.",
        status=409,
    )


def _now(actor: Actor, cases: list[Case]) -> dict[UUID, str]:
    """Ask about everybody in cases of one service and version, all at once; who cannot be asked about is unknown."""
    package = pins.pinned(cases[0])
    declaration = prefill.grade_declaration(package)
    applicants = identity.national_ids_of(
        {case.applicant_id for case in cases}, actor=actor, purpose=declaration.purpose
    )
    named = {
        case.id: [
            applicants[case.applicant_id],
            *prefill.named_in(package, {**case.application.answers, **case.amended}),
        ]
        for case in cases
    }
    replies = registers.lookup_many(
        actor=actor,
        declaration=declaration,
        persons=list(dict.fromkeys(one for those in named.values() for one in those)),
        on=clock.today(),
        case_ids={one: case_id for case_id, those in named.items() for one in those},
    )
    return {
        case_id: protection.strictest(prefill.protection_of(replies[one]) for one in those)
        for case_id, those in named.items()
    }
