"""Rights given in Altinn: asked about two persons when an answer rests on it, held for minutes, never copied.

Altinn's decision point answers whether one may act for another about a resource. It gives no list, so it is asked when
somebody is looked for by number and surname, when nothing held here carries, and anew before each act that binds. What
it does not answer is not known, and that is no (R17).

    fetch       ask now, and put the answer in the place of the last one
    renew       ask again about a pair of whom something is held, before a transaction that holds it
    is_asked    whether there is anything to ask it about here
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from samspill.identity import service as identity
from samspill.infra import clock, isolation
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId
from samspill.mandates.domain.sources import hold_as, source
from samspill.mandates.models import Grant
from samspill.mandates.service import facts, sources
from samspill.registers import service as registers

_SOURCE = source("altinn")
_AGAIN_AFTER = dt.timedelta(minutes=1)
_LEGAL_BASIS = "forvaltningsloven § 12"
_PURPOSE = "find out who may act for whom"


def is_asked() -> bool:
    """Tell whether Altinn is connected and anything of ours stands in its registry."""
    return sources.is_connected(_SOURCE) and bool(sources.resources())


def fetch(actor: Actor, *, agent: uuid.UUID, giver: uuid.UUID, name: str = "") -> bool:
    """Ask what the agent may do for the giver now; tell whether Altinn answered.

    Must not be called inside a transaction: others answer slowly. `name` is the giver's, when it is known already.
    """
    if agent == giver or not is_asked():
        return False
    numbers = identity.national_ids_of([agent, giver], actor=actor, purpose=_PURPOSE)
    if agent not in numbers or giver not in numbers:
        return False
    answer = registers.lookup(
        actor=actor,
        declaration=_declaration(numbers[agent]),
        person=numbers[giver],
        on=clock.today(),
        person_id=giver,
    )
    if isinstance(answer, registers.Unavailable):
        return False
    holders = answer.data["holders"] if isinstance(answer, registers.Found) else []
    told = _name(actor, agent, giver, name) if holders else ""
    agent_name = facts.name_of(actor) if actor.person_id == agent else ""
    _hold(agent, giver, [_grant(agent, giver, (told, agent_name), one) for one in holders])
    return True


def _declaration(agent: NationalId) -> registers.Declaration:
    return registers.Declaration(
        package_id="mandates",
        version="1",
        name=_SOURCE.code,
        register=_SOURCE.register,
        legal_basis=_LEGAL_BASIS,
        purpose=_PURPOSE,
        params={"agent": agent, "resources": tuple(sorted(set(sources.resources().values())))},
    )


@isolation.widely("representation")
def _held(agent: uuid.UUID, giver: uuid.UUID) -> list[Grant]:
    rows = Grant.objects.filter(grantor_id=giver, grantee_id=agent, source__in=_SOURCE.held_as)
    return list(rows)


def _name(actor: Actor, agent: uuid.UUID, giver: uuid.UUID, name: str) -> str:
    """Return the giver's name: as it is known, as it was held, or as Folkeregisteret says."""
    known = name or next((row.grantor_name for row in _held(agent, giver)), "")
    if known:
        return known
    named = facts.fetch(actor, [giver]).get(giver)
    return named.full if named is not None else ""


def _hold(agent: uuid.UUID, giver: uuid.UUID, rows: list[Grant]) -> None:
    """Put what Altinn said of two persons in the place of what it said of them before."""
    with isolation.wider("representation"), transaction.atomic():
        before = Grant.objects.filter(grantor_id=giver, grantee_id=agent)
        before.filter(source__in=_SOURCE.held_as).delete()
        Grant.objects.bulk_create(rows, ignore_conflicts=True)


def _grant(
    agent: uuid.UUID, giver: uuid.UUID, names: tuple[str, str], holder: Mapping[str, Any]
) -> Grant:
    """Make the row of one right; `names` are the giver's and the agent's, as far as they are known."""
    now, resource = clock.now(), str(holder["resource"])
    level = "write" if holder["level"] == "write" else "read"
    return Grant(
        # The same right keeps its identifier from one answer to the next.
        id=uuid.uuid5(giver, f"altinn:{resource}:{level}:{agent}"),
        kind=_SOURCE.kind,
        source=hold_as(_SOURCE.code, str(holder["eid"])),
        source_ref=f"{resource}:{level}"[:120],
        grantor_id=giver,
        grantor_name=names[0][:200],
        grantee_id=agent,
        grantee_name=names[1][:200],
        scopes=sorted(scope for scope, one in sources.resources().items() if one == resource),
        level=level,
        told_at=now,
        accepted_at=now,
        channel="register",
        created_at=now,
    )


def renew(actor: Actor, *, agent: uuid.UUID, giver: uuid.UUID) -> None:
    """Ask again about a pair of whom something is held that is a minute old, so that an act rests on what holds now.

    When Altinn is silent, what is held counts no longer than the source allows.
    """
    if not sources.is_connected(_SOURCE):
        return
    limit = clock.now() - _AGAIN_AFTER
    if any(row.told_at is None or row.told_at <= limit for row in _held(agent, giver)):
        fetch(actor, agent=agent, giver=giver)
