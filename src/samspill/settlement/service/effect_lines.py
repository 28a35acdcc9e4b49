"""The initiative's effect lines that cost money, as the room `impact` holds them: each must have a payer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from samspill.impact import service as impact
from samspill.kernel.actor import system
from samspill.kernel.outcome import refuse
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import Payer

if TYPE_CHECKING:
    from uuid import UUID

_BEARERS = {"municipality": "municipality", "agency": "agency", "citizen": "citizens"}
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
    paid = {plain(line) for line in rows.exclude(payer="").values_list("line", flat=True)}
    return [name for name in wanted if plain(name) not in paid]


def line_of_gain(initiative_id: UUID, *, name: str, key: str, group: str) -> str:
    """Return the key of the effect line that a gain realises: the one asked for, else the one of the same name.

    Empty when there is none: then what is measured teaches no estimate, and the page says so.

    Raises:
        RefusedError: `unknown_line`: the initiative frees no hours of that group under the key asked for.
    """
    lines = impact.lines_of(initiative_id, actor=system("settlement")).lines
    free = [
        line for line in lines if line.category == "hours_freed" and line.bearer == _BEARERS[group]
    ]
    if key and key not in {line.key for line in free}:
        raise refuse(
            "unknown_line",
            _(
                "The initiative has no effect line %(key)s that frees hours for those whose time it is."
            ),
            where="plan.line",
            remedy=_("Choose one of: %(known)s. Or leave it out."),
            values={"key": key[:100], "known": ", ".join(line.key for line in free) or "–"},
        )
    alike = (line.key for line in free if plain(line.name or line.key) == plain(name))
    return key or next(alike, "")


def freeing(initiative_id: UUID) -> dict[str, str]:
    """Return the names of the effect lines that free hours, by key."""
    lines = impact.lines_of(initiative_id, actor=system("settlement")).lines
    return {line.key: line.name or line.key for line in lines if line.category == "hours_freed"}


def plain(name: str) -> str:
    """Return a name without what people write differently: case and spaces."""
    return " ".join(name.split()).casefold()
