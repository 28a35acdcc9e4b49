"""Small numbers: no figure that rests on so few people that one of them could be recognised.

The rule, as it stands on every page and in every file: **a figure that rests on fewer than five cases is shown as
“fewer than 5”**. When a total over a group is shown as well, the hidden figure could be worked out by taking the
others from the total; so whenever fewer than two are hidden in a group, or those hidden hold fewer than five cases
together, the smallest of the others is hidden too. A group that has nothing more to hide loses its total, and then the
groups are treated the same way under the total of the country. Nought is shown: it is a figure about nobody.

Source: personvernforordningen art. 5 no. 1 c, and the practice of official statistics (statistikkloven section 7:
statistics must not let persons be recognised).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

SMALLEST = 5
Reason = Literal["few", "complement"]


@attrs.frozen
class Shown:
    """What may be shown: which cells and which group totals are hidden, and why."""

    cells: Mapping[str, Reason]
    groups: Mapping[str, Reason]

    def hides(self, cell: str) -> bool:
        """Tell whether a cell is hidden."""
        return cell in self.cells

    def hides_total(self, group: str) -> bool:
        """Tell whether a group's total is hidden."""
        return group in self.groups


def suppress(
    cases: Mapping[str, int],
    groups: Mapping[str, str] | None = None,
    *,
    smallest: int = SMALLEST,
    total: bool = True,
) -> Shown:
    """Return what must be hidden.

    Args:
        cases: cell → how many cases its figure rests on.
        groups: cell → group whose total is shown too; without it, all cells are one group.
        smallest: how many cases a figure must rest on.
        total: whether totals are shown; without them only small cells are hidden.

    >>> suppress({"a": 3, "b": 40, "c": 9}).cells
    {'a': 'few', 'c': 'complement'}
    """
    hidden: dict[str, Reason] = {
        cell: "few" for cell, count in cases.items() if 0 < count < smallest
    }
    if not total:
        return Shown(hidden, {})
    lost: dict[str, Reason] = {}
    members: dict[str, list[str]] = {}
    for cell in cases:
        members.setdefault(groups[cell] if groups else "", []).append(cell)
    for group, cells in members.items():
        if not _complete(cases, cells, hidden, smallest):
            lost[group] = "complement"
    if groups and lost:
        totals = {group: sum(cases[cell] for cell in cells) for group, cells in members.items()}
        _complete(totals, list(members), lost, smallest)
    return Shown(hidden, lost)


def _complete(
    cases: Mapping[str, int], cells: list[str], hidden: dict[str, Reason], smallest: int
) -> bool:
    """Hide more of a group until what is hidden cannot be told from its total; return whether that was possible."""
    own = [cell for cell in cells if cell in hidden]
    if not own:
        return True
    others = sorted(
        (cell for cell in cells if cell not in hidden and cases[cell] > 0),
        key=lambda cell: (cases[cell], cell),
    )
    while len(own) == 1 or sum(cases[cell] for cell in own) < smallest:
        if not others:
            return False
        chosen = others.pop(0)
        hidden[chosen] = "complement"
        own.append(chosen)
    return True
