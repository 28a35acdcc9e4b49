"""Let the municipality approve a case and the month be decided, through the doors that the pages use.

Run in a process of its own on a running system's data: `python -m tests.browser.casework <case id>`.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import uuid

import django

PACKAGE = "bostotte"
_JUDGED = {"kommune_vedlegg": True, "kommune_bolig_godkjent": True}


def main(case_id: uuid.UUID) -> None:
    """Do the municipality's tasks, pass the case on, decide the month and make the letters."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    django.setup()
    from samspill.cases import service as cases
    from samspill.cases.models import Case
    from samspill.cases.service.letters import make_queued
    from samspill.infra import clock
    from samspill.kernel.periods import OSLO, Month

    case = Case.objects.get(pk=case_id)
    worker = _worker(case.municipality_id)
    view = cases.open_case(worker, case_id=case_id)
    for task in view.tasks:
        values = {field: _JUDGED[field] for field in task.fields if field in _JUDGED}
        view = cases.complete_task(
            worker, case_id=case_id, task_id=task.id, revision=view.revision, values=values,
            reason="Kontrollert.",
        )  # fmt: skip
    cases.forward(worker, case_id=case_id, revision=view.revision)
    term = Month.of(case.situation_on)
    with clock.frozen(dt.datetime.combine((term + 1).day(8), dt.time(9), tzinfo=OSLO)):
        cases.run_term(PACKAGE, term)
        make_queued()


def ask(case_id: uuid.UUID, text: str) -> None:
    """Let the municipality ask for the tenancy agreement."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    django.setup()
    from samspill.cases import service as cases
    from samspill.cases.models import Case

    case = Case.objects.get(pk=case_id)
    worker = _worker(case.municipality_id)
    view = cases.open_case(worker, case_id=case_id)
    cases.request_missing(
        worker, case_id=case_id, revision=view.revision, items=["document:leiekontrakt"], text=text,
    )  # fmt: skip


def _worker(municipality_id: uuid.UUID | None) -> object:
    from samspill.identity import service as identity
    from samspill.kernel.actor import Actor
    from samspill.kernel.ids import NationalId, new_id
    from samspill.municipalities import service as municipalities
    from samspill.sandbox.population import STAFF

    assert municipality_id is not None
    place = municipalities.by_id(municipality_id)
    number = NationalId.parse(STAFF[0].national_id, allow_synthetic=True, allow_real=False)
    assert place is not None
    assert isinstance(number, NationalId)
    return Actor(
        kind="employee", person_id=identity.person_for(number), org_no=place.org_no,
        municipality_id=place.id, roles=frozenset({"municipality_caseworker"}), level="high",
        request_id=new_id().hex,
    )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask(uuid.UUID(sys.argv[2]), sys.argv[3])
    else:
        main(uuid.UUID(sys.argv[2]))
