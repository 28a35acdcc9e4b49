"""What happens in the room, told upwards."""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs

from samspill.infra.events import Event


@attrs.frozen(kw_only=True)
class PackagePublished(Event):
    """A version of a service was frozen. `level` is the step from the version before (empty for the first)."""

    room: ClassVar[str] = "packages"
    package_id: str
    version: str
    sha256: str
    level: str = ""


@attrs.frozen(kw_only=True)
class SettingsChanged(Event):
    """A municipality set values for a service, or opened or closed it, from a date."""

    room: ClassVar[str] = "packages"
    package_id: str
    municipality_id: uuid.UUID
    valid_from: str
    is_open: bool

    @property
    def key(self) -> uuid.UUID | None:
        """Give the municipality."""
        return self.municipality_id


@attrs.frozen(kw_only=True)
class PrivacyAssessmentSubmitted(Event):
    """An assessment of privacy was sent for approval."""

    room: ClassVar[str] = "packages"
    assessment_id: uuid.UUID
    package_id: str
    number: int

    @property
    def key(self) -> uuid.UUID | None:
        """Give the assessment."""
        return self.assessment_id


@attrs.frozen(kw_only=True)
class PrivacyAssessmentDecided(Event):
    """An assessment of privacy was approved, or sent back with a reason."""

    room: ClassVar[str] = "packages"
    assessment_id: uuid.UUID
    package_id: str
    number: int
    is_approved: bool

    @property
    def key(self) -> uuid.UUID | None:
        """Give the assessment."""
        return self.assessment_id
