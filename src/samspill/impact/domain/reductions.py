"""Reductions of the draws: quantiles with their error, sums over groups, who loses, what moves the total.

Percentiles are always of simulated sums; percentiles are never added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

from samspill.impact.domain import streams
from samspill.impact.domain.cells import Drawn
from samspill.impact.domain.facts import SIZE_CLASSES, Facts
from samspill.impact.domain.lines import Column
from samspill.impact.domain.weights import Block, Plan

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Singles = npt.NDArray[np.float32]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Singles = Any

SHARES = {"p10": 0.10, "p50": 0.50, "p85": 0.85}
#: The total also has P90, which nobody shows but everybody compares with.
SHARES_OF_TOTAL = {**SHARES, "p90": 0.90}
_DIGITS = 6
#: So many numbers or fewer are sorted in registers, at a quarter of the time of one more (numpy with AVX-512).
_QUICK = 512
#: Sums that are sorted at a time, so that they stay in the cache until their percentiles are read.
_SUMS_AT_A_TIME = 64
_DRAWS_IN_A_STRATUM = 64
#: Newton's steps; from the draws' own quantile each squares a relative error that begins below 1 %.
_STEPS = 3
_LEAST_SLOPE = 1e-3


@attrs.frozen
class Figures:
    """Percentiles and expected values of several sums, with standard errors of the percentiles.

    names: of the percentiles. values, errors: (sums, names). means: (sums,), exact: they are calculated from the
    distributions, not from the draws.
    """

    values: Floats
    errors: Floats
    means: Floats
    names: tuple[str, ...] = tuple(SHARES)

    def part(self, first: int, last: int | None) -> Figures:
        """Return the figures of some of the sums."""
        chosen = slice(first, last)
        return attrs.evolve(
            self, values=self.values[chosen], errors=self.errors[chosen], means=self.means[chosen]
        )

    def at(self, position: int) -> dict[str, float]:
        """Return `{p10, p50, p85, mean, error}`; `error` is the largest of the three percentiles' standard errors."""
        shown = {n: rounded(v) for n, v in zip(self.names, self.values[position], strict=True)}
        error = float(self.errors[position, : len(SHARES)].max())
        return {**shown, "mean": rounded(self.means[position], 9), "error": rounded(error, 3)}


def rounded(value: float, digits: int = _DIGITS) -> float:
    """Return the value with so many significant digits: what lies beyond is noise of single precision."""
    return float(f"{float(value):.{digits}g}")


def figures(draws: Singles, means: Floats, *, shares: Mapping[str, float] = SHARES) -> Figures:
    """Return the figures of (sums, draws); a sum that does not vary is its mean, without error.

    The error of a quantile is the standard deviation of the same quantile in the blocks of the net, divided by
    √blocks: on the safe side, since the whole net is better spread than its parts.
    """
    names, at = tuple(shares), np.array(list(shares.values()))
    if not draws.size:
        return Figures(np.zeros((0, len(at))), np.zeros((0, len(at))), means, names)
    values, errors = np.empty((2, len(draws), len(at)))
    for first in range(0, len(draws), _SUMS_AT_A_TIME):
        part = slice(first, first + _SUMS_AT_A_TIME)
        blocks = np.sort(
            draws[part].reshape(-1, streams.BLOCKS, draws.shape[1] // streams.BLOCKS), axis=2
        )
        low, high = blocks[:, :, 0].min(axis=1), blocks[:, :, -1].max(axis=1)
        fixed = (high - low <= 1e-6 * np.maximum(np.abs(low), np.abs(high)))[:, None]
        values[part] = np.where(fixed, means[part, None], _merged(blocks, at))
        spread = _read(blocks, at).std(axis=1, ddof=1) / np.sqrt(streams.BLOCKS)
        errors[part] = np.where(fixed, 0.0, spread)
    return Figures(values, errors, means, names)


def controlled(
    draws: Singles,
    means: Floats,
    control: Singles | None,
    *,
    shares: Mapping[str, float] = SHARES,
) -> Figures:
    """Return the figures of a few (sums, draws), sharper than `figures`: with a control variate.

    The control's law is known exactly (standard normal), so the draws are weighted until each of its strata has the
    probability it should have (stratification afterwards). What the sums have in common with the control
    then adds nothing to the error of their percentiles.
    """
    if control is None or not draws.size:
        return figures(draws, means, shares=shares)
    plain = figures(draws, means, shares=shares)
    at = np.array(list(shares.values()))
    values = _weighted(draws[:, None], control[None], at)[:, 0]
    shape = (len(draws), streams.BLOCKS, -1)
    blocks = _weighted(draws.reshape(shape), control.reshape(shape[1:]), at)
    errors = blocks.std(axis=1, ddof=1) / np.sqrt(streams.BLOCKS)
    fixed = (plain.errors == 0).all(axis=1, keepdims=True)
    return Figures(
        np.where(fixed, plain.values, values), np.where(fixed, 0.0, errors), means, plain.names
    )


def _weighted(draws: Singles, control: Singles, shares: Floats) -> Floats:
    """Return (sums, blocks, shares) weighted quantiles of (sums, blocks, draws); control: (blocks, draws)."""
    sums, blocks, _ = draws.shape
    weights = np.stack([_weights(one) for one in control])
    found = np.empty((sums, blocks, len(shares)))
    for block in range(blocks):
        order = np.argsort(draws[:, block], axis=1)
        for at in range(sums):
            weight = weights[block, order[at]]
            below = np.cumsum(weight) - weight / 2
            found[at, block] = np.interp(shares, below, draws[at, block, order[at]])
    return found


def _weights(control: Singles) -> Floats:
    """Return (draws,) weights that give each of the strata of the control its exact probability."""
    strata = max(1, len(control) // _DRAWS_IN_A_STRATUM)
    place = np.minimum((scipy.special.ndtr(control.astype(float)) * strata).astype(int), strata - 1)
    count = np.bincount(place, minlength=strata)
    weights = 1 / count[place]
    return np.asarray(weights / weights.sum())


def of_total(drawn: Drawn, draws: Singles, mean: float) -> Figures:
    """Return the figures of the national total, (1, draws).

    Its municipal noise is not drawn but integrated: given the national factors the total is normal (with its
    skewness, Edgeworth), so P(total ≤ q) is the mean of smooth functions instead of a count, and its error a
    fraction of that of the count.
    """
    means = np.array([mean])
    if drawn.control is None or drawn.total is None or not drawn.total[1].all():
        return controlled(draws, means, drawn.control, shares=SHARES_OF_TOTAL)
    shares = np.array(list(SHARES_OF_TOTAL.values()))
    start = _read(np.sort(drawn.total[0]), shares)
    values, errors = _smooth(drawn.total, drawn.control, drawn.total_skew, shares, start)
    return Figures(values[None], errors[None], means, tuple(SHARES_OF_TOTAL))


def _smooth(
    total: Singles, control: Singles, skew: float, shares: Floats, start: Floats
) -> tuple[Floats, Floats]:
    """Return (shares,) where the mixture of the draws' normal distributions has its quantiles, and their errors.

    Newton's method from `start`, the quantiles of the draws themselves, which lie within their error of the
    answer. The error is the standard deviation between the blocks of P(total ≤ q), over the density there and
    √blocks.
    """
    mean, sd = total[0].astype(float), np.sqrt(total[1].astype(float))
    weights = _weights(control)
    found = start.astype(float)
    for _ in range(_STEPS):
        below, density = _mixture(found, mean, sd, skew)
        slope = np.maximum(density @ weights, _LEAST_SLOPE / sd.max())
        found = found - (below @ weights - shares) / slope
    of_blocks = np.stack([_weights(one) for one in control.reshape(streams.BLOCKS, -1)])
    parts = np.einsum("sbd,bd->sb", below.reshape(len(shares), streams.BLOCKS, -1), of_blocks)
    return found, parts.std(axis=1, ddof=1) / slope / np.sqrt(streams.BLOCKS)


def _mixture(at: Floats, mean: Floats, sd: Floats, skew: float) -> tuple[Floats, Floats]:
    """Return (points, draws) P(total ≤ point) given each draw's national factors (Edgeworth), and the density."""
    x = (at[:, None] - mean) / sd
    square = x * x
    density = np.exp(-0.5 * square) * (1 / np.sqrt(2 * np.pi))
    below = scipy.special.ndtr(x)
    below -= skew / 6 * (square - 1) * density
    density *= 1 + skew / 6 * x * (square - 3)
    density /= sd
    return below, density


def _place(size: int, shares: Floats) -> tuple[npt.NDArray[np.intp], Singles]:
    """Return where the quantiles of `size` sorted draws are read: at share·n − ½, between two draws."""
    place = np.clip(size * shares - 0.5, 0, size - 1)
    low = np.minimum(place.astype(np.intp), size - 2)
    return low, (place - low).astype(np.float32)


def _read(ordered: Singles, shares: Floats) -> Floats:
    """Return (…, shares) the quantiles of the last axis, which is sorted."""
    low, part = _place(ordered.shape[-1], shares)
    return np.asarray(ordered[..., low] * (1 - part) + ordered[..., low + 1] * part, float)


def _merged(blocks: Singles, shares: Floats) -> Floats:
    """Return (sums, shares) the quantiles of all draws from (sums, blocks, draws) that are sorted by block.

    A quantile of the whole lies near the same place in each block, so only a window of each is merged. Where the
    window was too narrow (a bound outside it passes the answer) a wider one is, at last the whole.
    """
    sums, count, size = blocks.shape
    low, part = _place(count * size, shares)
    found = np.empty((sums, len(low)))
    for at, (rank, rest) in enumerate(zip(low.tolist(), part.tolist(), strict=True)):
        spread = (size * shares[at] * (1 - shares[at])) ** 0.5
        left = np.arange(sums)
        for near in (min(2 + int(3 * spread), _QUICK // count // 2), 2 + int(5 * spread), size):
            values, sure = _between(blocks if len(left) == sums else blocks[left], rank, rest, near)
            found[left[sure], at] = values[sure]
            left = left[~sure]
            if not len(left):
                break
    return found


def _between(
    blocks: Singles, rank: int, rest: float, near: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return (sums,) what lies `rest` of the way from the rank to the next, and whether the windows were wide enough.

    near: how many draws of each block are merged on each side of the place.
    """
    sums, count, size = blocks.shape
    first, last = max(0, rank // count - near), min(size, rank // count + near)
    place = rank - count * first
    if not 0 <= place < count * (last - first) - 1:
        return np.zeros(sums), np.zeros(sums, bool)
    window = np.sort(blocks[:, :, first:last].reshape(sums, -1), axis=1)
    lower, upper = window[:, place], window[:, place + 1]
    sure = np.ones(sums, bool)
    if first:
        sure &= blocks[:, :, first - 1].max(axis=1) <= lower
    if last < size:
        sure &= blocks[:, :, last].min(axis=1) >= upper
    return lower * (1 - rest) + upper * rest, sure


@attrs.frozen
class Result:
    """The figures of one column: total, by year, municipality, initiative, bearer and group."""

    total: Figures
    years: Figures
    places: Figures
    initiatives: Figures
    bearers: tuple[str, ...]
    by_bearer: Figures
    groups: Mapping[str, tuple[tuple[str, ...], Figures]]


GROUPS: Mapping[str, Callable[[Facts], str]] = {
    "county": lambda place: place.county,
    "size": lambda place: place.size_class,
    "centrality": lambda place: place.centrality,
}


def reduce(plan: Plan, column: Column, drawn: Drawn) -> Result:
    """Return all figures of a column."""
    block = plan.blocks[column]
    own = block.means @ block.whole
    names, member = _members(plan.places)
    sums = member @ drawn.municipalities
    everywhere = sums[:1]
    total = everywhere + drawn.bearers.sum(axis=0)
    elsewhere = np.array([_borne(block, name) for name in drawn.names])
    initiatives = np.bincount(
        np.array([row.initiative for row in block.rows], dtype=int),
        weights=block.means * (block.whole.sum(axis=1) + block.elsewhere),
        minlength=len(plan.initiatives),
    ).astype(float)
    few = figures(
        np.concatenate([everywhere, drawn.bearers, sums[1:], drawn.years]),
        np.concatenate([[own.sum()], elsewhere, member[1:] @ own, block.means @ block.by_year]),
    )
    ends = np.cumsum([1 + len(elsewhere), *(len(each) for each in names.values())]).tolist()
    return Result(
        total=of_total(drawn, total, float(own.sum() + elsewhere.sum())),
        years=few.part(ends[-1], None),
        places=figures(drawn.municipalities, own),
        initiatives=figures(drawn.initiatives, initiatives),
        bearers=("municipality", *drawn.names),
        by_bearer=few.part(0, ends[0]),
        groups={
            name: (keys, few.part(ends[at], ends[at + 1]))
            for at, (name, keys) in enumerate(names.items())
        },
    )


def _borne(block: Block, bearer: str) -> float:
    mine = np.array([row.line.bearer == bearer for row in block.rows], dtype=float)
    return float((mine * block.means) @ block.elsewhere)


def _members(places: Sequence[Facts]) -> tuple[dict[str, tuple[str, ...]], Singles]:
    """Return the names of each grouping's groups, and (1 + groups, places) who is in them; the first is everybody."""
    found: dict[str, tuple[str, ...]] = {}
    rows = [np.ones((1, len(places)), np.float32)]
    for grouping, of in GROUPS.items():
        keys = [of(place) for place in places]
        there = set(keys)
        names = tuple(name for name in SIZE_CLASSES if name in there) or tuple(sorted(there))
        position = {name: at for at, name in enumerate(names)}
        member = np.zeros((len(names), len(places)), np.float32)
        member[[position[key] for key in keys], np.arange(len(keys))] = 1
        found[grouping] = names
        rows.append(member)
    return found, np.concatenate(rows)


def tornado(plan: Plan, column: Column) -> list[dict[str, Any]]:
    """Return for each line what it moves: the total when it is at its P10 and P90, and its part of the variance.

    Every other line stands at its expected value. Widest first.
    """
    block = plan.blocks[column]
    weight = block.whole.sum(axis=1) + block.elsewhere
    expected = float(block.means @ weight)
    spread = (weight * block.sds) ** 2
    found = []
    for at, row in enumerate(block.rows):
        low, high = (float(row.u.quantile(share)) for share in (0.1, 0.9))
        ends = sorted(expected + weight[at] * (end - row.u.mean) for end in (low, high))
        found.append({
            "initiative": plan.initiatives[row.initiative].id,
            "line": row.line.key,
            "at_low": rounded(ends[0]),
            "at_high": rounded(ends[1]),
            "expected": rounded(expected),
            "share_of_variance": rounded(spread[at] / spread.sum(), 4) if spread.sum() else 0.0,
        })  # fmt: skip
    return sorted(found, key=lambda item: item["at_low"] - item["at_high"])


@attrs.frozen
class Losers:
    """Who is left with a net cost, counted by municipality and by people, for each size class.

    rows: (size class, municipalities that lose, municipalities, people in those that lose, people).
    """

    rows: tuple[tuple[str, int, int, int, int], ...]


def losers(places: Sequence[Facts], net: Sequence[float]) -> Losers:
    """Count the municipalities whose expected net cost is above 0."""
    rows = []
    for name in SIZE_CLASSES:
        chosen = [(p, n) for p, n in zip(places, net, strict=True) if p.size_class == name]
        lost = [p for p, n in chosen if n > 0]
        rows.append((
            name, len(lost), len(chosen),
            int(sum(p.inhabitants for p in lost)), int(sum(p.inhabitants for p, _ in chosen)),
        ))  # fmt: skip
    return Losers(tuple(rows))
