"""Sessions as rows: begun at login, found by the cookie's token, ended by many.

Only `service` and the middleware call this. A token is 256 random bits; the row holds its hash.
"""

from __future__ import annotations

import json
import secrets
import uuid
from hashlib import sha256
from typing import Any, cast

import attrs
from django.db import transaction
from django.db.models import Q, QuerySet

from samspill.identity.domain import IDLE, LONGEST, SEEN_EVERY, Claims, Profile, Unit
from samspill.identity.events import LoggedIn, LoggedOut
from samspill.identity.models import Session
from samspill.infra import clock, events, generation, isolation, sql
from samspill.kernel.actor import Actor

_KEEP_TOKEN_CHARS = 4096
_SETS = ("roles", "units", "services")


def hashed(secret: str) -> str:
    """Return what the database keeps of a secret."""
    return sha256(secret.encode("utf-8")).hexdigest()


def new_secret() -> str:
    """Return 256 random bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def begin(
    *, profile: Profile, person_id: uuid.UUID, claims: Claims, units: list[Unit], id_token: str
) -> tuple[Session, str]:
    """Store a new session and return it with the token for the cookie."""
    token, now = new_secret(), clock.now()
    session = Session.objects.create(
        token_hash=hashed(token),
        person_id=person_id,
        profile=profile,
        level=claims.level,
        name=claims.name,
        units=[as_json(unit) for unit in units],
        org_no=units[0].org_no if len(units) == 1 else "",
        issuer=claims.issuer,
        subject=claims.subject,
        sid=claims.sid,
        id_token=id_token if len(id_token) <= _KEEP_TOKEN_CHARS else "",
        started_at=now,
        last_seen_at=now,
    )
    told = LoggedIn(session.id, profile, claims.level, session.org_no, claims.methods)
    events.append(told, actor=Actor(kind=profile, person_id=person_id, level=claims.level))
    return session, token


def find(token: str) -> tuple[Session | None, bool]:
    """Return the living session of a token, and whether there was one that has timed out."""
    session = _open_by(hashed(token))
    if session is None:
        return None, False
    now = clock.now()
    if session.last_seen_at <= now - IDLE or session.started_at <= now - LONGEST[session.profile]:
        end(Session.objects.filter(id=session.id), by="timeout")
        return None, True
    if session.last_seen_at <= now - SEEN_EVERY:
        Session.objects.filter(id=session.id, ended_at__isnull=True).update(last_seen_at=now)
    return session, False


# Every request asks this: written out, and without the ID token, which only logging out needs.
_OWN = "profile = 'citizen'"
_KEPT = tuple(f.attname for f in Session._meta.concrete_fields if f.attname != "id_token")  # noqa: SLF001
# The same statement says to the database who acts: a row is found by its token alone (see infra.isolation).
_FIND = (
    f"SELECT {', '.join(_KEPT)}, {generation.EXPRESSION}, "  # noqa: S608 - our own columns
    f"{isolation.saying(person='person_id', own=_OWN)} FROM identity_session_of(%s)"
)


def _open_by(token_hash: str) -> Session | None:
    row = sql.one(_FIND, [token_hash])
    if row is None:
        return None
    generation.hold(row[len(_KEPT)])
    given = dict(zip(_KEPT, row, strict=False))
    isolation.said(person=given["person_id"], own=given["profile"] == "citizen")
    given["units"] = json.loads(given["units"])
    return sql.stored(Session, given)


def end(sessions: QuerySet[Session], *, by: str) -> int:
    """End the sessions that are still open and return how many; the ID token is forgotten."""
    with transaction.atomic():
        open_ones = list(
            sessions.filter(ended_at__isnull=True).select_for_update().values("id", "profile")
        )
        ids = [row["id"] for row in open_ones]
        Session.objects.filter(id__in=ids).update(ended_at=clock.now(), ended_by=by, id_token="")
        for row in open_ones:
            actor = Actor(kind=cast("Profile", row["profile"]))
            events.append(LoggedOut(row["id"], by), actor=actor)
    return len(ids)


def of_provider(*, issuer: str, sid: str, subject: str = "") -> QuerySet[Session]:
    """Return the sessions a provider means: by `sid` when it says one, else all of the subject."""
    same = Q(sid=sid) if sid else Q(subject=subject)
    return Session.objects.filter(same, issuer=issuer)


def units_of(session: Session) -> tuple[Unit, ...]:
    """Return the organisations the employee of a session may act for."""
    return tuple(
        Unit(**{**unit, **{name: frozenset(unit[name]) for name in _SETS if name in unit}})
        for unit in session.units
    )


def as_json(unit: Unit) -> dict[str, Any]:
    """Return a unit as the row keeps it."""
    return {**attrs.asdict(unit), **{name: sorted(getattr(unit, name)) for name in _SETS}}
