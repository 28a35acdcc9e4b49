"""Consequences: the simulation beside numpy drawing cell by cell, plain Monte Carlo, and the matrix-product rate.

A cell is one number the peer draws: an effect line in a municipality in a draw. Each initiative has a line in
kroner (lognormal) and one in hours (triangular), so 100 initiatives × 357 municipalities × 4096 draws are
292 million cells. The limit is the machine's float32 matrix-product rate at 8 flop a cell, measured in turns
with the rest. Both sides answer the same: P10, P50, P85 of each municipality, of each initiative and of the total.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from threadpoolctl import threadpool_limits

from bench.row import Row

# ruff: noqa: E402, E501 - the rooms need Django before they are imported; a row reads best in one place
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
import django

django.setup()

from samspill.impact import country, shipped
from samspill.impact.domain import simulation
from samspill.impact.domain.simulation import Request
from samspill.impact.domain.weights import COLUMNS, plan

DRAWS = 4096
SHARES = (0.1, 0.5, 0.85)
YEARS = [2026, 2035]
_ERRORS, _NEAR = 3.0, 0.04


def initiatives(count: int, lines: int = 2) -> list[dict[str, Any]]:
    """Make initiatives of lognormal size with fixed, size-adjusted and linear drivers, half of the lines in hours."""
    random = np.random.default_rng(3)
    made = []
    for number in range(count):
        rows = []
        for at in range(lines):
            size = float(np.exp(random.normal(0, 1)))
            power = float(random.choice([0.0, 0.5, 0.6, 1.0]))
            if at % 2:
                given = {"category": "hours_used", "role": "it", "quantity": 2 * size,
                         "uncertainty": {"low": 0.7, "likely": 1.0, "high": 1.8}}  # fmt: skip
            else:
                given = {"category": "yearly_cost", "quantity": 3000 * size,
                         "uncertainty": {"p10": 0.7, "p90": 1.7}}  # fmt: skip
            rows.append({"key": f"line{at}", "driver": "inhabitants", "elasticity": power, **given})
        made.append({"id": f"initiative {number}", "lines": rows})
    return made


def request(count: int, lines: int = 2, draws: int = DRAWS, seed: int = 1) -> Request:
    """Return the request that both sides answer."""
    given = {"initiatives": initiatives(count, lines), "years": YEARS, "draws": draws, "seed": seed}
    return simulation.read_request(given, country=country.facts(), sets=shipped.assumption_sets())


def cell_by_cell(asked: Request, random: np.random.Generator) -> dict[str, Any]:
    """Answer as one writes it in numpy: a national and a municipal normal for every line, float32, in place."""
    laid = plan(asked.initiatives, asked.places, asked.years, asked.parameters)
    found: dict[str, Any] = {}
    rho = laid.correlation
    for column in COLUMNS:
        block = laid.blocks[column]
        total = np.zeros((len(laid.places), asked.draws), np.float32)
        shared, of_initiative = {}, {}
        for row, weight in zip(block.rows, block.whole, strict=True):
            at = row.initiative
            if at not in shared:
                shared[at] = random.standard_normal(asked.draws, np.float32)
                of_initiative[at] = np.zeros(asked.draws, np.float32)
            own = random.standard_normal(asked.draws, np.float32)
            z = np.float32(rho**0.5) * shared[at] + np.float32((1 - rho) ** 0.5) * own
            v = random.standard_normal(total.shape, np.float32)
            v *= np.float32(row.municipal)
            v -= np.float32(row.municipal**2 / 2)
            np.exp(v, out=v)
            v *= _factor(row.u, z) * weight.astype(np.float32)[:, None]
            total += v
            of_initiative[at] += v.sum(axis=0)
        found[column] = {
            "places": _quantiles(total),
            "total": _quantiles(total.sum(axis=0, dtype=np.float64)[None]),
            "initiatives": _quantiles(np.stack(list(of_initiative.values()))),
        }
    return found


def _factor(u: Any, z: np.ndarray) -> np.ndarray:
    """Draw the national factor: exp for a lognormal, a lookup of the quantile function for a triangular."""
    if hasattr(u, "sigma"):
        return np.exp(np.float32(u.mu) + np.float32(u.sigma) * z)
    grid = np.linspace(-6, 6, 1537)
    from scipy.special import ndtr

    return np.interp(z, grid, u.quantile(ndtr(grid))).astype(np.float32)


def _quantiles(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (shares, sums) percentiles, and the sorted draws that they were read from."""
    ordered = np.sort(draws, axis=1)
    return np.quantile(ordered, SHARES, axis=1, method="hazen"), ordered


def matmul_rate() -> Callable[[], float]:
    """Return what measures the float32 matrix-product rate in flop a second."""
    size = 2048
    a = np.random.default_rng(1).random((size, size), np.float32)
    a @ a

    def rate() -> float:
        with threadpool_limits(
            limits=os.cpu_count(), user_api="blas"
        ):  # ours gives each product one
            start = time.perf_counter()
            a @ a
            return 2 * size**3 / (time.perf_counter() - start)

    return rate


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and the answer."""
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer


@attrs.frozen
class Spent:
    """Seconds of several runs, on the clock and of CPU over all threads."""

    clock: list[float] = attrs.field(factory=list)
    cpu: list[float] = attrs.field(factory=list)

    def run(self, call: Callable[[], Any]) -> Any:
        """Measure one more run and return its answer."""
        spent = time.process_time()
        seconds, answer = timed(call)
        self.cpu.append(time.process_time() - spent)
        self.clock.append(seconds)
        return answer

    def range(self, scale: float = 1.0, form: str = ".2f") -> str:
        """Write the lowest and the highest on the clock."""
        return f"{min(self.clock) * scale:{form}}-{max(self.clock) * scale:{form}}"


def run() -> list[Row]:
    """Measure everything about consequences."""
    rate = matmul_rate()
    rows = [*_many(100, 20, 0.06, 3, rate), *_many(1000, 60, 0.2, 1, rate)]
    return [*rows, *_error(), _edit()]


def _many(
    count: int, times: float, share: float, rounds: int, rate: Callable[[], float]
) -> list[Row]:
    asked = request(count)
    ours, fresh, peer, rates = Spent(), Spent(), Spent(), []
    simulation.simulate(asked)
    for turn in range(rounds):
        for _ in range(5):
            answer = ours.run(lambda: simulation.simulate(asked))
            rates += [rate(), rate()]
        new_seed = attrs.evolve(asked, seed=100 + turn)
        fresh.run(lambda new_seed=new_seed: simulation.simulate(new_seed))
        theirs = peer.run(lambda turn=turn: cell_by_cell(asked, np.random.default_rng(turn)))
    cells = len(answer.plan.places) * sum(len(answer.plan.blocks[c].rows) for c in COLUMNS) * DRAWS
    name = f"simulation, 357 municipalities × {count} initiatives × {DRAWS} draws"
    rows = _rows(name, ours, peer, rates, cells, (times, share))
    spread = f"one run of each; ours with a new seed, where nothing is kept, {fresh.range(1e3, '.0f')} ms"
    apart = _apart(answer, theirs)
    same = Row(
        name=f"{name}, same percentiles",
        ours="P10, P50, P85 of all municipalities, initiatives and totals",
        peer="the same, drawn cell by cell",
        limit=f"{_ERRORS:g} standard errors of the difference",
        ratio=apart,
        target=">= 0.99 of them within the limit",
        met=apart >= 0.99,
        spread=spread,
    )
    return [*rows, same]


def _rows(
    name: str,
    ours: Spent,
    peer: Spent,
    rates: list[float],
    cells: int,
    least: tuple[float, float],
) -> list[Row]:
    mine, theirs, speed = (statistics.median(each) for each in (ours.clock, peer.clock, rates))
    cpu, theirs_cpu = statistics.median(ours.cpu), statistics.median(peer.cpu)
    limit, (times, share) = 8 * cells / speed, least
    shown = {
        "ours": f"{mine * 1e3:.0f} ms",
        "peer": f"numpy cell by cell {theirs:.2f} s",
        "limit": f"8 flop a cell at {speed / 1e9:.0f} Gflop/s {limit * 1e3:.0f} ms",
    }
    spread = (
        f"ours {ours.range(1e3, '.0f')} ms, peer {peer.range()} s, "
        f"rate {min(rates) / 1e9:.0f}-{max(rates) / 1e9:.0f} Gflop/s"
    )
    by_cpu = {
        **shown,
        "ours": f"{cpu * 1e3:.0f} CPU ms",
        "peer": f"numpy cell by cell {theirs_cpu:.2f} CPU s",
    }
    return [
        Row(name=f"{name}, beside the peer", **shown, ratio=theirs / mine, target=f">= {times:g} x the peer",
            met=theirs / mine >= times, spread=spread),
        Row(name=f"{name}, by CPU spent over all threads", **by_cpu, ratio=theirs_cpu / cpu,
            target=f"the same {times:g} x without the second core", met=theirs_cpu / cpu >= times,
            spread=f"ours {min(ours.cpu) * 1e3:.0f}-{max(ours.cpu) * 1e3:.0f} CPU ms, "
            f"peer {min(peer.cpu):.2f}-{max(peer.cpu):.2f} CPU s"),
        Row(name=f"{name}, beside the limit", **shown, ratio=limit / mine, target=f">= {share:g} of the limit",
            met=limit / mine >= share, spread=spread),
    ]  # fmt: skip


def _apart(answer: Any, theirs: dict[str, Any]) -> float:
    """Return the share of percentiles that agree within so many standard errors of two plain Monte Carlo runs.

    The standard error of a percentile is √(p(1−p)/draws) over the density there, which is read from the peer's own
    draws: how far apart the percentiles a little below and above lie.
    """
    close, count = 0, 0
    for column in COLUMNS:
        for name in ("places", "initiatives", "total"):
            mine = getattr(answer.results[column], name).values[:, :3].T
            found, ordered = theirs[column][name]
            for at, p in enumerate(SHARES):
                below, above = (ordered[:, int((p + way * _NEAR) * DRAWS)] for way in (-1, 1))
                error = np.sqrt(2 * p * (1 - p) / DRAWS) * (above - below) / (2 * _NEAR)
                close += int((np.abs(mine[at] - found[at]) <= _ERRORS * error).sum())
                count += found.shape[1]
    return close / count


def _error() -> list[Row]:
    """Variance × time of the total's P90 beside plain Monte Carlo of the same cells, and its size."""
    rows = []
    for count, lines in ((1, 12), (100, 2)):
        seeds = range(2, 18)
        asked = [request(count, lines, DRAWS, seed) for seed in seeds]
        ours, mine = zip(*(_p90_of_ours(one) for one in asked), strict=True)
        plain = [_p90_of_plain(asked[0], seed) for seed in seeds[: 16 if count == 1 else 6]]
        peer, theirs = zip(*plain, strict=True)
        seconds = statistics.median(ours), statistics.median(peer)
        # The spread of few plain runs is known poorly; its expectation follows from the draws themselves.
        plain_var = statistics.mean(value[1] for value in theirs)
        truth = statistics.mean(mine)
        off = max(abs(value / truth - 1) for value in mine)
        ratio = plain_var * seconds[1] / (statistics.variance(mine) * seconds[0])
        name = f"P90 of the total, {count} initiatives of {lines} lines, {DRAWS} draws"
        rows += [
            Row(name=f"{name}, variance × time", ours=f"{statistics.stdev(mine) / truth:.2e} in {seconds[0] * 1e3:.0f} ms",
                peer=f"plain Monte Carlo {plain_var**0.5 / truth:.2e} in {seconds[1] * 1e3:.0f} ms", limit="-",
                ratio=ratio, target=">= 50 x the peer", met=ratio >= 50, spread=f"{len(ours)} seeds, {len(peer)} plain runs"),
            Row(name=f"{name}, largest error", ours=f"{off:.2%}", peer="-", limit="0.3 %", ratio=off / 0.003,
                target="<= 1", met=off <= 0.003, spread=f"{len(ours)} seeds against their mean"),
        ]  # fmt: skip
    return rows


def _p90_of_ours(asked: Request) -> tuple[float, float]:
    seconds, answer = timed(lambda: simulation.simulate(asked))
    return seconds, float(answer.results["kroner"].total.values[0, 3])


def _p90_of_plain(asked: Request, seed: int) -> tuple[float, tuple[float, float]]:
    """Return the time of plain Monte Carlo, and its P90 with the variance of it (order statistics)."""
    found: dict[str, np.ndarray] = {}

    def keep() -> None:
        found["total"] = _plain_total(asked, np.random.default_rng(seed))

    seconds, _ = timed(keep)
    ordered = np.sort(found["total"])
    away = 3 * np.sqrt(asked.draws * 0.09)
    ends = [int(asked.draws * 0.9 + way * away) for way in (-1, 1)]
    sd = (ordered[ends[1]] - ordered[ends[0]]) / 6
    return seconds, (float(np.quantile(ordered, 0.9)), float(sd) ** 2)


def _plain_total(asked: Request, random: np.random.Generator) -> np.ndarray:
    """Return (draws,) the total in kroner, with every cell drawn, as `cell_by_cell` does."""
    answer = np.zeros(asked.draws)
    laid = plan(asked.initiatives, asked.places, asked.years, asked.parameters)
    shared: dict[int, np.ndarray] = {}
    for column in COLUMNS:
        block = laid.blocks[column]
        for row, weight in zip(block.rows, block.whole, strict=True):
            if row.initiative not in shared:
                shared[row.initiative] = random.standard_normal(asked.draws, np.float32)
            own = random.standard_normal(asked.draws, np.float32)
            z = np.float32(laid.correlation**0.5) * shared[row.initiative]
            z += np.float32((1 - laid.correlation) ** 0.5) * own
            v = random.standard_normal((len(laid.places), asked.draws), np.float32)
            v *= np.float32(row.municipal)
            v -= np.float32(row.municipal**2 / 2)
            total = weight.astype(np.float32) @ np.exp(v, out=v)
            if column == "kroner":
                answer += _factor(row.u, z) * total
    return answer


def _edit() -> Row:
    """One initiative of 12 lines and 10 years is edited: everything is drawn and reduced again."""
    asked = request(1, 12)
    normals = np.empty((12, len(asked.places), asked.draws))
    random = np.random.default_rng(1)
    ours, peer = [], []
    for _ in range(7):
        seconds, _answer = timed(lambda: simulation.simulate(asked))
        ours.append(seconds)
        seconds, _answer = timed(lambda: random.standard_normal(out=normals))
        peer.append(seconds)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return Row(
        name=f"one initiative edited: 12 lines, 10 years, 357 municipalities, {DRAWS} draws",
        ours=f"{mine * 1e3:.0f} ms with all percentiles",
        peer=f"numpy draws its normals {theirs * 1e3:.0f} ms",
        limit="-",
        ratio=mine / theirs,
        target="<= 2 x the peer",
        met=mine / theirs <= 2,
        spread=f"ours {min(ours) * 1e3:.0f}-{max(ours) * 1e3:.0f} ms, peer {min(peer) * 1e3:.0f}-{max(peer) * 1e3:.0f} ms",
    )


def main() -> None:
    """Print every row."""
    for row in run():
        print(row)


if __name__ == "__main__":
    main()
