"""Count terms again when income became known otherwise (forskrift om bustøtte § 14), and move the difference.

Each term is counted with the rules of its own date and the registers' figures of today. The limits hold for
the sum of the terms counted together: below them nothing is written but that it was counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from django.db import transaction

from samspill.cases import events
from samspill.cases.domain import terms
from samspill.cases.models import Case, Decision
from samspill.cases.service import decisions, payments, scope, stops
from samspill.cases.service import terms as one_term
from samspill.cases.service.ruling import Ruling, ruling_for
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor


@attrs.frozen(kw_only=True)
class Recalculation:
    """Hold what counting again led to: the difference, and the new decisions."""

    difference: terms.Difference
    by_term: dict[Month, tuple[int, int]]  # øre paid, øre right
    decision_ids: tuple[UUID, ...]


@attrs.frozen(kw_only=True)
class _Counted:
    ruling: Ruling
    standing: Decision
    decided: decisions.Decided
    paid_ore: int


def recalculate(actor: Actor, *, case_id: UUID, months: Sequence[Month]) -> Recalculation:
    """Count some terms of a case again and pay or claim the difference.

    Args:
        actor: the agency or the system.
        case_id: the case; it may be closed.
        months: terms that have a decision; others are left out.

    Raises:
        RefusedError: `case_not_found`, `agency_decides`, `cannot_decide`.
    """
    case = scope.find(actor, case_id, purpose="recalculate terms already paid")
    one_term.require_agency(actor)
    counted = [c for month in sorted(set(months)) if (c := _count(actor, case, month))]
    by_term = {c.ruling.term: (c.paid_ore, c.decided.outcome.amount_ore) for c in counted}
    if not counted:
        nothing = terms.difference({}, smallest_payment_ore=0, smallest_reclaim_ore=0)
        return Recalculation(difference=nothing, by_term={}, decision_ids=())
    payment, reclaim = payments.limits(counted[-1].ruling, clock.today())
    difference = terms.difference(
        by_term, smallest_payment_ore=payment, smallest_reclaim_ore=reclaim
    )
    return Recalculation(
        difference=difference,
        by_term=by_term,
        decision_ids=_write(actor, case, counted, difference),
    )


def _count(actor: Actor, case: Case, month: Month) -> _Counted | None:
    standing = one_term.last_decision(case, month)
    if standing is None:
        return None
    ruling = ruling_for(case.package_id, month)
    decided = one_term.again(ruling, actor, case, standing, kind="recalculated")
    if isinstance(decided, str):
        raise one_term.cannot_decide(decided)
    return _Counted(
        ruling=ruling,
        standing=standing,
        decided=decided,
        paid_ore=payments.paid_for(case.id, month.first),
    )


def _write(
    actor: Actor, case: Case, counted: Sequence[_Counted], difference: terms.Difference
) -> tuple[UUID, ...]:
    """Write new decisions for the terms that changed; the whole sum hangs on the last of them."""
    moves = difference.kind in ("pay", "reclaim")
    changed = [c for c in counted if c.decided.outcome.amount_ore != c.paid_ore] if moves else []
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        for c in changed:
            last = c is changed[-1]
            money = payments.movement(difference.amount_ore) if last else ()
            outcome = attrs.evolve(c.decided.outcome, following=terms.Unchanged())
            one = attrs.evolve(
                c.decided, payments=money, outcome=outcome, changes_case=False, kind="recalculated"
            )
            pay_on = terms.coming_payment_date(c.ruling.term, c.ruling.rules, clock.today())
            context = c.ruling.context(actor, pay_on=pay_on, purpose="recalculate a term")
            decisions.write([one], context)
        about = decisions.about(stops.facts_of(case), role=scope.role_of(actor))
        happened = events.Recalculated(
            **about,
            outcome=difference.kind,
            amount_ore=difference.amount_ore,
            terms=tuple(str(c.ruling.term) for c in counted),
        )
        log.append(happened, actor=actor)
    return tuple(c.decided.decision_id for c in changed)
