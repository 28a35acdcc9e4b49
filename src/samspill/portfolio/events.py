"""What happened to an initiative or a round, in the past tense; higher rooms and the read models listen.

No event carries a name of a person or free text. Tree:

Event (infra)
├── InitiativeEvent: initiative and version
│   ├── InitiativeRegistered · InitiativeChanged · InitiativePublished · StateMoved
│   ├── RelevanceSigned · RepresentativesAppointed · InvolvementRecorded · InfluenceRecorded
│   ├── DissentLodged · StatementMade · EvidenceDeposited
│   └── WindowChosen
└── RoundEvent: round and budget year
    └── RoundOpened · CandidateEntered · RoundSuggested · RoundDecided
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from samspill.infra.events import Event

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

ROOM = "portfolio"


@attrs.frozen(kw_only=True)
class InitiativeEvent(Event):
    """Say which initiative, and which version of it."""

    room: ClassVar[str] = ROOM

    initiative_id: UUID
    version: int

    @property
    def key(self) -> UUID | None:
        """The initiative."""
        return self.initiative_id


@attrs.frozen(kw_only=True)
class InitiativeRegistered(InitiativeEvent):
    """An owner registered an initiative."""

    owner_org_no: str


@attrs.frozen(kw_only=True)
class InitiativeChanged(InitiativeEvent):
    """A new version came in force; the field names say what changed."""

    fields: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class InitiativePublished(InitiativeEvent):
    """Everybody may read it from now on."""


@attrs.frozen(kw_only=True)
class StateMoved(InitiativeEvent):
    """A step was taken from one state to another."""

    origin: str
    to: str


@attrs.frozen(kw_only=True)
class RelevanceSigned(InitiativeEvent):
    """One side signed its verdict."""

    side: str
    verdict: str
    standing: str
    answer_by: dt.date


@attrs.frozen(kw_only=True)
class RepresentativesAppointed(InitiativeEvent):
    """KS appointed municipalities to speak for the sector."""

    municipality_ids: tuple[UUID, ...]


@attrs.frozen(kw_only=True)
class InvolvementRecorded(InitiativeEvent):
    """Municipalities were involved."""

    involvement_id: UUID
    phase: str
    form: str
    municipality_ids: tuple[UUID, ...]


@attrs.frozen(kw_only=True)
class InfluenceRecorded(InitiativeEvent):
    """It was told what changed because of an involvement, or that nothing did."""

    involvement_id: UUID
    changed: bool


@attrs.frozen(kw_only=True)
class DissentLodged(InitiativeEvent):
    """KS laid its own figures beside the owner's."""

    dissent_id: UUID


@attrs.frozen(kw_only=True)
class StatementMade(InitiativeEvent):
    """KS took a position: on the figures (`statement`) or in a round (`recommendation`)."""

    kind: str
    position: str


@attrs.frozen(kw_only=True)
class EvidenceDeposited(InitiativeEvent):
    """Figures, an agreement, a gain plan or an actual was laid down."""

    kind: str
    evidence_id: UUID


@attrs.frozen(kw_only=True)
class WindowChosen(InitiativeEvent):
    """A municipality planned, confirmed or declined its window."""

    municipality_id: UUID
    choice: str
    starts_on: dt.date | None = None


@attrs.frozen(kw_only=True)
class RoundEvent(Event):
    """Say which round, for which budget year."""

    room: ClassVar[str] = ROOM

    round_id: UUID
    budget_year: int

    @property
    def key(self) -> UUID | None:
        """The round."""
        return self.round_id


@attrs.frozen(kw_only=True)
class RoundOpened(RoundEvent):
    """A ministry opened a round."""

    deadline: dt.date


@attrs.frozen(kw_only=True)
class CandidateEntered(RoundEvent):
    """An initiative was entered, or withdrawn."""

    initiative_id: UUID
    withdrawn: bool = False


@attrs.frozen(kw_only=True)
class RoundSuggested(RoundEvent):
    """The optimiser's suggestion was stored."""

    candidates: int


@attrs.frozen(kw_only=True)
class RoundDecided(RoundEvent):
    """The ministry decided; how many were chosen, and how many against the suggestion."""

    chosen: int
    departing: int
