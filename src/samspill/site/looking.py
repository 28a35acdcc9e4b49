"""Puts together the page *Who has looked at my data*: the log, the names of organisations, the address grade."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import attrs

from samspill.cases.service import openings
from samspill.identity import service as identity
from samspill.infra import access_log, clock, looks
from samspill.infra.looks import Look, Report
from samspill.infra.proof import receipt
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.mandates import service as mandates
from samspill.registers import service as registers
from samspill.site import look_words

_UNGRADED = "ugradert"
_GRADE = registers.Declaration(
    package_id="samspill",
    version="1",
    name="address_protection",
    register="folkeregisteret.person",
    legal_basis="folkeregisterloven § 10-1, beskyttelsesinstruksen",
    purpose="Finne gradering av adresse",
)


@attrs.frozen
class Line:
    """One line of the page, in words. `roles` is empty when only the organisation is shown."""

    look: Look
    organisation: str
    roles: tuple[str, ...]
    action: str
    purpose: str
    purpose_lang: str = ""
    report: Report | None = None
    reason: str = ""
    employee: str = ""
    case_number: str = ""


def is_protected(actor: Actor) -> bool:
    """Tell whether the actor's own address is protected, asked anew; when nobody knows, it is (SP-22)."""
    return actor.person_id is None or is_hidden(actor, actor.person_id)


def is_hidden(actor: Actor, person_id: uuid.UUID) -> bool:
    """Tell whether a person's address is protected, asked anew; when nobody knows, it is (SP-22)."""
    number = identity.national_id_of(person_id, actor=actor, purpose=_GRADE.purpose)
    reply = registers.lookup(
        actor=actor,
        declaration=_GRADE,
        person=number,
        on=clock.today(),
        person_id=person_id,
    )
    return not (isinstance(reply, registers.Found) and reply.data.get("protection") == _UNGRADED)


def my_lines(actor: Actor, *, own: bool, before: int | None) -> tuple[list[Line], int | None, bool]:
    """Return the lines of the page, where to go on, and whether roles are left out."""
    protected = is_protected(actor)
    found, more = looks.looks_at(actor, own=own, before=before)
    reports = looks.reports_of(actor)
    agents = mandates.agents_of(actor)
    lines = [
        line(look, with_roles=not protected, report=reports.get(look.id), agents=agents)
        for look in found
    ]
    return lines, more, protected


def my_line(actor: Actor, entry_id: int) -> Line:
    """Return one line with what was said of it."""
    look = looks.look_at(actor, entry_id=entry_id)
    reports = looks.reports_of(actor)
    shown = not is_protected(actor)
    agents = mandates.agents_of(actor)
    return line(look, with_roles=shown, report=reports.get(entry_id), agents=agents)


def line(
    look: Look,
    *,
    with_roles: bool,
    report: Report | None = None,
    agents: Mapping[uuid.UUID, str] | None = None,
) -> Line:
    """Put one look in words."""
    purpose, purpose_lang = look_words.purpose(look)
    return Line(
        look=look,
        organisation=look_words.organisation(look, agents=agents),
        roles=look.roles if with_roles and look.kind == "employee" else (),
        action=look_words.action(look),
        purpose=purpose,
        purpose_lang=purpose_lang,
        report=report,
        reason=look.reason if with_roles else "",
    )


def report(actor: Actor, *, entry_id: int, text: str) -> Report:
    """Report a look that seems wrong; one about a protected person goes to cleared employees only."""
    return looks.report(actor, entry_id=entry_id, text=text, protected=is_protected(actor))


def my_receipt(actor: Actor, entry_id: int) -> dict[str, Any]:
    """Return the receipt of one look: what was done, and in which role unless the person is protected.

    Raises:
        RefusedError: the look is not the actor's to see, or is not sealed yet.
    """
    looks.look_at(actor, entry_id=entry_id)
    opened = ("what",) if is_protected(actor) else ("what", "role")
    found = receipt.receipt(entry_id, opened=opened)
    access_log.record(
        actor=actor, action="export", purpose="take a receipt of a look",
        subject_id=actor.person_id, detail={"entry": entry_id},
    )  # fmt: skip
    if found is None:
        raise refuse(
            "not_sealed",
            "This line is not sealed yet. It takes a minute.",
            remedy="Wait a minute and try again.",
            status=409,
        )
    return found


def reports_to_answer(actor: Actor) -> list[tuple[Report, Line | None]]:
    """Return the reports of an employee's organisation, each with what was looked at and the employee's name."""
    reports = looks.reports_to(actor)
    ids = {one.look.employee_id for one in reports if one.look and one.look.employee_id}
    names = {one.person_id: one.name for one in identity.colleagues(actor, ids)} if ids else {}
    cases = [one.look.case_id for one in reports if one.look and one.look.case_id]
    numbers = openings.numbers_of(cases) if cases else {}
    return [(one, _named(one.look, names, numbers) if one.look else None) for one in reports]


def _named(look: Look, names: dict[uuid.UUID, str], numbers: dict[uuid.UUID, str]) -> Line:
    """Return a look for the leader whose employee it was: the name, which the citizen is not told, and the case."""
    employee = names.get(look.employee_id, "") if look.employee_id else ""
    number = numbers.get(look.case_id, "") if look.case_id else ""
    return attrs.evolve(line(look, with_roles=True), employee=employee, case_number=number)
