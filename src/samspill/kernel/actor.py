"""Who acts, and for whom. Two fields everywhere; nobody is ever impersonated."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Literal

import attrs

from samspill.kernel.outcome import refuse

Level = Literal["none", "substantial", "high"]
LEVELS: tuple[Level, ...] = ("none", "substantial", "high")
#: An employee's organisation has not been divided: all of its units, or all of its services.
WHOLE = frozenset({"*"})


@attrs.frozen
class Actor:
    """The one who does something: a citizen, an employee of an organisation, or a job of ours.

    Roles in use: `municipality_caseworker`, `municipality_leader`, `agency_caseworker`,
    `agency_leader`, `counter`, `protected_caseworker` (cleared for protected addresses); and of those who decide
    together: `initiative_owner`, `ks_coordinator`, `municipal_lead`, `ministry`, `secretariat`.
    `units` and `services` say which queues an employee is set to serve; a login that names none serves none,
    an actor that our own code makes serves the whole organisation.
    """

    kind: Literal["citizen", "employee", "system", "anonymous"]
    person_id: uuid.UUID | None = None
    org_no: str | None = None
    municipality_id: uuid.UUID | None = None
    roles: frozenset[str] = frozenset()
    on_behalf_of: uuid.UUID | None = None
    level: Level = "none"
    session_id: str | None = None
    request_id: str = ""
    channel: Literal["web", "api", "job", "counter"] = "web"
    language: str = "nb"
    name: str = ""
    units: frozenset[str] = WHOLE
    services: frozenset[str] = WHOLE

    @property
    def subject_id(self) -> uuid.UUID | None:
        """The person whose matter it is: the one acted for, else the actor."""
        return self.on_behalf_of or self.person_id

    def has_role(self, *roles: str) -> bool:
        """Tell whether the actor has at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def has_level(self, level: Level) -> bool:
        """Tell whether the login is at least as strong as `level`."""
        return LEVELS.index(self.level) >= LEVELS.index(level)


ANONYMOUS = Actor(kind="anonymous")


def citizen(actor: Actor) -> uuid.UUID:
    """Return the person who is logged in as a citizen; not the one who is acted for.

    Raises:
        RefusedError: `login_needed` for anybody else.
    """
    if actor.kind != "citizen" or actor.person_id is None:
        raise refuse(
            "login_needed",
            "You must log in to do this.",
            remedy="Log in and try again.",
            status=401,
        )
    return actor.person_id


def role_among(actor: Actor, roles: Iterable[str]) -> str:
    """Return the role by which the actor may act: the first of `roles` that it has.

    Raises:
        RefusedError: `role_needed` when it has none of them.
    """
    allowed = list(roles)
    held = next((role for role in allowed if role in actor.roles), None)
    if held is None:
        raise refuse(
            "role_needed",
            "This is done by another role.",
            where="actor",
            remedy="Ask somebody with the right role: %(roles)s.",
            values={"roles": ", ".join(allowed)},
            status=403,
        )
    return held


def system(job: str) -> Actor:
    """Return the actor of a scheduled job or a command."""
    return Actor(kind="system", channel="job", name=job)
