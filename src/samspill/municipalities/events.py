"""What happens in the room, told upwards."""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs

from samspill.infra.events import Event


@attrs.frozen(kw_only=True)
class ContactSet(Event):
    """A municipality told its telephone, visiting address and opening hours, from a day."""

    room: ClassVar[str] = "municipalities"
    municipality_id: uuid.UUID
    valid_from: str

    @property
    def key(self) -> uuid.UUID | None:
        """Give the municipality."""
        return self.municipality_id
