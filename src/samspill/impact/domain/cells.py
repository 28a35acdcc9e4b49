"""The simulation cell by cell: a municipal factor for each line and municipality in each draw.

Used where a sum of few lines would be crude, and whole as the peer that the factor model is measured against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact.domain import streams
from samspill.impact.domain.lines import Column
from samspill.impact.domain.moments import Crude
from samspill.impact.domain.weights import Plan, weights_of_years

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Singles = npt.NDArray[np.float32]
    Indices = npt.NDArray[np.intp]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Singles = Indices = Any

_PLACES_AT_A_TIME = 16


@attrs.frozen
class Drawn:
    """The draws of one column.

    municipalities: (municipalities, draws). bearers: (bearers, draws) of the others, in the order of `names`.
    years: (years, draws). initiatives: (initiatives, draws). cells: which municipalities were drawn cell by cell.
    total: (2, draws) mean and variance of the national total given the national factors; None where the total is
    too crude for that. total_skew: of its municipal noise.
    control: (draws,) the best linear predictor of the national total, exactly standard normal in law; None when
    nothing is uncertain.
    """

    municipalities: Singles
    names: tuple[str, ...]
    bearers: Singles
    years: Singles
    initiatives: Singles
    cells: npt.NDArray[np.bool_]
    control: Singles | None = None
    total: Singles | None = None
    total_skew: float = 0.0

    @property
    def is_finite(self) -> bool:
        """Whether every draw is a number that single precision can hold."""
        parts = (self.municipalities, self.bearers, self.initiatives, self.total)
        return all(part is None or bool(np.isfinite(part).all()) for part in parts)


def replace(
    plan: Plan,
    column: Column,
    drawn: Drawn,
    crude: Crude,
    factors: Mapping[int, Singles],
    seed: int,
) -> None:
    """Draw the crude sums of a column cell by cell, in place of what stands there.

    factors: (draws,) national factors of the rows that are needed, by row.
    """
    places = np.flatnonzero(crude.places)
    years = np.flatnonzero(crude.years)
    drawn.municipalities[places] = 0
    drawn.years[years] = 0
    drawn.initiatives[crude.initiatives] = 0
    block = plan.blocks[column]
    for at, u in factors.items():
        row, weight = block.rows[at], block.whole[at].astype(np.float32)
        initiative = bool(crude.initiatives[row.initiative])
        whole = bool(len(years)) or initiative
        of_years = weights_of_years(row, plan, block.whole[at])[:, years].T.astype(np.float32)
        if initiative:
            drawn.initiatives[row.initiative] += np.float32(block.elsewhere[at]) * u
        if len(years) and not weight.any():
            drawn.years[years] += block.by_year[at, years].astype(np.float32)[:, None] * u
        chosen = np.arange(len(plan.places)) if whole else places
        for part in _parts(chosen):
            values = municipal_factors(plan, column, at, part, len(u), seed)
            values *= u
            if initiative:
                drawn.initiatives[row.initiative] += weight[part] @ values
            if len(years):
                drawn.years[years] += of_years[:, part] @ values
            crude_here = crude.places[part]
            here = part[crude_here]
            values *= weight[part, None]
            drawn.municipalities[here] += values[crude_here]


def _parts(chosen: Indices) -> Iterator[Indices]:
    """Yield a few municipalities at a time, so that their draws stay in the cache."""
    for first in range(0, len(chosen), _PLACES_AT_A_TIME):
        yield chosen[first : first + _PLACES_AT_A_TIME]


def municipal_factors(
    plan: Plan,
    column: Column,
    row: int,
    chosen: Iterable[int],
    draws: int,
    seed: int,
) -> Singles:
    """Return (chosen, draws) the factors v of one row in some municipalities; 1 where they have no spread."""
    found = plan.blocks[column].rows[row]
    chosen = list(chosen)
    if not found.municipal:
        return np.ones((len(chosen), draws), np.float32)
    item = plan.initiatives[found.initiative].id
    noise = np.empty((len(chosen), draws), np.float32)
    for into, at in zip(noise, chosen, strict=True):
        number = plan.places[at].number
        streams.cell_noise(seed, item, found.line.factor, number, into)
    spread = np.float32(found.municipal)
    noise *= spread
    noise -= spread * spread / 2
    return np.asarray(np.exp(noise, out=noise), np.float32)
