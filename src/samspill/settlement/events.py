"""What happened to agreements and gains, in the past tense; bodies carry identifiers and amounts in øre.

Event (infra)
├── AgreementEvent: agreement, initiative, version
│   ├── AgreementProposed · AgreementOffered · AgreementSigned · AgreementLeft · AgreementEnded
│   └── SettlementClosed
└── GainEvent: gain item, initiative
    └── GainPlanned · GainEnded · GainMeasured · GainTakenOut
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from samspill.infra.events import Event

if TYPE_CHECKING:
    from uuid import UUID

ROOM = "settlement"


@attrs.frozen(kw_only=True)
class _AgreementEvent(Event):
    """Say which agreement and version, of which initiative."""

    room: ClassVar[str] = ROOM

    agreement_id: UUID
    initiative_id: UUID
    version: int

    @property
    def key(self) -> UUID | None:
        """The agreement."""
        return self.agreement_id


@attrs.frozen(kw_only=True)
class AgreementProposed(_AgreementEvent):
    """A version of an agreement was written and its key tested."""

    parties: int


@attrs.frozen(kw_only=True)
class AgreementOffered(_AgreementEvent):
    """A version was put forward for signing; from now on everybody may read it."""


@attrs.frozen(kw_only=True)
class AgreementSigned(_AgreementEvent):
    """A party signed a version; `complete` when it was the last one."""

    party: str
    complete: bool = False


@attrs.frozen(kw_only=True)
class AgreementLeft(_AgreementEvent):
    """A party gave notice; it is bound through `leaves_on`."""

    party: str
    leaves_on: str


@attrs.frozen(kw_only=True)
class AgreementEnded(_AgreementEvent):
    """The owner ended the agreement; what is settled stays."""


@attrs.frozen(kw_only=True)
class SettlementClosed(_AgreementEvent):
    """A year was settled; what was due and realised in all, in øre."""

    settlement_id: UUID
    year: int
    due_ore: int
    realised_ore: int


@attrs.frozen(kw_only=True)
class _GainEvent(Event):
    """Say which gain, of which initiative."""

    room: ClassVar[str] = ROOM

    gain_id: UUID
    initiative_id: UUID

    @property
    def key(self) -> UUID | None:
        """The gain."""
        return self.gain_id


@attrs.frozen(kw_only=True)
class GainPlanned(_GainEvent):
    """A gain was planned, or its plan changed."""

    revision: int


@attrs.frozen(kw_only=True)
class GainEnded(_GainEvent):
    """A gain is no longer measured; what was measured stays."""


@attrs.frozen(kw_only=True)
class GainMeasured(_GainEvent):
    """A gain was measured in a municipality and year: from live cases, or reported."""

    municipality_id: UUID
    year: int
    source: str
    cases: int
    hours_thousandths: int


@attrs.frozen(kw_only=True)
class GainTakenOut(_GainEvent):
    """A municipality confirmed that hours were taken out."""

    municipality_id: UUID
    year: int
    hours_thousandths: int
