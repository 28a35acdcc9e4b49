"""The other sources of mandates, behind one door: ask, hold for as long as the source allows, say what is not asked.

An adapter is a look-up of `registers` that answers about the giver with `{"holders": [{national_id, level, joint?,
from?, to?, scopes?, ref?}]}`; `domain.sources` names it and its limit. Where no interface is published, the source is
not connected: what it alone knows is then unknown, and that is no, with the way by hand (R17).
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from samspill.identity import service as identity
from samspill.infra import clock, deletions, isolation
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import InvalidId, NationalId
from samspill.mandates.domain import altinn
from samspill.mandates.domain.codes import guardian_codes
from samspill.mandates.domain.model import EidLevel
from samspill.mandates.domain.scopes import scopes
from samspill.mandates.domain.sources import (
    IMPORTED,
    OWN,
    SOURCES,
    Source,
    demanded,
    fresh_for,
    source,
)
from samspill.mandates.models import Grant
from samspill.registers import service as registers

ANSWERS = "answers of other sources of mandates"
_LEGAL_BASIS = {"doedsbo": "arveloven (2019) om dødsboskifte; forvaltningsloven § 12"}


@attrs.frozen
class SourceState:
    """A source as people see it: whether it is asked here, how long its answer counts, and how it has answered.

    health: None when it was never asked.
    """

    code: str
    name: str
    connected: bool
    has_interface: bool
    fresh_for: dt.timedelta
    health: registers.Health | None = None


def states() -> list[SourceState]:
    """Return every source: whether it is connected in this installation, and how it has answered."""
    health = registers.health(one.component for one in SOURCES)
    return [
        SourceState(
            one.code,
            one.name,
            is_connected(one),
            bool(one.register),
            one.fresh_for,
            health.get(one.component),
        )
        for one in SOURCES
    ]


def is_connected(one: Source) -> bool:
    """Tell whether a source is asked: it has an adapter, and an address in the settings."""
    return bool(one.register) and registers.connected(one.component)


@cache
def demands(held: str) -> EidLevel:
    """Return the login that a grant of this source demands."""
    return demanded(held)


@cache
def hours(code: str) -> float:
    """Return for how many hours an answer of a source counts; our own mandates are no answer."""
    return math.inf if code in (OWN, IMPORTED) else fresh_for(code).total_seconds() / 3600


def not_asked(scope: str, *, subject_is_dead: bool = False) -> tuple[Source, ...]:
    """Return the sources that might know of a mandate for a scope, but are not connected here."""
    owner = scope.partition(":")[0]
    return tuple(
        one
        for one in SOURCES
        if (owner in one.owners or (one.kind == "doedsbo" and subject_is_dead))
        and not _is_asked(one, scope)
    )


def _is_asked(one: Source, scope: str) -> bool:
    """Tell whether a source is asked about a scope: Altinn only about those that a resource of its carries."""
    return is_connected(one) and (not one.by_pair or scope in resources())


def altinn_may_know(scope: str) -> bool:
    """Tell whether Altinn is connected and has a resource that carries a scope."""
    return _is_asked(source("altinn"), scope)


def resources() -> Mapping[str, str]:
    """Return Altinn's resource of each scope in this installation; made-up ones never count in production.

    Raises:
        ResourcesError: the installation's own file cannot be read.
    """
    own = str(settings.SAMSPILL["registers"].get("altinn", {}).get("resources", ""))
    return _resources(own, made_up=settings.SAMSPILL["environment"] != "production")


def registered() -> Mapping[str, str]:
    """Return Altinn's resource of each scope, without those that are made up; see `resources`."""
    own = str(settings.SAMSPILL["registers"].get("altinn", {}).get("resources", ""))
    return _resources(own, made_up=False)


@cache
def _resources(own: str, *, made_up: bool) -> Mapping[str, str]:
    shipped = files("samspill.mandates") / "data" / "altinn_resources.csv"
    try:
        text = (Path(own) if own else shipped).read_text(encoding="utf-8")
    except OSError as error:
        msg = f"The file that SAMSPILL_ALTINN_RESOURCES names cannot be read: {own}"
        raise altinn.ResourcesError(msg) from error
    return altinn.read(text, made_up=made_up)


def fetch(actor: Actor, code: str, numbers: Mapping[NationalId, uuid.UUID]) -> None:
    """Ask a source about givers and put its answer in the place of the last one; silent, it changes nothing.

    Must not be called inside a transaction: others answer slowly.
    """
    one = source(code)
    if not numbers or not is_connected(one):
        return
    answers = registers.lookup_many(
        actor=actor,
        declaration=_declaration(one),
        persons=list(numbers),
        on=clock.today(),
        person_ids=numbers,
    )
    for number, answer in answers.items():
        if isinstance(answer, registers.Unavailable):
            continue
        held = answer.data["holders"] if isinstance(answer, registers.Found) else []
        _hold(one, numbers[number], held)


def _declaration(one: Source) -> registers.Declaration:
    return registers.Declaration(
        package_id="mandates",
        version="1",
        name=one.code,
        register=one.register,
        legal_basis=_LEGAL_BASIS.get(one.code, "forvaltningsloven § 12"),
        purpose="find out who may act for whom",
    )


def _hold(one: Source, giver: uuid.UUID, holders: Iterable[Mapping[str, Any]]) -> None:
    now = clock.now()
    told = {str(holder["national_id"]): holder for holder in holders}
    parsed = {text: _number(text) for text in told}
    persons = identity.person_ids_for([n for n in parsed.values() if n is not None])
    rows = [
        _grant(one, giver, persons[number], told[text], now)
        for text, number in parsed.items()
        if number is not None and persons[number] != giver
    ]
    with isolation.wider("representation"), transaction.atomic():
        Grant.objects.filter(grantor_id=giver, source=one.code).delete()
        Grant.objects.bulk_create(rows, ignore_conflicts=True)


def _number(text: str) -> NationalId | None:
    number = NationalId.parse(text, allow_synthetic=True, allow_real=True)
    return None if isinstance(number, InvalidId) else number


def _grant(
    one: Source,
    giver: uuid.UUID,
    agent: uuid.UUID,
    holder: Mapping[str, Any],
    now: dt.datetime,
) -> Grant:
    ref = str(holder.get("ref", one.kind))
    return Grant(
        id=uuid.uuid5(giver, f"{one.code}:{ref}:{agent}"),
        kind=one.kind,
        source=one.code,
        source_ref=ref[:120],
        grantor_id=giver,
        grantee_id=agent,
        scopes=sorted(holder["scopes"]) if "scopes" in holder else _whole(),
        level="write" if holder["level"] == "write" else "read",
        joint=bool(holder.get("joint", False)),
        valid_from=holder.get("from"),
        valid_to=holder.get("to"),
        told_at=now,
        accepted_at=now,
        channel="register",
        created_at=now,
    )


def _whole() -> list[str]:
    """Return everything that is known: who acts for an estate does so in all its affairs."""
    codes = [*scopes(), *guardian_codes()]
    return sorted({f"{code.partition(':')[0]}:*" for code in codes})


def purge() -> int:
    """Delete what sources said longer ago than they allow; return how many grants."""
    return deletions.delete(old(), actor=system("mandates.purge"), what=ANSWERS)


def old() -> QuerySet[Grant]:
    """Return the grants of sources whose answer's time is over.

    Folkeregisteret's and Enhetsregisteret's are emptied with the person and the organisation.
    """
    now, past = clock.now(), Q(pk__in=[])
    for one in SOURCES:
        if one.code not in (OWN, "freg", "brreg"):
            past |= Q(source__in=one.held_as, told_at__lte=now - one.fresh_for)
    return Grant.objects.filter(past)
