"""What happened to mandates, in the past tense; bodies carry identifiers only.

Event (infra)
└── MandateEvent: mandate, giver, agent
    └── MandateGiven · MandateAccepted · MandateConfirmed · MandateChanged · MandateUsed · MandateWithdrawn
        MandateEndsSoon · MandateExpired
MandateBlocked: a person shut or opened for voluntary mandates
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from samspill.infra.events import Event

if TYPE_CHECKING:
    from uuid import UUID

ROOM = "mandates"


@attrs.frozen(kw_only=True)
class _MandateEvent(Event):
    """Say which mandate, whose, and to whom."""

    room: ClassVar[str] = ROOM

    mandate_id: UUID
    grantor_id: UUID
    grantee_id: UUID | None
    grantee_org: str

    @property
    def key(self) -> UUID | None:
        """The mandate."""
        return self.mandate_id


@attrs.frozen(kw_only=True)
class MandateGiven(_MandateEvent):
    """Somebody signed a mandate, or one on paper was registered."""


@attrs.frozen(kw_only=True)
class MandateAccepted(_MandateEvent):
    """The agent said yes."""


@attrs.frozen(kw_only=True)
class MandateConfirmed(_MandateEvent):
    """A mandate on paper was confirmed by a second employee or the giver's code."""


@attrs.frozen(kw_only=True)
class MandateChanged(_MandateEvent):
    """It was ended and another put in its place."""

    replaced_by: UUID


@attrs.frozen(kw_only=True)
class MandateUsed(_MandateEvent):
    """The agent acted by it for the first time in a login, or sent something."""

    scope: str
    actor_id: UUID


@attrs.frozen(kw_only=True)
class MandateWithdrawn(_MandateEvent):
    """It was ended, by the giver, the agent or a block."""

    why: str


@attrs.frozen(kw_only=True)
class MandateEndsSoon(_MandateEvent):
    """Its last day is at most thirty days away."""


@attrs.frozen(kw_only=True)
class MandateExpired(_MandateEvent):
    """Its last day has passed."""


@attrs.frozen(kw_only=True)
class MandateBlocked(Event):
    """A person shut, or opened again, for voluntary mandates (R15)."""

    room: ClassVar[str] = ROOM

    person_id: UUID
    blocked: bool

    @property
    def key(self) -> UUID | None:
        """The person."""
        return self.person_id
