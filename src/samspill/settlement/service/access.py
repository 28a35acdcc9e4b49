"""Who may read and who may act. What one may not read looks exactly like what does not exist.

An agreement is a working paper of those who decide together until it is offered for signing; from then on it is as
public as its initiative. There is no personal data here, so nothing is written to the access log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.infra import clock
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import Agreement, AgreementParty, AgreementVersion

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

OWNER, LEAD, KS, MINISTRY, SECRETARIAT = (
    "initiative_owner", "municipal_lead", "ks_coordinator", "ministry", "secretariat",
)  # fmt: skip
ROLES = (OWNER, LEAD, KS, MINISTRY, SECRETARIAT)


def not_found(where: str = "agreement_id") -> RefusedError:
    """Make the refusal for what is not there, and for what one may not read."""
    return refuse(
        "not_found",
        _("There is no such thing for you."),
        where=where,
        remedy=_("Go to the list and choose there."),
        status=404,
    )


def owned_initiative(actor: Actor, initiative_id: UUID) -> portfolio.InitiativeView:
    """Return an initiative that the actor may make agreements and plans for, or refuse.

    Its owner may, and the secretariat on behalf of all.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`.
    """
    role = role_among(actor, [OWNER, SECRETARIAT])
    found = portfolio.get(initiative_id, actor=actor)
    if role == OWNER and found.owner_org_no != actor.org_no:
        raise refuse(
            "not_owner",
            _("Only the owner of the initiative may do this."),
            where="actor",
            remedy=_("Ask the owner, or the secretariat."),
            status=403,
        )
    return found


def find(actor: Actor | None, agreement_id: UUID, *, lock: bool = False) -> Agreement:
    """Return an agreement that the actor may read, locked if asked.

    Raises:
        RefusedError: `not_found`.
    """
    rows = Agreement.objects.select_for_update() if lock else Agreement.objects.all()
    row = rows.filter(pk=agreement_id).first()
    if row is None or not may_read(actor, row):
        raise not_found()
    return row


def may_read(actor: Actor | None, row: Agreement) -> bool:
    """Tell whether the actor may read an agreement as it stands."""
    if actor is not None and actor.kind == "system":
        return True
    if row.state == "draft" and row.in_force is None and not decides(actor):
        return False
    return may_read_initiative(actor, row.initiative_id)


def decides(actor: Actor | None) -> bool:
    """Tell whether the actor is one of those who decide together, and so reads what is not offered yet."""
    return actor is not None and (actor.kind == "system" or actor.has_role(*ROLES))


def shown_version(actor: Actor | None, row: Agreement) -> AgreementVersion:
    """Return the version that the actor is shown: the one that stands, or the one in force beside a draft."""
    hidden = row.state == "draft" and not decides(actor)
    return version_of(row, row.in_force if hidden else row.number)


def may_read_initiative(actor: Actor | None, initiative_id: UUID) -> bool:
    """Tell whether the actor may read the initiative."""
    try:
        portfolio.get(initiative_id, actor=actor)
    except RefusedError:
        return False
    return True


def version_of(row: Agreement, number: int | None = None) -> AgreementVersion:
    """Return a version of an agreement, the one that stands when no number is given.

    Raises:
        RefusedError: `not_found`.
    """
    found = row.versions.filter(number=number or row.number).first()
    if found is None:
        raise not_found("version")
    return found


def party_of(actor: Actor | None, version: AgreementVersion) -> AgreementParty | None:
    """Return the party that the actor may sign for, or None.

    A municipal lead stands for its municipality, also when that was another when the agreement was written.
    """
    if actor is None:
        return None
    if actor.municipality_id is not None:
        return _municipal_party(actor.municipality_id, version) if actor.has_role(LEAD) else None
    if actor.org_no and actor.has_role(OWNER, KS, MINISTRY):
        return version.parties.filter(kind="organisation", org_no=actor.org_no).first()
    return None


def _municipal_party(mine: UUID, version: AgreementVersion) -> AgreementParty | None:
    rows = version.parties.filter(kind="municipality")
    own = rows.filter(municipality_id=mine).first()
    if own is not None:
        return own
    return next((row for row in rows if mine in _became(row, version)), None)


def _became(row: AgreementParty, version: AgreementVersion) -> set[UUID]:
    """Return the municipalities of today that a party's municipality has gone into, when it is no more."""
    if row.municipality_id is None:
        return set()
    place = municipalities.by_id(row.municipality_id, date=version.made_at.date())
    if place is None or place.valid_to is None or place.valid_to > clock.today():
        return set()
    return {one.id for one in municipalities.became(place)}
