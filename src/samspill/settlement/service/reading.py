"""What the pages ask besides the door's views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.infra.written import reader
from samspill.settlement.domain import terms
from samspill.settlement.service import access, effect_lines
from samspill.settlement.service.agreements import lines_without_payer
from samspill.settlement.service.settling import settleable_years

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.kernel.wording import Said
    from samspill.settlement.service.views import AgreementView


def unpaid_lines(actor: Actor | None, view: AgreementView) -> list[str | Said]:
    """Return the lines of cost that nobody pays yet: the version's, and the initiative's that no agreement names."""
    row = access.find(actor, view.id)
    here = reader()
    called: dict[str, Said] = effect_lines.called(row.initiative_id)
    called |= {
        line.name: view.terms.said_line(at, here) for at, line in enumerate(view.terms.lines)
    }
    missing = lines_without_payer(row, access.version_of(row, view.number))
    return [called.get(name, name) for name in missing]


def years_to_settle(actor: Actor, view: AgreementView) -> list[int]:
    """Return the years that may be settled today; none before a version is in force."""
    row = access.find(actor, view.id)
    if row.in_force is None:
        return []
    return settleable_years(row, terms.read(access.version_of(row, row.in_force).terms))
