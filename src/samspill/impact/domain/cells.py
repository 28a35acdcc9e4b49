"""The simulation cell by cell: a municipal factor for each line and municipality in each draw.

Used where a sum of few lines would be crude, and whole as the peer that the factor model is measured against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import numpy as np
import numpy.typing as npt

from samspill.impact.domain import streams
from samspill.impact.domain.lines import Column
from samspill.impact.domain.moments import Crude
from samspill.impact.domain.weights import Plan, weights_of_years

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


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
        row, weight = block.rows[at], block.whole[at]
        whole = bool(len(years)) or bool(crude.initiatives[row.initiative])
        chosen = np.arange(len(plan.places)) if whole else places
        values = municipal_factors(plan, column, at, chosen, len(u), seed)
        values *= u
        if crude.initiatives[row.initiative]:
            drawn.initiatives[row.initiative] += weight.astype(np.float32) @ values
            drawn.initiatives[row.initiative] += np.float32(block.elsewhere[at]) * u
        if len(years):
            own = weights_of_years(row, plan, weight)[:, years].T.astype(np.float32) @ values
            elsewhere = block.by_year[at, years] if not weight.any() else np.zeros(len(years))
            drawn.years[years] += own + elsewhere.astype(np.float32)[:, None] * u
        mine = values[places] if whole and len(places) < len(values) else values
        if len(places):
            mine *= weight[places, None].astype(np.float32)
            drawn.municipalities[places] += mine


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
