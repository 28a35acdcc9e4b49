"""Write decisions with everything that follows from them, for one case or a thousand, by COPY.

One call writes, in the transaction of the caller: the decision with inputs, trace and facts; its payment
and what is set off against an old claim; the queued letter; the case's place in the next term; the
state of the case; the events; and the access log. Nothing is decided here.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import attrs
from django.db import connection

from samspill.cases import events
from samspill.cases.domain import protection, terms
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.infra.copying import copy_rows
from samspill.infra.encryption import numbers
from samspill.kernel.ids import new_id
from samspill.packages import service as packages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor
    from samspill.kernel.periods import Month
    from samspill.packages.service import Package

# What differs from row to row; what the rows of one writing have in common is said beside them.
_DECISION = (
    "id, case_id, package_id, municipality_id, sequence, replaces_id, kind, code, granted, amount_ore, automatic, "
    "decided_by, inputs, trace, facts"
)
_PAYMENT = "id, decision_id, case_id, kind, amount_ore, account"
_LETTER = "id, case_id, decision_id, kind, language"
_ENTRY = "id, case_id, package_id, term, origin, retest"


@attrs.frozen(kw_only=True)
class CaseFacts:
    """Hold what of a case is needed to write its decision."""

    case_id: UUID
    applicant_id: UUID
    municipality_id: UUID | None
    package: Package
    language: str
    channel: str
    protection: str
    state: str

    @property
    def shown_municipality(self) -> UUID | None:
        """Give the municipality to write in decisions, events and figures; none where an address is hidden."""
        return None if protection.hides_address(self.protection) else self.municipality_id


@attrs.frozen(kw_only=True)
class Moved:
    """Hold one movement of money that a decision orders."""

    kind: str  # ordinary | addition | reclaim | set_off
    amount_ore: int


@attrs.frozen(kw_only=True)
class Decided:
    """Hold one decision that is to be written."""

    case: CaseFacts
    outcome: terms.Outcome
    sequence: int = 1
    replaces_id: UUID | None = None
    kind: str = "ordinary"
    automatic: bool = True
    inputs: Mapping[str, Any]
    trace: Mapping[str, Any]
    facts: Mapping[str, Any]
    payments: tuple[Moved, ...] = ()
    account: str = ""
    changes_case: bool = True
    decision_id: UUID = attrs.field(factory=new_id)


@attrs.frozen(kw_only=True)
class Context:
    """Hold what is common to the decisions of one writing."""

    actor: Actor
    term: Month
    pay_on: dt.date
    rulebook_version: str
    rulebook_hash: str
    run_id: UUID | None = None
    purpose: str = "decide the term"


def write(decided: Sequence[Decided], context: Context) -> None:
    """Write the decisions and all that follows from them in the present transaction."""
    if not decided:
        return
    at = clock.now()
    letters = [(new_id(), d, _letter_kind(d)) for d in decided]
    letters = [(i, d, kind) for i, d, kind in letters if kind]
    payments = [(new_id(), d, moved) for d in decided for moved in d.payments]
    _move_cases(decided, at)
    _copy_decisions(decided, context, at)
    _copy_payments(payments, context, at)
    _copy_letters(letters, at)
    _copy_next_entries(decided, at)
    log.append_many(_events(decided, letters, payments, context), actor=context.actor)
    access_log.record_each(
        ((d.case.applicant_id, d.case.case_id) for d in decided),
        actor=context.actor, action="write", purpose=context.purpose, fields=("decision",),
    )  # fmt: skip


@functools.lru_cache(maxsize=4096)
def outcome_of(package: Package, code: str) -> packages.Decision | None:
    """Find the package's outcome (letter, state, time to appeal) for a code, corrected or not."""
    plan = package.process.terms
    plain = code
    if plan is not None and plan.correction is not None:
        plain = next((old for old, new in plan.correction.codes.items() if new == code), code)
    found = {c: decision for decision in package.process.decisions for c in decision.codes}
    return found.get(code) or found.get(plain)


def _letter_kind(decided: Decided) -> str:
    outcome = outcome_of(decided.case.package, decided.outcome.code)
    return outcome.letter if outcome is not None else ""


def _copy_decisions(decided: Sequence[Decided], context: Context, at: dt.datetime) -> None:
    hidden = numbers.hidden_json
    rows = (
        (
            d.decision_id,
            d.case.case_id,
            d.case.package.id,
            d.case.shown_municipality,
            d.sequence,
            d.replaces_id,
            d.kind,
            d.outcome.code,
            d.outcome.granted,
            d.outcome.amount_ore,
            d.automatic,
            None if d.automatic else context.actor.person_id,
            hidden(d.inputs),
            hidden(d.trace),
            hidden(d.facts),
        )
        for d in decided
    )
    alike = {
        "run_id": context.run_id,
        "term": context.term.first,
        "rulebook_version": context.rulebook_version,
        "rulebook_hash": context.rulebook_hash,
        "decided_at": at,
    }
    copy_rows("cases_decision", _DECISION, rows, alike=alike)


def _copy_payments(
    payments: Sequence[tuple[UUID, Decided, Moved]], context: Context, at: dt.datetime
) -> None:
    rows = (
        (payment_id, d.decision_id, d.case.case_id, moved.kind, moved.amount_ore, d.account)
        for payment_id, d, moved in payments
    )
    alike = {
        "run_id": context.run_id,
        "pay_on": context.pay_on,
        "state": "ordered",
        "ordered_at": at,
    }
    copy_rows("cases_payment", _PAYMENT, rows, alike=alike)


def _copy_letters(letters: Sequence[tuple[UUID, Decided, str]], at: dt.datetime) -> None:
    rows = (
        (letter_id, d.case.case_id, d.decision_id, kind, d.case.language)
        for letter_id, d, kind in letters
    )
    alike = {"html": "", "state": "queued", "attempts": 0, "failure": "", "queued_at": at}
    copy_rows("cases_letter", _LETTER, rows, alike=alike)


def _copy_next_entries(decided: Sequence[Decided], at: dt.datetime) -> None:
    alike = {"sequence": 1, "state": "waiting", "held_reason": "", "made_at": at}
    copy_rows("cases_termentry", _ENTRY, list(_next_entries(decided)), alike=alike)


def _next_entries(decided: Sequence[Decided]) -> Iterable[tuple[Any, ...]]:
    """Give the entries of the following term, except where the case already has one."""
    coming = [
        (d.case, d.outcome.following)
        for d in decided
        if isinstance(d.outcome.following, terms.CarriedOver | terms.Retested)
    ]
    there = _entered({(case.case_id, following.term) for case, following in coming})
    for case, following in coming:
        if (case.case_id, following.term.first) in there:
            continue
        again = isinstance(following, terms.Retested)
        yield (
            new_id(),
            case.case_id,
            case.package.id,
            following.term.first,
            "retest" if again else "carried",
            following.attempt if isinstance(following, terms.Retested) else 0,
        )


def _entered(wanted: set[tuple[UUID, Month]]) -> set[tuple[UUID, dt.date]]:
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, term FROM cases_termentry WHERE case_id = ANY(%s) AND term = ANY(%s)",
            [[case for case, _ in wanted], sorted({term.first for _, term in wanted})],
        )
        return set(cursor.fetchall())


def _move_cases(decided: Sequence[Decided], at: dt.datetime) -> None:
    """Bring the cases to the state that the outcome leads to; one UPDATE for each kind of move."""
    moves: dict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for d in decided:
        if d.changes_case:
            moves[_move(d, at)].append(d.case.case_id)
    with connection.cursor() as cursor:
        for (state, waiting, due_on, reason, closed_at), ids in moves.items():
            cursor.execute(
                "UPDATE cases_case SET state = %s, waiting_for = %s, due_on = %s, stopped_reason = %s, "
                "closed_at = %s, changed_at = %s, revision = revision + 1 WHERE id = ANY(%s) AND "
                "(state, waiting_for, stopped_reason) IS DISTINCT FROM (%s, %s, %s)",
                [
                    state,
                    waiting,
                    due_on,
                    reason,
                    closed_at,
                    at,
                    ids,
                    state,
                    waiting,
                    reason,
                ],
            )


def _move(d: Decided, at: dt.datetime) -> tuple[Any, ...]:
    """Give the state, who must act, until when, why it stopped and when it closed."""
    process = d.case.package.process
    outcome = outcome_of(d.case.package, d.outcome.code)
    state = outcome.state if outcome is not None and outcome.state else d.case.state
    following = d.outcome.following
    if isinstance(following, terms.AwaitsCorrection):
        return state, process.states[state].waits_for, following.until, "", None
    if isinstance(following, terms.Stopped):
        return final_from(d.case.package, state), "nobody", None, following.reason, at
    return state, process.states[state].waits_for, None, "", None


def final_from(package: Package, state: str) -> str:
    """Give the state in which a case ends from here: itself, else the first final one in one step."""
    process = package.process
    if process.states[state].final:
        return state
    ends = (
        step.to
        for step in process.transitions
        if state in step.from_states and "system" in step.by and process.states[step.to].final
    )
    return next(ends, state)


def _role(d: Decided) -> str:
    return "system" if d.automatic else "agency_caseworker"


def _events(
    decided: Sequence[Decided],
    letters: Sequence[tuple[UUID, Decided, str]],
    payments: Sequence[tuple[UUID, Decided, Moved]],
    context: Context,
) -> Iterable[log.Event]:
    for d in decided:
        yield events.DecisionMade(
            **about(d.case, role=_role(d)),
            decision_id=d.decision_id,
            term=str(context.term),
            code=d.outcome.code,
            amount_ore=d.outcome.amount_ore,
            automatic=d.automatic,
            kind=d.kind,
        )
        if d.changes_case and isinstance(d.outcome.following, terms.Stopped):
            yield events.CaseStopped(
                **about(d.case, role=_role(d)), reason=d.outcome.following.reason
            )
    for payment_id, d, moved in payments:
        yield events.PaymentOrdered(
            **about(d.case, role=_role(d)),
            payment_id=payment_id,
            amount_ore=moved.amount_ore,
            pay_on=context.pay_on.isoformat(),
        )
    for letter_id, d, kind in letters:
        yield events.LetterQueued(**about(d.case, role=_role(d)), letter_id=letter_id, kind=kind)


def about(case: CaseFacts, *, role: str) -> dict[str, Any]:
    """Give the fields that every event of a case carries; no municipality where an address is hidden."""
    return {
        "case_id": case.case_id,
        "package_id": case.package.id,
        "package_version": case.package.version,
        "role": role,
        "municipality_id": case.shown_municipality,
    }
