"""Move a case along its package's process by what its applicant does."""

from __future__ import annotations

from samspill.cases.domain import machine
from samspill.cases.models import Case
from samspill.cases.service import pins
from samspill.infra import clock


def walk(case: Case, *tried: str) -> bool:
    """Let the applicant's act move the case by the first of the events that can happen; tell if so.

    A closed case stays where it is: an appeal of its decision is handled as an appeal, not by its state.
    """
    if not case.is_open:
        return False
    process = pins.pinned(case).process
    for event in tried:
        step = machine.move(process, state=case.state, event=event, role="applicant")
        if isinstance(step, machine.Moved):
            case.state, case.waiting_for = step.state, step.waiting_for
            case.revision += 1
            case.changed_at = clock.now()
            case.save(update_fields=["state", "waiting_for", "revision", "changed_at"])
            return True
    return False
