"""Reductions of the draws: quantiles with their error, sums over groups, who loses, what moves the total.

Percentiles are always of simulated sums; percentiles are never added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from samspill.impact.domain import streams
from samspill.impact.domain.cells import Drawn
from samspill.impact.domain.facts import SIZE_CLASSES, Facts
from samspill.impact.domain.lines import Column
from samspill.impact.domain.weights import Block, Plan

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

SHARES = {"p10": 0.10, "p50": 0.50, "p85": 0.85, "p90": 0.90}
SHOWN = ("p10", "p50", "p85")
_DIGITS = 6


@attrs.frozen
class Figures:
    """P10, P50, P85, P90 and expected value of several sums, with standard errors of the percentiles.

    values: (sums, 4) in the order of `SHARES`. errors: (sums, 4). means: (sums,), exact: they are calculated from the
    distributions, not from the draws.
    """

    values: Floats
    errors: Floats
    means: Floats

    def at(self, position: int) -> dict[str, float]:
        """Return `{p10, p50, p85, mean, error}`; `error` is the largest of the three percentiles' errors."""
        shown = {
            name: rounded(self.values[position, n])
            for n, name in enumerate(SHARES)
            if name in SHOWN
        }
        error = float(self.errors[position, : len(SHOWN)].max())
        return {**shown, "mean": rounded(self.means[position], 9), "error": rounded(error, 3)}


def rounded(value: float, digits: int = _DIGITS) -> float:
    """Return the value with so many significant digits: what lies beyond is noise of single precision."""
    return float(f"{float(value):.{digits}g}")


def figures(draws: Singles, means: Floats) -> Figures:
    """Return the figures of (sums, draws); a sum that does not vary is its mean, without error."""
    values, errors = quantiles(draws)
    fixed = np.ptp(draws, axis=1) <= 1e-6 * np.abs(draws).max(axis=1, initial=0)
    values = np.where(fixed[:, None], means[:, None], values)
    return Figures(values, np.where(fixed[:, None], 0.0, errors), means)


def quantiles(draws: Singles) -> tuple[Floats, Floats]:
    """Return (sums, 4) quantiles and their standard errors.

    A quantile is read from the sorted draws at share·n − ½, between two if need be. Its error is the standard
    deviation of the same quantile in the `BLOCKS` blocks, divided by √BLOCKS.
    """
    sums, size = draws.shape
    blocks = np.sort(draws.reshape(sums, streams.BLOCKS, -1), axis=2)
    of_blocks = _read(blocks)
    errors = of_blocks.std(axis=1, ddof=1) / np.sqrt(streams.BLOCKS)
    # The blocks are sorted, so a stable sort merges them.
    return _read(np.sort(blocks.reshape(sums, size), axis=1)), errors


def _read(ordered: Singles) -> Floats:
    """Return (…, 4) the quantiles of the last axis, which is sorted."""
    size = ordered.shape[-1]
    place = np.clip(size * np.array(list(SHARES.values())) - 0.5, 0, size - 1)
    low = np.minimum(place.astype(int), size - 2)
    part = (place - low).astype(np.float32)
    return np.asarray(ordered[..., low] * (1 - part) + ordered[..., low + 1] * part, float)


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
    total = drawn.municipalities.sum(axis=0, dtype=np.float64) + drawn.bearers.sum(axis=0)
    elsewhere = np.array([_borne(block, name) for name in drawn.names])
    initiatives = np.bincount(
        np.array([row.initiative for row in block.rows], dtype=int),
        weights=block.means * (block.whole.sum(axis=1) + block.elsewhere),
        minlength=len(plan.initiatives),
    ).astype(float)
    bearer_draws = np.concatenate([
        drawn.municipalities.sum(axis=0, dtype=np.float64)[None].astype(np.float32), drawn.bearers
    ])  # fmt: skip
    return Result(
        total=figures(total[None].astype(np.float32), np.array([own.sum() + elsewhere.sum()])),
        years=figures(drawn.years, block.means @ block.by_year),
        places=figures(drawn.municipalities, own),
        initiatives=figures(drawn.initiatives, initiatives),
        bearers=("municipality", *drawn.names),
        by_bearer=figures(bearer_draws, np.array([own.sum(), *elsewhere])),
        groups={name: _grouped(plan, drawn, own, of) for name, of in GROUPS.items()},
    )


def _borne(block: Block, bearer: str) -> float:
    mine = np.array([row.line.bearer == bearer for row in block.rows], dtype=float)
    return float((mine * block.means) @ block.elsewhere)


def _grouped(
    plan: Plan, drawn: Drawn, means: Floats, of: Callable[[Facts], str]
) -> tuple[tuple[str, ...], Figures]:
    """Return the names of the groups and the figures of their sums."""
    keys = [of(place) for place in plan.places]
    order = [name for name in SIZE_CLASSES if name in keys]
    names = tuple(order or sorted(set(keys)))
    member = np.array([[key == name for key in keys] for name in names], np.float32)
    return names, figures(member @ drawn.municipalities, member.astype(float) @ means)


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
