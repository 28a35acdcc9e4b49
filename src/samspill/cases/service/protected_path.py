"""May somebody whose address is strictly confidential apply here? The service's owner decides (SP-28).

What counts is the version in force today, not the one that a draft is pinned to: an owner who says no is heard at
once, and one who says yes is heard for drafts on older versions too. While the grade is unknown the strictest holds,
so the draft is kept shut; it is deleted only when the grade is known.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.cases.domain import protection
from samspill.cases.models import Draft
from samspill.cases.service import pins, storing, views
from samspill.cases.service.access import ShutError
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import service as packages

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package

CODE = "safe_contact"
CODE_ON_PAPER = "protected_on_paper"


def require(actor: Actor, draft: Draft) -> None:
    """Go on only when the draft's grade lets its service be applied for here.

    Raises:
        ShutError: it does not; the door then deletes what was stored, when the grade is known, and names the contact.
    """
    package = _shut_by(draft)
    if package is not None:
        raise ShutError(functools.partial(_settle, actor, draft, package))


def require_on_paper(draft: Draft, *, cleared: bool, language: str) -> None:
    """Refuse to type a paper application into the house for somebody whom the service does not take here.

    An employee who is cleared for the compartment may. The words are the same for a confidential address and for
    one that is not known.
    """
    package = None if cleared else _shut_by(draft)
    if package is None:
        return
    raise refuse(
        CODE_ON_PAPER,
        "This person's address is, or may be, protected, and then the application is not registered here. "
        "Nothing is saved.",
        remedy="Give the paper to a colleague who is cleared for protected addresses, or let the person call "
        "%(phone)s: %(name)s.",
        values=_contact(package, language),
        status=409,
    )


def _shut_by(draft: Draft) -> Package | None:
    """Return the version whose owner has not approved that the draft is written here; None when it may be."""
    if not protection.needs_compartment(draft.protection):
        return None
    package = _in_force(draft)
    return None if packages.takes_protected(package) else package


def _in_force(draft: Draft) -> Package:
    try:
        return packages.published(draft.package_id, on=clock.today())
    except RefusedError:  # nothing is open today: what the draft was begun with says
        return pins.pinned(draft)


def _settle(actor: Actor, draft: Draft, package: Package) -> RefusedError:
    """Take away what was begun, when the grade is known, and make the refusal that names the contact."""
    values = _contact(package, actor.language)
    if draft.protection == protection.UNKNOWN:
        return refuse(
            CODE,
            "We do not learn from Folkeregisteret just now whether an address in the application is protected. "
            "So nothing new is saved, and what you have begun is kept closed.",
            remedy="Try again in a while, or call %(phone)s: %(name)s.",
            values=values,
            status=503,
        )
    _delete(actor, draft)
    return refuse(
        CODE,
        "This cannot be applied for here when an address in the application is protected. "
        "Nothing of it is saved, and what was begun is deleted.",
        remedy="Call %(phone)s: %(name)s. There you can apply in a safe way.",
        values=values,
        status=409,
    )


def _delete(actor: Actor, draft: Draft) -> None:
    """Delete the draft if it was stored, with its files and an account of the deletion (SP-12)."""
    from samspill.cases.service import retention

    with transaction.atomic():
        rows = list(Draft.objects.select_for_update().filter(id=draft.id))
        for row in rows:
            entry = views.log_entry(row, pins.pinned(row), action="write", purpose="delete a draft")
            storing.note(actor, [entry], [])
        if rows:
            retention.delete(actor, rows)


def _contact(package: Package, language: str) -> dict[str, Any]:
    contact = packages.safe_contact(package, language)
    return {
        "name": contact.name,
        "phone": contact.phone,
        "address": contact.address,
        "hours": contact.hours,
    }
