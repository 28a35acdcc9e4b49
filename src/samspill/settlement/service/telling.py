"""What this room lays down in the register, so that the guards of an initiative can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samspill.kernel.actor import system
from samspill.portfolio import service as portfolio

if TYPE_CHECKING:
    from uuid import UUID


def tell(initiative_id: UUID, kind: str, body: dict[str, Any]) -> None:
    """Deposit evidence of `agreement`, `gain_plan` or `actual`; the room does it, whoever caused it."""
    portfolio.deposit(system("settlement"), initiative_id=initiative_id, kind=kind, body=body)
