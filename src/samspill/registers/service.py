"""The door to the national registers: one person, many persons, and the feed of changes.

    lookup / lookup_many    -> Found | NotFound | Unavailable   (values; the caller does what on_failure says)
    RefusedError            no declaration, an incomplete one, or a register nobody knows
    health                  when each component last answered, and whether it fails now
    read_feed               what Folkeregisteret changed about people we know
    purge                   delete replies whose time is over

Registers are called before the transaction begins, so that no row is locked while others answer; then the access log
and the kept replies are written together. When the log cannot be written, no data leave this room.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import attrs
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from samspill.identity import service as identity
from samspill.infra import access_log, clock, deletions, events, isolation
from samspill.infra.canonical import sha256_of
from samspill.infra.http import ComponentError
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import InvalidId, NationalId
from samspill.kernel.outcome import refuse
from samspill.registers import health as told_health
from samspill.registers import models
from samspill.registers.adapters import folkeregisteret, organisations
from samspill.registers.adapters.clients import configured
from samspill.registers.adapters.directory import REGISTERS, Register
from samspill.registers.domain import (
    Ask,
    Declaration,
    Found,
    NotFound,
    Outcome,
    PersonChange,
    Unavailable,
    WireError,
    period_key,
)
from samspill.registers.domain.model import FailureKind, Period, chunks
from samspill.registers.events import PersonChanged
from samspill.registers.health import Health
from samspill.registers.own_data import DOOR as OWN_DATA

REPLIES = "register replies"

__all__ = [
    "OWN_DATA",
    "REPLIES",
    "Declaration",
    "Found",
    "Health",
    "NotFound",
    "Outcome",
    "Unavailable",
    "connected",
    "health",
    "lookup",
    "lookup_many",
    "organisation",
    "over",
    "purge",
    "read_feed",
    "registers",
]

BATCH = 1000
_FEED = "folkeregisteret"
_log = logging.getLogger(__name__)
_Ids = Mapping[NationalId, uuid.UUID]

_MESSAGES: Mapping[FailureKind, str] = {
    "unavailable": gettext_noop(
        "%(source)s does not answer right now. What you have filled in is kept. Try again later."
    ),
    "throttled": gettext_noop(
        "%(source)s is very busy right now. What you have filled in is kept. Try again in a few minutes."
    ),
    "invalid": gettext_noop(
        "%(source)s gave an answer that we cannot read. What you have filled in is kept, and we have been told."
    ),
    "denied": gettext_noop(
        "%(source)s does not let us fetch this right now. What you have filled in is kept, and we have been told."
    ),
}


def lookup(
    *,
    actor: Actor,
    declaration: Declaration | None,
    person: NationalId,
    on: dt.date,
    period: Period = None,
    case_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
) -> Outcome:
    """Ask a register about one person.

    Args:
        actor: who asks; logged with the declaration's purpose and legal basis.
        declaration: the look-up as the published package declares it.
        on: the day the answer is about (the situation date).
        period: a month (incomes) or a year (settlement), where the register wants one.
        person_id: our own identifier of the person, where the caller has it already.

    Raises:
        RefusedError: no lawful declaration. The attempt is logged as denied.
    """
    answers = lookup_many(
        actor=actor,
        declaration=declaration,
        persons=[person],
        on=on,
        period=period,
        case_ids={} if case_id is None else {person: case_id},
        person_ids={} if person_id is None else {person: person_id},
    )
    return answers[person]


def lookup_many(
    *,
    actor: Actor,
    declaration: Declaration | None,
    persons: Sequence[NationalId],
    on: dt.date,
    period: Period = None,
    case_ids: Mapping[NationalId, uuid.UUID] | None = None,
    person_ids: Mapping[NationalId, uuid.UUID] | None = None,
) -> dict[NationalId, Outcome]:
    """Ask a register about many people, at most 1,000 in one call; see `lookup`.

    A batch that fails gives `Unavailable` for its people; the other batches are still asked.
    """
    stated, register = _permitted(actor, declaration)
    answers: dict[NationalId, Outcome] = {}
    for batch in chunks(persons, BATCH):
        ask = Ask(batch, on, period, stated.params, stated.needs_protected_address)
        ids = _ids(batch, person_ids or {})
        kept = _kept(stated, register, ask, ids)
        rest = tuple(person for person in batch if person not in kept)
        fresh = _fetch(register, ask, rest) if rest else {}
        _note(register, next(iter(fresh.values()), None))
        keeps = register.may_keep and bool(stated.keeps_for)
        with transaction.atomic() if keeps else contextlib.nullcontext():  # one statement is atomic
            log = _Log(actor, stated, ids, case_ids or {}, frozenset(kept))
            access_log.record_many(log.rows({**kept, **fresh}))
            _keep(stated, register, ask, fresh, ids)
        answers |= {person: (kept.get(person) or fresh[person]) for person in batch}
    return answers


def _ids(batch: Sequence[NationalId], known: _Ids) -> _Ids:
    """Give our identifiers, asking only when the caller lacks some."""
    return known if all(person in known for person in batch) else identity.person_ids_for(batch)


def registers() -> tuple[str, ...]:
    """Return the names of the registers a package may declare."""
    return tuple(REGISTERS)


def connected(component: str) -> bool:
    """Tell whether a component has an address in this installation; without one it is never asked."""
    return bool(configured(component).get("base_url"))


def health(components: Iterable[str]) -> dict[str, Health]:
    """Return how components have answered, by their names in the settings; one never asked is not among them."""
    return told_health.of(components)


def organisation(*, actor: Actor, declaration: Declaration, org_no: str) -> Outcome:
    """Ask Enhetsregisteret about an organisation: its state, and who may act for it.

    One row in the access log for each holder whom we know; of others nothing is stored, here or by the caller.

    Raises:
        RefusedError: no lawful declaration. The attempt is logged as denied.
    """
    stated = _lawful(actor, declaration, {organisations.NAME})
    try:
        data = organisations.organisation(org_no)
    except ComponentError as error:
        outcome: Outcome = _failure(
            _ORGANISATIONS, error.component, error.kind, error.retry_after, error.ref
        )
    except WireError as error:
        _log.error(
            "%s answered in a form that is not the published one: %s", organisations.NAME, error
        )
        outcome = _failure(_ORGANISATIONS, organisations.COMPONENT.name, "invalid", None, "")
    else:
        outcome = _answer(_ORGANISATIONS, data, clock.now())
    _note(_ORGANISATIONS, outcome)
    access_log.record_many(_rows_of(actor, stated, org_no, outcome))
    return outcome


_ORGANISATIONS = Register(
    organisations.NAME,
    organisations.COMPONENT.name,
    organisations.SOURCE,
    fetch=lambda _ask: {},  # asked about organisations, never about persons
    may_keep=False,
)


def _rows_of(
    actor: Actor, stated: Declaration, org_no: str, outcome: Outcome
) -> Iterable[tuple[Any, ...]]:
    holders = outcome.data["holders"] if isinstance(outcome, Found) else []
    numbers = [number for one in holders if (number := _number(one["national_id"])) is not None]
    about = {"register": stated.register, "lookup": stated.name, "org_no": org_no}
    known: Sequence[uuid.UUID | None] = sorted(identity.known_person_ids(numbers).values())
    for person in known or [None]:
        yield access_log.as_row(
            actor=actor,
            action="lookup",
            purpose=stated.purpose,
            legal_basis=stated.legal_basis,
            subject_id=person,
            fields=("roles",),
            detail={**about, "result": type(outcome).__name__},
        )


# -- may we ask? --------------------------------------------------------------------------------


def _permitted(actor: Actor, declaration: Declaration | None) -> tuple[Declaration, Register]:
    """Return the declaration and its register, or refuse and log the refusal (SP-01)."""
    stated = _lawful(actor, declaration, REGISTERS)
    return stated, REGISTERS[stated.register]


def _lawful(actor: Actor, declaration: Declaration | None, known: Container[str]) -> Declaration:
    """Return the declaration of a known register, or refuse and log the refusal."""
    lacks = "declaration" if declaration is None else declaration.lacks() or _bad_span(declaration)
    if declaration is not None and not lacks and declaration.register in known:
        return declaration
    name = declaration.register if declaration else ""
    access_log.record(
        actor=actor,
        action="lookup",
        purpose=declaration.purpose if declaration else "",
        outcome="deny",
        detail={"register": name, "lacks": lacks or "register"},
    )
    if lacks:
        raise refuse(
            "register.not_declared",
            "This look-up is not declared in full by a published service package (%(lacks)s is missing).",
            where=name,
            remedy="State register, legal basis, purpose and fresh_for in registers.yaml, and publish the package.",
            law="GDPR art. 5, 6",
            values={"lacks": lacks},
            status=403,
        )
    raise refuse(
        "register.unknown",
        "There is no register with the name %(register)s.",
        where=name,
        remedy="Use one of the registers listed in docs/rooms/registers.md.",
        values={"register": name},
    )


def _bad_span(declaration: Declaration) -> str:
    try:
        return "" if declaration.keeps_for >= dt.timedelta(0) else "fresh_for"
    except ValueError:
        return "fresh_for"


# -- asking --------------------------------------------------------------------------------------


def _fetch(
    register: Register, ask: Ask, persons: tuple[NationalId, ...]
) -> dict[NationalId, Outcome]:
    question = Ask(persons, ask.on, ask.period, ask.params, ask.needs_protected_address)
    try:
        found = register.fetch(question)
    except ComponentError as error:
        failure = _failure(register, error.component, error.kind, error.retry_after, error.ref)
    except WireError as error:
        _log.error("%s answered in a form that is not the published one: %s", register.name, error)
        failure = _failure(register, register.component, "invalid", None, "")
    else:
        now = clock.now()
        return {p: _answer(register, found.get(p), now) for p in persons}
    return dict.fromkeys(persons, failure)


def _note(register: Register, outcome: Outcome | None) -> None:
    """Note how a register answered, if it was asked; all people of one call have the same fate."""
    if outcome is not None:
        told = outcome.kind if isinstance(outcome, Unavailable) else ""
        told_health.note(register.component, told)


def _answer(register: Register, data: dict[str, Any] | None, now: dt.datetime) -> Outcome:
    if data is None:
        return NotFound(register.source)
    return Found(data, register.source, now, sha256_of(data))


def _failure(
    register: Register, component: str, kind: FailureKind, retry_after: float | None, ref: str
) -> Unavailable:
    # A 404 or 410 of a whole service is a wrong address, not an answer about a person.
    kind = "invalid" if kind in {"notfound", "expired"} else kind
    if kind in {"invalid", "denied"}:
        _log.error("%s: %s says %s (ref %s)", register.name, component, kind, ref)
    return Unavailable(component, kind, retry_after, _MESSAGES[kind], register.source, ref)


# -- the log --------------------------------------------------------------------------------------


@attrs.frozen
class _Log:
    """Makes one row of the access log for each person asked about, found or not."""

    actor: Actor
    declaration: Declaration
    ids: _Ids
    case_ids: Mapping[NationalId, uuid.UUID]
    kept: frozenset[NationalId]

    def rows(self, answers: Mapping[NationalId, Outcome]) -> Iterable[tuple[Any, ...]]:
        """Return the rows; the fields are names of facts, never their values."""
        stated = self.declaration
        about = {
            "register": stated.register,
            "lookup": stated.name,
            "package": f"{stated.package_id} {stated.version}",
        }
        for person, outcome in answers.items():
            yield access_log.as_row(
                actor=self.actor,
                action="lookup",
                purpose=stated.purpose,
                legal_basis=stated.legal_basis,
                subject_id=self.ids[person],
                case_id=self.case_ids.get(person),
                fields=outcome.data.keys() if isinstance(outcome, Found) else (),
                detail={**about, "result": type(outcome).__name__, "kept": person in self.kept},
            )


# -- keeping, as long as the declaration says ------------------------------------------------------


def _asked(ask: Ask) -> str:
    question = {"on": ask.on.isoformat(), "period": period_key(ask.period), "in": dict(ask.params)}
    return sha256_of(question)


def _kept(
    declaration: Declaration, register: Register, ask: Ask, ids: _Ids
) -> dict[NationalId, Outcome]:
    if not register.may_keep or not declaration.keeps_for:
        return {}
    now = clock.now()
    found = models.RegisterReply.objects.filter(
        person_id__in=ids.values(),
        package_id=declaration.package_id,
        register=register.name,
        asked=_asked(ask),
        expires_at__gt=now,
        fetched_at__gt=now - declaration.keeps_for,
    )
    with isolation.wider("replies"):
        rows = list(found)
    persons = {id_: person for person, id_ in ids.items()}
    return {
        persons[row.person_id]: Found(row.data, row.source, row.fetched_at, row.sha256)
        for row in rows
    }


def _keep(
    declaration: Declaration,
    register: Register,
    ask: Ask,
    answers: Mapping[NationalId, Outcome],
    ids: _Ids,
) -> None:
    if not register.may_keep or not declaration.keeps_for:
        return
    rows = [
        models.RegisterReply(
            person_id=ids[person],
            package_id=declaration.package_id,
            register=register.name,
            asked=_asked(ask),
            data=answer.data,
            source=answer.source,
            sha256=answer.sha256,
            fetched_at=answer.fetched_at,
            expires_at=answer.fetched_at + declaration.keeps_for,
        )
        for person, answer in answers.items()
        if isinstance(answer, Found)
    ]
    if not rows:
        return
    with isolation.wider("replies"):
        models.RegisterReply.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["person", "package_id", "register", "asked"],
            update_fields=["data", "source", "sha256", "fetched_at", "expires_at"],
        )


def purge() -> int:
    """Delete replies whose time is over, and tell in the log that it was done; return how many."""
    return deletions.delete(over(), actor=system("registers.purge"), what=REPLIES)


def over() -> QuerySet[models.RegisterReply]:
    """Return the replies whose time is over."""
    return models.RegisterReply.objects.filter(expires_at__lte=clock.now())


# -- the feed -------------------------------------------------------------------------------------


def read_feed(*, actor: Actor, pages: int = 20) -> int:
    """Read what Folkeregisteret has changed; return how many changes concern people we know.

    One transaction a page: the events, the replies that no longer hold, and the pointer move together, so a
    page is told once. Of people we do not know, nothing is stored.

    Raises:
        ComponentError: the feed did not answer; the next run goes on from the same place.
    """
    told = 0
    for _ in range(pages):
        count, known = _read_page(actor)
        told += known
        if count < folkeregisteret.FEED_PAGE:
            break
    return told


@transaction.atomic
def _read_page(actor: Actor) -> tuple[int, int]:
    models.FeedPointer.objects.get_or_create(feed=_FEED)
    pointer = models.FeedPointer.objects.select_for_update().get(feed=_FEED)
    changes = folkeregisteret.feed(pointer.sequence)
    known = _about_known(changes)
    models.RegisterReply.objects.filter(person_id__in={event.person_id for event in known}).delete()
    if known:
        events.append_many(known, actor=actor)
    pointer.sequence = max([pointer.sequence, *(change.sequence for change in changes)])
    pointer.read_at = clock.now()
    pointer.save(update_fields=["sequence", "read_at"])
    return len(changes), len(known)


def _about_known(changes: Sequence[PersonChange]) -> list[PersonChanged]:
    numbers = {change.person: _number(change.person) for change in changes}
    ids = identity.known_person_ids([n for n in numbers.values() if n is not None])
    found = []
    for change in changes:
        number = numbers[change.person]
        if number is not None and number in ids:
            found.append(PersonChanged(ids[number], change.kind, change.sequence))
    return found


def _number(text: str) -> NationalId | None:
    number = NationalId.parse(text, allow_synthetic=True, allow_real=True)
    return None if isinstance(number, InvalidId) else number
