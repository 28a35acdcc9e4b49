"""The simulation as a factor model: what municipalities share is drawn once, and summed by matrix products.

    total of municipality i in draw d = Σ_l amount[l, i] · u[l, d] · v[l, i, d]

ln u has a part that all lines of an initiative share (Gaussian copula with the assumption set's correlation).
Given u, the sum over many lines of independent v has known mean Σ a·u and variance Σ (a·u)²·(exp(s²) − 1), so it
is drawn as one number, with its skewness (Cornish-Fisher), instead of line by line: two matrix products instead
of lines × municipalities × draws random numbers. Where few or heavy lines make that crude (`moments.crude`),
the cells are drawn (`cells`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from samspill.impact.domain import cells, moments, streams
from samspill.impact.domain.cells import Drawn
from samspill.impact.domain.distributions import Distribution, Fixed, Lognormal
from samspill.impact.domain.lines import Column
from samspill.impact.domain.weights import COLUMNS, Plan

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Singles = npt.NDArray[np.float32]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Singles = Any
T = TypeVar("T")

#: Numbers (factors × draws) that are multiplied at a time: 16 MB; and that are drawn at a time: few enough to stay
#: in the cache from their ranks in the net to the sums of their initiatives.
_MULTIPLIED, _DRAWN = 1024 * 4096, 24 * 4096
_ROWS_OF_NOISE = 16
_GRID_END, _GRID_STEPS = 6.0, 1536


def draw(plan: Plan, *, draws: int, seed: int) -> dict[Column, Drawn]:
    """Return the draws of both columns; the same plan, draws and seed give the same bytes."""
    return draw_and(lambda _, drawn: drawn, plan, draws=draws, seed=seed)


def draw_and(
    then: Callable[[Column, Drawn], T], plan: Plan, *, draws: int, seed: int
) -> dict[Column, T]:
    """Draw both columns, and return what `then` makes of each: in the same thread, while the other is still at it."""
    _one_core_for_each_product()
    sums = {column: _Sums(plan, column, draws) for column in COLUMNS}
    net = streams.points(draws, seed)
    portions = list(_portions(plan, 0, len(plan.factors), _MULTIPLIED // draws))

    def finish(column: Column) -> T:
        sums[column].multiply()
        return then(column, sums[column].drawn(seed))

    # What threads do in turn writes to places of its own, so their order changes no byte.
    with ThreadPoolExecutor(len(COLUMNS)) as threads:
        for number, (first, last) in enumerate(portions):
            if number:
                list(threads.map(lambda column: sums[column].multiply(), COLUMNS))
            for each in sums.values():
                each.begin(first, last)
            parts = _portions(plan, first, last, _DRAWN // draws)
            for controls in threads.map(lambda part: _fill(plan, net, seed, part, sums), parts):
                for column, control in controls.items():
                    sums[column].control += control
        return dict(zip(COLUMNS, threads.map(finish, COLUMNS), strict=True))


@functools.cache
def _one_core_for_each_product() -> None:
    """Let each matrix product be worked out by the thread that asks for it, from now on in this process.

    Our own threads share the cores already. More threads inside a small product spend more time waiting for each
    other than they save, and how a product is split would depend on the number of cores.
    """
    from threadpoolctl import threadpool_limits  # only simulations need it

    threadpool_limits(limits=1, user_api="blas")


def _portions(plan: Plan, first: int, last: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of initiatives with at most so many factors, or one initiative."""
    start, size = first, 0
    for at in range(first, last):
        count = len(plan.factors[at])
        if size and size + count > most:
            yield start, at
            start, size = at, 0
        size += count
    if start < last:
        yield start, last


def _fill(
    plan: Plan,
    net: streams.Points,
    seed: int,
    part: tuple[int, int],
    sums: dict[Column, _Sums],
) -> dict[Column, Singles]:
    """Draw the factors of some initiatives into both columns; return (draws,) what each adds to its control."""
    first, last = part
    factors = plan.factors[first:last]
    named = [(plan.initiatives[first + at].id, keys) for at, keys in enumerate(factors)]
    shared, noise, normals = streams.factor_normals(net, seed, named)
    shared *= np.float32(plan.correlation**0.5)
    normals *= np.float32((1 - plan.correlation) ** 0.5)
    offsets = np.cumsum([0, *(len(keys) for keys in factors)])
    for at, common in enumerate(shared):
        normals[offsets[at] : offsets[at + 1]] += common
    return {
        column: sums[column].fill(first, last, normals, offsets, noise[number])
        for number, column in enumerate(COLUMNS)
    }


def national_factors(
    rows: Sequence[Distribution], normals: Singles, *, out: Singles | None = None
) -> Singles:
    """Return (rows, draws) the national factors u of standard normals, each row by its distribution."""
    found = np.empty_like(normals) if out is None else out
    kinds: dict[object, list[int]] = {}
    for at, u in enumerate(rows):
        kinds.setdefault(Lognormal if isinstance(u, Lognormal) else u, []).append(at)
    if len(kinds) == 1:
        _of_one_kind(rows, normals, found)
    else:
        for places in kinds.values():
            part = normals[places]
            _of_one_kind([rows[at] for at in places], part, part)
            found[places] = part
    return found


def _of_one_kind(rows: Sequence[Distribution], normals: Singles, out: Singles) -> None:
    """Work out the factors of lognormals, or of rows that all have the same distribution."""
    one = rows[0]
    if isinstance(one, Fixed):
        out[:] = one.value
    elif isinstance(one, Lognormal):
        laws = np.array([(u.mu, u.sigma) for u in rows if isinstance(u, Lognormal)], np.float32)
        np.multiply(normals, laws[:, 1:], out=out)
        out += laws[:, :1]
        np.exp(out, out=out)
    else:
        _look_up(one, normals, out)


def _look_up(u: Distribution, normals: Singles, out: Singles) -> None:
    """Work out F⁻¹(Φ(z)) from a fine table of straight lines."""
    values, slopes = moments.pieces(u, _GRID_END, _GRID_STEPS)
    place = normals * np.float32(_GRID_STEPS / (2 * _GRID_END))
    place += np.float32(_GRID_STEPS / 2)
    which = place.astype(np.intp)
    np.multiply(slopes.take(which, mode="clip", out=place), normals, out=out)
    out += values.take(which, mode="clip", out=place)


class _Sums:
    """The sums of one column, added to as initiatives are drawn.

    control: (draws,) the linear predictor of the total.
    """

    def __init__(self, plan: Plan, column: Column, draws: int) -> None:
        self._plan, self._column, self._draws = plan, column, draws
        block = self._block = plan.blocks[column]
        rows = block.rows
        self._owner = np.array([row.initiative for row in rows], dtype=int)
        self._ends = np.searchsorted(self._owner, np.arange(len(plan.initiatives) + 1))
        self._factor = np.array([row.factor for row in rows], dtype=int)
        self._u = [row.u for row in rows]
        self.names = tuple(sorted({r.line.bearer for r in rows} - {"municipality"}))
        self._crude = moments.Crude(plan, column)
        self._needed = self._crude.needed()
        self._kept: dict[int, Singles] = {}
        self._weigh(np.array([row.line.bearer for row in rows], dtype=str))
        self._mean = np.zeros((len(self._weights), draws), np.float32)
        self._variance = np.zeros((len(self._spread), draws), np.float32)
        self._initiatives = np.zeros((len(plan.initiatives), draws), np.float32)
        self.control = np.zeros(draws, np.float32)
        self._first, self._last, self._begun = 0, 0, False
        self._rows = np.empty((0, draws), np.float32)

    def _weigh(self, bearer: npt.NDArray[np.str_]) -> None:
        """Lay out (sums, rows) what each row's factor weighs in each sum, and its square in the variance.

        The first sums are by profile, which `_over_places` lays out over the municipalities; where there are as many
        profiles as municipalities, they are by municipality at once.
        """
        block, rows = self._block, np.arange(len(self._block.rows))
        elsewhere = [np.where(bearer == name, block.elsewhere, 0.0) for name in self.names]
        first = np.zeros((len(block.profiles), len(rows)))
        first[block.profile, rows] = block.scale
        self._profiles = None
        if len(first) < len(self._plan.places):
            power = block.profiles.T
            self._profiles = power.astype(np.float32), (power**2).astype(np.float32)
        else:
            first = block.whole.T
        self._count = len(first)
        squares = block.scale**2 * (block.profiles**2).sum(axis=1)[block.profile]
        noise = np.expm1(block.municipal**2)
        total = block.scale * block.profiles.sum(axis=1)[block.profile] + block.elsewhere
        self._slope = total * np.array([moments.slope(u) for u in self._u])
        parts = [first, *(each[None] for each in elsewhere), block.by_year.T, total[None]]
        self._weights = np.concatenate(parts, dtype=np.float32, casting="same_kind")
        spread = [first**2, block.by_year_powers[2].T, squares[None]]
        self._spread = np.concatenate(spread, dtype=np.float32, casting="same_kind")
        self._spread *= noise.astype(np.float32)
        self._of_initiative = total.astype(np.float32), (squares * noise).astype(np.float32)

    def begin(self, first: int, last: int) -> None:
        """Make room for the initiatives from `first` to `last`."""
        self._first, self._last = int(self._ends[first]), int(self._ends[last])
        if len(self._rows) < self._last - self._first:
            self._rows = np.empty((self._last - self._first, self._draws), np.float32)

    def fill(
        self,
        first: int,
        last: int,
        normals: Singles,
        offsets: npt.NDArray[np.intp],
        noise: Singles,
    ) -> Singles:
        """Work out the factors of some initiatives and the sums of each; return what they add to the control."""
        start, end = int(self._ends[first]), int(self._ends[last])
        if start == end:
            return np.zeros(self._draws, np.float32)
        where = offsets[self._owner[start:end] - first] + self._factor[start:end]
        own = normals[where]
        u = self._rows[start - self._first : end - self._first]
        national_factors(self._u[start:end], own, out=u)
        self._add_initiatives(start, end, u, noise, first)
        slope = self._slope[start:end].astype(np.float32)
        return np.asarray(np.einsum("r,rd->d", slope, own), np.float32)

    def _add_initiatives(
        self, start: int, end: int, u: Singles, noise: Singles, first: int
    ) -> None:
        """Sum the rows of each initiative, with the noise of its own dimension of the net."""
        owner = self._owner[start:end]
        leading = np.flatnonzero(np.diff(owner, prepend=-1))
        found = _run(owner[leading])
        weight, spread = (each[start:end, None] for each in self._of_initiative)
        mean = _summed(u * weight, leading)
        if spread.any():
            squares = u * u
            squares *= spread
            sd = _summed(squares, leading)
            skew = self._crude.initiative_skew[found]
            bent = moments.skewed(noise[_run(owner[leading] - first)], skew)
            bent *= np.sqrt(sd, out=sd)
            mean += bent
        self._initiatives[found] = mean

    def multiply(self) -> None:
        """Add the rows that were filled to all sums."""
        part = slice(self._first, self._last)
        count = self._last - self._first
        if not count:
            return
        u = self._rows[:count]
        for at in np.flatnonzero(self._needed[part]):
            self._kept[self._first + int(at)] = u[at].copy()
        self._multiply(self._weights[:, part], u, self._mean)
        spread = self._spread[:, part]
        if spread.any():
            self._multiply(spread, np.square(u, out=u), self._variance)
        self._begun = True

    def _multiply(self, weights: Singles, u: Singles, into: Singles) -> None:
        if self._begun:
            into += weights @ u
        else:
            np.matmul(weights, u, out=into)

    def drawn(self, seed: int) -> Drawn:
        """Return the draws, with the municipal noise in, and the cells drawn where the sum is crude."""
        plan, crude = self._plan, self._crude
        first, others = self._count, len(self.names)
        years = self._mean[first + others : -1]
        numbers = [place.number for place in plan.places]
        own = np.empty((len(numbers), self._draws), np.float32)
        self._add_noise(own, self._over_places, numbers, crude.skew, crude.places, seed)
        names = [f"year {year}" for year in plan.years]
        spread = self._variance[first:-1]
        self._add_noise(
            years,
            lambda part: (years[part], spread[part]),
            names,
            crude.year_skew,
            crude.years,
            seed,
        )
        drawn = Drawn(own, self.names, self._mean[first : first + others], years,
                      self._initiatives, crude.places, self._standardised(),
                      None if crude.total else np.stack([self._mean[-1], self._variance[-1]]),
                      crude.total_skew)  # fmt: skip
        cells.replace(plan, self._column, drawn, crude, self._kept, seed)
        return drawn

    def _over_places(self, part: slice) -> tuple[Singles, Singles]:
        """Return (some municipalities, draws) mean and variance given the national factors."""
        mean, variance = self._mean[: self._count], self._variance[: self._count]
        if self._profiles is None:
            return mean[part], variance[part]
        power, square = self._profiles
        return power[part] @ mean, square[part] @ variance

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
        return self.control / np.float32(size) if size else None

    def _add_noise(
        self,
        into: Singles,
        moments_of: Callable[[slice], tuple[Singles, Singles]],
        names: Sequence[str],
        skew: Floats,
        crude: npt.NDArray[np.bool_],
        seed: int,
    ) -> None:
        """Put sums with their municipal noise in place, a few at a time; those that are crude get their cells later."""
        noisy = self._spread.any() and not crude.all()
        noise = streams.municipal_noise(
            seed, tuple(names) if noisy else (), self._column, self._draws
        )
        for first in range(0, len(names), _ROWS_OF_NOISE):
            part = slice(first, first + _ROWS_OF_NOISE)
            mean, variance = moments_of(part)
            if noisy and variance[:, 0].any() and not crude[part].all():
                bent = moments.skewed(noise[part], skew[part])
                bent *= np.sqrt(variance)
                mean = np.add(mean, bent, out=bent)
            into[part] = mean


def _run(places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp] | slice:
    """Return rising places as a slice where none is left out: that is read and written without a copy."""
    first, last = int(places[0]), int(places[-1]) + 1
    return slice(first, last) if last - first == len(places) else places


def _summed(rows: Singles, leading: npt.NDArray[np.intp]) -> Singles:
    """Return the sums of the rows from each leading one to the next, in the order in which they stand."""
    if len(leading) == len(rows):
        return rows
    found = rows[leading]
    ends = [*leading[1:].tolist(), len(rows)]
    for at, (start, end) in enumerate(zip(leading.tolist(), ends, strict=True)):
        for row in rows[start + 1 : end]:
            found[at] += row
    return np.asarray(found, np.float32)
