"""Change load: the hours that all initiatives ask of the same people, against the hours they have free."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from samspill.impact.domain.assumptions import Parameters
from samspill.impact.domain.facts import capacity_of
from samspill.impact.domain.lines import Column
from samspill.impact.domain.weights import Block, Plan, weights_of_years

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Any
Colour = Literal["free", "tight", "over"]

TIGHT, OVER = 0.7, 1.0
UNNAMED_ROLE = "other"
#: Fewer free hours a year than this are none.
_NO_TIME = 1e-6


@attrs.frozen
class Load:
    """Expected hours and capacity.

    roles: names. hours: (municipalities, years, roles). capacity: (municipalities, roles) hours free in a year.
    """

    roles: tuple[str, ...]
    hours: Floats
    capacity: Floats

    @property
    def share(self) -> Floats:
        """(municipalities, years, roles) hours over capacity; hours without any capacity count as 100 times."""
        capacity = np.broadcast_to(self.capacity[:, None, :], self.hours.shape)
        over = np.where(self.hours > 0, 100.0, 0.0)
        return np.divide(self.hours, capacity, out=over, where=capacity > _NO_TIME)


def colour(share: float) -> Colour:
    """Return over from 1.0 of the free capacity, tight from 0.7."""
    if share >= OVER:
        return "over"
    return "tight" if share >= TIGHT else "free"


def load(plan: Plan, parameters: Parameters) -> Load:
    """Return the expected hours that municipalities use, by role and year; hours freed do not make room for them."""
    block = plan.blocks["hours"]
    using = _using(block)
    roles = tuple(sorted({block.rows[at].line.role or UNNAMED_ROLE for at in using}))
    hours = np.zeros((len(plan.places), len(plan.years), len(roles)))
    for number, role in enumerate(roles):
        mine = [at for at in using if (block.rows[at].line.role or UNNAMED_ROLE) == role]
        hours[:, :, number] = hours_of(plan, mine)
    capacity = np.array([
        list(capacity_of(place, roles, parameters).values()) for place in plan.places
    ]).reshape(len(plan.places), len(roles))  # fmt: skip
    return Load(roles, hours, capacity)


def hours_of(plan: Plan, rows: Sequence[int]) -> Floats:
    """Return (municipalities, years) the expected hours of some rows."""
    return expected_of(plan, "hours", rows)


def expected_of(plan: Plan, column: Column, rows: Sequence[int] | None = None) -> Floats:
    """Return (municipalities, years) the expected amount that municipalities bear of some rows, or of all."""
    block, means = plan.blocks[column], plan.blocks[column].means
    rows = range(len(block.rows)) if rows is None else rows
    uniform = [at for at in rows if not plan.initiatives[block.rows[at].initiative].starts]
    total = block.whole.sum(axis=1)
    shares = np.divide(
        block.by_year, total[:, None], out=np.zeros_like(block.by_year), where=total[:, None] != 0
    )
    found = (means[uniform, None] * block.whole[uniform]).T @ shares[uniform]
    for at in set(rows) - set(uniform):
        found += means[at] * weights_of_years(block.rows[at], plan, block.whole[at])
    return np.asarray(found)


def _using(block: Block) -> list[int]:
    return [
        at
        for at, row in enumerate(block.rows)
        if row.line.bearer == "municipality" and row.line.sign > 0
    ]


@attrs.frozen
class Collision:
    """Where initiatives meet: one municipality, year and role that is tight or over, and who asks for what.

    asked: (initiative id, hours), the largest first.
    """

    place: str
    year: int
    role: str
    share: float
    colour: Colour
    asked: tuple[tuple[str, float], ...]


def collisions(plan: Plan, found: Load, *, place: int) -> list[Collision]:
    """Return the collisions of one municipality, the heaviest first."""
    block = plan.blocks["hours"]
    share = found.share[place]
    listed = []
    for year, role in zip(*np.nonzero(share >= TIGHT), strict=True):
        name = found.roles[role]
        asked: dict[str, float] = {}
        for at in _using(block):
            row = block.rows[at]
            if (row.line.role or UNNAMED_ROLE) == name:
                hours = float(hours_of(plan, [at])[place, year])
                key = plan.initiatives[row.initiative].id
                asked[key] = asked.get(key, 0.0) + hours
        ranked = tuple(
            sorted(((k, h) for k, h in asked.items() if h > 0), key=lambda item: -item[1])
        )
        value = float(share[year, role])
        where = (plan.places[place].number, plan.years[year], name)
        listed.append(Collision(*where, value, colour(value), ranked))
    return sorted(listed, key=lambda item: -item.share)


@attrs.frozen
class Together:
    """When those who meet in a year run at once.

    months: of the year, 1 to 12, in which at least two of them are introduced on the same days. asking: how many ask
    for hours. unknown: how many of them have no window, so that nobody knows their months.
    """

    months: tuple[int, ...]
    asking: int
    unknown: int


def together(
    asked: Iterable[str], windows: Mapping[str, tuple[dt.date, dt.date]], year: int
) -> Together:
    """Return the months of a year in which at least two of those who ask are introduced at once (governance 6).

    Args:
        asked: the initiatives that ask for the same people.
        windows: first and last day of each one's introduction; one that is not there has no window.
    """
    ids = list(asked)
    known = [windows[one] for one in ids if one in windows]
    months: set[int] = set()
    for one, other in itertools.combinations(known, 2):
        first = max(one[0], other[0], dt.date(year, 1, 1))
        last = min(one[1], other[1], dt.date(year, 12, 31))
        if first <= last:
            months.update(range(first.month, last.month + 1))
    return Together(tuple(sorted(months)), len(ids), len(ids) - len(known))


def runs(months: Sequence[int]) -> list[tuple[int, int]]:
    """Return months in a row as (first, last).

    >>> runs((3, 4, 5, 9))
    [(3, 5), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for month in months:
        if found and found[-1][1] == month - 1:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


@attrs.frozen
class Carried:
    """How much of one person's year the free hours of a role are: capacity in hours, and hours in a year's work."""

    capacity: float
    hours_per_year: float

    @property
    def by_one(self) -> bool:
        """Tell whether the free hours are no more than one full-time employee's year: a key person."""
        return self.capacity <= self.hours_per_year
