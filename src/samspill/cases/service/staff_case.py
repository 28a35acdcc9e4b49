"""What the case page shows beside the case itself: what happened, its terms, and its documents.

All of it is behind the same question as the case: whoever may not see the case gets the same answer as for
a case that does not exist.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from django.db import transaction

from samspill.cases.domain import terms
from samspill.cases.models import Attachment
from samspill.cases.service import pins, process, scope, staff_documents, views
from samspill.cases.service.plan import term_rules
from samspill.infra import access_log, clock, files
from samspill.infra import events as log
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.cases.models import Case
    from samspill.cases.service.values import AttachmentView
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package


@attrs.frozen(kw_only=True)
class Happened:
    """Hold one thing that happened in a case: when, what, and in which role (never who)."""

    at: dt.datetime
    name: str
    role: str


@attrs.frozen(kw_only=True)
class TermPlace:
    """Hold the case's place in one term: whether it waits or is held, and why."""

    term: Month
    state: str
    held_reason: str


@attrs.frozen(kw_only=True)
class Beside:
    """Hold what stands beside a case: its story, its terms, and the day an answer would be due.

    `correctable` are the terms with a rejection that may still be corrected, with the last day for it.
    """

    story: tuple[Happened, ...]
    places: tuple[TermPlace, ...]
    answer_by: dt.date
    correctable: tuple[tuple[Month, dt.date], ...]
    closed: bool


def beside(actor: Actor, *, case_id: UUID) -> Beside:
    """Give what stands beside a case on an employee's page.

    Raises:
        RefusedError: `case_not_found`.
    """
    case = scope.find(actor, case_id, purpose="handle the case", action="read")
    package = pins.pinned(case)
    places = case.terms.filter(state__in=("waiting", "held")).order_by("term", "sequence")
    return Beside(
        story=tuple(
            Happened(at=e.at, name=e.type, role=str(e.body.get("role", "")))
            for e in log.story(case_id)
        ),
        places=tuple(
            TermPlace(term=Month.of(p.term), state=p.state, held_reason=p.held_reason)
            for p in places
        ),
        answer_by=process.answer_by(case, package, clock.today()),
        correctable=_correctable(case, package),
        closed=case.closed_at is not None,
    )


def package_of(actor: Actor, *, case_id: UUID) -> Package:
    """Give the version of the service that a case is pinned to, to read a posted form by.

    Raises:
        RefusedError: `case_not_found`.
    """
    return pins.pinned(scope.find(actor, case_id, purpose="handle the case"))


def staff_attachment(
    actor: Actor, *, case_id: UUID, attachment_id: UUID
) -> tuple[AttachmentView, bytes]:
    """Open a document of a case that the employee may see; the reading is logged on the case.

    Raises:
        RefusedError: `case_not_found`, also for a document of another case.
    """
    case = scope.find(actor, case_id, purpose="read a document", action="read")
    row = Attachment.objects.filter(pk=attachment_id, case=case).first()
    if row is None or not staff_documents.may_see(row, scope.side_of(actor)):
        raise scope.not_found(actor, case_id, purpose="read a document")
    with transaction.atomic():
        access_log.record(
            actor=actor,
            action="read",
            purpose="read a document",
            subject_id=case.applicant_id,
            case_id=case.id,
            fields=(f"document:{row.document.split(':', 1)[0]}",),
        )
        _, content = files.read(row.file_id, actor=actor, purpose="read a document")
    return views.attachment_view(row), content


def _correctable(case: Case, package: Package) -> tuple[tuple[Month, dt.date], ...]:
    rules = term_rules(package)
    if rules is None:
        return ()
    found = dict(case.decisions.order_by("term", "sequence").values_list("term", "code"))
    until = {
        Month.of(term): terms.correction_deadline(Month.of(term), rules, channel=case.channel)
        for term, code in found.items()
        if code in rules.correctable
    }
    return tuple((term, day) for term, day in until.items() if day >= clock.today())
