"""The month's run as the agency orders and follows it: which terms there are, and starting one as a job.

The run itself is `term_run`. An order makes the row of the run in the state `started`, so that everybody
sees that it is ordered before a worker has taken it; ordered twice, it is done once.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from django.db import connection, transaction

from samspill.cases.domain import terms
from samspill.cases.models import TermRun
from samspill.cases.service import scope, term_run
from samspill.cases.service.ruling import ruling_for
from samspill.infra import access_log, clock, jobs
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.cases.service.ruling import Ruling
    from samspill.cases.service.term_run import RunSummary
    from samspill.kernel.actor import Actor

JOB = "cases.run_term"
_SHOWN = 24


@attrs.frozen(kw_only=True)
class TermLine:
    """Hold one term: its dates, how many wait in it, and where its run is.

    `state` is `open` (applications may still come), `ready` (may be run), or that of the run.
    """

    term: Month
    state: str
    waiting: int
    held: int
    last_day: dt.date
    last_day_on_paper: dt.date
    pay_on: dt.date
    run_id: UUID | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    failure: str = ""

    @property
    def may_order(self) -> bool:
        """Tell whether the run can be started, or gone on with, now."""
        return self.state in ("ready", "failed") or (
            self.state == "done" and self.waiting + self.held > 0
        )


@attrs.frozen(kw_only=True)
class RunView:
    """Hold one term with what its run has come to (None before it is begun)."""

    line: TermLine
    summary: RunSummary | None


def term_lines(actor: Actor, package_id: str) -> tuple[TermLine, ...]:
    """List the terms of a service, newest first: those with a run, and those in which cases wait.

    Raises:
        RefusedError: `not_your_service`, `no_terms`.
    """
    ruling = _ruling(actor, package_id, Month.of(clock.today()))
    runs = {Month.of(run.term): run for run in term_run.runs(package_id, limit=_SHOWN)}
    counts = _counts(package_id)
    wanted = sorted({*runs, *(term for term, _ in counts)}, reverse=True)[:_SHOWN]
    return tuple(_line(ruling, term, runs.get(term), counts) for term in wanted)


def run_view(actor: Actor, *, package_id: str, month: Month) -> RunView:
    """Give one term with the totals of its run, also while it goes on.

    Raises:
        RefusedError: `not_your_service`, `no_terms`.
    """
    ruling = _ruling(actor, package_id, month)
    run = TermRun.objects.filter(package_id=package_id, term=month.first).first()
    line = _line(ruling, month, run, _counts(package_id, month))
    summary = term_run.run_summary(run.id) if run is not None else None
    return RunView(line=line, summary=summary)


def order_run(actor: Actor, *, package_id: str, month: Month) -> bool:
    """Start the month's run, or go on with it, as a job; tell whether it was not ordered already.

    Raises:
        RefusedError: `not_your_service`, `no_terms`, `term_open`, `term_too_early`, `not_automatic`.
    """
    ruling = _ruling(actor, package_id, month)
    term_run.must_be_runnable(ruling)
    with transaction.atomic():
        run, made = TermRun.objects.select_for_update().get_or_create(
            package_id=package_id,
            term=month.first,
            defaults={
                "situation_on": terms.situation_date(month, ruling.rules),
                "deadline_on": terms.deadline(month, ruling.rules, channel="digital"),
                "pay_on": terms.payment_date(month, ruling.rules),
                "started_at": clock.now(),
            },
        )
        if not made and run.state in ("done", "failed"):
            run.state, run.failure = "started", ""
            run.save(update_fields=["state", "failure"])
        access_log.record(
            actor=actor, action="write", purpose=f"order the run of {month} of {package_id}"
        )
        key = f"{JOB}:{package_id}:{month}"
        return jobs.defer(JOB, key=key, package_id=package_id, term=str(month))


def carry_out(package_id: str, month: Month) -> None:
    """Run a term that was ordered; why it could not be run stands with the run, for who ordered it."""
    try:
        term_run.run_term(package_id, month, actor=system(JOB))
    except RefusedError as error:
        if error.refused.code != "run_going_on":
            TermRun.objects.filter(package_id=package_id, term=month.first).update(
                state="failed", failure=error.refused.code[:200]
            )


def _ruling(actor: Actor, package_id: str, month: Month) -> Ruling:
    if scope.side_of(actor) != "agency" or package_id not in scope.served_packages(actor):
        raise refuse(
            "not_your_service",
            "There is no such service that your agency decides.",
            where="package",
            remedy="Choose a service from the list.",
            status=404,
        )
    return ruling_for(package_id, month)


def _line(
    ruling: Ruling, term: Month, run: TermRun | None, counts: dict[tuple[Month, str], int]
) -> TermLine:
    last = terms.deadline(term, ruling.rules, channel="digital")
    last_on_paper = terms.deadline(term, ruling.rules, channel="paper")
    state = "open" if clock.today() <= last_on_paper else "ready"
    return TermLine(
        term=term,
        state=run.state if run is not None else state,
        waiting=counts.get((term, "waiting"), 0),
        held=counts.get((term, "held"), 0),
        last_day=last,
        last_day_on_paper=last_on_paper,
        pay_on=run.pay_on if run is not None else terms.payment_date(term, ruling.rules),
        run_id=run.id if run is not None else None,
        started_at=run.started_at if run is not None else None,
        finished_at=run.finished_at if run is not None else None,
        failure=run.failure if run is not None else "",
    )


def _counts(package_id: str, month: Month | None = None) -> dict[tuple[Month, str], int]:
    """Count what waits and is held in each term; one range of the index that the run reads."""
    first = month.first if month is not None else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.term, e.state, count(*) FROM cases_termentry e "
            "JOIN cases_case c ON c.id = e.case_id AND c.closed_at IS NULL "
            "WHERE e.package_id = %s AND e.state IN ('waiting', 'held') "
            "AND (%s::date IS NULL OR e.term = %s) GROUP BY 1, 2",
            [package_id, first, first],
        )
        return {(Month.of(term), state): count for term, state, count in cursor.fetchall()}
