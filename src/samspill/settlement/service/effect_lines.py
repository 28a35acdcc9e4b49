"""The initiative's effect lines that cost money, as the room `impact` holds them: each must have a payer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import F

from samspill.impact import service as impact
from samspill.infra.written import reader
from samspill.kernel import wording
from samspill.kernel.actor import system
from samspill.kernel.outcome import refuse
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import Payer

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

_BEARERS = {"municipality": "municipality", "agency": "agency", "citizen": "citizens"}
_COSTS = frozenset({"one_off_cost", "yearly_cost"})


def cost_lines(initiative_id: UUID) -> list[str]:
    """Return the names of the initiative's lines of cost in kroner, in the order they were described."""
    lines = impact.lines_of(initiative_id, actor=system("settlement")).lines
    return [line.name or line.key for line in lines if line.category in _COSTS]


def called(initiative_id: UUID) -> dict[str, wording.Said]:
    """Return what the initiative's lines are called in the reader's language, by their name as it was written."""
    lines = impact.lines_of(initiative_id, actor=system("settlement")).lines
    return {line.name: line.said("name", reader()) for line in lines if line.name}


def worded(initiative_id: UUID, actor: Actor, terms: Any) -> Any:
    """Return terms as JSON that say their language, with the wordings that the initiative's own lines have.

    A line of cost of the same name as an effect line is called in other languages as that is, if nothing else is said.
    """
    if not isinstance(terms, Mapping):
        return terms
    language = terms.get("language") or wording.known(actor.language)
    known = {
        plain(line.name): {line.language: {"name": line.name}, **line.translations}
        for line in impact.lines_of(initiative_id, actor=system("settlement")).lines
        if line.language
    }
    rows = terms.get("lines")
    lines = [_with(row, language, known) for row in rows] if isinstance(rows, list) else rows
    return {**terms, "language": language, **({"lines": lines} if lines else {})}


def _with(row: Any, language: str, known: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Any:
    """Return a line of cost with its wordings in the languages that the terms are not written in."""
    if not isinstance(row, Mapping) or row.get("translations"):
        return row
    every = known.get(plain(str(row.get("name") or "")), {})
    others = {
        lang: {"name": said["name"]}
        for lang, said in every.items()
        if lang != language and said.get("name")
    }
    return {**row, "translations": others} if others else row


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
    here = reader()
    return {
        line.key: line.said("name", here) or line.key
        for line in lines
        if line.category == "hours_freed"
    }


def plain(name: str) -> str:
    """Return a name without what people write differently: case and spaces."""
    return " ".join(name.split()).casefold()
