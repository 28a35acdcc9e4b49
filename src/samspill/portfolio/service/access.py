"""Who may read and who may act; what may not be read looks exactly like what does not exist.

Before it is published an initiative is a working paper: in `registered` for its owner and the secretariat alone,
after that for all who decide together. Published, everybody reads it. There is no personal data here, so nothing is
written to the access log; every act leaves a row and an event.
"""

from __future__ import annotations

import uuid

from samspill.kernel.actor import ANONYMOUS, Actor, role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio.domain.states import OWNER, ROLES, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import Initiative, Round

#: As long as any text may be that one party writes.
LONGEST = 10_000


def not_found() -> RefusedError:
    """Make the refusal for what is not there, and for what one may not read."""
    return refuse(
        "not_found",
        _("There is no such initiative for you."),
        where="initiative_id",
        remedy=_("Go to the list of initiatives and choose there."),
        status=404,
    )


def may_read(actor: Actor | None, row: Initiative) -> bool:
    """Tell whether the actor may read an initiative as it is."""
    if row.published_at is not None:
        return True
    who = actor or ANONYMOUS
    if who.kind == "system" or is_owner(who, row) or who.has_role(SECRETARIAT):
        return True
    return row.state != "registered" and who.has_role(*ROLES)


def is_owner(actor: Actor, row: Initiative) -> bool:
    """Tell whether the actor is an initiative owner of the organisation that owns it."""
    return actor.has_role(OWNER) and actor.org_no == row.owner_org_no


def find(actor: Actor | None, initiative_id: uuid.UUID | str, *, lock: bool = False) -> Initiative:
    """Return an initiative by id or slug, locked if asked; refuse what may not be read."""
    # Not FOR UPDATE: a link to this row from another's transaction needs its key, which never changes.
    rows = Initiative.objects.select_for_update(no_key=True) if lock else Initiative.objects.all()
    row = rows.filter(**_key(initiative_id)).first()
    if row is None or not may_read(actor, row):
        raise not_found()
    return row


def _key(initiative_id: uuid.UUID | str) -> dict[str, object]:
    if isinstance(initiative_id, uuid.UUID):
        return {"id": initiative_id}
    try:
        return {"id": uuid.UUID(initiative_id)}
    except ValueError:
        return {"slug": initiative_id}


def own(actor: Actor, initiative_id: uuid.UUID | str) -> Initiative:
    """Return the actor's own initiative, locked; refuse another's.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`.
    """
    role_among(actor, [OWNER])
    row = find(actor, initiative_id, lock=True)
    if not is_owner(actor, row):
        raise refuse(
            "not_owner",
            _("Only the owner of the initiative may do this."),
            where="actor",
            remedy=_("Ask the owner, or write a comment."),
            status=403,
        )
    return row


def round_of(round_id: uuid.UUID, *, lock: bool = False) -> Round:
    """Return a round, locked if asked.

    Raises:
        RefusedError: `round_not_found`.
    """
    rows = Round.objects.select_for_update(no_key=True) if lock else Round.objects.all()
    row = rows.filter(id=round_id).first()
    if row is None:
        raise refuse(
            "round_not_found",
            _("There is no such round."),
            where="round_id",
            remedy=_("Go to the list of rounds and choose there."),
            status=404,
        )
    return row
