"""Shapley's value for all municipalities: by additivity, beside sampling orders of joining to 1 % error.

The peer draws orders in numpy and takes each party's marginal cost in each; its time to 1 % is what it used,
scaled by its measured variance (standard error falls with the root of the number of orders). The error is the
root mean square, over the municipalities, of the standard error in per cent of the share.
"""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.row import Row
from samspill.settlement.domain import share
from samspill.settlement.domain.game import Structure
from samspill.settlement.domain.shapley import by_additivity

PEOPLE = Path(__file__).parents[1] / "src/samspill/municipalities/data/municipalities.csv"
VENDORS = ("one", "two", "three", "four", "five")
FIXED, ADAPTER, OWN_EACH, CAPACITY_EACH = 40_000_000, 900_000, 4, 900
ORDERS, BLOCK, ROUNDS = 20_000, 500, 9
ERROR = 0.01
TARGET = 1 / 1000


def asked() -> dict[str, Any]:
    """Make the sharing of a national service: fixed part, own use, capacity by size, five vendors."""
    with PEOPLE.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    parties = [
        {
            "id": row["kommunenummer"],
            "inhabitants": (people := int(row["folketall_2026"])),
            "own": people * OWN_EACH,
            "capacity_cost": round(CAPACITY_EACH * people**0.6, 2),
            "vendor": VENDORS[int(row["kommunenummer"]) % len(VENDORS)],
        }
        for row in rows
    ]
    adapters = dict.fromkeys(VENDORS, ADAPTER)
    return {"key": "shapley", "fixed": FIXED, "adapters": adapters, "parties": parties}


def sample(given: dict[str, Any], orders: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw orders of joining; return mean and variance of each party's marginal cost."""
    random = np.random.default_rng(seed)
    need = np.array([party["capacity_cost"] for party in given["parties"]])
    own = np.array([party["own"] for party in given["parties"]], float)
    vendor = np.array([VENDORS.index(party["vendor"]) for party in given["parties"]])
    total, squares = np.zeros_like(need), np.zeros_like(need)
    for _ in range(orders // BLOCK):
        order = np.argsort(random.random((BLOCK, len(need))), axis=1)
        added = np.empty((BLOCK, len(need)))
        reach = np.maximum.accumulate(need[order], axis=1)
        step = np.diff(reach, axis=1, prepend=0.0)
        step[:, 0] += FIXED
        joined = vendor[order]
        rows = np.arange(BLOCK)
        for name in range(len(VENDORS)):
            step[rows, np.argmax(joined == name, axis=1)] += ADAPTER
        np.put_along_axis(added, order, step, axis=1)
        added += own
        total += added.sum(axis=0)
        squares += (added**2).sum(axis=0)
    mean = total / orders
    return mean, squares / orders - mean**2


def in_turns(calls: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Time the calls one after the other, again and again."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            found[name].append(time.perf_counter() - began)
    return found


def run() -> list[Row]:
    """Measure and return the rows."""
    given = asked()
    game = share.read(given).game
    assert isinstance(game, Structure)
    exact = by_additivity(game)
    value = np.array([float(v) / 100 for v in exact.values()])
    assert sum(exact.values()) == game.cost(game.ids)
    needs = np.array([float(c) for c in game.capacity.values()])
    times = in_turns(
        {
            "ours": lambda: by_additivity(game),
            "whole": lambda: share.share_json(given),
            "limit": lambda: np.sort(needs),
            "peer": lambda: sample(given, ORDERS),
        }
    )
    mean, variance = sample(given, ORDERS)
    z = (mean - value) / np.sqrt(variance / ORDERS)
    assert np.sqrt((z**2).mean()) < 3, "the peer does not sample the same value"
    orders = float((variance / value**2).mean()) / ERROR**2
    ours, whole, limit, peer = (statistics.median(times[n]) for n in ("ours", "whole", "limit", "peer"))  # fmt: skip
    to_error = peer * orders / ORDERS
    peer_text = f"sampling to 1 % {to_error:.1f} s ({orders / 1e6:.2f} M orders, {peer / ORDERS * 1e6:.0f} µs each)"
    limit_text = f"numpy sorts the needs {limit * 1e6:.1f} µs"
    ranges = ", ".join(f"{name} {_range(times[name])}" for name in ("ours", "whole", "peer"))
    spread = f"lowest-highest in ms: {ranges}"
    return [
        Row(
            name=f"Shapley, {len(value)} municipalities, by additivity",
            ours=f"{ours * 1e3:.2f} ms, exact",
            peer=peer_text,
            limit=limit_text,
            ratio=ours / to_error,
            target="<= 0.001 of the peer",
            met=ours / to_error <= TARGET,
            spread=spread,
        ),
        Row(
            name=f"Shapley, {len(value)} municipalities, from JSON to øre with the five tests",
            ours=f"{whole * 1e3:.1f} ms",
            peer=peer_text,
            limit=limit_text,
            ratio=whole / to_error,
            target="<= 0.01 of the peer, which only samples the value",
            met=whole / to_error <= 10 * TARGET,
            spread=spread,
        ),
    ]


def _range(times: list[float]) -> str:
    return f"{min(times) * 1e3:.3g}-{max(times) * 1e3:.3g}"


if __name__ == "__main__":
    for row in run():
        print(row)
