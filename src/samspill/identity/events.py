"""What happened at the door.

Event
├── LoggedIn      a session began
└── LoggedOut     a session ended: by the user, the provider, a new login, or the organisation
"""

from __future__ import annotations

import uuid
from typing import ClassVar

import attrs

from samspill.infra.events import Event


@attrs.frozen
class LoggedIn(Event):
    """A session began."""

    room: ClassVar[str] = "identity"

    session_id: uuid.UUID
    profile: str
    level: str
    org_no: str
    methods: tuple[str, ...] = ()
    """How the person showed who they are, as the provider says (`amr`): who looks into a misuse asks for it."""

    @property
    def key(self) -> uuid.UUID:
        """The session."""
        return self.session_id


@attrs.frozen
class LoggedOut(Event):
    """A session ended."""

    room: ClassVar[str] = "identity"

    session_id: uuid.UUID
    by: str

    @property
    def key(self) -> uuid.UUID:
        """The session."""
        return self.session_id
