"""An appeal on its way: the municipality clarifies, the agency reviews, and it ends changed or upheld.

The appeal itself comes from the applicant (`citizen.appeal`) or is registered at the counter. A changed
decision is a new decision by a person; upholding sends the appeal on to the next instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from samspill.cases import events
from samspill.cases.models import Appeal
from samspill.cases.service import decisions, pins, process, scope, stops, storing, views
from samspill.cases.service import terms as one_term
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError, refuse

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.cases.models import Decision
    from samspill.kernel.actor import Actor

OPEN = ("received", "clarified", "forwarded")


def clarify_appeal(actor: Actor, *, appeal_id: UUID, clarification: str) -> None:
    """Write what the municipality has found out about an appeal, and pass it to the agency.

    Raises:
        RefusedError: `case_not_found`, `appeal_settled`, `words_needed`.
    """
    row = _find(actor, appeal_id)
    if not clarification.strip():
        raise _words_needed("clarification")
    with transaction.atomic():
        row = _locked(row, "received", "clarified")
        row.clarification = clarification.strip()
        row.state = "forwarded"
        row.save(update_fields=["clarification", "state"])
        package = pins.pinned(row.case)
        _tell(actor, row)
        _hand_over(
            actor, row, package.process.appeal.reviewed_by if package.process.appeal else "agency"
        )


def settle_appeal(actor: Actor, *, appeal_id: UUID, changed: bool, reason: str) -> Decision | None:
    """End an appeal at the agency: a new decision by a person, or upheld and sent to the next instance.

    Returns:
        The new decision when the appeal led to one.

    Raises:
        RefusedError: `case_not_found`, `agency_decides`, `appeal_settled`, `words_needed`, and those of a
            manual review.
    """
    row = _find(actor, appeal_id)
    one_term.require_agency(actor)
    if not reason.strip():
        raise _words_needed("reason")
    with transaction.atomic():
        row = _locked(row, *OPEN)
        row.state = "changed" if changed else "upheld"
        row.outcome_reason, row.outcome_at = reason.strip(), clock.now()
        row.save(update_fields=["state", "outcome_reason", "outcome_at"])
        new = (
            one_term.review_manually(actor, decision_id=row.decision_id, reason=reason)
            if changed
            else None
        )
        _tell(actor, row)
        if new is None:
            row.case.refresh_from_db()
            _hand_over(actor, row, "system")
    return new


def _find(actor: Actor, appeal_id: UUID) -> Appeal:
    row = Appeal.objects.filter(pk=appeal_id).first()
    if row is None:
        raise scope.not_found(actor, appeal_id, purpose="handle an appeal")
    scope.find(actor, row.case_id, purpose="handle an appeal")
    return row


def _locked(row: Appeal, *states: str) -> Appeal:
    found = Appeal.objects.select_for_update(of=("self",)).select_related("case").get(pk=row.pk)
    if found.state not in states:
        raise refuse(
            "appeal_settled",
            "Somebody has already dealt with this appeal.",
            remedy="Load the case again.",
            status=409,
        )
    return found


def _hand_over(actor: Actor, row: Appeal, waits_for: str) -> None:
    """Move the case along when its process has such a step; the appeal itself is moved already."""
    if row.case.closed_at is None:
        try:
            process.towards(actor, row.case, pins.pinned(row.case), waits_for)
        except RefusedError as error:
            if error.refused.code != "wrong_state":
                raise


def _tell(actor: Actor, row: Appeal) -> None:
    about = decisions.about(stops.facts_of(row.case), role=scope.role_of(actor))
    entry = views.log_entry(
        row.case, pins.pinned(row.case), action="write", purpose="handle an appeal"
    )
    storing.note(actor, [entry], [events.AppealHandled(**about, appeal_id=row.id, state=row.state)])


def _words_needed(where: str) -> RefusedError:
    return refuse(
        "words_needed",
        "An appeal cannot be passed on or settled without words.",
        where=where,
        remedy="Write what you found, or why the decision stands.",
        law="forvaltningsloven § 33",
    )
