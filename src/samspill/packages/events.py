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
