"""A grade of address protection that is found, or changes, after the application was sent (SP-26)."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Q

from samspill.cases import events
from samspill.cases.domain import places, protection
from samspill.cases.models import Case
from samspill.cases.service import incidents, pins, plan, prefill, storing, views
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.municipalities import service as municipalities
from samspill.registers import service as registers

_PURPOSE = "find the grade of address protection"
_BATCH = 200


def regrade_unknown(actor: Actor) -> int:
    """Ask again about open cases whose grade was unknown when they came; give how many were settled."""
    ids = Case.objects.open().filter(protection=protection.UNKNOWN).order_by("submitted_at")
    settled = 0
    for case_id in ids.values_list("id", flat=True)[:_BATCH]:
        settled += regrade(actor, case_id=case_id) != protection.UNKNOWN
    return settled


def regrade_person(actor: Actor, *, person_id: uuid.UUID) -> int:
    """Ask again about every case that a person is named in, when the register says that something changed.

    Also the closed ones, and those in which the person is one of the household: one hidden address hides the case.
    """
    named = Q(applicant_id=person_id) | Q(persons__contains=[person_id])
    ids = list(Case.objects.filter(named).values_list("id", flat=True))
    for case_id in ids:
        regrade(actor, case_id=case_id)
    return len(ids)


def regrade(actor: Actor, *, case_id: uuid.UUID) -> str:
    """Fetch the grade of everybody in a case and move the case in or out of the compartment at once.

    Returns the grade that now holds. A case that becomes protected leaves its municipality's lists in
    the same transaction; one that turns out not to be is given to the municipality of its dwelling.
    """
    case = Case.objects.select_related("application").get(id=case_id)
    package = pins.pinned(case)
    number = identity.national_id_of(case.applicant_id, actor=actor, purpose=_PURPOSE)
    reply = registers.lookup(
        actor=actor,
        declaration=prefill.grade_declaration(package),
        person=number,
        on=case.situation_on,
        case_id=case.id,
    )
    answers = {**case.application.answers, **case.amended}
    grade = prefill.grade_of(actor, package, answers, number, reply)
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(id=case_id)
        before = case.protection
        case.protection, case.protection_checked_at = grade, clock.now()
        if grade != before:
            _move(case, reply)
            if protection.needs_compartment(grade) and not protection.needs_compartment(before):
                incidents.begin(actor, case)
            stricter = protection.is_stricter(grade, before)
            storing.note(
                actor,
                [views.log_entry(case, package, action="write", purpose=_PURPOSE)],
                [events.ProtectionChanged(**views.about_case(case, "system"), stricter=stricter)],
            )
        case.save()
    return grade


def _move(case: Case, reply: registers.Outcome) -> None:
    """Take the case out of its municipality, or find the one it belongs to."""
    package = pins.pinned(case)
    case.revision += 1
    case.changed_at = clock.now()
    if protection.needs_compartment(case.protection):
        case.municipality_id, case.unit, case.handler_id = None, "protected", None
        return
    if case.municipality_id is not None or not isinstance(reply, registers.Found):
        return
    answers = {**case.application.answers, **case.amended}
    number = places.municipality_no(answers, package.fields, reply.data)
    found = municipalities.on(number, case.situation_on) if number else None
    if isinstance(found, municipalities.Municipality):
        case.municipality_id = found.id
        case.municipality_no_at_submission = number or ""
        case.unit = _unit(case)


def _unit(case: Case) -> str:
    package = pins.pinned(case)
    _, on = plan.situation(package, case.situation_on)
    evaluation = views.evaluate_case(package, case, on=on)
    return evaluation.routing or ""
