"""Acting for another in an application or a case: each door asks the mandates anew, in its own transaction.

The package says which scopes open it (`mandate_scopes`); without any, nobody but the person comes in. Inside a
transaction the mandate's row is held until it commits, so that a withdrawal and what it races with have an order.
"""

from __future__ import annotations

import uuid
from typing import Any

from samspill.cases.domain import protection
from samspill.cases.models import Attachment, Case, Draft
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.mandates import service as mandates
from samspill.packages import service as packages


def acts_for_another(actor: Actor) -> bool:
    """Tell whether somebody acts for another here."""
    return actor.on_behalf_of not in (None, actor.person_id)


def name_of(actor: Actor) -> str:
    """Give the name of one who acts for another, to stand beside the applicant's; else nothing."""
    return actor.name[:200] if acts_for_another(actor) else ""


def may_open(actor: Actor, owner: Draft | Case, row: Attachment) -> bool:
    """Tell whether a file may be opened: of somebody whose address is hidden an agent opens only what they brought.

    The agent is allowed and the address is not to be seen (R9, confidential address); a paper may show it anywhere.
    """
    if not acts_for_another(actor) or row.added_by == actor.person_id:
        return True
    return not protection.hides_address(owner.protection)


def make_ready(actor: Actor) -> None:
    """Ask Folkeregisteret about both parties, with no row locked; nothing for one who acts for themselves."""
    if acts_for_another(actor) and actor.on_behalf_of is not None:
        mandates.make_ready(actor, actor.on_behalf_of)


def require(actor: Actor, row: Any, *, action: str) -> mandates.Held | None:
    """Let the agent pass if a mandate opens the row's package (a draft, a case or a package's pin); hold it.

    Raises:
        RefusedError: `mandate.<reason>`, with the way by hand.
    """
    if not acts_for_another(actor) or actor.on_behalf_of is None:
        return None
    package = packages.pinned(row.package_id, row.package_version, row.package_sha256)
    return require_for(actor, package, action=action)


def require_for(actor: Actor, package: packages.Package, *, action: str) -> mandates.Held | None:
    """Let the agent pass if a mandate opens a package; see `require`."""
    if not acts_for_another(actor) or actor.on_behalf_of is None:
        return None
    return mandates.require(
        mandates.hold(
            actor,
            subject_id=actor.on_behalf_of,
            scopes=package.service.mandate_scopes,
            action="read" if action == "read" else "write",
            min_eid=package.service.login.level,
        )
    )


def opened(actor: Actor, package_ids: set[str]) -> set[str]:
    """Return those of some packages that the actor may see for the one acted for; all of them for oneself."""
    if not acts_for_another(actor):
        return package_ids
    found = set()
    for package_id in package_ids:
        package = packages.published(package_id, on=clock.today())
        held = mandates.hold(
            actor,
            subject_id=actor.on_behalf_of or uuid.UUID(int=0),
            scopes=package.service.mandate_scopes,
            action="read",
            min_eid=package.service.login.level,
        )
        if held.decision.allowed:
            found.add(package_id)
    return found


def sent(actor: Actor, package: packages.Package, case_id: uuid.UUID) -> None:
    """Write for the represented person that the agent sent this, in the transaction of the sending."""
    held = require_for(actor, package, action="write")
    if held is not None and actor.on_behalf_of is not None:
        mandates.used(
            actor,
            held.decision,
            subject_id=actor.on_behalf_of,
            scope=held.scope,
            about_id=case_id,
        )
