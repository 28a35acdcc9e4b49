"""What the rules are given for a batch of cases: answers, amendments, and the registers as they are now.

Each look-up that the package declares for the decision is asked once for the whole batch, about
everybody the package says, in the package's order, so that a household found by one look-up can be
asked about in the next. What each case was decided on is kept with its decision. Nothing is written here
but the access log, which the registers write themselves.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
from django.conf import settings
from django.db import connection

from samspill.cases.domain import protection
from samspill.cases.domain.answers import without_rows
from samspill.cases.service import payments, rows
from samspill.cases.service.decisions import CaseFacts
from samspill.cases.service.prefill import PERSON, declaration_of
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.encryption import numbers
from samspill.kernel.ids import NationalId, new_id
from samspill.kernel.periods import Month, oslo_date
from samspill.packages import service as packages
from samspill.registers import service as registers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor
    from samspill.packages.service import Lookup, MissingItem, Package

_APPLICANT = "applicant"
_TOGETHER = 4  # registers asked at once; each by one thread and one connection
_LOAD = (
    "SELECT e.id, e.origin, e.retest, e.sequence, c.id, c.applicant_id, c.municipality_id, "
    "c.package_id, c.package_version, c.package_sha256, c.language, c.channel, c.protection, c.state, "
    "c.submitted_at, a.answers, c.amended, a.facts, "
    "ARRAY(SELECT t.key FROM cases_task t WHERE t.case_id = c.id AND t.state = 'open'), "
    "ARRAY(SELECT DISTINCT f.document FROM cases_attachment f WHERE f.case_id = c.id), "
    "(SELECT max(r.due_on) FROM cases_informationrequest r WHERE r.case_id = c.id AND r.state = 'open'), "
    "(SELECT d.id FROM cases_decision d WHERE d.case_id = c.id AND d.term = e.term "
    "ORDER BY d.sequence DESC LIMIT 1), "
    "EXISTS(SELECT 1 FROM cases_appeal p WHERE p.case_id = c.id "
    "AND p.state IN ('received', 'clarified', 'forwarded')) "
    "FROM {entries} e JOIN cases_case c ON c.id = e.case_id "
    "JOIN cases_application a ON a.case_id = c.id "
)
_WAITING = _LOAD.replace("{entries}", "cases_termentry")
_ASKED = _LOAD.replace(
    "{entries}",
    "(SELECT %s::uuid AS id, %s::text AS origin, %s::int AS retest, %s::int AS sequence, "
    "%s::uuid AS case_id, %s::date AS term)",
)


@attrs.frozen(kw_only=True)
class Work:
    """Hold one entry of a term as it waits to be decided."""

    entry_id: UUID
    origin: str
    retest: int
    sequence: int
    case: CaseFacts
    submitted_at: dt.datetime
    answers: Mapping[str, Any]
    amended: Mapping[str, Any]
    facts_at_submission: Mapping[str, Any]
    open_tasks: tuple[str, ...]
    documents: tuple[str, ...]
    asked_until: dt.date | None
    replaces_id: UUID | None
    appealed: bool


@attrs.frozen(kw_only=True)
class Prepared:
    """Hold what the rules are given for one entry, or why it cannot be decided by itself now.

    `held` is empty when it can; `register:<look-up>`, `open_tasks`, `with_municipality` or
    `time_to_answer` when it waits, `stop:<event>` for a case that has ended by itself.
    """

    work: Work
    inputs: Mapping[str, Any]
    facts: Mapping[str, Any]
    missing: tuple[str, ...]
    account: str
    claim_ore: int
    held: str = ""


# ── load ──────────────────────────────────────────────────────────────────────────────────


def load(package_id: str, term: Month, *, after: UUID | None, size: int) -> list[Work]:
    """Give the next entries of a term that wait, in the order of the cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING + "WHERE e.package_id = %s AND e.term = %s AND e.state = 'waiting' "
            "AND c.closed_at IS NULL AND (%s::uuid IS NULL OR e.case_id > %s) "
            "ORDER BY e.case_id LIMIT %s",
            [package_id, term.first, after, after, size],
        )
        return [_work(row) for row in cursor.fetchall()]


def load_case(
    case_id: UUID, term: Month, *, origin: str, sequence: int, retest: int, entry_id: UUID | None
) -> Work | None:
    """Give one case as it stands, to be decided for a term whether it waits or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ASKED, [entry_id or new_id(), origin, retest, sequence, case_id, term.first]
        )
        row = cursor.fetchone()
    return None if row is None else _work(row)


def _work(row: tuple[Any, ...]) -> Work:
    (entry, origin, retest, sequence, case, applicant, municipality, package, version, sha, language,
     channel, grade, state, submitted, answers, amended, facts, tasks, documents, asked, replaces,
     appealed) = row  # fmt: skip
    return Work(
        entry_id=entry,
        origin=origin,
        retest=retest,
        sequence=sequence,
        case=CaseFacts(
            case_id=case,
            applicant_id=applicant,
            municipality_id=municipality,
            package=packages.pinned(package, version, sha),
            language=language,
            channel=channel,
            protection=grade,
            state=state,
        ),
        submitted_at=submitted,
        answers=_json(answers),
        amended=_json(amended),
        facts_at_submission=_json(facts),
        open_tasks=tuple(tasks),
        documents=tuple(documents),
        asked_until=asked,
        replaces_id=replaces,
        appealed=appealed,
    )


def _json(value: Any) -> Any:
    """Read a JSON column: Django's driver gives it as text to plain cursors, with the numbers hidden."""
    return json.loads(numbers.show(value)) if isinstance(value, str) else value


# ── gather ────────────────────────────────────────────────────────────────────────────────


@attrs.define(kw_only=True)
class _Case:
    """Hold one case while its facts come in.

    Whom a look-up is about depends on the lists in the answers alone, so it is worked out once and again only
    when a look-up has filled a list.
    """

    work: Work
    number: NationalId
    on: dt.date
    entries: dict[str, Any] = attrs.field(factory=dict)
    asked: dict[Any, dict[str, NationalId]] = attrs.field(factory=dict)

    @property
    def known(self) -> dict[str, Any]:
        """Give the data of the look-ups that were answered."""
        return {n: e["data"] for n, e in self.entries.items() if e["status"] == "found"}


def gather(
    works: Sequence[Work],
    *,
    situation_on: dt.date,
    actor: Actor,
    settings_of: MunicipalSettings | None = None,
    together: bool = False,
) -> list[Prepared]:
    """Ask the registers for a batch and give what the rules need of every case.

    `settings_of`: what the run knows of the municipalities already; read anew when not given.
    `together`: ask registers that do not wait for each other at the same time (for runs; takes connections).
    """
    numbers = identity.national_ids_of(
        [work.case.applicant_id for work in works], actor=actor, purpose="decide the term"
    )
    claims = payments.outstanding([work.case.case_id for work in works])
    by_package: dict[str, list[_Case]] = defaultdict(list)
    for work in works:
        one = _Case(work=work, number=numbers[work.case.applicant_id], on=situation_on)
        by_package[work.case.package.sha256].append(one)
    for group in by_package.values():
        _ask_all(group, situation_on, actor, together=together)
    settings_of = settings_of or MunicipalSettings(situation_on)
    ready = {
        one.work.entry_id: _prepared(one, situation_on, claims, settings_of)
        for group in by_package.values()
        for one in group
    }
    return [ready[work.entry_id] for work in works]


def _ask_all(group: Sequence[_Case], on: dt.date, actor: Actor, *, together: bool) -> None:
    package = group[0].work.case.package
    for stage in stages(package.lookups.values()):
        asked = {
            lookup.name: {one.work.entry_id: _asked(package, lookup, one) for one in group}
            for lookup in stage
            if "decision" in lookup.when
        }
        questions = [
            partial(_ask, package, lookup, asked[lookup.name].values(), on, actor)
            for lookup in stage
            if lookup.name in asked
        ]
        replies = dict(zip(asked, _answers(questions, together=together), strict=True))
        for lookup in stage:
            for one in group:
                if lookup.name not in asked:
                    _keep_submitted(one, lookup.name)
                    continue
                persons = asked[lookup.name][one.work.entry_id]
                own = {key: replies[lookup.name][number] for key, number in persons.items()}
                one.entries[lookup.name] = _entry(lookup, own)
        if fills_list(stage[-1]):
            for one in group:
                one.asked.clear()


def stages(lookups: Iterable[Lookup]) -> list[list[Lookup]]:
    """Divide look-ups into those that can be asked at once: one that fills a list is the last of its stage.

    Whom a look-up is about depends on the lists in the answers alone.
    """
    found: list[list[Lookup]] = [[]]
    for lookup in lookups:
        found[-1].append(lookup)
        if fills_list(lookup):
            found.append([])
    return [stage for stage in found if stage]


def fills_list(lookup: Lookup) -> bool:
    """Tell whether what a look-up says becomes the rows of a list."""
    return any(not isinstance(out, str) for out in lookup.out.values())


_Replies = dict[NationalId, registers.Outcome]


def _ask(
    package: Package,
    lookup: Lookup,
    asked: Iterable[Mapping[str, NationalId]],
    on: dt.date,
    actor: Actor,
) -> _Replies:
    return registers.lookup_many(
        actor=actor,
        declaration=declaration_of(package, lookup),
        persons=list({number for persons in asked for number in persons.values()}),
        on=on,
        period=period_of(lookup, on),
    )


def _answers(questions: Sequence[Callable[[], _Replies]], *, together: bool) -> list[_Replies]:
    """Ask the registers, each in a thread of its own when they may be asked together.

    A register is asked one question at a time all the same. In a transaction of the caller they are asked after
    each other: what it has written is seen by its own connection alone.
    """
    if not together or len(questions) == 1 or connection.in_atomic_block:
        return [question() for question in questions]
    with ThreadPoolExecutor(_TOGETHER) as pool:
        asked = [pool.submit(copy_context().run, _apart, question) for question in questions]
        return [answer.result() for answer in asked]


def _apart(question: Callable[[], _Replies]) -> _Replies:
    try:
        return question()
    finally:
        connection.close()  # the thread's own, back to the pool


def _keep_submitted(one: _Case, name: str) -> None:
    """Keep what was found when the application was written, where nothing newer is asked for."""
    entry = one.work.facts_at_submission.get(name)
    if isinstance(entry, dict) and "status" in entry:
        one.entries[name] = entry


def _asked(package: Package, lookup: Lookup, one: _Case) -> dict[str, NationalId]:
    if lookup.single:
        return {_APPLICANT: one.number}
    key = (lookup.persons, lookup.person_field, lookup.person_when)
    if key not in one.asked:
        answers = current_answers(package, one.work, one.known, one.on)
        asked = packages.persons_to_ask(package, lookup.name, answers, one.known, on=one.on)
        found = {name: one.number if text is None else _number(text) for name, text in asked}
        one.asked[key] = {name: number for name, number in found.items() if number is not None}
    return one.asked[key]


def current_answers(
    package: Package, work: Work, facts: Mapping[str, Any], on: dt.date
) -> dict[str, Any]:
    """Give the answers as they count now: what was written and amended, and the registers' newest.

    A field that is the register's own (`source: register`) follows the register, also when the register
    no longer says anything; what the applicant wrote stands.
    """
    answers = {**work.answers, **work.amended}
    for lookup in package.lookups.values():
        if lookup.name in facts and "decision" in lookup.when:
            for target, out in lookup.out.items():
                subs = [target] if isinstance(out, str) else [f"{target}.{s}" for s in out.fields]
                for path in subs:
                    answers = _without_register_value(package, answers, path)
    return packages.prefill(package, answers, facts, on=on)


def _without_register_value(
    package: Package, answers: Mapping[str, Any], path: str
) -> dict[str, Any]:
    field = package.field_at(path)
    head, _, sub = path.partition(".")
    if field is None or field.source != "register" or answers.get(head) is None:
        return dict(answers)
    if not sub:
        return {name: value for name, value in answers.items() if name != head}
    if not isinstance(answers[head], list):
        return dict(answers)
    rows = [{k: v for k, v in row.items() if k != sub} for row in answers[head]]
    return {**answers, head: rows}


def period_of(lookup: Lookup, on: dt.date) -> Month | int | None:
    """Give the month or year that a look-up asks about on a day."""
    month = Month.of(on)
    periods: dict[str, Month | int | None] = {
        "on": None,
        "month": month,
        "previous_month": month - 1,
        "year": on.year,
        "previous_year": on.year - 1,
    }
    return periods[lookup.period]


def _number(text: str) -> NationalId | None:
    parsed = NationalId.parse(
        text,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    return parsed if isinstance(parsed, NationalId) else None


def _entry(lookup: Lookup, replies: Mapping[str, registers.Outcome]) -> dict[str, Any]:
    """Join the replies of one look-up about one case: all answered, or it counts as unavailable."""
    at = clock.now().isoformat()
    for reply in replies.values():
        if isinstance(reply, registers.Unavailable):
            return {"status": "unavailable", "source": reply.component, "fetched_at": at}
    found = {k: r for k, r in replies.items() if isinstance(r, registers.Found)}
    if not found:
        return {"status": "not_found", "fetched_at": at}
    first = next(iter(found.values()))
    data: Any = dict(first.data)
    if not lookup.single:
        data = [{**reply.data, "person": key} for key, reply in found.items()]
    return {
        "status": "found",
        "data": data,
        "source": first.source,
        "fetched_at": first.fetched_at.isoformat(),
        "sha256": [reply.sha256 for reply in found.values()],
    }


# ── judge ─────────────────────────────────────────────────────────────────────────────────


def _prepared(
    one: _Case, on: dt.date, claims: Mapping[UUID, int], settings_of: MunicipalSettings
) -> Prepared:
    work, package = one.work, one.work.case.package
    if protection.hides_address(work.case.protection):
        one.entries = {
            name: {**entry, "data": protection.without_places(entry.get("data"))}
            for name, entry in one.entries.items()
        }
    answers = current_answers(package, work, one.known, on)
    evaluation = packages.evaluate_for_decision(
        package,
        answers,
        one.known,
        on=on,
        documents=work.documents,
        channel=work.case.channel,
        settings=settings_of(work.case),
        unavailable=[n for n, e in one.entries.items() if e["status"] == "unavailable"],
        today=oslo_date(work.submitted_at),
        row_names=rows.names_of(package, answers),
    )
    missing = _missing(evaluation.missing, work)
    plan = package.process.terms
    return Prepared(
        work=work,
        inputs=dict(evaluation.rule_inputs),
        facts=one.entries,
        missing=missing,
        account=_account(package, answers),
        claim_ore=claims.get(work.case.case_id, 0),
        held=_stop(one, plan.stop_events if plan else ())
        or _held(one, evaluation.missing, bool(missing)),
    )


@attrs.define
class MunicipalSettings:
    """Give the settings of municipalities on the situation day, each read once in a run."""

    on: dt.date
    known: dict[tuple[str, UUID], Mapping[str, Any]] = attrs.field(factory=dict)

    def __call__(self, case: CaseFacts) -> Mapping[str, Any] | None:
        """Give the values of a case's municipality; None for a case without one."""
        if case.municipality_id is None:
            return None
        key = (case.package.id, case.municipality_id)
        if key not in self.known:
            self.known[key] = packages.settings_for(*key, self.on).values
        return self.known[key]


def _missing(items: Iterable[MissingItem], work: Work) -> tuple[str, ...]:
    """List what the applicant's side still owes, and a request that was not answered in time.

    A row's key may be an identity number; it is left out, since this is kept and shown.
    """
    today = clock.today()
    owed = [
        f"{item.kind}:{without_rows(item.id)}"
        for item in items
        if item.who in ("applicant", "party") and (item.until is None or item.until < today)
    ]
    if work.asked_until is not None and work.asked_until < today:
        owed.append("request")
    return tuple(owed)


def _held(one: _Case, items: Iterable[MissingItem], missing: bool) -> str:
    """Say why a case cannot be decided by itself: registers, tasks, or time to answer."""
    work, package = one.work, one.work.case.package
    for name, entry in one.entries.items():
        if entry["status"] == "unavailable" and package.lookups[name].on_failure != "ask":
            return f"register:{name}"
    blocking = {task.id for task in package.process.tasks if task.blocks}
    stands = blocking.intersection(key.split(":", 1)[0] for key in work.open_tasks)
    plan = package.process.terms
    if stands and not (missing and plan is not None and plan.open_tasks == "decide"):
        return "open_tasks"
    if missing:
        return ""
    if work.origin == "new" and package.process.states[work.case.state].waits_for == "municipality":
        return "with_municipality"
    today = clock.today()
    waits = any(item.until is not None and item.until >= today for item in items)
    return "time_to_answer" if waits or work.asked_until is not None else ""


def _stop(one: _Case, stop_events: Iterable[str]) -> str:
    """Say that a case going on by itself has ended, where the package lets a register say so."""
    if one.work.origin not in ("carried", "retest") or "moved" not in stop_events:
        return ""
    for name, lookup in one.work.case.package.lookups.items():
        if lookup.register == PERSON and lookup.single:
            before = _address(one.work.facts_at_submission.get(name))
            now = _address(one.entries.get(name))
            if before and now and before != now:
                return "stop:moved"
    return ""


def _address(entry: Any) -> str | None:
    data = entry.get("data") if isinstance(entry, dict) else None
    address = data.get("address") if isinstance(data, dict) else None
    return address.get("address_id") if isinstance(address, dict) else None


def _account(package: Package, answers: Mapping[str, Any]) -> str:
    for name, field in package.fields.items():
        if field.type == "account" and isinstance(answers.get(name), str):
            return str(answers[name])
    return ""
