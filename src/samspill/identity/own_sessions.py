"""One's own sessions: see where one is logged in, and end what one does not know (ASVS 7.5.2).

A citizen sees the sessions as a citizen, an employee those as an employee: a municipality's machine is not told
where its employee is logged in at home.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import attrs
from django.db import transaction

from samspill.identity import sessions
from samspill.identity.domain import IDLE, LONGEST
from samspill.identity.models import Session
from samspill.infra import access_log, clock

if TYPE_CHECKING:
    from samspill.identity.models import SessionQuerySet
    from samspill.kernel.actor import Actor


@attrs.frozen(kw_only=True)
class OwnSession:
    """Hold one open session of one's own; `ends_at` is when it ends by itself if it is not used."""

    id: uuid.UUID
    here: bool
    level: str
    unit: str
    started_at: dt.datetime
    last_seen_at: dt.datetime
    ends_at: dt.datetime


def my_sessions(actor: Actor) -> tuple[OwnSession, ...]:
    """List the sessions that are open, this one first, then the newest."""
    rows = [_shown(actor, row) for row in _open(actor)]
    return tuple(sorted(rows, key=lambda one: (not one.here, -one.started_at.timestamp())))


def end_my_session(actor: Actor, *, session_id: uuid.UUID) -> int:
    """End one of one's own sessions; another's, and one that has ended, is left as it is.

    Returns:
        How many were ended: one or none.
    """
    return _end(actor, _open(actor).filter(id=session_id))


def end_my_other_sessions(actor: Actor) -> int:
    """End all of one's sessions but this one, and return how many."""
    here = _id_of(actor)
    return _end(actor, _open(actor).exclude(id=here) if here else _open(actor))


def name_session(actor: Actor, *, name: str) -> None:
    """Keep in a nameless session what a register calls the one who is logged in: ID-porten says no name."""
    here = _id_of(actor)
    if here is not None and name:
        _open(actor).filter(id=here, name="").update(name=name[:200])


def _open(actor: Actor) -> SessionQuerySet:
    if actor.person_id is None or actor.kind not in LONGEST:
        return Session.objects.none()
    mine = Session.objects.filter(person_id=actor.person_id, profile=actor.kind)
    return mine.alive(at=clock.now(), idle=IDLE, longest=LONGEST[actor.kind])


def _end(actor: Actor, chosen: SessionQuerySet) -> int:
    with transaction.atomic():
        ended = sessions.end(chosen, by="self")
        if ended:
            access_log.record(
                actor=actor,
                action="write",
                purpose="end my sessions",
                subject_id=actor.person_id,
                detail={"sessions": ended},
            )
    return ended


def _shown(actor: Actor, row: Session) -> OwnSession:
    units = {unit.org_no: unit.name for unit in sessions.units_of(row)}
    return OwnSession(
        id=row.id,
        here=row.id == _id_of(actor),
        level=row.level,
        unit=units.get(row.org_no, ""),
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        ends_at=min(row.last_seen_at + IDLE, row.started_at + LONGEST[row.profile]),
    )


def _id_of(actor: Actor) -> uuid.UUID | None:
    return uuid.UUID(actor.session_id) if actor.session_id else None
