"""What registers say of the parties: fetched through `registers`, held for as long as it counts, then emptied.

Guardianships and parental responsibility are held as grants whose source is `freg`; each fetching replaces them all,
and a change told by the register's feed empties them at once. They are never shown as ours.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.db import transaction
from django.db.models import QuerySet

from samspill.identity import service as identity
from samspill.infra import clock, deletions, events, isolation
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import InvalidId, NationalId
from samspill.mandates.domain.deciding import FRESH_HOURS
from samspill.mandates.domain.guardians import ELEMENT, guardians
from samspill.mandates.domain.sources import source
from samspill.mandates.models import Grant, Party
from samspill.mandates.service import roles, sources
from samspill.registers import service as registers

SOURCE = "freg"
ANSWERS = "answers about persons"
"""As deletions are told: what Folkeregisteret said of somebody and of whom they may act for."""
PURPOSE = "find out who may act for whom"
REFRESH_AFTER = dt.timedelta(hours=1)
"""Asked again when what is held is older than this and the register answers; it counts until it is a day old."""

DECLARATION = registers.Declaration(
    package_id="mandates",
    version="1",
    name="representation",
    register="folkeregisteret.representation",
    legal_basis="folkeregisterloven § 10-2; vergemålsloven § 25; barnelova § 30; forvaltningsloven § 12",
    purpose=PURPOSE,
)


@attrs.frozen
class Named:
    """A person as Folkeregisteret names them. Personal data."""

    person_id: uuid.UUID
    given: str = attrs.field(repr=False)
    family: str = attrs.field(repr=False)
    full: str = attrs.field(repr=False)
    protection: str = "strengtFortrolig"
    children: tuple[str, ...] = attrs.field(default=(), repr=False)


def freshen(actor: Actor, person_ids: Iterable[uuid.UUID | None]) -> None:
    """Ask the register about those of whom nothing fresh is held; when it is down, what is held stands (R17)."""
    wanted = {one for one in person_ids if one is not None}
    limit = clock.now() - REFRESH_AFTER
    with isolation.wider("representation"):
        told = Party.objects.filter(person_id__in=wanted, told_at__gt=limit)
        held = dict(told.values_list("person_id", "died"))
    ask = wanted - set(held)
    dead = {person for person, died in held.items() if died is not None}
    if ask:
        fetch(actor, ask)
    if dead:
        _fetch_estates(actor, dead)
    roles.freshen(actor, roles.given_to(wanted))


def _fetch_estates(actor: Actor, person_ids: Iterable[uuid.UUID]) -> None:
    """Ask who acts for the estates of the dead: anew each time, for the answer must not be kept."""
    if sources.is_connected(source("doedsbo")):
        numbers = identity.national_ids_of(person_ids, actor=actor, purpose=PURPOSE)
        sources.fetch(actor, "doedsbo", {number: person for person, number in numbers.items()})


def fetch(actor: Actor, person_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Named]:
    """Ask Folkeregisteret now and hold what it says; return those it knows, by name.

    A person it no longer knows is emptied. When it does not answer, nothing is changed.
    """
    numbers = identity.national_ids_of(person_ids, actor=actor, purpose=PURPOSE)
    if not numbers:
        return {}
    ids = {number: person for person, number in numbers.items()}
    answers = registers.lookup_many(
        actor=actor,
        declaration=DECLARATION,
        persons=list(ids),
        on=clock.today(),
        person_ids=ids,
    )
    named = {}
    for number, answer in answers.items():
        if isinstance(answer, registers.Unavailable):
            continue
        data = answer.data if isinstance(answer, registers.Found) else None
        _hold(ids[number], data)
        if data is not None:
            named[ids[number]] = _named(ids[number], data)
    dead = {number: person for number, person in ids.items() if _is_dead(answers[number])}
    sources.fetch(actor, "doedsbo", dead)
    return named


def name_of(actor: Actor) -> str:
    """Return the actor's name; of a citizen whose login said none, what Folkeregisteret says, kept for this login.

    Empty when the register does not answer or does not know the person. Not inside a transaction: it may ask.
    """
    if actor.name or actor.kind != "citizen" or actor.person_id is None:
        return actor.name
    return keep_name(actor, fetch(actor, [actor.person_id]))


def keep_name(actor: Actor, told: Mapping[uuid.UUID, Named]) -> str:
    """Return the actor's name among those that the register told, and keep it for this login when it had none."""
    own = told.get(actor.person_id) if actor.person_id is not None else None
    if actor.name or own is None:
        return actor.name
    identity.name_session(actor, name=own.full)
    return own.full


def _is_dead(answer: registers.Outcome) -> bool:
    return isinstance(answer, registers.Found) and bool(
        answer.data.get("died") or answer.data.get("dead")
    )


def _named(person_id: uuid.UUID, data: Mapping[str, Any]) -> Named:
    name = data.get("name") or {}
    given, family, full = (str(name.get(part, "")) for part in ("given", "family", "full"))
    grade = str(data.get("protection", "strengtFortrolig"))
    children = tuple(one["national_id"] for one in data.get("children", []))
    return Named(person_id, given, family, full, grade, children)


def fetch_children(actor: Actor) -> None:
    """Ask about the actor, and then about the children whom the register says that the actor answers for."""
    if actor.person_id is None:
        return
    own = fetch(actor, [actor.person_id]).get(actor.person_id)
    if own is not None and own.children:
        freshen(actor, _persons(own.children))


@isolation.widely("representation")
def _hold(person_id: uuid.UUID, data: Mapping[str, Any] | None) -> None:
    """Put what the register said in the place of what it said before."""
    born = data.get("born") if data else None
    if data is None or born is None:  # a person without a date of birth cannot be judged: unknown
        forget(person_id)
        return
    now = clock.now()
    died = data.get("died") or (clock.today().isoformat() if data.get("dead") else None)
    rows = [*_guardians(person_id, data, now), *_parents(person_id, data, now)]
    with transaction.atomic():
        Party.objects.update_or_create(
            person_id=person_id,
            defaults={
                "born": born,
                "died": died,
                "protection": data.get("protection") or "strengtFortrolig",
                "told_at": now,
            },
        )
        Party.objects.select_for_update().get(person_id=person_id)  # two fetchings: one at a time
        _forget_relations(person_id)
        Grant.objects.bulk_create(rows)


def _guardians(person_id: uuid.UUID, data: Mapping[str, Any], now: dt.datetime) -> Iterable[Grant]:
    tasks: dict[str, list[str]] = {}
    for number, code in guardians({ELEMENT: data.get("guardianships", [])}):
        tasks.setdefault(number, []).append(code)
    for holder, number in _persons(tasks).items():
        if holder != person_id:
            yield _relation(
                person_id, holder, now, kind="vergemaal", scopes=tasks[number], name=_full(data)
            )


def _parents(person_id: uuid.UUID, data: Mapping[str, Any], now: dt.datetime) -> Iterable[Grant]:
    kinds = {one["national_id"]: one["kind"] for one in data.get("parents", [])}
    for holder, number in _persons(kinds).items():
        if holder != person_id:
            yield _relation(
                person_id,
                holder,
                now,
                kind="foreldreansvar",
                parental=kinds[number],
                name=_full(data),
            )


def _full(data: Mapping[str, Any]) -> str:
    return str((data.get("name") or {}).get("full", ""))[:200]


def _persons(numbers: Iterable[str]) -> dict[uuid.UUID, str]:
    """Return our identifiers of the numbers that are numbers; others give no right and stop nothing."""
    parsed = {
        text: NationalId.parse(text, allow_synthetic=True, allow_real=True) for text in numbers
    }
    valid = {one: text for text, one in parsed.items() if not isinstance(one, InvalidId)}
    return {person: valid[number] for number, person in identity.person_ids_for(valid).items()}


def _relation(
    subject: uuid.UUID,
    holder: uuid.UUID,
    now: dt.datetime,
    *,
    kind: str,
    scopes: Iterable[str] = (),
    parental: str = "",
    name: str = "",
) -> Grant:
    return Grant(
        # The same relation keeps its identifier from one fetching to the next.
        id=uuid.uuid5(subject, f"{SOURCE}:{kind}:{holder}"),
        kind=kind,
        source=SOURCE,
        source_ref=kind,
        grantor_id=subject,
        grantor_name=name,
        grantee_id=holder,
        scopes=sorted(scopes),
        level="write",
        parental_type=parental,
        told_at=now,
        accepted_at=now,
        channel="register",
        created_at=now,
    )


@isolation.widely("representation")
def is_dead(person_id: uuid.UUID | None) -> bool:
    """Tell whether the register has said that a person is dead."""
    if person_id is None:
        return False
    return Party.objects.filter(person_id=person_id, died__isnull=False).exists()


@isolation.widely("representation")
def forget(person_id: uuid.UUID) -> None:
    """Empty what the register said of a person: the next question asks anew."""
    with transaction.atomic():
        Party.objects.filter(person_id=person_id).update(
            born=None, died=None, protection="", told_at=None
        )
        _forget_relations(person_id)


def _forget_relations(person_id: uuid.UUID) -> None:
    Grant.objects.filter(grantor_id=person_id, source=SOURCE).delete()


@transaction.atomic
def purge() -> int:
    """Empty what is older than a day; return of how many persons."""
    gone = list(old().values_list("person_id", flat=True))
    for person_id in gone:
        forget(person_id)
    deletions.tell(system("mandates.purge"), what=ANSWERS, ids=map(str, gone))
    return len(gone)


def old() -> QuerySet[Party]:
    """Return the persons of whom something is held that is older than a day."""
    return Party.objects.filter(told_at__lte=clock.now() - dt.timedelta(hours=FRESH_HOURS))


def person_changed(event: events.Stored) -> None:
    """Hear that the register changed something about a person: what was held no longer counts."""
    forget(uuid.UUID(str(event.body["person_id"])))
