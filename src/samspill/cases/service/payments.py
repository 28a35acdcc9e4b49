"""Money that decisions order: what is paid, what is set off against an old claim, and the list for the bank.

A claim is what an earlier decision paid too much (`reclaim`, negative); it is set off against coming
payments before they are paid (forskrift om bustøtte §§ 14 and 15). All amounts are whole øre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from django.db import connection, transaction

from samspill.cases.domain import terms
from samspill.cases.models import COMPARTMENT, Payment, TermRun
from samspill.cases.service import scope
from samspill.cases.service.decisions import Moved
from samspill.identity import service as identity
from samspill.infra import access_log, clock
from samspill.kernel import spreadsheet
from samspill.kernel.money import kroner, round_half_up
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from samspill.cases.service.ruling import Ruling
    from samspill.kernel.actor import Actor

_CHUNK = 5000
_LIST = (
    "SELECT p.decision_id, p.case_id, c.applicant_id, c.applicant_name, max(p.account), "
    "sum(p.amount_ore)::bigint, "
    "coalesce(sum(p.amount_ore) FILTER (WHERE p.kind = 'set_off'), 0)::bigint, min(p.pay_on) "
    "FROM cases_payment p JOIN cases_case c ON c.id = p.case_id "
    "WHERE p.run_id = %s AND p.kind IN ('ordinary', 'addition', 'set_off') "
    "AND p.state NOT IN ('stopped', 'returned') "
    "AND (%s::uuid IS NULL OR p.decision_id > %s) AND (%s OR c.protection <> ALL(%s)) "
    "GROUP BY p.decision_id, p.case_id, c.applicant_id, c.applicant_name "
    "HAVING sum(p.amount_ore) > 0 ORDER BY p.decision_id LIMIT %s"
)


@attrs.frozen(kw_only=True)
class PaymentLine:
    """Hold one payment of the list: to whom, on which account, how much after set-off."""

    decision_id: UUID
    case_id: UUID
    national_id: str = attrs.field(repr=False)
    name: str = attrs.field(repr=False)
    account: str = attrs.field(repr=False)  # empty: paid by payment card
    amount_ore: int
    set_off_ore: int
    pay_on: dt.date


def ordinary(amount_ore: int, claim_ore: int) -> tuple[Moved, ...]:
    """Give the movements of an ordinary decision: the payment, and what is kept of it for a claim.

    >>> [(m.kind, m.amount_ore) for m in ordinary(6130_00, 1000_00)]
    [('ordinary', 613000), ('set_off', -100000)]
    >>> ordinary(0, 1000_00)
    ()
    """
    if amount_ore <= 0:
        return ()
    kept, _ = terms.set_off(max(0, claim_ore), amount_ore)
    paid = (Moved(kind="ordinary", amount_ore=amount_ore),)
    return (*paid, Moved(kind="set_off", amount_ore=-kept)) if kept else paid


def movement(amount_ore: int) -> tuple[Moved, ...]:
    """Give the one movement of a difference: an addition, or a claim to set off or reclaim."""
    if amount_ore == 0:
        return ()
    return (Moved(kind="addition" if amount_ore > 0 else "reclaim", amount_ore=amount_ore),)


def moved(*, paid: int, right: int, claim_ore: int, ruling: Ruling) -> tuple[Moved, ...]:
    """Give the movements when a term is decided again: the whole, or the difference above the limits."""
    if paid == 0:
        return ordinary(right, claim_ore)
    smallest_payment, smallest_reclaim = limits(ruling, clock.today())
    found = terms.difference(
        {ruling.term: (paid, right)},
        smallest_payment_ore=smallest_payment,
        smallest_reclaim_ore=smallest_reclaim,
    )
    return movement(found.amount_ore)


def limits(ruling: Ruling, on: dt.date) -> tuple[int, int]:
    """Give the smallest payment and the smallest claim on a day, in øre, as the package's rates say.

    Without rates, every øre is moved.
    """
    plan = ruling.package.process.terms
    named = plan.recalculation if plan is not None else None
    if named is None:
        return 0, 0
    return _rate(ruling, named.smallest_payment, on), _rate(ruling, named.smallest_reclaim, on)


def _rate(ruling: Ruling, name: str, on: dt.date) -> int:
    parameter = ruling.book.parameters.get(name)
    rate = parameter.on(on) if parameter is not None else None
    if rate is None:
        raise refuse(
            "rate_missing",
            "The service has no rate %(name)s on %(on)s.",
            where=f"parameters.yaml: {name}",
            remedy="Publish a version with the rate of that date.",
            values={"name": name, "on": on.isoformat()},
        )
    return round_half_up(float(rate.value) * 100)


def outstanding(case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Give what each case still owes after all set-offs, for those that owe anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, sum(CASE kind WHEN 'reclaim' THEN -amount_ore ELSE amount_ore END)::bigint "
            "FROM cases_payment WHERE case_id = ANY(%s) AND kind IN ('reclaim', 'set_off') "
            "AND state NOT IN ('stopped', 'returned') GROUP BY case_id",
            [list(case_ids)],
        )
        return {case: owed for case, owed in cursor.fetchall() if owed > 0}


def paid_for(case_id: UUID, term: dt.date) -> int:
    """Give what a case has been granted in money for a term so far, reclaims taken away."""
    rows = Payment.objects.filter(
        case_id=case_id,
        decision__term=term,
        kind__in=("ordinary", "addition", "reclaim"),
    ).exclude(state__in=("stopped", "returned"))
    return sum(rows.values_list("amount_ore", flat=True))


def payment_list(actor: Actor, run_id: UUID) -> Iterator[PaymentLine]:
    """Give what a run pays, one line a decision, in the order of the decisions.

    Cases of the compartment are in the list of a cleared employee only. The reading is logged as an
    export, with the run and not the persons.

    Raises:
        RefusedError: `payment_list_not_yours` when the actor is not of the agency that pays.
    """
    run = TermRun.objects.filter(pk=run_id).first()
    if (
        run is None
        or scope.side_of(actor) != "agency"
        or run.package_id not in scope.served_packages(actor)
    ):
        raise refuse(
            "payment_list_not_yours",
            "There is no payment list with this number that you have access to.",
            remedy="Log in for the agency that pays, and choose the run from its list.",
            status=404,
        )
    with transaction.atomic():
        access_log.record(
            actor=actor,
            action="export",
            purpose=f"payment list of {run.package_id} {run.term:%Y-%m}",
            fields=("national_id", "name", "account", "amount"),
            detail={"run": str(run_id)},
        )
    return _lines(actor, run)


def payment_csv(actor: Actor, run_id: UUID) -> Iterator[str]:
    """Give the payment list as CSV, a piece at a time; amounts in NOK with a dot."""
    lines = payment_list(actor, run_id)
    head = "decision case national_id name account amount_nok set_off_nok pay_on"
    yield spreadsheet.line(head.split())
    for line in lines:
        yield spreadsheet.line(
            (
                line.decision_id,
                line.case_id,
                line.national_id,
                line.name,
                line.account,
                kroner(line.amount_ore),
                kroner(line.set_off_ore),
                line.pay_on.isoformat(),
            )
        )


def _lines(actor: Actor, run: TermRun) -> Iterator[PaymentLine]:
    after: UUID | None = None
    while rows := _rows(run, after, cleared=actor.has_role(scope.CLEARED)):
        after = rows[-1][0]
        numbers = identity.national_ids_of(
            [row[2] for row in rows], actor=actor, purpose="pay what was granted"
        )
        for decision, case, person, name, account, amount, kept, pay_on in rows:
            yield PaymentLine(
                decision_id=decision,
                case_id=case,
                national_id=numbers[person].value,
                name=name,
                account=account,
                amount_ore=amount,
                set_off_ore=kept,
                pay_on=pay_on,
            )


def _rows(run: TermRun, after: UUID | None, *, cleared: bool) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [run.id, after, after, cleared, list(COMPARTMENT), _CHUNK])
        return list(cursor.fetchall())
