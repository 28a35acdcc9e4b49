"""Who may do what with consequences. What one may read of an initiative is the room `portfolio`'s to say."""

from __future__ import annotations

import uuid

from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import service as portfolio

OWNER, KS, LEAD, SECRETARIAT = (
    "initiative_owner", "ks_coordinator", "municipal_lead", "secretariat",
)  # fmt: skip


def readable(actor: Actor | None, initiative_id: uuid.UUID) -> portfolio.InitiativeView:
    """Return the initiative if the actor may read it.

    Raises:
        RefusedError: `not_found`.
    """
    return portfolio.get(initiative_id, actor=actor)


def editable(actor: Actor, initiative_id: uuid.UUID) -> portfolio.InitiativeView:
    """Return the initiative if the actor may change its lines: the owner, or the secretariat for quality.

    Raises:
        RefusedError: `not_found`, `not_owner`.
    """
    found = readable(actor, initiative_id)
    if not may_edit(actor, found):
        raise refuse(
            "not_owner",
            "Only the owner of the initiative or the secretariat may do this.",
            where="actor",
            remedy="Ask the owner, or write a comment on the initiative.",
            status=403,
        )
    return found


def may_edit(actor: Actor, initiative: portfolio.InitiativeView) -> bool:
    """Tell whether the actor may change the lines of an initiative."""
    owns = actor.has_role(OWNER) and actor.org_no == initiative.owner_org_no
    return owns or actor.has_role(SECRETARIAT) or actor.kind == "system"


def own_municipality(actor: Actor, municipality_id: uuid.UUID) -> None:
    """Refuse an actor who does not lead digitalisation in the municipality.

    Raises:
        RefusedError: `not_own_municipality`.
    """
    if actor.kind == "system":
        return
    if not actor.has_role(LEAD) or actor.municipality_id != municipality_id:
        raise refuse(
            "not_own_municipality",
            "A municipality’s figures are given by the municipality itself.",
            where="municipality_id",
            remedy="Log in for the municipality, in the role that leads digitalisation there.",
            status=403,
        )


def one_of(actor: Actor, *roles: str) -> None:
    """Refuse an actor without one of the roles."""
    if actor.kind != "system" and not actor.has_role(*roles):
        raise wrong_role()


def wrong_role() -> RefusedError:
    """Make the refusal of another role's act."""
    return refuse(
        "role_needed",
        "This is done by another role.",
        where="actor",
        remedy="Ask somebody with the right role.",
        status=403,
    )
