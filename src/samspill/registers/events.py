"""What Folkeregisteret told us about people we know.

Event
└── PersonChanged   something about a person changed in the register; look it up again
"""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs

from samspill.infra.events import Event


@attrs.frozen
class PersonChanged(Event):
    """Folkeregisteret changed something about a person we know; `kind` is the register's own word.

    Time critical are changes of address protection, death, residence and false identity.
    """

    room: ClassVar[str] = "registers"

    person_id: uuid.UUID
    kind: str
    sequence: int

    @property
    def key(self) -> uuid.UUID:
        """The person."""
        return self.person_id
