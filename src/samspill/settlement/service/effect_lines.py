"""The initiative's effect lines that cost money, as the room `impact` holds them: each must have a payer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from samspill.impact import service as impact
from samspill.kernel.actor import system
from samspill.settlement.models import Payer

if TYPE_CHECKING:
    from uuid import UUID

_COSTS = frozenset({"one_off_cost", "yearly_cost"})


def cost_lines(initiative_id: UUID) -> list[str]:
    """Return the names of the initiative's lines of cost in kroner, in the order they were described."""
    lines = impact.lines_of(initiative_id, actor=system("settlement")).lines
    return [line.name or line.key for line in lines if line.category in _COSTS]


def without_payer(initiative_id: UUID) -> list[str]:
    """Return the lines of cost that no agreement about the initiative gives a payer."""
    wanted = cost_lines(initiative_id)
    if not wanted:
        return []
    rows = Payer.objects.filter(
        version__agreement__initiative_id=initiative_id,
        version__number=F("version__agreement__number"),
    ).exclude(version__agreement__state="ended")
    paid = {_plain(line) for line in rows.exclude(payer="").values_list("line", flat=True)}
    return [name for name in wanted if _plain(name) not in paid]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
