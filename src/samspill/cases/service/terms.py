"""One case and one term at a time: correct what was rejected, decide again by hand, handle appeals.

The rules and the writing are the same as in the month's run. A decision is never changed: deciding again
makes a new one that says which it replaces, and moves only the difference in money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from django.db import IntegrityError, transaction

from samspill.cases.domain import terms
from samspill.cases.models import Case, Decision, TermEntry
from samspill.cases.service import decisions, payments, scope, term_inputs
from samspill.cases.service.ruling import Ruling, ruling_for
from samspill.infra import clock
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from samspill.cases.service.term_inputs import Prepared
    from samspill.kernel.actor import Actor


def correct(
    actor: Actor, *, case_id: UUID, term: Month, received_on: dt.date | None = None
) -> Decision:
    """Decide a rejected case again for the same term, after it was corrected within the window.

    Args:
        actor: an employee with access, or the system when the applicant's answer was the last thing missing.
        case_id: the case.
        term: the term that was rejected.
        received_on: the day the correction came; today when left out.

    Returns:
        The new decision, with the code of a corrected one.

    Raises:
        RefusedError: `case_not_found`, `nothing_to_correct`, `window_closed`, `cannot_decide`.
    """
    case = scope.find(actor, case_id, purpose="correct a rejected application")
    ruling = ruling_for(case.package_id, term)
    rejected = last_decision(case, term)
    if rejected is None or rejected.code not in ruling.rules.correctable:
        raise refuse(
            "nothing_to_correct",
            "The application was not rejected for %(term)s, so there is nothing to correct.",
            where="term",
            remedy="Appeal the decision, or apply for the next term.",
            values={"term": str(term)},
            status=409,
        )
    until = terms.correction_deadline(term, ruling.rules, channel=case.channel)
    if (received_on or clock.today()) > until:
        raise refuse(
            "window_closed",
            "A correction for %(term)s had to come by %(until)s.",
            where="received_on",
            remedy="Apply anew; the application then counts from the term it comes in.",
            law="forskrift om bustøtte § 9",
            values={"term": str(term), "until": until.isoformat()},
            status=409,
        )
    entry = _correction_entry(case, term, rejected)
    item = _prepared(actor, ruling, case, rejected, origin="corrected", entry_id=entry.id)
    if item.held:
        TermEntry.objects.filter(pk=entry.pk).update(state="held", held_reason=item.held[:48])
        raise cannot_decide(item.held)
    return _write(actor, ruling, item, entry=entry)


def review_manually(actor: Actor, *, decision_id: UUID, reason: str) -> Decision:
    """Decide a term again by a person, as everybody with an automated decision may ask for.

    What the person finds stands in the case first (tasks, amended values); the rules then count with it.
    Open tasks do not stand in the way: a person is deciding.

    Raises:
        RefusedError: `case_not_found`, `agency_decides`, `reason_needed`, `already_replaced`,
            `cannot_decide`.
    """
    decision = Decision.objects.select_related("case").filter(pk=decision_id).first()
    if decision is None:
        raise scope.not_found(actor, decision_id, purpose="review a decision")
    case = scope.find(actor, decision.case_id, purpose="review a decision")
    require_agency(actor)
    if not reason.strip():
        raise refuse(
            "reason_needed",
            "A decision by a person must say why.",
            where="reason",
            remedy="Write the reason in a sentence or two.",
            law="forvaltningsloven § 25",
        )
    term = Month.of(decision.term)
    if last_decision(case, term) != decision:
        raise already_replaced(term)
    ruling = ruling_for(case.package_id, term)
    item = _prepared(actor, ruling, case, decision, origin="carried", entry_id=None)
    if item.held.startswith("register:"):
        raise cannot_decide(item.held)
    return _write(actor, ruling, item, kind="manual", reason=reason.strip())


def decide_one(actor: Actor, *, case_id: UUID, term: Month) -> Decision:
    """Decide one case that waits or was held, once the reason is gone.

    Raises:
        RefusedError: `case_not_found`, `agency_decides`, `nothing_waits`, `cannot_decide`.
    """
    case = scope.find(actor, case_id, purpose="decide the term")
    require_agency(actor)
    entry = case.terms.filter(term=term.first, state__in=("waiting", "held")).first()
    if entry is None:
        raise refuse(
            "nothing_waits",
            "Nothing waits to be decided for %(term)s in this case.",
            where="term",
            remedy="See the decisions of the case.",
            values={"term": str(term)},
            status=409,
        )
    ruling = ruling_for(case.package_id, term)
    work = term_inputs.load_case(
        case.id,
        term,
        origin=entry.origin,
        sequence=entry.sequence,
        retest=entry.retest,
        entry_id=entry.id,
    )
    assert work is not None  # the case was found above
    [item] = term_inputs.gather([work], situation_on=_situation(ruling), actor=actor)
    if item.held:
        raise cannot_decide(item.held)
    return _write(actor, ruling, item, entry=entry)


def last_decision(case: Case, term: Month) -> Decision | None:
    """Give the decision that stands for a term."""
    return case.decisions.filter(term=term.first).order_by("-sequence").first()


def require_agency(actor: Actor) -> None:
    """Refuse anybody who does not decide for the agency."""
    if scope.side_of(actor) not in ("agency", "system"):
        raise refuse(
            "agency_decides",
            "Decisions in this service are made by the agency.",
            remedy="Forward the case to the agency.",
            status=403,
        )


def cannot_decide(reason: str) -> RefusedError:
    """Make the refusal for a case that cannot be decided now."""
    return refuse(
        "cannot_decide",
        "The case cannot be decided now: %(reason)s.",
        where=reason,
        remedy="Do what is missing in the case, or wait for the register, and try again.",
        values={"reason": reason},
        status=409,
    )


def already_replaced(term: Month) -> RefusedError:
    """Make the refusal for who was second to decide again."""
    return refuse(
        "already_replaced",
        "This decision for %(term)s has been replaced by a newer one.",
        remedy="Open the newest decision.",
        values={"term": str(term)},
        status=409,
    )


def again(
    ruling: Ruling, actor: Actor, case: Case, standing: Decision, *, kind: str, reason: str = ""
) -> decisions.Decided | str:
    """Give a new decision for a term that has one, not written yet; or why it cannot be given."""
    item = _prepared(actor, ruling, case, standing, origin="carried", entry_id=None)
    if item.held.startswith("register:"):
        return item.held
    return _decided(ruling, item, kind=kind, actor=actor, reason=reason) or "unknown_inputs"


def is_newest(case: Case, term: Month) -> bool:
    """Tell whether no later term of the case has been decided."""
    return not case.decisions.filter(term__gt=term.first).exists()


def _correction_entry(case: Case, term: Month, rejected: Decision) -> TermEntry:
    """Give the entry of the correction, made once however often it is asked for."""
    entry, _ = TermEntry.objects.get_or_create(
        case=case,
        term=term.first,
        sequence=rejected.sequence + 1,
        defaults={
            "package_id": case.package_id,
            "origin": "corrected",
            "retest": 0,
            "state": "waiting",
            "made_at": clock.now(),
        },
    )
    return entry


def _prepared(
    actor: Actor,
    ruling: Ruling,
    case: Case,
    standing: Decision,
    *,
    origin: str,
    entry_id: UUID | None,
) -> Prepared:
    entry = case.terms.filter(term=ruling.term.first).order_by("sequence").first()
    work = term_inputs.load_case(
        case.id,
        ruling.term,
        origin=origin,
        sequence=standing.sequence + 1,
        retest=entry.retest if entry is not None else 0,
        entry_id=entry_id,
    )
    assert work is not None  # the case was found by its scope
    [item] = term_inputs.gather([work], situation_on=_situation(ruling), actor=actor)
    return item


def _situation(ruling: Ruling) -> dt.date:
    return terms.situation_date(ruling.term, ruling.rules)


def _decided(
    ruling: Ruling, item: Prepared, *, kind: str, actor: Actor, reason: str = ""
) -> decisions.Decided | None:
    one = ruling.conclude(item)
    if one is None:
        return None
    changes: dict[str, Any] = {"automatic": kind != "manual", "decision_id": new_id()}
    if kind:
        changes["kind"] = kind
    if reason:
        changes["trace"] = {**one.trace, "reason": reason, "by": scope.role_of(actor)}
    return attrs.evolve(one, **changes)


def _write(
    actor: Actor,
    ruling: Ruling,
    item: Prepared,
    *,
    entry: TermEntry | None = None,
    kind: str = "",
    reason: str = "",
) -> Decision:
    """Write one decision with the difference in money; a second one at the same time is refused."""
    one = _decided(ruling, item, kind=kind, actor=actor, reason=reason)
    if one is None:
        raise cannot_decide("unknown_inputs")
    try:
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=item.work.case.case_id)
            one = _with_money(one, ruling, item, newest=is_newest(case, ruling.term))
            pay_on = terms.coming_payment_date(ruling.term, ruling.rules, clock.today())
            decisions.write([one], ruling.context(actor, pay_on=pay_on))
            if entry is not None:
                TermEntry.objects.filter(pk=entry.pk).update(state="decided", held_reason="")
    except IntegrityError as error:
        if "decision_once" not in str(error):
            raise
        raise already_replaced(ruling.term) from error
    return Decision.objects.get(pk=one.decision_id)


def _with_money(
    one: decisions.Decided, ruling: Ruling, item: Prepared, *, newest: bool
) -> decisions.Decided:
    paid = payments.paid_for(item.work.case.case_id, ruling.term.first)
    moved = payments.moved(
        paid=paid, right=one.outcome.amount_ore, claim_ore=item.claim_ore, ruling=ruling
    )
    if newest:
        return attrs.evolve(one, payments=moved)
    outcome = attrs.evolve(one.outcome, following=terms.Unchanged())
    return attrs.evolve(one, payments=moved, outcome=outcome, changes_case=False)
