"""The part of the simulation that is not drawn: effect lines × municipalities × years.

`plan` lays the lines of all initiatives out as rows of one matrix for each column (kroner, hours):
`amount[l, i] = sign · quantity · driver(i)^elasticity` and `share[l, i, t]` = ramp(t − start), so that everything
later is a product with the drawn factors.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact.domain.assumptions import Parameters
from samspill.impact.domain.distributions import Distribution, Fixed
from samspill.impact.domain.facts import Facts, values_of
from samspill.impact.domain.lines import Column, Driver, EffectLine, share_after
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Positions = npt.NDArray[np.intp]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Positions = Any

COLUMNS: tuple[Column, Column] = ("kroner", "hours")


@attrs.frozen
class Initiative:
    """What is simulated of an initiative: its lines, and when each municipality starts.

    start: the year lines without a start of their own begin; None: the first year of the calculation.
    starts: years of municipalities that begin in another year; their lines move as much.
    """

    id: str
    lines: tuple[EffectLine, ...]
    start: int | None = None
    starts: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen
class Row:
    """One effect line placed in a column: whose it is, and how its factors are drawn.

    initiative: position. factor: position among the initiative's factor keys. u: distribution of the national factor.
    municipal: standard deviation of ln v.
    """

    initiative: int
    line: EffectLine
    factor: int
    u: Distribution
    municipal: float


@attrs.frozen
class Block:
    """The rows of one column, with what they weigh.

    whole: (rows, municipalities) over all years. elsewhere: (rows,) what others than municipalities bear.
    by_year: (rows, years) of all bearers. by_year_powers[p]: (rows, years) sums over municipalities of the p-th
    power of the weight, for the municipal noise.
    profiles: (profiles, municipalities), profile and scale: (rows,), so that `whole[l] = scale[l] ·
    profiles[profile[l]]`. Lines with the same driver and elasticity share a profile: rows are summed by profile
    first, and few profiles are laid out over the municipalities.
    """

    rows: tuple[Row, ...]
    whole: Floats
    elsewhere: Floats
    by_year: Floats
    by_year_powers: Mapping[int, Floats]
    profiles: Floats
    profile: Positions
    scale: Floats

    @property
    def means(self) -> Floats:
        """(rows,) expected national factors."""
        return np.array([row.u.mean for row in self.rows])

    @property
    def sds(self) -> Floats:
        """(rows,) standard deviations of the national factors."""
        return np.array([row.u.sd for row in self.rows])

    @property
    def municipal(self) -> Floats:
        """(rows,) standard deviations of ln v."""
        return np.array([row.municipal for row in self.rows])


@attrs.frozen
class Plan:
    """Everything that is to be drawn and summed."""

    initiatives: tuple[Initiative, ...]
    places: tuple[Facts, ...]
    years: tuple[int, ...]
    factors: tuple[tuple[str, ...], ...]
    blocks: Mapping[Column, Block]
    correlation: float


def plan(
    initiatives: Sequence[Initiative],
    places: Sequence[Facts],
    years: tuple[int, int],
    parameters: Parameters,
) -> Plan:
    """Lay out the lines.

    Raises:
        RefusedError: a driver nobody has figures for, a reference class that does not exist.
    """
    span = tuple(range(years[0], years[1] + 1))
    factors = tuple(
        tuple(dict.fromkeys(line.factor for line in item.lines)) for item in initiatives
    )
    drivers = _Drivers(places, parameters)
    placed: dict[Column, list[_Placed]] = {column: [] for column in COLUMNS}
    for at, item in enumerate(initiatives):
        for number, line in enumerate(item.lines):
            if line.column is None:
                continue
            where = f"initiatives[{at}].lines[{number}]"
            row = _row(at, line, factors[at].index(line.factor), parameters, where)
            share = _shares(line, item, places, span)
            placed[line.column].append(_Placed(row, drivers.position(line, where), share))
    powers = drivers.powers()
    blocks = {column: _block(found, powers, len(span)) for column, found in placed.items()}
    return Plan(tuple(initiatives), tuple(places), span, factors, blocks, parameters.correlation)


def _row(at: int, line: EffectLine, factor: int, parameters: Parameters, where: str) -> Row:
    found = line.uncertainty
    if found is None:
        return Row(at, line, factor, Fixed(1.0), 0.0)
    if not found.reference_class:
        assert found.factor is not None
        municipal = parameters.municipal if found.municipal is None else found.municipal
        return Row(at, line, factor, found.factor, municipal)
    known = parameters.reference_classes.get(found.reference_class)
    if known is None:
        raise refuse(
            "unknown_reference_class",
            "There is no reference class %(key)s.",
            where=f"{where}.uncertainty",
            remedy="Use one of: %(known)s",
            values={
                "key": found.reference_class,
                "known": ", ".join(sorted(parameters.reference_classes)),
            },
        )
    municipal = known.municipal if found.municipal is None else found.municipal
    return Row(at, line, factor, known.factor, municipal)


@attrs.frozen
class _Placed:
    """A row, the position of its driver's powers, and its share by year (or by municipality and year)."""

    row: Row
    driver: int
    share: Floats


class _Drivers:
    """driver^elasticity in each municipality, each worked out once.

    What a county bears is laid on its municipalities, and what an agency or a vendor bears on all, in equal
    parts; only the sum of them means something.
    """

    def __init__(self, places: Sequence[Facts], parameters: Parameters) -> None:
        self._places, self._parameters = places, parameters
        self._known: dict[tuple[Driver, float, str], int] = {}
        self._powers: list[Floats] = []
        names = {name: at for at, name in enumerate(sorted({place.county for place in places}))}
        self._county = np.array([names[place.county] for place in places], dtype=int)
        self._counties = len(names)

    def position(self, line: EffectLine, where: str) -> int:
        """Return the position of the line's powers."""
        key = (line.driver, line.elasticity, line.bearer)
        if key not in self._known:
            self._known[key] = len(self._powers)
            self._powers.append(self._power(line, f"{where}.driver"))
        return self._known[key]

    def powers(self) -> Floats:
        """Return (drivers, municipalities)."""
        return np.array(self._powers, dtype=float).reshape(-1, len(self._places))

    def _power(self, line: EffectLine, where: str) -> Floats:
        value = values_of(line.driver, self._places, self._parameters, where)
        if line.bearer in ("municipality", "citizens"):
            return _raised(value, line.elasticity)
        if line.bearer == "county":
            members = np.bincount(self._county, minlength=self._counties)
            sums = np.bincount(self._county, value, self._counties).astype(float)
            if line.driver.kind == "one":
                sums = np.ones(self._counties)
            return np.asarray((_raised(sums, line.elasticity) / members)[self._county])
        total = np.array(1.0 if line.driver.kind == "one" else value.sum())
        return np.full(len(value), float(_raised(total, line.elasticity)) / len(value))


def _raised(value: Floats, power: float) -> Floats:
    """Return value^power, where a driver of 0 gives 0 whatever the power."""
    return np.where(value > 0, np.power(np.maximum(value, 1e-300), power), 0.0)


def _shares(
    line: EffectLine, item: Initiative, places: Sequence[Facts], span: tuple[int, ...]
) -> Floats:
    """Return (years,) shares by year, or (municipalities, years) where municipalities start at different times."""
    common = item.start if item.start is not None else span[0]
    start = line.start if line.start is not None else common

    def profile(delay: int) -> Floats:
        last = None if line.end is None else line.end + delay
        return _profile(line.ramp, line.is_once, start + delay, last, span)

    if not item.starts or line.bearer not in ("municipality", "citizens"):
        return profile(0)
    delays = [item.starts.get(place.number, common) - common for place in places]
    known = {delay: profile(delay) for delay in set(delays)}
    return np.array([known[delay] for delay in delays])


@functools.lru_cache(maxsize=1024)
def _profile(
    ramp: tuple[float, ...], once: bool, start: int, last: int | None, span: tuple[int, ...]
) -> Floats:
    """Return (years,) the share of the quantity that falls in each year."""
    return np.array([
        0.0 if last is not None and year > last else share_after(ramp, year - start, once=once)
        for year in span
    ])  # fmt: skip


def _block(found: Sequence[_Placed], powers: Floats, years: int) -> Block:
    """Return the weights of a column, all rows with one share at once and the others one by one."""
    rows = tuple(item.row for item in found)
    scale = np.array([row.line.sign * row.line.quantity for row in rows], dtype=float)
    which = np.array([item.driver for item in found], dtype=int)
    own = np.array([row.line.bearer == "municipality" for row in rows], dtype=bool)
    noisy = own & np.array([row.municipal > 0 for row in rows], dtype=bool)
    plain = [item.share if item.share.ndim == 1 else np.zeros(years) for item in found]
    share = np.array(plain).reshape(len(found), years)
    whole = powers[which] * (scale * share.sum(axis=1))[:, None]
    by_year = (scale * powers.sum(axis=1)[which])[:, None] * share
    moments = {
        p: (noisy * scale**p * (powers**p).sum(axis=1)[which])[:, None] * share**p
        for p in (2, 3, 4)
    }
    for at, item in enumerate(found):
        if item.share.ndim == 1:
            continue
        amount = scale[at] * powers[which[at]]
        whole[at] = amount * item.share.sum(axis=1)
        by_year[at] = amount @ item.share
        for p, into in moments.items():
            into[at] = noisy[at] * (amount**p @ item.share**p)
    elsewhere = np.where(own, 0.0, whole.sum(axis=1))
    whole[~own] = 0.0
    alone = [at for at, item in enumerate(found) if item.share.ndim > 1 and own[at]]
    scales = np.where(own, scale * share.sum(axis=1), 0.0)
    return Block(
        rows, whole, elsewhere, by_year, moments, *_profiles(which, scales, powers, whole, alone)
    )


def _profiles(
    which: Positions, scale: Floats, powers: Floats, whole: Floats, alone: Sequence[int]
) -> tuple[Floats, Positions, Floats]:
    """Return the profiles, which of them each row has, and its scale; rows that stand `alone` have their own."""
    used, profile = np.unique(which, return_inverse=True)
    profile = profile.astype(np.intp)
    profile[alone] = len(used) + np.arange(len(alone))
    scale[alone] = 1.0
    return np.concatenate([powers[used], whole[alone]]), profile, scale


def weights_of_years(item: Row, plan_: Plan, amounts: Floats) -> Floats:
    """Return (municipalities, years) the weight of one row in each year, from its whole amount."""
    initiative = plan_.initiatives[item.initiative]
    share = _shares(item.line, initiative, plan_.places, plan_.years)
    if share.ndim == 1:
        total = share.sum()
        return np.outer(amounts, share / total) if total else np.zeros((len(amounts), len(share)))
    totals = share.sum(axis=1, keepdims=True)
    parts = np.divide(share, totals, out=np.zeros_like(share), where=totals > 0)
    return np.asarray(amounts[:, None] * parts)
