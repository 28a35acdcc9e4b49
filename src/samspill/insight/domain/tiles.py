"""Where each municipality's tile lies; our own table, made by scripts/lay_out_tiles (see data/README.md)."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Mapping
from importlib import resources

Cell = tuple[int, int]


@functools.cache
def cells() -> Mapping[str, Cell]:
    """Return municipality number → (row, column); odd rows lie half a tile to the right."""
    source = resources.files("samspill.insight") / "data" / "tiles.csv"
    with source.open(encoding="utf-8") as lines:
        return {
            row["municipality_no"]: (int(row["row"]), int(row["column"]))
            for row in csv.DictReader(lines)
        }


def cell_of(numbers: Iterable[str], taken: frozenset[Cell] = frozenset()) -> Cell | None:
    """Return the cell of the first of a municipality's numbers (newest first) that has a free one."""
    known = cells()
    return next((known[one] for one in numbers if one in known and known[one] not in taken), None)


def around(cell: Cell) -> tuple[Cell, ...]:
    """Return the six cells beside a cell."""
    row, column = cell
    side = column + (row & 1)
    return (
        (row, column - 1), (row, column + 1), (row - 1, side - 1), (row - 1, side),
        (row + 1, side - 1), (row + 1, side),
    )  # fmt: skip


def pieces(own: Iterable[Cell]) -> int:
    """Return in how many pieces a set of cells lies.

    >>> pieces([(0, 0), (0, 1), (0, 5)])
    2
    """
    left = set(own)
    found = 0
    while left:
        found += 1
        border = [left.pop()]
        while border:
            for side in around(border.pop()):
                if side in left:
                    left.remove(side)
                    border.append(side)
    return found


def name_place(own: Iterable[Cell], everything: frozenset[Cell]) -> tuple[Cell, str] | None:
    """Return where a group's name is written: a cell on the group's outer side, and `left` or `right` of it.

    None when the group does not reach the open on either side.
    """
    members = sorted(own)
    middle = sorted(row for row, _column in members)[len(members) // 2]
    rows: dict[int, list[int]] = {}
    for row, column in everything:
        rows.setdefault(row, []).append(column)
    best: tuple[int, int, Cell, str] | None = None
    for row, column in members:
        for preference, (edge, side) in enumerate(
            ((min(rows[row]), "left"), (max(rows[row]), "right"))
        ):
            if column == edge:
                candidate = (abs(row - middle), preference, (row, column), side)
                best = min(best, candidate) if best else candidate
    return (best[2], best[3]) if best else None
