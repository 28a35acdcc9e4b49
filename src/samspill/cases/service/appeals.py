"""Appeals: the deadline, late ones with their reason, and who it goes to (fvl. §§ 28 to 33)."""

from __future__ import annotations

import datetime as dt
import uuid

import attrs
from django.db import transaction

from samspill.cases import events
from samspill.cases.domain import timeline
from samspill.cases.models import Appeal, Case, Decision
from samspill.cases.service import messages, pins, storing, views
from samspill.cases.service.access import door, own_case
from samspill.cases.service.moves import walk
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import oslo_date


@attrs.frozen(kw_only=True)
class Appealed:
    """An appeal that has been received."""

    appeal_id: uuid.UUID
    deadline_on: dt.date
    late: bool


@door
def appeal(
    actor: Actor,
    *,
    case_id: uuid.UUID,
    decision_id: uuid.UUID,
    text: str,
    late_reason: str = "",
    idempotency_key: str = "",
) -> Appealed:
    """Appeal a decision. A late appeal is received too, with the reason given (fvl. § 31).

    Raises:
        RefusedError: not one's decision, no right to appeal, more than a year late, or an appeal of the
            same decision is being handled.
    """
    words = messages.clean(text)
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        decision = Decision.objects.filter(case=case, id=decision_id).first()
        if decision is None:
            raise refuse(
                "no_such_decision",
                "There is no such decision in your case.",
                remedy="Choose one of the decisions on the page of the case.",
                status=404,
            )
        earlier = Appeal.objects.filter(decision=decision).order_by("-received_at").first()
        if earlier is not None and earlier.state in ("received", "clarified", "forwarded"):
            said = (earlier.idempotency_key, earlier.text)
            if idempotency_key and said == (idempotency_key, words):
                return _appealed(earlier)
            raise refuse(
                "appealed_already",
                "You have already appealed this decision, and the appeal is being handled.",
                remedy="Write a message if you have something to add.",
                status=409,
            )
        row = _new_appeal(actor, case, decision, words, late_reason, idempotency_key)
    return _appealed(row)


def appeal_by(case: Case, decision: Decision) -> dt.date | None:
    """Give the last day to appeal: counted from the day the letter came, else from the decision."""
    package = pins.pinned(case)
    if package.process.appeal is None:
        return None
    sent = [letter.sent_at for letter in decision.letters.all() if letter.sent_at]
    reached = oslo_date(min(sent) if sent else decision.decided_at)
    return timeline.appeal_deadline(reached, package.process.appeal.within)


def _new_appeal(
    actor: Actor, case: Case, decision: Decision, text: str, late_reason: str, key: str
) -> Appeal:
    package = pins.pinned(case)
    deadline = appeal_by(case, decision)
    if deadline is None:
        raise refuse(
            "no_appeal",
            "This decision cannot be appealed.",
            remedy="Write a message if something is wrong.",
            status=409,
        )
    late = _is_late(deadline, late_reason)
    row = Appeal.objects.create(
        id=new_id(),
        case=case,
        decision=decision,
        text=text,
        received_at=clock.now(),
        deadline_on=deadline,
        late=late,
        late_reason=late_reason.strip()[: messages.MAX_LENGTH] if late else "",
        channel="digital",
        idempotency_key=key[:100],
    )
    walk(case, "appeal")
    storing.note(
        actor,
        [views.log_entry(case, package, action="write", purpose="appeal a decision")],
        [
            events.AppealReceived(
                **views.about_case(case), appeal_id=row.id, decision_id=decision.id, late=late
            )
        ],
    )
    return row


def _appealed(row: Appeal) -> Appealed:
    return Appealed(appeal_id=row.id, deadline_on=row.deadline_on, late=row.late)


def _is_late(deadline: dt.date, late_reason: str) -> bool:
    """Tell whether the time is out; refuse one without a reason, and one that is a year too late."""
    today = clock.today()
    if today <= deadline:
        return False
    if today > timeline.last_chance(deadline):
        raise refuse(
            "appeal_too_late",
            "The time to appeal ended on %(deadline)s, more than a year ago.",
            remedy="Apply anew, or ask for the decision to be changed in a message.",
            law="forvaltningsloven § 31",
            values={"deadline": deadline.isoformat()},
            status=409,
        )
    if not late_reason.strip():
        raise refuse(
            "late_reason_needed",
            "The time to appeal ended on %(deadline)s. Say why the appeal comes later.",
            where="late_reason",
            remedy="Write the reason and send again. The appeal is forwarded with it.",
            law="forvaltningsloven § 31",
            values={"deadline": deadline.isoformat()},
        )
    return True
