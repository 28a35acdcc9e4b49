"""What happened to consequences, in the past tense; rooms above listen. No event holds a name of a person.

Event (infra)
├── AssessmentFrozen    an assessment's figures are fixed, with its position (agreed or dissent)
├── DriverCorrected     a municipality corrected a driver or its capacity
└── ActualReported      a municipality reported what a line really cost or took
"""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs

from samspill.infra.events import Event


@attrs.frozen(kw_only=True)
class _ImpactEvent(Event):
    room: ClassVar[str] = "impact"


@attrs.frozen(kw_only=True)
class AssessmentFrozen(_ImpactEvent):
    """The figures of an assessment are fixed."""

    initiative_id: uuid.UUID
    assessment_id: uuid.UUID
    version: int
    sha256: str

    @property
    def key(self) -> uuid.UUID | None:
        """The initiative."""
        return self.initiative_id


@attrs.frozen(kw_only=True)
class DriverCorrected(_ImpactEvent):
    """A municipality gave its own figure."""

    municipality_id: uuid.UUID
    driver: str

    @property
    def key(self) -> uuid.UUID | None:
        """The municipality."""
        return self.municipality_id


@attrs.frozen(kw_only=True)
class ActualReported(_ImpactEvent):
    """A municipality reported an actual."""

    initiative_id: uuid.UUID
    municipality_id: uuid.UUID
    line: str
    year: int

    @property
    def key(self) -> uuid.UUID | None:
        """The initiative."""
        return self.initiative_id
