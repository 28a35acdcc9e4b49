"""The simulation as a factor model: what municipalities share is drawn once, and summed by matrix products.

    total of municipality i in draw d = Σ_l amount[l, i] · u[l, d] · v[l, i, d]

ln u has a part that all lines of an initiative share (Gaussian copula with the assumption set's correlation).
Given u, the sum over many lines of independent v has known mean Σ a·u and variance Σ (a·u)²·(exp(s²) − 1), so it
is drawn as one number, with its skewness (Cornish-Fisher), instead of line by line: two matrix products instead
of lines × municipalities × draws random numbers. Where few or heavy lines make that crude (`moments.crude`),
the cells are drawn (`cells`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from samspill.impact.domain import cells, moments, streams
from samspill.impact.domain.cells import Drawn
from samspill.impact.domain.distributions import Distribution, Fixed, Lognormal
from samspill.impact.domain.lines import Column
from samspill.impact.domain.weights import COLUMNS, Plan

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

#: Rows of drawn factors held at a time: 512 × 4096 draws are 8 MB.
_ROWS_AT_A_TIME = 512
_GRID_END, _GRID_STEPS = 6.0, 1536


def draw(plan: Plan, *, draws: int, seed: int) -> dict[Column, Drawn]:
    """Return the draws of both columns; the same plan, draws and seed give the same bytes."""
    sums = {column: _Sums(plan, column, draws) for column in COLUMNS}
    # What threads do in turn writes to places of its own, so their order changes no byte.
    with ThreadPoolExecutor(len(COLUMNS)) as threads:
        for first, last in _portions(plan):
            shared = _normals(plan, first, last, draws, seed, threads)
            list(threads.map(lambda c: sums[c].add(first, last, *shared[c]), COLUMNS))  # noqa: B023
        done = list(threads.map(lambda column: sums[column].drawn(seed), COLUMNS))
    return dict(zip(COLUMNS, done, strict=True))


def _portions(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield ranges of initiatives with at most so many factors that their draws fit in memory."""
    first, size = 0, 0
    for at, factors in enumerate(plan.factors):
        if size and size + len(factors) > _ROWS_AT_A_TIME:
            yield first, at
            first, size = at, 0
        size += len(factors)
    if first < len(plan.factors):
        yield first, len(plan.factors)


def _normals(
    plan: Plan, first: int, last: int, draws: int, seed: int, threads: ThreadPoolExecutor
) -> dict[Column, tuple[Singles, Singles]]:
    """Return for each column the normals of its rows and the noise of its initiatives, (·, draws)."""
    net = streams.points(draws, seed)
    count = last - first
    offsets = np.cumsum([0, *(len(plan.factors[at]) for at in range(first, last))])
    normals = np.empty((int(offsets[-1]), draws), np.float32)
    noise = np.empty((2, count, draws), np.float32)
    along, across = np.float32(plan.correlation**0.5), np.float32((1 - plan.correlation) ** 0.5)

    def fill(part: range) -> None:
        for at in part:
            item = plan.initiatives[first + at].id
            shared, own, rows = streams.factor_normals(net, seed, item, plan.factors[first + at])
            noise[:, at] = own
            rows *= across
            shared *= along
            np.add(rows, shared, out=normals[offsets[at] : offsets[at + 1]])

    list(threads.map(fill, (range(count // 2), range(count // 2, count))))
    found = {}
    for number, column in enumerate(COLUMNS):
        rows_of = [
            offsets[row.initiative - first] + row.factor
            for row in plan.blocks[column].rows
            if first <= row.initiative < last
        ]
        found[column] = (normals[np.array(rows_of, dtype=int)], noise[number])
    return found


def national_factors(rows: Sequence[Distribution], normals: Singles) -> Singles:
    """Return (rows, draws) the national factors u of standard normals, each row by its distribution."""
    found = np.empty_like(normals)
    smooth = [at for at, u in enumerate(rows) if isinstance(u, Lognormal)]
    if smooth:
        mu = np.array([rows[at].mu for at in smooth], np.float32)[:, None]  # type: ignore[attr-defined]
        sigma = np.array([rows[at].sigma for at in smooth], np.float32)[:, None]  # type: ignore[attr-defined]
        part = normals if len(smooth) == len(rows) else normals[smooth]
        found[smooth] = np.exp(part * sigma + mu)
    for at, u in enumerate(rows):
        if isinstance(u, Fixed):
            found[at] = u.value
        elif not isinstance(u, Lognormal):
            found[at] = _looked_up(u, normals[at])
    return found


def _looked_up(u: Distribution, normals: Singles) -> Singles:
    """Return F⁻¹(Φ(z)) from a fine table with straight lines between its points."""
    values = moments.table(u, _GRID_END, _GRID_STEPS)
    place = np.clip(
        (normals + np.float32(_GRID_END)) * np.float32(_GRID_STEPS / (2 * _GRID_END)),
        0,
        _GRID_STEPS - 1e-3,
    )
    low = place.astype(np.intp)
    rest = place - low.astype(np.float32)
    lower = values.take(low)
    return np.asarray(lower + rest * (values.take(low + 1) - lower), np.float32)


class _Sums:
    """The sums of one column, added to as initiatives are drawn."""

    def __init__(self, plan: Plan, column: Column, draws: int) -> None:
        self._plan, self._column, self._draws = plan, column, draws
        block = self._block = plan.blocks[column]
        self._owner = np.array([row.initiative for row in block.rows], dtype=int)
        self._u = [row.u for row in block.rows]
        self._noise_factor = np.expm1(block.municipal**2)
        self.names = tuple(sorted({r.line.bearer for r in block.rows} - {"municipality"}))
        bearer = np.array([r.line.bearer for r in block.rows], dtype=str)
        self._elsewhere = np.array(
            [np.where(bearer == n, block.elsewhere, 0.0) for n in self.names]
        )
        self._elsewhere = self._elsewhere.reshape(len(self.names), len(block.rows))
        places, years = len(plan.places), len(plan.years)
        self._mean = np.zeros((places + len(self.names) + years + 1, draws), np.float32)
        self._variance = np.zeros((places + years + 1, draws), np.float32)
        self._initiatives = np.zeros((len(plan.initiatives), draws), np.float32)
        self._crude = moments.Crude(plan, column)
        self._kept: dict[int, Singles] = {}
        weight = block.whole.sum(axis=1) + block.elsewhere
        self._totals = weight, (block.whole**2).sum(axis=1)
        self._slope = weight * np.array([moments.slope(u) for u in self._u])
        self._control = np.zeros(draws, np.float32)

    def add(self, first: int, last: int, normals: Singles, noise: Singles) -> None:
        """Add the initiatives from `first` to `last`."""
        chosen = np.flatnonzero((self._owner >= first) & (self._owner < last))
        if not len(chosen):
            return
        block = self._block
        u = national_factors([self._u[at] for at in chosen], normals)
        squares = u * u
        self._control += self._slope[chosen].astype(np.float32) @ normals
        weights = np.concatenate(
            [
                block.whole[chosen].T,
                self._elsewhere[:, chosen],
                block.by_year[chosen].T,
                self._totals[0][None, chosen],
            ]
        )
        self._mean += weights.astype(np.float32) @ u
        factor = self._noise_factor[chosen][:, None]
        if factor.any():
            squared = (
                block.whole[chosen] ** 2,
                block.by_year_powers[2][chosen],
                self._totals[1][chosen, None],
            )
            spread = np.concatenate([(weight * factor).T for weight in squared])
            self._variance += spread.astype(np.float32) @ squares
        self._add_initiatives(chosen, u, squares, noise, first)
        for at, row in zip(chosen, u, strict=True):
            if self._crude.needs(int(at)):
                self._kept[int(at)] = row.copy()

    def _add_initiatives(
        self, chosen: Indices, u: Singles, squares: Singles, noise: Singles, first: int
    ) -> None:
        """Sum the rows of each initiative, with the noise of its own dimension of the net."""
        block, owner = self._block, self._owner[chosen]
        weight = (block.whole[chosen].sum(axis=1) + block.elsewhere[chosen]).astype(np.float32)
        spread = (block.whole[chosen] ** 2).sum(axis=1) * self._noise_factor[chosen]
        spread = spread.astype(np.float32)
        starts = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
        ends = [*starts[1:], len(chosen)]
        found = owner[starts]
        mean = np.empty((len(starts), self._draws), np.float32)
        for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
            np.dot(weight[start:end], u[start:end], out=mean[at])
        if spread.any():
            variance = np.empty_like(mean)
            for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
                np.dot(spread[start:end], squares[start:end], out=variance[at])
            bent = moments.skewed(noise[found - first], self._crude.initiative_skew[found])
            bent *= np.sqrt(variance, out=variance)
            mean += bent
        self._initiatives[found] = mean

    def drawn(self, seed: int) -> Drawn:
        """Return the draws, with the municipal noise in, and the cells drawn where the sum is crude."""
        places, others = len(self._plan.places), len(self.names)
        own = self._with_noise(slice(0, places), self._variance[:places], self._crude.skew, seed)
        years = self._with_noise(
            slice(places + others, -1), self._variance[places:-1], self._crude.year_skew, seed
        )
        drawn = Drawn(own, self.names, self._mean[places : places + others], years,
                      self._initiatives, self._crude.places, self._standardised(),
                      None if self._crude.total else np.stack([self._mean[-1], self._variance[-1]]),
                      self._crude.total_skew)  # fmt: skip
        cells.replace(self._plan, self._column, drawn, self._crude, self._kept, seed)
        return drawn

    def _standardised(self) -> Singles | None:
        """Return the linear predictor over its exact standard deviation."""
        plan = self._plan
        of_factor: dict[tuple[int, int], float] = {}
        of_initiative = np.zeros(len(plan.initiatives))
        for row, slope in zip(self._block.rows, self._slope, strict=True):
            key = (row.initiative, row.factor)
            of_factor[key] = of_factor.get(key, 0.0) + float(slope)
            of_initiative[row.initiative] += slope
        together = plan.correlation * (of_initiative**2).sum()
        alone = (1 - plan.correlation) * sum(slope**2 for slope in of_factor.values())
        size = (together + alone) ** 0.5
        return self._control / np.float32(size) if size else None

    def _with_noise(self, part: slice, variance: Singles, skew: Floats, seed: int) -> Singles:
        mean = self._mean[part]
        noisy = np.flatnonzero(variance[:, 0] > 0)
        if not len(noisy):
            return mean
        names = [f"year {year}" for year in self._plan.years]
        if part.start == 0:
            names = [place.number for place in self._plan.places]
        noise = np.stack([
            streams.municipal_noise(seed, names[at], self._column, self._draws) for at in noisy
        ])  # fmt: skip
        bent = moments.skewed(noise, skew[noisy])
        if len(noisy) == len(mean):
            bent *= np.sqrt(variance)
            mean += bent
        else:
            mean[noisy] += np.sqrt(variance[noisy]) * bent
        return mean
