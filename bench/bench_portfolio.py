"""The portfolio: proven gap and value beside the choice by hand and plain HiGHS, with the proven bound as the limit.

Instances: initiatives with costs over four budget years and load on ten capacity groups, requirements and exclusions;
worth is a lognormal multiple of the cost, so that no initiative is plainly good or bad. `SAMSPILL_BENCH_SECONDS`
shortens the time for a try; the targets hold at 20 seconds on two cores.
"""

import os
import sys
import time
from typing import Any

import attrs
import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from bench.row import Row
from samspill.portfolio.domain.optimise_model import Problem, model_of
from samspill.portfolio.domain.optimise_reading import read
from samspill.portfolio.domain.optimise_search import Found, search

SECONDS = float(os.environ.get("SAMSPILL_BENCH_SECONDS", "20"))
YEARS, GROUPS = 4, 10
SIZES = {1000: 0.01, 5000: 0.7}
OVER_GREEDY = 6.0


def instance(size: int, seed: int = 1) -> dict[str, Any]:
    """Make the JSON of a portfolio."""
    chance = np.random.default_rng(seed)
    total = chance.lognormal(1.0, 0.8, size)
    cost = (total[:, None] * chance.dirichlet(np.full(YEARS, 2.0), size)).round(2)
    load = chance.lognormal(0.0, 0.7, (size, GROUPS)) * (chance.random((size, GROUPS)) < 0.6)
    worth = (total * chance.lognormal(0.4, 0.6, size)).round(2)
    items = []
    for at in range(size):
        item: dict[str, Any] = {
            "id": f"t{at}", "value": float(worth[at]), "cost": cost[at].tolist(), "load": load[at].round(2).tolist()
        }  # fmt: skip
        if at and chance.random() < 0.3:
            near = chance.integers(max(0, at - 50), at, int(chance.integers(1, 3)))
            item["requires"] = [f"t{n}" for n in sorted({int(n) for n in near})]
        if at and chance.random() < 0.15:
            other = f"t{int(chance.integers(0, at))}"
            item["excludes"] = [] if other in item.get("requires", []) else [other]
        items.append(item)
    return {
        "initiatives": items,
        "budgets": (cost.sum(0) * 0.3).round(1).tolist(),
        "load_limit": (load.sum(0) * 0.35).round(1).tolist(),
    }


@attrs.frozen
class Plain:
    """What HiGHS says of the model as one would write it."""

    value: float
    bound: float

    @property
    def gap(self) -> float:
        return (self.bound - self.value) / self.value


def plain(problem: Problem, seconds: float) -> Plain:
    """Solve the model as one would write it: a row for each pair, nothing tightened, no second core."""
    rows = [{at: 1.0, o: -1.0} for at, others in enumerate(problem.requires) for o in others]
    high = [0.0] * len(rows)
    for at, others in enumerate(problem.excludes):
        rows += [{at: 1.0, o: 1.0} for o in others]
        high += [1.0] * len(others)
    index = [(k, j, v) for k, row in enumerate(rows) for j, v in row.items()]
    at, column, entry = zip(*index, strict=True)
    logic = sparse.csr_matrix((entry, (at, column)), shape=(len(rows), problem.size))
    a = sparse.vstack([sparse.csr_matrix(problem.cost), sparse.csr_matrix(problem.load), logic])
    b = np.concatenate([problem.budgets, problem.load_limits, high])
    answer = milp(
        -problem.value,
        constraints=LinearConstraint(a.tocsr(), -np.inf, b),
        integrality=np.ones(problem.size),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return Plain(-float(answer.fun), -float(answer.mip_dual_bound))


def run() -> list[Row]:
    """Measure every size, ours and the peer in turn."""
    rows = []
    for size, most in SIZES.items():
        problem = read(instance(size))
        model = model_of(problem)
        began, spent = time.perf_counter(), time.process_time()
        ours = search(model, time_limit_s=SECONDS)
        took = time.perf_counter() - began, time.process_time() - spent
        peer = plain(problem, SECONDS)
        assert ours is not None
        assert ours.greedy is not None
        rows += _rows(size, most, ours, model.total(ours.greedy), peer, took)
    return rows


def _rows(
    size: int, most: float, ours: Found, by_hand: float, peer: Plain, took: tuple[float, float]
) -> list[Row]:
    gap, over = 100 * ours.gap, 100 * (ours.value / by_hand - 1)
    name = f"portfolio, {size} initiatives, {YEARS} years, {GROUPS} groups"
    limit = f"bound {min(ours.bound, peer.bound):.2f}"
    load = (
        f"{os.getloadavg()[0]:.1f} processes waited for two cores; "
        f"ours took {took[0]:.1f} s and {took[1]:.1f} of CPU"
    )
    shown = f"value {ours.value:.2f}, gap {gap:.4f} %"
    return [
        Row(
            name=f"{name}, proven gap in {SECONDS:g} s",
            ours=shown,
            peer=f"plain HiGHS value {peer.value:.2f}, gap {100 * peer.gap:.4f} %",
            limit=limit,
            ratio=gap,
            target=f"<= {most} %",
            met=gap <= most,
            spread=load,
        ),
        Row(
            name=f"{name}, over the choice by hand",
            ours=shown,
            peer=f"greedy {by_hand:.2f}",
            limit=limit,
            ratio=over,
            target=f">= {OVER_GREEDY:g} %",
            met=over >= OVER_GREEDY,
            spread=load,
        ),
    ]


def main() -> None:
    """Print every row."""
    for row in run():
        print(row)


if __name__ == "__main__":
    sys.exit(main())
