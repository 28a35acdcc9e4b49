"""The month's run: every case of a term decided once, in batches, and gone on with after a crash.

What makes each case be decided exactly once is in the rows: half a batch is written in one transaction that
turns its entries from `waiting` to `decided`, and there is one decision for each case, term and
sequence. The process may be killed anywhere; the next run goes on with what still waits. One run of
a term at a time (an advisory lock that dies with its process).

Registers are asked before the transaction begins, so that no lock is held while somebody else's system
answers. A case that cannot be decided by itself is held with a reason; the list is `exceptional`.
"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import attrs
from django.db import connection, transaction

from samspill.cases.domain import terms
from samspill.cases.models import TermEntry, TermRun
from samspill.cases.service import decisions, hearing, reminders, stops, term_inputs
from samspill.cases.service.ruling import Ruling, ruling_for
from samspill.infra import access_log, clock
from samspill.kernel.actor import system
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from samspill.cases.service.term_inputs import Prepared, Work
    from samspill.kernel.actor import Actor

    _Pair = tuple[Prepared, decisions.Decided]
    _Held = tuple[Prepared, str]

# What a transaction costs besides its rows (its tables on the way, its plans, its wait for the disk) is shared by them:
# with half as many cases in each, a case took a quarter longer to write.
BATCH = 2000
_REGISTER = "register:"
_STOP = "stop:"
_PARTS = ("inputs", "rules", "write")


@attrs.frozen(kw_only=True)
class Progress:
    """Tell how far a run has come."""

    done: int
    held: int
    total: int
    seconds: float


@attrs.frozen(kw_only=True)
class RunSummary:
    """Hold what a run came to; amounts in øre."""

    run_id: UUID
    package_id: str
    term: Month
    state: str
    decided: int
    held: int
    waiting: int
    amount_ore: int
    by_code: tuple[tuple[str, int, int], ...]  # code, cases, øre
    by_municipality: tuple[tuple[str | None, str, int, int], ...]  # id, code, cases, øre
    seconds: dict[str, float]


@attrs.define(kw_only=True)
class _Running:
    """Hold the state of one run in this process."""

    run: TermRun
    ruling: Ruling
    actor: Actor
    settings_of: term_inputs.MunicipalSettings
    done: int = 0
    held: int = 0
    seconds: dict[str, float] = attrs.field(factory=lambda: dict.fromkeys(_PARTS, 0.0))

    @contextlib.contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the time of a block to a part of the run."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[part] += time.perf_counter() - begun


def run_term(
    package_id: str,
    month: Month,
    *,
    resume: bool = True,
    progress: Callable[[Progress], None] | None = None,
    batch: int = BATCH,
    actor: Actor | None = None,
) -> RunSummary:
    """Decide every case that waits for a term, and give the summary.

    Args:
        package_id: a service that is decided month by month.
        month: the term.
        resume: go on with a run that was begun; without it a begun run is refused.
        progress: told after every batch.
        batch: how many cases the registers are asked about at once, and then written in two transactions.
        actor: who ordered it; the decisions are the system's all the same.

    Raises:
        RefusedError: `no_terms`, `term_too_early`, `term_open`, `run_begun`, `run_going_on`,
            `registers_down`, `not_automatic`.
    """
    ruling = _planned(package_id, month)
    with _alone(package_id, month):
        running = _begin(ruling, resume=resume, actor=actor)
        total = _release_and_count(running)
        try:
            begun = time.monotonic()
            for works in _batches(running, batch):
                _decide_batch(running, works)
                if progress is not None:
                    progress(
                        Progress(
                            done=running.done,
                            held=running.held,
                            total=total,
                            seconds=time.monotonic() - begun,
                        )
                    )
        except Exception as error:
            _stop(running, error)
            raise
        _finish(running)
    return run_summary(running.run.id)


def catch_up() -> int:
    """Decide what has come to wait in terms that are done (a correction, a case held till now); run daily.

    Returns:
        How many cases were decided.
    """
    decided = 0
    states = ("waiting", "held")  # the reason to hold may be gone: an answer, a task, a register
    waiting = TermEntry.objects.filter(state__in=states, case__closed_at__isnull=True)
    for run in TermRun.objects.filter(state="done").order_by("term"):
        if waiting.filter(package_id=run.package_id, term=run.term).exists():
            before = run.decisions.count()
            summary = run_term(run.package_id, Month.of(run.term))
            decided += summary.decided - before
    return decided


def run_summary(run_id: UUID) -> RunSummary:
    """Give what a run has come to, also while it goes on. Small cells of a municipality are added together."""
    run = TermRun.objects.get(pk=run_id)
    rows = _totals(run_id)
    entries = _entry_counts(run)
    return RunSummary(
        run_id=run.id,
        package_id=run.package_id,
        term=Month.of(run.term),
        state=run.state,
        decided=sum(count for _, _, count, _ in rows),
        held=entries.get("held", 0),
        waiting=entries.get("waiting", 0),
        amount_ore=sum(amount for _, _, _, amount in rows),
        by_code=_by_code(rows),
        by_municipality=terms.hide_small(rows, smallest=5),
        seconds=dict(run.totals.get("seconds", {})),
    )


def runs(package_id: str, *, limit: int = 24) -> list[TermRun]:
    """List the runs of a service, newest term first."""
    return list(TermRun.objects.filter(package_id=package_id).order_by("-term")[:limit])


# ── begin ─────────────────────────────────────────────────────────────────────────────────


def _planned(package_id: str, month: Month) -> Ruling:
    """Give the rules of the term, or refuse a term that cannot be run (yet)."""
    ruling = ruling_for(package_id, month)
    must_be_runnable(ruling)
    return ruling


def must_be_runnable(ruling: Ruling) -> None:
    """Refuse a term that is decided by people, has no rules, or still takes applications.

    Raises:
        RefusedError: `not_automatic`, `term_too_early`, `term_open`.
    """
    package_id, month = ruling.package.id, ruling.term
    plan = ruling.package.process.terms
    assert plan is not None  # ruling_for refuses a service without terms
    if not plan.automatic:
        raise refuse(
            "not_automatic",
            "The service %(service)s is decided by people, not by a run.",
            where="process.yaml: terms.automatic",
            remedy="Decide the cases one by one.",
            values={"service": package_id},
        )
    if plan.first_term is not None and month < Month.parse(plan.first_term):
        raise refuse(
            "term_too_early",
            "The service %(service)s has no rules for %(term)s; its first term is %(first)s.",
            where="term",
            remedy="Choose a later term.",
            values={"service": package_id, "term": str(month), "first": plan.first_term},
        )
    last = terms.deadline(month, ruling.rules, channel="paper")
    if clock.today() <= last:
        raise refuse(
            "term_open",
            "Applications for %(term)s may still come in until %(last)s.",
            where="term",
            remedy="Run the term from the day after.",
            values={"term": str(month), "last": last.isoformat()},
        )


@contextlib.contextmanager
def _alone(package_id: str, month: Month) -> Iterator[None]:
    """Hold the right to run a term; it goes away with the process that had it."""
    name = f"samspill.term_run.{package_id}.{month}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise refuse(
                "run_going_on",
                "The run of %(term)s is already going on in another process.",
                remedy="Wait for it to finish, or stop that process first.",
                values={"term": str(month)},
                status=409,
            )
    try:
        yield
    finally:
        with contextlib.suppress(Exception), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _begin(ruling: Ruling, *, resume: bool, actor: Actor | None) -> _Running:
    rules, month = ruling.rules, ruling.term
    with transaction.atomic():
        run, made = TermRun.objects.get_or_create(
            package_id=ruling.package.id,
            term=month.first,
            defaults={
                "situation_on": terms.situation_date(month, rules),
                "deadline_on": terms.deadline(month, rules, channel="digital"),
                "pay_on": terms.payment_date(month, rules),
                "started_at": clock.now(),
            },
        )
        if not made and not resume:
            raise refuse(
                "run_begun",
                "The run of %(term)s was begun %(when)s.",
                remedy="Go on with it (resume); no case is decided twice.",
                values={"term": str(month), "when": run.started_at.isoformat(timespec="minutes")},
                status=409,
            )
        run.state, run.failure = "deciding", ""
        run.rulebook_version, run.rulebook_hash = ruling.book.version, ruling.book.hash
        run.save(update_fields=["state", "failure", "rulebook_version", "rulebook_hash"])
        access_log.record(
            actor=actor or system("cases.run_term"),
            action="write",
            purpose=f"run the term {month} of {ruling.package.id}",
        )
    return _Running(
        run=run,
        ruling=ruling,
        actor=system("cases.run_term"),
        settings_of=term_inputs.MunicipalSettings(run.situation_on),
    )


def _release_and_count(running: _Running) -> int:
    """Put what was held back in line, since its reason may be gone, and count what waits."""
    entries = TermEntry.objects.filter(
        package_id=running.run.package_id, term=running.run.term, case__closed_at__isnull=True
    )
    entries.filter(state="held").update(state="waiting", held_reason="")
    return entries.filter(state="waiting").count()


def _batches(running: _Running, size: int) -> Iterator[Sequence[Work]]:
    after: UUID | None = None
    while works := _load(running, after, size):
        yield works
        after = works[-1].case.case_id


def _load(running: _Running, after: UUID | None, size: int) -> list[Work]:
    return term_inputs.load(running.run.package_id, running.ruling.term, after=after, size=size)


# ── decide ────────────────────────────────────────────────────────────────────────────────


def _decide_batch(running: _Running, works: Sequence[Work]) -> None:
    with running.timed("inputs"):
        prepared = term_inputs.gather(
            works,
            situation_on=running.run.situation_on,
            actor=running.actor,
            settings_of=running.settings_of,
            together=True,
        )
    _refuse_when_registers_are_down(prepared)
    with running.timed("rules"):
        decided, held = decide(running.ruling, prepared)
    with running.timed("write"):
        _write_batch(running, decided, held)


def decide(ruling: Ruling, prepared: Sequence[Prepared]) -> tuple[list[_Pair], list[_Held]]:
    """Apply the rules of the term; what they cannot answer is held with the reason."""
    decided, held = [], []
    for item in prepared:
        one = None if item.held else ruling.conclude(item)
        if one is None:
            held.append((item, item.held or "unknown_inputs"))
        else:
            decided.append((item, one))
    return decided, held


def _refuse_when_registers_are_down(prepared: Sequence[Prepared]) -> None:
    """Stop the run, rather than hold every case, when a whole batch got no answer."""
    reasons = {item.held for item in prepared}
    if prepared and all(reason.startswith(_REGISTER) for reason in reasons):
        raise refuse(
            "registers_down",
            "The registers do not answer: %(registers)s. Nothing of this batch was decided.",
            remedy="Run the term again when they answer; it goes on where it stopped.",
            values={"registers": ", ".join(sorted(r.removeprefix(_REGISTER) for r in reasons))},
            status=503,
        )


# ── write ─────────────────────────────────────────────────────────────────────────────────


def _write_batch(running: _Running, decided: Sequence[_Pair], held: Sequence[_Held]) -> None:
    """Write a batch in two parts, each in a transaction and on a connection of its own.

    While PostgreSQL takes the rows of one part, this process makes those of the other. They have no case in common; if
    one fails, the other stands, as a batch before it would. In a transaction of the caller it is written whole: what
    that has written is seen by its own connection alone.
    """
    if len(decided) <= 1 or connection.in_atomic_block:
        parts = [_write_part(running, decided, held)]
    else:
        half = len(decided) // 2
        with ThreadPoolExecutor(1) as pool:
            apart = pool.submit(copy_context().run, _write_apart, running, decided[half:])
            parts = [_write_part(running, decided[:half], held), apart.result()]
    running.done += sum(done for done, _ in parts)
    running.held += sum(kept_back for _, kept_back in parts)
    _note(running, [item for item, _ in [*decided, *held]])


def _write_apart(running: _Running, decided: Sequence[_Pair]) -> tuple[int, int]:
    try:
        return _write_part(running, decided, [])
    finally:
        connection.close()  # the thread's own, back to the pool


def _write_part(
    running: _Running, decided: Sequence[_Pair], held: Sequence[_Held]
) -> tuple[int, int]:
    """Write what is decided and held as one transaction; give how many of each, as they still waited."""
    with transaction.atomic():
        kept = _claim({item.work.entry_id for item, _ in [*decided, *held]})
        decided = [(item, d) for item, d in decided if item.work.entry_id in kept]
        held = [(item, why) for item, why in held if item.work.entry_id in kept]
        decided, unheard = hearing.first(running.ruling, decided, running.actor)
        held += [(item, "time_to_answer") for item in unheard]
        _write(running, decided, held)
    return len(decided), len(held)


def _claim(entry_ids: set[UUID]) -> set[UUID]:
    """Lock what still waits; somebody may have stopped a case while the registers answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM cases_case c JOIN cases_termentry e ON e.case_id = c.id "
            "WHERE e.id = ANY(%s) AND e.state = 'waiting' AND c.closed_at IS NULL "
            "ORDER BY c.id FOR UPDATE OF c, e",
            [list(entry_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def _write(
    running: _Running,
    decided: Sequence[_Pair],
    held: Sequence[_Held],
) -> None:
    pay_on = max(
        running.run.pay_on,
        terms.coming_payment_date(running.ruling.term, running.ruling.rules, clock.today()),
    )
    context = running.ruling.context(running.actor, pay_on=pay_on, run_id=running.run.id)
    decisions.write([d for _, d in decided], context)
    _mark([(item.work.entry_id, "") for item, _ in decided], "decided")
    ended = [(item, why) for item, why in held if why.startswith(_STOP)]
    stops.stop_many([(i.work.case, why.removeprefix(_STOP)) for i, why in ended], running.actor)
    _mark([(item.work.entry_id, why) for item, why in ended], "stopped")
    _mark([(i.work.entry_id, why) for i, why in held if not why.startswith(_STOP)], "held")
    reminders.remind([i.work.case for i, why in held if why == "open_tasks"], running.actor)


def _note(running: _Running, items: Sequence[Prepared]) -> None:
    """Note with the run how far it has come."""
    running.run.cursor = max(item.work.case.case_id for item in items)
    running.run.totals = {"seconds": running.seconds}
    running.run.save(update_fields=["cursor", "totals"])


def _mark(entries: Sequence[tuple[UUID, str]], state: str) -> None:
    if not entries:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_termentry AS e SET state = %s, held_reason = new.reason "
            "FROM unnest(%s::uuid[], %s::text[]) AS new(id, reason) WHERE e.id = new.id",
            [state, [entry for entry, _ in entries], [reason[:48] for _, reason in entries]],
        )


def _finish(running: _Running) -> None:
    run = running.run
    run.state, run.finished_at = "done", clock.now()
    run.totals = {"seconds": {part: round(s, 3) for part, s in running.seconds.items()}}
    run.save(update_fields=["state", "finished_at", "totals"])


def _stop(running: _Running, error: Exception) -> None:
    """Note why a run stopped, by the kind of fault only: a message could carry personal data."""
    refused: Any = getattr(error, "refused", None)
    with contextlib.suppress(Exception):
        TermRun.objects.filter(pk=running.run.pk).update(
            state="failed", failure=refused.code if refused else type(error).__name__
        )


# ── totals ────────────────────────────────────────────────────────────────────────────────


def _totals(run_id: UUID) -> list[tuple[str | None, str, int, int]]:
    """Add up by municipality and code; cases of the compartment stand without a municipality."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT municipality_id::text, code, count(*), coalesce(sum(amount_ore), 0)::bigint "
            "FROM cases_decision WHERE run_id = %s GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2",
            [run_id],
        )
        return list(cursor.fetchall())


def _entry_counts(run: TermRun) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*) FROM cases_termentry WHERE package_id = %s AND term = %s "
            "AND state IN ('held', 'waiting') GROUP BY state",
            [run.package_id, run.term],
        )
        return dict(cursor.fetchall())


def _by_code(rows: Sequence[tuple[str | None, str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    sums: dict[str, tuple[int, int]] = {}
    for _, code, count, amount in rows:
        cases, total = sums.get(code, (0, 0))
        sums[code] = (cases + count, total + amount)
    return tuple((code, *sums[code]) for code in sorted(sums))
