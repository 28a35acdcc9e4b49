"""What the owner of an initiative must know of the schemes' limits, from the figures in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.portfolio.domain import limits
from samspill.portfolio.domain.limits import Caution
from samspill.portfolio.service.depositing import evidence

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor


def limits_of(initiative_id: UUID, *, actor: Actor) -> list[Caution]:
    """Return what is outside the limits in the newest assessment; empty without one, or when all is inside.

    Raises:
        RefusedError: `not_found`: nobody has an initiative there that the actor may read.
    """
    newest = evidence(initiative_id, "assessment", actor=actor)
    project = limits.read_project(newest.body) if newest is not None else None
    return limits.cautions(project) if project is not None else []
