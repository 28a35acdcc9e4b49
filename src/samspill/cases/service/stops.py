"""End a case: its applicant has moved, died or asked for it, or a time to correct has run out.

Moving and death come from the population register, as events or at the month's run; which of them end
a case is said by the package (`terms.stop_events`). Nothing is deleted; a new application begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from samspill.cases import events
from samspill.cases.models import Case
from samspill.cases.service import decisions
from samspill.cases.service.decisions import CaseFacts, final_from
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.kernel.actor import system
from samspill.packages import service as packages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor


def stop_for_person(person_id: UUID, happening: str, *, actor: Actor | None = None) -> int:
    """End the open cases of a person for which their package says that this ends them.

    Args:
        person_id: the applicant.
        happening: `moved`, `dead` or another of the package's `stop_events`.
        actor: who says so; the system when left out.

    Returns:
        How many cases were ended; none the second time.
    """
    with transaction.atomic():
        cases = Case.objects.select_for_update().filter(
            applicant_id=person_id, closed_at__isnull=True
        )
        ended = [
            (facts_of(case), happening)
            for case in cases.order_by("id")
            if happening in _stop_events(case)
        ]
        stop_many(ended, actor or system("cases.stop"))
    return len(ended)


def stop_many(ended: Sequence[tuple[CaseFacts, str]], actor: Actor) -> None:
    """End cases for a reason each, in the present transaction; their waiting entries end too."""
    if not ended:
        return
    ids = [case.case_id for case, _ in ended]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case AS c SET closed_at = %s, changed_at = %s, waiting_for = 'nobody', "
            "due_on = NULL, state = new.state, stopped_reason = new.reason, revision = revision + 1 "
            "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS new(id, state, reason) "
            "WHERE c.id = new.id",
            [
                clock.now(),
                clock.now(),
                ids,
                [final_from(case.package, case.state) for case, _ in ended],
                [reason[:32] for _, reason in ended],
            ],
        )
        cursor.execute(
            "UPDATE cases_termentry SET state = 'stopped' WHERE case_id = ANY(%s) "
            "AND state IN ('waiting', 'held')",
            [ids],
        )
    for case, reason in ended:
        about = decisions.about(case, role=actor.kind)
        log.append(events.CaseStopped(**about, reason=reason), actor=actor)
        access_log.record(
            actor=actor,
            action="write",
            purpose="end the case",
            subject_id=case.applicant_id,
            case_id=case.case_id,
            fields=("state",),
        )


def lapse(on: dt.date | None = None) -> int:
    """End the cases whose time to correct a rejected application is over; run daily."""
    day = on or clock.today()
    with transaction.atomic():
        cases = Case.objects.select_for_update(skip_locked=True).filter(
            closed_at__isnull=True,
            waiting_for="applicant",
            due_on__lt=day,
        )
        rejected = [case for case in cases.order_by("id") if _rejected_last(case)]
        stop_many([(facts_of(case), "not_corrected") for case in rejected], system("cases.lapse"))
    return len(rejected)


def facts_of(case: Case) -> CaseFacts:
    """Give what of a case is needed to write about it."""
    return CaseFacts(
        case_id=case.id,
        applicant_id=case.applicant_id,
        municipality_id=case.municipality_id,
        package=packages.pinned(case.package_id, case.package_version, case.package_sha256),
        language=case.language,
        channel=case.channel,
        protection=case.protection,
        state=case.state,
    )


def _stop_events(case: Case) -> tuple[str, ...]:
    package = packages.pinned(case.package_id, case.package_version, case.package_sha256)
    return package.process.terms.stop_events if package.process.terms else ()


def _rejected_last(case: Case) -> bool:
    package = packages.pinned(case.package_id, case.package_version, case.package_sha256)
    plan = package.process.terms
    if plan is None or plan.correction is None:
        return False
    last = case.decisions.order_by("-term", "-sequence").values_list("code", flat=True).first()
    return last in plan.correction.rejected
